/** Seven small virtio drivers over the same machine: what each keeps, and who acts on its queue. */

import { bool, over, record, source, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'

/** The machine with one queue, and what input, rng, scsi, crypto, gpu, pmem and mem keep between them. */
export const state = record({
  ...virtio.machine('q'),
  /** The driver uses its queue: `ready`, mode setting, the engine. */
  open: bool(),
  /** The work of the driver is queued. */
  work: bool(),
  /** rng: the answer has come. */
  completed: bool(),
  /** rng: known to the hwrng core; told that it is going away. */
  registered: bool(),
  removed: bool(),
  /** scsi: the CPU-hotplug callback is registered. */
  notifier: bool(),
  /** gpu: objects that the guest believes the host to have, and those it has; mem: plugged memory. */
  object: record({ guest: bool(), host: bool() }),
})

/** A state of any of them. */
export type Small = ValueOf<typeof state>

const { thread, step } = over(state)

const input = 'drivers/virtio/virtio_input.c'
const rng = 'drivers/char/hw_random/virtio-rng.c'
const scsi = 'drivers/scsi/virtio_scsi.c'
const crypto = 'drivers/crypto/virtio/virtio_crypto_core.c'
const gpu = 'drivers/gpu/drm/virtio/virtgpu_vq.c'
const pmem = 'drivers/nvdimm/nd_virtio.c'

/** A live device; input and scsi have an event buffer posted. */
export const initial = (driver: string, strict: boolean, sleeps: number): Small => ({
  ...virtio.live({ q: driver === 'input' || driver === 'scsi' ? 'avail' : 'guest' }, { strict, sleeps }),
  open: true,
  work: false,
  completed: false,
  registered: true,
  removed: false,
  notifier: true,
  object: { guest: true, host: true },
})

const handler = (name: string, file: string, then: (d: Small) => void) =>
  thread(
    'irq',
    { actor: 'irq' },
    virtio.vring_interrupt,
    step(name, {
      origin: source(file, name),
      then: (d) => {
        d.irq.running = false
        then(d)
      },
      goto: 'vring_interrupt',
      signals: 'works',
    }),
  )

/** Posts the event buffer and kicks. */
export const post = (d: Small): void => {
  virtio.add(d, 'q')
  virtio.kick(d, 'q')
}

/** virtio-input: the handler reports an event and posts its buffer again. */
export const inputParts = [
  handler('virtinput_recv_events', input, (d) => {
    if (virtio.getBuf(d, 'q') && d.open) post(d)
  }),
]

/** virtio-rng: a kernel thread of the hwrng core waits for data; nobody freezes it. */
export const rngParts = [
  handler('random_recv_done', rng, (d) => {
    if (virtio.getBuf(d, 'q')) d.completed = true
  }),
  thread(
    'hwrng',
    { actor: 'works', says: 'the hwrng thread' },
    step('virtio_read', { origin: source(rng, 'virtio_read'), when: (s) => s.registered && !s.removed }),
    step('virtqueue_add', { origin: source(rng, 'request_entropy'), then: post, signals: 'host' }),
    step('wait_for_completion_killable', {
      origin: source(rng, 'virtio_read'),
      when: (s) => s.completed || s.removed,
      then: (d) => void (d.completed = false),
      goto: 'virtio_read',
    }),
  ),
]

/** virtio-scsi: the event work, on a freezable queue, posts the buffer again. */
export const scsiParts = [
  handler('virtscsi_event_done', scsi, (d) => {
    if (virtio.getBuf(d, 'q')) d.work = true
  }),
  thread(
    'event_work',
    { actor: 'works', says: 'the event work, on a freezable queue' },
    step('virtscsi_handle_event', {
      origin: source(scsi, 'virtscsi_handle_event'),
      when: (s) => s.work && s.tasks === 'running',
      then: (d) => void (d.work = false),
    }),
    step('virtqueue_add', {
      origin: source(scsi, 'virtscsi_kick_event'),
      then: post,
      goto: 'virtscsi_handle_event',
      signals: 'host',
    }),
  ),
]

/** virtio-crypto: the configuration work reads the status and starts or stops the engine. */
export const cryptoParts = [
  thread(
    'config_work',
    { actor: 'works', says: 'the configuration work' },
    step('vcrypto_config_changed_work', {
      origin: source(crypto, 'vcrypto_config_changed_work'),
      when: (s) => s.work,
      then: (d) => void (d.work = false),
    }),
    step('virtcrypto_update_status', {
      origin: source(crypto, 'virtcrypto_update_status'),
      goto: 'vcrypto_config_changed_work',
    }),
  ),
  virtio.config_change<Small>((d) => void (d.work = true)),
]

/** virtio-gpu: a worker submits; the completion queues the dequeue work, which nobody freezes. */
export const gpuParts = [
  handler('virtio_gpu_ctrl_ack', gpu, (d) => void (d.work = true)),
  thread(
    'commit',
    { actor: 'works', says: 'an atomic commit worker' },
    step('virtio_gpu_queue_ctrl_sgs', { origin: source(gpu, 'virtio_gpu_queue_ctrl_sgs'), when: (s) => s.open }),
    step('virtqueue_add', {
      origin: source(gpu, 'virtio_gpu_queue_ctrl_sgs'),
      then: post,
      goto: 'virtio_gpu_queue_ctrl_sgs',
      signals: 'host',
    }),
  ),
  thread(
    'dequeue_work',
    { actor: 'works', says: 'the dequeue work' },
    step('virtio_gpu_dequeue_ctrl_func', {
      origin: source(gpu, 'virtio_gpu_dequeue_ctrl_func'),
      when: (s) => s.work,
      then: (d) => void (d.work = false),
    }),
    step('virtqueue_get_buf', {
      origin: source(gpu, 'reclaim_vbufs'),
      then: (d) => void virtio.getBuf(d, 'q'),
      goto: 'virtio_gpu_dequeue_ctrl_func',
    }),
  ),
]

/** virtio-pmem: a flush is sent to the host, by tasks or by writeback, and waited for. */
export const pmemParts = [
  handler('virtio_pmem_host_ack', pmem, (d) => {
    if (virtio.getBuf(d, 'q')) d.completed = true
  }),
  thread(
    'flush',
    { actor: 'works', says: 'writeback that flushes' },
    step('virtio_pmem_flush', {
      origin: source(pmem, 'virtio_pmem_flush'),
      when: (s) => s.queues.q.buffer === 'guest',
    }),
    step('pmem_lock', {
      origin: source(pmem, 'virtio_pmem_flush'),
      either: {
        virtqueue_add: { when: (s) => s.open, then: post, signals: 'host' },
        EIO: { when: (s) => !s.open, goto: 'virtio_pmem_flush', says: 'On a broken queue it fails at once.' },
      },
    }),
    step('wait_event:done', {
      origin: source(pmem, 'virtio_pmem_flush'),
      when: (s) => s.completed,
      then: (d) => void (d.completed = false),
      goto: 'virtio_pmem_flush',
    }),
  ),
]

/** What a reset of the device loses: the objects of a gpu. */
export const forget = (d: Small): void => {
  virtio.forget(d)
  d.object.host = false
}

/** The host. */
export const host = [virtio.virtqueue_pop('q'), virtio.virtqueue_push('q')]
