/**
 * virtio-net over hibernation: transmit path, NAPI, control commands against freeze, restore, probe and remove.
 * The base is the driver of Linux 7.3.4; each patch takes one fix away, or proposes one.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import type { StepOver } from '../src/write/model.js'
import * as virtio from './virtio/machine.js'
import * as net from './virtio/net.js'
import { patches } from './virtio/net-history.js'
import { hibernation, rested, virtio_config_core_enable } from './virtio/pm.js'

const file = 'drivers/net/virtio_net.c'
const core = 'net/core/dev.c'
const { model, thread, step } = over(net.state)

/** What may fail in restore. */
type Fails = 'never' | 'notifier' | 'open'

const virtnet_cpu_notif_remove = step('virtnet_cpu_notif_remove', {
  origin: source(file, 'virtnet_cpu_notif_remove'),
  then: (d) => void (d.notifier = false),
})

const flush_config_work = step('flush_work:config_work', {
  origin: source(file, 'virtnet_freeze_down'),
  when: (s, _, at) => !s.configWork && net.workIdle(at, 'config_work'),
})

/** Cancels what is queued, waits for what runs; what is queued from here on is refused. */
const disable_rx_mode_work = step('disable_rx_mode_work', {
  origin: source(file, 'disable_rx_mode_work'),
  when: (_s, _, at) => net.workIdle(at, 'rx_mode_work'),
  then: (d) => {
    d.rxMode.gate = false
    d.rxMode.queued = false
  },
})

const cancel_config_work = step('cancel_work_sync:config_work', {
  origin: source(file, 'virtnet_close'),
  when: (_s, _, at) => net.workIdle(at, 'config_work'),
  then: (d) => void (d.configWork = false),
  says: 'Behind virtio_config_driver_disable.',
})

const virtnet_cancel_dim = step('virtnet_cancel_dim', {
  origin: source(file, 'virtnet_cancel_dim'),
  when: (_s, _, at) => net.workIdle(at, 'dim_work'),
  then: (d) => void (d.dimWork = false),
})

const virtnet_disable_queue_pair = step('virtnet_disable_queue_pair', {
  origin: source(file, 'virtnet_disable_queue_pair'),
  when: (_s, _, at) => at('poll', 'virtnet_poll'),
  then: (d) => {
    // Only of an interface that is up; its NAPI structures lie in `vi->rq`, which is freed with the queues.
    if (d.up) virtio.touch(d)
    d.napi = 'off'
    d.xdp = 'unregistered'
  },
  says: 'NAPI is disabled, which waits for a poll under way; the xdp registration is dropped.',
})

/** Under `netif_tx_lock_bh`: waits for whoever transmits, then the queue is stopped. */
const netif_device_detach = step('netif_device_detach', {
  origin: source(core, 'netif_device_detach'),
  when: (_s, _, at) => net.outsideTxLock(at),
  then: (d) => {
    d.present = false
    if (d.up) d.stopped = true
  },
})

const free_unused_bufs = step('virtqueue_detach_unused_buf', {
  origin: source(file, 'free_unused_bufs'),
  then: net.takeBack,
})

const virtio_reset_device = step('virtio_reset_device', {
  origin: source('drivers/virtio/virtio.c', 'virtio_reset_device'),
  then: net.forget,
  signals: 'host',
})

const remove_vq_common = [
  virtio_reset_device,
  virtio.vp_synchronize_vectors,
  free_unused_bufs,
  virtio.del_vqs('virtnet_del_vqs', file),
]

/** `virtnet_freeze_down`: what it does with an interface that is down are no-ops here. */
const virtnet_freeze_down = [
  flush_config_work,
  disable_rx_mode_work,
  cancel_config_work,
  virtnet_disable_queue_pair,
  virtnet_cancel_dim,
  netif_device_detach,
]

const virtnet_freeze = [virtnet_cpu_notif_remove, ...virtnet_freeze_down, ...remove_vq_common]

const virtnet_open = step('virtnet_open', {
  origin: source(file, 'virtnet_open'),
  then: (d) => {
    if (d.up) net.open(d)
  },
  says: 'If the interface is up: fill, kick, NAPI on, xdp registered.',
  signals: 'host',
})

const virtnet_open_or_fail = step('virtnet_open', {
  origin: source(file, 'virtnet_open'),
  either: {
    ok: {
      then: (d) => {
        if (d.up) net.open(d)
      },
      signals: 'host',
    },
    fails: { provoke: 'make xdp_rxq_info_reg fail', goto: 'virtio_reset_device:open' },
  },
})

const netif_device_attach = step('netif_device_attach', {
  origin: source(core, 'netif_device_attach'),
  then: (d) => {
    d.present = true
    if (d.up) d.stopped = false
  },
})

const enable_rx_mode_work = step('enable_rx_mode_work', {
  origin: source(file, 'enable_rx_mode_work'),
  then: (d) => {
    d.rxMode.gate = true
    if (d.up) d.rxMode.queued = true
  },
  says: 'The work is enabled, and queued: the device filters as the guest wants again.',
  signals: 'works',
})

/** With VIRTIO_NET_F_MQ the device is told how many queues are used: a command, and its answer is waited for. */
const virtnet_set_queues = [
  step('virtnet_set_queues', {
    origin: source(file, 'virtnet_set_queues'),
    when: (s) => s.cvq === 'free',
    then: net.command,
    signals: 'host',
  }),
  step('virtnet_set_queues:answer', {
    origin: source(file, 'virtnet_send_command_reply'),
    when: net.commandDone,
    then: (d) => {
      net.commandEnd(d)
      if (d.up && d.napi === 'idle') d.napi = 'scheduled'
    },
    says: 'Spins until the host has answered; then NAPI is scheduled.',
    signals: 'softirq',
  }),
]

const virtnet_cpu_notif_add = step('virtnet_cpu_notif_add', {
  origin: source(file, 'virtnet_cpu_notif_add'),
  then: (d) => void (d.notifier = true),
})

const added = { then: (d: net.Net) => void (d.notifier = true), goto: 'virtio_config_core_enable' }

const virtnet_cpu_notif_add_or_fail = step('virtnet_cpu_notif_add', {
  origin: source(file, 'virtnet_cpu_notif_add'),
  either: { ok: added, fails: { provoke: 'make cpuhp_state_add_instance_nocalls fail' } },
})

/** Steps of an error path: under other names, the last one leading to where the core marks the device. */
const errorPath = (
  suffix: string,
  steps: readonly StepOver<net.Net, unknown>[],
): readonly StepOver<net.Net, unknown>[] =>
  steps.map(({ name, declared }, i, all) =>
    step<unknown>(`${name}:${suffix}`, {
      ...declared,
      ...(i === all.length - 1 && { goto: 'virtio_add_status:FAILED' }),
    }),
  )

/** The error path of restore: the driver's part of the freeze once more, and then the core marks the device. */
const undo = errorPath('undo', [...virtnet_freeze_down, ...remove_vq_common])

/** The error path of `virtnet_restore_up` when the interface cannot be opened. */
const err_destroy_pools = errorPath('open', remove_vq_common)

/** How restore ends, by what may fail in it. */
const virtnet_cpu_notif_add_and: Readonly<Record<Fails, readonly StepOver<net.Net, unknown>[]>> = {
  never: [virtnet_cpu_notif_add],
  notifier: [virtnet_cpu_notif_add_or_fail, ...undo],
  open: [
    step('virtnet_cpu_notif_add', { origin: source(file, 'virtnet_cpu_notif_add'), ...added }),
    ...err_destroy_pools,
  ],
}

const virtnet_restore = (fails: Fails, queues: boolean): readonly StepOver<net.Net, unknown>[] => [
  virtio.init_vqs('init_vqs', file),
  virtio.virtio_device_ready,
  fails === 'open' ? virtnet_open_or_fail : virtnet_open,
  netif_device_attach,
  enable_rx_mode_work,
  ...(queues ? virtnet_set_queues : []),
  ...virtnet_cpu_notif_add_and[fails],
]

/** A CPU goes or comes: the callback, if registered, sets the affinity of every queue. */
const cpuStep = (name: 'freeze_secondary_cpus' | 'thaw_secondary_cpus') =>
  step(name, {
    origin: source('kernel/cpu.c', name),
    either: {
      virtqueue_set_affinity: {
        when: (s) => s.notifier,
        then: virtio.touch,
        origin: source(file, 'virtnet_set_affinity'),
      },
      unregistered: { when: (s) => !s.notifier },
    },
  })

const pm = (fails: Fails, queues: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<net.Net>({
      settled: (at) => (!at.has('remove') || at('remove', 'device_lock')) && (!at.has('probe') || at('probe', 'end')),
      freeze: virtnet_freeze,
      restore: virtnet_restore(fails, queues),
      mayFail: fails !== 'never',
      cpus: { down: cpuStep('freeze_secondary_cpus'), up: cpuStep('thaw_secondary_cpus') },
      reset: (d) => {
        net.forget(d)
        d.rxMode.host = false
      },
      changed: net.virtnet_config_changed,
    }),
  )

/** Under `rtnl_lock`, so that nobody opens the interface before the device is ready. */
const probe = thread(
  'probe',
  { actor: 'pm', says: 'the driver core binds the driver' },
  step('register_netdevice', {
    origin: source(file, 'virtnet_probe'),
    then: (d) => {
      d.status = 'driver_ok'
      d.present = true
    },
    says: 'The interface becomes visible and the device ready in one hold of rtnl_lock.',
  }),
  virtio_config_core_enable(net.virtnet_config_changed),
)

const remove = thread(
  'remove',
  { actor: 'pm', says: 'the driver core unbinds the driver' },
  step('device_lock', {
    origin: source('drivers/base/dd.c', 'device_driver_detach'),
    when: (s, _, at) =>
      s.tasks === 'running' && at('pm', 'freeze_processes') && (!at.has('probe') || at('probe', 'end')),
    then: (d) => {
      d.notifier = false
      d.config.enabled = false
    },
  }),
  step('flush_work', {
    origin: source(file, 'virtnet_remove'),
    when: (s, _, at) => !s.configWork && net.workIdle(at, 'config_work') && net.workIdle(at, 'rx_mode_work'),
    then: (d) => {
      d.rxMode.gate = false
      d.rxMode.queued = false
    },
  }),
  step('unregister_netdev', {
    origin: source(file, 'virtnet_remove'),
    when: (s, _, at) => net.quiet(s, at),
    then: (d) => {
      d.up = d.present = false
      net.shut(d)
    },
    says: 'Closes the interface: waits for transmitters, polls and works, stops NAPI.',
  }),
  virtio_reset_device,
  virtio.vp_synchronize_vectors,
  free_unused_bufs,
  virtio.del_vqs('virtnet_del_vqs', file),
)

/** Who sends commands, by the kind of command. */
const control = {
  none: [],
  config: [net.configWork, net.config_change, net.answer],
  'rx-mode': [net.rxModeWork, net.setRxMode, net.answer],
  dim: [net.dimWork, net.answer],
  queues: [net.answer],
}

export default model('virtio-net', {
  question: 'Does anybody touch a virtqueue of the network device between del_vqs and its rebuilding?',
  parameters: {
    up: parameter(bool(), true, 'the interface is up at the start'),
    napiTx: parameter(bool(), true, 'transmit completions are handled by NAPI'),
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    traffic: parameter(oneOf('both', 'receive', 'transmit'), 'both', 'the directions in which packets come'),
    control: parameter(
      oneOf('none', 'config', 'rx-mode', 'dim', 'queues'),
      'none',
      'which control commands are sent: about the link, the filter, interrupt moderation, or (by restore) the number of queues',
    ),
    admin: parameter(
      oneOf('quiet', 'raise', 'interface', 'unbind'),
      'quiet',
      'the interface is taken up, down and up, or unbound',
    ),
    restoreFails: parameter(oneOf('never', 'notifier', 'open'), 'never', 'what may fail in restore'),
    start: parameter(oneOf('live', 'probe'), 'live', 'where the run begins'),
  },
  actors: net.actors,
  initial: ({ up, strict, sleeps, start }) => net.initial(up, strict, sleeps, start === 'probe'),
  parts: ({ napiTx, traffic, control: sent, start, admin, restoreFails }) => [
    pm(restoreFails, sent === 'queues'),
    ...(start === 'probe' ? [probe] : []),
    ...(admin === 'unbind' ? [remove] : []),
    ...(admin === 'raise' ? [net.raise] : []),
    ...(admin === 'interface' ? [net.close, net.raise] : []),
    ...net.everybody({ napiTx, traffic, control: sent }),
    ...control[sent],
  ],
  patches,
  resting: (s, at) => rested(s, at) || at('remove', 'end'),
  abstractions: [
    'Each ring holds one buffer, so that one packet fills it: the queue is stopped and woken as often as it can be.',
    'A control command is the act and the spin for its answer, under cvq_lock; what it says matters only for the filter. The rx-mode work sends one command of its three.',
    'An allocation that fails makes NAPI poll again, which is a poll that comes later: it is left out. So are page pools, which live and die with the queues.',
    'The gate of the driver before configuration changes is open as long as the interface is up; of an interface that is down, changes wait.',
    'Receive and transmit share one interrupt and one NAPI; two of each would interleave the same accesses.',
    'flush_work and cancel_work_sync are one step each, taken at an instant at which the work is idle; a work that is queued again afterwards is not covered by them, as in the kernel.',
    'Interrupts and softirq stay possible until the snapshot; the noirq phase would only take runs away.',
    'rtnl_lock is left out here; who waits for it is the subject of virtio-blk.',
    'byte queue limits are one packet, and a receive filter is one bit that is wanted once.',
  ],
})
