/** Search by stubborn sets: of steps that commute, not every order is taken (Valmari 1991, Godefroid 1996). */

import type { System, Transition } from '../../write/system.js'
import type { Expander, Watch } from '../expander.js'
import type { SystemState } from '../reference.js'
import { offsetIn, segmentOf } from '../store.js'
import { yes } from '../../derive/decision-tree.js'
import { codeAfter, Independence, resultIn, Untold } from './independence.js'
import { codeIn, packedSlots, type PackedSlot } from './slot-bits.js'
import { visibilityOf, type Visibility } from './visibility.js'
import { TransitionSet } from './transition-set.js'
import { Probe } from '../../derive/probe.js'

/**
 * Derives what a system's transitions read and write, and makes expanders that take a stubborn set of each state's steps; or says
 * why nothing can be left out.
 *
 * A set is closed so that whatever is outside of it commutes with what of it is taken, and cannot enable the rest of it. For each
 * {@link Visibility} either nothing that is taken is visible to it, or the set has a transition of every way to it. And one of the
 * steps taken leads to a state that is expanded later (Bošnački, Leue and Lluch Lafuente 2009), so that nothing is put off
 * for ever. Then every deadlock and every target that can be reached is reached, and from every state that is visited the same
 * goals can be reached as without reduction: a trap is found, too, because a trap stays one whatever is taken first.
 */
export function stubbornSets(
  system: System,
  watch: Watch,
): { readonly reduce: (expander: Expander) => Expander } | { readonly off: string } {
  const probe = new Probe(system)
  try {
    const independence = new Independence(system, probe)
    const targets = visibilityOf(watch, independence)
    return { reduce: (expander) => byStubbornSets(expander, independence, targets) }
  } catch (cause) {
    if (cause instanceof Untold) return { off: cause.message }
    throw cause
  }
}

function byStubbornSets(expander: Expander, independence: Independence, targets: readonly Visibility[]): Expander {
  const { store, layout, successors, taken, batch, code, findings } = expander
  const { probe } = independence
  const { words } = layout
  const packed = packedSlots(probe.slots, layout)
  const chooser = new Chooser(independence)
  return {
    ...expander,
    expand: (id) => {
      const segment = store.segments[segmentOf(id)]!
      const at = offsetIn(id) * words
      const enabled = expander.fan(id, segment, at)
      for (let i = 0; i < enabled; i++) successors[i] = store.find(batch, i * words)
      const codeOf = (slot: number): number => codeIn(packed[slot]!.bits, segment, at)
      const open = targets.filter((target) => target.open(findings))
      const chosen = chooser.choose({ id, enabled, taken, successors, codeOf }, open)
      let kept = 0
      for (let i = 0; i < enabled; i++) {
        if (chosen && !chosen.has(taken[i]!)) continue
        successors[kept] = code.enter(batch, i * words)
        taken[kept++] = taken[i]!
      }
      return kept
    },
    foretold: (here, transition) => foretold(expander, independence, packed, here, transition),
  }
}

/** What was derived of a transition, as the state that it leads to. */
function foretold(
  expander: Expander,
  { probe, footprints }: Independence,
  slots: readonly PackedSlot[],
  here: SystemState,
  transition: Transition,
): SystemState | null {
  const { whole } = footprints[transition.index]!
  const packed = expander.pack(here)
  const codeOf = (slot: number): number => codeIn(slots[slot]!.bits, packed, 0)
  if (transition.thread >= 0 && codeOf(probe.slots.counters[transition.thread]!) !== transition.from) return null
  const { answer, changes } = resultIn(whole, codeOf)
  if (answer !== yes) return null
  const next = new Int32Array(packed.length)
  for (const { index, bits } of slots) next[bits.word]! |= codeAfter(changes, codeOf, index) << bits.shift
  return expander.unpack(next, 0)
}

/** A state as far as the choice depends on it. */
interface Place {
  readonly id: number
  /** How many transitions can be taken; which, and where they lead: -1 where nobody was yet. */
  readonly enabled: number
  readonly taken: Int32Array
  readonly successors: Int32Array
  readonly codeOf: (slot: number) => number
}

/** Chooses stubborn sets; its sets are used again for every state. */
class Chooser {
  private readonly can: TransitionSet
  private readonly closed: TransitionSet
  private readonly ways = new Map<Visibility, TransitionSet | undefined>()
  private readonly conflicts: readonly TransitionSet[]

  constructor(private readonly independence: Independence) {
    const { length } = independence.system.transitions
    this.conflicts = independence.conflicts
    this.can = new TransitionSet(length)
    this.closed = new TransitionSet(length)
  }

  /** The set with the fewest steps to take, the first of those; undefined if all must be taken. */
  choose(place: Place, targets: readonly Visibility[]): TransitionSet | undefined {
    const { enabled, taken } = place
    if (enabled < 2) return undefined
    this.ways.clear()
    this.can.clear()
    for (let i = 0; i < enabled; i++) this.can.add(taken[i]!)
    let best: TransitionSet | undefined
    let fewest = enabled
    for (let i = 0; i < enabled && fewest > 1; i++) {
      const set = this.from(taken[i]!, place, targets)
      const steps = set.countOf(taken, enabled)
      if (steps >= fewest || !leadsOn(set, place)) continue
      best = set
      fewest = steps
    }
    return best
  }

  /** The closure of one transition that can be taken. */
  private from(seed: number, place: Place, targets: readonly Visibility[]): TransitionSet {
    const { independence, conflicts, can, closed } = this
    const { transitions } = independence.system
    const set = new TransitionSet(transitions.length)
    set.add(seed)
    closed.clear()
    for (;;) {
      for (let next = closed.missing(set); next >= 0; next = closed.missing(set)) {
        closed.add(next)
        set.addAll(can.has(next) ? conflicts[next]! : independence.necessary(transitions[next]!, place.codeOf))
      }
      if (set.includes(can)) return set
      const seen = targets.find((target) => set.meets(can, target.visible) && !this.onTheWay(target, place, set))
      if (!seen) return set
      const way = this.ways.get(seen)
      if (way) set.addAll(way)
      else set.addEvery()
    }
  }

  /** Whether the set has a transition of every way to a target. */
  private onTheWay(target: Visibility, { codeOf }: Place, set: TransitionSet): boolean {
    if (!this.ways.has(target)) this.ways.set(target, target.onTheWay(codeOf))
    const way = this.ways.get(target)
    return way !== undefined && set.includes(way)
  }
}

/** Whether one of the steps leads to a state that is expanded later. */
function leadsOn(set: TransitionSet, { id, enabled, taken, successors }: Place): boolean {
  for (let i = 0; i < enabled; i++) if (set.has(taken[i]!) && (successors[i] === -1 || successors[i]! > id)) return true
  return false
}
