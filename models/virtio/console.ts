/** virtio-console: its state, its freeze and restore, and who acts on it. */

import { bool, int, oneOf, over, record, source, type At, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'
import { hibernation, virtio_config_core_disable } from './pm.js'

const file = 'drivers/char/virtio_console.c'

/** The machine with the two control queues, the queue that a console writes to, and one port. */
export const state = record({
  ...virtio.machine('control_in', 'control_out', 'port_out'),
  /** The device has control queues at all. */
  multiport: bool(),
  /** Callbacks of the control-in queue are wanted. */
  callbacks: bool(),
  controlWork: bool(),
  /** `host_connected` of the port, and whether somebody has the host's end open. */
  connected: bool(),
  /** The host has seen PORT_READY; an event about its end waits to be sent. */
  host: record({ open: bool(), ready: bool(), pending: bool(), toggles: int(0, 1) }),
  /** Something is there to be read from the port. */
  data: bool(),
  removed: bool(),
  /** `in_vq` and `out_vq` of the port: those of the queues that are there, or of queues that were deleted. */
  portQueues: oneOf('valid', 'stale'),
  /** `pm_freezing`: nothing is sent any more. Only since 7.2. */
  freezing: bool(),
})

export type Console = ValueOf<typeof state>

const { thread, step, action } = over(state)

/** The device forgets its queues, and what it knew of the port. */
const forget = (d: Console): void => {
  virtio.forget(d)
  d.host.ready = d.host.pending = false
}

const virtio_reset_device = step('virtio_reset_device', {
  origin: source('drivers/virtio/virtio.c', 'virtio_reset_device'),
  then: forget,
  signals: 'host',
})

export const disable_cb = (name: string) =>
  step(name, {
    origin: source('drivers/virtio/virtio_ring.c', 'virtqueue_disable_cb'),
    then: (d) => {
      virtio.touch(d)
      d.callbacks = false
    },
  })

const cancel_control_work = step('cancel_work_sync:control_work', {
  origin: source(file, 'virtcons_freeze'),
  when: (_s, _, at) => !at.has('control_work') || at('control_work', 'control_work_handler'),
  then: (d) => void (d.controlWork = false),
})

/** Whether nobody spins in `__send_to_port`, which holds `outvq_lock`. */
const outvqUnlocked = (at: At): boolean => !at('hvc', 'virtqueue_get_buf:sent')

/** `discard_port_data`: what was not read goes back into the queue that it came through, which kicks. */
export const discard = (d: Console): void => {
  if (d.data) virtio.submit(d)
  else virtio.touch(d)
  d.data = false
}

/** `host_connected` is cleared: the host is to say anew whether its end is open. */
const remove_port_data = step('remove_port_data', {
  origin: source(file, 'remove_port_data'),
  when: (_s, _, at) => outvqUnlocked(at),
  then: (d) => {
    d.connected = false
    discard(d)
  },
  says: 'Under outvq_lock; add_inbuf returns what was not read to the ring, and kicks.',
})

const remove_vqs = step('remove_vqs', {
  origin: source(file, 'remove_vqs'),
  when: (s) => !s.irq.running,
  then: (d) => {
    d.vqs = 'deleted'
    d.irq.pending = false
    d.portQueues = 'stale'
  },
})

const virtcons_freeze = (multiport: boolean) => [
  virtio_reset_device,
  virtio.vp_synchronize_vectors,
  ...(multiport
    ? [disable_cb('virtqueue_disable_cb'), cancel_control_work, disable_cb('virtqueue_disable_cb:again')]
    : [cancel_control_work]),
  remove_port_data,
  virtio.virtqueue_detach_unused_buf,
  remove_vqs,
]

/** `add_inbuf`, and the same of a message: adds a buffer and kicks. */
const addTo = (d: Console, q: 'control_in' | 'control_out'): void => {
  virtio.add(d, q)
  virtio.kick(d, q)
}

const addControlOut = (d: Console): void => addTo(d, 'control_out')

/** A control message is sent by spinning until the host has taken it, or the queue is broken. */
const answered = (s: Console): boolean => s.queues.control_out.buffer === 'used' || s.broken

const takeAnswer = (d: Console): void => void virtio.getBuf(d, 'control_out')

const virtcons_restore = (multiport: boolean) => [
  virtio.init_vqs('init_vqs', file),
  virtio.virtio_device_ready,
  ...(multiport
    ? [
        step('fill_queue', {
          origin: source(file, 'virtcons_restore'),
          then: (d) => {
            d.callbacks = true
            addTo(d, 'control_in')
          },
          signals: 'host',
        }),
        step('fill_queue:port', {
          origin: source(file, 'virtcons_restore'),
          then: (d) => {
            d.portQueues = 'valid'
            virtio.submit(d)
          },
          says: 'The port is given its new queues, and buffers to receive into.',
          signals: 'host',
        }),
        step('virtqueue_add:PORT_READY', {
          origin: source(file, '__send_control_msg'),
          // One sender at a time: c_ovq_lock.
          when: (_s, _, at) => !at('control_work', 'virtqueue_get_buf:answer'),
          then: addControlOut,
          signals: 'host',
        }),
        step('virtqueue_get_buf:PORT_READY', {
          origin: source(file, '__send_control_msg'),
          when: answered,
          then: takeAnswer,
          says: 'Spins until the host has taken the message.',
        }),
      ]
    : []),
]

/** Handles what the host has said by now, in the context of restore. */
export const read_control_queue = step('control_work_handler:restore', {
  origin: source(file, 'control_work_handler'),
  when: (_s, _, at) => at('control_work', 'control_work_handler'),
  then: (d) => {
    if (virtio.getBuf(d, 'control_in')) d.connected = d.host.open
    addTo(d, 'control_in')
  },
  signals: 'host',
})

/** What freeze of 7.3 begins with. */
export const stop_sending = [
  step('pm_freezing', { origin: source(file, 'virtcons_freeze'), then: (d) => void (d.freezing = true) }),
  step('outvq_lock', {
    origin: source(file, 'virtcons_freeze'),
    when: (_s, _, at) => outvqUnlocked(at),
    says: 'Takes and releases the lock of each port: whoever is sending has finished.',
  }),
]

/** What restore of 7.3 ends with. */
export const allow_sending = step('pm_freezing:off', {
  origin: source(file, 'virtcons_restore'),
  then: (d) => void (d.freezing = false),
})

export const pm = (multiport: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<Console>({
      settled: (at) => !at.has('remove') || at('remove', 'device_lock'),
      freeze: virtcons_freeze(multiport),
      restore: virtcons_restore(multiport),
      reset: forget,
      lost: forget,
    }),
  )

/** The handler of the control-in queue. */
export const control_intr = action('control_intr', {
  actor: 'irq',
  origin: source(file, 'control_intr'),
  when: (s) => s.irq.pending && s.vqs === 'built',
  then: (d) => {
    virtio.touch(d)
    d.irq.pending = false
    if (!d.broken && d.callbacks && d.queues.control_in.buffer === 'used') d.controlWork = true
  },
  says: 'The core ignores the interrupt of a broken queue.',
  signals: 'works',
})

/** `reclaim_consumed_buffers` looks into the queue that the port's pointer leads to. */
const reclaim = (d: Console): void => {
  virtio.touch(d)
  if (d.portQueues === 'stale') d.misuse.deleted = true
}

/** A broken queue has no used buffers, one that was deleted nothing that can be relied on. */
const message = (s: { readonly vqs: string; readonly broken: boolean; readonly queues: Console['queues'] }): boolean =>
  s.vqs === 'built' && !s.broken && s.queues.control_in.buffer === 'used'

export const controlWork = (answers: boolean) =>
  thread(
    'control_work',
    { actor: 'works', says: 'the control work, on a workqueue that nobody freezes' },
    step('control_work_handler', {
      origin: source(file, 'control_work_handler'),
      when: (s) => s.controlWork,
      then: (d) => void (d.controlWork = false),
    }),
    step('virtqueue_get_buf', {
      origin: source(file, 'control_work_handler'),
      either: {
        message: { when: message, then: (d) => void virtio.getBuf(d, 'control_in') },
        none: { when: (s) => !message(s), then: virtio.touch, goto: 'control_work_handler' },
      },
    }),
    step('handle_control_message', {
      origin: source(file, 'handle_control_message'),
      when: (_s, _, at) => outvqUnlocked(at),
      then: (d) => {
        d.connected = d.host.open
        reclaim(d)
      },
      says: 'PORT_OPEN: host_connected is set, and buffers that the host has used are taken back.',
      signals: 'user',
    }),
    ...(answers
      ? [
          step('virtqueue_add', {
            origin: source(file, '__send_control_msg'),
            when: (_s, _, at) => !at('pm', 'virtqueue_get_buf:PORT_READY'),
            then: addControlOut,
            signals: 'host',
          }),
          step('virtqueue_get_buf:answer', {
            origin: source(file, '__send_control_msg'),
            when: (s) => answered(s) || s.vqs === 'deleted',
            then: takeAnswer,
          }),
        ]
      : []),
    step('add_inbuf', {
      origin: source(file, 'add_inbuf'),
      then: (d) => addTo(d, 'control_in'),
      goto: 'virtqueue_get_buf',
      signals: 'host',
    }),
  )

/** The kernel's messages go out through the port, also while tasks are frozen: `no_console_suspend`. */
export const hvc = thread(
  'hvc',
  { actor: 'hvc', says: 'a kernel message, printed under the lock of the console' },
  step('put_chars', { origin: source(file, 'put_chars'), when: (s) => !s.freezing && !s.removed }),
  step('__send_to_port', {
    origin: source(file, '__send_to_port'),
    either: {
      virtqueue_add_outbuf: {
        when: (s) => !s.freezing,
        then: (d) => {
          reclaim(d)
          virtio.getBuf(d, 'port_out')
          virtio.add(d, 'port_out')
          virtio.kick(d, 'port_out')
        },
        signals: 'host',
      },
      dropped: { when: (s) => s.freezing, goto: 'put_chars' },
    },
    says: 'Under outvq_lock.',
  }),
  step('virtqueue_get_buf:sent', {
    origin: source(file, '__send_to_port'),
    when: (s) => s.queues.port_out.buffer === 'used' || s.broken || s.vqs === 'deleted',
    then: (d) => void virtio.getBuf(d, 'port_out'),
    goto: 'put_chars',
    says: 'Spins until the host has written the message, still under outvq_lock.',
  }),
)

/** A blocking read: returns 0 if nobody is connected, otherwise sleeps until there is data or nobody is. */
export const reader = thread(
  'reader',
  { actor: 'user' },
  step('port_fops_read', {
    origin: source(file, 'port_fops_read'),
    when: (s) => s.tasks === 'running' && !s.removed && s.connected,
  }),
  step('wait_event_freezable', {
    origin: source(file, 'port_fops_read'),
    either: {
      data: {
        when: (s) => s.tasks === 'running' && s.data,
        then: (d) => void (d.data = false),
        goto: 'port_fops_read',
      },
      eof: { when: (s) => s.tasks === 'running' && !s.data && !s.connected && !s.removed, goto: 'port_fops_read' },
      unplugged: { when: (s) => s.tasks === 'running' && !s.data && s.removed, goto: 'port_fops_read' },
      try_to_freeze: { when: (s) => s.tasks === 'frozen' },
    },
  }),
  step('__refrigerator', {
    origin: source('kernel/freezer.c', '__refrigerator'),
    when: (s) => s.tasks === 'running',
    goto: 'wait_event_freezable',
    says: 'Frozen; once thawed, the condition is tested again.',
  }),
)

export const remove = thread(
  'remove',
  { actor: 'pm', says: 'the driver core unbinds the driver' },
  step('device_lock', {
    origin: source('drivers/base/dd.c', 'device_driver_detach'),
    when: (s, _, at) => s.tasks === 'running' && at('pm', 'freeze_processes'),
  }),
  virtio_config_core_disable,
  virtio.virtio_break_device,
  step('flush_work:control_work', {
    origin: source(file, 'virtcons_remove'),
    when: (s, _, at) => !s.controlWork && at('control_work', 'control_work_handler'),
  }),
  virtio_reset_device,
  virtio.vp_synchronize_vectors,
  cancel_control_work,
  step('unplug_port', {
    origin: source(file, 'unplug_port'),
    then: (d) => {
      d.removed = true
      d.connected = d.data = false
    },
  }),
  virtio.virtqueue_detach_unused_buf,
  remove_vqs,
)

export const close = action('port_fops_release', {
  actor: 'user',
  fair: 'none',
  origin: source(file, 'port_fops_release'),
  when: (s) => s.tasks === 'running',
  either: {
    virtqueue_get_buf: {
      when: (s) => !s.removed,
      then: discard,
      says: 'Discards what was not read.',
    },
    unplugged: { when: (s) => s.removed, says: 'The port has no device any more.' },
  },
})
