/**
 * A virtual machine is paused, saved and restored under a running virtio driver: what of a kick, an interrupt, a
 * connection and a deleted queue lives outside of the saved state.
 *
 * Source: cloud-hypervisor at ae44c2971 (August 2026), which the base is: vmm/src/vm.rs, virtio-devices/src/device.rs and block.rs.
 */

import { bool, oneOf, over, parameter, record, source, system } from '../src/index.js'

const vm = 'vmm/src/vm.rs'
const device = 'virtio-devices/src/device.rs'
const block = 'virtio-devices/src/block.rs'

/** A queue with one buffer, the two signals, and a connection. */
export const state = record({
  vm: oneOf('running', 'paused', 'saved'),
  /** How often it may still be paused. */
  pauses: oneOf('none', 'one', 'two'),
  buffer: oneOf('guest', 'avail', 'host', 'used'),
  /** The doorbell: an eventfd of the monitor, not part of the saved state. */
  kicked: bool(),
  irq: bool(),
  /** The worker has the buffer in progress; its process ends with what it has in progress. */
  inProgress: bool(),
  /** The worker is parked: it looks at no kick. */
  parked: bool(),
  /** The guest has the queue; the host has its worker. */
  queue: record({ guest: bool(), host: bool() }),
  connection: record({ guest: bool(), peer: bool() }),
})

const { model, thread, step, action, patch, edit } = over(state)

const vmm = thread(
  'vmm',
  { actor: 'vmm', fair: 'weak' },
  step('pause', {
    origin: source(vm, 'pause'),
    says: 'The virtual CPUs stop. Whoever asks may ask again if it fails.',
    when: (s) => s.pauses !== 'none',
    then: (d) => {
      d.vm = 'paused'
      d.pauses = d.pauses === 'two' ? 'one' : 'none'
    },
  }),
  step('drain', {
    origin: source(block, 'wait_for_active_requests'),
    either: {
      drained: {
        says: 'Nothing is in progress: the worker is parked, and the machine counts as paused.',
        when: (s) => !s.inProgress,
        then: (d) => void (d.parked = true),
      },
      times_out: {
        says: 'The pause fails, and nothing is undone: the virtual CPUs stay paused, the machine counts as running, and cannot be resumed.',
        when: (s) => s.inProgress,
        goto: 'pause',
      },
    },
  }),
  step('save', {
    origin: source(vm, 'snapshot'),
    says: 'Memory and registers are saved.',
    either: {
      saved: { then: (d) => void (d.vm = 'saved') },
      not_saved: {
        says: 'Nobody asked for that, or there is no room for the image: the machine is resumed.',
        goto: 'resume:queues',
      },
    },
  }),
  step('restore', {
    origin: source('vmm/src/lib.rs', 'vm_restore'),
    then: (d) => {
      d.kicked = false
      d.irq = false
      d.inProgress = false
      d.connection.peer = false
      d.vm = 'paused'
      d.parked = true
    },
    says: 'In a new process: nothing of eventfds and connections is left.',
  }),
  step('resume:queues', {
    origin: source(device, 'resume'),
    then: (d) => {
      d.parked = false
      d.kicked = true
    },
    says: 'The workers go on, and each has a kick for every queue that it has.',
  }),
  step('resume:interrupts', {
    origin: source(device, 'resume'),
    then: (d) => void (d.irq = true),
    says: 'Every queue is signalled to the guest.',
  }),
  step('resume:connections', {
    origin: source('virtio-devices/src/vsock/device.rs', 'new'),
    then: (d) => {
      if (!d.connection.peer) d.connection.guest = false
    },
    says: 'A connection without a peer is told so: the RST is queued when the device is made from its saved state, and sent by the worker that goes on.',
  }),
  step('vcpu_run', {
    origin: source('vmm/src/cpu.rs', 'resume'),
    then: (d) => void (d.vm = 'running'),
    goto: 'pause',
  }),
)

const guest = [
  action('virtqueue_add', {
    actor: 'guest',
    origin: source('drivers/virtio/virtio_ring.c', 'virtqueue_add'),
    when: (s) => s.vm === 'running' && s.queue.guest && s.buffer === 'guest',
    then: (d) => {
      d.buffer = 'avail'
      d.kicked = true
    },
    signals: 'worker',
  }),
  action('vring_interrupt', {
    actor: 'guest',
    origin: source('drivers/virtio/virtio_ring.c', 'vring_interrupt'),
    when: (s) => s.vm === 'running' && s.irq,
    then: (d) => {
      d.irq = false
      if (d.buffer === 'used') d.buffer = 'guest'
    },
  }),
]

const worker = [
  action('kick_evt', {
    actor: 'worker',
    origin: source(block, 'handle_event'),
    when: (s) => !s.parked && s.kicked,
    either: {
      virtqueue_pop: {
        when: (s) => s.buffer === 'avail',
        then: (d) => {
          d.buffer = 'host'
          d.inProgress = true
        },
      },
      nothing_available: { when: (s) => s.buffer !== 'avail' },
    },
    then: (d) => void (d.kicked = false),
  }),
  action('complete', {
    actor: 'worker',
    origin: source(block, 'signal_used_queue'),
    when: (s) => s.inProgress,
    then: (d) => {
      d.buffer = 'used'
      d.inProgress = false
      d.irq = true
    },
    signals: 'guest',
  }),
]

/** The driver sets its features anew, without a queue, and kicks it once more. */
const multiqueue = [
  action('virtio_net_set_multiqueue', {
    actor: 'guest',
    origin: source('hw/net/virtio-net.c', 'virtio_net_set_multiqueue'),
    fair: 'none',
    when: (s) => s.vm === 'running' && s.queue.guest && s.buffer === 'guest',
    then: (d) => {
      d.queue.guest = false
      d.queue.host = false
      d.kicked = false
    },
    says: 'Features without multiqueue: the host frees what it kept for this queue.',
  }),
  action('virtqueue_kick', {
    actor: 'guest',
    origin: source('hw/virtio/virtio.c', 'virtio_queue_notify'),
    fair: 'none',
    when: (s) => s.vm === 'running' && !s.queue.guest,
    either: { ignored: { says: 'The host looks whether there is such a queue.' } },
    signals: 'worker',
  }),
]

const patches = [
  patch('queues-not-signalled', {
    kind: 'era',
    says: 'Resume does not signal the workers.',
    reference: 'cloud-hypervisor before PR 8004, 2026',
    edits: [edit.replace('vmm.resume:queues', { says: 'The workers go on.', then: (d) => void (d.parked = false) })],
  }),
  patch('interrupts-lost-while-paused', {
    kind: 'era',
    says: 'An interrupt that is raised while the machine is paused is dropped, and resume raises none.',
    reference: 'cloud-hypervisor before PR 7851, 2026; issue 341, 2019',
    edits: [
      edit.replace('vmm.resume:interrupts', { then: () => undefined }),
      edit.replace('worker.complete', {
        then: (d) => {
          d.buffer = 'used'
          d.inProgress = false
          if (d.vm === 'running') d.irq = true
        },
      }),
    ],
  }),
  patch('connections-not-reset', {
    kind: 'era',
    says: 'Resume says nothing to connections whose peer is gone.',
    reference: 'cloud-hypervisor before PR 7958, 2026',
    edits: [edit.remove('vmm.resume:connections')],
  }),
  patch('kick-of-absent-queue', {
    kind: 'era',
    says: 'The host handles a kick of a queue that it has freed.',
    reference: 'a distribution patch of QEMU',
    edits: [edit.replace('guest.virtqueue_kick', { either: { virtio_queue_notify: {} } })],
  }),
  patch('not-drained', {
    kind: 'era',
    says: 'The machine is paused and saved while a buffer is in progress.',
    reference: 'cloud-hypervisor before PR 8356, 2026',
    edits: [edit.replace('vmm.drain/drained', { when: () => true })],
  }),
  patch('drained-without-bound', {
    kind: 'era',
    says: 'A pause waits for a buffer in progress for ever.',
    reference: 'the first half of cloud-hypervisor PR 8356, 2026',
    edits: [edit.remove('vmm.drain/times_out')],
  }),
  patch('failed-pause-undone', {
    kind: 'fix',
    says: 'A pause that fails resumes what it has paused.',
    reference: 'a proposal of ours',
    edits: [edit.replace('vmm.drain/times_out', { goto: 'resume:queues' })],
  }),
  patch('restored-all-the-same', {
    kind: 'fault',
    says: 'Nobody looks whether the machine could be saved.',
    edits: [edit.replace('vmm.save/not_saved', { goto: 'restore' })],
  }),
  patch('resumed-instead-of-restored', {
    kind: 'fault',
    says: 'A machine that was saved is resumed where it is, without being restored.',
    edits: [edit.remove('vmm.restore')],
  }),
  patch('pause-waits-for-idle', {
    kind: 'fault',
    says: 'The monitor waits for an idle queue instead of stopping the guest.',
    edits: [edit.replace('vmm.pause', { when: (s) => s.pauses !== 'none' && s.buffer === 'guest' })],
  }),
  patch('vcpu-overlooked', {
    kind: 'fault',
    says: 'A virtual CPU goes on while the machine is paused.',
    edits: [edit.replace('guest.virtqueue_add', { when: (s) => s.queue.guest && s.buffer === 'guest' })],
  }),
  patch('worker-not-stopped', {
    kind: 'fault',
    says: 'The worker looks at a kick when memory is saved.',
    edits: [edit.replace('worker.kick_evt', { when: (s) => s.kicked })],
  }),
  patch('slow-buffer-reused', {
    kind: 'fault',
    says: 'A driver that has waited long enough adds its buffer once more.',
    edits: [
      edit.replace('guest.virtqueue_add', {
        when: (s) => s.vm === 'running' && s.queue.guest && (s.buffer === 'guest' || s.buffer === 'host'),
      }),
    ],
  }),
  patch('queue-not-freed', {
    kind: 'fault',
    says: 'The host keeps a queue that the driver has given up.',
    edits: [
      edit.replace('guest.virtio_net_set_multiqueue', {
        then: (d) => {
          d.queue.guest = false
          d.kicked = false
        },
      }),
    ],
  }),
]

export default model('virtio-snapshot', {
  question: 'Does a virtual machine that is paused, saved or restored lose a kick, an interrupt or a connection?',
  parameters: {
    pauses: parameter(oneOf('one', 'two'), 'two', 'how often the machine is paused'),
    multiqueue: parameter(bool(), false, 'the driver gives the queue up'),
  },
  actors: {
    vmm: system('the monitor'),
    guest: system('the driver in the guest'),
    worker: system('the worker of the queue in the monitor'),
  },
  initial: ({ pauses }) => ({
    vm: 'running',
    pauses,
    buffer: 'guest',
    kicked: false,
    irq: false,
    inProgress: false,
    parked: false,
    queue: { guest: true, host: true },
    connection: { guest: true, peer: true },
  }),
  parts: ({ multiqueue: fewer }) => [vmm, ...guest, ...worker, ...(fewer ? multiqueue : [])],
  patches,
  resting: (s, at) => at('vmm', 'pause') && s.vm === 'running' && s.pauses === 'none' && !s.queue.guest,
  abstractions: [
    'One buffer; whoever waits for it is the driver.',
    'A worker goes on until it is parked; what is in progress then, where nobody drains, is completed all the same.',
    'Restore begins a new process at once: the time between save and restore does not matter.',
    'Every buffer that is added is kicked: a driver that is told when not to (EVENT_IDX) may lose a kick in other ways. One queue: that a resume signalled another queue than it meant where queues are sparse (cloud-hypervisor PR 8626, 2026) has no counterpart.',
    'After a drain that timed out the worker has let a kick go by; the next resume makes up for it.',
  ],
})
