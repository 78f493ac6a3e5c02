/**
 * Seven small virtio drivers over hibernation, each a freeze list and a restore list on the same machine: input, rng,
 * scsi, crypto, gpu, pmem, mem. The base is each driver with its fixes of 2025 and 2026.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import * as small from './virtio/drivers.js'
import * as virtio from './virtio/machine.js'
import { driver_ok, hibernation, rested } from './virtio/pm.js'

const { model, thread, step, patch, edit } = over(small.state)
const input = 'drivers/virtio/virtio_input.c'
const rng = 'drivers/char/hw_random/virtio-rng.c'
const scsi = 'drivers/scsi/virtio_scsi.c'
const crypto = 'drivers/crypto/virtio/virtio_crypto_core.c'
const gpu = 'drivers/gpu/drm/virtio/virtgpu_drv.c'
const modeset = 'drivers/gpu/drm/drm_modeset_helper.c'
const pmem = 'drivers/nvdimm/virtio_pmem.c'
const mem = 'drivers/virtio/virtio_mem.c'

const closed = (name: string, file: string) =>
  step(name, { origin: source(file, name), then: (d) => void (d.open = false) })

const opened = (name: string, file: string, then: (d: small.Small) => void = () => undefined) =>
  step(name, {
    origin: source(file, name),
    then: (d) => {
      d.open = true
      then(d)
    },
    signals: 'host',
  })

const del_vqs = virtio.del_vqs('vp_del_vqs', 'drivers/virtio/virtio_pci_common.c')
const reset = [virtio.virtio_reset_device, virtio.vp_synchronize_vectors]

/** Each driver's freeze and restore, in the order of its source. */
const drivers = {
  input: {
    freeze: [closed('virtinput_freeze', input), ...reset, virtio.virtqueue_detach_unused_buf, del_vqs],
    restore: [
      virtio.init_vqs('virtinput_init_vqs', input),
      virtio.virtio_device_ready,
      opened('virtinput_fill_evt', input, small.post),
    ],
    parts: small.inputParts,
  },
  rng: {
    freeze: [
      step('complete:have_data', {
        origin: source(rng, 'remove_common'),
        then: (d) => void (d.removed = true),
        says: 'hwrng_removed is set and the reader is woken.',
      }),
      step('hwrng_unregister', {
        origin: source('drivers/char/hw_random/core.c', 'hwrng_unregister'),
        when: (_s, _, at) => at('hwrng', 'virtio_read'),
        then: (d) => void (d.registered = false),
        says: 'Waits for the reader.',
      }),
      ...reset,
      del_vqs,
    ],
    restore: [
      virtio.init_vqs('probe_common', rng),
      virtio.virtio_device_ready,
      opened('hwrng_register', rng, (d) => {
        d.registered = true
        d.removed = d.completed = false
      }),
    ],
    parts: small.rngParts,
  },
  scsi: {
    freeze: [
      step('unregister_hotcpu_notifier', {
        origin: source(scsi, 'virtscsi_freeze'),
        then: (d) => void (d.notifier = false),
      }),
      ...reset,
      virtio.virtqueue_detach_unused_buf,
      del_vqs,
    ],
    restore: [
      virtio.init_vqs('virtscsi_init', scsi),
      step('register_hotcpu_notifier', {
        origin: source(scsi, 'virtscsi_restore'),
        then: (d) => void (d.notifier = true),
      }),
      virtio.virtio_device_ready,
      opened('virtscsi_kick_event_all', scsi, small.post),
    ],
    parts: small.scsiParts,
  },
  crypto: {
    freeze: [
      step('flush_work:config_work', {
        origin: source(crypto, 'virtcrypto_freeze'),
        when: (s, _, at) => !s.work && at('config_work', 'vcrypto_config_changed_work'),
      }),
      ...reset,
      virtio.virtqueue_detach_unused_buf,
      closed('virtcrypto_clear_crypto_engines', crypto),
      del_vqs,
    ],
    restore: [
      virtio.init_vqs('virtcrypto_init_vqs', crypto),
      virtio.virtio_device_ready,
      opened('virtcrypto_dev_start', crypto),
    ],
    parts: small.cryptoParts,
  },
  gpu: {
    freeze: [
      closed('drm_mode_config_helper_suspend', modeset),
      step('drm_atomic_helper_suspend', {
        origin: source('drivers/gpu/drm/drm_atomic_helper.c', 'drm_atomic_helper_suspend'),
        when: (_s, _, at) => at('commit', 'virtio_gpu_queue_ctrl_sgs'),
        says: 'Waits for the commit under way.',
      }),
      step('wait_event:queue_empty', {
        origin: source(gpu, 'virtio_gpu_freeze'),
        when: (s) => s.queues.q.buffer === 'guest',
        says: 'Waits until everything that was submitted has been answered and taken.',
      }),
      step('flush_work:dequeue_work', {
        origin: source(gpu, 'virtio_gpu_freeze'),
        when: (s, _, at) => !s.work && at('dequeue_work', 'virtio_gpu_dequeue_ctrl_func'),
      }),
      step('virtio_reset_device', {
        origin: source('drivers/virtio/virtio.c', 'virtio_reset_device'),
        then: small.forget,
        signals: 'host',
        says: 'The objects of the device go with it.',
      }),
      virtio.vp_synchronize_vectors,
      del_vqs,
    ],
    restore: [
      virtio.init_vqs('virtio_gpu_find_vqs', gpu),
      virtio.virtio_device_ready,
      step('virtio_gpu_object_restore_all', {
        origin: source(gpu, 'virtio_gpu_restore'),
        then: (d) => void (d.object.host = true),
      }),
      opened('drm_mode_config_helper_resume', modeset),
    ],
    parts: small.gpuParts,
  },
  pmem: {
    freeze: [
      step('virtio_pmem_mark_broken', {
        origin: source(pmem, 'virtio_pmem_freeze'),
        then: (d) => void (d.open = false),
        says: 'New flushes fail at once.',
      }),
      ...reset,
      step('virtqueue_detach_unused_buf', {
        origin: source(pmem, 'virtio_pmem_drain'),
        then: (d) => {
          if (d.queues.q.buffer !== 'guest') d.completed = true
          d.queues.q.buffer = 'guest'
        },
        says: 'Whoever waits is woken with an error.',
      }),
      del_vqs,
    ],
    restore: [virtio.init_vqs('init_vq', pmem), virtio.virtio_device_ready, opened('virtio_pmem_restore', pmem)],
    parts: small.pmemParts,
  },
  mem: {
    freeze: [step('virtio_mem_freeze', { origin: source(mem, 'virtio_mem_freeze') }), ...reset, del_vqs],
    restore: [virtio.init_vqs('virtio_mem_init_vq', mem), virtio.virtio_device_ready],
    parts: [],
  },
}

const cpuStep = (name: 'freeze_secondary_cpus' | 'thaw_secondary_cpus') =>
  step(name, {
    origin: source('kernel/cpu.c', name),
    either: {
      virtqueue_set_affinity: { when: (s) => s.notifier, origin: source(scsi, 'virtscsi_cpu_callback') },
      unregistered: { when: (s) => !s.notifier },
    },
  })

const pm = (driver: keyof typeof drivers) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<small.Small>({
      settled: (at) => !at.has('event_work') || at('event_work', 'virtscsi_handle_event'),
      freeze: drivers[driver].freeze,
      restore: drivers[driver].restore,
      ...(driver === 'scsi' && {
        cpus: { down: cpuStep('freeze_secondary_cpus'), up: cpuStep('thaw_secondary_cpus') },
      }),
      // The objects of a gpu go with every reset; memory that the host has plugged stays.
      ...(driver === 'gpu' && { reset: small.forget, lost: small.forget }),
      // The notifier of virtio-mem refuses hibernation: the machine only suspends.
      keeps: driver === 'mem',
      changed: (d) => void (d.work = true),
    }),
  )

const patches = [
  patch('input-deleted-live', {
    kind: 'era',
    says: 'virtio-input deletes its queues without a reset.',
    reference: 'before 528d92bfc093, 2025',
    edits: ['virtio_reset_device', 'vp_synchronize_vectors', 'virtqueue_detach_unused_buf'].map((name) =>
      edit.remove(`pm.${name}`),
    ),
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
    reference: 'before b602884db439, 2026',
    edits: [
      edit.before(
        'pm.virtscsi_kick_event_all',
        step('INIT_WORK:event', { origin: source(scsi, 'virtscsi_kick_event'), then: (d) => void (d.work = false) }),
      ),
    ],
  }),
  patch('scsi-notifier-stays', {
    kind: 'era',
    says: 'The CPU notifier stays registered while the queues are gone.',
    reference: 'before the fix of 2014; notifier converted in 8904f5a5afc4',
    edits: [edit.remove('pm.unregister_hotcpu_notifier')],
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
    edits: [edit.remove('pm.wait_event:queue_empty')],
  }),
  patch('pmem-no-callbacks', {
    kind: 'era',
    says: 'virtio-pmem has no freeze and no restore; the core resets the device on resume.',
    reference: 'before "virtio_pmem: Add freeze/restore callbacks", 2024',
    edits: [
      ...[
        'virtio_pmem_mark_broken',
        'virtio_reset_device',
        'vp_synchronize_vectors',
        'virtqueue_detach_unused_buf',
        'vp_del_vqs',
        'init_vq',
        'virtio_pmem_restore',
      ].map((name) => edit.remove(`pm.${name}`)),
    ],
  }),
  patch('pmem-not-drained', {
    kind: 'era',
    says: 'virtio-pmem deletes the queue, then resets, and wakes nobody.',
    reference: 'before "nvdimm: virtio_pmem: drain requests in freeze", series of 2026',
    edits: [
      edit.remove('pm.virtio_pmem_mark_broken'),
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
    edits: [edit.replace('hwrng.wait_for_completion_killable', { then: () => undefined })],
  }),
  patch('scsi-notifier-never-again', {
    kind: 'fault',
    says: 'Restore does not register the CPU notifier again.',
    edits: [edit.remove('pm.register_hotcpu_notifier')],
  }),
]

export default model('virtio-drivers', {
  question: 'Do the smaller virtio drivers let nobody near their queue while it is gone?',
  parameters: {
    driver: parameter(oneOf('input', 'rng', 'scsi', 'crypto', 'gpu', 'pmem', 'mem'), 'input', 'which driver'),
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
  },
  actors: { ...virtio.actors, works: { says: 'works and kernel threads of the drivers', fair: 'weak' } },
  initial: ({ driver, strict, sleeps }) => small.initial(driver, strict, sleeps),
  parts: ({ driver }) => [pm(driver), ...drivers[driver].parts, ...small.host],
  patches,
  resting: rested,
  abstractions: [
    'Each driver has one queue: the one that its bug is about.',
    'The crypto engine and mode setting are one bit each: in use or not.',
    'The mark that a pmem queue is broken is taken off after DRIVER_OK: the series of 2026 was read for freeze only.',
    'What virtio-fs does, refuse to sleep, needs no model.',
  ],
})
