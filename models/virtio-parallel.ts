/**
 * A disk and a network device frozen by two asynchronous PM threads: rtnl_lock, the entry of the disk's queue, the
 * locks of the devices, and a disk that is pulled out meanwhile.
 */

import { bool, environment, oneOf, over, parameter, source, system, type At } from '../src/index.js'
import { drained, state, surprise, type Parallel } from './virtio/parallel.js'

const dpm = 'drivers/base/power/main.c'
const blk = 'drivers/block/virtio_blk.c'
const net = 'drivers/net/virtio_net.c'
const mq = 'block/blk-mq.c'

const { model, thread, step, action, patch, edit } = over(state)

const main = (order: 'parallel' | 'disk-first' | 'net-first') => {
  const own = (name: string) => ({ origin: source(dpm, name) })
  const ready = (at: At, blkAt: string, netAt: string): boolean => at('blk', blkAt) && at('net', netAt)
  return thread(
    'dpm',
    { actor: 'pm' },
    step('dpm_suspend', {
      ...own('dpm_suspend'),
      when: (s) => s.sleeps,
      then: (d) => {
        d.sleeps = false
        d.phase = 'suspending'
      },
    }),
    step('async_synchronize_full', {
      ...own('dpm_suspend'),
      when: (_s, _, at) => ready(at, 'device_lock:resume', 'virtnet_restore'),
      then: (d) => void (d.phase = 'asleep'),
      says: `Both devices are frozen (${order}).`,
    }),
    step('dpm_resume', { ...own('dpm_resume'), then: (d) => void (d.phase = 'resuming') }),
    step('async_synchronize_full:resume', {
      ...own('dpm_resume'),
      when: (_s, _, at) => ready(at, 'end', 'end'),
      then: (d) => void (d.phase = 'running'),
    }),
  )
}

/** The asynchronous thread of the disk: freeze, then restore. The PM core holds the lock of the device. */
const blkThread = (order: 'parallel' | 'disk-first' | 'net-first') =>
  thread(
    'blk',
    { actor: 'pm', says: 'the asynchronous thread of the disk' },
    step('device_lock', {
      origin: source(dpm, 'device_suspend'),
      when: (s) => s.phase === 'suspending' && s.deviceLock === 'free' && (order !== 'net-first' || !s.vqs.net),
      either: {
        locked: { when: (_s, _, at) => !at('remove', 'end'), then: (d) => void (d.deviceLock = 'pm') },
        removed: {
          when: (_s, _, at) => at('remove', 'end'),
          goto: 'device_lock:resume',
          says: 'A device that was removed has no driver whose callback could be called.',
        },
      },
    }),
    step('blk_mq_freeze_queue', { origin: source(mq, 'blk_freeze_queue_start'), then: (d) => void (d.frozen = true) }),
    step('blk_mq_freeze_queue_wait', { origin: source(mq, 'blk_mq_freeze_queue_wait'), when: drained }),
    step('blk_mq_quiesce_queue_nowait', {
      origin: source(mq, 'blk_mq_quiesce_queue_nowait'),
      then: (d) => void (d.quiesced = true),
    }),
    step('blk_mq_unfreeze_queue', {
      origin: source('include/linux/blk-mq.h', 'blk_mq_unfreeze_queue'),
      then: (d) => void (d.frozen = false),
    }),
    step('virtio_reset_device', { origin: source(blk, 'virtblk_freeze_priv') }),
    step('vp_del_vqs', {
      origin: source(blk, 'virtblk_freeze_priv'),
      then: (d) => {
        d.vqs.blk = false
        d.deviceLock = 'free'
      },
    }),
    step('device_lock:resume', {
      origin: source(dpm, 'device_resume'),
      when: (s) => s.phase === 'resuming' && s.deviceLock === 'free',
      either: {
        locked: { when: (_s, _, at) => !at('remove', 'end'), then: (d) => void (d.deviceLock = 'pm') },
        removed: {
          when: (_s, _, at) => at('remove', 'end'),
          goto: 'end',
          says: 'A device that was removed is no longer on the list of those to resume.',
        },
      },
    }),
    step('virtblk_restore', { origin: source(blk, 'virtblk_restore'), then: (d) => void (d.vqs.blk = true) }),
    step('blk_mq_unquiesce_queue', {
      origin: source(mq, 'blk_mq_unquiesce_queue'),
      then: (d) => {
        d.quiesced = false
        d.frozen = false
        d.deviceLock = 'free'
      },
    }),
  )

const netThread = (order: 'parallel' | 'disk-first' | 'net-first') =>
  thread(
    'net',
    { actor: 'pm', says: 'the asynchronous thread of the network device', fair: 'strong' },
    step('virtnet_cpu_notif_remove', {
      origin: source(net, 'virtnet_freeze'),
      when: (s) => s.phase === 'suspending' && (order !== 'disk-first' || !s.vqs.blk),
    }),
    step('rtnl_lock', {
      origin: source(net, 'virtnet_freeze_down'),
      when: (s) => s.rtnl === 'free',
      then: (d) => void (d.rtnl = 'net'),
    }),
    step('virtnet_close', { origin: source(net, 'virtnet_close') }),
    step('rtnl_unlock', { origin: source(net, 'virtnet_freeze_down'), then: (d) => void (d.rtnl = 'free') }),
    step('virtnet_del_vqs', { origin: source(net, 'remove_vq_common'), then: (d) => void (d.vqs.net = false) }),
    step('virtnet_restore', {
      origin: source(net, 'virtnet_restore_up'),
      when: (s) => s.phase === 'resuming',
      then: (d) => void (d.vqs.net = true),
    }),
    step('rtnl_lock:restore', {
      origin: source(net, 'virtnet_restore_up'),
      when: (s) => s.rtnl === 'free',
      then: (d) => void (d.rtnl = 'net'),
    }),
    step('virtnet_open', { origin: source(net, 'virtnet_open') }),
    step('rtnl_unlock:restore', { origin: source(net, 'virtnet_restore_up'), then: (d) => void (d.rtnl = 'free') }),
    step('virtnet_set_queues', { origin: source(net, 'virtnet_set_queues'), says: 'Under cvq_lock alone.' }),
  )

/** A quiesced queue hands nothing to the driver; adding to a virtqueue that is broken fails. */
const addsOrFails = (who: 'io' | 'holder') => ({
  added: {
    when: (s: Parallel) => !s.quiesced && !s.broken,
    then: (d: Parallel) => void (d.request[who] = 'in the ring'),
  },
  fails: { when: (s: Parallel) => !s.quiesced && s.broken, then: (d: Parallel) => void (d.request[who] = 'done') },
})

const submit = (who: 'io' | 'holder', refused: string) =>
  [
    step('blk_queue_enter', {
      origin: source('block/blk-core.c', 'blk_queue_enter'),
      either: {
        enters: { when: (s) => !s.frozen && !s.dead, then: (d) => void (d.request[who] = 'entered') },
        refused: { when: (s) => s.dead, goto: refused },
      },
    }),
    step('virtqueue_add', {
      origin: source(blk, 'virtio_queue_rq'),
      either: addsOrFails(who),
      signals: 'host',
    }),
    step('wait_for_completion', {
      origin: source('block/bio.c', 'submit_bio_wait'),
      when: (s) => s.request[who] === 'done',
      then: (d) => void (d.request[who] = 'none'),
    }),
  ] as const

const io = thread('io', { actor: 'writeback', fair: 'weak' }, ...submit('io', 'end'))

const holder = (waits: boolean) =>
  thread(
    'holder',
    { actor: 'writeback', says: 'a holder of rtnl_lock that needs the disk' },
    step('rtnl_lock', {
      origin: source('net/core/rtnetlink.c', 'rtnl_lock'),
      when: (s) => s.rtnl === 'free',
      then: (d) => void (d.rtnl = 'holder'),
    }),
    ...(waits ? submit('holder', 'rtnl_unlock') : [enter]),
    step('rtnl_unlock', { origin: source('net/core/rtnetlink.c', 'rtnl_unlock'), then: (d) => void (d.rtnl = 'free') }),
  )

const enter = step('blk_queue_enter', {
  origin: source('block/blk-core.c', 'blk_queue_enter'),
  when: (s) => !s.frozen || s.dead,
})

const host = action('virtqueue_push', {
  actor: 'host',
  fair: 'weak',
  origin: source('hw/block/virtio-blk.c', 'virtio_blk_req_complete'),
  for: { who: ['io', 'holder'] },
  when: (s, { who }) => !s.unplugged && s.vqs.blk && s.request[who] === 'in the ring',
  then: (d, { who }) => void (d.request[who] = 'done'),
})

const patches = [
  patch('queue-frozen-all-sleep', {
    kind: 'era',
    says: 'The disk keeps its queue frozen over the whole sleep.',
    reference: '4ce6e2db00de, before 7678abee0867, 2024',
    edits: [edit.remove('blk.blk_mq_quiesce_queue_nowait'), edit.remove('blk.blk_mq_unfreeze_queue')],
  }),
  patch('broken-without-the-lock', {
    kind: 'fix',
    says: 'The hotplug handler breaks the queue before it takes the lock of the device: a proposal of ours.',
    edits: [
      edit.replace('host.unplug', {
        then: (d) => {
          d.unplugged = true
          d.broken = true
        },
        signals: 'hotplug',
      }),
    ],
  }),
  patch('broken-queue-fails-requests', {
    kind: 'fix',
    says: 'Requests in the ring of a queue that is broken end with an error.',
    reference: 'the aim of a series on surprise removal events, 2025; not in 7.3.4',
    edits: [
      edit.add(
        action('virtblk_fail_inflight', {
          actor: 'hotplug',
          origin: source(blk, 'virtblk_remove'),
          fair: 'weak',
          for: { who: ['io', 'holder'] },
          when: (s, { who }) => s.broken && s.request[who] === 'in the ring',
          then: (d, { who }) => void (d.request[who] = 'done'),
        }),
      ),
    ],
  }),
  patch('dead-disk-fails-requests', {
    kind: 'fix',
    says: 'A request that has entered the queue of a disk that is dead ends with an error, quiesced or not: another proposal of ours.',
    edits: [
      edit.replace('io.virtqueue_add', {
        either: { ...addsOrFails('io'), dead: { when: (s) => s.dead, then: (d) => void (d.request.io = 'done') } },
      }),
    ],
  }),
  patch('all-ones-end-the-reset', {
    kind: 'fix',
    says: 'Reset stops waiting for a device that answers with all ones: it is gone.',
    reference: 'virtio_pci_modern: avoid infinite loop in vp_reset() on invalid status, 2026; not in 7.3.4',
    edits: [edit.replace('remove.virtio_reset_device', { when: () => true })],
  }),
  patch('linux-6.12', {
    kind: 'era',
    says: 'Freeze closes the interface and restore opens it without rtnl_lock.',
    reference: 'virtnet_freeze_down and virtnet_restore_up of 6.12.117',
    edits: ['rtnl_lock', 'rtnl_unlock', 'rtnl_lock:restore', 'rtnl_unlock:restore'].map((name) =>
      edit.remove(`net.${name}`),
    ),
  }),
  patch('frozen-without-the-device-lock', {
    kind: 'fault',
    says: 'The PM core freezes a disk without its lock.',
    edits: [
      edit.replace('blk.device_lock/locked', { then: () => undefined }),
      edit.replace('blk.vp_del_vqs', { then: (d) => void (d.vqs.blk = false) }),
    ],
  }),
  patch('freeze-not-awaited', {
    kind: 'fault',
    says: 'The PM core does not wait for its asynchronous threads.',
    edits: [edit.remove('dpm.async_synchronize_full')],
  }),
  patch('wait-gives-up', {
    kind: 'fault',
    says: 'The holder of rtnl_lock does not wait for its request to the end.',
    edits: [edit.remove('holder.wait_for_completion')],
  }),
  patch('refused-while-frozen', {
    kind: 'fault',
    says: 'Whoever comes to a queue that is frozen is refused instead of waiting.',
    edits: [edit.replace('io.blk_queue_enter/refused', { when: (s) => s.dead || s.frozen })],
  }),
  patch('not-quiesced', {
    kind: 'fault',
    says: 'The disk lets its queue go without having quiesced it.',
    edits: [edit.remove('blk.blk_mq_quiesce_queue_nowait')],
  }),
  patch('not-unquiesced', {
    kind: 'fault',
    says: 'Restore leaves the queue quiesced.',
    edits: [edit.replace('blk.blk_mq_unquiesce_queue', { then: (d) => void (d.deviceLock = 'free') })],
  }),
  patch('not-drained', {
    kind: 'era',
    says: 'The disk is frozen without waiting for the requests in its ring.',
    reference: 'before 4ce6e2db00de, 2024',
    edits: [edit.remove('blk.blk_mq_freeze_queue_wait')],
  }),
]

export default model('virtio-parallel', {
  question: 'Can a disk and a network device that are frozen in parallel keep each other, or a hotplug, waiting?',
  parameters: {
    order: parameter(oneOf('parallel', 'disk-first', 'net-first'), 'parallel', 'how the two devices are frozen'),
    holder: parameter(oneOf('submits', 'waits'), 'submits', 'the holder of rtnl_lock submits I/O, or waits for it'),
    surprise: parameter(bool(), false, 'the disk may be pulled out'),
  },
  actors: {
    pm: system('the PM core and its asynchronous threads'),
    writeback: system('kernel threads that submit I/O'),
    hotplug: system('the hotplug handler'),
    host: environment('the device and the administrator'),
  },
  initial: () => ({
    phase: 'running',
    sleeps: true,
    rtnl: 'free',
    deviceLock: 'free',
    frozen: false,
    quiesced: false,
    vqs: { blk: true, net: true },
    request: { io: 'none', holder: 'none' },
    unplugged: false,
    broken: false,
    dead: false,
  }),
  parts: ({ order, holder: does, surprise: pulled }) => [
    main(order),
    blkThread(order),
    netThread(order),
    io,
    holder(does === 'waits'),
    host,
    ...(pulled ? surprise : []),
  ],
  patches,
  resting: (_s, at) => at('dpm', 'end'),
  abstractions: [
    'One sleep; the second would begin where this one ends.',
    'A request is one at a time per submitter; both share one ring.',
    'The PM core holds the lock of a device over its callback; the same lock is what unbinding takes.',
    'Of the network device only its use of rtnl_lock is modelled: the rest is virtio-net.',
  ],
})
