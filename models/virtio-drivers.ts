/**
 * Seven small virtio drivers over hibernation, each a freeze list and a restore list on the same machine: input, rng,
 * scsi, crypto, gpu, pmem, mem. The base is each driver of Linux 7.3.4.
 */

import { bool, int, oneOf, over, parameter, source } from '../src/index.js'
import * as small from './virtio/drivers.js'
import { patches } from './virtio/drivers-history.js'
import * as virtio from './virtio/machine.js'
import { hibernation, rested } from './virtio/pm.js'

const { model, thread, step } = over(small.state)
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
      step('request_entropy', {
        origin: source(rng, 'probe_common'),
        then: (d) => {
          d.completed = false
          small.post(d)
        },
        says: 'A request is always under way.',
        signals: 'host',
      }),
      opened('hwrng_register', 'drivers/char/hw_random/core.c', (d) => {
        d.registered = true
        d.removed = false
      }),
    ],
    parts: small.rngParts,
  },
  scsi: {
    freeze: [...reset, del_vqs],
    restore: [
      virtio.init_vqs('virtscsi_init', scsi),
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
      step('virtcrypto_clear_crypto_engines', {
        origin: source(crypto, 'virtcrypto_clear_crypto_engines'),
        when: (_s, _, at) => !at.has('engine') || at('engine', 'crypto_pump_requests'),
        then: (d) => void (d.open = false),
        says: 'Waits until the engine is between two requests, and stops it.',
      }),
      del_vqs,
    ],
    restore: [
      virtio.init_vqs('virtcrypto_init_vqs', crypto),
      opened('virtcrypto_start_crypto_engines', crypto),
      virtio.virtio_device_ready,
      step('virtcrypto_dev_start', {
        origin: source('drivers/crypto/virtio/virtio_crypto_mgr.c', 'virtcrypto_dev_start'),
      }),
    ],
    parts: small.cryptoParts(false),
  },
  gpu: {
    freeze: [
      closed('drm_mode_config_helper_suspend', modeset),
      step('drm_atomic_helper_suspend', {
        origin: source('drivers/gpu/drm/drm_atomic_helper.c', 'drm_atomic_helper_suspend'),
        when: (_s, _, at) => at('commit', 'virtio_gpu_queue_ctrl_sgs'),
        says: 'Waits for the commit under way.',
      }),
      step('flush_work:dequeue_work', {
        origin: source(gpu, 'virtgpu_freeze'),
        when: (s, _, at) => !s.work && at('dequeue_work', 'virtio_gpu_dequeue_ctrl_func'),
      }),
      step('virtio_gpu_wait_queue', {
        origin: source(gpu, 'virtgpu_freeze'),
        when: (s) => s.queues.q.buffer === 'guest',
        says: 'Waits until everything that was submitted has been answered and taken.',
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
      virtio.init_vqs('virtio_gpu_find_vqs', 'drivers/gpu/drm/virtio/virtgpu_kms.c'),
      virtio.virtio_device_ready,
      step('virtio_gpu_object_restore_all', {
        origin: source(gpu, 'virtgpu_hibernation_restore'),
        then: (d) => {
          virtio.submit(d)
          d.object.host = true
        },
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
        says: 'New flushes fail at once, whoever waits is woken.',
      }),
      step('drain_workqueue:flush_wq', {
        origin: source(pmem, 'virtio_pmem_freeze'),
        when: (_s, _, at) => !at('flush', 'wait_event:done'),
      }),
      ...reset,
      step('virtqueue_detach_unused_buf', {
        origin: source('drivers/nvdimm/nd_virtio.c', 'virtio_pmem_drain'),
        then: (d) => {
          virtio.takeBack(d, 'q')
          d.completed = false
        },
        says: 'Requests that are still there end with an error.',
      }),
      del_vqs,
    ],
    restore: [
      step('init_vq', {
        origin: source(pmem, 'init_vq'),
        then: (d) => {
          virtio.build(d)
          d.open = true
        },
        says: 'Takes the mark off as well.',
      }),
      virtio.virtio_device_ready,
    ],
    parts: small.pmemParts,
  },
  mem: {
    freeze: [step('virtio_mem_freeze', { origin: source(mem, 'virtio_mem_freeze') }), ...reset, del_vqs],
    restore: [
      virtio.init_vqs('virtio_mem_init_vq', mem),
      virtio.virtio_device_ready,
      step('virtio_mem_config_changed', {
        origin: source(mem, 'virtio_mem_restore'),
        then: (d) => void (d.work = true),
        says: 'Whatever has changed meanwhile is looked at.',
        signals: 'works',
      }),
    ],
    parts: small.memParts,
  },
}

const cpuStep = (name: 'freeze_secondary_cpus' | 'thaw_secondary_cpus') =>
  step(name, {
    origin: source('kernel/cpu.c', name),
    either: {
      virtqueue_set_affinity: {
        when: (s) => s.notifier,
        then: virtio.touch,
        origin: source(scsi, 'virtscsi_cpu_callback'),
      },
      unregistered: { when: (s) => !s.notifier },
    },
  })

/** virtio-scsi with requests: its one queue is theirs, and the disks are quiesced around it. */
const scsiWithRequests = {
  freeze: [...small.scsi_device_quiesce, ...drivers.scsi.freeze],
  restore: [virtio.init_vqs('virtscsi_init', scsi), virtio.virtio_device_ready, small.scsi_device_resume],
  parts: small.scsiRequests,
}

/** What a driver brings, by what is asked of it. */
const broughtBy = (driver: keyof typeof drivers, requests: boolean) => {
  if (!requests) return drivers[driver]
  if (driver === 'scsi') return scsiWithRequests
  return driver === 'crypto' ? { ...drivers.crypto, parts: small.cryptoParts(true) } : drivers[driver]
}

const pm = (driver: keyof typeof drivers, requests: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<small.Small>({
      settled: (at) =>
        (!at.has('event_work') || at('event_work', 'virtscsi_handle_event')) &&
        (!at.has('run_wq') || at('run_wq', 'virtio_mem_run_wq')),
      freeze: broughtBy(driver, requests).freeze,
      restore: broughtBy(driver, requests).restore,
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

export default model('virtio-drivers', {
  question: 'Do the smaller virtio drivers let nobody near their queue while it is gone?',
  parameters: {
    driver: parameter(oneOf('input', 'rng', 'scsi', 'crypto', 'gpu', 'pmem', 'mem'), 'input', 'which driver'),
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    requests: parameter(bool(), false, 'crypto, scsi: requests are submitted'),
  },
  actors: { ...virtio.actors, works: { says: 'works and kernel threads of the drivers', fair: 'weak' } },
  initial: ({ driver, strict, sleeps, requests }) => small.initial(driver, strict, sleeps, requests),
  parts: ({ driver, requests }) => [pm(driver, requests), ...broughtBy(driver, requests).parts, ...small.host],
  patches,
  resting: rested,
  abstractions: [
    'Each driver has one queue: the one that its bug is about.',
    'The crypto engine and mode setting are one bit each: in use or not.',
    'Requests of virtio-scsi and its events are looked at one at a time. Its task management is that of the error handler, which holds a request, so that the quiesce of the disk waits for it too.',
    'A wait of virtio-gpu that lasts five seconds ends the freeze with an error, which is left out.',
    'What virtio-fs does, refuse to sleep, needs no model.',
  ],
})
