/** Counterexamples carried from one variant of a model to another: tried first, they often save the search. */

import { isDeepStrictEqual } from 'node:util'
import { Mistake } from '../write/mistake.js'
import { selects } from '../write/predicate.js'
import type { Possible, Property, Step } from '../write/property.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import { cancelled } from '../search/compose/cancel.js'
import { constraintsOf } from '../search/liveness/fairness.js'
import { isFair } from '../search/liveness/fair-run.js'
import { breaksLive } from '../search/liveness/liveness.js'
import { breaksFormula } from '../search/ltl/ltl.js'
import { compose } from '../search/compose/observer.js'
import { departs } from '../search/refinement.js'
import { enabled, Fault, guarded, take, type SystemState } from '../search/reference.js'
import { endOf, loopStates, replay, type Run } from '../search/run.js'
import type { Verdict } from '../search/verdict.js'
import { Reachability, LazyGraph } from './random/lazy-graph.js'

/** A run that shows a violation, by step names. */
export interface Counterexample {
  readonly property: string
  readonly initial: number
  readonly names: readonly string[]
  /** Of a run that goes on for ever: how many steps come before those that repeat. */
  readonly loop?: number
}

/** The counterexample of a verdict; none where no run shows the violation, or where the run ends in a fault. */
export function counterexampleOf({ property, kind, verdict, run }: Verdict): Counterexample[] {
  if (!run || verdict !== 'violated' || kind === 'in-domain') return []
  const names = run.steps.map(({ transition }) => transition.name)
  return [{ property, initial: run.initial, names, ...(run.loop !== undefined && { loop: run.loop }) }]
}

/**
 * Whether a system can take the run of a counterexample, and the run breaks the property here too: of a run that goes on for ever
 * the loop has to close and to be fair, of one that ends nobody may be obliged to go on, and of a lost goal everything reachable
 * from the end is searched. `false` says nothing: a search may still find the property violated.
 */
export function stillViolates(system: System, properties: readonly Property[], known: Counterexample): boolean {
  try {
    if (known.property === 'no-deadlock') return isStuck(system, replayed(system, known))
    if (known.property === 'in-domain') return leavesDomain(system, replayed(system, known))
    const property = properties.find(({ name }) => name === known.property)
    return property !== undefined && breaks(system, property, known)
  } catch (error) {
    // A run that this variant cannot follow without a fault, or that it has no names for, shows nothing; the search will.
    if (error instanceof Fault || error instanceof Mistake) return false
    throw error
  }
}

/** The run of a counterexample as far as the property is concerned, if the system can take it to its end and around. */
function replayed(system: System, { initial, names, loop }: Counterexample): Run | undefined {
  if (initial >= system.initials.length) return undefined
  const { run, stuck } = replay(system, initial, names)
  if (stuck) return undefined
  if (loop === undefined) return run
  const whole = { ...run, loop }
  return isDeepStrictEqual(loopStates(whole)[0], endOf(whole)) ? whole : undefined
}

function breaks(system: System, property: Property, known: Counterexample): boolean {
  switch (property.kind) {
    case 'observer': {
      const { declared } = property
      const { system: watched, field } = compose(system, declared)
      return ends(watched, known, ({ state, at }) =>
        declared.wrong((state as Record<string, unknown>)[field], state, asking(watched, at)),
      )
    }
    case 'cancel': {
      const made = cancelled(system, property.plan, `property ${property.name}`)
      return breaks(made.system, made.owed(property), known)
    }
    case 'refinement': {
      const composed = property.claim.remember && compose(system, property.claim.remember)
      const run = replayed(composed?.system ?? system, known)
      return run !== undefined && departs(property, composed?.field, run)
    }
    case 'always':
      return ends(system, known, ({ state, at }) => {
        const asks = asking(system, at)
        return (property.when?.(state, asks) ?? true) && !property.holds(state, asks)
      })
    case 'step': {
      const run = replayed(system, known)
      return run !== undefined && endsWith(property, run)
    }
    case 'possible':
      return (
        ends(system, known, ({ state, at }) => property.when?.(state, asking(system, at)) ?? true) &&
        isLost(system, property, known)
      )
    case 'reachable':
      return false
    default: {
      const run = replayed(system, known)
      if (!run || !isFair(constraintsOf(run.system), run)) return false
      return property.kind === 'ltl' ? breaksFormula(property, run) : breaksLive(property, run)
    }
  }
}

/** Whether the state that the run leads to is as described. */
function ends(system: System, known: Counterexample, described: (here: SystemState) => boolean): boolean {
  const run = replayed(system, known)
  return run !== undefined && guarded(known.property, 'it', () => described(endOf(run)))
}

function isStuck(system: System, run: Run | undefined): boolean {
  if (!run) return false
  const here = endOf(run)
  return enabled(system, here).length === 0 && !system.resting(here.state, asking(system, here.at))
}

/** Whether some step that can be taken after a run writes outside of its domain. */
function leavesDomain(system: System, run: Run | undefined): boolean {
  if (!run) return false
  const here = endOf(run)
  return enabled(system, here).some((transition) => {
    try {
      take(system, here, transition)
      return false
    } catch (error) {
      if (error instanceof Fault) return error.kind === 'out of domain'
      throw error
    }
  })
}

/** Whether the last step of a run breaks a property of steps. */
function endsWith(property: Step, run: Run): boolean {
  const last = run.steps.at(-1)
  if (!last || !selects(property.on, last.transition)) return false
  const { state } = endOf(run)
  const before = run.steps.at(-2)?.after ?? run.start
  const step = { ...last.transition, at: asking(run.system, before.at) }
  return guarded(
    property.name,
    'it',
    () => (property.when?.(before.state, state, step) ?? true) && !property.holds(before.state, state, step),
  )
}

/** Whether the goal cannot be reached any more from the end of a run: by a search of what lies beyond, within limits. */
function isLost(system: System, { name, holds }: Possible, { initial, names }: Counterexample): boolean {
  const graph = new LazyGraph(system, { states: [], steps: [], collects: [{ name, holds }] })
  let id = graph.initials[initial]!
  for (const step of names) {
    const { taken, to } = graph.at(id)
    const next = to[taken.findIndex((index) => system.transitions[index]!.name === step)]
    if (next === undefined) return false
    id = next
  }
  return new Reachability(graph, 0).reaches(id) === false
}
