/** Scenarios: runs of a spec that must be possible, or impossible; taken again, or looked for, and told. */

import { isMet } from '../write/condition.js'
import { conditionIn } from '../write/condition-text.js'
import { Mistake } from '../write/mistake.js'
import { selects } from '../write/predicate.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import type { SearchOptions } from '../search/explore.js'
import { insistOnNames, insistOnSteps } from '../ask/runs/aim.js'
import { runsFor } from '../ask/runs/found.js'
import { endOf, replay, type Run } from '../search/run.js'
import { placeAt } from './json.js'
import { validated } from './schema.js'
import { instanceOf, systemOf, type Protocol } from './protocol.js'
import { writeSpec, type Instance, type Scenario, type Spec } from './spec.js'
import { counted } from './text.js'
import { traceOf, type Trace } from './trace.js'

/** What became of a scenario. */
export interface Played {
  readonly name: string
  readonly says: string
  readonly is: Scenario['is']
  /** Whether there is such a run; null if a limit was hit before one was found. */
  readonly found: boolean | null
  /** Steps of the run; null if there is none. */
  readonly steps: number | null
  /** Why there is none, or why that is not known. */
  readonly why?: string
}

/** A scenario with its run. */
export interface Play extends Played {
  readonly run?: Run
}

/** The scenarios of an instance. */
export const scenariosOf = ({ spec }: Protocol, { id }: Instance): readonly Scenario[] =>
  (spec.scenarios ?? []).filter(({ instance }) => instance === id)

/**
 * Takes the run of a scenario again, or looks for one: then at the cost of a search.
 * @throws Mistake for a condition or a step that no variant of the model knows, placed in the spec.
 */
export async function played(
  protocol: Protocol,
  system: System,
  scenario: Scenario,
  options: SearchOptions = {},
): Promise<Play> {
  const { name, says, is, steps } = scenario
  const common = { name, says, is }
  try {
    if (steps) {
      const { run, why } = taken(system, scenario, steps)
      return {
        ...common,
        found: why === undefined,
        steps: why === undefined ? run.steps.length : null,
        ...(why === undefined ? { run } : { why }),
      }
    }
    const { runs, cut } = await runsFor(system, { aim: scenario, number: 1 }, options)
    const [run] = runs
    if (run) return { ...common, found: true, steps: run.steps.length, run }
    return { ...common, found: cut ? null : false, steps: null, why: cut?.says ?? 'no run does that' }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const i = protocol.spec.scenarios?.indexOf(scenario) ?? -1
    const at = protocol.specFile !== undefined && i >= 0 ? placeAt(protocol.specFile, ['scenarios', i]) : undefined
    throw new Mistake(`spec of ${protocol.name}, scenario ${name}`, error.what, error.next, { at })
  }
}

/** Takes the steps of a scenario, and holds the run against what else is asked of it. */
function taken(
  system: System,
  scenario: Scenario,
  steps: readonly string[],
): { readonly run: Run; readonly why?: string } {
  const { initial = 0, to, through = [], until, avoid = [] } = scenario
  insistOnNames(system, scenario)
  insistOnSteps(system, steps)
  const condition = to === undefined ? undefined : conditionIn(system, to)
  const { run, stuck } = replay(system, initial, steps)
  if (stuck) return { run, why: `step ${run.steps.length + 1}, ${stuck.name}: ${stuck.why}` }
  const names = run.steps.map(({ transition }) => transition)
  const stray = names.find((one) => avoid.some((selector) => selects(selector, one)))
  if (stray) return { run, why: `it takes ${stray.name}, which it avoids` }
  let next = 0
  for (const one of until === undefined ? names : names.slice(0, -1))
    if (next < through.length && selects(through[next], one)) next++
  if (next < through.length) return { run, why: `it does not pass through ${through[next]}` }
  const last = names.at(-1)
  if (until !== undefined && !(last && selects(until, last))) return { run, why: `it does not end with ${until}` }
  const { state, at } = endOf(run)
  const met = !condition || isMet(condition, state, asking(system, at))
  return met ? { run } : { run, why: `it ends where ${to} is not so` }
}

/** What is not as a scenario has it, as a sentence; undefined if nothing is. */
export function scenarioDifference({ name, is, found, steps, why }: Played): string | undefined {
  if (found === null) return `scenario ${name}: claimed ${is}, not decided (${why})`
  if (found === (is === 'possible')) return undefined
  return found
    ? `scenario ${name}: claimed impossible, found possible in ${counted(steps!, 'step')}`
    : `scenario ${name}: claimed possible, found impossible (${why})`
}

/** The run of a scenario that has one in the spec, as a trace. @throws Mistake if it can no longer be taken. */
export function scenarioTrace(protocol: Protocol, scenario: Scenario): Trace | undefined {
  if (scenario.is !== 'possible' || !scenario.steps) return undefined
  const system = systemOf(protocol, instanceOf(protocol, scenario.instance))
  const { run, why } = taken(system, scenario, scenario.steps)
  if (why !== undefined)
    throw new Mistake(`spec of ${protocol.name}, scenario ${scenario.name}`, why, `find it anew: thawproof run`)
  return traceOfScenario(protocol, scenario, run)
}

/** A scenario's run as a trace. */
export const traceOfScenario = (
  { picture }: Pick<Protocol, 'picture'>,
  { name, says, instance }: Pick<Scenario, 'name' | 'says' | 'instance'>,
  run: Run,
): Trace =>
  traceOf({
    instance,
    verdict: { property: name, says, verdict: 'possible' },
    run,
    picture,
    asked: ['--scenario', name],
  })

/**
 * Writes a scenario into the spec of a protocol, in place of the one of the same name if there is one.
 * @throws Mistake if there is no spec, or the scenario is of no instance of it, or of none that its schema allows.
 */
export function saveScenario(protocol: Protocol, scenario: Scenario): void {
  const { spec, specFile, name } = protocol
  const where = `scenario ${scenario.name} of ${name}`
  if (specFile === undefined)
    throw new Mistake(where, 'there is no spec to keep it in', 'claims stand in a .json beside the model')
  instanceOf(protocol, scenario.instance)
  const kept = spec.scenarios ?? []
  const known = kept.findIndex((one) => one.name === scenario.name)
  const scenarios = known < 0 ? [...kept, scenario] : kept.with(known, scenario)
  writeSpec(specFile, validated<Spec>(placed(spec, scenarios), 'spec', specFile))
}

/** A spec with scenarios, before its instances: they are read first. */
const placed = ({ instances, ...head }: Spec, scenarios: readonly Scenario[]): Spec => {
  const { scored, teeth, survivors, scenarios: old, ...first } = head
  void old
  return {
    ...first,
    scenarios,
    instances,
    ...(scored && { scored }),
    ...(teeth && { teeth }),
    ...(survivors && { survivors }),
  }
}
