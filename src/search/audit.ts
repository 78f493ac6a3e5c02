/** A sample of a finished search, done again by the reference execution: finds models that are not functions. */

import { isDeepStrictEqual } from 'node:util'
import type { System } from '../write/system.js'
import type { Expander, Watch } from './expander.js'
import { explore, type SearchOptions } from './explore.js'
import type { Graph } from './graph.js'
import { inspect } from './inspect.js'
import { enabled, Fault, isEnabled, take, type SystemState } from './reference.js'
import { stateAt } from './run.js'

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
    return sampled(expanded)
      .map((id) => auditState(graph, id))
      .find((fault) => fault !== undefined)
  } finally {
    // Expanding a state twice must not count twice.
    fired.set(before.fired)
    collected.forEach((ids, i) => ids.splice(before.collected[i]!))
  }
}

function auditState(graph: Graph, id: number): NonNullable<Graph['fault']> | undefined {
  const { expander } = graph
  try {
    const here = stateAt(expander, id)
    inspect(expander.system, expander.watch, here)
    const expected = successorsByReference(expander.system, here)
    const { system, batch, taken, layout } = expander
    const found = Array.from({ length: expander.fan(id, expander.pack(here), 0) }, (_, i) => [
      system.transitions[taken[i]!]!.name,
      expander.unpack(batch, i * layout.words),
    ])
    if (!isDeepStrictEqual(found, expected)) throw disagreement(system, here)
    if (expander.foretold) auditDerived(system, here, expander.foretold)
    if (expander.orbits) auditOrbit(system, here, expander.orbits)
  } catch (fault) {
    if (fault instanceof Fault) return { id, fault }
    throw fault
  }
  return undefined
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
