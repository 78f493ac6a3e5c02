/**
 * virtio-vsock over hibernation: senders under RCU, the works that find their queue stopped, the count of receive
 * buffers, sockets whose peer is gone. The base is the driver of Linux 7.3.4.
 */

import { bool, int, over, parameter, source } from '../src/index.js'
import * as virtio from './virtio/machine.js'
import { hibernation, rested } from './virtio/pm.js'
import {
  connect,
  fill,
  low,
  packet,
  reset,
  ringSize,
  rxWork,
  send,
  sender,
  sendWork,
  state,
  tx_done,
  type Vsock,
} from './virtio/vsock.js'

const { model, thread, step, patch, edit } = over(state)
const file = 'net/vmw_vsock/virtio_transport.c'

const unpublish = step('rcu_assign_pointer:NULL', {
  origin: source(file, 'virtio_vsock_freeze'),
  then: (d) => void (d.published = false),
})

const synchronize_rcu = step('synchronize_rcu', {
  origin: source(file, 'virtio_vsock_freeze'),
  when: (_s, _, at) => at('sender', 'virtio_transport_send_pkt'),
  says: 'Waits for every sender that has seen the pointer.',
})

const virtio_vsock_vqs_del = [
  step('virtio_vsock_reset_sock', {
    origin: source(file, 'virtio_vsock_reset_sock'),
    then: (d) => void (d.socket.guest = false),
    says: 'Every connected socket is reset.',
  }),
  step('virtio_vsock_vqs_del:run', {
    origin: source(file, 'virtio_vsock_vqs_del'),
    when: (_s, _, at) => !at('send_work', 'virtqueue_add'),
    then: (d) => void (d.running = false),
    says: 'Each run flag is cleared under its mutex: no work is inside, and a late one sees the flag.',
  }),
  step('virtio_reset_device', {
    origin: source('drivers/virtio/virtio.c', 'virtio_reset_device'),
    then: reset,
    signals: 'host',
  }),
  virtio.vp_synchronize_vectors,
  step('virtqueue_detach_unused_buf', {
    origin: source(file, 'virtio_vsock_vqs_del'),
    then: (d) => {
      virtio.takeBack(d, 'tx')
      d.posted = 0
      d.received = 0
      d.queued = false
    },
  }),
  step('del_vqs', {
    origin: source('drivers/virtio/virtio_pci_common.c', 'vp_del_vqs'),
    when: (s) => !s.irq.running,
    then: (d) => {
      d.vqs = 'deleted'
      d.irq.pending = false
      if (d.pointer === 'held') d.pointer = 'stale'
    },
  }),
]

const zero_counters = step('virtio_vsock_vqs_init', {
  origin: source(file, 'virtio_vsock_vqs_init'),
  then: (d) => {
    d.rxBufNr = 0
    d.rxBufMaxNr = 0
  },
})

const virtio_vsock_restore = [
  zero_counters,
  step('virtio_find_vqs', {
    origin: source('include/linux/virtio_config.h', 'virtio_find_vqs'),
    then: (d) => {
      virtio.build(d)
      d.posted = d.received = 0
    },
  }),
  virtio.virtio_device_ready,
  step('rcu_assign_pointer', { origin: source(file, 'virtio_vsock_restore'), then: (d) => void (d.published = true) }),
  step('virtio_vsock_vqs_start', {
    origin: source(file, 'virtio_vsock_vqs_start'),
    then: (d) => {
      d.running = true
      fill(d)
    },
  }),
  step('queue_work:send_pkt_work', {
    origin: source(file, 'virtio_vsock_vqs_start'),
    then: (d) => void (d.sendWork = true),
    says: 'Packets may have been queued since the pointer was published.',
  }),
]

const pm = thread(
  'pm',
  { actor: 'pm' },
  ...hibernation<Vsock>({
    freeze: [unpublish, synchronize_rcu, ...virtio_vsock_vqs_del],
    restore: virtio_vsock_restore,
    reset,
    lost: reset,
  }),
)

const freezeSteps = [
  'rcu_assign_pointer:NULL',
  'synchronize_rcu',
  'virtio_vsock_reset_sock',
  'virtio_vsock_vqs_del:run',
  'virtio_reset_device',
  'vp_synchronize_vectors',
  'virtqueue_detach_unused_buf',
  'del_vqs',
]
const restoreSteps = [
  'virtio_vsock_vqs_init',
  'virtio_find_vqs',
  'virtio_device_ready',
  'rcu_assign_pointer',
  'virtio_vsock_vqs_start',
  'queue_work:send_pkt_work',
]

const patches = [
  patch('refill-after-stop', {
    kind: 'era',
    says: 'The receive work fills the ring also when it has found the run flag cleared.',
    reference: 'drivers of 2019 to 7.1; before a31e0ad44469, 2026',
    edits: [
      edit.replace('rx_work.mutex_lock:rx_lock/stopped', {
        then: (d) => {
          if (low(d)) fill(d)
        },
      }),
    ],
  }),
  patch('pointer-before-lock', {
    kind: 'era',
    says: 'The send work looks up its queue before it takes the lock and tests the run flag.',
    reference: 'drivers of up to 7.1; before ebac8f6b1ef0, 2026',
    edits: [
      edit.before(
        'send_work.virtio_transport_send_pkt_work',
        step('vqs[VSOCK_VQ_TX]', {
          origin: source(file, 'virtio_transport_send_pkt_work'),
          when: (s) => s.sendWork,
          then: (d) => void (d.pointer = 'held'),
        }),
      ),
      edit.replace('send_work.virtio_transport_send_pkt_work/stop', { then: (d) => void (d.pointer = 'none') }),
      edit.replace('send_work.virtqueue_add', {
        then: (d) => {
          if (d.pointer === 'stale') d.misuse.deleted = true
          d.pointer = 'none'
          send(d)
        },
      }),
    ],
  }),
  patch('no-callbacks', {
    kind: 'era',
    says: 'The driver has no freeze and no restore; the core resets the device on resume all the same.',
    reference: 'before the callbacks of 2022',
    edits: [...freezeSteps, ...restoreSteps].map((name) => edit.remove(`pm.${name}`)),
  }),
  patch('counters-not-zeroed', {
    kind: 'era',
    says: 'Freeze drops the receive buffers and restore keeps the count of them.',
    reference: 'before 55eff109e76a, 2025',
    edits: [edit.remove('pm.virtio_vsock_vqs_init')],
  }),
  patch('send-work-not-queued', {
    kind: 'era',
    says: 'Restore starts the queues without looking for packets that came in between.',
    reference: 'versions 2 to 4 of the series of 2023',
    edits: [edit.remove('pm.queue_work:send_pkt_work')],
  }),
  patch('senders-not-awaited', {
    kind: 'era',
    says: 'Freeze does not wait for senders that have seen the pointer.',
    reference: 'before 0deab087b16a, 2019',
    edits: [edit.remove('pm.synchronize_rcu')],
  }),
  patch('queues-before-pointer', {
    kind: 'era',
    says: 'The queues are filled and started before the pointer is published: replies to what they receive are dropped.',
    reference: 'before 53b08c498515, 2023',
    edits: [edit.move('pm.rcu_assign_pointer', { after: 'pm.virtio_vsock_vqs_start' })],
  }),
  patch('sockets-kept', {
    kind: 'fix',
    says: 'Sockets survive the sleep.',
    reference: 'proposal of 2025, not accepted',
    edits: [edit.remove('pm.virtio_vsock_reset_sock')],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze neither resets nor takes its buffers back.',
    edits: [edit.remove('pm.virtio_reset_device'), edit.remove('pm.virtqueue_detach_unused_buf')],
  }),
  patch('reset-last', {
    kind: 'fault',
    says: 'Freeze takes its buffers back before it resets.',
    edits: [edit.move('pm.virtio_reset_device', { after: 'pm.virtqueue_detach_unused_buf' })],
  }),
  patch('full-ring-ignored', {
    kind: 'fault',
    says: 'The fast path takes a packet for sent also when the ring had no room for it.',
    edits: [edit.replace('sender.virtio_transport_send_skb/virtqueue_add', { when: () => true })],
  }),
  patch('queues-kept', {
    kind: 'fault',
    says: 'Freeze does not delete its queues: restore builds others over them.',
    edits: [edit.remove('pm.del_vqs')],
  }),
  patch('not-started', {
    kind: 'fault',
    says: 'Restore builds the queues and does not start them.',
    edits: [edit.remove('pm.virtio_vsock_vqs_start')],
  }),
  patch('drained-after-reset', {
    kind: 'fault',
    says: 'Freeze lets the send queue drain after the reset: nobody makes room in the ring any more.',
    edits: [
      edit.replace('pm.virtio_vsock_vqs_del:run', {
        when: (s, _, at) => !s.queued && !s.sendWork && at('send_work', 'virtio_transport_send_pkt_work'),
      }),
      edit.move('pm.virtio_vsock_vqs_del:run', { after: 'pm.vp_synchronize_vectors' }),
    ],
  }),
]

export default model('virtio-vsock', {
  question: 'Do packets, buffers and connections of a vsock come through a sleep, or end in an orderly way?',
  parameters: {
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    noMemory: parameter(bool(), false, 'the ring may not be filled again for want of memory'),
  },
  actors: {
    ...virtio.actors,
    sender: { says: 'whoever sends: a task or a worker that nobody freezes; none stays inside', fair: 'weak' },
    works: { says: 'the works of vsock, on a queue that nobody freezes', fair: 'weak' },
    user: { says: 'user tasks; they run only while tasks are not frozen', fair: 'none' },
  },
  initial: ({ strict, sleeps }) => ({
    ...virtio.live({ tx: 'guest' }, { strict, sleeps }),
    published: true,
    running: true,
    queued: false,
    sendWork: false,
    posted: ringSize,
    rxBufNr: ringSize,
    rxBufMaxNr: ringSize,
    received: 0,
    rxWork: false,
    socket: { guest: true, peer: true },
    pointer: 'none',
  }),
  parts: ({ noMemory }) => [
    pm,
    sender,
    sendWork,
    tx_done,
    packet,
    rxWork(noMemory),
    connect,
    virtio.virtqueue_pop('tx'),
    virtio.virtqueue_push('tx'),
  ],
  patches,
  resting: rested,
  abstractions: [
    'The receive ring is a number: what matters is whether the driver counts what is there. The work takes all packets that are there; an interrupt of one of them may queue it once more.',
    'The send work waits for room in the ring instead of giving up and being queued again by the completion.',
    'A packet counts as handed over once it is in the ring.',
    'The event queue is left out: its work follows the pattern of the receive work.',
    'A completion takes its buffer back at once: tx_work, which does it, and the run flag that it tests are left out. A completion that finds the flag cleared during restore is made up for by the next one.',
    'One socket stands for all; its peer ends with the device.',
  ],
})
