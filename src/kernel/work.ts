/** Work items, delayed or not: queued, running, cancelled, flushed, initialised again. Linux 7.3.4, kernel/workqueue.c. */

import { bool, each, int, oneOf, record, type Domain } from '../write/domain.js'
import type { Thread } from '../write/model.js'
import type { Piece, Placeable } from '../write/piece.js'
import { handling, type Handler } from './handler.js'
import type { Queue, WorkqueueWords } from './queue.js'
import { Field, thing, together, type Abstracted, type Doing, type Thing } from './thing.js'

/** What is known of a work item. */
export interface Item<N extends string> {
  /** `delayed`: its timer runs; `pending`: it is on the list of a queue. */
  queued: 'idle' | 'delayed' | 'pending'
  /** What the next run calls; INIT changes it. */
  func: N
  /** Whether its data tell the pool in which it was last: INIT forgets that. */
  pool: boolean
  running: { [K in N]: boolean }
  disabled: number
  /** Who flushes waits for the run that is pending, or for the one that runs. */
  barrier: 'none' | 'pending' | 'running'
}

export type Work<N extends string> = Thing<Item<N>, 'work', N>

/** A work item that calls one of these functions: the first, until it is initialised for another. */
export const work = <const N extends string>(...functions: readonly N[]): Work<N> =>
  thing('work', itemOf(functions), functions, { delayed: false })

/** The same with a delay. */
export const delayedWork = <const N extends string>(...functions: readonly N[]): Work<N> =>
  thing('work', itemOf(functions), functions, { delayed: true })

const itemOf = <N extends string>(functions: readonly N[]): Domain<Item<N>> =>
  record({
    queued: oneOf('idle', 'delayed', 'pending'),
    func: oneOf(...functions),
    pool: bool(),
    running: each(functions, bool()),
    disabled: int(0, 2),
    barrier: oneOf('none', 'pending', 'running'),
  })

/** An item that was never queued. */
export const idleWork = <const N extends string>(...functions: readonly N[]): Item<N> => ({
  queued: 'idle',
  func: functions[0]!,
  pool: false,
  running: Object.fromEntries(functions.map((one) => [one, false])) as { [K in N]: boolean },
  disabled: 0,
  barrier: 'none',
})

/** An item whose functions are not known by name. */
export type AnyItem = Omit<Item<string>, 'running'> & { readonly running: Record<string, boolean> }

export interface WorkWords<S, N extends string> {
  readonly field: string
  readonly queue: Piece<unknown>
  readonly queueDelayed: Piece<unknown>
  readonly mod: Piece<unknown>
  readonly cancel: Piece<unknown>
  /** Two steps: off the list, and no run any more. */
  readonly cancelSync: Piece<unknown>
  readonly disableSync: Piece<unknown>
  readonly enable: Piece<unknown>
  /** Two steps: the run that is pending or under way now is waited for, no later one. */
  readonly flush: Piece<unknown>
  init(func: N): Piece<unknown>
  /** The thread in which a function runs: it takes the item, does its steps, and waits for it again. */
  worker(func: N, head: Handler & { readonly on?: WorkqueueWords }, ...steps: readonly Placeable<S>[]): Thread
}

const file = 'kernel/workqueue.c'

/** Whether `__flush_work()` finds a run of it: by its pool and by its function. */
const found = ({ pool, running, func }: AnyItem): boolean => pool && running[func]!

const dequeue = (item: AnyItem): void => {
  item.queued = 'idle'
  if (item.barrier === 'pending') item.barrier = 'none'
}

/** work_offqd_enable(): INIT may have forgotten that it was disabled. */
const enabled = (item: AnyItem): void => {
  if (item.disabled > 0) item.disabled--
}

const enqueue = (item: AnyItem, to: 'delayed' | 'pending'): void => {
  item.queued = to
  if (to === 'pending') item.pool = true
}

export function workWords<S, N extends string>(name: string, of: Thing<unknown>): WorkWords<S, N> {
  const field = new Field<AnyItem>(name, of)
  const isDelayed = of.options.delayed === true
  const called = (plain: string, delayed: string): Abstracted => [file, isDelayed ? delayed : plain]
  const queueing = (to: 'delayed' | 'pending', of: Abstracted): Piece<unknown> =>
    field.act('queue', of, {
      then: (draft) => {
        const item = draft[name]!
        if (item.queued === 'idle' && item.disabled === 0) enqueue(item, to)
      },
    })
  const takingOff = (of: Abstracted): Piece<unknown> =>
    field.act('dequeue', of, {
      then: (draft) => {
        dequeue(draft[name]!)
        draft[name]!.disabled++
      },
      with: 'sleeps',
    })
  const waiting = (named: string, enables: boolean): Piece<unknown> =>
    field.act('wait', [file, '__flush_work'], {
      named,
      when: (item) => !found(item),
      ...(enables && { then: (draft) => enabled(draft[name]!) }),
      with: 'sleeps',
    })
  return {
    field: name,
    queue: queueing('pending', [file, 'queue_work_on']),
    queueDelayed: queueing('delayed', [file, 'queue_delayed_work_on']),
    mod: field.act('queue', [file, 'mod_delayed_work_on'], {
      then: (draft) => {
        const item = draft[name]!
        dequeue(item)
        if (item.disabled === 0) enqueue(item, 'delayed')
      },
    }),
    cancel: field.act('cancel', called('cancel_work', 'cancel_delayed_work'), {
      then: (draft) => dequeue(draft[name]!),
    }),
    cancelSync: together(
      takingOff(called('cancel_work_sync', 'cancel_delayed_work_sync')),
      waiting('__flush_work', true),
    ),
    disableSync: together(
      takingOff(called('disable_work_sync', 'disable_delayed_work_sync')),
      waiting('__flush_work_disabled', false),
    ),
    enable: field.act('enable', called('enable_work', 'enable_delayed_work'), {
      then: (draft) => enabled(draft[name]!),
    }),
    flush: together(
      field.act('flush', called('flush_work', 'flush_delayed_work'), {
        then: (draft) => {
          const item = draft[name]!
          if (isDelayed && item.queued === 'delayed') enqueue(item, 'pending')
          if (item.queued === 'pending') item.barrier = 'pending'
          else if (found(item) && item.barrier === 'none') item.barrier = 'running'
        },
        with: 'sleeps',
      }),
      field.act('wait', [file, '__flush_work'], {
        named: '__flush_work_barrier',
        when: ({ barrier }) => barrier === 'none',
        with: 'sleeps',
      }),
    ),
    init: (func) =>
      field.act('init', ['include/linux/workqueue.h', isDelayed ? 'INIT_DELAYED_WORK' : 'INIT_WORK'], {
        named: `${isDelayed ? 'INIT_DELAYED_WORK' : 'INIT_WORK'}:${func}`,
        then: (draft) => {
          const item = draft[name]!
          item.queued = 'idle'
          item.func = func
          item.pool = false
          item.disabled = 0
        },
      }),
    worker: (func, head, ...steps) => workerOf(field, func, head, steps),
  }
}

function workerOf(
  field: Field<AnyItem>,
  func: string,
  head: Handler & { readonly on?: WorkqueueWords },
  steps: readonly Placeable<never>[],
): Thread {
  const { field: name } = field
  const { on } = head
  const process: Abstracted = [file, 'process_one_work']
  const queueIn = (state: unknown): Queue => (state as Record<string, Queue>)[on!.field]!
  const begin: Doing<AnyItem> = {
    when: (item, _, state) =>
      item.queued !== 'idle' && item.func === func && !item.running[func] && (!on || on.lets(queueIn(state))),
    then: (draft) => {
      const item = draft[name]!
      item.queued = 'idle'
      item.pool = true
      item.running[func] = true
      if (item.barrier === 'pending') item.barrier = 'running'
      if (on) queueIn(draft).active++
    },
    with: func,
  }
  const end: Doing<AnyItem> = {
    named: 'worker_done',
    then: (draft) => {
      const item = draft[name]!
      item.running[func] = false
      if (item.barrier === 'running') item.barrier = 'none'
      if (on) queueIn(draft).active--
    },
    with: func,
  }
  return handling(field, head.name ?? func, head, { begin: [process, begin], end: [process, end] }, steps)
}
