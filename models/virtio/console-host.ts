/** The host of a virtio-console, as QEMU is one: what it says of its end, and what it reads and writes. */

import { env, over, source } from '../../src/index.js'
import { state, type Console } from './console.js'
import * as virtio from './machine.js'

const { action } = over(state)

/** `send_control_event`: a message that finds no buffer is lost; one that waits to be read will say the newest. */
const tell = (d: Console): void => {
  d.host.pending = false
  if (d.vqs === 'deleted' || d.queues.control_in.buffer !== 'avail') return
  d.queues.control_in.buffer = 'used'
  d.irq.pending = true
}

const reaches = (s: Parameters<typeof virtio.working>[0]): boolean => s.known && s.busMaster && virtio.working(s)

/** The host. PORT_READY is answered with PORT_OPEN before its own buffer is returned. */
export const host = [
  virtio.virtqueue_pop('control_out'),
  action('virtqueue_push', {
    actor: 'host',
    origin: source('hw/char/virtio-serial-bus.c', 'control_out'),
    when: (s) => reaches(s) && s.queues.control_out.buffer === 'host',
    then: (d) => {
      if (!d.host.ready && d.host.open) tell(d)
      d.host.ready = true
      d.queues.control_out.buffer = 'used'
    },
    signals: 'irq',
  }),
  action('virtqueue_push:event', {
    actor: 'host',
    origin: source('hw/char/virtio-serial-bus.c', 'send_control_event'),
    when: (s, _, at) =>
      s.multiport &&
      s.host.pending &&
      reaches(s) &&
      // The ring has more than one buffer: while the work has this one in hand, others are there.
      (s.queues.control_in.buffer !== 'guest' || !at.has('control_work') || at('control_work', 'control_work_handler')),
    then: tell,
    signals: 'irq',
  }),
  action('chardev_open_close', {
    actor: 'host',
    origin: env('somebody opens or closes the host end of the port'),
    when: (s) => s.host.toggles > 0,
    then: (d) => {
      d.host.toggles--
      d.host.open = !d.host.open
      d.host.pending = d.multiport && d.known && virtio.working(d)
    },
  }),
]

/** The host writes out what was printed. */
export const printed = [
  action('virtqueue_pop:port', {
    actor: 'host',
    origin: source('hw/char/virtio-serial-bus.c', 'handle_output'),
    when: (s) =>
      reaches(s) && s.queues.port_out.kicked && (s.queues.port_out.buffer === 'avail' || s.vqs === 'deleted'),
    then: (d) => {
      d.queues.port_out.kicked = false
      if (d.vqs === 'built') d.queues.port_out.buffer = 'host'
    },
  }),
  action('virtqueue_push:port', {
    actor: 'host',
    origin: source('hw/char/virtio-serial-bus.c', 'do_flush_queued_data'),
    when: (s) => reaches(s) && s.queues.port_out.buffer === 'host',
    then: (d) => void (d.queues.port_out.buffer = 'used'),
    signals: 'hvc',
  }),
]

export const write = action('virtio_serial_write', {
  actor: 'host',
  origin: source('hw/char/virtio-serial-bus.c', 'virtio_serial_write'),
  when: (s) => s.host.open && s.host.ready && virtio.working(s) && s.known && !s.data && s.connected,
  then: (d) => void (d.data = true),
  signals: 'user',
})
