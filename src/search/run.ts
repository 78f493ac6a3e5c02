/** Runs: sequences of steps from an initial state, always made by the reference execution. */

import type { System, Transition } from '../write/system.js'
import { initialStates, isEnabled, take, type Change, type SystemState } from './reference.js'

/** One step of a run: what was taken, what it changed, and where it led. */
export interface RunStep {
  /** What was taken. */
  readonly transition: Transition
  /** What it changed, field by field. */
  readonly changes: readonly Change[]
  /** The state that it led to. */
  readonly after: SystemState
}

/** An initial state and the steps from there. */
export interface Run {
  /** What it is a run of: the system as its author wrote it, or with an observer or with cancels in it. */
  readonly system: System
  /** Index of the initial state. */
  readonly initial: number
  /** The state in which it begins. */
  readonly start: SystemState
  /** What was taken from there, in order. */
  readonly steps: readonly RunStep[]
  /** A run that goes on for ever: how many steps come before those that repeat. Absent: it ends after its last step. */
  readonly loop?: number
}

/** The state in which a run ends. */
export const endOf = (run: Run): SystemState => run.steps.at(-1)?.after ?? run.start

/** The states of a run: before its first step, and after each. */
export const statesOf = ({ start, steps }: Run): readonly SystemState[] => [start, ...steps.map(({ after }) => after)]

/** The states in which the steps of the loop are taken, in order. */
export const loopStates = (run: Run): readonly SystemState[] => statesOf(run).slice(run.loop ?? 0, -1)

/** A run without steps. @throws RangeError if there is no such initial state. */
export function startOf(system: System, initial: number): Run {
  const start = initialStates(system)[initial]
  if (!start) throw new RangeError(`there is no initial state ${initial}; there are ${system.initials.length}`)
  return { system, initial, start, steps: [] }
}

/** A run that goes one step further. */
export function extend(run: Run, transition: Transition): Run {
  const { next, changes } = take(run.system, endOf(run), transition)
  return { ...run, steps: [...run.steps, { transition, changes, after: next }] }
}

/**
 * Takes the named steps one after the other, in a system whose declarations may since have been reordered.
 * @returns the run, and the first name that could not be taken, with the reason.
 */
export function replay(
  system: System,
  initial: number,
  names: readonly string[],
): { readonly run: Run; readonly stuck?: { readonly name: string; readonly why: string } } {
  let run = startOf(system, initial)
  for (const name of names) {
    const transition = system.transitions.find((one) => one.name === name)
    if (!transition) return { run, stuck: { name, why: 'no such step' } }
    if (!isEnabled(system, endOf(run), transition)) return { run, stuck: { name, why: 'not enabled here' } }
    run = extend(run, transition)
  }
  return { run }
}
