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
  /** scsi: the CPU-hotplug callback, which the driver had up to 4.8, is registered. */
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
const mem = 'drivers/virtio/virtio_mem.c'

/** A live device; input and scsi have an event buffer posted, rng a request for random numbers. */
export const initial = (driver: string, strict: boolean, sleeps: number, requests: boolean): Small => ({
  ...virtio.live(
    { q: ['input', 'rng'].includes(driver) || (driver === 'scsi' && !requests) ? 'avail' : 'guest' },
    { strict, sleeps },
  ),
  open: true,
  work: false,
  completed: false,
  registered: true,
  removed: false,
  notifier: false,
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

/** virtio-input: the handler reports an event with the lock let go, and posts its buffer again if the driver is still ready. */
export const inputParts = [
  thread(
    'irq',
    { actor: 'irq' },
    virtio.vring_interrupt,
    step('virtqueue_get_buf', {
      origin: source(input, 'virtinput_recv_events'),
      either: {
        event: {
          when: (s) => s.open && s.queues.q.buffer === 'used',
          then: (d) => void virtio.getBuf(d, 'q'),
        },
        none: {
          when: (s) => !s.open || s.queues.q.buffer !== 'used',
          then: (d) => {
            // The kick that ends the loop is made whether an event was there or not.
            if (d.open) virtio.kick(d, 'q')
            d.irq.running = false
          },
          goto: 'vring_interrupt',
        },
      },
    }),
    step('input_event', {
      origin: source(input, 'virtinput_recv_events'),
      either: {
        ready: { when: (s) => s.open, then: (d) => void virtio.add(d, 'q') },
        gone: { when: (s) => !s.open },
      },
      goto: 'virtqueue_get_buf',
      says: 'Reported without the lock; with it again, the driver looks whether it is still ready.',
    }),
  ),
]

/** virtio-rng: a kernel thread of the hwrng core waits for data and asks for more; nobody freezes it. */
export const rngParts = [
  handler('random_recv_done', rng, (d) => {
    if (virtio.getBuf(d, 'q')) d.completed = true
  }),
  thread(
    'hwrng',
    { actor: 'works', says: 'the hwrng thread' },
    step('virtio_read', { origin: source(rng, 'virtio_read'), when: (s) => s.registered && !s.removed }),
    step('wait_for_completion_killable', {
      origin: source(rng, 'virtio_read'),
      either: {
        data: { when: (s) => s.completed && !s.removed, then: (d) => void (d.completed = false) },
        removed: { when: (s) => s.removed, goto: 'virtio_read' },
      },
    }),
    step('virtqueue_add', {
      origin: source(rng, 'request_entropy'),
      then: post,
      goto: 'virtio_read',
      signals: 'host',
      says: 'All is read: copy_data asks for more.',
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

/** virtio-scsi: what is written back to its disks, on kernel threads that nobody freezes. */
export const scsiRequests = [
  handler('virtscsi_req_done', scsi, (d) => {
    if (virtio.getBuf(d, 'q')) d.completed = true
  }),
  thread(
    'request',
    { actor: 'works', says: 'a request of a disk' },
    step('blk_queue_enter', {
      origin: source('block/blk-core.c', 'blk_queue_enter'),
      when: (s) => s.open && s.queues.q.buffer === 'guest',
    }),
    step('virtqueue_add', { origin: source(scsi, 'virtscsi_add_cmd'), then: post, signals: 'host' }),
    step('scsi_done', {
      origin: source(scsi, 'virtscsi_complete_cmd'),
      when: (s) => s.completed,
      then: (d) => void (d.completed = false),
      goto: 'blk_queue_enter',
      says: 'The request is complete, and its reference on the queue is given back.',
    }),
  ),
]

/** The disks behind virtio-scsi sleep before it, and are awake after it. */
export const scsi_device_quiesce = [
  step('blk_set_pm_only', {
    origin: source('drivers/scsi/scsi_lib.c', 'scsi_device_quiesce'),
    then: (d) => void (d.open = false),
    says: 'In the callback of each disk, scsi_bus_freeze, before that of the controller: new requests wait.',
  }),
  step('blk_mq_freeze_queue', {
    origin: source('drivers/scsi/scsi_lib.c', 'scsi_device_quiesce'),
    when: (_s, _, at) => at('request', 'blk_queue_enter'),
    says: 'Waits until every request that entered is complete, those of its error handler too.',
  }),
]

export const scsi_device_resume = step('scsi_device_resume', {
  origin: source('drivers/scsi/scsi_lib.c', 'scsi_device_resume'),
  then: (d) => void (d.open = true),
})

/**
 * virtio-crypto: the configuration work reads the status and starts or stops the engine; with requests, the engine submits and a work
 * of the softirq, queued by the completion, takes back.
 */
export const cryptoParts = (requests: boolean) => [
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
  ...(requests ? engineParts : []),
]

const engineParts = [
  handler('virtcrypto_dataq_callback', crypto, (d) => void (d.completed = true)),
  thread(
    'engine',
    { actor: 'works', says: 'the kernel thread of the crypto engine, for a user that nobody freezes' },
    step('crypto_pump_requests', {
      origin: source('crypto/crypto_engine.c', 'crypto_pump_requests'),
      when: (s) => s.open && s.queues.q.buffer === 'guest',
    }),
    step('virtqueue_add', {
      origin: source('drivers/crypto/virtio/virtio_crypto_skcipher_algs.c', '__virtio_crypto_skcipher_do_req'),
      then: post,
      goto: 'crypto_pump_requests',
      signals: 'host',
    }),
  ),
  thread(
    'done_work',
    { actor: 'works', says: 'the work of the completion, in softirq' },
    step('virtcrypto_done_work', {
      origin: source(crypto, 'virtcrypto_done_work'),
      when: (s) => s.completed,
      then: (d) => void (d.completed = false),
    }),
    step('virtqueue_get_buf', {
      origin: source(crypto, 'virtcrypto_done_work'),
      then: (d) => void virtio.getBuf(d, 'q'),
      goto: 'virtcrypto_done_work',
    }),
  ),
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
    }),
    step('virtqueue_enable_cb', {
      origin: source(gpu, 'virtio_gpu_dequeue_ctrl_func'),
      then: virtio.touch,
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
      when: (s) => s.completed || !s.open,
      then: (d) => void (d.completed = false),
      goto: 'virtio_pmem_flush',
      says: 'Until the host has answered, or the driver is marked broken.',
    }),
  ),
]

/** virtio-mem: a work, on a freezable queue, plugs and unplugs what the device asks for. */
export const memParts = [
  handler('virtio_mem_handle_response', mem, () => undefined),
  thread(
    'run_wq',
    { actor: 'works', says: 'the work of virtio-mem, on a freezable queue' },
    step('virtio_mem_run_wq', {
      origin: source(mem, 'virtio_mem_run_wq'),
      when: (s) => s.work && s.tasks === 'running',
      then: (d) => void (d.work = false),
    }),
    step('virtqueue_add', { origin: source(mem, 'virtio_mem_send_request'), then: post, signals: 'host' }),
    step('virtqueue_get_buf', {
      origin: source(mem, 'virtio_mem_send_request'),
      when: (s) => s.queues.q.buffer === 'used',
      then: (d) => void virtio.getBuf(d, 'q'),
      goto: 'virtio_mem_run_wq',
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
