/**
 * virtio-blk over hibernation: requests that must not be lost, the block layer's freeze and quiesce, and rtnl_lock.
 * The base is the driver of Linux 7.3.4; each patch takes one fix away, or proposes one.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import * as blk from './virtio/blk.js'
import { patches } from './virtio/blk-history.js'
import * as virtio from './virtio/machine.js'
import {
  handshake,
  hibernation,
  pci_disable_device,
  pci_enable_device,
  rested,
  virtio_config_core_disable,
  virtio_config_core_enable,
} from './virtio/pm.js'

const file = 'drivers/block/virtio_blk.c'
const mq = 'block/blk-mq.c'
const { model, thread, step } = over(blk.state)

const blk_mq_freeze_queue = step('blk_mq_freeze_queue', {
  origin: source(mq, 'blk_freeze_queue_start'),
  then: (d) => void (d.frozen = true),
  says: 'Nobody enters any more.',
})

const blk_mq_freeze_queue_wait = step('blk_mq_freeze_queue_wait', {
  origin: source(mq, 'blk_mq_freeze_queue_wait'),
  when: (_s, _, at) => blk.drained(at),
  says: 'Waits until every request that entered is complete.',
})

const blk_mq_quiesce_queue_nowait = step('blk_mq_quiesce_queue_nowait', {
  origin: source(mq, 'blk_mq_quiesce_queue_nowait'),
  then: (d) => void (d.dispatch = 'quiesced'),
})

const blk_mq_unfreeze_queue = step('blk_mq_unfreeze_queue', {
  origin: source('include/linux/blk-mq.h', 'blk_mq_unfreeze_queue'),
  then: (d) => void (d.frozen = false),
})

const flush_config_work = step('flush_work:config_work', {
  origin: source(file, 'virtblk_freeze_priv'),
  when: (s, _, at) => !s.configWork && !at('config_work', 'virtblk_update_capacity'),
})

const kfree_vqs = step('kfree:vqs', {
  origin: source(file, 'virtblk_freeze_priv'),
  then: (d) => void (d.array = 'null'),
  says: 'The pointer is cleared as well; init_vq, if it fails, does the same.',
})

const virtblk_freeze = [
  blk_mq_freeze_queue,
  blk_mq_freeze_queue_wait,
  blk_mq_quiesce_queue_nowait,
  blk_mq_unfreeze_queue,
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  flush_config_work,
  virtio.del_vqs('vp_del_vqs', 'drivers/virtio/virtio_pci_common.c'),
  kfree_vqs,
]

const init_vq = (fails: boolean) =>
  step('init_vq', {
    origin: source(file, 'init_vq'),
    either: {
      ok: {
        then: (d) => {
          virtio.build(d)
          d.array = 'valid'
        },
      },
      ...(fails && {
        fails: {
          goto: 'virtio_add_status:FAILED',
          provoke: 'let an allocation fail in init_vq, behind that of vblk->vqs (failslab)',
        },
      }),
    },
  })

const blk_mq_unquiesce_queue = step('blk_mq_unquiesce_queue', {
  origin: source(mq, 'blk_mq_unquiesce_queue'),
  then: (d) => void (d.dispatch = 'on'),
})

const virtblk_restore = (fails: boolean) => [init_vq(fails), virtio.virtio_device_ready, blk_mq_unquiesce_queue]

/** The network device of the same machine: all that matters of its freeze is that it wants rtnl_lock. */
const virtnet_freeze = [
  step('virtnet_freeze:rtnl_lock', {
    origin: source('drivers/net/virtio_net.c', 'virtnet_freeze_down'),
    when: (s) => s.rtnl === 'free',
    then: (d) => void (d.rtnl = 'pm'),
  }),
  step('virtnet_freeze:rtnl_unlock', {
    origin: source('drivers/net/virtio_net.c', 'virtnet_freeze_down'),
    then: (d) => void (d.rtnl = 'free'),
  }),
]

const pm = (fails: boolean, withNet: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<blk.Blk>({
      settled: (at) =>
        (!at.has('remove') || at('remove', 'device_lock')) &&
        (!at.has('flr') || at('flr', 'pci_dev_save_and_disable', 'end')),
      freeze: [...virtblk_freeze, ...(withNet ? virtnet_freeze : [])],
      restore: virtblk_restore(fails),
      mayFail: fails,
      changed: blk.virtblk_config_changed,
    }),
  )

/** A function-level reset of the PCI function, with tasks running: the same freeze and restore between other brackets. */
const flr = thread(
  'flr',
  { actor: 'pm', says: 'a function-level reset' },
  step('pci_dev_save_and_disable', {
    origin: source('drivers/pci/pci.c', 'pci_dev_save_and_disable'),
    when: (s, _, at) => s.tasks === 'running' && at('pm', 'freeze_processes'),
    says: 'Calls virtio_pci_reset_prepare, under the lock of the device.',
  }),
  virtio_config_core_disable,
  ...virtblk_freeze,
  pci_disable_device,
  step('pcie_flr', {
    origin: source('drivers/pci/pci.c', 'pcie_flr'),
    then: virtio.forget,
    signals: 'host',
  }),
  pci_enable_device,
  ...handshake<blk.Blk>(),
  ...virtblk_restore(false),
  virtio_config_core_enable(blk.virtblk_config_changed),
)

const remove = thread(
  'remove',
  { actor: 'pm', says: 'the driver core unbinds the driver' },
  step('device_lock', {
    origin: source('drivers/base/dd.c', 'device_driver_detach'),
    when: (s, _, at) => s.tasks === 'running' && at('pm', 'freeze_processes'),
  }),
  virtio_config_core_disable,
  step('flush_work:config_work', {
    origin: source(file, 'virtblk_remove'),
    when: (s, _, at) => !s.configWork && !at('config_work', 'virtblk_update_capacity'),
  }),
  step('blk_mark_disk_dead', {
    origin: source('block/genhd.c', 'del_gendisk'),
    then: (d) => void (d.frozen = true),
  }),
  step('del_gendisk', {
    origin: source('block/genhd.c', 'del_gendisk'),
    when: (_s, _, at) => blk.drained(at),
    says: 'Waits until every request that entered is complete.',
  }),
  virtio.virtio_reset_device,
  virtio.vp_synchronize_vectors,
  virtio.del_vqs('vp_del_vqs', 'drivers/virtio/virtio_pci_common.c'),
)

export default model('virtio-blk', {
  question: 'Is every request completed, and does nobody touch a virtqueue of the disk while it is deleted?',
  parameters: {
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    restoreFails: parameter(bool(), false, 'init_vq may fail in restore'),
    config: parameter(bool(), false, 'the capacity may change'),
    unbind: parameter(bool(), false, 'the driver may be unbound'),
    flr: parameter(bool(), false, 'the function may be reset while tasks run'),
    rtnl: parameter(
      oneOf('unused', 'submits', 'waits'),
      'unused',
      'a holder of rtnl_lock submits I/O, or waits for it',
    ),
  },
  actors: blk.actors,
  initial: ({ strict, sleeps }) => blk.initial(strict, sleeps),
  parts: ({ restoreFails, config, unbind, flr: resets, rtnl }) => [
    pm(restoreFails, rtnl !== 'unused'),
    ...(unbind ? [remove] : []),
    ...(resets ? [flr] : []),
    blk.io('r0'),
    rtnl === 'unused' ? blk.io('r1') : blk.writer(rtnl === 'waits'),
    blk.irq,
    ...(config ? [blk.configWork, virtio.config_change<blk.Blk>(blk.virtblk_config_changed, blk.resize)] : []),
    virtio.virtqueue_pop(...blk.queues),
    virtio.virtqueue_push(...blk.queues),
  ],
  patches,
  abstractions: [
    'Two requests at most are in flight, each with a ring slot of its own; a third would only repeat one of them.',
    'Freezing the queue counts submitters by where they stand instead of by a reference counter: zero at the same time.',
    'A dispatch is one step from the test of the queue to the ring; merging, plugs and timeouts are left out.',
    'What a holder of rtnl_lock needs of the disk is not memory: pm_restrict_gfp_mask, before the first device is suspended, keeps reclaim from starting I/O.',
    'A capacity is resized once. What happens while the image is written stays in memory; a machine that comes back from the image has forgotten it.',
    'Of the network device only its wish for rtnl_lock is modelled, after the freeze of the disk; the other order cannot deadlock.',
    'blk_mq_unquiesce_queue runs the queues at once: whoever waits to be dispatched is then enabled.',
  ],
  resting: (s, at) => rested(s, at) || at('remove', 'end'),
})
