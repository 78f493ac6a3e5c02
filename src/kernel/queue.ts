/** A workqueue as its items see it: frozen or not, ordered or not, and how many run. Linux 7.3.4, kernel/workqueue.c. */

import { bool, int, record } from '../write/domain.js'
import type { Piece } from '../write/piece.js'
import { Field, thing, together, type Thing } from './thing.js'
import { looking } from '../write/word.js'
import { optionsOf } from './takes.js'

/** What is known of a queue. */
export interface Queue {
  frozen: boolean
  active: number
}

export type Workqueue = Thing<Queue, 'workqueue'>

/** What kind of queue it is. */
export interface QueueOptions {
  /** WQ_FREEZABLE: nothing of it starts while the machine's queues are frozen. */
  readonly freezable?: boolean
  /** One item at a time. */
  readonly ordered?: boolean
  /** The most items that run at once; default 2. */
  readonly items?: number
}

/** A workqueue. */
export const workqueue = looking(
  'workqueue',
  optionsOf.workqueue,
  ({ freezable = false, ordered = false, items = 2 }: QueueOptions = {}): Workqueue =>
    thing('workqueue', record({ frozen: bool(), active: int(0, items) }), [], { freezable, ordered, items }),
)

export interface WorkqueueWords {
  readonly field: string
  /** Nothing starts any more, and what runs is waited for. */
  readonly freeze: Piece<unknown>
  readonly thaw: Piece<unknown>
  /** Waits for what runs; what is only pending is taken for not yet queued. */
  readonly flush: Piece<unknown>
  /** Whether an item of it may start. */
  readonly lets: (queue: Queue) => boolean
}

const file = 'kernel/workqueue.c'

export function workqueueWords(name: string, of: Thing<unknown>): WorkqueueWords {
  const field = new Field<Queue>(name, of)
  const { freezable, ordered, items } = of.options as Required<QueueOptions>
  return {
    field: name,
    lets: ({ frozen, active }) => !(freezable && frozen) && active < (ordered ? 1 : items),
    freeze: together(
      field.act('freeze', [file, 'freeze_workqueues_begin'], { then: (draft) => void (draft[name]!.frozen = true) }),
      field.act('freezes', [file, 'freeze_workqueues_busy'], {
        with: 'sleeps',
        when: ({ active }) => !freezable || active === 0,
      }),
    ),
    flush: field.act('wait', [file, '__flush_workqueue'], { when: ({ active }) => active === 0, with: 'sleeps' }),
    thaw: field.act('thaw', [file, 'thaw_workqueues'], { then: (draft) => void (draft[name]!.frozen = false) }),
  }
}
