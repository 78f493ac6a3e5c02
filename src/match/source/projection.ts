/** What a whole system lets one of its threads do, as an automaton over that thread's steps: guards count here. */

import { explore } from '../../search/explore.js'
import { flatten } from '../../search/graph.js'
import type { At } from '../../write/model.js'
import type { Arrow, Automaton } from './automaton.js'
import type { StepNote, ThreadPart } from './thread-paths.js'

/** Spaces larger than this are not searched for a projection: the thread's control flow has to do then. */
const mostStates = 300_000

/** The projection; a sentence if the space is too large, or if the thread never begins that part in it. */
export async function projectionOf(part: ThreadPart): Promise<Automaton<StepNote> | string> {
  const { system, thread } = part
  const { name, labels } = system.threads[thread]!
  const begins = new Set(part.begins.map((at) => labels[at]!))
  const begun = { name: 'begins', holds: (_: unknown, at: At) => [...begins].some((label) => at(name, label)) }
  const watch = { states: [], steps: [], collects: [begun] }
  const graph = await explore(system, watch, { keepEdges: true, maxStates: mostStates })
  if (graph.cut) return `guards were not followed: ${graph.cut.says}`
  const first = graph.expander.findings.collected[0]!
  if (first.length === 0) return `${name} never comes to ${[...begins].join(' or ')} in this instance`
  const edges = flatten(graph.edges!)
  // A state of the projection is one of the system, before the thread's first step here and, added to that, behind it: a
  // thread that goes round begins where it ends. Where the thread stands is known from how a state was reached.
  const size = graph.states
  const [end, start] = [2 * size, 2 * size + 1]
  const stands = new Int32Array(size).fill(-1)
  for (const id of first) stands[id] = labels.indexOf(graph.expander.stateOf(id).at[name]!)
  const arrows = (state: number): readonly Arrow<StepNote>[] => {
    if (state === start) return first.map((to) => ({ to }))
    if (state === end) return []
    const begunBefore = state >= size
    const id = begunBefore ? state - size : state
    const endings = begunBefore ? part.endingsAt(stands[id]!) : undefined
    if (endings) return endings.map((label) => ({ to: end, label }))
    const made: Arrow<StepNote>[] = []
    for (let edge = edges.first[id]!; edge < edges.first[id + 1]!; edge++) {
      const target = edges.target[edge]!
      const transition = system.transitions[edges.by[edge]!]!
      const own = transition.thread === thread
      stands[target] = own ? transition.to : stands[id]!
      const label = own ? part.labelOf(transition) : undefined
      const to = own || begunBefore ? target + size : target
      made.push({ to, ...(label !== undefined && { label }), ...(own && { note: { step: part.fullOf(transition) } }) })
    }
    return made
  }
  return { start, arrows }
}
