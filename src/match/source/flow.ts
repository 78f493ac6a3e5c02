/** The control-flow graph of a function with the functions that it calls, its calls written as steps of a model. */

import type { Signs } from './signs.js'

/** Where an edge comes from. */
export interface Site {
  readonly function: string
  readonly line: number
}

/** An edge; several of its acts happen in the order of these fields. */
export interface FlowEdge {
  readonly to: number
  readonly site?: Site
  /** What is shown of it: the call, the branch with its condition, the jump. */
  readonly text?: string
  readonly shown?: 'call' | 'branch' | 'jump'
  /** The step that it stands for. */
  readonly label?: string
  /** A call that nothing explains. */
  readonly unexplained?: string
  /** It can be taken only if the place may have one of these signs, and then it has. */
  readonly test?: { readonly place: string; readonly signs: Signs }
  /** Forgets what is known of these places. */
  readonly forgets?: (place: string) => boolean
  /** Gives a place signs, or those of another place. */
  readonly sets?: { readonly place: string; readonly to: Signs | string }
}

/** The graph; nodes are numbers, edges are those that leave a node. */
export interface Flow {
  readonly edges: readonly (readonly FlowEdge[])[]
  readonly start: number
  readonly exit: number
  /** The place that holds what the root returns. */
  readonly returned: string
}

/** Builds the edges of a graph. */
export class FlowGraph {
  readonly edges: FlowEdge[][] = []

  node(): number {
    if (this.edges.length >= mostNodes) throw new TooLarge(`more than ${mostNodes} places in the code`)
    this.edges.push([])
    return this.edges.length - 1
  }

  /** An edge to a given node. */
  join(from: number, to: number, edge: Omit<FlowEdge, 'to'> = {}): void {
    this.edges[from]!.push({ ...edge, to })
  }

  /** An edge to a new node, which is returned. */
  step(from: number, edge: Omit<FlowEdge, 'to'> = {}): number {
    const to = this.node()
    this.join(from, to, edge)
    return to
  }
}

const mostNodes = 60_000

/** What is thrown where a comparison would not end in reasonable time: nothing is concluded then. */
export class TooLarge extends Error {}
