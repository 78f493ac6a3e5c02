/**
 * virtio-blk over hibernation: requests that must not be lost, the block layer's freeze and quiesce, and rtnl_lock.
 * The base is the driver of Linux 6.13; each patch takes one fix away, or proposes one.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import * as blk from './virtio/blk.js'
import * as virtio from './virtio/machine.js'
import { hibernation, rested } from './virtio/pm.js'

const file = 'drivers/block/virtio_blk.c'
const mq = 'block/blk-mq.c'
const { model, thread, step, patch, edit } = over(blk.state)

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
  origin: source(mq, 'blk_mq_unfreeze_queue'),
  then: (d) => void (d.frozen = false),
})

const flush_config_work = step('flush_work:config_work', {
  origin: source(file, 'virtblk_freeze_priv'),
  when: (s, _, at) => !s.configWork && at.config_work !== 'virtblk_update_capacity',
})

const kfree_vqs = step('kfree:vqs', {
  origin: source(file, 'virtblk_freeze_priv'),
  then: (d) => void (d.array = 'dangling'),
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
      ...(fails && { fails: { goto: 'virtio_add_status:FAILED', provoke: 'let kmalloc fail in init_vq (failslab)' } }),
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
      settled: (at) => (at.remove ?? 'device_lock') === 'device_lock',
      freeze: [...virtblk_freeze, ...(withNet ? virtnet_freeze : [])],
      restore: virtblk_restore(fails),
      mayFail: fails,
      changed: blk.virtblk_config_changed,
    }),
  )

const remove = thread(
  'remove',
  { actor: 'pm', says: 'the driver core unbinds the driver' },
  step('device_lock', {
    origin: source('drivers/base/dd.c', 'device_driver_detach'),
    when: (s, _, at) => s.tasks === 'running' && at.pm === 'freeze_processes',
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

// What a generation's freeze does in place of draining.
const notDrained = [
  edit.remove('pm.blk_mq_freeze_queue'),
  edit.remove('pm.blk_mq_freeze_queue_wait'),
  edit.remove('pm.blk_mq_quiesce_queue_nowait'),
  edit.remove('pm.blk_mq_unfreeze_queue'),
]
const quiesce = step('blk_mq_quiesce_queue', {
  origin: source(mq, 'blk_mq_quiesce_queue'),
  then: (d) => void (d.dispatch = 'quiesced'),
})
const quiesceWait = step('blk_mq_wait_quiesce_done', {
  origin: source(mq, 'blk_mq_wait_quiesce_done'),
  when: (_s, _, at) => blk.nobodyDispatches(at),
})
const arrayLeaked = [edit.remove('pm.kfree:vqs')]

const patches = [
  patch('requests-not-drained', {
    kind: 'era',
    says: 'Freeze resets first and quiesces after: requests in the ring are forgotten.',
    reference: 'before 4ce6e2db00de, 2024 (4.16 to 6.8)',
    edits: [...notDrained, edit.after('pm.flush_work:config_work', quiesce, quiesceWait)],
  }),
  patch('quiesced-before-reset', {
    kind: 'fault',
    says: 'Quiesce before the reset, without draining: never a version, the nearest wrong fix of K1.',
    edits: [...notDrained, edit.before('pm.virtio_reset_device', quiesce, quiesceWait)],
  }),
  patch('queue-stopped-not-awaited', {
    kind: 'era',
    says: 'Freeze stops the hardware queues after the reset and does not wait for who is inside.',
    reference: 'drivers/block/virtio_blk.c of 3.13 to 4.15',
    edits: [
      ...notDrained,
      edit.after(
        'pm.flush_work:config_work',
        step('blk_mq_stop_hw_queues', {
          origin: source(mq, 'blk_mq_stop_hw_queues'),
          then: (d) => void (d.dispatch = 'stopped'),
        }),
      ),
    ],
  }),
  patch('queue-stopped-under-lock', {
    kind: 'era',
    says: 'The driver before blk-mq: the queue is stopped under its lock, after the reset.',
    reference: 'drivers/block/virtio_blk.c of 3.3 to 3.12',
    edits: [
      ...notDrained,
      ...arrayLeaked,
      edit.after(
        'pm.flush_work:config_work',
        step('blk_stop_queue', {
          origin: source('block/blk-core.c', 'blk_stop_queue'),
          when: (_s, _, at) => blk.nobodyDispatches(at),
          then: (d) => void (d.dispatch = 'stopped'),
        }),
      ),
    ],
  }),
  patch('queue-frozen-all-sleep', {
    kind: 'era',
    says: 'The queue stays frozen from freeze to restore: whoever wants to submit waits at the entry.',
    reference: '4ce6e2db00de, 2024, before 7678abee0867, 2024 (6.9 to 6.12)',
    edits: [
      edit.remove('pm.blk_mq_quiesce_queue_nowait'),
      edit.remove('pm.blk_mq_unfreeze_queue'),
      edit.replace('pm.blk_mq_unquiesce_queue', {
        origin: source(mq, 'blk_mq_unfreeze_queue'),
        then: (d) => void (d.frozen = false),
      }),
    ],
  }),
  patch('array-leaked', {
    kind: 'era',
    says: 'Freeze does not free the array of virtqueue pointers; restore allocates another.',
    reference: 'before b71ba22e7c6c, 2021',
    edits: arrayLeaked,
  }),
  patch('array-pointer-cleared', {
    kind: 'fix',
    says: 'The pointer to the freed array is cleared.',
    reference: 'linux-block thread, October and November 2025',
    edits: [edit.replace('pm.kfree:vqs', { then: (d) => void (d.array = 'null') })],
  }),
  patch('failed-queue-released', {
    kind: 'fix',
    says: 'If restore fails, the queue is let go and its requests end with an error: a proposal of ours.',
    edits: [
      edit.replace('pm.virtio_add_status:FAILED', {
        then: (d) => {
          d.status = 'failed'
          d.image = false
          d.dying = true
        },
      }),
      edit.replace('pm.blk_mq_unquiesce_queue', {
        then: (d) => {
          d.dispatch = 'on'
          d.dying = false
        },
      }),
      ...blk.queues.map((q) =>
        edit.replace(`io-${q}.blk_mq_dispatch_rq_list`, { when: () => true, either: blk.blk_mq_end_request }),
      ),
    ],
  }),
  patch('config-work-at-once', {
    kind: 'era',
    says: 'A configuration interrupt queues the work as soon as there is a vector.',
    reference: 'before 22b7050a024d, 2014; 4678d6f970c2',
    edits: [
      edit.replace('host.config_change', {
        when: (s) => s.vqs === 'built' && s.status !== 'reset',
        then: (d) => blk.virtblk_config_changed(d),
      }),
    ],
  }),
  patch('removed-before-drained', {
    kind: 'era',
    says: 'Remove resets the device before it waits for the requests.',
    reference: 'before 483001c765af and 02e2b1249436, 2012',
    edits: [
      edit.move('remove.virtio_reset_device', { before: 'remove.del_gendisk' }),
      edit.move('remove.vp_synchronize_vectors', { after: 'remove.virtio_reset_device' }),
    ],
  }),
  patch('drain-times-out', {
    kind: 'fix',
    says: 'A drain that lasts too long is given up and the sleep is cancelled: a proposal of ours.',
    edits: [
      edit.replace('pm.blk_mq_freeze_queue_wait', {
        when: () => true,
        either: {
          drained: { when: (_s, _, at) => blk.drained(at) },
          timeout: {
            when: (_s, _, at) => !blk.drained(at),
            then: (d) => {
              d.frozen = false
              d.config.enabled = true
              d.image = false
            },
            goto: 'thaw_processes',
          },
        },
      }),
    ],
  }),
  patch('ready-last', {
    kind: 'era',
    says: 'Restore lets requests in before DRIVER_OK.',
    reference: 'before the virtio_device_ready conversions of 2014 (3569db593081)',
    edits: [edit.move('pm.virtio_device_ready', { after: 'pm.blk_mq_unquiesce_queue' })],
  }),
  patch('change-forgotten', {
    kind: 'fault',
    says: 'The core delivers configuration changes again after a sleep, but not the one that came meanwhile.',
    edits: [
      edit.replace('pm.virtio_config_core_enable', {
        then: (d) => {
          d.config.enabled = true
          d.config.pending = false
        },
      }),
    ],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze neither drains nor resets before it deletes the queues.',
    edits: [
      ...notDrained,
      edit.after('pm.flush_work:config_work', quiesce, quiesceWait),
      edit.remove('pm.virtio_reset_device'),
    ],
  }),
]

export default model('virtio-blk', {
  question: 'Is every request completed, and does nobody touch a virtqueue of the disk while it is deleted?',
  parameters: {
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    restoreFails: parameter(bool(), false, 'init_vq may fail in restore'),
    config: parameter(bool(), false, 'the capacity may change'),
    unbind: parameter(bool(), false, 'the driver may be unbound'),
    rtnl: parameter(
      oneOf('unused', 'submits', 'waits'),
      'unused',
      'a holder of rtnl_lock submits I/O, or waits for it',
    ),
  },
  actors: blk.actors,
  initial: ({ strict, sleeps }) => blk.initial(strict, sleeps),
  parts: ({ restoreFails, config, unbind, rtnl }) => [
    pm(restoreFails, rtnl !== 'unused'),
    ...(unbind ? [remove] : []),
    blk.io('r0'),
    rtnl === 'unused' ? blk.io('r1') : blk.writer(rtnl === 'waits'),
    blk.irq,
    ...(config ? [blk.configWork, virtio.config_change<blk.Blk>(blk.virtblk_config_changed)] : []),
    virtio.virtqueue_pop(...blk.queues),
    virtio.virtqueue_push(...blk.queues),
  ],
  patches,
  abstractions: [
    'Two requests at most are in flight, each with a ring slot of its own; a third would only repeat one of them.',
    'Freezing the queue counts submitters by where they stand instead of by a reference counter: zero at the same time.',
    'A dispatch is one step from the test of the queue to the ring; merging, plugs and timeouts are left out.',
    'Of the network device only its wish for rtnl_lock is modelled, after the freeze of the disk; the other order cannot deadlock.',
    'blk_mq_unquiesce_queue runs the queues at once: whoever waits to be dispatched is then enabled.',
  ],
  resting: (s, at) => rested(s, at) || at.remove === 'end',
})
