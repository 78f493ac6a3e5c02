/** What all explanations of a log have in common, and what only some of them have. */

import { reaching, type FlatEdges } from '../../search/graph.js'
import { after, resting, type Explanation, type Observations, type Space } from './explain.js'

/** The arcs between nodes of an accepted explanation that lie on a way to the last line. */
export interface Account {
  /** Nodes where the last line has just been printed. */
  readonly ends: readonly number[]
  /** For each node, whether it is on a way to an end. */
  readonly useful: Uint8Array
  /** Arcs by source; `by` is the edge of the graph, -1 for none. */
  readonly arcs: FlatEdges
  /** Nodes where a run may begin. */
  readonly starts: readonly number[]
}

/** Works out the account. Linear in the arcs; wants an explanation that was accepted. */
export function accountOf(space: Space, observed: Observations, explanation: Explanation): Account {
  const { nodes, positions } = explanation
  const numbers = new Map<number, number>()
  const key = (state: number, position: number): number => position * space.states + state
  for (let node = 0; node < nodes.count; node++) numbers.set(key(nodes.state(node), nodes.position(node)), node)
  const first = new Int32Array(nodes.count + 1)
  const target: number[] = []
  const by: number[] = []
  const isEnd = new Uint8Array(nodes.count)
  const { edges } = space
  for (let node = 0; node < nodes.count; node++) {
    first[node] = target.length
    const state = nodes.state(node)
    const position = nodes.position(node)
    if (positions.printed(position) === observed.lines) continue
    const arc = (to: number, edge: number): void => {
      const next = numbers.get(key(edge < 0 ? state : edges.target[edge]!, to))!
      target.push(next)
      by.push(edge)
      if (positions.printed(to) === observed.lines) isEnd[next] = 1
    }
    resting(observed, positions, state, position, (to) => arc(to, -1))
    for (let edge = edges.first[state]!; edge < edges.first[state + 1]!; edge++)
      after(observed, positions, position, observed.printed(edge, state), (to) => arc(to, edge))
  }
  first[nodes.count] = target.length
  const arcs = { first, target: Int32Array.from(target), by: Int32Array.from(by) }
  const ends: number[] = []
  const starts: number[] = []
  for (let node = 0; node < nodes.count; node++) {
    if (isEnd[node]) ends.push(node)
    if (nodes.parent(node) < 0) starts.push(node)
  }
  return { ends, starts, arcs, useful: reaching(nodes.count, arcs, ends) }
}

/** What is asked of an account: an arc or a node that is wanted. */
export interface Wanted {
  /** A node that is wanted. */
  readonly node?: (node: number) => boolean
  /** An arc that is wanted, by its edge of the graph and its ends. */
  readonly edge?: (edge: number, from: number, to: number) => boolean
}

/** Whether what is wanted is on every explanation, on some, or on none. Linear in the arcs. */
export function occurs(account: Account, { node: nodeIs, edge: edgeIs }: Wanted): 'always' | 'sometimes' | 'never' {
  const { starts, ends, arcs, useful } = account
  const seen = new Uint8Array(useful.length)
  const queue: number[] = []
  let some = false
  const enter = (node: number): void => {
    if (!useful[node] || seen[node]) return
    if (nodeIs?.(node)) {
      some = true
      return
    }
    seen[node] = 1
    queue.push(node)
  }
  starts.forEach(enter)
  for (let here = queue.pop(); here !== undefined; here = queue.pop())
    for (let arc = arcs.first[here]!; arc < arcs.first[here + 1]!; arc++) {
      const to = arcs.target[arc]!
      if (!useful[to]) continue
      if (arcs.by[arc]! >= 0 && edgeIs?.(arcs.by[arc]!, here, to)) some = true
      else enter(to)
    }
  if (!some) return 'never'
  return ends.some((end) => seen[end]) ? 'sometimes' : 'always'
}
