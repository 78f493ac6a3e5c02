/** Does a graph have a run that prints a log? A search over states and positions in the log, exact in both directions. */

import type { FlatEdges } from '../../search/graph.js'
import { Positions, type Order } from './positions.js'

/** One thing that a step may print, or a thread's arrival: which lines of the log it can be, and whether it may stay away. */
export interface Utterance {
  /** Whether the line of that number, from 0, can be this one. */
  readonly fits: (line: number) => boolean
  /** It is always in a log of this kind: the step cannot happen without it. */
  readonly closed: boolean
}

/** What is to be explained: lines, by number from 0, all of which have to be printed, and the graph's part in it. */
export interface Observations extends Order {
  /** What taking an edge prints, in this order. Asked once per edge and position. */
  readonly printed: (edge: number, source: number) => readonly Utterance[]
  /** Whether a line tells no step but where things stand, and stands so in a state; undefined: it is an ordinary line. */
  readonly stands?: (line: number, state: number) => boolean | undefined
  /** Whether a line only repeats the one before it, and asks for no step of its own. */
  readonly repeats?: (line: number) => boolean
  /** Whether lines may be missing right before this one, or (`lines`) at the end. */
  readonly gap?: (line: number) => boolean
}

/** The graph: its states by number. */
export interface Space {
  /** How many there are. */
  readonly states: number
  /** Where a run may begin. */
  readonly initials: readonly number[]
  /** The steps between them, by source. */
  readonly edges: FlatEdges
}

/** Part of an explanation: a state, a position in the log, and the shortest way there. */
export interface Nodes {
  /** How many there are. */
  readonly count: number
  /** Its state. */
  state(node: number): number
  /** Its position in the log. */
  position(node: number): number
  /** The node before it; -1 for where a run begins. */
  parent(node: number): number
  /** The edge from there; -1 if nothing was taken: a line told where things stand, or repeated another. */
  edge(node: number): number
}

/** What came of it. */
export interface Explanation {
  /** Whether some run prints every line; `unknown` if the limit was hit before that was known. */
  readonly verdict: 'accepted' | 'rejected' | 'unknown'
  /** How many lines are printed by the run that comes furthest. */
  readonly matched: number
  /** The first line that cannot come, given those before it; -1 if all can. */
  readonly rejected: number
  /** A shortest run: nodes from its beginning; to the last line, or to the furthest that some run gets. */
  readonly path: readonly number[]
  /** A step that prints part of what comes next, and then something else: the nearest that a rejected log is to going on. */
  readonly broken?: { readonly node: number; readonly edge: number; readonly position: number }
  /** All nodes, in the order of the length of their runs. */
  readonly nodes: Nodes
  /** The positions that its nodes speak of. */
  readonly positions: Positions
  /** How many states a run can be in when so many lines have been printed, by the number of lines. */
  readonly widths: readonly number[]
}

/** Nodes beyond which a search gives up, and says so. */
export const mostNodes = 20_000_000

/**
 * Looks for a shortest run that prints all lines. Linear in the edges of the graph for each position of the log that is reached;
 * about 40 bytes for each pair of a state and a position.
 */
export function explain(space: Space, observed: Observations, most = mostNodes): Explanation {
  const positions = new Positions(observed)
  const nodes = new Table()
  for (const state of space.initials) nodes.enter(state, positions.start, -1, -1)
  const widths: number[] = new Array<number>(observed.lines + 1).fill(0)
  let cut = false
  let furthest = -1
  let broken: Explanation['broken']
  let deepest = 0
  for (let node = 0; node < nodes.count && !cut; node++) {
    const state = nodes.state(node)
    const position = nodes.position(node)
    widths[positions.printed(position)]!++
    if (furthest < 0 || positions.printed(position) > positions.printed(nodes.position(furthest))) furthest = node
    resting(observed, positions, state, position, (to) => nodes.enter(state, to, node, -1))
    const { first, target } = space.edges
    for (let edge = first[state]!; edge < first[state + 1]!; edge++)
      after(
        observed,
        positions,
        position,
        observed.printed(edge, state),
        (to) => nodes.enter(target[edge]!, to, node, edge),
        (part) => {
          if (positions.printed(part) <= deepest) return
          deepest = positions.printed(part)
          broken = { node, edge, position: part }
        },
      )
    cut = nodes.count > most
  }
  const matched = furthest < 0 ? 0 : positions.printed(nodes.position(furthest))
  const verdict = matched === observed.lines && furthest >= 0 ? 'accepted' : cut ? 'unknown' : 'rejected'
  const nearer = verdict === 'rejected' && deepest > matched ? broken : undefined
  return {
    verdict,
    matched,
    rejected: verdict === 'rejected' ? positions.next(nearer?.position ?? nodes.position(furthest))[0]! : -1,
    ...(nearer && { broken: nearer }),
    path: furthest < 0 ? [] : pathTo(nodes, furthest),
    nodes,
    positions,
    widths,
  }
}

/** Where lines lead that ask for no step. */
export function resting(
  observed: Observations,
  positions: Positions,
  state: number,
  position: number,
  to: (position: number) => void,
): void {
  for (const line of positions.next(position)) {
    if (observed.stands?.(line, state) === true || observed.repeats?.(line) === true) to(positions.with(position, line))
  }
}

/** Where the lines of a step lead: each is in the log, or stays away where it may. Where it breaks off is told to `part`. */
export function after(
  observed: Observations,
  positions: Positions,
  position: number,
  utterances: readonly Utterance[],
  to: (position: number) => void,
  part?: (position: number) => void,
  from = 0,
): void {
  const utterance = utterances[from]
  // A log may end in the middle of what a step prints.
  if (utterance === undefined || (from > 0 && positions.next(position).length === 0)) return to(position)
  if (from > 0) part?.(position)
  for (const line of positions.next(position)) {
    if (observed.stands?.(line, -1) === undefined && utterance.fits(line))
      after(observed, positions, positions.with(position, line), utterances, to, part, from + 1)
  }
  const missing = observed.gap?.(positions.next(position)[0] ?? observed.lines) ?? false
  if (!utterance.closed || missing) after(observed, positions, position, utterances, to, part, from + 1)
}

/** The way to a node, from where its run begins. */
export function pathTo(nodes: Nodes, node: number): readonly number[] {
  const path = [node]
  for (let here = nodes.parent(node); here >= 0; here = nodes.parent(here)) path.push(here)
  return path.reverse()
}

/** Nodes by number, found again by state and position: open addressing over growing arrays. */
class Table implements Nodes {
  count = 0
  private states = new Int32Array(1024)
  private positions = new Int32Array(1024)
  private parents = new Int32Array(1024)
  private edges = new Int32Array(1024)
  private slots = new Int32Array(4096).fill(-1)

  state(node: number): number {
    return this.states[node]!
  }
  position(node: number): number {
    return this.positions[node]!
  }
  parent(node: number): number {
    return this.parents[node]!
  }
  edge(node: number): number {
    return this.edges[node]!
  }

  /** Enters a node unless it is there: the first to find it has found it by a shortest run. */
  enter(state: number, position: number, parent: number, edge: number): void {
    let slot = this.slotOf(state, position)
    while (this.slots[slot]! >= 0) {
      const known = this.slots[slot]!
      if (this.states[known] === state && this.positions[known] === position) return
      slot = (slot + 1) & (this.slots.length - 1)
    }
    if (this.count === this.states.length) this.grow()
    const node = this.count++
    this.states[node] = state
    this.positions[node] = position
    this.parents[node] = parent
    this.edges[node] = edge
    this.slots[slot] = node
    if (this.count * 2 > this.slots.length) this.rehash()
  }

  private slotOf(state: number, position: number): number {
    const mixed = Math.imul(state ^ Math.imul(position, 0x9e3779b1), 0x85ebca6b)
    return (mixed ^ (mixed >>> 15)) & (this.slots.length - 1)
  }

  private grow(): void {
    const larger = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const fresh = new Int32Array(old.length * 2)
      fresh.set(old)
      return fresh
    }
    this.states = larger(this.states)
    this.positions = larger(this.positions)
    this.parents = larger(this.parents)
    this.edges = larger(this.edges)
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1)
    for (let node = 0; node < this.count; node++) {
      let slot = this.slotOf(this.states[node]!, this.positions[node]!)
      while (this.slots[slot]! >= 0) slot = (slot + 1) & (this.slots.length - 1)
      this.slots[slot] = node
    }
  }
}
