/** A system held to one of its runs, behind which it is free: to ask whether a machine did it. */

import type { LogOutcome } from '../match/log/outcome.js'
import { compose } from '../search/compose/observer.js'
import { replay, type Run } from '../search/run.js'
import { int, record } from '../write/domain.js'
import type { System } from '../write/system.js'

/** The system held to the named steps, one after the other, from one of its initial states. */
export function along(system: System, initial: number, names: readonly string[]): System {
  const wanted = names.map((name) => system.transitions.findIndex((one) => one.name === name))
  const { system: counted, field } = compose(
    { ...system, initials: [system.initials[initial]] },
    {
      state: record({ taken: int(0, names.length) }),
      initial: { taken: 0 },
      next: (own) => {
        const counter = own as { taken: number }
        if (counter.taken < names.length) counter.taken++
      },
    },
  )
  const takenIn = (state: unknown): number => (state as Record<string, { taken: number }>)[field]!.taken
  return {
    ...counted,
    transitions: counted.transitions.map((transition) => ({
      ...transition,
      guards: [
        ...transition.guards,
        (state: unknown) => [transition.index, undefined].includes(wanted[takenIn(state)]),
      ],
    })),
  }
}

/** What came of a log, told of the system itself: how far its run has come is no part of its states. */
export function toldOf(system: System, initial: number, outcome: LogOutcome): LogOutcome {
  const plain = ({ steps }: Run): Run => {
    const names = steps.map(({ transition }) => transition.name)
    return replay(system, initial, names).run
  }
  const { run, rejected } = outcome
  return {
    ...outcome,
    ...(run && { run: plain(run) }),
    ...(rejected && {
      rejected: { ...rejected, missing: rejected.missing.map((one) => ({ ...one, run: plain(one.run) })) },
    }),
  }
}
