/** Counterexamples carried from one variant of a model to another: tried first, they often save the search. */

import { selects } from '../../write/predicate.js'
import type { Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { enabled, Fault } from '../reference.js'
import { endOf, replay, type Run } from '../run.js'
import type { Verdict } from '../verdict.js'

/** A finite run that shows a violation, by step names. */
export interface Counterexample {
  readonly property: string
  readonly initial: number
  readonly names: readonly string[]
}

/** The counterexample of a verdict, if the run itself decides it; what depends on the rest of the graph is left out. */
export function counterexampleOf({ property, kind, run }: Verdict): Counterexample[] {
  if (!run || !(kind === 'always' || kind === 'step' || kind === 'no-deadlock')) return []
  return [{ property, initial: run.initial, names: run.steps.map(({ transition }) => transition.name) }]
}

/** Whether a system can take the run of a counterexample, and the run breaks the property here too. */
export function shows(system: System, properties: readonly Property[], known: Counterexample): boolean {
  try {
    const { run, stuck } = replay(system, known.initial, known.names)
    return !stuck && breaks(system, properties, known.property, run)
  } catch (error) {
    // A run that this variant cannot follow without a fault shows nothing; the search will.
    if (error instanceof Fault) return false
    throw error
  }
}

function breaks(system: System, properties: readonly Property[], name: string, run: Run): boolean {
  const { state, at } = endOf(run)
  if (name === 'no-deadlock') return enabled(system, endOf(run)).length === 0 && !system.resting(state, at)
  const property = properties.find((one) => one.name === name)
  if (property?.kind === 'always') return (property.when?.(state, at) ?? true) && !property.holds(state, at)
  if (property?.kind !== 'step') return false
  const last = run.steps.at(-1)
  if (!last || !selects(property.on, last.transition)) return false
  const before = run.steps.at(-2)?.after ?? run.start
  const step = { ...last.transition, at: before.at }
  return (property.when?.(before.state, state, step) ?? true) && !property.holds(before.state, state, step)
}
