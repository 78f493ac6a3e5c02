/** Why a space is large: what a search that a limit ended can say about the rest of it, and about what to change. */

import type { Expander } from './expander.js'
import type { Graph } from './graph.js'
import type { Bits } from './layout.js'
import { offsetIn, segmentOf } from './store.js'

/** A field or a program counter, and how it spreads over the states that were found. */
export interface Spread {
  /** The path of a field, or the name of a thread. */
  readonly name: string
  /** How many values it was seen to take. */
  readonly values: number
  /** Bits of information: one more doubles the states, as far as it varies independently of the rest. */
  readonly bits: number
}

/** What multiplies the states of an unfinished search. */
export interface Explosion {
  /** Fields and program counters that vary most, in that order. */
  readonly fields: readonly Spread[]
  /** Share of all steps that each actor took, the largest first. */
  readonly actors: readonly { readonly actor: string; readonly share: number }[]
  /** Steps taken per expanded state. */
  readonly branching: number
  /** New states found per state, over the last tenth of those expanded. */
  readonly growth: number
  /** States to come if it goes on like that; undefined if no end is in sight. */
  readonly left: number | undefined
}

/** States that are looked at, spread evenly. */
const sample = 20_000

/** Measures what a search found so far; linear in the size of a sample. */
export function explosionOf(graph: Graph): Explosion {
  const { expander, states, expanded, transitions } = graph
  const late = Math.floor(expanded * 0.9)
  const growth = expanded === 0 ? 1 : (states - firstFoundBy(expander, states, late)) / Math.max(1, expanded - late)
  const queue = states - expanded
  return {
    fields: spreads(expander, states, expanded),
    actors: shares(expander, transitions),
    branching: expanded === 0 ? 0 : transitions / expanded,
    growth,
    left: growth < 1 ? Math.round((queue * growth) / (1 - growth)) + queue : undefined,
  }
}

/** The first state that was found by `parent` or later. */
function firstFoundBy({ store }: Expander, states: number, parent: number): number {
  let low = store.parents.roots
  let high = states
  while (low < high) {
    const middle = (low + high) >>> 1
    if (store.parents.parent(middle) < parent) low = middle + 1
    else high = middle
  }
  return low
}

function spreads(expander: Expander, states: number, expanded: number): Spread[] {
  const { system, layout } = expander
  const places: (readonly [name: string, bits: Bits])[] = [
    ...system.threads.map(({ name }, i) => [`where ${name} stands`, layout.counters[i]!] as const),
    ...layout.leaves.map(({ path, bits }) => [path, bits] as const),
  ]
  const seen = places.map(() => new Map<number, number>())
  const looked = sampled(expander, states, expanded, (words, at) =>
    places.forEach(([, { word, mask }], j) => {
      const code = words[at + word]! & mask
      seen[j]!.set(code, (seen[j]!.get(code) ?? 0) + 1)
    }),
  )
  return places
    .map(([name], j) => ({ name, values: seen[j]!.size, bits: entropy([...seen[j]!.values()], looked) }))
    .sort((a, b) => b.bits - a.bits)
}

/** Looks at states all over the search, or at those whose words are still there; returns how many. */
function sampled(
  { store, layout, compaction }: Expander,
  states: number,
  expanded: number,
  look: (words: Int32Array, at: number) => void,
): number {
  if (compaction) return compaction.frontier.sample(sample, expanded, states, look)
  const looked = Math.min(states, sample)
  for (let i = 0; i < looked; i++) {
    const id = Math.floor((i * states) / looked)
    look(store.segments[segmentOf(id)]!, offsetIn(id) * layout.words)
  }
  return looked
}

const entropy = (counts: readonly number[], total: number): number =>
  counts.reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0)

function shares({ system, findings }: Expander, transitions: number): Explosion['actors'] {
  const taken = new Map<string, number>()
  for (const { actor, index } of system.transitions)
    taken.set(actor, (taken.get(actor) ?? 0) + findings.fired[index]! / Math.max(1, transitions))
  return [...taken].map(([actor, share]) => ({ actor, share })).sort((a, b) => b.share - a.share)
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

/** The explosion in sentences: what multiplies the states, how it goes on, what to try. */
export function advice({ expander }: Graph, explosion: Explosion): readonly string[] {
  const { fields, actors, branching, growth, left } = explosion
  const wide = fields.filter(({ bits }) => bits > 0.05).slice(0, 5)
  const sizes = Object.entries(expander.system.parameters).map(([name, value]) => `${name}=${String(value)}`)
  const outlook =
    left === undefined
      ? `no end in sight: every state still finds ${growth.toFixed(2)} new ones`
      : `perhaps ${left.toLocaleString('en-US')} states are left, if it goes on as of late`
  return [
    outlook,
    `what varies most: ${wide.map(({ name, values }) => `${name} (${values} values)`).join(', ')}`,
    `who moves most: ${actors
      .slice(0, 4)
      .map(({ actor, share }) => `${actor} ${percent(share)}`)
      .join(', ')}; ${branching.toFixed(1)} steps per state`,
    `what to try: ${sizes.length > 0 ? `smaller parameters (now ${sizes.join(', ')}), ` : ''}narrower domains for what varies most, steps of one thread that nobody can see between merged into one`,
  ]
}
