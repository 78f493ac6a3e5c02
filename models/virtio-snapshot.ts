/**
 * A virtual machine is paused, saved and restored under a running virtio driver: what of a kick, an interrupt, a
 * connection and a deleted queue lives outside of the saved state. The base is a monitor that signals both sides on resume.
 */

import { bool, oneOf, over, parameter, record, source, system } from '../src/index.js'

const monitor = 'cloud-hypervisor: virtio-devices/src'

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
  /** The guest has the queue; the host has its worker. */
  queue: record({ guest: bool(), host: bool() }),
  connection: record({ guest: bool(), peer: bool() }),
})

const { model, thread, step, action, patch, edit } = over(state)

const vmm = thread(
  'vmm',
  { actor: 'vmm', fair: 'weak' },
  step('pause', {
    origin: source(monitor, 'pause'),
    when: (s) => s.pauses !== 'none',
    then: (d) => {
      d.vm = 'paused'
      d.pauses = d.pauses === 'two' ? 'one' : 'none'
    },
    either: {
      snapshot: {},
      pause_only: { goto: 'resume:interrupts' },
    },
  }),
  step('save', {
    origin: source(monitor, 'snapshot'),
    either: {
      saved: { when: (s) => !s.inProgress, then: (d) => void (d.vm = 'saved') },
      fails: {
        goto: 'resume:interrupts',
        says: 'A buffer is in progress for too long, or there is no room for the image.',
      },
    },
    says: 'Buffers in progress are finished first; then memory and registers are saved.',
  }),
  step('restore', {
    origin: source(monitor, 'restore'),
    then: (d) => {
      d.kicked = false
      d.irq = false
      d.inProgress = false
      d.connection.peer = false
      d.vm = 'paused'
    },
    says: 'In a new process: nothing of eventfds and connections is left.',
  }),
  step('resume:interrupts', {
    origin: source(monitor, 'resume'),
    then: (d) => void (d.irq = true),
    says: 'Every active queue is signalled to the guest.',
  }),
  step('resume:queues', {
    origin: source(monitor, 'resume'),
    then: (d) => void (d.kicked = true),
    says: 'Every active queue is signalled to its worker.',
  }),
  step('resume:connections', {
    origin: source(monitor, 'resume'),
    then: (d) => {
      if (!d.connection.peer) d.connection.guest = false
    },
    says: 'A connection without a peer is told so (RST).',
  }),
  step('vcpu_run', {
    origin: source(monitor, 'resume'),
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
    origin: source(monitor, 'handle_event'),
    when: (s) => s.vm !== 'saved' && s.kicked,
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
    origin: source(monitor, 'signal_used_queue'),
    when: (s) => s.inProgress,
    then: (d) => {
      d.buffer = 'used'
      d.inProgress = false
      d.irq = true
    },
    signals: 'guest',
  }),
]

/** The driver gives a queue up, and kicks it once more. */
const multiqueue = [
  action('virtnet_set_queues', {
    actor: 'guest',
    origin: source('drivers/net/virtio_net.c', 'virtnet_set_queues'),
    fair: 'none',
    when: (s) => s.vm === 'running' && s.queue.guest && s.buffer === 'guest',
    then: (d) => {
      d.queue.guest = false
      d.queue.host = false
      d.kicked = false
    },
    says: 'Fewer queues: the host frees what it kept for this one.',
  }),
  action('virtqueue_kick', {
    actor: 'guest',
    origin: source('drivers/virtio/virtio_ring.c', 'virtqueue_notify'),
    fair: 'none',
    when: (s) => s.vm === 'running' && !s.queue.guest,
    either: { ignored: {} },
    signals: 'worker',
  }),
]

const patches = [
  patch('queues-not-signalled', {
    kind: 'era',
    says: 'Resume does not signal the workers.',
    reference: 'cloud-hypervisor before PR 8004, 2026',
    edits: [edit.remove('vmm.resume:queues')],
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
    says: 'The machine is saved while a buffer is in progress.',
    reference: 'cloud-hypervisor before PR 8356, 2026',
    edits: [edit.replace('vmm.save/saved', { when: () => true })],
  }),
  patch('drained-without-bound', {
    kind: 'era',
    says: 'Saving waits for a buffer in progress for ever.',
    reference: 'the first half of cloud-hypervisor PR 8356, 2026',
    edits: [edit.remove('vmm.save/fails')],
  }),
  patch('restored-all-the-same', {
    kind: 'fault',
    says: 'Nobody looks whether the machine could be saved.',
    edits: [edit.replace('vmm.save/fails', { goto: 'restore' })],
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
      edit.replace('guest.virtnet_set_queues', {
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
    queue: { guest: true, host: true },
    connection: { guest: true, peer: true },
  }),
  parts: ({ multiqueue: fewer }) => [vmm, ...guest, ...worker, ...(fewer ? multiqueue : [])],
  patches,
  resting: (s, at) => at('vmm', 'pause') && s.pauses === 'none' && !s.queue.guest,
  abstractions: [
    'One buffer; whoever waits for it is the driver.',
    'A worker goes on while the machine is paused, and stops when it is saved.',
    'Restore begins a new process at once: the time between save and restore does not matter.',
    'A machine that could not be saved goes on: it is resumed, as after a pause alone.',
  ],
})
