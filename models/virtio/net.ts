/** virtio-net: its state, and everybody who touches its queues: transmit path, NAPI, refill, control work, users. */

import { bool, env, oneOf, over, record, source, type At, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'

const file = 'drivers/net/virtio_net.c'
const core = 'net/core/dev.c'

/** The state of virtio-net: the machine with two data queues, and what the driver keeps. */
export const state = record({
  ...virtio.machine('rx', 'tx'),
  /** IFF_UP. */
  up: bool(),
  /** The transmit queue is stopped: nobody enters `start_xmit`. */
  stopped: bool(),
  present: bool(),
  /** Bytes that byte queue limits count as in flight; its limit is one packet. */
  bql: bool(),
  napi: oneOf('off', 'idle', 'scheduled'),
  /** The delayed refill of up to 6.19; later drivers leave it alone. */
  refill: record({ gate: bool(), queued: bool() }),
  configWork: bool(),
  /** The receive filter; `gate`: the work is enabled. */
  rxMode: record({ gate: bool(), queued: bool(), wanted: bool(), host: bool() }),
  dimWork: bool(),
  /** The control queue under `cvq_lock`: a command is with the host, or was lost by a reset, or is answered. */
  cvq: oneOf('free', 'sent', 'lost', 'answered'),
  /** The CPU-hotplug callback is registered. */
  notifier: bool(),
  xdp: oneOf('unregistered', 'registered'),
})

/** A state of virtio-net. */
export type Net = ValueOf<typeof state>

const { thread, step, action } = over(state)

/** The interface's start: up or down, or not yet registered. */
export const initial = (up: boolean, strict: boolean, sleeps: number, probing: boolean): Net => ({
  ...virtio.live({ rx: up ? 'avail' : 'guest', tx: 'guest' }, { strict, sleeps }),
  ...(probing && { status: 'features_ok' as const, config: { enabled: false, pending: false } }),
  up,
  stopped: false,
  present: !probing,
  bql: false,
  napi: up ? 'idle' : 'off',
  refill: { gate: false, queued: false },
  configWork: false,
  rxMode: { gate: true, queued: false, wanted: false, host: false },
  dimWork: false,
  cvq: 'free',
  notifier: true,
  xdp: up ? 'registered' : 'unregistered',
})

/** A device that forgets its queues loses the command that is under way. */
export const forget = (d: Net): void => {
  virtio.forget(d)
  if (d.cvq === 'sent') d.cvq = 'lost'
}

/** `virtnet_send_command`: takes cvq_lock, adds and kicks. */
export const command = (d: Net): void => {
  virtio.submit(d)
  d.cvq = d.known && virtio.working(d) ? 'sent' : 'lost'
}

/** Whether the spin of `virtnet_send_command` ends; one on a ring that is gone is an access. */
export const commandDone = (s: { readonly cvq: string; readonly vqs: string }): boolean =>
  s.cvq === 'answered' || s.vqs === 'deleted'

/** The end of the spin: the lock is let go. */
export const commandEnd = (d: Net): void => {
  virtio.touch(d)
  d.cvq = 'free'
}

/** The two halves of a control command, for a thread that goes on at `next`. */
const commandSteps = (symbol: string, next: string, told: (draft: Net) => void = () => undefined) =>
  [
    step('virtqueue_add', {
      origin: source(file, symbol),
      when: (s) => s.cvq === 'free',
      then: command,
      signals: 'host',
    }),
    step('virtqueue_get_buf', {
      origin: source(file, 'virtnet_send_command_reply'),
      when: commandDone,
      then: (d) => {
        if (d.cvq === 'answered') told(d)
        commandEnd(d)
      },
      goto: next,
      says: 'Spins until the host has answered.',
    }),
  ] as const

/** The host carries a command out, at once. */
export const answer = action('virtio_net_handle_ctrl', {
  actor: 'host',
  origin: source('hw/net/virtio-net.c', 'virtio_net_handle_ctrl'),
  when: (s) => s.cvq === 'sent',
  then: (d) => void (d.cvq = 'answered'),
})

/** A packet of a kernel timer: user tasks may be frozen, TCP is not. The test and the use lie under the tx lock. */
export const xmit = (napiTx: boolean) =>
  thread(
    'xmit',
    { actor: 'softirq', says: 'the transmit path, entered by a kernel timer' },
    step('dev_hard_start_xmit', {
      origin: source(core, 'dev_hard_start_xmit'),
      when: (s) => s.up && !s.stopped && !s.bql,
    }),
    step('virtqueue_add', {
      origin: source(file, 'start_xmit'),
      then: (d) => {
        virtio.getBuf(d, 'tx')
        if (!virtio.add(d, 'tx')) return
        // Only with transmit NAPI: `__netdev_tx_sent_queue`.
        d.bql = napiTx
        // One buffer fills the ring: the driver stops the queue until a completion is seen.
        d.stopped = true
      },
    }),
    step('virtqueue_kick', {
      origin: source(file, 'start_xmit'),
      then: (d) => virtio.kick(d, 'tx'),
      goto: 'dev_hard_start_xmit',
      signals: 'host',
    }),
  )

/** Whether nobody is inside the transmit lock. */
export const outsideTxLock = (at: At): boolean => !at.has('xmit') || at('xmit', 'dev_hard_start_xmit')

/** The handler of both data queues; without transmit NAPI a completion wakes the queue at once. */
export const irq = (napiTx: boolean) =>
  thread(
    'irq',
    { actor: 'irq' },
    virtio.vring_interrupt,
    step('virtqueue_napi_schedule', {
      origin: source(file, 'skb_recv_done'),
      then: (d) => {
        virtio.touch(d)
        d.irq.running = false
        if (d.napi === 'idle') d.napi = 'scheduled'
        if (!napiTx && d.queues.tx.buffer === 'used') d.stopped = false
      },
      goto: 'vring_interrupt',
      signals: 'softirq',
    }),
  )

/** The poll function: cleans transmitted packets and wakes the queue, takes received ones, refills. */
export const poll = (napiTx: boolean, dim: boolean) =>
  thread(
    'poll',
    { actor: 'softirq', says: 'NAPI' },
    step('virtnet_poll', { origin: source(file, 'virtnet_poll'), when: (s) => s.napi === 'scheduled' }),
    step('virtqueue_get_buf', {
      origin: source(file, 'virtnet_poll_cleantx'),
      then: (d) => {
        virtio.getBuf(d, 'rx')
        if (!napiTx) return
        if (virtio.getBuf(d, 'tx')) d.bql = false
        if (d.queues.tx.buffer === 'guest') d.stopped = false
      },
    }),
    step('try_fill_recv', {
      origin: source(file, 'try_fill_recv'),
      then: (d) => {
        const more = d.queues.rx.buffer === 'used' || (napiTx && d.queues.tx.buffer === 'used')
        d.napi = more ? 'scheduled' : 'idle'
        if (dim && !more) d.dimWork = true
      },
      either: { virtqueue_add: refilled },
      goto: 'virtnet_poll',
    }),
  )

/** The receive ring is filled and the host told. */
export const refilled = {
  then: (d: Net) => {
    virtio.add(d, 'rx')
    virtio.kick(d, 'rx')
  },
  signals: 'host',
}

/** There is no memory: up to 6.19 the refill work is to try later. */
export const schedule_delayed_work = {
  says: 'There is no memory: the refill work is to try later.',
  provoke: 'inject allocation failures (failslab) while receiving',
  when: (s: { readonly queues: Net['queues']; readonly refill: Net['refill'] }) =>
    s.queues.rx.buffer === 'guest' && s.refill.gate,
  then: (d: Net) => void (d.refill.queued = true),
  signals: 'works',
}

/** The refill work of up to 6.19, on a workqueue that nobody freezes. */
export const refill = thread(
  'refill',
  { actor: 'works', says: 'the refill work', fair: 'strong' },
  step('refill_work', {
    origin: source(file, 'refill_work'),
    when: (s) => s.refill.queued,
    then: (d) => void (d.refill.queued = false),
  }),
  step('napi_disable', {
    origin: source(file, 'refill_work'),
    when: (s, _, at) => s.vqs === 'deleted' || (s.napi !== 'off' && at('poll', 'virtnet_poll')),
    then: (d) => {
      virtio.touch(d)
      d.napi = 'off'
    },
    says: 'Its first act touches the NAPI structure, which is freed together with the queues.',
  }),
  step('virtqueue_add', {
    origin: source(file, 'try_fill_recv'),
    then: (d) => {
      refilled.then(d)
      d.napi = 'scheduled'
    },
    goto: 'refill_work',
    signals: 'host',
  }),
)

/** The configuration work: a link announcement is acknowledged through the control queue. */
export const configWork = thread(
  'config_work',
  { actor: 'works', says: 'the configuration work' },
  step('virtnet_config_changed_work', {
    origin: source(file, 'virtnet_config_changed_work'),
    when: (s) => s.configWork,
    then: (d) => void (d.configWork = false),
  }),
  ...commandSteps('virtnet_ack_link_announce', 'virtnet_config_changed_work'),
)

/** The driver's `config_changed`. */
export const virtnet_config_changed = (d: Net): void => void (d.configWork = true)

/** The work that tells the device its receive filter. */
export const rxModeWork = thread(
  'rx_mode_work',
  { actor: 'works', says: 'the rx-mode work' },
  step('virtnet_rx_mode_work', {
    origin: source(file, 'virtnet_rx_mode_work'),
    when: (s) => s.rxMode.queued,
    then: (d) => void (d.rxMode.queued = false),
  }),
  ...commandSteps('virtnet_rx_mode_work', 'virtnet_rx_mode_work', (d) => void (d.rxMode.host = d.rxMode.wanted)),
)

/** Dynamic interrupt moderation: a poll that ends queues a work, which tells the device other parameters. */
export const dimWork = thread(
  'dim_work',
  { actor: 'works', says: 'the work of dynamic interrupt moderation' },
  step('virtnet_rx_dim_work', {
    origin: source(file, 'virtnet_rx_dim_work'),
    when: (s) => s.dimWork,
    then: (d) => void (d.dimWork = false),
  }),
  ...commandSteps('virtnet_send_rx_ctrl_coal_vq_cmd', 'virtnet_rx_dim_work'),
)

/** Whether a work that sends commands is idle, or is not there. */
export const workIdle = (at: At, work: 'config_work' | 'rx_mode_work' | 'dim_work'): boolean =>
  !at(work, 'virtqueue_add', 'virtqueue_get_buf')

/** What `virtnet_close` does about the configuration work, if the interface is up: the gate is shut, the work cancelled. */
export const config_change = action('config_change', {
  actor: 'host',
  origin: env('the administrator changes the configuration of the device'),
  then: (d) => {
    if (d.status !== 'driver_ok') return
    // The driver's own gate is open while the interface is: virtio_config_driver_enable.
    if (d.config.enabled && d.up) virtnet_config_changed(d)
    else d.config.pending = true
  },
})

/** Somebody wants another receive filter, once: a user, or a multicast timer, for which it makes no difference that tasks are frozen. */
export const setRxMode = action('virtnet_set_rx_mode', {
  actor: 'stack',
  origin: source(file, 'virtnet_set_rx_mode'),
  when: (s) => !s.rxMode.wanted && s.up && s.present,
  then: (d) => {
    d.rxMode.wanted = true
    if (d.rxMode.gate) d.rxMode.queued = true
  },
})

/** The waits of `virtnet_close`: no refill under way or to come, no poll, no configuration work, no moderation. */
export const quiet = (s: Net, at: At): boolean =>
  (!at.has('refill') || at('refill', 'refill_work')) &&
  at('poll', 'virtnet_poll') &&
  outsideTxLock(at) &&
  !s.refill.queued &&
  workIdle(at, 'config_work') &&
  workIdle(at, 'dim_work')

/** What closing leaves behind. */
export const shut = (d: Net): void => {
  d.refill.gate = false
  d.napi = 'off'
  d.xdp = 'unregistered'
  d.configWork = d.dimWork = false
}

/** The administrator takes the interface down. */
export const close = action('virtnet_close', {
  actor: 'user',
  origin: source(file, 'virtnet_close'),
  when: (s, _, at) => s.tasks === 'running' && s.up && s.present && quiet(s, at),
  then: (d) => {
    virtio.touch(d)
    d.up = false
    shut(d)
  },
})

/** The administrator takes the interface up. */
export const raise = action('virtnet_open', {
  actor: 'user',
  origin: source(file, 'virtnet_open'),
  when: (s) => s.tasks === 'running' && !s.up && s.present,
  then: (d) => {
    d.up = true
    open(d)
  },
})

/** The effect of `virtnet_open`: fill, kick, NAPI on. */
export const open = (d: Net): void => {
  d.xdp = 'registered'
  virtio.add(d, 'rx')
  virtio.kick(d, 'rx')
  d.napi = 'scheduled'
}

/** `free_unused_bufs`: both rings, and the accounting of what was in flight. */
export const takeBack = (d: Net): void => {
  virtio.takeBack(d, 'rx')
  virtio.takeBack(d, 'tx')
  d.bql = false
}

/** Everybody but PM. Of a direction without traffic the host has nothing to do, and nobody transmits. */
export const everybody = (p: {
  readonly napiTx: boolean
  readonly traffic: 'both' | 'receive' | 'transmit'
  readonly control: string
}) => {
  const directions = { both: ['rx', 'tx'], receive: ['rx'], transmit: ['tx'] } as const
  return [
    ...(p.traffic === 'receive' ? [] : [xmit(p.napiTx)]),
    irq(p.napiTx),
    poll(p.napiTx, p.control === 'dim'),
    virtio.virtqueue_pop(...directions[p.traffic]),
    virtio.virtqueue_push(...directions[p.traffic]),
  ]
}

/** The lanes of virtio-net. */
export const actors = {
  ...virtio.actors,
  softirq: { says: 'softirq: kernel timers that transmit, and NAPI; not frozen', fair: 'weak' as const },
  works: { says: 'workqueues that are not frozen', fair: 'weak' as const },
  stack: { says: 'the network stack: multicast memberships come and go; not frozen', fair: 'none' as const },
  user: { says: 'user tasks; they run only while tasks are not frozen', fair: 'none' as const },
}
