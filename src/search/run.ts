/** Runs: sequences of steps from an initial state, always made by the reference execution. */

import { isDeepStrictEqual } from 'node:util'
import type { System, Transition } from '../write/system.js'
import type { Expander } from './expander.js'
import { pathTo } from './graph.js'
import type { Trail } from './scale/compaction.js'
import { Fault, initialStates, isEnabled, take, enabled, type Change, type SystemState } from './reference.js'

/** One step of a run: what was taken, what it changed, and where it led. */
export interface RunStep {
  readonly transition: Transition
  readonly changes: readonly Change[]
  readonly after: SystemState
}

/** An initial state and the steps from there. */
export interface Run {
  /** What it is a run of: the system as its author wrote it, or with an observer or with cancels in it. */
  readonly system: System
  /** Index of the initial state. */
  readonly initial: number
  readonly start: SystemState
  readonly steps: readonly RunStep[]
  /** A run that goes on for ever: how many steps come before those that repeat. Absent: it ends after its last step. */
  readonly loop?: number
}

/** The state in which a run ends. */
export const endOf = (run: Run): SystemState => run.steps.at(-1)?.after ?? run.start

/** The states in which the steps of the loop are taken, in order. */
export const loopStates = ({ loop = 0, start, steps }: Run): readonly SystemState[] =>
  [start, ...steps.map(({ after }) => after)].slice(loop, -1)

/** A run that goes one step further. */
export function extend(run: Run, transition: Transition): Run {
  const { next, changes } = take(run.system, endOf(run), transition)
  return { ...run, steps: [...run.steps, { transition, changes, after: next }] }
}

/**
 * A shortest run to a stored state, or in a reduced search to one that it stands for, taken by the reference execution.
 * @throws Error if the reference cannot follow: the two executions disagree, which is our fault and never the model's.
 */
export function runTo(expander: Expander, id: number): Run {
  const { system, compaction } = expander
  if (compaction) return along(system, compaction.trail(id))
  const path = pathTo(expander, id).map((one) => ({ id: one, here: expander.stateOf(one) }))
  const standsFor = (stored: (typeof path)[number], here: SystemState): boolean =>
    expander.orbits ? expander.orbits.identify(here) === stored.id : isDeepStrictEqual(here, stored.here)
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

/**
 * Takes the named steps one after the other, in a system whose declarations may since have been reordered.
 * @returns the run, and the first name that could not be taken, with the reason.
 */
export function replay(
  system: System,
  initial: number,
  names: readonly string[],
): { readonly run: Run; readonly stuck?: { readonly name: string; readonly why: string } } {
  const starts = initialStates(system)
  const start = starts[initial]
  if (!start) throw new RangeError(`there is no initial state ${initial}; there are ${starts.length}`)
  let run: Run = { system, initial, start, steps: [] }
  for (const name of names) {
    const transition = system.transitions.find((one) => one.name === name)
    if (!transition) return { run, stuck: { name, why: 'no such step' } }
    if (!isEnabled(system, endOf(run), transition)) return { run, stuck: { name, why: 'not enabled here' } }
    run = extend(run, transition)
  }
  return { run }
}
