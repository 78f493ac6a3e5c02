/** Completions and wait queues, with and without a time limit, and loops that look so often. Linux 7.3.4, kernel/sched and iopoll.h. */

import { bool, each, int, record, type Domain } from '../write/domain.js'
import type { Frozen } from '../write/model.js'
import type { Piece } from '../write/piece.js'
import type { Otherwise } from './locks.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

/** Where it goes when the time is over: at any time, or only when nothing else that is promised can go on. */
export interface TimeLimit extends Otherwise {
  readonly short?: boolean
}

const patience = ({ short = false }: TimeLimit): { readonly lastResort?: true } => (short ? {} : { lastResort: true })

/** What is known of a completion. */
export interface Done {
  done: number
  all: boolean
}

export type Completion = Thing<Done, 'completion'>

/** A completion that counts up to so many complete() calls nobody has waited for. */
export const completion = (most = 1): Completion =>
  thing('completion', record({ done: int(0, most), all: bool() }), [], { most })

export interface CompletionWords {
  readonly field: string
  readonly complete: Piece<unknown>
  readonly completeAll: Piece<unknown>
  readonly reinit: Piece<unknown>
  readonly wait: Piece<unknown>
  waitTimeout(limit: TimeLimit): Piece<unknown>
}

export function completionWords(name: string, of: Thing<unknown>): CompletionWords {
  const field = new Field<Done>(name, of)
  const most = of.options.most as number
  const file = (symbol: string): Abstracted => ['kernel/sched/completion.c', symbol]
  const isDone = ({ done, all }: Done): boolean => all || done > 0
  const take = (draft: Record<string, Done>): void => {
    if (!draft[name]!.all) draft[name]!.done--
  }
  return {
    field: name,
    complete: field.act('complete', file('complete'), {
      then: (draft) => {
        if (!draft[name]!.all && draft[name]!.done < most) draft[name]!.done++
      },
    }),
    completeAll: field.act('complete', file('complete_all'), {
      then: (draft) => {
        draft[name]!.all = true
        draft[name]!.done = 0
      },
    }),
    reinit: field.act('reinit', ['include/linux/completion.h', 'reinit_completion'], {
      then: (draft) => {
        draft[name]!.done = 0
        draft[name]!.all = false
      },
    }),
    wait: field.act('wait', file('wait_for_completion'), { when: isDone, then: take, with: 'sleeps' }),
    waitTimeout: (limit) =>
      field.act('wait', file('wait_for_completion_timeout'), {
        either: {
          done: { when: isDone, then: take },
          timed_out: { when: (value) => !isDone(value), goto: limit.goto, ...patience(limit) },
        },
        with: 'sleeps',
      }),
  }
}

export type Waitqueue<N extends string> = Thing<{ [K in N]: boolean }, 'waitqueue', N>

/** A wait queue: which of these threads are on it and asleep. */
export const waitqueue = <const N extends string>(...waiters: readonly N[]): Waitqueue<N> =>
  thing('waitqueue', each(waiters, bool()) as unknown as Domain<{ [K in N]: boolean }>, waiters)

export interface WaitqueueWords<S> {
  readonly field: string
  /** wait_event(): three steps, so that a wake-up between the check and the sleep is not lost, and a change without one is. */
  wait(condition: (state: Frozen<S>) => boolean): Piece<unknown>
  waitTimeout(condition: (state: Frozen<S>) => boolean, limit: TimeLimit): Piece<unknown>
  readonly wake: Piece<unknown>
}

export function waitqueueWords<S>(name: string, of: Thing<unknown>): WaitqueueWords<S> {
  type V = Record<string, boolean>
  const field = new Field<V>(name, of)
  const wait = (condition: (state: Frozen<S>) => boolean, limit?: TimeLimit): Piece<unknown> => {
    const holds = (state: unknown): boolean => condition(state as Frozen<S>)
    const awake = (draft: Record<string, V>, who: string): void => void (draft[name]![who] = false)
    const again = `prepare_to_wait_event:${name}`
    return together(
      field.owned('prepare', ['kernel/sched/wait.c', 'prepare_to_wait_event'], {
        then: (draft, who) => void (draft[name]![who] = true),
        with: 'sleeps',
      }),
      field.owned('check', ['include/linux/wait.h', 'wait_event'], {
        either: {
          true: { when: (_value, _who, state) => holds(state), then: awake, goto: `finish_wait:${name}` },
          false: { when: (_value, _who, state) => !holds(state) },
        },
      }),
      field.owned('wait', ['kernel/sched/core.c', 'schedule'], {
        with: 'sleeps',
        either: {
          woken: { when: (value, who) => !value[who], goto: again },
          ...(limit && {
            timed_out: {
              when: (value: V, who: string) => value[who]!,
              then: awake,
              goto: limit.goto,
              ...patience(limit),
            },
          }),
        },
      }),
      field.owned('finish', ['kernel/sched/wait.c', 'finish_wait'], { then: awake }),
    )
  }
  return {
    field: name,
    wait: (condition) => wait(condition),
    waitTimeout: wait,
    wake: field.act('wake', ['kernel/sched/wait.c', '__wake_up'], {
      then: (draft) => {
        for (const waiter in draft[name]) draft[name][waiter] = false
      },
    }),
  }
}

export type Retries = Thing<number, 'retries'>

/** A loop that looks for something, and gives up when it has looked `most` times in vain. */
export const retries = (most: number): Retries => thing('retries', int(0, most - 1), [], { most })

export interface RetriesWords<S> {
  readonly field: string
  /** Looks again and again; others may do as much as they like between two looks, or nothing. */
  until(condition: (state: Frozen<S>) => boolean, spent: Otherwise): Piece<unknown>
}

export function retriesWords<S>(name: string, of: Thing<unknown>): RetriesWords<S> {
  const field = new Field<number>(name, of)
  const last = (of.options.most as number) - 1
  const reset = (draft: Record<string, number>): void => void (draft[name] = 0)
  const again = `read_poll_timeout:${name}`
  return {
    field: name,
    until: (condition, { goto }) => {
      const holds = (state: unknown): boolean => condition(state as Frozen<S>)
      return field.act('look', ['include/linux/iopoll.h', 'read_poll_timeout'], {
        with: 'sleeps',
        either: {
          true: { when: (_, _who, state) => holds(state), then: reset },
          again: {
            when: (looks, _who, state) => looks < last && !holds(state),
            then: (draft) => void draft[name]!++,
            goto: again,
          },
          timed_out: { when: (looks, _who, state) => looks === last && !holds(state), then: reset, goto },
        },
      })
    },
  }
}
