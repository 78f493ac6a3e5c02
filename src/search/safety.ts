/** The judge of properties of single states and steps, from what was watched during the search. */

import { selects } from '../write/predicate.js'
import { type Always, type Property, type Reachable, type Step } from '../write/property.js'
import { asking } from '../write/standing.js'
import { canReach, type Graph } from './graph.js'
import type { Transition } from '../write/system.js'
import { enabled, Fault, guarded, type SystemState } from './reference.js'
import { runTo } from './reached.js'
import { endOf, extend, type Run } from './run.js'
import type { Found } from './verdict.js'

/** The verdict on what an unfinished search did not find. */
export const unfinished = (graph: Graph): Found | undefined => graph.cut && { verdict: 'unknown', why: graph.cut.says }

/** Judges an `always`; `at` is the number of its watch. */
export function decideAlways(graph: Graph, property: Always, at: number): Found {
  const { seen, broken } = graph.expander.findings.states
  if (broken[at]! >= 0) {
    const run = runTo(graph.expander, broken[at]!)
    const { state, at: where } = endOf(run)
    insist(property, !guarded(property.name, 'it', () => property.holds(state as never, asking(run.system, where))))
    return { verdict: 'violated', run }
  }
  return (
    unfinished(graph) ??
    (seen[at] ? { verdict: 'holds' } : { verdict: 'vacuous', why: 'no reachable state satisfies its premise' })
  )
}

/** Judges a `step`; `at` is the number of its watch. */
export function decideStep(graph: Graph, property: Step, at: number): Found {
  const { expander } = graph
  const { seen, broken } = expander.findings.steps
  if (broken[at]! >= 0) {
    const before = runTo(expander, broken[at]!)
    const last = enabled(expander.system, endOf(before))
      .filter((one) => selects(property.on, one))
      .find((one) => breaks(property, before, one))
    // A step that breaks it and leaves its domain in the same breath is no step.
    if (!last && graph.fault?.id === broken[at]) return unfinished(graph)!
    insist(property, last !== undefined)
    return { verdict: 'violated', run: extend(before, last) }
  }
  if (graph.cut || seen[at]) return unfinished(graph) ?? { verdict: 'holds' }
  const matching = expander.system.transitions.some((transition) => selects(property.on, transition))
  return {
    verdict: 'vacuous',
    why: matching ? 'no step that it speaks of was ever taken' : 'no step here is selected by it',
  }
}

/** Judges a `reachable`; `at` is the number of the watch for its opposite. */
export function decideReachable(graph: Graph, property: Reachable, at: number): Found {
  const witness = graph.expander.findings.states.broken[at]!
  if (graph.cut) return unfinished(graph)!
  if (witness < 0) return { verdict: 'violated', why: 'no reachable state satisfies it' }
  const { state, at: where } = graph.expander.stateOf(witness)
  insist(
    property,
    guarded(property.name, 'it', () => property.holds(state as never, asking(graph.expander.system, where))),
  )
  return { verdict: 'holds' }
}

/** Judges a `possible`; `at` and `premise` are the numbers of the collections for its goal and its premise. */
export function decidePossible(graph: Graph, at: number, premise: number | undefined): Found {
  if (graph.cut) return unfinished(graph)!
  const { collected } = graph.expander.findings
  const asked = premise === undefined ? undefined : collected[premise]!
  if (asked?.length === 0) return { verdict: 'vacuous', why: 'no reachable state satisfies its premise' }
  const reaches = canReach(graph.states, graph.edges!, collected[at]!)
  const trap = asked ? asked.find((id) => reaches[id] === 0) : reaches.indexOf(0)
  if (trap === undefined || trap < 0) return { verdict: 'holds' }
  return {
    verdict: 'violated',
    why: 'from its last state the goal cannot be reached any more',
    run: runTo(graph.expander, trap),
  }
}

/** Whether a step that can be taken after a run breaks a property of steps. */
function breaks({ name, when, holds }: Step, before: Run, transition: Transition): boolean {
  const { state, at } = endOf(before)
  const after = stateAfter(before, transition)
  if (!after) return false
  const asks = (test: Step['holds']): boolean =>
    test(state, after.state, { ...transition, at: asking(before.system, at) })
  return guarded(name, 'it', () => (!when || asks(when)) && !asks(holds))
}

/** Where a step leads; undefined if it is at fault. */
function stateAfter(before: Run, transition: Transition): SystemState | undefined {
  try {
    return endOf(extend(before, transition))
  } catch (cause) {
    if (cause instanceof Fault) return undefined
    throw cause
  }
}

/** A verdict that the reference execution does not confirm must not be printed. */
export function insist(property: Property, confirmed: boolean): asserts confirmed {
  if (!confirmed) throw new Error(`the reference execution does not confirm the verdict on ${property.name}`)
}
