/** Fair cycles: where in a graph a run can stay for ever, fair to everybody whom the assumptions oblige. */

import { outside, Splitter } from './scc.js'
import { nobody, noEvidence, unfairTo, type FairnessConstraints, type Evidence, type FairnessSets } from './fairness.js'
import type { FlatEdges } from '../graph.js'

/** A graph in which fair runs are looked for: the system's own, or its product with an automaton. */
export interface Subgraph {
  readonly edges: FlatEdges
  /** The system's state that each node stands for; absent: nodes are states. */
  readonly states?: Int32Array
  readonly constraints: FairnessConstraints
  /** Per system state, the set of constraints that could act; see {@link enabledSets}. */
  readonly enabled: Int32Array
  /** Where a run may begin, ascending. */
  readonly starts: Int32Array
  /** 1 for the nodes that a run may visit; only nodes whose edges are known. */
  readonly inside: Uint8Array
  /** Sets of nodes each of which a loop has to meet. */
  readonly meets: readonly Uint8Array[]
  /** Nodes at which a run may end; absent: all. */
  readonly stops?: Uint8Array
}

/** Where runs can stay for ever. */
export interface FairComponents {
  /** Nodes in which nobody is obliged to go on. */
  readonly stops: readonly number[]
  /** Strongly connected sets of nodes with edges inside; a loop through all nodes and edges of one is fair. */
  readonly loops: readonly Int32Array[]
}

/** The state that a node stands for. */
export const stateAt = ({ states }: Subgraph, node: number): number => (states ? states[node]! : node)

/**
 * Decides, for any assumptions, whether a run that stays inside is fair. The components are found once; each question then
 * costs one look at every component. A component that wrongs a strong constraint is split further without the
 * states in which that constraint could act. Source: E. A. Emerson and C.-L. Lei, Modalities for model checking: branching
 * time logic strikes back (Sci. Comput. Program. 8, 1987); the refinement is the emptiness test of Streett automata.
 */
export class FairCycles {
  private readonly splitter: Splitter
  private readonly nodes: Int32Array
  private readonly bounds: readonly number[]
  /** Evidence of each component, three bit sets one after the other; none for those that miss a set to be met. */
  private readonly evidence: readonly (Evidence | undefined)[]

  constructor(readonly subgraph: Subgraph) {
    const label = Int32Array.from(subgraph.inside)
    this.splitter = new Splitter(subgraph.edges, label, 1)
    const { nodes, bounds } = this.splitter.split(subgraph.starts, 1, label.length)
    this.nodes = nodes
    this.bounds = bounds
    this.evidence = Array.from({ length: bounds.length - 1 }, (_, i) => {
      const members = this.component(i)
      return this.meetsAll(members) ? this.evidenceOf(members) : undefined
    })
  }

  /** Whether some run that stays inside is fair. */
  any(who: FairnessSets): boolean {
    return this.firstStop(who) >= 0 || this.search(who, true).length > 0
  }

  /** All places where a run that stays inside is fair. */
  cores(who: FairnessSets): FairComponents {
    const stops: number[] = []
    for (let node = this.firstStop(who); node >= 0; node = this.firstStop(who, node + 1)) stops.push(node)
    return { stops, loops: this.search(who, false) }
  }

  private component(i: number): Int32Array {
    return this.nodes.subarray(this.bounds[i], this.bounds[i + 1])
  }

  private firstStop({ weak }: FairnessSets, from = 0): number {
    const { subgraph, splitter } = this
    const { enabled, stops, inside, constraints } = subgraph
    for (let node = from; node < inside.length; node++)
      if (
        inside[node] === 1 &&
        (!stops || stops[node] === 1) &&
        nobody(enabled, stateAt(subgraph, node) * constraints.words, weak) &&
        splitter.visited(node)
      )
        return node
    return -1
  }

  private search(who: FairnessSets, one: boolean): Int32Array[] {
    const found: Int32Array[] = []
    for (let i = 0; i < this.evidence.length; i++) {
      const evidence = this.evidence[i]
      if (evidence) this.judge(this.component(i), evidence, who, found)
      if (one && found.length > 0) break
    }
    return found
  }

  private judge(members: Int32Array, evidence: Evidence, who: FairnessSets, found: Int32Array[]): void {
    const suffering = unfairTo(evidence, who)
    if (suffering.length === 0) {
      found.push(members)
      return
    }
    // One that could always act and never does, does not either in any part of the component.
    const starved = suffering.some((i) => ((evidence.always[i >> 5]! & who.weak[i >> 5]!) >>> (i & 31)) & 1)
    if (!starved) this.refine(members, suffering, who, found)
  }

  /** Looks on among those members in which none of the wronged could act. */
  private refine(members: Int32Array, suffering: readonly number[], who: FairnessSets, found: Int32Array[]): void {
    const { subgraph, splitter } = this
    const { label } = splitter
    const own = label[members[0]!]!
    const part = splitter.newLabel()
    const without = new Int32Array(subgraph.constraints.words)
    for (const i of suffering) without[i >> 5]! |= 1 << (i & 31)
    for (const node of members)
      label[node] = nobody(subgraph.enabled, stateAt(subgraph, node) * without.length, without) ? part : outside
    const { nodes, bounds } = splitter.split(members, part, members.length)
    for (let i = 0; i + 1 < bounds.length; i++) {
      const smaller = nodes.subarray(bounds[i], bounds[i + 1])
      if (this.meetsAll(smaller)) this.judge(smaller, this.evidenceOf(smaller), who, found)
    }
    for (const node of members) label[node] = own
  }

  private meetsAll(members: Int32Array): boolean {
    return this.subgraph.meets.every((set) => members.some((node) => set[node] === 1))
  }

  private evidenceOf(members: Int32Array): Evidence {
    const { subgraph, splitter } = this
    const { edges, constraints, enabled } = subgraph
    const { words, of } = constraints
    const { label } = splitter
    const own = label[members[0]!]
    const evidence = noEvidence(words)
    for (const node of members) {
      const set = stateAt(subgraph, node) * words
      for (let word = 0; word < words; word++) {
        evidence.always[word]! &= enabled[set + word]!
        evidence.ever[word]! |= enabled[set + word]!
      }
      for (let edge = edges.first[node]!; edge < edges.first[node + 1]!; edge++)
        if (label[edges.target[edge]!] === own) {
          const constraint = of[edges.by[edge]!]!
          evidence.taken[constraint >> 5]! |= 1 << (constraint & 31)
        }
    }
    return evidence
  }
}
