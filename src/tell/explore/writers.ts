/** Who could give a field a value: what is derived of every step, and where that is too much, what it does near the state at hand. */

import { derive, everyPath, transitionCode, withPcAt } from '../../derive/decision-tree.js'
import { copied, type Change } from '../../derive/changes.js'
import { Probe } from '../../derive/probe.js'
import type { System, Transition } from '../../write/system.js'
import type { SystemState } from '../../search/reference.js'

/** Runs of one step's code for whatever it does in any state; and, where that is not enough, near the state at hand. */
const patience = 300

/** In how many places a state may be another than the one at hand to be near it. */
const near = 2

/** Per slot, by its path, what a step may write there as a reader knows it; null: any value. */
type Writes = ReadonlyMap<string, ReadonlySet<string> | null>

/** What was derived of a system's steps, by their index: undefined where that takes too much. */
interface Derived {
  readonly probe: Probe
  readonly anywhere: readonly (Writes | undefined)[]
}

const known = new WeakMap<System, Derived>()
const knownNear = new WeakMap<SystemState, Map<Transition, Writes>>()

/** What every step of a system may write in whatever state. Some milliseconds, once. */
function derivedOf(system: System): Derived {
  const before = known.get(system)
  if (before) return before
  const probe = new Probe(system)
  const anywhere = system.transitions.map((transition) => {
    const tree = withPcAt(probe, system, transition, () =>
      derive(probe, transitionCode(probe, transition), { left: patience }),
    )
    if (!tree) return undefined
    const writes = new Map<string, Set<string> | null>()
    everyPath(tree, (_, { changes }) => {
      note(probe, writes, changes)
      return true
    })
    return writes
  })
  const derived = { probe, anywhere }
  known.set(system, derived)
  return derived
}

function note({ slots }: Probe, writes: Map<string, Set<string> | null>, changes: readonly Change[]): void {
  for (const [slot, code] of changes) {
    const { path, shown } = slots.all[slot]!
    if (copied(code) !== undefined) writes.set(path, null)
    else if (writes.get(path) !== null) {
      const values = writes.get(path) ?? new Set<string>()
      writes.set(path, values.add(code < 0 ? 'null' : shown(code)))
    }
  }
}

/**
 * What a step's effect, its guard left aside, may write in the state at hand and in those that differ from it in one or two of the places
 * that it reads: a search of limited discrepancy (Harvey and Ginsberg 1995).
 */
function nearby({ probe }: Derived, system: System, here: SystemState, transition: Transition): Writes {
  const states = knownNear.get(here) ?? new Map<Transition, Writes>()
  knownNear.set(here, states)
  const before = states.get(transition)
  if (before) return before
  const writes = new Map<string, Set<string> | null>()
  const code = transitionCode(probe, { ...transition, guards: [] })
  const codes = codesOf(probe, system, here)
  let left = patience
  const walk = (others: number): void => {
    if (left-- <= 0) return
    const result = probe.run(code)
    if (result) return note(probe, writes, result.changes)
    if (probe.opaque !== undefined) return
    const slot = probe.wanted
    const now = codes[slot]!
    for (let value = 0; value < probe.slots.all[slot]!.values; value++) {
      if (value !== now && others === 0) continue
      probe.codes[slot] = value
      walk(value === now ? others : others - 1)
    }
    probe.codes[slot] = -1
  }
  withPcAt(probe, system, transition, () => {
    for (let others = 0; others <= near; others++) walk(others)
  })
  states.set(transition, writes)
  return writes
}

/** The codes of all slots in a state. */
function codesOf(probe: Probe, { threads }: System, { state, at }: SystemState): Int32Array {
  const codes = new Int32Array(probe.slots.all.length)
  probe.slots.counters.forEach((slot, i) => (codes[slot] = threads[i]!.labels.indexOf(at[threads[i]!.name]!)))
  for (const [field, value] of Object.entries(state as object)) {
    const own = probe.codesOf(field, value)
    probe.slotsAt(field).forEach((slot, i) => (codes[slot] = own[i]!))
  }
  return codes
}

/** The steps that may give a field one of some values, wherever their threads stand; `field` is `dev[0].used` or `at tx(1)`. */
export function writersOf(
  system: System,
  here: SystemState,
  field: string,
  values: readonly unknown[],
): readonly Transition[] {
  const derived = derivedOf(system)
  const spelled = values.map((value) => (field.startsWith('at ') ? String(value) : spelledAs(value)))
  return system.transitions.filter((transition) => {
    const own = derived.anywhere[transition.index] ?? nearby(derived, system, here, transition)
    const to = own.get(field)
    return to === null || (to !== undefined && spelled.some((value) => to.has(value)))
  })
}

/** Who changes a field where {@link writersOf} knows none: of steps of which not all is known that is not certain. */
export const nobody = (system: System): string =>
  derivedOf(system).anywhere.includes(undefined) ? 'nobody that is known' : 'nobody'

/** As {@link Probe}'s slots spell it. */
const spelledAs = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
