/** The freezer of tasks, and that of a control group. Linux 7.3.4, kernel/power/process.c, kernel/freezer.c and kernel/cgroup/freezer.c. */

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
export const freezer = <const N extends string>(...tasks: readonly N[]): Freezer<N> => freezerOf(tasks, false)

/** The same for the tasks of a control group (version 2): what is written to `cgroup.freeze`, and what `cgroup.events` says. */
export const cgroupFreezer = <const N extends string>(...tasks: readonly N[]): Freezer<N> => freezerOf(tasks, true)

const freezerOf = <N extends string>(tasks: readonly N[], cgroup: boolean): Freezer<N> =>
  thing(
    'freezer',
    record({ freezing: bool(), frozen: each(tasks, bool()) }) as unknown as Domain<Cold<N>>,
    tasks,
    cgroup ? { cgroup } : {},
  )

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
  const called = (all: Abstracted, group: string, file = 'kernel/cgroup/freezer.c'): Abstracted =>
    of.options.cgroup === true ? [file, group] : all
  const process = (symbol: string): Abstracted => ['kernel/power/process.c', symbol]
  const isFrozen = called(process('try_to_freeze_tasks'), 'cgroup_update_frozen')
  const isCold = ({ frozen }: V): boolean => {
    for (const task in frozen) if (!frozen[task]) return false
    return true
  }
  const asks = field.act('freeze', called(process('freeze_processes'), 'cgroup_freeze'), {
    then: (draft) => void (draft[name]!.freezing = true),
    with: 'sleeps',
  })
  return {
    field: name,
    freeze: together(asks, field.act('wait', isFrozen, { when: isCold, with: 'sleeps' })),
    freezeTimeout: ({ goto, short = false }) =>
      together(
        asks,
        field.act('wait', isFrozen, {
          with: 'sleeps',
          either: {
            frozen: { when: isCold },
            timed_out: { when: (one) => !isCold(one), goto, ...(!short && { lastResort: true }) },
          },
        }),
      ),
    thaw: field.act('thaw', called(process('thaw_processes'), 'cgroup_do_freeze'), {
      then: (draft) => {
        draft[name]!.freezing = false
        for (const task in draft[name]!.frozen) draft[name]!.frozen[task] = false
      },
    }),
    tryToFreeze: together(
      field.owned(
        'tryToFreeze',
        called(['include/linux/freezer.h', 'try_to_freeze'], 'do_freezer_trap', 'kernel/signal.c'),
        {
          then: (draft, who) => {
            if (draft[name]!.freezing) draft[name]!.frozen[who] = true
          },
          with: 'sleeps',
        },
      ),
      field.owned('frozen', called(['kernel/freezer.c', '__refrigerator'], 'cgroup_leave_frozen'), {
        when: ({ frozen }, who) => !frozen[who],
        with: 'sleeps',
      }),
    ),
  }
}
