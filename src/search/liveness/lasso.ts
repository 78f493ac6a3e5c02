/** Lassos: a short way to a place where a fair run can stay, and a short fair loop there. */

import { stateAt, type Subgraph, type FairCycles } from './fair-components.js'
import { isIn, noEvidence, unfairTo, type Evidence, type FairnessSets } from './fairness.js'

/** A run in an subgraph: the nodes in order, and the edges between them. */
export interface Lasso {
  readonly start: number
  /** Edges of the subgraph, one after the other. */
  readonly edges: readonly number[]
  /** How many edges come before the loop; absent if the run stops after the last. */
  readonly loop?: number
}

/** Entries into loops that are tried: the nearest ones, to find a short loop behind a short stem. */
const tries = 12

/**
 * A lasso that is fair under given assumptions. The stem is as short as the chosen loop allows; the loop is short, not
 * shortest, which is NP-hard. `depth` tells how many steps lie before a start.
 * @throws Error if there is none: ask {@link FairCycles.any} first.
 */
export function lassoIn(cycles: FairCycles, who: FairnessSets, depth: (start: number) => number): Lasso {
  const { subgraph } = cycles
  const { stops, loops } = cycles.cores(who)
  const stems = new Stems(subgraph, depth)
  const stop = nearest(stems, stops, 1)[0]
  let best: Lasso | undefined = stop === undefined ? undefined : stems.to(stop)
  let cost = stop === undefined ? Infinity : stems.distance[stop]!
  const finder = new Loops(subgraph, loops)
  for (const entry of nearest(
    stems,
    loops.flatMap((nodes) => nearest(stems, nodes, tries)),
    tries,
  )) {
    if (stems.distance[entry]! + 1 >= cost) break
    const loop = finder.through(entry, who)
    if (stems.distance[entry]! + loop.length >= cost) continue
    const stem = stems.to(entry)
    best = { start: stem.start, edges: [...stem.edges, ...loop], loop: stem.edges.length }
    cost = stems.distance[entry]! + loop.length
  }
  if (!best) throw new Error('there is no fair run to show')
  return best
}

/** Lassos to the places nearest to a start where a fair run can stay, at most so many places; each as in {@link lassoIn}, the nearest first. */
export function* lassosFrom(
  cycles: FairCycles,
  who: FairnessSets,
  depth: (start: number) => number,
  most: number,
): Generator<Lasso> {
  const { subgraph } = cycles
  const { stops, loops } = cycles.cores(who)
  const stems = new Stems(subgraph, depth)
  const finder = new Loops(subgraph, loops)
  const [mayStop, mayGoOn] = [new Set(stops), new Set(loops.flatMap((nodes) => nearest(stems, nodes, most)))]
  for (const place of nearest(stems, new Set([...mayStop, ...mayGoOn]), most)) {
    const stem = stems.to(place)
    if (mayStop.has(place)) yield stem
    if (mayGoOn.has(place))
      yield { ...stem, edges: [...stem.edges, ...finder.through(place, who)], loop: stem.edges.length }
  }
}

/** The nodes nearest to a start, nearest first, lower numbers first among equals. */
function nearest({ distance }: Stems, nodes: Iterable<number>, most: number): number[] {
  const found: number[] = []
  const before = (a: number, b: number): boolean =>
    distance[a]! < distance[b]! || (distance[a] === distance[b] && a < b)
  for (const node of nodes) {
    if (found.length === most && !before(node, found[most - 1]!)) continue
    let at = found.length
    while (at > 0 && before(node, found[at - 1]!)) at--
    found.splice(at, 0, node)
    if (found.length > most) found.pop()
  }
  return found
}

const nowhere = -1

/** Shortest ways from the starts to every node inside. */
class Stems {
  readonly distance: Int32Array
  private readonly by: Int32Array
  private readonly from: Int32Array

  constructor(subgraph: Subgraph, depth: (start: number) => number) {
    const { edges, inside, starts } = subgraph
    const size = inside.length
    this.distance = new Int32Array(size).fill(nowhere)
    this.by = new Int32Array(size).fill(nowhere)
    this.from = new Int32Array(size).fill(nowhere)
    const queue = new Int32Array(size)
    let head = 0
    let tail = 0
    const reach = (to: number, distance: number, edge: number, from: number): void => {
      if (inside[to] !== 1 || this.distance[to] !== nowhere) return
      this.distance[to] = distance
      this.by[to] = edge
      this.from[to] = from
      queue[tail++] = to
    }
    // Starts come in breadth-first order: each joins the queue when the search has come as far as it lies.
    let next = 0
    while (next < starts.length || head < tail) {
      const near = head < tail ? this.distance[queue[head]!]! : depth(starts[next]!)
      while (next < starts.length && depth(starts[next]!) <= near)
        reach(starts[next]!, depth(starts[next++]!), nowhere, nowhere)
      if (head === tail) continue
      const node = queue[head++]!
      for (let edge = edges.first[node]!; edge < edges.first[node + 1]!; edge++)
        reach(edges.target[edge]!, this.distance[node]! + 1, edge, node)
    }
  }

  to(node: number): Lasso {
    const edges: number[] = []
    let at = node
    for (; this.from[at] !== nowhere; at = this.from[at]!) edges.push(this.by[at]!)
    return { start: at, edges: edges.reverse() }
  }
}

/** Short fair loops within cores. */
class Loops {
  /** The core that each node belongs to, from 1; cores are disjoint. */
  private readonly core: Int32Array
  private readonly by: Int32Array
  private readonly from: Int32Array
  private readonly seen: Int32Array
  private readonly queue: Int32Array
  private round = 0

  constructor(
    private readonly subgraph: Subgraph,
    cores: readonly Int32Array[],
  ) {
    const size = subgraph.inside.length
    this.core = new Int32Array(size)
    this.by = new Int32Array(size)
    this.from = new Int32Array(size)
    this.seen = new Int32Array(size)
    this.queue = new Int32Array(size)
    cores.forEach((nodes, i) => nodes.forEach((node) => (this.core[node] = i + 1)))
  }

  /** The edges of a short loop through a node that meets every set and is fair. */
  through(entry: number, who: FairnessSets): number[] {
    const { subgraph } = this
    const wishes: Wish[] = subgraph.meets.filter((set) => set[entry] !== 1).map((set) => (_, to) => set[to] === 1)
    const known = new Set<number>()
    for (;;) {
      const loop = this.serving(entry, wishes)
      const suffering = unfairTo(this.evidenceOf(entry, loop), who).filter((i) => !known.has(i))
      if (suffering.length === 0) return loop
      // Only what the loop really wrongs becomes a wish: most loops are fair before all have acted.
      for (const i of suffering) {
        known.add(i)
        wishes.push(this.wish(i, who))
      }
    }
  }

  /** Acts, or, which is enough for weak fairness, could not. */
  private wish(constraint: number, { strong }: FairnessSets): Wish {
    const { subgraph } = this
    const { of, words } = subgraph.constraints
    const acts: Wish = (edge) => of[subgraph.edges.by[edge]!] === constraint
    if (isIn(strong, 0, constraint)) return acts
    return (edge, to) => acts(edge, to) || !isIn(subgraph.enabled, stateAt(subgraph, to) * words, constraint)
  }

  private serving(entry: number, wishes: readonly Wish[]): number[] {
    const loop: number[] = []
    let open = [...wishes]
    let at = entry
    while (open.length > 0) {
      const piece = this.shortest(at, (edge, to) => open.some((wish) => wish(edge, to)))
      for (const edge of piece) open = open.filter((wish) => !wish(edge, this.subgraph.edges.target[edge]!))
      loop.push(...piece)
      at = this.subgraph.edges.target[loop[loop.length - 1]!]!
    }
    return at === entry && loop.length > 0 ? loop : [...loop, ...this.shortest(at, (_, to) => to === entry)]
  }

  /** A shortest sequence of edges from a node, inside its core, whose last edge is as wished. */
  private shortest(start: number, wished: Wish): number[] {
    const { core, by, from, seen, queue } = this
    const { first, target } = this.subgraph.edges
    const round = ++this.round
    let tail = 0
    queue[tail++] = start
    seen[start] = round
    for (let head = 0; head < tail; head++) {
      const node = queue[head]!
      for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
        const to = target[edge]!
        if (core[to] !== core[start]) continue
        if (wished(edge, to)) {
          const path = [edge]
          for (let at = node; at !== start; at = from[at]!) path.push(by[at]!)
          return path.reverse()
        }
        if (seen[to] === round) continue
        seen[to] = round
        by[to] = edge
        from[to] = node
        queue[tail++] = to
      }
    }
    throw new Error('a core has no loop that is as fair as it is')
  }

  private evidenceOf(entry: number, loop: readonly number[]): Evidence {
    const { subgraph } = this
    const { words, of } = subgraph.constraints
    const evidence = noEvidence(words)
    let node = entry
    for (const edge of loop) {
      const set = stateAt(subgraph, node) * words
      for (let word = 0; word < words; word++) {
        evidence.always[word]! &= subgraph.enabled[set + word]!
        evidence.ever[word]! |= subgraph.enabled[set + word]!
      }
      const constraint = of[subgraph.edges.by[edge]!]!
      evidence.taken[constraint >> 5]! |= 1 << (constraint & 31)
      node = subgraph.edges.target[edge]!
    }
    return evidence
  }
}

/** Whether an edge, or the node it leads to, is what a loop still needs. */
type Wish = (edge: number, to: number) => boolean
