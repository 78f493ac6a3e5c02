/** From which step on a violation could no longer be avoided. */

import { isDeepStrictEqual } from 'node:util'
import { selects } from '../write/predicate.js'
import type { Property, Step } from '../write/property.js'
import type { At } from '../write/model.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import type { StateTest } from '../search/expander.js'
import { explore, type SearchOptions } from '../search/explore.js'
import { flatten, reaching, type FlatEdges, type Graph } from '../search/graph.js'
import type { Run } from '../search/run.js'

/** A run, and the property that it breaks; absent for no-deadlock. */
export interface Inevitability {
  readonly run: Run
  readonly property: Property | undefined
}

/**
 * For each run the number of its steps after which the property is lost: no way on both keeps it and comes to where it
 * cannot be broken any more, or to a resting state. `null` where that is not known: nothing ever rests, the property is not one of
 * states or steps, a limit was hit, or states are kept as fingerprints. One search of the system for all of them, then linear in its edges.
 */
export async function inevitabilities(
  system: System,
  dooms: readonly Inevitability[],
  options: SearchOptions = {},
): Promise<readonly (number | null)[]> {
  // Fingerprints keep no graph.
  if (options.fingerprints || !dooms.some(({ property }) => isAsked(property))) return dooms.map(() => null)
  const collects = [
    { name: 'resting', holds: (state: unknown, at: At) => system.resting(state, at) },
    ...dooms.map(({ property }) => ({ name: property?.name ?? 'no-deadlock', holds: broken(property) })),
  ]
  const graph = await explore(system, { states: [], steps: [], collects }, { ...options, keepEdges: true })
  if (graph.cut) return dooms.map(() => null)
  const edges = flatten(graph.edges!)
  const [resting, ...bad] = graph.expander.findings.collected
  return dooms.map(({ run, property }, i) => {
    // Where nothing ever rests, a run that goes on for ever keeps the property too.
    if (!isAsked(property) || resting!.length === 0) return null
    const states = property ? bad[i]! : deadEnds(graph.states, edges, resting!)
    const steps = property?.kind === 'step' ? breakingEdges(graph, edges, property) : undefined
    return turn(graph, edges, run, avoiding(graph.states, edges, { states, steps, resting: resting! }))
  })
}

const isAsked = (property: Property | undefined): boolean =>
  property === undefined || property.kind === 'always' || property.kind === 'step'

/** Whether a state breaks a property. */
function broken(property: Property | undefined): StateTest {
  if (property?.kind !== 'always') return () => false
  const { when, holds } = property
  return (state, at) => (!when || when(state, at)) && !holds(state, at)
}

function deadEnds(states: number, { first }: FlatEdges, resting: readonly number[]): readonly number[] {
  const rests = new Set(resting)
  return everyId(states).filter((id) => first[id] === first[id + 1] && !rests.has(id))
}

const everyId = (states: number): readonly number[] => Array.from({ length: states }, (_, id) => id)

/** Marks the edges that break a property of steps. */
function breakingEdges(graph: Graph, { first, target, by }: FlatEdges, property: Step): Uint8Array {
  const { system, stateOf } = graph.expander
  const selected = system.transitions.map((transition) => selects(property.on, transition))
  const marks = new Uint8Array(by.length)
  for (let id = 0; id < graph.states; id++)
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
      if (!selected[by[edge]!]) continue
      const here = stateOf(id)
      const step = { ...system.transitions[by[edge]!]!, at: asking(system, here.at) }
      const [before, after] = [here.state, stateOf(target[edge]!).state] as [never, never]
      if ((!property.when || property.when(before, after, step)) && !property.holds(before, after, step))
        marks[edge] = 1
    }
  return marks
}

interface Bad {
  readonly states: readonly number[]
  readonly steps: Uint8Array | undefined
  readonly resting: readonly number[]
}

/** Marks the states from which the property can still be kept. */
function avoiding(states: number, { first, target }: FlatEdges, bad: Bad): Uint8Array {
  const isBad = new Uint8Array(states)
  for (const id of bad.states) isBad[id] = 1
  const sources: number[] = []
  // What remains without the breaking steps; those become loops, which lead nowhere.
  const kept = target.slice()
  for (let id = 0; id < states; id++)
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
      if (bad.steps?.[edge]) sources.push(id)
      if (bad.steps?.[edge] || isBad[id] || isBad[target[edge]!]) kept[edge] = id
    }
  const breaks = reaching(states, { first, target }, [...bad.states, ...sources])
  const goals = [...everyId(states).filter((id) => breaks[id] === 0), ...bad.resting.filter((id) => isBad[id] === 0)]
  return reaching(states, { first, target: kept }, goals)
}

/** After how many steps a run first comes to a state that is not marked; its length if only its last step breaks. */
function turn(graph: Graph, { first, target, by }: FlatEdges, run: Run, marked: Uint8Array): number | null {
  const { system, stateOf } = graph.expander
  let here = everyId(system.initials.length).find((id) => isDeepStrictEqual(stateOf(id), run.start))
  for (let taken = 0; here !== undefined; taken++) {
    if (marked[here] === 0 || taken === run.steps.length) return taken
    const wanted = run.steps[taken]!.transition.index
    const edge = everyId(first[here + 1]! - first[here]!).find((i) => by[first[here!]! + i] === wanted)
    here = edge === undefined ? undefined : target[first[here]! + edge]
  }
  return null
}
