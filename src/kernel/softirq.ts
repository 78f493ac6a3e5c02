/** Tasklets and NAPI: scheduled, running, disabled. Linux 7.3.4, kernel/softirq.c and net/core/dev.c. */

import { bool, int, oneOf, record } from '../write/domain.js'
import type { Thread } from '../write/model.js'
import type { Piece, Placeable } from '../write/piece.js'
import { handlerWord, type Handler } from './handler.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

const softirq = (symbol: string): Abstracted => ['kernel/softirq.c', symbol]
const dev = (symbol: string): Abstracted => ['net/core/dev.c', symbol]

/** What is known of a tasklet. */
export interface Scheduled {
  /** `held`: tasklet_kill() has the bit. */
  scheduled: 'no' | 'yes' | 'held'
  running: boolean
  disabled: number
}

export type Tasklet = Thing<Scheduled, 'tasklet'>

/** A tasklet. */
export const tasklet = (): Tasklet =>
  thing('tasklet', record({ scheduled: oneOf('no', 'yes', 'held'), running: bool(), disabled: int(0, 2) }))

/** A tasklet that was never scheduled. */
export const idleTasklet: Scheduled = { scheduled: 'no', running: false, disabled: 0 }

export interface TaskletWords<S> {
  readonly field: string
  readonly schedule: Piece<unknown>
  /** Two steps: until it is no longer scheduled, and no longer runs. */
  readonly kill: Piece<unknown>
  /** Two steps: counted, and no longer running. */
  readonly disable: Piece<unknown>
  readonly disableNosync: Piece<unknown>
  readonly enable: Piece<unknown>
  handler(head: Handler & { readonly name: string }, ...steps: readonly Placeable<S>[]): Thread
}

export function taskletWords<S>(name: string, of: Thing<unknown>): TaskletWords<S> {
  const field = new Field<Scheduled>(name, of)
  const count = (draft: Record<string, Scheduled>): void => void draft[name]!.disabled++
  return {
    field: name,
    schedule: field.act('queue', softirq('__tasklet_schedule'), {
      then: (draft) => {
        if (draft[name]!.scheduled === 'no') draft[name]!.scheduled = 'yes'
      },
    }),
    kill: together(
      field.act('wait', softirq('tasklet_kill'), {
        when: ({ scheduled }) => scheduled === 'no',
        then: (draft) => void (draft[name]!.scheduled = 'held'),
        with: 'sleeps',
      }),
      field.act('wait', softirq('tasklet_unlock_wait'), {
        when: ({ running }) => !running,
        then: (draft) => void (draft[name]!.scheduled = 'no'),
        with: 'sleeps',
      }),
    ),
    disable: together(
      field.act('disable', ['include/linux/interrupt.h', 'tasklet_disable'], { then: count }),
      field.act('wait', softirq('tasklet_unlock_wait'), {
        named: 'tasklet_disable_wait',
        when: ({ running }) => !running,
        with: 'sleeps',
      }),
    ),
    disableNosync: field.act('disable', ['include/linux/interrupt.h', 'tasklet_disable_nosync'], { then: count }),
    enable: field.act('enable', ['include/linux/interrupt.h', 'tasklet_enable'], {
      then: (draft) => {
        if (draft[name]!.disabled > 0) draft[name]!.disabled--
      },
    }),
    handler: handlerWord<Scheduled, S>(field, {
      begin: [
        softirq('tasklet_action_common'),
        {
          when: (one) => one.scheduled === 'yes' && one.disabled === 0 && !one.running,
          then: (draft) => {
            draft[name]!.scheduled = 'no'
            draft[name]!.running = true
          },
        },
      ],
      end: [softirq('tasklet_unlock'), { then: (draft) => void (draft[name]!.running = false) }],
    }),
  }
}

/** What is known of a NAPI instance. */
export interface Polled {
  /** `owned`: disabled, who disabled it holds the SCHED bit. */
  state: 'owned' | 'idle' | 'scheduled' | 'polling'
  disabling: boolean
  missed: boolean
}

export type Napi = Thing<Polled, 'napi'>

/** A NAPI instance; it begins as `owned` until it is enabled. */
export const napi = (): Napi =>
  thing('napi', record({ state: oneOf('owned', 'idle', 'scheduled', 'polling'), disabling: bool(), missed: bool() }))

export interface NapiWords<S> {
  readonly field: string
  readonly schedule: Piece<unknown>
  /** Two steps: no new polls, and the SCHED bit taken. Disabled twice it never ends. */
  readonly disable: Piece<unknown>
  readonly enable: Piece<unknown>
  /** The thread that polls; with the last step it completes, or polls again if it missed something. */
  poll(head: Handler & { readonly name: string }, ...steps: readonly Placeable<S>[]): Thread
}

export function napiWords<S>(name: string, of: Thing<unknown>): NapiWords<S> {
  const field = new Field<Polled>(name, of)
  return {
    field: name,
    schedule: field.act('queue', dev('napi_schedule_prep'), {
      then: (draft) => {
        const one = draft[name]!
        if (one.disabling) return
        if (one.state === 'idle') one.state = 'scheduled'
        else one.missed = true
      },
    }),
    disable: together(
      field.act('disable', dev('napi_disable'), {
        then: (draft) => void (draft[name]!.disabling = true),
        with: 'sleeps',
      }),
      field.act('wait', dev('napi_disable_locked'), {
        when: ({ state }) => state === 'idle',
        then: (draft) => {
          draft[name]!.state = 'owned'
          draft[name]!.disabling = false
        },
        with: 'sleeps',
      }),
    ),
    enable: field.act('enable', dev('napi_enable'), {
      then: (draft) => {
        if (draft[name]!.state === 'owned') draft[name]!.state = 'idle'
      },
    }),
    poll: handlerWord<Polled, S>(field, {
      begin: [
        dev('napi_poll'),
        { when: ({ state }) => state === 'scheduled', then: (draft) => void (draft[name]!.state = 'polling') },
      ],
      end: [
        dev('napi_complete_done'),
        {
          then: (draft) => {
            const one = draft[name]!
            one.state = one.missed ? 'scheduled' : 'idle'
            one.missed = false
          },
        },
      ],
    }),
  }
}
