/** The smallest deterministic automaton that allows the same sequences as another one. */

import type { Automaton } from '../match/source/automaton.js'
import { Mistake } from '../write/mistake.js'

/** A deterministic automaton; state 0 is the first. What is not there is not allowed; every sequence may end anywhere. */
export interface Deterministic {
  /** For each state, where each event leads, in the order of the events' names. */
  readonly states: readonly ReadonlyMap<string, number>[]
}

/**
 * Determinised by subsets, then minimised by refinement (Moore 1956), states numbered in the order in which they are met breadth-first
 * with events in the order of their names. Unique: two automata that allow the same give the same.
 * @throws Mistake beyond so many sets of states.
 */
export const minimal = (automaton: Automaton, mostSets = 20_000): Deterministic =>
  renumbered(...merged(determinised(automaton, mostSets)))

function determinised(automaton: Automaton, mostSets: number): readonly Map<string, number>[] {
  const ids = new Map<string, number>()
  const sets: (readonly number[])[] = []
  const rows: Map<string, number>[] = []
  const idOf = (states: Iterable<number>): number => {
    const set = closed(automaton, states)
    const key = set.join()
    const known = ids.get(key)
    if (known !== undefined) return known
    if (sets.length >= mostSets)
      throw new Mistake(
        'the monitor',
        `has more than ${mostSets} states before it is minimised`,
        'see fewer events, or those of one object',
      )
    ids.set(key, sets.length)
    sets.push(set)
    rows.push(new Map())
    return sets.length - 1
  }
  idOf([automaton.start])
  for (let at = 0; at < sets.length; at++) {
    const next = new Map<string, Set<number>>()
    for (const state of sets[at]!)
      for (const { to, label } of automaton.arrows(state)) {
        if (label === undefined) continue
        const targets = next.get(label) ?? new Set()
        next.set(label, targets.add(to))
      }
    for (const [label, targets] of next) rows[at]!.set(label, idOf(targets))
  }
  return rows
}

/** With all that is reached unseen. */
function closed(automaton: Automaton, states: Iterable<number>): readonly number[] {
  const reached = new Set(states)
  for (const state of reached)
    for (const { to, label } of automaton.arrows(state)) if (label === undefined) reached.add(to)
  return [...reached].sort((a, b) => a - b)
}

/** Each state's class; two are of one class if the same sequences are allowed from both. */
function merged(rows: readonly ReadonlyMap<string, number>[]): [readonly ReadonlyMap<string, number>[], number[]] {
  let classes = rows.map(() => 0)
  for (let many = 1; ;) {
    const keys = rows.map((row, i) => {
      const ways = [...row].map(([event, to]) => `${event}>${classes[to]!}`)
      return `${classes[i]!}:${ways.sort().join('|')}`
    })
    const numbers = new Map<string, number>()
    for (const key of keys) if (!numbers.has(key)) numbers.set(key, numbers.size)
    classes = keys.map((key) => numbers.get(key)!)
    if (numbers.size === many) return [rows, classes]
    many = numbers.size
  }
}

function renumbered(rows: readonly ReadonlyMap<string, number>[], classes: readonly number[]): Deterministic {
  const order = [classes[0]!]
  const states: Map<string, number>[] = []
  for (let at = 0; at < order.length; at++) {
    const row = rows[classes.indexOf(order[at]!)]!
    const ways = [...row].sort(([a], [b]) => (a < b ? -1 : 1))
    states.push(
      new Map(
        ways.map(([event, to]) => {
          if (!order.includes(classes[to]!)) order.push(classes[to]!)
          return [event, order.indexOf(classes[to]!)]
        }),
      ),
    )
  }
  return { states }
}

/** All events, in the order of their names. */
export const eventsOf = ({ states }: Deterministic): readonly string[] =>
  [...new Set(states.flatMap((row) => [...row.keys()]))].sort()

/** How many of the events an automaton follows from its beginning, and what it would have allowed instead; undefined: all. */
export function strayed(
  { states }: Deterministic,
  events: readonly string[],
): { readonly at: number; readonly allowed: readonly string[] } | undefined {
  let state = 0
  for (const [at, event] of events.entries()) {
    const next = states[state]!.get(event)
    if (next === undefined) return { at, allowed: [...states[state]!.keys()] }
    state = next
  }
  return undefined
}
