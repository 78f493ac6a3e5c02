/** Which behaviours one system has and another lacks: exact inclusion of action sequences, by subset construction. */

import { flatten, pathTo, type FlatEdges, type Graph } from '../search/graph.js'
import { runTo } from '../search/reached.js'
import { extend, type Run } from '../search/run.js'

/**
 * Whether every behaviour of one graph is one of the other. A behaviour is the sequence of those steps that both systems
 * know by name; steps that only one of them knows are passed over in silence. A `run` is a shortest one whose last step
 * the other system cannot follow, whatever it did before.
 */
export type Inclusion =
  | { readonly kind: 'included'; readonly pairs: number }
  | { readonly kind: 'more'; readonly run: Run; readonly pairs: number }
  | { readonly kind: 'unknown'; readonly says: string }

/** Pairs of a state and a set of states after which the comparison gives up, loudly. */
const mostPairs = 4_000_000

/**
 * Compares two complete graphs that kept their edges. Breadth-first over pairs of a state of `a` and the set of states in
 * which `b` may be after the same behaviour; exponential in `b` at worst, in practice close to the size of `a`.
 * @throws Error if a graph is incomplete or has no edges: our own misuse.
 */
export function included(a: Graph, b: Graph): Inclusion {
  if (a.cut || b.cut || !a.edges || !b.edges) throw new Error('inclusion wants two complete graphs with edges')
  const labels = commonLabels(a, b)
  const sets = new StateSets(initialIds(b), flatten(b.edges), labels.b)
  const walk = new PairWalk(flatten(a.edges), labels.a, sets)
  const ended = walk.run(initialIds(a))
  if (ended === 'done') return { kind: 'included', pairs: walk.size }
  if (ended === 'full') return { kind: 'unknown', says: `more than ${mostPairs} pairs of states` }
  return { kind: 'more', run: runAlong(a, walk, ended), pairs: walk.size }
}

/** Initial states come first in breadth-first order and have no parent. */
function initialIds({ expander, states }: Graph): number[] {
  const ids: number[] = []
  while (ids.length < states && pathTo(expander, ids.length).length === 1) ids.push(ids.length)
  return ids
}

/** Per transition of either system, the number of its name among those that both know, or -1. */
function commonLabels(a: Graph, b: Graph): { readonly a: Int32Array; readonly b: Int32Array } {
  const names = new Map<string, number>()
  const known = new Set(b.expander.system.transitions.map(({ name }) => name))
  for (const { name } of a.expander.system.transitions) if (known.has(name)) names.set(name, names.size)
  const of = ({ expander }: Graph): Int32Array =>
    Int32Array.from(expander.system.transitions, ({ name }) => names.get(name) ?? -1)
  return { a: of(a), b: of(b) }
}

/** Sets of states of one graph, closed under silent steps, each known by a number. */
class StateSets {
  private readonly byKey = new Map<string, number>()
  private readonly members: Int32Array[] = []
  private readonly after = new Map<number, number>()
  readonly initial: number

  constructor(
    initials: readonly number[],
    private readonly edges: FlatEdges,
    private readonly label: Int32Array,
  ) {
    this.initial = this.closed(initials)
  }

  /** The set after one named step from any member, or -1 if no member can take it. */
  step(set: number, label: number): number {
    const key = set * 8192 + label
    const known = this.after.get(key)
    if (known !== undefined) return known
    const targets: number[] = []
    for (const id of this.members[set]!)
      this.eachEdge(id, (by, to) => void (this.label[by] === label && targets.push(to)))
    const made = targets.length === 0 ? -1 : this.closed(targets)
    this.after.set(key, made)
    return made
  }

  private closed(seeds: readonly number[]): number {
    const seen = new Set(seeds)
    for (const id of seen) this.eachEdge(id, (by, to) => void (this.label[by] === -1 && seen.add(to)))
    const members = Int32Array.from(seen).sort()
    const key = members.join(',')
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    this.byKey.set(key, this.members.length)
    return this.members.push(members) - 1
  }

  private eachEdge(id: number, visit: (by: number, to: number) => void): void {
    const { first, target, by } = this.edges
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) visit(by[edge]!, target[edge]!)
  }
}

/** A pair, and the transition out of it that nobody follows. */
interface Escape {
  readonly pair: number
  readonly transition: number
}

/** The breadth-first walk over pairs. */
class PairWalk {
  private readonly states: number[] = []
  private readonly followers: number[] = []
  private readonly parents: number[] = []
  private readonly taken: number[] = []
  private readonly seen = new Set<number>()

  constructor(
    private readonly edges: FlatEdges,
    private readonly label: Int32Array,
    private readonly sets: StateSets,
  ) {}

  get size(): number {
    return this.states.length
  }

  run(initials: readonly number[]): 'done' | 'full' | Escape {
    const { first, target, by } = this.edges
    for (const id of initials) this.add(id, this.sets.initial, -1, -1)
    for (let pair = 0; pair < this.size; pair++) {
      if (this.size > mostPairs) return 'full'
      const id = this.states[pair]!
      for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
        const label = this.label[by[edge]!]!
        const set = label === -1 ? this.followers[pair]! : this.sets.step(this.followers[pair]!, label)
        if (set < 0) return { pair, transition: by[edge]! }
        this.add(target[edge]!, set, pair, by[edge]!)
      }
    }
    return 'done'
  }

  /** The initial state and the transitions that led to a pair. */
  pathTo(pair: number): { readonly initial: number; readonly path: readonly number[] } {
    const path: number[] = []
    let at = pair
    for (; this.parents[at]! >= 0; at = this.parents[at]!) path.push(this.taken[at]!)
    return { initial: this.states[at]!, path: path.reverse() }
  }

  private add(id: number, set: number, parent: number, by: number): void {
    const key = set * 2 ** 31 + id
    if (this.seen.has(key)) return
    this.seen.add(key)
    this.states.push(id)
    this.followers.push(set)
    this.parents.push(parent)
    this.taken.push(by)
  }
}

function runAlong(graph: Graph, walk: PairWalk, { pair, transition }: Escape): Run {
  const { system } = graph.expander
  const { initial, path } = walk.pathTo(pair)
  return [...path, transition].reduce((run, by) => extend(run, system.transitions[by]!), runTo(graph.expander, initial))
}
