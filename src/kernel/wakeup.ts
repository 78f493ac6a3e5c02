/** Wake-up events and the count that keeps them from being lost. Linux 7.3.4, drivers/base/power/wakeup.c. */

import { bool, int, record } from '../write/domain.js'
import type { Piece } from '../write/piece.js'
import type { Otherwise } from './locks.js'
import { Field, thing, type Abstracted, type Thing } from './thing.js'

/** What is known of wake-up events. */
export interface Events {
  /** In progress. */
  active: number
  /** One was over since the count was read. */
  since: boolean
  /** The count is saved: events abort a suspend. */
  checking: boolean
}

export type Wakeup = Thing<Events, 'wakeup'>

/** The wake-up events of a machine, at most `most` in progress. */
export const wakeup = (most = 1): Wakeup =>
  thing('wakeup', record({ active: int(0, most), since: bool(), checking: bool() }))

/** No event, and nobody counts. */
export const noEvents: Events = { active: 0, since: false, checking: false }

export interface WakeupWords {
  readonly field: string
  readonly stayAwake: Piece<unknown>
  readonly relax: Piece<unknown>
  /** An event that is over at once. */
  readonly event: Piece<unknown>
  /** Waits until none is in progress. */
  readonly readCount: Piece<unknown>
  /** Goes elsewhere if there was one since. */
  saveCount(changed: Otherwise): Piece<unknown>
  /** Goes elsewhere if the suspend is to be aborted. */
  pending(aborted: Otherwise): Piece<unknown>
}

const happened = ({ active, since }: Events): boolean => since || active > 0

export function wakeupWords(name: string, of: Thing<unknown>): WakeupWords {
  const field = new Field<Events>(name, of)
  const file = (symbol: string): Abstracted => ['drivers/base/power/wakeup.c', symbol]
  return {
    field: name,
    stayAwake: field.act('stay', file('__pm_stay_awake'), { then: (draft) => void draft[name]!.active++ }),
    relax: field.act('relax', file('__pm_relax'), {
      then: (draft) => {
        if (draft[name]!.active > 0) draft[name]!.active--
        draft[name]!.since = true
      },
    }),
    event: field.act('event', file('pm_wakeup_ws_event'), { then: (draft) => void (draft[name]!.since = true) }),
    readCount: field.act('read', file('pm_get_wakeup_count'), {
      when: ({ active }) => active === 0,
      then: (draft) => void (draft[name]!.since = false),
      with: 'sleeps',
    }),
    saveCount: ({ goto }) =>
      field.act('save', file('pm_save_wakeup_count'), {
        either: {
          saved: { when: (events) => !happened(events), then: (draft) => void (draft[name]!.checking = true) },
          changed: { when: happened, then: (draft) => void (draft[name]!.checking = false), goto },
        },
      }),
    pending: ({ goto }) =>
      field.act('pending', file('pm_wakeup_pending'), {
        either: {
          none: { when: (events) => !events.checking || !happened(events) },
          pending: {
            when: (events) => events.checking && happened(events),
            then: (draft) => void (draft[name]!.checking = false),
            goto,
          },
        },
      }),
  }
}
