/** The history of virtio-net's freeze, read backwards: each patch takes one fix away from the newest driver. */

import { over, source } from '../../src/index.js'
import * as virtio from './machine.js'
import * as net from './net.js'
import { driver_ok } from './pm.js'

const file = 'drivers/net/virtio_net.c'
const { step, patch, edit } = over(net.state)

// What each fix is without: lists of edits that several patches are made of.
const notifierStays = [edit.remove('pm.virtnet_cpu_notif_remove')]
const disable_delayed_refill = (suffix = '') =>
  step(`disable_delayed_refill${suffix}`, {
    origin: source(file, 'virtnet_close'),
    then: (d) => void (d.refill.gate = false),
  })
const cancel_refill = (suffix = '') =>
  step(`cancel_delayed_work_sync:refill${suffix}`, {
    origin: source(file, 'virtnet_close'),
    when: (_s, _, at) => at('refill', 'refill_work'),
    then: (d) => void (d.refill.queued = false),
  })
/** Up to 6.19 a poll that finds no memory queues a work that refills; closing shuts a gate before it and cancels it. */
const refillWork = (gated: boolean) => [
  edit.initially((d: net.Net) => void (d.refill.gate = d.up || !gated)),
  edit.add(net.refill),
  edit.replace('poll.try_fill_recv', {
    either: { virtqueue_add: net.refilled, schedule_delayed_work: net.schedule_delayed_work },
  }),
  edit.before('pm.cancel_work_sync:config_work', ...(gated ? [disable_delayed_refill()] : []), cancel_refill()),
]
const refillGate = [
  edit.replace('pm.virtnet_open', {
    then: (d: net.Net) => {
      d.refill.gate = true
      if (d.up) net.open(d)
    },
  }),
]
const detachFirst = [edit.move('pm.netif_device_detach', { after: 'pm.disable_rx_mode_work' })]
/** The error path of a restore in which the notifier fails goes down the same way. */
const undoneLikeClosed = [
  edit.move('pm.netif_device_detach:undo', { after: 'pm.disable_rx_mode_work:undo' }),
  edit.before('pm.cancel_work_sync:config_work:undo', disable_delayed_refill(':undo'), cancel_refill(':undo')),
]
/** An interface that cannot be opened: the error is returned, and queues and device stay as they are. */
const openFailsAlone = [
  edit.replace('pm.virtnet_open/ok', {
    then: (d: net.Net) => {
      d.refill.gate = true
      if (d.up) net.open(d)
    },
  }),
  edit.replace('pm.virtnet_open/fails', {
    then: (d: net.Net) => void (d.refill.gate = true),
    goto: 'virtio_add_status:FAILED',
  }),
  ...['virtio_reset_device', 'vp_synchronize_vectors', 'virtqueue_detach_unused_buf', 'virtnet_del_vqs'].map((name) =>
    edit.remove(`pm.${name}:open`),
  ),
]
const noTxLock = [edit.replace('pm.netif_device_detach', { when: () => true })]
const txDisabledAlways = [
  ...noTxLock,
  edit.after(
    'pm.netif_device_detach',
    step('netif_tx_disable', {
      origin: source('include/linux/netdevice.h', 'netif_tx_disable'),
      when: (_s, _, at) => net.outsideTxLock(at),
      then: (d) => void (d.stopped = true),
    }),
  ),
]
/** Before the driver had a gate of its own, closing did not touch the configuration work. */
const noConfigGate = [edit.remove('pm.cancel_work_sync:config_work')]
const configAtOnce = [
  edit.replace('host.config_change', {
    when: (s: net.Net) => s.status === 'driver_ok',
    then: (d: net.Net) => net.virtnet_config_changed(d),
  }),
  edit.replace('pm.virtio_config_core_disable', { then: () => undefined }),
]
/** NAPI is disabled by hand, the xdp registration is forgotten; `init_vqs` makes fresh queues without one. */
const closedByHand = [
  edit.replace('pm.virtnet_disable_queue_pair', {
    then: (d: net.Net) => {
      if (d.up) virtio.touch(d)
      d.napi = 'off'
    },
  }),
  edit.replace('pm.virtnet_open', {
    then: (d: net.Net) => {
      d.refill.gate = true
      if (d.up) net.open(d)
      d.xdp = 'unregistered'
    },
  }),
]
const lateReady = [edit.remove('pm.virtio_device_ready'), edit.after('pm.netif_device_attach', driver_ok)]
const queuesLeftUp = [
  edit.replace('pm.virtnet_cpu_notif_add/fails', { goto: 'virtio_add_status:FAILED' }),
  ...[
    'flush_work:config_work',
    'disable_rx_mode_work',
    'cancel_work_sync:config_work',
    'virtnet_disable_queue_pair',
    'virtnet_cancel_dim',
    'netif_device_detach',
    'virtio_reset_device',
    'vp_synchronize_vectors',
    'virtqueue_detach_unused_buf',
    'virtnet_del_vqs',
  ].map((name) => edit.remove(`pm.${name}:undo`)),
]

/** What each fix is taken away as, what is proposed, and the generations. */
export const patches = [
  patch('cpu-notifier-stays', {
    kind: 'era',
    says: 'The CPU-hotplug callback stays registered while the queues are gone.',
    reference: 'before 3ab098df35f8 and ec9debbd9a88, 2013',
    edits: notifierStays,
  }),
  patch('detach-before-close', {
    kind: 'era',
    says: 'The interface is detached first; NAPI, which wakes the transmit queue, is stopped only after that.',
    reference: 'before 45d8ef6322b8, 2025',
    edits: detachFirst,
  }),
  patch('refill-delayed', {
    kind: 'era',
    says: 'A poll that finds no memory queues a work that refills the ring.',
    reference: 'drivers/net/virtio_net.c of 6.0 to 6.19',
    edits: [...refillWork(true), ...refillGate],
  }),
  patch('refill-ungated', {
    kind: 'era',
    says: 'The refill work is cancelled once; a poll may queue it again.',
    reference: 'before 5a159128faff, 2022',
    edits: refillWork(false),
  }),
  patch('detach-without-lock', {
    kind: 'era',
    says: 'The interface is detached without the transmit lock: whoever is inside start_xmit goes on.',
    reference: 'before 713a98d90c5e, 2017',
    edits: noTxLock,
  }),
  patch('tx-disabled-always', {
    kind: 'era',
    says: 'netif_tx_disable stops the queue also of an interface that is down; attaching wakes only one that is up.',
    reference: '713a98d90c5e, 2017, before 05c998b738fd, 2018',
    edits: txDisabledAlways,
  }),
  patch('closed-by-hand', {
    kind: 'era',
    says: 'Freeze and restore stop and start the queues by hand and forget the xdp registration.',
    reference: 'before 8af52fe9fd3b, 2022',
    edits: closedByHand,
  }),
  patch('restore-leaves-queues-up', {
    kind: 'era',
    says: 'If the CPU notifier cannot be registered, restore returns its error and leaves queues and NAPI on.',
    reference: 'before 3f2869cace82, 2021',
    edits: queuesLeftUp,
  }),
  patch('ready-after-open', {
    kind: 'era',
    says: 'Restore fills and kicks before DRIVER_OK, which the core sets at the end.',
    reference: 'before the virtio_device_ready conversions of 2014 (3569db593081)',
    edits: lateReady,
  }),
  patch('registered-before-ready', {
    kind: 'era',
    says: 'Probe makes the interface visible before DRIVER_OK, without rtnl_lock.',
    reference: 'before 50c0ada627f5, 2022',
    edits: [
      edit.replace('probe.register_netdevice', { then: (d) => void (d.present = true) }),
      edit.after('probe.register_netdevice', virtio.virtio_device_ready),
    ],
  }),
  patch('config-work-at-once', {
    kind: 'era',
    says: 'A configuration interrupt queues the work at any time, also during freeze: the core holds nothing back.',
    reference: 'before 22b7050a024d, 2014',
    edits: configAtOnce,
  }),
  patch('config-flushed-late', {
    kind: 'era',
    says: 'The configuration work is flushed after the queues are gone.',
    reference: 'virtnet_freeze of about 3.8',
    edits: [edit.move('pm.flush_work:config_work', { after: 'pm.virtnet_del_vqs' }), ...noConfigGate],
  }),
  patch('rx-mode-forgotten', {
    kind: 'era',
    says: 'Restore enables the rx-mode work and does not queue it: the device filters as after a reset.',
    reference: 'drivers/net/virtio_net.c of 6.9 to 7.1',
    edits: [edit.replace('pm.enable_rx_mode_work', { then: (d) => void (d.rxMode.gate = true) })],
  }),
  patch('dim-not-cancelled', {
    kind: 'fault',
    says: 'Closing does not wait for the work of interrupt moderation.',
    edits: [edit.remove('pm.virtnet_cancel_dim')],
  }),
  patch('rx-mode-gate-late', {
    kind: 'fix',
    says: 'An asynchronous rx-mode rework that closes its gate after the queues are removed.',
    reference: 'netdev proposal, 2026',
    edits: [edit.move('pm.disable_rx_mode_work', { after: 'pm.virtnet_del_vqs' })],
  }),
  patch('bql-kept', {
    kind: 'era',
    says: 'Dropped packets stay accounted to byte queue limits.',
    reference: 'before the fix discussed on netdev in December 2024',
    edits: [
      edit.replace('pm.virtqueue_detach_unused_buf', {
        then: (d) => {
          virtio.takeBack(d, 'rx')
          virtio.takeBack(d, 'tx')
        },
      }),
    ],
  }),
  patch('reset-before-unregister', {
    kind: 'era',
    says: 'Remove resets the device before it unregisters the interface.',
    reference: 'virtnet_remove up to 3.2, the code the review of October 2011 looks at',
    edits: [
      edit.move('remove.virtio_reset_device', { before: 'remove.unregister_netdev' }),
      edit.move('remove.vp_synchronize_vectors', { after: 'remove.virtio_reset_device' }),
    ],
  }),
  patch('reset-without-flush', {
    kind: 'era',
    says: 'Reset does not wait for handlers that are pending or running on another CPU.',
    reference: 'before e6af578c5305, 2011',
    edits: [edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze deletes the queues of a device that was not reset.',
    edits: [edit.remove('pm.virtio_reset_device')],
  }),
  patch('features-ok-missing', {
    kind: 'era',
    says: 'Restore does not set FEATURES_OK.',
    reference: 'before stable commit 30683a8cce80',
    edits: [edit.remove('pm.virtio_features_ok')],
  }),
  patch('bus-master-left-off', {
    kind: 'fault',
    says: 'Restore does not make the device a bus master again.',
    edits: [edit.remove('pm.pci_enable_device')],
  }),
  patch('queues-not-deleted', {
    kind: 'fault',
    says: 'Freeze takes the buffers back and leaves the queues.',
    edits: [edit.remove('pm.virtnet_del_vqs')],
  }),
  patch('poll-never-completes', {
    kind: 'fault',
    says: 'The poll function schedules itself anew although there is nothing more to do.',
    edits: [edit.replace('poll.try_fill_recv', { then: () => undefined })],
  }),
  patch('removed-without-reset', {
    kind: 'fault',
    says: 'Remove deletes the queues of a device that was not reset.',
    edits: [edit.remove('remove.virtio_reset_device')],
  }),
  patch('napi-disabled-while-down', {
    kind: 'fault',
    says: 'Freeze disables NAPI also of an interface that is down, which waits for somebody to enable it.',
    edits: [
      edit.replace('pm.virtnet_disable_queue_pair', {
        when: (s, _, at) => at('poll', 'virtnet_poll') && s.napi !== 'off',
      }),
    ],
  }),
  patch('present-tested', {
    kind: 'fix',
    says: 'The transmit path also tests that the interface is present: a hypothesis of ours.',
    edits: [edit.replace('xmit.dev_hard_start_xmit', { when: (s) => s.up && !s.stopped && s.present && !s.bql })],
  }),
  patch('failed-device-left-alone', {
    kind: 'fix',
    says: 'The core does not call the freeze of a driver whose restore has failed: a proposal of ours.',
    edits: [
      edit.replace('pm.virtio_config_core_disable', {
        either: {
          freeze: { when: (s) => s.status !== 'failed' },
          failed: { when: (s) => s.status === 'failed', goto: 'pci_disable_device' },
        },
      }),
    ],
  }),
  patch('linux-v1-2011', {
    kind: 'era',
    says: 'The first series: freeze resets and deletes the queues, and silences nobody.',
    reference: 'virtio: Support for hibernation (S4), 29 September 2011',
    edits: [
      ...notifierStays,
      ...[
        'flush_work:config_work',
        'disable_rx_mode_work',
        'cancel_work_sync:config_work',
        'virtnet_disable_queue_pair',
        'virtnet_cancel_dim',
        'netif_device_detach',
        'netif_device_attach',
      ].map((name) => edit.remove(`pm.${name}`)),
      edit.initially((d: net.Net) => void (d.refill.gate = true)),
      edit.add(net.refill),
      edit.replace('poll.try_fill_recv', {
        either: { virtqueue_add: net.refilled, schedule_delayed_work: net.schedule_delayed_work },
      }),
    ],
  }),
  patch('linux-3.8', {
    kind: 'era',
    says: 'The driver of about 3.8: detach without lock, close by hand, configuration work flushed last.',
    reference: 'drivers/net/virtio_net.c of about 3.8',
    edits: [
      ...notifierStays,
      edit.move('pm.flush_work:config_work', { after: 'pm.virtnet_del_vqs' }),
      ...detachFirst,
      ...refillWork(false),
      ...noTxLock,
      ...closedByHand,
    ],
  }),
  patch('linux-3.19', {
    kind: 'era',
    says: 'The driver of 3.19 to 4.11: the notifier and the configuration work are dealt with first.',
    reference: 'drivers/net/virtio_net.c of 3.19 to 4.11',
    edits: [...detachFirst, ...refillWork(false), ...noTxLock, ...closedByHand],
  }),
  patch('linux-4.12', {
    kind: 'era',
    says: 'The driver of 4.12 to 4.18: netif_tx_disable after the detach, whatever the state of the interface.',
    reference: '713a98d90c5e, 2017',
    edits: [...detachFirst, ...refillWork(false), ...closedByHand, ...txDisabledAlways],
  }),
  patch('linux-4.19', {
    kind: 'era',
    says: 'The driver of 4.19 to 5.18: detach under the transmit lock.',
    reference: '05c998b738fd, 2018',
    edits: [...detachFirst, ...refillWork(false), ...closedByHand],
  }),
  patch('linux-5.19', {
    kind: 'era',
    says: 'The driver of 5.19: virtnet_close, but no gate before the refill work.',
    reference: '8af52fe9fd3b, 2022',
    edits: [...detachFirst, ...refillWork(false)],
  }),
  patch('linux-6.12', {
    kind: 'era',
    says: 'The driver of 6.12: virtnet_close, and a gate before the refill work.',
    reference: 'drivers/net/virtio_net.c of 6.12.117',
    edits: [...detachFirst, ...refillWork(true), ...refillGate],
  }),
  patch('linux-6.12-notifier', {
    kind: 'era',
    says: 'The driver of 6.12 with a restore whose notifier may fail: what it undoes, it undoes in the order of that freeze.',
    reference: 'drivers/net/virtio_net.c of 6.12.117',
    edits: [...detachFirst, ...refillWork(true), ...refillGate, ...undoneLikeClosed],
  }),
  patch('linux-6.12-open', {
    kind: 'era',
    says: 'The driver of 6.12 with an interface that may fail to open: virtnet_restore_up returns the error, and resets and deletes nothing.',
    reference: 'drivers/net/virtio_net.c of 6.12.117',
    edits: [...detachFirst, ...refillWork(true), ...openFailsAlone],
  }),
]
