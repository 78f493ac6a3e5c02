/** Strongly connected components of parts of a graph, on typed arrays: no object per state, no recursion. */

import type { FlatEdges } from '../graph.js'

/** The components that have an edge inside, each a stretch of `nodes`. */
export interface Components {
  readonly nodes: Int32Array
  /** Component `i` is `nodes` from `bounds[i]` to `bounds[i + 1]`. */
  readonly bounds: readonly number[]
}

/** Labels of nodes that belong to no part: outside, and visited but on no cycle. */
export const outside = 0
const onNoCycle = -1

/**
 * Splits parts of a graph into components. A part is the set of nodes with the same positive label; splitting one gives the
 * nodes of every component that has an edge inside a fresh label of its own. Source: R. E. Tarjan, Depth-first search and
 * linear graph algorithms (SIAM J. Comput. 1, 1972), with an explicit stack. Linear in nodes and edges of the part.
 */
export class Splitter {
  private readonly number: Int32Array
  private readonly low: Int32Array
  private readonly cursor: Int32Array
  private readonly stack: Int32Array
  private readonly calls: Int32Array
  private fresh: number

  constructor(
    private readonly edges: FlatEdges,
    /** The label of each node; nodes with edges only. */
    readonly label: Int32Array,
    highest: number,
  ) {
    const size = label.length
    this.number = new Int32Array(size)
    this.low = new Int32Array(size)
    this.cursor = new Int32Array(size)
    this.stack = new Int32Array(size)
    this.calls = new Int32Array(size)
    this.fresh = highest + 1
  }

  /** Whether a node was reached by the last split that could reach it. */
  visited(node: number): boolean {
    return this.number[node] !== 0
  }

  /** A label that no node has yet. */
  newLabel(): number {
    return this.fresh++
  }

  /** Splits what can be reached from the roots within the part that is labelled `group`. */
  split(roots: Int32Array, group: number, most: number): Components {
    const { label, number } = this
    const found = { nodes: new Int32Array(most), bounds: [0] }
    for (const root of roots) if (label[root] === group) number[root] = 0
    let reached = 0
    for (const root of roots)
      if (label[root] === group && number[root] === 0) reached = this.from(root, group, reached, found)
    return found
  }

  /** Depth-first search from one root; all that it visits leaves the group. Returns how many nodes were numbered so far. */
  private from(root: number, group: number, before: number, found: { nodes: Int32Array; bounds: number[] }): number {
    const { label, number, low, cursor, stack, calls } = this
    const { first, target } = this.edges
    let reached = before
    let top = 0
    let depth = 0
    calls[0] = root
    number[root] = low[root] = ++reached
    cursor[root] = first[root]!
    stack[top++] = root
    while (depth >= 0) {
      const node = calls[depth]!
      const edge = cursor[node]!
      if (edge < first[node + 1]!) {
        cursor[node] = edge + 1
        const to = target[edge]!
        // Whatever was completed has another label by now, so a numbered node of the group is on the stack.
        if (label[to] !== group) continue
        if (number[to] === 0) {
          calls[++depth] = to
          number[to] = low[to] = ++reached
          cursor[to] = first[to]!
          stack[top++] = to
        } else if (number[to]! < low[node]!) low[node] = number[to]!
        continue
      }
      depth--
      if (depth >= 0 && low[node]! < low[calls[depth]!]!) low[calls[depth]!] = low[node]!
      if (low[node] === number[node]) top = this.complete(node, top, found)
    }
    return reached
  }

  /** Takes a component off the stack. */
  private complete(node: number, top: number, found: { nodes: Int32Array; bounds: number[] }): number {
    const { label, stack } = this
    let bottom = top - 1
    while (stack[bottom] !== node) bottom--
    if (top - bottom === 1 && !this.loopsAt(node)) {
      label[node] = onNoCycle
      return bottom
    }
    const own = this.newLabel()
    let end = found.bounds[found.bounds.length - 1]!
    for (let at = bottom; at < top; at++) {
      label[stack[at]!] = own
      found.nodes[end++] = stack[at]!
    }
    found.bounds.push(end)
    return bottom
  }

  private loopsAt(node: number): boolean {
    const { first, target } = this.edges
    for (let edge = first[node]!; edge < first[node + 1]!; edge++) if (target[edge] === node) return true
    return false
  }
}
