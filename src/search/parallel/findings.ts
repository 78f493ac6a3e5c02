/** What threads have found, taken back or put together. */

import type { Findings } from '../expander.js'

/** What has been found so far, in case that a batch has to be taken back. */
export interface Snapshot {
  readonly arrays: readonly (Int32Array | Uint8Array | Float64Array)[]
  readonly collected: readonly number[]
}

const arraysOf = ({ states, steps, dead, fired, first }: Omit<Findings, 'collected'>) => [
  states.seen,
  states.broken,
  steps.seen,
  steps.broken,
  steps.by,
  dead,
  fired,
  first,
]

/** Copies findings. */
export const snapshot = (findings: Findings): Snapshot => ({
  arrays: arraysOf(findings).map((array) => array.slice()),
  collected: findings.collected.map((ids) => ids.length),
})

/** Makes findings what they were. */
export function restore(findings: Findings, { arrays, collected }: Snapshot): void {
  arraysOf(findings).forEach((array, i) => array.set(arrays[i]!))
  findings.collected.forEach((ids, i) => (ids.length = collected[i]!))
}

/** Adds what another thread found: the first state counts. */
export function merge(into: Findings, from: Omit<Findings, 'collected'>): void {
  const earlier = (id: number, than: number): boolean => id >= 0 && (than < 0 || id < than)
  from.states.seen.forEach((seen, i) => (into.states.seen[i]! |= seen))
  from.steps.seen.forEach((seen, i) => (into.steps.seen[i]! |= seen))
  from.states.broken.forEach((id, i) => {
    if (earlier(id, into.states.broken[i]!)) into.states.broken[i] = id
  })
  from.steps.broken.forEach((id, i) => {
    if (!earlier(id, into.steps.broken[i]!)) return
    into.steps.broken[i] = id
    into.steps.by[i] = from.steps.by[i]!
  })
  if (earlier(from.dead[0]!, into.dead[0]!)) into.dead[0] = from.dead[0]!
  from.fired.forEach((times, i) => (into.fired[i]! += times))
  from.first.forEach((id, i) => {
    if (earlier(id, into.first[i]!)) into.first[i] = id
  })
}

/** Adds sequences to another; all ascend, and so does what becomes of them. Linear. */
export function mergeAscending(into: number[], others: readonly Int32Array[]): void {
  for (const other of others) {
    let left = into.length - 1
    let right = other.length - 1
    into.length += other.length
    for (let at = into.length - 1; right >= 0; at--)
      into[at] = left >= 0 && into[left]! > other[right]! ? into[left--]! : other[right--]!
  }
}
