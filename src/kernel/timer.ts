/** Timers and high-resolution timers: armed, running, deleted, shut down. Linux 7.3.4, kernel/time. */

import { bool, record } from '../write/domain.js'
import type { Thread } from '../write/model.js'
import type { Piece, Placeable } from '../write/piece.js'
import { handlerWord, type Handler } from './handler.js'
import { Field, thing, type Abstracted, type Thing } from './thing.js'

/** What is known of a timer. */
export interface Armed {
  armed: boolean
  running: boolean
  /** It cannot be armed again. */
  shutdown: boolean
}

const armed = () => record({ armed: bool(), running: bool(), shutdown: bool() })

export type Timer = Thing<Armed, 'timer'>

/** A timer of the wheel; it expires at any time once it is armed. */
export const timer = (): Timer => thing('timer', armed(), [], { hr: false })

/** A high-resolution timer: the same, with other functions. */
export const hrtimer = (): Timer => thing('timer', armed(), [], { hr: true })

/** A timer that was never armed. */
export const idleTimer: Armed = { armed: false, running: false, shutdown: false }

export interface TimerWords<S> {
  readonly field: string
  readonly mod: Piece<unknown>
  /** Takes it off the wheel; a callback that runs is not waited for. */
  readonly del: Piece<unknown>
  readonly delSync: Piece<unknown>
  readonly shutdownSync: Piece<unknown>
  /** The thread in which the callback runs. */
  handler(head: Handler & { readonly name: string }, ...steps: readonly Placeable<S>[]): Thread
}

export function timerWords<S>(name: string, of: Thing<unknown>): TimerWords<S> {
  const field = new Field<Armed>(name, of)
  const isHr = of.options.hr === true
  const called = (wheel: string, hr: string): Abstracted =>
    isHr ? ['kernel/time/hrtimer.c', hr] : ['kernel/time/timer.c', wheel]
  const disarm = (draft: Record<string, Armed>): void => void (draft[name]!.armed = false)
  const isIdle = ({ running }: Armed): boolean => !running
  const run = called('expire_timers', '__run_hrtimer')
  return {
    field: name,
    mod: field.act('arm', called('mod_timer', 'hrtimer_start_range_ns'), {
      then: (draft) => {
        if (!draft[name]!.shutdown) draft[name]!.armed = true
      },
    }),
    del: field.act('disarm', called('timer_delete', 'hrtimer_try_to_cancel'), { then: disarm }),
    delSync: field.act('wait', called('timer_delete_sync', 'hrtimer_cancel'), { when: isIdle, then: disarm }),
    shutdownSync: field.act('wait', called('timer_shutdown_sync', 'hrtimer_cancel'), {
      named: 'timer_shutdown_sync',
      when: isIdle,
      then: (draft) => {
        draft[name]!.armed = false
        draft[name]!.shutdown = true
      },
    }),
    handler: handlerWord<Armed, S>(field, {
      begin: [
        run,
        {
          when: (timer) => timer.armed && !timer.running,
          then: (draft) => {
            draft[name]!.armed = false
            draft[name]!.running = true
          },
        },
      ],
      end: [run, { named: 'callback_done', then: (draft) => void (draft[name]!.running = false) }],
    }),
  }
}
