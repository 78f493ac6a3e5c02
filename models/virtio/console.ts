/** virtio-console: its state, its freeze and restore, and who acts on it. */

import { bool, env, int, over, record, source, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'
import { hibernation, virtio_config_core_disable } from './pm.js'

const file = 'drivers/char/virtio_console.c'

/** The machine with the two control queues, and one port. */
export const state = record({
  ...virtio.machine('control_in', 'control_out'),
  /** The device has control queues at all. */
  multiport: bool(),
  /** Callbacks of the control-in queue are wanted. */
  callbacks: bool(),
  controlWork: bool(),
  /** `host_connected` of the port, and whether somebody has the host's end open. */
  connected: bool(),
  host: record({ open: bool(), ready: bool(), told: bool(), toggles: int(0, 1) }),
  data: bool(),
  removed: bool(),
})

type Console = ValueOf<typeof state>

const { thread, step, action } = over(state)

/** The device forgets its queues, and what it knew of the port. */
const forget = (d: Console): void => {
  virtio.forget(d)
  d.host.ready = d.host.told = false
}

const virtio_reset_device = step('virtio_reset_device', {
  origin: source('drivers/virtio/virtio.c', 'virtio_reset_device'),
  then: forget,
  signals: 'host',
})

export const disable_cb = (name: string) =>
  step(name, {
    origin: source('drivers/virtio/virtio_ring.c', 'virtqueue_disable_cb'),
    then: (d) => void (d.callbacks = false),
  })

const cancel_control_work = step('cancel_work_sync:control_work', {
  origin: source(file, 'virtcons_freeze'),
  when: (_s, _, at) => !at.has('control_work') || at('control_work', 'control_work_handler'),
  then: (d) => void (d.controlWork = false),
})

/** `host_connected` is cleared: the host is to say anew whether its end is open. */
const remove_port_data = step('remove_port_data', {
  origin: source(file, 'virtcons_freeze'),
  then: (d) => {
    d.connected = false
    d.data = false
  },
})

const remove_vqs = virtio.del_vqs('remove_vqs', file)

const virtcons_freeze = (multiport: boolean) => [
  virtio_reset_device,
  virtio.vp_synchronize_vectors,
  ...(multiport
    ? [disable_cb('virtqueue_disable_cb'), cancel_control_work, disable_cb('virtqueue_disable_cb:again')]
    : [cancel_control_work]),
  virtio.virtqueue_detach_unused_buf,
  remove_port_data,
  remove_vqs,
]

/** Adds a buffer and kicks; a broken queue takes none. */
const addTo = (d: Console, q: 'control_in' | 'control_out'): void => {
  if (d.broken) return
  virtio.add(d, q)
  virtio.kick(d, q)
}

const addControlOut = (d: Console): void => addTo(d, 'control_out')

/** A control message is sent by spinning until the host has taken it, or the queue is broken. */
const answered = (s: Console): boolean => s.queues.control_out.buffer === 'used' || s.broken

const takeAnswer = (d: Console): void => {
  if (d.queues.control_out.buffer === 'used') d.queues.control_out.buffer = 'guest'
}

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
    d.irq.pending = false
    if (!d.broken && d.callbacks && d.queues.control_in.buffer === 'used') d.controlWork = true
  },
  says: 'The core ignores the interrupt of a broken queue.',
  signals: 'works',
})

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
      origin: source(file, 'handle_control_message'),
      then: (d) => {
        if (virtio.getBuf(d, 'control_in')) d.connected = d.host.open
        addTo(d, 'control_in')
      },
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
    step('virtqueue_enable_cb', {
      origin: source(file, 'control_work_handler'),
      then: (d) => {
        d.callbacks = true
        if (d.vqs === 'built' && d.queues.control_in.buffer === 'used') d.controlWork = true
      },
      goto: 'control_work_handler',
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
      then: (d) => void (d.data = false),
      says: 'Discards what was not read.',
    },
    unplugged: { when: (s) => s.removed, says: 'The port has no device any more.' },
  },
})

export const host = [
  virtio.virtqueue_pop('control_out'),
  action('virtqueue_push', {
    actor: 'host',
    origin: source('hw/virtio/virtio.c', 'virtqueue_push'),
    when: (s) => s.known && s.busMaster && virtio.working(s) && s.queues.control_out.buffer === 'host',
    then: (d) => {
      d.queues.control_out.buffer = 'used'
      d.host.ready = true
    },
  }),
  action('virtqueue_push:event', {
    actor: 'host',
    origin: source('hw/char/virtio-serial-bus.c', 'send_control_event'),
    when: (s) => s.multiport && s.known && s.busMaster && virtio.working(s) && s.host.ready && !s.host.told,
    then: (d) => {
      d.host.told = true
      if (d.vqs === 'deleted' || d.queues.control_in.buffer !== 'avail') return
      d.queues.control_in.buffer = 'used'
      d.irq.pending = true
    },
    says: 'A message that finds no buffer is lost, unless one waits to be read that says the newest.',
    signals: 'irq',
  }),
  action('chardev_open_close', {
    actor: 'host',
    origin: env('somebody opens or closes the host end of the port'),
    when: (s) => s.host.toggles > 0,
    then: (d) => {
      d.host.toggles--
      d.host.open = !d.host.open
      d.host.told = false
    },
  }),
]

export const write = action('virtio_serial_write', {
  actor: 'host',
  origin: source('hw/char/virtio-serial-bus.c', 'virtio_serial_write'),
  when: (s) => s.host.open && s.host.told && virtio.working(s) && s.known && !s.data && s.connected,
  then: (d) => void (d.data = true),
  signals: 'user',
})
