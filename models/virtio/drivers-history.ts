/** Other drivers of the small devices: those before Linux 7.3.4, what is proposed, and errors. */

import { over, source } from '../../src/index.js'
import * as small from './drivers.js'
import * as virtio from './machine.js'
import { driver_ok } from './pm.js'

const { step, patch, edit } = over(small.state)
const scsi = 'drivers/scsi/virtio_scsi.c'
const crypto = 'drivers/crypto/virtio/virtio_crypto_core.c'
const pmem = 'drivers/nvdimm/virtio_pmem.c'

/** What each fix is taken away as, what is proposed, and errors. */
export const patches = [
  patch('input-deleted-live', {
    kind: 'era',
    says: 'virtio-input deletes its queues without a reset.',
    reference: 'before 528d92bfc093, 2025',
    edits: ['virtio_reset_device', 'vp_synchronize_vectors', 'virtqueue_detach_unused_buf'].map((name) =>
      edit.remove(`pm.${name}`),
    ),
  }),
  patch('input-ready-once', {
    kind: 'era',
    says: 'The handler posts its buffer again without having looked, after the report, whether the driver is still ready.',
    reference:
      'drivers/virtio/virtio_input.c of up to 7.1; before "virtio_input: stop callbacks before unregistering input device", 2026',
    edits: [
      edit.replace('irq.input_event', {
        either: { ready: { when: () => true, then: (d) => void small.post(d) } },
      }),
    ],
  }),
  patch('rng-reset-first', {
    kind: 'era',
    says: 'virtio-rng resets the device, and then waits for a reader that waits for the device.',
    reference: 'drivers/char/hw_random/virtio-rng.c before 2014',
    edits: [
      edit.remove('pm.complete:have_data'),
      edit.move('pm.virtio_reset_device', { before: 'pm.hwrng_unregister' }),
      edit.move('pm.vp_synchronize_vectors', { after: 'pm.virtio_reset_device' }),
    ],
  }),
  patch('scsi-work-initialised-again', {
    kind: 'era',
    says: 'Restore initialises the event work again, also one that is queued and frozen.',
    reference: 'before da3159a3b3fd, 2026',
    edits: [
      edit.before(
        'pm.virtscsi_kick_event_all',
        step('INIT_WORK:event', { origin: source(scsi, 'virtscsi_kick_event'), then: (d) => void (d.work = false) }),
      ),
    ],
  }),
  patch('scsi-notifier-stays', {
    kind: 'era',
    says: 'The driver has a CPU notifier, which stays registered while the queues are gone.',
    reference: 'before the fix of 2014; notifier converted in 8904f5a5afc4',
    edits: [edit.initially((d: small.Small) => void (d.notifier = true))],
  }),
  patch('scsi-notifier-unregistered', {
    kind: 'era',
    says: 'Freeze unregisters the CPU notifier, restore registers it.',
    reference: 'drivers/scsi/virtio_scsi.c of 2014 to 4.8',
    edits: [
      edit.initially((d: small.Small) => void (d.notifier = true)),
      edit.before(
        'pm.virtio_reset_device',
        step('unregister_hotcpu_notifier', {
          origin: source(scsi, 'virtscsi_freeze'),
          then: (d) => void (d.notifier = false),
        }),
      ),
      edit.after(
        'pm.virtscsi_init',
        step('register_hotcpu_notifier', {
          origin: source(scsi, 'virtscsi_restore'),
          then: (d) => void (d.notifier = true),
        }),
      ),
    ],
  }),
  patch('scsi-disks-not-quiesced', {
    kind: 'fault',
    says: 'The disks behind virtio-scsi are not quiesced before it: its freeze takes no buffer back, so that what was in flight is lost.',
    edits: [edit.remove('pm.blk_set_pm_only'), edit.remove('pm.blk_mq_freeze_queue')],
  }),
  patch('scsi-ready-late', {
    kind: 'era',
    says: 'Restore kicks the event queue before DRIVER_OK.',
    reference: 'before 52c9cf1ac3d3, 2014',
    edits: [edit.remove('pm.virtio_device_ready'), edit.after('pm.virtscsi_kick_event_all', driver_ok)],
  }),
  patch('crypto-work-not-flushed', {
    kind: 'era',
    says: 'Freeze does not flush the configuration work.',
    reference: 'before the fix of 2023',
    edits: [edit.remove('pm.flush_work:config_work')],
  }),
  patch('gpu-queues-not-empty', {
    kind: 'era',
    says: 'Freeze flushes the dequeue work and does not wait until the queues are empty.',
    reference: 'drm/virtio hibernation series, draft reviewed in June 2025',
    edits: [edit.remove('pm.virtio_gpu_wait_queue')],
  }),
  patch('gpu-flushed-last', {
    kind: 'fix',
    says: 'Freeze flushes the dequeue work once the queue is empty: a proposal of ours.',
    edits: [edit.move('pm.flush_work:dequeue_work', { after: 'pm.virtio_gpu_wait_queue' })],
  }),
  patch('crypto-stopped-first', {
    kind: 'fix',
    says: 'Freeze stops the engine and waits for the completion work before it resets, restore starts it last: a proposal of ours.',
    edits: [
      edit.move('pm.virtcrypto_clear_crypto_engines', { before: 'pm.virtio_reset_device' }),
      edit.after(
        'pm.vp_synchronize_vectors',
        step('cancel_work_sync:done_work', {
          origin: source(crypto, 'virtcrypto_freeze'),
          when: (_s, _, at) => at('done_work', 'virtcrypto_done_work'),
          then: (d) => void (d.completed = false),
        }),
      ),
      edit.move('pm.virtcrypto_start_crypto_engines', { after: 'pm.virtcrypto_dev_start' }),
    ],
  }),
  patch('pmem-opened-last', {
    kind: 'fix',
    says: 'Restore takes the mark off once the device is ready: a proposal of ours.',
    edits: [
      edit.replace('pm.init_vq', { then: (d) => virtio.build(d) }),
      edit.after(
        'pm.virtio_device_ready',
        step('virtio_pmem_restore', {
          origin: source(pmem, 'virtio_pmem_restore'),
          then: (d) => void (d.open = true),
        }),
      ),
    ],
  }),
  patch('pmem-no-callbacks', {
    kind: 'era',
    says: 'virtio-pmem has no freeze and no restore; the core resets the device on resume.',
    reference: 'before "virtio_pmem: Add freeze/restore callbacks", 2024',
    edits: [
      ...[
        'virtio_pmem_mark_broken',
        'drain_workqueue:flush_wq',
        'virtio_reset_device',
        'vp_synchronize_vectors',
        'virtqueue_detach_unused_buf',
        'vp_del_vqs',
        'init_vq',
      ].map((name) => edit.remove(`pm.${name}`)),
    ],
  }),
  patch('pmem-not-drained', {
    kind: 'era',
    says: 'virtio-pmem deletes the queue, then resets, and wakes nobody.',
    reference: 'before "nvdimm: virtio_pmem: drain requests in freeze", series of 2026',
    edits: [
      edit.remove('pm.virtio_pmem_mark_broken'),
      edit.remove('pm.drain_workqueue:flush_wq'),
      edit.replace('flush.wait_event:done', { when: (s) => s.completed }),
      edit.remove('pm.virtqueue_detach_unused_buf'),
      edit.move('pm.virtio_reset_device', { after: 'pm.vp_del_vqs' }),
      edit.remove('pm.vp_synchronize_vectors'),
    ],
  }),
  patch('mem-always-refuses', {
    kind: 'era',
    says: 'virtio-mem refuses every sleep, with or without plugged memory.',
    reference: 'before "virtio-mem: support suspend+resume", 2024',
    edits: [
      edit.replace('pm.virtio_mem_freeze', {
        then: (d) => void (d.config.enabled = true),
        goto: 'thaw_processes',
        log: 'save/restore not supported.',
      }),
    ],
  }),
  patch('mem-plugged', {
    kind: 'era',
    says: 'Memory is plugged, the sleep is deeper than idle, and the device does not promise to keep it: freeze refuses.',
    reference: 'virtio_mem_freeze of 7.3.4, without VIRTIO_MEM_F_PERSISTENT_SUSPEND',
    edits: [
      edit.replace('pm.virtio_mem_freeze', {
        then: (d) => void (d.config.enabled = true),
        goto: 'thaw_processes',
        log: 'suspending with plugged memory is not supported',
      }),
    ],
  }),
  patch('mem-hibernates', {
    kind: 'fault',
    says: 'virtio-mem lets the machine hibernate with memory plugged.',
    edits: [
      edit.replace('pm.swsusp_arch_suspend', {
        either: { thaw: { then: (d) => void (d.image = true) }, restore: { then: small.forget } },
      }),
    ],
  }),
  patch('gpu-objects-not-sent', {
    kind: 'era',
    says: 'Restore does not tell the host the objects again.',
    reference: 'drm/virtio before the hibernation series of 2025 and 2026',
    edits: [edit.remove('pm.virtio_gpu_object_restore_all')],
  }),
  patch('changes-at-once', {
    kind: 'fault',
    says: 'A configuration change reaches the driver at any time, also during a sleep: the core of before 2014.',
    reference: 'before 22b7050a024d, 2014',
    edits: [edit.replace('pm.virtio_config_core_disable', { then: () => undefined })],
  }),
  patch('changes-forgotten', {
    kind: 'fault',
    says: 'A configuration change that was held back is not delivered.',
    edits: [
      edit.replace('pm.virtio_config_core_enable', {
        then: (d) => void (d.config = { enabled: true, pending: false }),
      }),
    ],
  }),
  patch('queue-not-deleted', {
    kind: 'fault',
    says: 'Freeze resets and leaves the queue where it is; restore builds it once more.',
    edits: [edit.remove('pm.vp_del_vqs')],
  }),
  patch('rng-completion-stale', {
    kind: 'fault',
    says: 'The reader does not reset its completion: an old one counts as the next answer.',
    edits: [edit.replace('hwrng.wait_for_completion_killable/data', { then: () => undefined })],
  }),
  patch('rng-not-registered', {
    kind: 'fault',
    says: 'Restore does not register the generator again.',
    edits: [edit.replace('pm.hwrng_register', { then: (d) => void (d.open = true) })],
  }),
]
