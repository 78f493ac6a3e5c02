/** Who could give a field a value: what is derived of every step, and where that is too much, what it does in the state at hand. */

import { derive, everyPath, transitionCode, withPcAt } from '../../derive/decision-tree.js'
import { copied } from '../../derive/changes.js'
import { Probe } from '../../derive/probe.js'
import type { System, Transition } from '../../write/system.js'
import { Fault, take, type SystemState } from '../../search/reference.js'
import { valueIn } from '../states.js'
import { shown } from '../text.js'

/** Runs of one step's code, after which it is tried in the state at hand instead. */
const patience = 300

/** Per slot, by its path, what a step may write there as a reader knows it; null: any value. */
type Writes = ReadonlyMap<string, ReadonlySet<string> | null>

const known = new WeakMap<System, readonly (Writes | undefined)[]>()

/** What every step of a system may write, by its index; undefined where that could not be derived. Some milliseconds, once. */
function writesIn(system: System): readonly (Writes | undefined)[] {
  const before = known.get(system)
  if (before) return before
  const probe = new Probe(system)
  const { all } = probe.slots
  const made = system.transitions.map((transition) => {
    const tree = withPcAt(probe, system, transition, () =>
      derive(probe, transitionCode(probe, transition), { left: patience }),
    )
    if (!tree) return undefined
    const writes = new Map<string, Set<string> | null>()
    everyPath(tree, (_, { changes }) => {
      for (const [slot, code] of changes) {
        const { path, shown: told } = all[slot]!
        if (copied(code) !== undefined) writes.set(path, null)
        else if (writes.get(path) !== null) {
          const values = writes.get(path) ?? new Set<string>()
          writes.set(path, values.add(code < 0 ? 'null' : told(code)))
        }
      }
      return true
    })
    return writes
  })
  known.set(system, made)
  return made
}

/** The steps that may give a field one of some values, wherever their threads stand; `field` is `dev[0].used` or `at tx(1)`. */
export function writersOf(
  system: System,
  here: SystemState,
  field: string,
  values: readonly unknown[],
): readonly Transition[] {
  const writes = writesIn(system)
  const spelled = values.map((value) => (field.startsWith('at ') ? String(value) : spelledAs(value)))
  return system.transitions.filter((transition) => {
    const own = writes[transition.index]
    if (own === undefined) return doesNow(system, here, transition, field, values)
    const to = own.get(field)
    return to === null || (to !== undefined && spelled.some((value) => to.has(value)))
  })
}

/** As {@link Probe}'s slots spell it. */
const spelledAs = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

/** Whether the effect of a step, its guard left aside, gives the field such a value in this state. */
function doesNow(
  system: System,
  here: SystemState,
  transition: Transition,
  field: string,
  values: readonly unknown[],
): boolean {
  if (field.startsWith('at ')) {
    const thread = system.threads[transition.thread]
    return thread !== undefined && `at ${thread.name}` === field && values.includes(thread.labels[transition.to])
  }
  try {
    const { next } = take(system, here, transition)
    return values.some((value) => shown(valueIn(next.state, field)) === shown(value))
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}
