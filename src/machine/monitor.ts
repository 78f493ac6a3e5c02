/** A monitor: a deterministic automaton over events with names for its states, and for whom each of them is kept. */

import { isName } from './event.js'
import type { Events, Probe } from './event.js'
import { eventsOf, type Deterministic } from './minimal.js'
import { Mistake } from '../write/mistake.js'

/** Whom a state is kept for: the machine, each CPU, each task, each object, as the kernel's runtime verification says it. */
export const scopes = ['global', 'per_cpu', 'per_task', 'per_obj'] as const

/** One of {@link scopes}. */
export type Scope = (typeof scopes)[number]

/** A monitor. */
export interface Monitor {
  /** A name in C. */
  readonly name: string
  readonly says: string
  readonly scope: Scope
  /** The field of each event's tracepoint that tells objects apart. */
  readonly key?: string
  readonly automaton: Deterministic
  /** The states' names, in their order. */
  readonly names: readonly string[]
  readonly probes: Readonly<Record<string, Probe>>
  /** Which steps show its events; absent where it was read from a file, or made of an observer. */
  readonly events?: Events
}

/** The longest name that the kernel keeps, without its end. */
export const longestName = 31

/**
 * Names for the states of an automaton: `start`, `after_E` for the only one to which event E leads, if nothing else leads there; else `state_N`.
 * None of them is an event's.
 */
export function stateNames(automaton: Deterministic): readonly string[] {
  const { states } = automaton
  const events = eventsOf(automaton)
  const into = states.map(() => new Set<string>())
  const leads = new Map<string, Set<number>>()
  for (const row of states)
    for (const [event, to] of row) {
      into[to]!.add(event)
      leads.set(event, (leads.get(event) ?? new Set()).add(to))
    }
  const plain = states.map((_, i) => {
    if (i === 0) return 'start'
    const [only, ...others] = [...into[i]!]
    return others.length === 0 && leads.get(only!)!.size === 1 ? `after_${only}` : `state_${i}`
  })
  return plain.map((name) =>
    events.includes(name) || (name !== 'start' && plain.indexOf(name) !== plain.lastIndexOf(name))
      ? `in_${name}`
      : name,
  )
}

/** @throws Mistake for a name that the kernel would not take. */
export function refuseWrongName(where: string, name: string): void {
  if (!isName(name) || name.length > longestName)
    throw new Mistake(where, `'${name}' cannot be a monitor's name`, `a name in C of at most ${longestName} letters`)
}
