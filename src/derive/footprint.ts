/** What one transition reads and writes in any state: derived by running its guards and effects on states of which nothing is known. */

import type { System, Transition } from '../write/system.js'
import { copied } from './changes.js'
import { derive, everyPath, guardCode, transitionCode, withPcAt, type Budget, type Tree } from './decision-tree.js'
import type { Probe } from './probe.js'

/** What one transition reads and writes in any state. */
export interface Footprint {
  readonly guard: Tree
  readonly whole: Tree
  readonly reads: ReadonlySet<number>
  /** Per slot, the codes that it may be given. */
  readonly writes: ReadonlyMap<number, ReadonlySet<number>>
}

/** The slots that a tree asks for, those copied included. */
export function readsOf(tree: Tree): Set<number> {
  const slots = new Set<number>()
  everyPath(tree, (codes, { changes }) => {
    for (const [slot] of codes) slots.add(slot)
    for (const [, code] of changes) if (copied(code) !== undefined) slots.add(copied(code)!)
    return true
  })
  return slots
}

function writesOf(tree: Tree): Map<number, Set<number>> {
  const slots = new Map<number, Set<number>>()
  everyPath(tree, (_, { changes }) => {
    for (const [slot, code] of changes) {
      const codes = slots.get(slot) ?? new Set<number>()
      slots.set(slot, codes.add(code))
    }
    return true
  })
  return slots
}

/** The footprint of a transition; undefined beyond the budget, and for code that cannot be followed. */
export function footprintOf(
  system: System,
  probe: Probe,
  transition: Transition,
  budget: Budget,
): Footprint | undefined {
  const own = transition.thread < 0 ? [] : [probe.slots.counters[transition.thread]!]
  const tree = (code: typeof guardCode): Tree | undefined =>
    withPcAt(probe, system, transition, () => derive(probe, code(probe, transition), budget))
  const guard = tree(guardCode)
  const whole = guard && tree(transitionCode)
  return whole && { guard, whole, reads: new Set([...readsOf(whole), ...own]), writes: writesOf(whole) }
}
