/** The form that everybody writes first, as a yardstick: immer drafts, states as JSON strings in a Set. */

import { produce } from 'immer'
import type { Standing } from '../src/write/model.js'
import { asking } from '../src/write/standing.js'
import type { System } from '../src/write/system.js'

/** Counts states and transitions breadth-first. Takes a few hundred bytes and ten microseconds per transition. */
export function exploreNaively(system: System): { readonly states: number; readonly transitions: number } {
  const at: Standing = Object.fromEntries(system.threads.map((thread) => [thread.name, thread.labels[0]!]))
  const seen = new Set<string>()
  const queue: { readonly state: unknown; readonly at: Standing }[] = []
  const visit = (state: unknown, at: Standing): void => {
    const key = JSON.stringify([state, at])
    if (seen.has(key)) return
    seen.add(key)
    queue.push({ state, at })
  }
  for (const state of system.initials) visit(state, at)
  let transitions = 0
  for (let head = 0; head < queue.length; head++) {
    const { state, at } = queue[head]!
    const asks = asking(system, at)
    for (const { thread, from, to, guards, effects, args } of system.transitions) {
      const own = system.threads[thread]
      if (own && at[own.name] !== own.labels[from]) continue
      if (!guards.every((guard) => guard(state, args, asks))) continue
      transitions++
      const next = produce(state, (draft: unknown) => {
        for (const effect of effects) effect(draft, args)
      })
      visit(next, own ? { ...at, [own.name]: own.labels[to]! } : at)
    }
  }
  return { states: seen.size, transitions }
}
