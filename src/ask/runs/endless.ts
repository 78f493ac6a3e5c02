/** Runs without an end that are fair: those that break a property of whole runs, or satisfy a formula, as far as they differ essentially. */

import { Mistake } from '../../write/mistake.js'
import type { Live, Ltl, Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { audited } from '../../search/audit.js'
import type { SearchOptions } from '../../search/explore.js'
import { cancelled } from '../../search/compose/cancel.js'
import type { Subgraph } from '../../search/liveness/fair-components.js'
import { fairBecause } from '../../search/liveness/fair-run.js'
import { subgraphOf, breaksLive, BehaviourGraph, shortfall } from '../../search/liveness/liveness.js'
import { arenaOfFormula, atomsIn, breaksFormula, readFormula, shownFormula } from '../../search/ltl/ltl.js'
import { planFor } from '../../search/plan.js'
import { answerable } from '../../search/purity/answerable.js'
import { same } from '../../search/copies.js'
import type { SystemState } from '../../search/reference.js'
import { endOf, type Run } from '../../search/run.js'
import { refuseFaulty, type Found } from './found.js'
import { Commuting, contains, foata } from './orders.js'

/** What is looked for: runs that break the property, or, of a formula, runs that satisfy it and in which its premise comes about. */
export interface Endless {
  readonly property: Property
  readonly wanted: 'broken' | 'met'
  readonly number: number
}

/** Places where a run can stay that are looked at, the nearest ones. */
const most = 600

/** Of which kinds whole runs break a property: what is owed after a cancel may be of one. */
export function isEndless(system: System, property: Property | undefined): boolean {
  const kinds = ['leadsTo', 'eventually', 'alwaysEventually', 'eventuallyAlways', 'ltl']
  return property !== undefined && kinds.includes(asked(system, property).owed.kind)
}

/** The system in which the runs take place, and the property as it is said of that one. */
function asked(system: System, property: Property): { readonly system: System; readonly owed: Property } {
  if (property.kind !== 'cancel') return { system, owed: property }
  const made = cancelled(system, property.plan, `property ${property.name}`)
  return { system: made.system, owed: made.owed(property) }
}

/**
 * Looks for fair runs: first a short one to each place where one can stay, which are told apart by the steps that are repeated, or by where
 * threads stand for ever; then others that come there by other steps than the order of what commutes and more of them.
 */
export async function endlessRuns(
  system: System,
  { property, wanted, number }: Endless,
  options: SearchOptions = {},
): Promise<Found> {
  return answerable(system, [property], options.maxSeconds, async () => {
    const { system: made, owed } = asked(system, property)
    const looked = owed as Live | Ltl
    const plan = planFor([looked])
    const graph = await audited(made, plan.watch, { ...options, workers: 1, keepEdges: true })
    refuseFaulty(graph)
    const field = new BehaviourGraph(graph)
    const { collected } = graph.expander.findings
    const at = plan.at.get(looked)!
    const formula = looked.kind === 'ltl' ? (wanted === 'met' ? shownFormula(looked) : readFormula(looked)) : undefined
    const subgraph: Subgraph | undefined =
      looked.kind === 'ltl'
        ? arenaOfFormula(field, formula!, wanted === 'met', collected.slice(at, at + atomsIn(looked).length))
        : subgraphOf(field, looked, collected[at]!, collected[plan.premise.get(looked) ?? -1] ?? [])
    if (!subgraph) throw new Mistake(`property ${property.name}`, 'its formula makes too large a graph', 'ask for less')
    const isSo = (run: Run): boolean =>
      looked.kind !== 'ltl' ? breaksLive(looked, run) : breaksFormula(looked, run, formula) === (wanted === 'broken')
    const found = [...field.fairRuns(subgraph, most, looked.kind === 'ltl' ? () => 0 : undefined)].map(rolled)
    if (!found.every(isSo)) throw new Error(`the reference execution does not confirm runs of ${property.name}`)
    const runs = different(found, number, new Commuting(made))
    const whys = runs.map((run) => {
      const fair = fairBecause(field.constraints, run)
      const says =
        wanted === 'met' ? 'a run satisfies it' : looked.kind === 'ltl' ? 'a run breaks it' : shortfall(looked, run)
      return `${says}; ${fair}`
    })
    const isPart = found.length >= most && runs.length < number
    return { runs, whys, states: graph.states, ...(graph.cut && { cut: graph.cut }), ...(isPart && { givenUp: true }) }
  })
}

/** The same run with its loop as early as can be: what an automaton remembers may have put it off. */
function rolled(run: Run): Run {
  let { loop, steps } = run
  if (loop === undefined) return run
  const before = (i: number): SystemState => (i === 0 ? run.start : steps[i - 1]!.after)
  while (
    loop > 0 &&
    steps[loop - 1]!.transition.index === steps.at(-1)!.transition.index &&
    same(before(loop - 1), before(steps.length - 1))
  ) {
    steps = steps.slice(0, -1)
    loop--
  }
  return { ...run, steps, loop }
}

/** Where a run stays: the steps that it repeats, or where threads stand when it stops. */
const stayOf = ({ loop, steps, ...run }: Run): string =>
  JSON.stringify(
    loop === undefined
      ? endOf({ ...run, steps }).at
      : [...new Set(steps.slice(loop).map(({ transition }) => transition.name))].toSorted(),
  )

const stemOf = ({ loop, steps }: Run): readonly number[] =>
  steps.slice(0, loop).map(({ transition }) => transition.index)

/** Of some runs those that differ essentially, shorter ones first. */
function different(found: readonly Run[], number: number, order: Commuting): readonly Run[] {
  const sorted = found.toSorted((a, b) => a.steps.length - b.steps.length)
  const stays = new Map<string, Run[]>()
  for (const run of sorted) {
    const stay = stayOf(run)
    stays.set(stay, [...(stays.get(stay) ?? []), run])
  }
  const told = [...stays.values()].map(([first]) => first!).slice(0, number)
  const forms = new Set(told.map((run) => formOf(run, order)))
  for (const run of sorted) {
    if (told.length >= number) break
    const form = formOf(run, order)
    const alike = told.filter((one) => stayOf(one) === stayOf(run) && one.initial === run.initial)
    if (forms.has(form) || alike.some((one) => contains(stemOf(run), stemOf(one), order))) continue
    forms.add(form)
    told.push(run)
  }
  return told.toSorted((a, b) => a.steps.length - b.steps.length)
}

const formOf = (run: Run, order: Commuting): string =>
  JSON.stringify([run.initial, stayOf(run), foata(stemOf(run), order)])
