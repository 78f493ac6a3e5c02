/** Claims held against what a check found. */

import { builtIn, check, propertiesFor, type CheckOptions, type Outcome, type Verdict } from '../search/check.js'
import { recipeOf } from '../search/parallel/protocol-recipe.js'
import { Mistake, unknownName, type Place } from '../write/mistake.js'
import { logDifferences } from './logs.js'
import { placeInSpec, systemOf, type Protocol } from './protocol.js'
import { recordedRuns, runDifferences } from './runs.js'
import { played, scenarioDifference, scenariosOf, type Play } from './scenarios.js'
import { Sources } from './sources.js'
import { expected, type Expectation, type Instance, type Measured } from './spec.js'
import { counted } from './text.js'

/** An instance, what was found, and every way in which that differs from the claims. */
export interface Claim {
  readonly protocol: Protocol
  readonly instance: Instance
  readonly outcome: Outcome
  /** What became of the scenarios of the instance, in the order of the spec. */
  readonly plays: readonly Play[]
  /** Sentences; empty if the claims are met. */
  readonly differences: readonly string[]
}

/** How many steps the trace of a verdict has, or null if it has none. */
export const traceLength = (verdict: Verdict): number | null => verdict.run?.steps.length ?? null

const sources = new Sources()

/** Checks one instance and compares. @throws Mistake if it expects something of a property that does not exist. */
export async function checkClaim(protocol: Protocol, instance: Instance, options: CheckOptions = {}): Promise<Claim> {
  const system = systemOf(protocol, instance)
  const known = [...Object.keys(builtIn), ...propertiesFor(system, protocol.properties).map(({ name }) => name)]
  refuseUnknown(protocol, instance, known)
  const { parameters, patches, fairness } = instance
  const choice = { parameters, patches, ...(fairness && { fairness }) }
  const recipe = protocol.modules && { recipe: recipeOf(protocol.modules, choice) }
  const { checkpoint } = options
  const saved = checkpoint && {
    checkpoint: { ...checkpoint, basis: sources.of(protocol)?.copy().digest('hex') ?? null },
  }
  const outcome = await check(system, protocol.properties, { ...options, ...recipe, ...saved })
  const logs = outcome.complete ? await logDifferences(protocol, instance, system, options) : []
  const plays: Play[] = []
  // Of a model that is at fault nothing else is looked at.
  if (!outcome.fault)
    for (const scenario of scenariosOf(protocol, instance))
      plays.push(await played(protocol, system, scenario, options))
  const scenarios = plays.flatMap((play) => scenarioDifference(play) ?? [])
  const differences = [...differencesOf(protocol, instance, outcome), ...logs, ...scenarios]
  return { protocol, instance, outcome, plays, differences }
}

function refuseUnknown(protocol: Protocol, instance: Instance, known: readonly string[]): void {
  const where = `spec of ${protocol.name}, instance ${instance.id}`
  const at = (...path: readonly string[]): Place | undefined => placeInSpec(protocol, instance, 'expect', ...path)
  for (const name of Object.keys(instance.expect))
    if (!known.includes(name)) throw unknownName(where, 'property', name, known, at(name))
  const { name } = scenariosOf(protocol, instance).find((one) => known.includes(one.name)) ?? {}
  if (name !== undefined) throw new Mistake(where, `a scenario is called ${name}, as a property is`, 'rename it')
}

function differencesOf(protocol: Protocol, instance: Instance, outcome: Outcome): string[] {
  const verdicts = [
    ...outcome.verdicts.flatMap((verdict) => verdictDifference(expected(instance, verdict.property), verdict)),
    ...(outcome.verdicts.length > Object.keys(builtIn).length
      ? []
      : [`nothing is asked of it: ${protocol.unclaimed ?? 'it has no properties'}`]),
  ]
  if (!outcome.complete || !instance.measured) return verdicts
  const measured = measuredDifferences(instance.measured, outcome)
  const runs = recordedRuns(protocol)[instance.id]
  // Where the lengths differ, the runs do: said once.
  const isTold = measured.length > 0 || !runs || !searchedAlike(instance.measured, outcome)
  return [...verdicts, ...measured, ...(isTold ? [] : runDifferences(runs, outcome.verdicts))].map((text, i) =>
    i < verdicts.length ? text : `${text} (\`thawproof record\` if that is right)`,
  )
}

/** Whether a search was reduced, or not, as when it was recorded: only then it has to find the same runs. */
const searchedAlike = ({ orbits }: Measured, { reduction }: Outcome): boolean =>
  reduction && 'whole' in reduction
    ? false
    : (orbits !== undefined) === (reduction !== undefined && 'orbits' in reduction)

/** `small: claimed to hold, found violated in 3 steps (why)` */
function verdictDifference(expectation: Expectation, found: Verdict): string[] {
  const verdict = typeof expectation === 'string' ? expectation : expectation.verdict
  const steps = traceLength(found)
  const claimedSteps = typeof expectation === 'object' && 'steps' in expectation ? expectation.steps : null
  if (found.verdict === verdict && (claimedSteps === null || steps === claimedSteps)) return []
  const inSteps = (n: number | null): string => (n === null ? '' : ` in ${counted(n, 'step')}`)
  const claimed = `claimed ${claimWord(verdict)}${inSteps(claimedSteps)}`
  const why = found.verdict !== verdict && found.why ? ` (${found.why})` : ''
  return [`${found.property}: ${claimed}, found ${claimWord(found.verdict)}${inSteps(steps)}${why}`]
}

/** A verdict behind `claimed` or `found`. */
const claimWord = (verdict: Verdict['verdict']): string => (verdict === 'holds' ? 'to hold' : verdict)

function measuredDifferences(recorded: Measured, outcome: Outcome): string[] {
  const now = measure(outcome)
  const { reduction } = outcome
  // Stubborn sets leave states out; what they find is the same.
  const counted = reduction && 'whole' in reduction ? [] : (['states', 'transitions', 'depth', 'orbits'] as const)
  const counts = counted
    .filter((key) => now[key] !== recorded[key] && (key !== 'orbits' || now.orbits !== undefined))
    .map((key) => `${now[key]} ${key}, recorded ${recorded[key] ?? 'none'}`)
  const names = new Set([...Object.keys(now.traces), ...Object.keys(recorded.traces)])
  const traces = [...names]
    .filter((name) => now.traces[name] !== recorded.traces[name])
    .map((name) => `trace of ${name}: ${now.traces[name] ?? 'none'}, recorded ${recorded.traces[name] ?? 'none'}`)
  return [...counts, ...traces]
}

/** What the recorder writes about an outcome. */
export function measure(outcome: Outcome): Measured {
  const traces = outcome.verdicts.flatMap((verdict) => {
    const steps = traceLength(verdict)
    return verdict.verdict === 'violated' && steps !== null ? [[verdict.property, steps] as const] : []
  })
  const { states, transitions, depth, reduction } = outcome
  const orbits = reduction && 'orbits' in reduction ? { orbits: reduction.orbits } : {}
  return { states, transitions, depth, ...orbits, traces: Object.fromEntries(traces) }
}
