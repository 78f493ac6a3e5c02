/** What a search leaves behind: the reached states, how they were reached, and, where asked for, all transitions. */

import type { Expander } from './expander.js'
import type { Fault } from './reference.js'
import type { Fingerprints } from './compact/compaction.js'
import { offsetIn, segmentOf } from './store.js'

/** Why a search ended before every reachable state was expanded. */
export interface Cut {
  readonly limit: 'states' | 'memory' | 'seconds' | 'interrupt' | 'first violation' | 'fault' | 'fingerprints'
  /** How far it came and what to do about it, as a sentence. */
  readonly says: string
}

/** The explored part of a system's state graph; states are named by their breadth-first number. */
export interface Graph {
  readonly expander: Expander
  /** Distinct states found, initial ones included. */
  readonly states: number
  /** Guarded steps taken: one per enabled transition of every expanded state, self-loops and duplicates included. */
  readonly transitions: number
  /** The longest shortest path from an initial state, in steps. */
  readonly depth: number
  /** States whose successors are all known; equals `states` after a complete search. */
  readonly expanded: number
  /** Batches in which several threads took part. */
  readonly batches: number
  /** Absent after a complete search. */
  readonly cut?: Cut
  /** Present if states were kept as fingerprints; then there is always a cut. */
  readonly fingerprints?: Fingerprints
  /** A fault of the model, and the state in which it showed. */
  readonly fault?: { readonly id: number; readonly fault: Fault }
  /** Present if asked for. */
  readonly edges?: Edges
}

/** All transitions of the expanded states, grouped by source in identity order. */
export interface Edges {
  /** Edges of state `id` are those from `first(id)` to `first(id + 1)`. */
  readonly first: Vector
  readonly target: Vector
  /** The index of the transition. */
  readonly by: Vector
}

/** {@link Edges} as contiguous arrays: what algorithms on graphs want. */
export interface FlatEdges {
  /** One entry more than there are sources. */
  readonly first: Int32Array
  readonly target: Int32Array
  readonly by: Int32Array
}

/** A contiguous copy of the edges. */
export const flatten = ({ first, target, by }: Edges): FlatEdges => ({
  first: first.flat(),
  target: target.flat(),
  by: by.flat(),
})

/** A growing sequence of 32-bit integers in segments: nothing is copied as it grows. */
export class Vector {
  private readonly segments: Int32Array[] = []
  private room = 0
  length = 0

  push(value: number): void {
    if (this.length === this.room) {
      const more = 1 << (12 + this.segments.length)
      this.segments.push(new Int32Array(more))
      this.room += more
    }
    const id = this.length++
    this.segments[segmentOf(id)]![offsetIn(id)] = value
  }

  at(id: number): number {
    return this.segments[segmentOf(id)]![offsetIn(id)]!
  }

  /** A contiguous copy. */
  flat(): Int32Array {
    const all = new Int32Array(this.length)
    let from = 0
    for (const segment of this.segments) {
      const piece = segment.subarray(0, Math.min(segment.length, this.length - from))
      all.set(piece, from)
      from += piece.length
    }
    return all
  }
}

/** What of a search grows with the space, in bytes. */
export function bytesOf(expander: Expander, edges: Edges | undefined): number {
  const ints = edges ? edges.first.length + edges.target.length + edges.by.length : 0
  return expander.store.bytes() + 4 * ints
}

/** Identities from an initial state to `id`: a shortest path, the first in breadth-first order. */
export function pathTo(expander: Expander, id: number): readonly number[] {
  const path = [id]
  for (;;) {
    const last = path[path.length - 1]!
    const parent = expander.store.parents.parent(last)
    if (parent < 0) return path.reverse()
    path.push(parent)
  }
}

/** Marks every state from which some goal can be reached. Linear in states and edges. */
export const canReach = (states: number, edges: Edges, goals: readonly number[]): Uint8Array =>
  reaching(states, flatten(edges), goals)

/** Edges turned round: the states with an edge to state i are `target[first[i]]` … `target[first[i+1]-1]`. Linear in states and edges. */
export function reversed(states: number, { first, target }: Ends): Ends {
  const start = new Int32Array(states + 1)
  for (const to of target) start[to + 1]!++
  for (let id = 0; id < states; id++) start[id + 1]! += start[id]!
  const fill = start.slice()
  const source = new Int32Array(target.length)
  for (let id = 0; id < states; id++)
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) source[fill[target[edge]!]!++] = id
  return { first: start, target: source }
}

type Ends = Pick<FlatEdges, 'first' | 'target'>

/** {@link canReach} over contiguous edges. */
export function reaching(states: number, edges: Ends, goals: readonly number[]): Uint8Array {
  const { first: start, target: source } = reversed(states, edges)
  const reaches = new Uint8Array(states)
  const queue = new Int32Array(states)
  let tail = 0
  for (const goal of goals)
    if (reaches[goal] === 0) {
      reaches[goal] = 1
      queue[tail++] = goal
    }
  for (let head = 0; head < tail; head++) {
    const id = queue[head]!
    for (let edge = start[id]!; edge < start[id + 1]!; edge++) {
      const before = source[edge]!
      if (reaches[before] === 0) {
        reaches[before] = 1
        queue[tail++] = before
      }
    }
  }
  return reaches
}
