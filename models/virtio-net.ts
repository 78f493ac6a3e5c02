/**
 * virtio-net over hibernation: transmit path, NAPI, refill and control work against freeze, restore, probe and remove.
 * The base is the driver of Linux 6.17; each patch takes one fix away, or proposes one.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import * as virtio from './virtio/machine.js'
import * as net from './virtio/net.js'
import { patches } from './virtio/net-history.js'
import { hibernation, rested, virtio_config_core_enable } from './virtio/pm.js'

const file = 'drivers/net/virtio_net.c'
const core = 'net/core/dev.c'
const { model, thread, step } = over(net.state)

const virtnet_cpu_notif_remove = step('virtnet_cpu_notif_remove', {
  origin: source(file, 'virtnet_cpu_notif_remove'),
  then: (d) => void (d.notifier = false),
})

const flush_config_work = step('flush_work:config_work', {
  origin: source(file, 'virtnet_freeze_down'),
  when: (s, _, at) => !s.configWork && !at('config_work', 'virtqueue_add'),
})

const disable_rx_mode_work = step('disable_rx_mode_work', {
  origin: source(file, 'disable_rx_mode_work'),
  then: (d) => void (d.rxMode.gate = false),
})

const flush_rx_mode_work = step('flush_work:rx_mode_work', {
  origin: source(file, 'virtnet_freeze_down'),
  when: (s, _, at) => !s.rxMode.queued && !at('rx_mode_work', 'virtqueue_add'),
})

const disable_delayed_refill = step('disable_delayed_refill', {
  origin: source(file, 'virtnet_close'),
  then: (d) => void (d.refill.gate = false),
})

const cancel_refill = step('cancel_delayed_work_sync:refill', {
  origin: source(file, 'virtnet_close'),
  when: (_s, _, at) => at('refill', 'refill_work'),
  then: (d) => void (d.refill.queued = false),
})

const virtnet_disable_queue_pair = step('virtnet_disable_queue_pair', {
  origin: source(file, 'virtnet_disable_queue_pair'),
  when: (_s, _, at) => at('poll', 'virtnet_poll'),
  then: (d) => {
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

const remove_vq_common = [
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  free_unused_bufs,
  virtio.del_vqs('virtnet_del_vqs', file),
]

const virtnet_freeze = [
  virtnet_cpu_notif_remove,
  flush_config_work,
  disable_rx_mode_work,
  flush_rx_mode_work,
  disable_delayed_refill,
  cancel_refill,
  virtnet_disable_queue_pair,
  netif_device_detach,
  ...remove_vq_common,
]

const virtnet_open = step('virtnet_open', {
  origin: source(file, 'virtnet_open'),
  then: (d) => {
    d.rxMode.gate = true
    if (d.up) net.open(d)
  },
  says: 'The gates are opened; if the interface is up: fill, kick, NAPI on, xdp registered.',
  signals: 'host',
})

const netif_device_attach = step('netif_device_attach', {
  origin: source(core, 'netif_device_attach'),
  then: (d) => {
    d.present = true
    if (d.up) d.stopped = false
  },
})

const virtnet_cpu_notif_add = step('virtnet_cpu_notif_add', {
  origin: source(file, 'virtnet_cpu_notif_add'),
  then: (d) => void (d.notifier = true),
})

const virtnet_cpu_notif_add_or_fail = step('virtnet_cpu_notif_add', {
  origin: source(file, 'virtnet_cpu_notif_add'),
  either: {
    ok: { then: (d) => void (d.notifier = true), goto: 'virtio_config_core_enable' },
    fails: { provoke: 'make cpuhp_state_add_instance_nocalls fail' },
  },
})

/** The error path of restore: the driver's part of the freeze once more, and then the core marks the device. */
const undo = [flush_config_work, disable_rx_mode_work, flush_rx_mode_work, disable_delayed_refill, cancel_refill]
  .concat([virtnet_disable_queue_pair, netif_device_detach, ...remove_vq_common])
  .map(({ name, declared }, i, all) =>
    step<unknown>(`${name}:undo`, { ...declared, ...(i === all.length - 1 && { goto: 'virtio_add_status:FAILED' }) }),
  )

const virtnet_restore = (notifierFails: boolean) => [
  virtio.init_vqs('init_vqs', file),
  virtio.virtio_device_ready,
  virtnet_open,
  netif_device_attach,
  ...(notifierFails ? [virtnet_cpu_notif_add_or_fail, ...undo] : [virtnet_cpu_notif_add]),
]

/** A CPU goes or comes: the callback, if registered, sets the affinity of every queue. */
const cpuStep = (name: 'freeze_secondary_cpus' | 'thaw_secondary_cpus') =>
  step(name, {
    origin: source('kernel/cpu.c', name),
    either: {
      virtqueue_set_affinity: { when: (s) => s.notifier, origin: source(file, 'virtnet_set_affinity') },
      unregistered: { when: (s) => !s.notifier },
    },
  })

const pm = (notifierFails: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<net.Net>({
      settled: (at) => (!at.has('remove') || at('remove', 'device_lock')) && (!at.has('probe') || at('probe', 'end')),
      freeze: virtnet_freeze,
      restore: virtnet_restore(notifierFails),
      mayFail: notifierFails,
      cpus: { down: cpuStep('freeze_secondary_cpus'), up: cpuStep('thaw_secondary_cpus') },
      reset: (d) => {
        virtio.forget(d)
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
    when: (s, _, at) =>
      !s.configWork && !at('config_work', 'virtqueue_add') && !s.rxMode.queued && !at('rx_mode_work', 'virtqueue_add'),
    then: (d) => void (d.rxMode.gate = false),
  }),
  step('unregister_netdev', {
    origin: source(file, 'virtnet_remove'),
    when: (s, _, at) => net.quiet(s, at),
    then: (d) => {
      d.up = d.present = false
      d.refill.gate = false
      d.napi = 'off'
      d.xdp = 'unregistered'
    },
    says: 'Closes the interface: waits for transmitters and polls, stops NAPI and the refill work.',
  }),
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  free_unused_bufs,
  virtio.del_vqs('virtnet_del_vqs', file),
)

const control = {
  none: [],
  config: [net.configWork, virtio.config_change<net.Net>(net.virtnet_config_changed)],
  'rx-mode': [net.rxModeWork, net.setRxMode],
}

export default model('virtio-net', {
  question: 'Does anybody touch a virtqueue of the network device between del_vqs and its rebuilding?',
  parameters: {
    up: parameter(bool(), true, 'the interface is up at the start'),
    napiTx: parameter(bool(), true, 'transmit completions are handled by NAPI'),
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    traffic: parameter(oneOf('both', 'receive', 'transmit'), 'both', 'the directions in which packets come'),
    control: parameter(oneOf('none', 'config', 'rx-mode'), 'none', 'which control commands are sent'),
    admin: parameter(
      oneOf('quiet', 'raise', 'interface', 'unbind'),
      'quiet',
      'the interface is taken up, down and up, or unbound',
    ),
    notifierFails: parameter(bool(), false, 'registering the CPU notifier may fail in restore'),
    start: parameter(oneOf('live', 'probe'), 'live', 'where the run begins'),
  },
  actors: net.actors,
  initial: ({ up, strict, sleeps, start }) => net.initial(up, strict, sleeps, start === 'probe'),
  parts: ({ napiTx, traffic, control: sent, start, admin, notifierFails }) => [
    pm(notifierFails),
    ...(start === 'probe' ? [probe] : []),
    ...(admin === 'unbind' ? [remove] : []),
    ...(admin === 'raise' ? [net.raise] : []),
    ...(admin === 'interface' ? [net.close, net.raise] : []),
    ...net.everybody({ napiTx, traffic }),
    ...control[sent],
  ],
  patches,
  resting: (s, at) => rested(s, at) || at('remove', 'end'),
  abstractions: [
    'Each ring holds one buffer, so that one packet fills it: the queue is stopped and woken as often as it can be.',
    'The control queue has no buffer of its own: a command is one access; that the sender spins for the answer is left out, since the spin changes nothing that another actor sees.',
    'Receive and transmit share one interrupt and one NAPI; two of each would interleave the same accesses.',
    'flush_work and cancel_work_sync are one step each, taken at an instant at which the work is idle; a work that is queued again afterwards is not covered by them, as in the kernel.',
    'Interrupts and softirq stay possible until the snapshot; the noirq phase would only take runs away.',
    'rtnl_lock is left out here; who waits for it is the subject of virtio-blk.',
    'byte queue limits are one packet, and a receive filter is one bit that is wanted once.',
  ],
})
