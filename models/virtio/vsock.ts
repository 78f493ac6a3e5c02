/** virtio-vsock: its state, and everybody but power management who acts on it. */

import { bool, int, oneOf, over, record, source, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'

const file = 'net/vmw_vsock/virtio_transport.c'

/** Receive buffers that the ring holds. */
export const ringSize = 2

/** The machine with the transmit queue; the receive ring as the driver counts it and as it is. */
export const state = record({
  ...virtio.machine('tx'),
  /** `the_virtio_vsock` is published. */
  published: bool(),
  /** `tx_run` and `rx_run`. */
  running: bool(),
  /** A packet that waits for the send work, and the work. */
  queued: bool(),
  sendWork: bool(),
  /** Receive buffers in the ring; what the driver believes; the most it ever believed. */
  posted: int(0, ringSize),
  rxBufNr: int(0, 8),
  rxBufMaxNr: int(0, 8),
  /** Packets that have come in, and the receive work that is to take them. */
  received: int(0, ringSize),
  rxWork: bool(),
  socket: record({ guest: bool(), peer: bool() }),
  /** What a work that looks before it has the lock has seen: the queue that is there, or one that was deleted since. */
  pointer: oneOf('none', 'held', 'stale'),
})

export type Vsock = ValueOf<typeof state>

const { thread, step, action } = over(state)

/** `virtio_vsock_rx_fill` */
export const fill = (d: Vsock): void => {
  virtio.submit(d)
  if (d.vqs === 'deleted') return
  d.rxBufNr += ringSize - d.posted
  d.posted = ringSize
  d.rxBufMaxNr = Math.max(d.rxBufMaxNr, d.rxBufNr)
}

/** The device forgets its queues, and the connections that it had. */
export const reset = (d: Vsock): void => {
  virtio.forget(d)
  d.socket.peer = false
}

/**
 * A sender: a task, or a worker that nobody freezes. The fast path adds to the ring at once; it tests the pointer, not the run
 * flag, so that only the grace period keeps it from queues that are deleted.
 */
export const sender = thread(
  'sender',
  { actor: 'sender' },
  step('virtio_transport_send_pkt', {
    origin: source(file, 'virtio_transport_send_pkt'),
    when: (s) => s.published && !s.queued,
  }),
  step('virtio_transport_send_skb', {
    origin: source(file, 'virtio_transport_send_skb_fast_path'),
    either: {
      virtqueue_add: {
        when: (s) => s.vqs === 'deleted' || s.queues.tx.buffer === 'guest',
        then: (d) => {
          virtio.add(d, 'tx')
          virtio.kick(d, 'tx')
        },
        signals: 'host',
      },
      queue_work: {
        then: (d) => {
          d.queued = true
          d.sendWork = true
        },
        signals: 'works',
      },
    },
    goto: 'virtio_transport_send_pkt',
  }),
)

/** The packet that was queued goes into the ring. */
export function send(d: Vsock): void {
  d.queued = false
  virtio.add(d, 'tx')
  virtio.kick(d, 'tx')
}

/** The send work; its queue is not freezable. */
export const sendWork = thread(
  'send_work',
  { actor: 'works' },
  step('virtio_transport_send_pkt_work', {
    origin: source(file, 'virtio_transport_send_pkt_work'),
    when: (s) => s.sendWork && (!s.running || s.queues.tx.buffer === 'guest'),
    then: (d) => void (d.sendWork = false),
    either: {
      run: { when: (s) => s.running && s.queued },
      stop: { when: (s) => !s.running || !s.queued, goto: 'virtio_transport_send_pkt_work' },
    },
  }),
  step('virtqueue_add', {
    origin: source(file, 'virtio_transport_send_pkt_work'),
    then: send,
    goto: 'virtio_transport_send_pkt_work',
    signals: 'host',
  }),
)

export const tx_done = action('virtio_vsock_tx_done', {
  actor: 'irq',
  origin: source(file, 'virtio_vsock_tx_done'),
  when: (s) => s.irq.pending && s.vqs === 'built',
  then: (d) => {
    d.irq.pending = false
    virtio.getBuf(d, 'tx')
  },
})

/** The host has sent a packet. */
export const packet = action('virtqueue_push:rx', {
  actor: 'host',
  origin: source('hw/virtio/virtio.c', 'virtqueue_push'),
  when: (s) => s.posted > 0 && s.known && s.busMaster && virtio.working(s),
  then: (d) => {
    d.posted--
    d.received++
    d.rxWork = true
  },
  signals: 'works',
})

/** Less than half of what was ever there is left, as the driver counts. */
export const low = (s: { readonly rxBufNr: number; readonly rxBufMaxNr: number }): boolean =>
  s.rxBufNr < s.rxBufMaxNr / 2

const take = (d: Vsock): void => {
  virtio.touch(d)
  d.rxBufNr -= d.received
  d.received = 0
}

/** The receive work, under its mutex; its queue is not freezable. */
export const rxWork = (noMemory: boolean) =>
  thread(
    'rx_work',
    { actor: 'works' },
    step('virtio_transport_rx_work', {
      origin: source(file, 'virtio_transport_rx_work'),
      when: (s) => s.rxWork,
      then: (d) => void (d.rxWork = false),
    }),
    step('mutex_lock:rx_lock', {
      origin: source(file, 'virtio_transport_rx_work'),
      either: {
        run: {
          when: (s) => s.running,
          then: (d) => {
            take(d)
            if (low(d)) fill(d)
          },
          signals: 'host',
        },
        stopped: { when: (s) => !s.running },
        ...(noMemory && {
          no_memory: {
            says: 'Not one buffer can be allocated.',
            provoke: 'inject allocation failures (failslab) while receiving',
            when: (s: Vsock) => s.running,
            then: take,
          },
        }),
      },
      goto: 'virtio_transport_rx_work',
      says: 'A packet is received; the ring is filled again when the driver believes that less than half is left.',
    }),
  )

export const connect = action('vsock_connect', {
  actor: 'user',
  origin: source('net/vmw_vsock/af_vsock.c', 'vsock_connect'),
  when: (s) => s.tasks === 'running' && !s.socket.guest && s.published && s.status === 'driver_ok' && s.sleeps > 0,
  then: (d) => {
    d.socket.guest = d.socket.peer = true
  },
})
