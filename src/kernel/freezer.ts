/** The freezer of tasks. Linux 7.3.4, kernel/power/process.c and kernel/freezer.c. */

import { bool, each, record, type Domain } from '../write/domain.js'
import type { Piece } from '../write/piece.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'
import type { TimeLimit } from './waiting.js'

interface Cold<N extends string> {
  freezing: boolean
  frozen: { [K in N]: boolean }
}

export type Freezer<N extends string> = Thing<Cold<N>, 'freezer', N>

/** The freezer of these threads. */
export const freezer = <const N extends string>(...tasks: readonly N[]): Freezer<N> =>
  thing('freezer', record({ freezing: bool(), frozen: each(tasks, bool()) }) as unknown as Domain<Cold<N>>, tasks)

/** Nobody is frozen, or asked to be. */
export const thawed = <const N extends string>(...tasks: readonly N[]): Cold<N> => ({
  freezing: false,
  frozen: Object.fromEntries(tasks.map((task) => [task, false])) as { [K in N]: boolean },
})

export interface FreezerWords {
  readonly field: string
  /** Two steps: asked, and all frozen. */
  readonly freeze: Piece<unknown>
  /** The same, given up when the time is over: it goes elsewhere, and nobody is thawed yet. */
  freezeTimeout(limit: TimeLimit): Piece<unknown>
  readonly thaw: Piece<unknown>
  /** In a task: two steps, of which the second waits while it is frozen. */
  readonly tryToFreeze: Piece<unknown>
}

export function freezerWords(name: string, of: Thing<unknown>): FreezerWords {
  type V = Omit<Cold<string>, 'frozen'> & { readonly frozen: Record<string, boolean> }
  const field = new Field<V>(name, of)
  const process = (symbol: string): Abstracted => ['kernel/power/process.c', symbol]
  const isCold = ({ frozen }: V): boolean => {
    for (const task in frozen) if (!frozen[task]) return false
    return true
  }
  const asks = field.act('freeze', process('freeze_processes'), {
    then: (draft) => void (draft[name]!.freezing = true),
    with: 'sleeps',
  })
  return {
    field: name,
    freeze: together(asks, field.act('wait', process('try_to_freeze_tasks'), { when: isCold, with: 'sleeps' })),
    freezeTimeout: ({ goto, short = false }) =>
      together(
        asks,
        field.act('wait', process('try_to_freeze_tasks'), {
          with: 'sleeps',
          either: {
            frozen: { when: isCold },
            timed_out: { when: (one) => !isCold(one), goto, ...(!short && { lastResort: true }) },
          },
        }),
      ),
    thaw: field.act('thaw', process('thaw_processes'), {
      then: (draft) => {
        draft[name]!.freezing = false
        for (const task in draft[name]!.frozen) draft[name]!.frozen[task] = false
      },
    }),
    tryToFreeze: together(
      field.owned('tryToFreeze', ['include/linux/freezer.h', 'try_to_freeze'], {
        then: (draft, who) => {
          if (draft[name]!.freezing) draft[name]!.frozen[who] = true
        },
        with: 'sleeps',
      }),
      field.owned('frozen', ['kernel/freezer.c', '__refrigerator'], {
        when: ({ frozen }, who) => !frozen[who],
        with: 'sleeps',
      }),
    ),
  }
}
