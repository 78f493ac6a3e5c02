/** What a system allows, searched whole to be seen through events; if a property is given, only the runs that keep it. */

import { explore, type SearchOptions } from '../search/explore.js'
import { flatten, type FlatEdges, type Graph } from '../search/graph.js'
import { compose } from '../search/compose/observer.js'
import { answerable } from '../search/purity/answerable.js'
import { Mistake } from '../write/mistake.js'
import { selects, type StepTaken } from '../write/predicate.js'
import type { Observer, Property, Step } from '../write/property.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import type { Searched } from './projection.js'

/** Searches a system. @throws Mistake if the search is cut, for a property that a monitor cannot keep, and for a fault of the model. */
export async function allowedBy(system: System, kept: Property | undefined, limits: SearchOptions): Promise<Searched> {
  if (kept && !['always', 'step', 'observer'].includes(kept.kind))
    throw new Mistake(
      `property ${kept.name}`,
      `is of the kind ${kept.kind}: what must happen in the end, or may, no monitor can tell`,
      'one of the kinds always, step, observer',
    )
  const { system: searched, field } = kept?.kind === 'observer' ? compose(system, kept.declared) : { system, field: '' }
  const watch = { states: [], steps: [], collects: [] }
  const graph = await answerable(system, kept ? [kept] : [], limits.maxSeconds, () =>
    explore(searched, watch, { ...limits, keepEdges: true }),
  )
  if (graph.fault) throw graph.fault.fault
  if (graph.cut)
    throw new Mistake(
      `model ${system.model.name}`,
      `was not searched whole: ${graph.cut.says}`,
      'a monitor of half a model would call right what it has not seen: choose a smaller instance',
    )
  const edges = flatten(graph.edges!)
  return {
    system: searched,
    states: graph.states,
    edges,
    ...(kept?.kind === 'always' && { wrong: once((id) => breaksAlways(kept, graph, id)) }),
    ...(kept?.kind === 'observer' && { wrong: once((id) => isWrong(kept, field, graph, id)) }),
    ...(kept?.kind === 'step' && { forbidden: (source, edge) => breaksStep(kept, graph, edges, source, edge) }),
  }
}

/** Answers that are asked for again and again. */
function once(ask: (id: number) => boolean): (id: number) => boolean {
  const known = new Map<number, boolean>()
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const answer = ask(id)
    known.set(id, answer)
    return answer
  }
}

function breaksAlways({ when, holds }: Property & { kind: 'always' }, { expander }: Graph, id: number): boolean {
  const { state, at } = expander.stateOf(id)
  const asked = asking(expander.system, at)
  return (when === undefined || when(state, asked)) && !holds(state, asked)
}

function isWrong({ declared }: Observer, field: string, { expander }: Graph, id: number): boolean {
  const { state, at } = expander.stateOf(id)
  return declared.wrong((state as Record<string, unknown>)[field], state, asking(expander.system, at))
}

function breaksStep({ on, when, holds }: Step, graph: Graph, edges: FlatEdges, source: number, edge: number): boolean {
  const { expander } = graph
  const transition = expander.system.transitions[edges.by[edge]!]!
  if (!selects(on, transition)) return false
  const before = expander.stateOf(source)
  const after = expander.stateOf(edges.target[edge]!).state
  const { name, step, actor, args } = transition
  const taken: StepTaken = { name, step, actor, args, at: asking(expander.system, before.at) }
  const asked = [before.state as never, after as never, taken] as const
  return (when === undefined || when(...asked)) && !holds(...asked)
}
