/** What a search has reached, taken again by the reference execution: the run to a stored state, and the state itself. */

import type { System } from '../write/system.js'
import { same } from './copies.js'
import type { Expander } from './expander.js'
import { pathTo } from './graph.js'
import { enabled, Fault, initialStates, isEnabled, take, type SystemState } from './reference.js'
import { endOf, extend, type Run } from './run.js'
import type { Trail } from './compact/compaction.js'

/**
 * A shortest run to a stored state, or in a reduced search to one that it stands for, taken by the reference execution.
 * @throws Error if the reference cannot follow: the two executions disagree, which is our fault and never the model's.
 */
export function runTo(expander: Expander, id: number): Run {
  const { system, compaction } = expander
  if (compaction) return along(system, compaction.trail(id))
  const path = pathTo(expander, id).map((one) => ({ id: one, here: expander.stateOf(one) }))
  const standsFor = (stored: (typeof path)[number], here: SystemState): boolean =>
    expander.orbits ? expander.orbits.identify(here) === stored.id : same(here, stored.here)
  const starts = initialStates(system)
  const initial = starts.findIndex((start) => standsFor(path[0]!, start))
  if (initial < 0) throw new Error('the compiled search starts where the reference execution does not')
  return path.slice(1).reduce<Run>(
    (run, wanted) => {
      const here = endOf(run)
      for (const transition of enabled(system, here)) {
        const { next, changes } = take(system, here, transition)
        if (standsFor(wanted, next)) return { ...run, steps: [...run.steps, { transition, changes, after: next }] }
      }
      throw new Error(`the reference execution cannot follow the compiled search after ${run.steps.length} steps`)
    },
    { system, initial, start: starts[initial]!, steps: [] },
  )
}

/** The run to where a model's code is at fault; where that code keeps the reference from following, what can be told: the start. */
export function runToFault(expander: Expander, id: number): Run {
  try {
    return runTo(expander, id)
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    const { system } = expander
    return { system, initial: 0, start: initialStates(system)[0]!, steps: [] }
  }
}

/** The run of a trail: every link of it was a step that was taken, so a collision of fingerprints cannot break it. */
function along(system: System, { initial, steps }: Trail): Run {
  return steps.reduce<Run>(
    (run, index) => {
      const transition = system.transitions[index]!
      if (!isEnabled(system, endOf(run), transition))
        throw new Error(`the reference execution cannot follow the compiled search after ${run.steps.length} steps`)
      return extend(run, transition)
    },
    { system, initial, start: initialStates(system)[initial]!, steps: [] },
  )
}

/** A state of a search, kept or not; a frozen copy. */
export const stateAt = (expander: Expander, id: number): SystemState =>
  expander.compaction ? endOf(runTo(expander, id)) : expander.stateOf(id)
