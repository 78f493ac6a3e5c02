/** Stuttering equivalence: whether two systems go through the same values in the same branching order. */

import { flatten, type Graph } from '../search/graph.js'

/**
 * The values that the declared fields take, state by state, as text; where threads stand is left out. Undefined as soon as a
 * value is met that is not one of `known`.
 */
export function valuesIn({ expander, states }: Graph, known?: ReadonlySet<string>): readonly string[] | undefined {
  const values: string[] = []
  for (let id = 0; id < states; id++) {
    const value = JSON.stringify(expander.stateOf(id).state)
    if (known && !known.has(value)) return undefined
    values.push(value)
  }
  return values
}

/** A complete graph that kept its edges, with the values of its states. */
export interface Valued {
  readonly graph: Graph
  readonly values: readonly string[]
}

/**
 * Whether the initial states of two graphs are pairwise equivalent modulo stuttering, with endless stuttering and dead ends told from
 * progress: no CTL* formula over the declared fields without "next" tells the graphs apart. Partition refinement by
 * signatures; rounds times edges. Sources: M. C. Browne, E. M. Clarke, O. Grumberg, Characterizing finite Kripke structures in
 * propositional temporal logic (1988); S. Blom, S. Orzan, Distributed branching bisimulation reduction of state spaces (2003).
 */
export function stutters(a: Valued, b: Valued): boolean {
  const successors = [...successorsIn(a.graph, 0), ...successorsIn(b.graph, a.graph.states)]
  const initials = a.graph.expander.system.initials.length
  if (initials !== b.graph.expander.system.initials.length) return false
  let block = numbered([...a.values, ...b.values])
  for (let blocks = 0; ;) {
    // Blocks are only ever split, so that initial states that have come apart stay apart.
    for (let i = 0; i < initials; i++) if (block[i] !== block[a.graph.states + i]) return false
    const count = new Set(block).size
    if (count === blocks) return true
    blocks = count
    block = numbered(signatures(successors, block))
  }
}

function successorsIn({ edges, states }: Graph, from: number): readonly number[][] {
  const { first, target } = flatten(edges!)
  return Array.from({ length: states }, (_, id) => {
    const own = new Set(target.subarray(first[id], first[id + 1]))
    return [...own].map((to) => to + from)
  })
}

/** Equal texts get equal numbers. */
function numbered(texts: readonly string[]): readonly number[] {
  const numbers = new Map<string, number>()
  return texts.map((text) => {
    const known = numbers.get(text) ?? numbers.size
    numbers.set(text, known)
    return known
  })
}

const dead = -1
const stays = -2

/** Per state its block, the blocks that it can go to without first leaving its own, and whether it can end or stay for ever. */
function signatures(successors: readonly (readonly number[])[], block: readonly number[]): readonly string[] {
  const before = successors.map((): number[] => [])
  const inside = new Int32Array(block.length)
  const exits = successors.map((all, id) => {
    const own = new Set<number>(all.length === 0 ? [dead] : [])
    for (const to of all)
      if (block[to] === block[id]) {
        before[to]!.push(id)
        inside[id]!++
      } else own.add(block[to]!)
    return own
  })
  markStaying(before, inside, exits)
  const queue = exits.map((_, id) => id)
  for (let id = queue.pop(); id !== undefined; id = queue.pop())
    for (const one of before[id]!) {
      const size = exits[one]!.size
      for (const exit of exits[id]!) exits[one]!.add(exit)
      if (exits[one]!.size > size) queue.push(one)
    }
  return exits.map((own, id) => `${block[id]}:${[...own].sort((x, y) => x - y).join()}`)
}

/** A state can stay in its block for ever unless, peeled from the ends, nothing inside is left to go to. */
function markStaying(before: readonly (readonly number[])[], inside: Int32Array, exits: readonly Set<number>[]): void {
  const left = inside.slice()
  const ends = [...left.keys()].filter((id) => left[id] === 0)
  for (let id = ends.pop(); id !== undefined; id = ends.pop())
    for (const one of before[id]!) if (--left[one]! === 0) ends.push(one)
  exits.forEach((own, id) => left[id]! > 0 && own.add(stays))
}
