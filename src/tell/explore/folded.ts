/** A folded map of the state graph: one node for each value of some fields, with counts, in layers for drawing. */

import { initialStates } from '../../search/reference.js'
import type { SystemState } from '../../search/reference.js'
import type { System } from '../../write/system.js'
import { valueIn } from '../states.js'
import { shown } from '../text.js'
import { spread, wayTo, type Bounds } from './shortest.js'

/** A node: all states in which the fields have these values. */
export interface Node {
  readonly key: string
  readonly states: number
  /** The fewest steps to a state of it, and a run to that one. */
  readonly depth: number
  readonly initial: number
  readonly names: readonly string[]
}

/** All steps from states of one node to states of another, by index. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly steps: number
  /** Names without arguments, each once. */
  readonly names: readonly string[]
}

/** The map, or of what was seen until a limit was hit. */
export interface FoldedMap {
  readonly by: readonly string[]
  readonly nodes: readonly Node[]
  readonly edges: readonly Edge[]
  readonly states: number
  readonly cut: 'states' | 'seconds' | null
}

/** What tells nodes apart: `at suspend` or `dev[0].used`. */
export const keyIn = ({ state, at }: SystemState, by: readonly string[]): string =>
  by
    .map((field) =>
      field.startsWith('at ') ? (at[field.slice(3)] ?? '–') : `${field}=${shown(valueIn(state, field))}`,
    )
    .join(' · ')

/** Goes everywhere within limits, and folds what it sees. Yields the number of states now and then. @throws Fault */
export function* foldedMap(system: System, by: readonly string[], bounds: Bounds): Generator<number, FoldedMap> {
  const nodes: { key: string; states: number; first: number }[] = []
  const known = new Map<string, number>()
  const of: number[] = []
  const edges = new Map<string, { from: number; to: number; steps: number; names: Set<string> }>()
  const nodeOf = (id: number, here: SystemState): number => {
    if (of[id] !== undefined) return of[id]
    const key = keyIn(here, by)
    const node = known.get(key) ?? nodes.push({ key, states: 0, first: id }) - 1
    known.set(key, node)
    nodes[node]!.states++
    return (of[id] = node)
  }
  const starts = initialStates(system)
  const { met, ended } = yield* spread(system, starts, bounds, {
    state: (id, { here }) => nodeOf(id, here) < 0,
    step: (id, transition, target, after) => {
      const [from, to] = [of[id]!, nodeOf(target, after)]
      if (from === to) return false
      const edge = edges.get(`${from} ${to}`) ?? { from, to, steps: 0, names: new Set<string>() }
      edge.steps++
      edge.names.add(transition.step)
      edges.set(`${from} ${to}`, edge)
      return false
    },
  })
  return {
    by,
    nodes: nodes.map(({ key, states, first }) => {
      let root = first
      while (met[root]!.from) root = met[root]!.from!.id
      return { key, states, depth: met[first]!.depth, initial: root, names: wayTo(met, first) }
    }),
    edges: [...edges.values()].map((edge) => ({ ...edge, names: [...edge.names] })),
    states: met.length,
    cut: ended === 'states' || ended === 'seconds' ? ended : null,
  }
}

/** A place in a drawing: the layer from the top, and the place in it from the left. */
export interface Spot {
  readonly layer: number
  readonly place: number
}

/** What can be laid out: nodes of which some have depth 0, and edges by index. */
export interface Drawable {
  readonly nodes: readonly Pick<Node, 'depth'>[]
  readonly edges: readonly Pick<Edge, 'from' | 'to'>[]
}

/**
 * Layers for drawing: a node lies as deep as the fewest edges that lead to it, and in its layer near those that it is joined to
 * (Sugiyama, Tagawa and Toda 1981, by averages). Nearly linear in edges.
 */
export function layersOf({ nodes, edges }: Drawable): readonly Spot[] {
  const layer = nodes.map(({ depth }) => (depth === 0 ? 0 : Infinity))
  // What no edge leads to from a start begins a part of its own.
  for (let next = 0; next >= 0; next = layer.indexOf(Infinity)) {
    if (layer[next] === Infinity) layer[next] = 0
    for (let changed = true; changed;) {
      changed = false
      for (const { from, to } of edges)
        if (layer[from]! + 1 < layer[to]!) {
          layer[to] = layer[from]! + 1
          changed = true
        }
    }
  }
  const rows: number[][] = []
  layer.forEach((row, node) => (rows[row] ??= []).push(node))
  const place = nodes.map((_, node) => rows[layer[node]!]!.indexOf(node))
  const near = nodes.map((_, node) =>
    edges.flatMap(({ from, to }) => (from === node ? [to] : to === node ? [from] : [])),
  )
  for (let round = 0; round < 6; round++)
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const middle = (node: number): number =>
        near[node]!.length === 0
          ? place[node]!
          : near[node]!.reduce((sum, one) => sum + place[one]!, 0) / near[node]!.length
      const wanted = new Map(row.map((node) => [node, middle(node)]))
      row.sort((a, b) => wanted.get(a)! - wanted.get(b)! || a - b)
      row.forEach((node, i) => (place[node] = i - (row.length - 1) / 2))
    }
  return nodes.map((_, node) => ({ layer: layer[node]!, place: place[node]! }))
}
