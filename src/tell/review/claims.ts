/** What becomes of the claims of a protocol between two variants of the code, under every set of parameters that claims are made for. */

import { check, propertiesFor, type Outcome } from '../../search/check.js'
import type { SearchOptions } from '../../search/explore.js'
import { toldRun } from '../../ask/fewest-switches.js'
import type { Verdict } from '../../search/verdict.js'
import { Mistake } from '../../write/mistake.js'
import type { Arg, Model } from '../../write/model.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { changeOf, sideOf } from '../compare/comparison.js'
import type { Protocol } from '../protocol.js'
import type { Instance } from '../spec.js'
import { traceOf, type Trace } from '../trace.js'
import type { ClaimChange, ClaimsReview } from './review.js'

/** A variant of the code as something to make systems of. */
export interface Code {
  readonly model: Model
  readonly patches: readonly string[]
}

/** How the claims are searched; `thorough`: under all parameters that claims are made for, however large. */
export interface ClaimsOptions extends SearchOptions {
  readonly thorough?: boolean
}

/** Parameters and fairness under which claims are made, and how large the space is there, if that was recorded. */
interface Circumstances extends Pick<Choice, 'parameters' | 'fairness'> {
  readonly states: number
}

/** How many states all searches under one variant may have, as recorded, unless all are wanted: a reply is waited for. */
const mostStates = 8_000

/** What is assumed of circumstances that were never measured. */
const unmeasured = 20_000

/**
 * Searches both variants under the same circumstances, the smallest first. @param always parameters that are searched in
 * any case: those under which the code was compared.
 */
export async function claimsBetween(
  protocol: Protocol,
  before: Code,
  after: Code,
  always: readonly Readonly<Record<string, Arg>>[],
  options: ClaimsOptions,
): Promise<ClaimsReview> {
  const changes = new Map<string, ClaimChange & { readonly severity: number }>()
  const kept = new Set<string>()
  const { chosen, left } = choose(
    circumstancesOf(protocol, before, after, always),
    always.length,
    options.thorough ? Infinity : mostStates,
  )
  let searched = 0
  let cut: string | null = null
  for (const { parameters, fairness } of chosen) {
    const choice = { ...(parameters && { parameters }), ...(fairness && { fairness }) }
    const pair = systemsOf(before, after, choice)
    if (!pair) continue
    searched++
    const judged = await judgedPair(pair, protocol, options)
    if (typeof judged === 'string') {
      cut ??= judged
      continue
    }
    const [a, b] = judged
    const unfinished = [a, b].find(({ complete }) => !complete)
    if (unfinished) cut ??= unfinished.cut?.says ?? 'a search came to no end'
    for (const now of b.verdicts) {
      const was = a.verdicts.find(({ property }) => property === now.property)
      const change = changeOf(was, now)
      if (change === 'keeps') kept.add(now.property)
      else if (change !== 'asks of one') note(changes, change, was, now, pair, protocol)
    }
  }
  if (searched === 0) cut ??= 'claims not judged: under none of their parameters are both variants there'
  const told = [...changes.values()].map(plain)
  return { searched, left, changes: told, keeps: [...kept].filter((name) => !changes.has(name)).length, cut }
}

function plain(ranked: ClaimChange & { severity?: number }): ClaimChange {
  const told = { ...ranked }
  delete told.severity
  return told
}

/** Both checks; a sentence where a requirement names a step that only other variants have, and can say nothing then. */
async function judgedPair(
  [a, b]: readonly [System, System],
  { properties }: Protocol,
  options: SearchOptions,
): Promise<readonly [Outcome, Outcome] | string> {
  try {
    return [await check(a, properties, options), await check(b, properties, options)]
  } catch (error) {
    if (error instanceof Mistake) return `claims not judged: ${error.message.split('\n')[0]}`
    throw error
  }
}

/** The worst that becomes of a property is told, where it was seen first. */
const severities = { breaks: 3, fixes: 2, 'leaves open': 1 } as const

function note(
  changes: Map<string, ClaimChange & { readonly severity: number }>,
  change: ClaimChange['change'],
  was: Verdict | undefined,
  now: Verdict,
  [a, b]: readonly [System, System],
  protocol: Protocol,
): void {
  const known = changes.get(now.property)
  const severity = severities[change]
  if (known && known.severity >= severity) {
    if (known.change === change) changes.set(now.property, { ...known, times: known.times + 1 })
    return
  }
  const trace = traceFor(now, b, protocol) ?? (was ? traceFor(was, a, protocol) : null)
  const { property, says } = now
  changes.set(property, {
    property,
    says,
    change,
    was: sideOf(was),
    is: sideOf(now),
    under: chosenText(b),
    times: 1,
    trace,
    severity,
  })
}

function traceFor(verdict: Verdict, system: System, { properties }: Protocol): Trace | null {
  const run = verdict.verdict === 'violated' ? toldRun(verdict) : undefined
  const property = propertiesFor(system, properties).find(({ name }) => name === verdict.property)
  return run ? traceOf({ instance: null, verdict, run, property }) : null
}

/** `fail=any rounds=2`: the parameters that are not as the model declares them. */
const chosenText = ({ parameters, model }: System): string =>
  Object.entries(parameters)
    .filter(([name, value]) => model.declared.parameters?.[name]?.default !== value)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** Both systems; undefined where one of them cannot be made: the edits are of a step that these parameters leave out. */
function systemsOf(before: Code, after: Code, choice: Choice): readonly [System, System] | undefined {
  try {
    return [
      instantiate(before.model, { ...choice, patches: before.patches }),
      instantiate(after.model, { ...choice, patches: after.patches }),
    ]
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}

/** Those that are always searched, those of the model's own parameters, and those of claims about one of the variants. */
function circumstancesOf(
  { spec }: Protocol,
  before: Code,
  after: Code,
  always: readonly Readonly<Record<string, Arg>>[],
): readonly Circumstances[] {
  const own = spec.instances.filter(({ patches }) => same(patches, before.patches) || same(patches, after.patches))
  const all: Circumstances[] = [
    ...always.map((parameters) => ({ parameters, states: statesOf(own, parameters) })),
    { parameters: {}, states: statesOf(own, {}) },
    ...own
      .map((instance) => ({
        parameters: instance.parameters,
        ...(instance.fairness && { fairness: instance.fairness }),
        states: instance.measured?.states ?? unmeasured,
      }))
      .sort((a, b) => a.states - b.states),
  ]
  const seen = new Set<string>()
  return all.filter(({ parameters, fairness }) => {
    const key = JSON.stringify([sorted(parameters), sorted(fairness)])
    return seen.has(key) ? false : seen.add(key)
  })
}

const statesOf = (instances: readonly Instance[], parameters: Readonly<Record<string, Arg>>): number =>
  instances.find((one) => JSON.stringify(sorted(one.parameters)) === JSON.stringify(sorted(parameters)))?.measured
    ?.states ?? unmeasured

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

const sorted = (values: Readonly<Record<string, unknown>> = {}): readonly (readonly [string, unknown])[] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))

function choose(
  all: readonly Circumstances[],
  always: number,
  most: number,
): { readonly chosen: readonly Circumstances[]; readonly left: number } {
  let sum = 0
  const chosen = all.filter(({ states }, i) => {
    if (i >= Math.max(1, always) && sum + states > most) return false
    sum += states
    return true
  })
  return { chosen, left: all.length - chosen.length }
}
