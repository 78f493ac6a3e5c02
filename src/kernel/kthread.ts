/** Kernel threads that are parked and stopped. Linux 7.3.4, kernel/kthread.c. */

import { bool, record } from '../write/domain.js'
import { leaves, type Piece } from '../write/piece.js'
import type { Otherwise } from './locks.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

/** What is known of a kernel thread. */
export interface Commanded {
  shouldPark: boolean
  parked: boolean
  shouldStop: boolean
  exited: boolean
}

export type Kthread = Thing<Commanded, 'kthread'>

/** What others tell a kernel thread, and what it answers. */
export const kthread = (): Kthread =>
  thing('kthread', record({ shouldPark: bool(), parked: bool(), shouldStop: bool(), exited: bool() }))

/** A thread that is told nothing. */
export const runningKthread: Commanded = { shouldPark: false, parked: false, shouldStop: false, exited: false }

export interface KthreadWords {
  readonly field: string
  /** Two steps: told, and parked. */
  readonly park: Piece<unknown>
  readonly unpark: Piece<unknown>
  /** Two steps: told, and gone. */
  readonly stop: Piece<unknown>
  /** In the thread: it parks if it is told to, and looks again when it is unparked. */
  readonly parkme: Piece<unknown>
  /** In the thread: goes elsewhere if it is to stop. */
  shouldStop(stops: Otherwise): Piece<unknown>
  readonly exit: Piece<unknown>
}

export function kthreadWords(name: string, of: Thing<unknown>): KthreadWords {
  const field = new Field<Commanded>(name, of)
  const file = (symbol: string): Abstracted => ['kernel/kthread.c', symbol]
  const unpark = (draft: Record<string, Commanded>): void => {
    draft[name]!.shouldPark = false
    draft[name]!.parked = false
  }
  return {
    field: name,
    park: together(
      field.act('park', file('kthread_park'), {
        then: (draft) => void (draft[name]!.shouldPark = true),
        with: 'sleeps',
      }),
      field.act('wait', ['kernel/sched/completion.c', 'wait_for_completion'], {
        named: 'kthread_park_wait',
        when: ({ parked }) => parked,
        with: 'sleeps',
      }),
    ),
    unpark: field.act('unpark', file('kthread_unpark'), { then: unpark }),
    stop: together(
      field.act('stop', file('kthread_stop'), {
        then: (draft) => {
          draft[name]!.shouldStop = true
          unpark(draft)
        },
        with: 'sleeps',
      }),
      field.act('wait', ['kernel/sched/completion.c', 'wait_for_completion'], {
        named: 'kthread_stop_wait',
        when: ({ exited }) => exited,
        with: 'sleeps',
      }),
    ),
    parkme: together(
      field.act('parkme', file('kthread_parkme'), {
        with: 'sleeps',
        either: {
          parks: {
            when: ({ shouldPark }) => shouldPark,
            then: (draft) => void (draft[name]!.parked = true),
          },
          goes_on: { when: ({ shouldPark }) => !shouldPark, goto: leaves },
        },
      }),
      field.act('parked', file('__kthread_parkme'), {
        when: ({ parked }) => !parked,
        goto: `kthread_parkme:${name}`,
        with: 'sleeps',
      }),
    ),
    shouldStop: ({ goto }) =>
      field.act('shouldStop', file('kthread_should_stop'), {
        either: {
          yes: { when: ({ shouldStop }) => shouldStop, goto },
          no: { when: ({ shouldStop }) => !shouldStop },
        },
      }),
    exit: field.act('exit', file('kthread_exit'), { then: (draft) => void (draft[name]!.exited = true) }),
  }
}
