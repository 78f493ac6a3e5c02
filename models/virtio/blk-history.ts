/** The history of virtio-blk's freeze, read backwards: each patch takes one fix away from Linux 7.3.4, or proposes one. */

import { over, source } from '../../src/index.js'
import * as blk from './blk.js'

const mq = 'block/blk-mq.c'
const { step, patch, edit } = over(blk.state)

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

/** The drain may be given up; what the core does about configuration changes then is for its version to say. */
const drainTimesOut = (virtio_config_core_enable: (draft: blk.Blk) => void) =>
  edit.replace('pm.blk_mq_freeze_queue_wait', {
    when: () => true,
    either: {
      drained: { when: (_s, _, at) => blk.drained(at) },
      timeout: {
        when: (_s, _, at) => !blk.drained(at),
        then: (d) => {
          d.frozen = false
          virtio_config_core_enable(d)
          d.image = false
        },
        goto: 'thaw_processes',
      },
    },
  })

/** What each fix is taken away as, what is proposed, and the generations. */
export const patches = [
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
  patch('array-pointer-kept', {
    kind: 'era',
    says: 'The pointer to the freed array is kept, by freeze and by a restore that fails behind its allocation.',
    reference: 'drivers/block/virtio_blk.c of 6.12.117; linux-block thread, October and November 2025',
    edits: [edit.replace('pm.kfree:vqs', { then: (d) => void (d.array = 'dangling') })],
  }),
  patch('capacity-read-in-restore', {
    kind: 'fix',
    says: 'Restore queues the configuration work, which reads the capacity: a proposal of ours.',
    edits: [
      edit.after(
        'pm.virtio_device_ready',
        step('virtblk_config_changed', {
          origin: source('drivers/block/virtio_blk.c', 'virtblk_restore_priv'),
          then: (d) => void (d.configWork = true),
          signals: 'works',
        }),
      ),
    ],
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
    says: 'A configuration interrupt queues the work as soon as there is a vector; the core holds nothing back.',
    reference: 'before 22b7050a024d, 2014; 4678d6f970c2',
    edits: [
      edit.replace('host.config_change', {
        when: (s) => s.vqs === 'built' && s.status !== 'reset',
        then: (d) => {
          blk.resize(d)
          blk.virtblk_config_changed(d)
        },
      }),
      edit.replace('pm.virtio_config_core_disable', { then: () => undefined }),
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
      drainTimesOut((d) => {
        d.config.enabled = true
        if (d.config.pending) blk.virtblk_config_changed(d)
        d.config.pending = false
      }),
    ],
  }),
  patch('failed-freeze-keeps-config-off', {
    kind: 'era',
    says: 'The same proposal on a core that, after a freeze that failed, goes on to hold configuration changes back.',
    reference: 'before 310227f42882, 2024',
    edits: [drainTimesOut(() => undefined)],
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
  patch('network-frozen-first', {
    kind: 'fix',
    says: 'The network device is frozen before the disk, as when it was registered after it: a proposal of ours.',
    edits: [
      edit.move('pm.virtnet_freeze:rtnl_lock', { before: 'pm.blk_mq_freeze_queue' }),
      edit.move('pm.virtnet_freeze:rtnl_unlock', { before: 'pm.blk_mq_freeze_queue' }),
    ],
  }),
  patch('quiesced-queue-fails', {
    kind: 'fault',
    says: 'A request that finds the queue quiesced ends with an error: never a version, the wrong way out of K2.',
    edits: [
      edit.replace('writer.blk_mq_dispatch_rq_list', {
        when: () => true,
        either: {
          queue_rq: { when: (s) => s.dispatch === 'on' },
          error: { when: (s) => s.dispatch !== 'on', goto: 'rtnl_unlock' },
        },
      }),
    ],
  }),
  patch('called-complete-at-reset', {
    kind: 'fault',
    says: 'Freeze does not drain, and completes what is in the ring at the reset: never a version, a wrong fix of K1.',
    edits: [
      ...notDrained,
      edit.after(
        'pm.vp_synchronize_vectors',
        quiesce,
        quiesceWait,
        step('blk_mq_complete_request', {
          origin: source(mq, 'blk_mq_complete_request'),
          then: (d) => {
            for (const q of blk.queues) if (d.queues[q].buffer !== 'guest') d.completed[q] = true
          },
          signals: 'writeback',
        }),
      ),
    ],
  }),
  patch('reset-without-flush', {
    kind: 'era',
    says: 'Reset does not wait for handlers that are pending or running on another CPU.',
    reference: 'before e6af578c5305, 2011',
    edits: [edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('features-ok-missing', {
    kind: 'era',
    says: 'Restore does not set FEATURES_OK.',
    reference: 'before stable commit 30683a8cce80',
    edits: [edit.remove('pm.virtio_features_ok')],
  }),
  patch('queues-not-deleted', {
    kind: 'fault',
    says: 'Freeze frees the array of queue pointers, and leaves the queues.',
    edits: [edit.remove('pm.vp_del_vqs')],
  }),
  patch('removed-without-reset', {
    kind: 'fault',
    says: 'Remove deletes the queues of a device that was not reset.',
    edits: [edit.remove('remove.virtio_reset_device')],
  }),
  patch('rtnl-not-awaited', {
    kind: 'fault',
    says: 'The freeze of the network device goes on without rtnl_lock, and lets it go all the same.',
    edits: [edit.remove('pm.virtnet_freeze:rtnl_lock')],
  }),
]
