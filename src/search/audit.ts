/** A sample of a finished search, done again by the reference execution: finds models that are not functions. */

import { isDeepStrictEqual } from 'node:util'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import type { Expander, Watch } from './expander.js'
import { explore, type SearchOptions } from './explore.js'
import type { Graph } from './graph.js'
import { inspect } from './inspect.js'
import { trapped } from './purity/trapped.js'
import { enabled, Fault, isEnabled, take, type SystemState } from './reference.js'
import { stateAt } from './reached.js'

/** States that are looked at again, spread evenly over the search. */
const sample = 16

/** Explores a system, and has a sample of the result done again by the reference execution. */
export async function audited(system: System, watch: Watch, options: SearchOptions): Promise<Graph> {
  const graph = await explore(system, watch, options)
  const fault = graph.fault ?? audit(graph)
  return fault && !graph.fault ? faulty(graph, fault) : graph
}

/** A search whose model turned out not to be a function of its state proves nothing. */
function faulty(graph: Graph, fault: NonNullable<Graph['fault']>): Graph {
  return { ...graph, fault, cut: { limit: 'fault', says: `the model is at fault: ${fault.fault.message}` } }
}

/**
 * Expands a sample of states by both executions and compares the successors.
 * @returns the first state in which the model is impure or unsteady, or undefined.
 * @throws Error if the model is steady but the two executions disagree: our fault.
 */
export function audit(graph: Graph): NonNullable<Graph['fault']> | undefined {
  const { expander, expanded } = graph
  const { fired, collected } = expander.findings
  const before = { fired: fired.slice(), collected: collected.map((ids) => ids.length) }
  try {
    // Not in the order of the search, so that what code remembers of the state before does not help it.
    const states = sampled(expanded).reverse()
    return (
      first(states, (id) => auditing(graph, id, (here) => auditAnswers(graph, id, here))) ??
      first(states, (id) => auditing(graph, id, (here) => auditState(graph, id, here))) ??
      first(firstTaken(graph), ([id, indices]) => auditFirst(graph, id, indices))
    )
  } finally {
    // Expanding a state twice must not count twice.
    fired.set(before.fired)
    collected.forEach((ids, i) => ids.splice(before.collected[i]!))
  }
}

const first = <A, B>(all: Iterable<A>, look: (one: A) => B | undefined): B | undefined => {
  for (const one of all) {
    const found = look(one)
    if (found !== undefined) return found
  }
  return undefined
}

/** Does something with a state, and tells what fault came of it. */
function auditing({ expander }: Graph, id: number, look: (here: SystemState) => void): ReturnType<typeof audit> {
  try {
    look(stateAt(expander, id))
  } catch (fault) {
    if (fault instanceof Fault) return { id, fault }
    throw fault
  }
  return undefined
}

/** By state, the transitions that were taken there first. */
function firstTaken({ expander: { findings, compaction } }: Graph): ReadonlyMap<number, readonly number[]> {
  const at = new Map<number, number[]>()
  if (compaction) return at
  findings.first.forEach((id, index) => {
    if (id < 0) return
    const here = at.get(id)
    if (here) here.push(index)
    else at.set(id, [index])
  })
  return at
}

/** The first time that transitions were taken, done again: rare steps are in no sample. */
function auditFirst(graph: Graph, id: number, indices: readonly number[]): ReturnType<typeof audit> {
  const { system, fan, pack, unpack, batch, taken, layout } = graph.expander
  return auditing(graph, id, (here) => {
    const all = taken.slice(0, fan(id, pack(here), 0))
    for (const index of indices) {
      const transition = system.transitions[index]!
      const at = all.indexOf(index)
      const found = at < 0 ? null : unpack(batch, at * layout.words)
      const expected = trapped(() => (isEnabled(system, here, transition) ? take(system, here, transition).next : null))
      if (!isDeepStrictEqual(found, expected)) throw disagreement(system, here)
    }
  })
}

/** The predicates answer as they did in the search, though they are given another object. */
function auditAnswers({ expander }: Graph, id: number, here: SystemState): void {
  const { watch, findings, system } = expander
  inspect(system, watch, here)
  const { state } = here
  const asks = asking(system, here.at)
  const changed = (name: string): Fault =>
    new Fault('nondeterministic', name, 'its predicate answered differently in the same state')
  watch.states.forEach(({ name, when, holds }, i) => {
    const broken = findings.states.broken[i]!
    const asked = broken < 0 || id < broken
    if (asked && (!when || when(state, asks)) && !holds(state, asks)) throw changed(name)
  })
  watch.collects.forEach(({ name, holds }, i) => {
    if (holds(state, asks) !== has(findings.collected[i]!, id)) throw changed(name)
  })
}

/** Whether an ascending sequence has a number. */
function has(ids: readonly number[], id: number): boolean {
  let [from, to] = [0, ids.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (ids[middle]! < id) from = middle + 1
    else to = middle
  }
  return ids[from] === id
}

function auditState({ expander }: Graph, id: number, here: SystemState): void {
  const expected = successorsByReference(expander.system, here)
  const { system, batch, taken, layout } = expander
  const found = Array.from({ length: expander.fan(id, expander.pack(here), 0) }, (_, i) => [
    system.transitions[taken[i]!]!.name,
    expander.unpack(batch, i * layout.words),
  ])
  if (!isDeepStrictEqual(found, expected)) throw disagreement(system, here)
  if (expander.foretold) auditDerived(system, here, expander.foretold)
  if (expander.orbits) auditOrbit(system, here, expander.orbits)
}

/** What was derived of every transition is what it does. */
function auditDerived(system: System, here: SystemState, foretold: NonNullable<Expander['foretold']>): void {
  for (const transition of system.transitions) {
    const expected = foretold(here, transition)
    const next = isEnabled(system, here, transition) ? take(system, here, transition).next : null
    if (isDeepStrictEqual(expected, next)) continue
    const state = JSON.stringify(here)
    throw new Error(`${system.model.name}: ${transition.name} does not do what was derived of it in ${state}`)
  }
}

/** States that one stands for go on alike: their successors have the same representatives, and all of those were found. */
function auditOrbit(system: System, here: SystemState, { identify, images }: NonNullable<Expander['orbits']>): void {
  const onward = (from: SystemState): number[] =>
    enabled(system, from)
      .map((transition) => identify(take(system, from, transition).next))
      .sort((a, b) => a - b)
  const expected = onward(here)
  const alike = images(here).every((image) => isDeepStrictEqual(onward(image), expected))
  if (expected[0] === -1 || !alike)
    throw new Error(`${system.model.name}: states that were proved alike are not: ${JSON.stringify(here)}`)
}

function sampled(expanded: number): number[] {
  const n = Math.min(expanded, sample)
  return Array.from({ length: n }, (_, i) => Math.floor((i * expanded) / n))
}

function successorsByReference(system: System, here: SystemState): (readonly [string, SystemState])[] {
  return enabled(system, here).map((transition) => [transition.name, take(system, here, transition).next] as const)
}

/** A guard or effect that depends on anything but its arguments makes the two executions differ. */
function disagreement(system: System, here: SystemState): Error {
  const steady = Array.from({ length: 8 }, () => successorsByReference(system, here))
  if (steady.some((again) => !isDeepStrictEqual(again, steady[0])))
    return new Fault(
      'nondeterministic',
      'a guard or effect',
      `it acts differently in the same state ${JSON.stringify(here.state)}`,
    )
  return new Error(
    `${system.model.name}: the compiled and the reference execution disagree about the successors of ${JSON.stringify(here)}`,
  )
}
