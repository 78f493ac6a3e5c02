/** What becomes of the claims of a protocol between two variants of the code, under every set of parameters that claims are made for. */

import { propertiesFor, type Outcome } from '../../search/check.js'
import { toldRun } from '../../ask/fewest-switches.js'
import type { Verdict } from '../../search/verdict.js'
import { Mistake } from '../../write/mistake.js'
import type { Arg, Model } from '../../write/model.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { changeOf, sideOf } from '../compare/comparison.js'
import type { Protocol } from '../protocol.js'
import type { Instance } from '../spec.js'
import { traceOf, type Trace } from '../trace.js'
import type { Budget } from './budget.js'
import type { ClaimChange, ClaimsReview } from './review.js'

/** A variant of the code as something to make systems of. */
export interface Code {
  readonly model: Model
  readonly patches: readonly string[]
}

/** Parameters and fairness under which claims are made, and how large the space is there, if that was recorded. */
interface Circumstances extends Pick<Choice, 'fairness'> {
  readonly parameters: Readonly<Record<string, Arg>>
  readonly states: number
  /** Whether it is searched even if it is large. */
  readonly surely?: boolean
}

/** How many states all spaces of a protocol may have, as recorded, that are searched because they are small. */
const mostRecorded = 8_000

/** What is assumed of circumstances that were never measured. */
const unmeasured = 20_000

/**
 * Searches both variants under the same circumstances, the smallest first. @param compared parameters under which the code
 * was compared: the smallest that have them are searched in any case.
 */
export async function claimsBetween(
  protocol: Protocol,
  before: Code,
  after: Code,
  compared: readonly Readonly<Record<string, Arg>>[],
  budget: Budget,
): Promise<ClaimsReview> {
  const changes = new Map<string, ClaimChange & { readonly severity: number }>()
  const kept = new Set<string>()
  const { chosen, others } = choose(
    circumstancesOf(protocol, before, after, compared, budget.isThorough),
    budget.isThorough ? Infinity : mostRecorded,
  )
  let [searched, left] = [0, others]
  let cut: string | null = null
  for (const { parameters, fairness, surely = false } of chosen) {
    const choice = { parameters, ...(fairness && { fairness }) }
    const pair = systemsOf(before, after, choice)
    if (!pair) continue
    const judged = await judgedPair(pair, protocol, budget, surely)
    if (judged === null) {
      left++
      continue
    }
    searched++
    if (typeof judged === 'string') {
      cut ??= judged
      continue
    }
    const [a, b] = judged
    const unfinished = [a, b].find(({ complete }) => !complete)
    if (unfinished) cut ??= unfinished.cut?.says ?? 'a search came to no end'
    for (const now of b.verdicts) {
      const was = a.verdicts.find(({ property }) => property === now.property)
      const made = changeOf(was, now)
      // A mail says what is mended: that what is asked happens no more is read off the verdicts beside it.
      const change = made !== 'makes vacuous' ? made : was?.verdict === 'violated' ? 'fixes' : 'leaves open'
      if (change === 'keeps') kept.add(now.property)
      else if (change !== 'asks of one') note(changes, change, was, now, pair, protocol)
    }
  }
  if (searched === 0)
    cut ??=
      left === 0
        ? 'claims not judged: under none of their parameters are both variants there'
        : 'claims not judged: every space is too large for a reply; --thorough searches it'
  const told = [...changes.values()].map(plain)
  return { searched, left, changes: told, keeps: [...kept].filter((name) => !changes.has(name)).length, cut }
}

function plain(ranked: ClaimChange & { severity?: number }): ClaimChange {
  const told = { ...ranked }
  delete told.severity
  return told
}

/**
 * Both checks; a sentence where a requirement names a step that only other variants have, and can say nothing then; null
 * if one of the two is too large.
 */
async function judgedPair(
  [a, b]: readonly [System, System],
  { properties }: Protocol,
  budget: Budget,
  surely: boolean,
): Promise<readonly [Outcome, Outcome] | string | null> {
  try {
    const was = await budget.search(a, properties, surely)
    const is = was && (await budget.search(b, properties, surely))
    return was && is ? [was, is] : null
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

/**
 * Each set of parameters that was compared, or where that is large the smallest that has them, of those that claims are
 * made under; then those of claims about one of the variants, and those of all others. With another fairness the same
 * parameters are searched once more only if everything is.
 */
function circumstancesOf(
  { spec }: Protocol,
  before: Code,
  after: Code,
  compared: readonly Readonly<Record<string, Arg>>[],
  thorough: boolean,
): readonly Circumstances[] {
  const own = spec.instances.filter(({ patches }) => same(patches, before.patches) || same(patches, after.patches))
  const [about, all] = [bySize(own), bySize(spec.instances)]
  const [small = { parameters: {}, states: unmeasured }] = bySize(
    spec.instances.filter(({ patches }) => patches.length === 0),
  )
  const having = (parameters: Readonly<Record<string, Arg>>): readonly Circumstances[] =>
    all.filter((one) => includes(one.parameters, parameters))
  const exact = (parameters: Readonly<Record<string, Arg>>): Circumstances | undefined =>
    having(parameters).find((one) => includes(parameters, one.parameters))
  const like = (parameters: Readonly<Record<string, Arg>>): Circumstances => {
    const same = exact(parameters)
    if (same && same.states <= mostRecorded) return same
    return having(parameters)[0] ?? { ...small, parameters: { ...small.parameters, ...parameters } }
  }
  const seen = new Set<string>()
  return [...compared.map((parameters) => ({ ...like(parameters), surely: true })), ...about, ...all].filter(
    ({ parameters, fairness }) => {
      const key = JSON.stringify([sorted(parameters), ...(thorough ? [sorted(fairness)] : [])])
      return seen.has(key) ? false : seen.add(key)
    },
  )
}

const bySize = (instances: readonly Instance[]): readonly Circumstances[] =>
  instances
    .map(({ parameters, fairness, measured }) => ({
      parameters,
      ...(fairness && { fairness }),
      states: measured?.states ?? unmeasured,
    }))
    .sort((a, b) => a.states - b.states)

const includes = (one: Readonly<Record<string, Arg>>, other: Readonly<Record<string, Arg>>): boolean =>
  Object.entries(other).every(([name, value]) => JSON.stringify(one[name]) === JSON.stringify(value))

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

const sorted = (values: Readonly<Record<string, unknown>> = {}): readonly (readonly [string, unknown])[] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))

/** Those that are searched in any case, and of the others those that are small. */
function choose(
  all: readonly Circumstances[],
  most: number,
): { readonly chosen: readonly Circumstances[]; readonly others: number } {
  let sum = 0
  const chosen = all.filter(({ states, surely }) => {
    if (surely) return true
    if (sum + states > most) return false
    sum += states
    return true
  })
  return { chosen, others: all.length - chosen.length }
}
