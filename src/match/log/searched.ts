/** The whole graph of a system, and how a log is to be held against it. */

import { explore, type SearchOptions } from '../../search/explore.js'
import { answerable } from '../../search/purity/answerable.js'
import { flatten, type FlatEdges, type Graph } from '../../search/graph.js'
import type { Properties } from '../../write/property.js'
import type { System } from '../../write/system.js'
import type { Space } from './explain.js'
import type { Hearing } from './observing.js'

/** How a log is to be taken. */
export interface LogOptions extends Hearing {
  /** Where the run may begin: as the model does, or in any reachable state, for a log that begins in the middle. */
  readonly from?: 'start' | 'anywhere'
  /** Which boot of the log, from 0. Default: the last. */
  readonly boot?: number
  /** Only whether it can be printed: what the explanations share is not worked out, unless properties are to be judged. */
  readonly brief?: boolean
  /** Properties to be judged on the explanations. */
  readonly properties?: Properties
  /** Limits of the search for the graph. */
  readonly search?: SearchOptions
  /** Pairs of a state and a position beyond which the search gives up. */
  readonly mostNodes?: number
}

/** The graph of a system, searched for a log. */
export interface Searched {
  /** What was searched. */
  readonly system: System
  /** All of its states. */
  readonly graph: Graph
  /** Its steps, by source. */
  readonly edges: FlatEdges
}

/** Searches a system whole, with its edges. */
export async function searched(system: System, options: SearchOptions = {}): Promise<Searched> {
  const watch = { states: [], steps: [], collects: [] }
  const graph = await answerable(system, [], options.maxSeconds, () =>
    explore(system, watch, { ...options, keepEdges: true }),
  )
  return { system, graph, edges: flatten(graph.edges!) }
}

/** Where runs may begin. */
export function spaceOf({ graph, edges, system }: Searched, from: 'start' | 'anywhere'): Space {
  const states = graph.expanded
  const begin = from === 'anywhere' ? states : Math.min(states, distinctInitials(system))
  return {
    states: graph.states,
    initials: Array.from({ length: begin }, (_, i) => i),
    edges: padded(edges, graph.states),
  }
}

/** How many states of a graph are initial: they are its first ones, each once. */
const distinctInitials = ({ initials }: System): number => new Set(initials.map((state) => JSON.stringify(state))).size

/** Edges for states that were not expanded: none. */
function padded(edges: FlatEdges, states: number): FlatEdges {
  if (edges.first.length > states) return edges
  const first = new Int32Array(states + 1).fill(edges.target.length)
  first.set(edges.first)
  return { ...edges, first }
}
