/** Fairness on a stored graph: who is obliged to act, in which states each of them could, and whether a loop is fair to all. */

import type { Fairness } from '../../write/model.js'
import { spelledArgs, type System } from '../../write/system.js'
import type { FlatEdges } from '../graph.js'

/** What is assumed of whom: fairness by the name of a thread or an action, as in {@link Choice.fairness}. */
export type Assumptions = ReadonlyMap<string, Fairness>

/**
 * The constraints of a system: one per thread instance and one per action instance (all its alternatives together).
 * Constraint `i` is bit `i & 31` of word `i >> 5` in every bit set.
 */
export interface FairnessConstraints {
  /** `tx(0)`, `host.complete(1)`. */
  readonly names: readonly string[]
  /** What a fairness switch calls it: `tx`, `host.complete`. */
  readonly parts: readonly string[]
  /** The constraint of each transition. */
  readonly of: Int32Array
  /** Words per bit set. */
  readonly words: number
  readonly declared: Assumptions
}

/** The constraints of a system, with what is declared of them. */
export function constraintsOf(system: System): FairnessConstraints {
  const names: string[] = []
  const parts: string[] = []
  const declared = new Map<string, Fairness>()
  const number = (name: string, part: string, fair: Fairness): number => {
    declared.set(part, fair)
    const known = names.indexOf(name)
    if (known >= 0) return known
    parts.push(part)
    return names.push(name) - 1
  }
  for (const { name, fair } of system.threads) number(name, name.replace(/\(.*/, ''), fair)
  const of = Int32Array.from(system.transitions, ({ thread, step, args, fair }) => {
    const own = system.threads[thread]
    if (own && own.fair === fair) return thread
    // A first step that nothing makes happen is promised apart from the rest of its thread.
    if (own) return number(own.name + step.slice(step.indexOf('.')).replace(/\/.*/, ''), step.replace(/\/.*/, ''), fair)
    const action = step.replace(/\/.*/, '')
    return number(action + spelledArgs(args), action, fair)
  })
  return { names, parts, of, words: Math.max(1, Math.ceil(names.length / 32)), declared }
}

/** Assumptions as bit sets. A strong constraint is in both. */
export interface FairnessSets {
  readonly weak: Int32Array
  readonly strong: Int32Array
}

/** The bit sets of some assumptions. */
export function fairnessSetsOf({ parts, words }: FairnessConstraints, assumptions: Assumptions): FairnessSets {
  const weak = new Int32Array(words)
  const strong = new Int32Array(words)
  parts.forEach((part, i) => {
    const fair = assumptions.get(part)
    if (fair === undefined || fair === 'none') return
    weak[i >> 5]! |= 1 << (i & 31)
    if (fair === 'strong') strong[i >> 5]! |= 1 << (i & 31)
  })
  return { weak, strong }
}

/** For every expanded state, the set of constraints that could act in it. */
export function enabledSets({ of, words }: FairnessConstraints, edges: FlatEdges): Int32Array {
  const { first, by } = edges
  const states = first.length - 1
  const sets = new Int32Array(states * words)
  for (let id = 0; id < states; id++)
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
      const constraint = of[by[edge]!]!
      sets[id * words + (constraint >> 5)]! |= 1 << (constraint & 31)
    }
  return sets
}

/** What a loop, or a strongly connected set of states, has to show for its fairness. */
export interface Evidence {
  /** Could act in every state. */
  readonly always: Int32Array
  /** Could act in some state. */
  readonly ever: Int32Array
  /** Acts. */
  readonly taken: Int32Array
}

/** Evidence of nothing yet. */
export const noEvidence = (words: number): Evidence => ({
  always: new Int32Array(words).fill(-1),
  ever: new Int32Array(words),
  taken: new Int32Array(words),
})

/** The constraints that are treated unfairly: empty if the loop is fair. */
export function unfairTo({ always, ever, taken }: Evidence, { weak, strong }: FairnessSets): number[] {
  const found: number[] = []
  for (let word = 0; word < weak.length; word++) {
    let bits = ((always[word]! & weak[word]!) | (ever[word]! & strong[word]!)) & ~taken[word]!
    for (; bits !== 0; bits &= bits - 1) found.push(word * 32 + 31 - Math.clz32(bits & -bits))
  }
  return found
}

/** Whether a constraint is in a set that starts at word `from`. */
export const isIn = (sets: Int32Array, from: number, constraint: number): boolean =>
  ((sets[from + (constraint >> 5)]! >>> (constraint & 31)) & 1) === 1

/** Whether nobody in `who` could act in the state whose set starts at word `from`. */
export function nobody(sets: Int32Array, from: number, who: Int32Array): boolean {
  for (let word = 0; word < who.length; word++) if ((sets[from + word]! & who[word]!) !== 0) return false
  return true
}
