/** virtio-blk: its state, and everybody who reaches its queues: writeback, completion, configuration work. */

import { bool, each, oneOf, over, record, source, type At, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'

const file = 'drivers/block/virtio_blk.c'
const mq = 'block/blk-mq.c'

/** The queues: one per request that may be in flight. */
export const queues = ['r0', 'r1'] as const

/** The state of virtio-blk: the machine with two request queues, and the block layer's gates. */
export const state = record({
  ...virtio.machine(...queues),
  /** `blk_mq_freeze_queue` holds: nobody enters. */
  frozen: bool(),
  /** Nobody is dispatched; a queue that is only stopped is started again by a completion. */
  dispatch: oneOf('on', 'stopped', 'quiesced'),
  /** Requests are answered with an error. */
  dying: bool(),
  completed: each(queues, bool()),
  configWork: bool(),
  /** The capacity: whether the disk has another than before, and whether the guest knows of it. */
  resized: record({ host: bool(), guest: bool() }),
  /** The driver's array of virtqueue pointers. */
  array: oneOf('null', 'valid', 'dangling'),
  rtnl: oneOf('free', 'pm', 'writer'),
})

/** A state of virtio-blk. */
export type Blk = ValueOf<typeof state>

const { thread, step } = over(state)

/** A disk that works. */
export const initial = (strict: boolean, sleeps: number): Blk => ({
  ...virtio.live({ r0: 'guest', r1: 'guest' }, { strict, sleeps }),
  frozen: false,
  dispatch: 'on',
  dying: false,
  completed: { r0: false, r1: false },
  configWork: false,
  resized: { host: false, guest: false },
  array: 'valid',
  rtnl: 'free',
})

/** Whether no request of any submitter is between entry and completion. */
export const drained = (at: At): boolean =>
  outside(at, 'io-r0') && outside(at, 'io-r1') && (outside(at, 'writer') || at('writer', 'rtnl_lock', 'rtnl_unlock'))

const outside = (at: At, thread: string): boolean => !at.has(thread) || at(thread, 'blk_queue_enter')

/** Whether nobody is inside the driver's `queue_rq`. */
export const nobodyDispatches = (at: At): boolean =>
  !at('io-r0', 'virtqueue_add') && !at('io-r1', 'virtqueue_add') && !at('writer', 'virtqueue_add')

/** The way of one request, for a thread that goes on at `next`. */
const request = <const Q extends (typeof queues)[number]>(q: Q, next: string) =>
  [
    step('blk_queue_enter', { origin: source('block/blk-core.c', 'blk_queue_enter'), when: (s) => !s.frozen }),
    step('blk_mq_dispatch_rq_list', {
      origin: source(mq, 'blk_mq_dispatch_rq_list'),
      when: (s) => s.dispatch === 'on' && !s.dying,
    }),
    step('virtqueue_add', {
      origin: source(file, 'virtio_queue_rq'),
      then: (d) => {
        virtio.add(d, q)
        virtio.kick(d, q)
      },
      signals: 'host',
    }),
    step('wait_for_completion', {
      origin: source('block/bio.c', 'submit_bio_wait'),
      when: (s) => s.completed[q],
      then: (d) => void (d.completed[q] = false),
      goto: next,
    }),
  ] as const

/** Writeback and swap-out: kernel threads that nobody freezes. */
export const io = (q: (typeof queues)[number]) =>
  thread(`io-${q}`, { actor: 'writeback' }, ...request(q, 'blk_queue_enter'))

/** A request that waits to be dispatched on a queue that is dying ends with an error. */
export const blk_mq_end_request = {
  queue_rq: { when: (s: Blk) => s.dispatch === 'on' && !s.dying },
  error: { when: (s: Blk) => s.dying, goto: 'blk_queue_enter' },
}

/** A kernel thread that does I/O while it holds `rtnl_lock`, and waits for it or does not. */
export const writer = (waits: boolean) =>
  thread(
    'writer',
    { actor: 'writeback', says: 'a holder of rtnl_lock that needs the disk' },
    step('rtnl_lock', {
      origin: source('net/core/rtnetlink.c', 'rtnl_lock'),
      when: (s) => s.rtnl === 'free',
      then: (d) => void (d.rtnl = 'writer'),
    }),
    ...(waits ? request('r1', 'rtnl_unlock') : request('r1', 'rtnl_unlock').slice(0, 1)),
    step('rtnl_unlock', {
      origin: source('net/core/rtnetlink.c', 'rtnl_unlock'),
      then: (d) => void (d.rtnl = 'free'),
      goto: 'rtnl_lock',
    }),
  )

/** The completion handler. In old kernels it also starts a stopped queue. */
export const irq = thread(
  'irq',
  { actor: 'irq' },
  virtio.vring_interrupt,
  step('virtqueue_get_buf', {
    origin: source(file, 'virtblk_done'),
    then: (d) => {
      d.irq.running = false
      for (const q of queues) if (virtio.getBuf(d, q)) d.completed[q] = true
      if (d.dispatch === 'stopped') d.dispatch = 'on'
    },
    goto: 'vring_interrupt',
    signals: 'writeback',
  }),
)

/** The configuration work reads the capacity. */
export const configWork = thread(
  'config_work',
  { actor: 'works' },
  step('virtblk_config_changed_work', {
    origin: source(file, 'virtblk_config_changed_work'),
    when: (s) => s.configWork,
    then: (d) => void (d.configWork = false),
  }),
  step('virtblk_update_capacity', {
    origin: source(file, 'virtblk_update_capacity'),
    then: (d) => void (d.resized.guest = d.resized.host),
    goto: 'virtblk_config_changed_work',
  }),
)

/** The driver's `config_changed`. */
export const virtblk_config_changed = (d: Blk): void => void (d.configWork = true)

/** The disk gets another capacity. */
export const resize = (d: Blk): void => void (d.resized.host = true)

/** The lanes of virtio-blk. */
export const actors = {
  ...virtio.actors,
  writeback: { says: 'kernel threads that submit I/O; not frozen', fair: 'weak' as const },
  works: { says: 'workqueues that are not frozen', fair: 'weak' as const },
}
