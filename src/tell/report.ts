/** What a check found, as one JSON document for programs and as lines for people. */

import type { Kind } from '../write/property.js'
import type { Certificate } from '../search/certify.js'
import type { Judgement } from '../search/check.js'
import type { Reduction } from '../search/reductions/reduction.js'
import type { Fingerprints } from '../search/compact/compaction.js'
import type { Arg } from '../write/model.js'
import { having, leavesDomain, namedIn, type Settled } from './claim-result.js'
import type { Played } from './scenarios.js'
import type { Evidence } from './spec.js'
import { count, padded, paint, wrapped } from './text.js'
import { commandFor } from './trace.js'

/** `thawproof check --json`; its JSON Schema is shipped as `thawproof/report.schema.json`. */
export interface Report {
  readonly schema: 'thawproof/report@1'
  readonly instances: readonly InstanceReport[]
  /** Whether all claims were met. */
  readonly met: boolean
}

/** One instance in a {@link Report}. */
export interface InstanceReport {
  readonly protocol: string
  readonly instance: string
  readonly corpus: string | null
  readonly form: 'buggy' | 'fixed' | null
  readonly evidence: Evidence | null
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly complete: boolean
  /** Present if states were kept as fingerprints: the search was not exact, and `complete` is false. */
  readonly fingerprints?: Fingerprints
  /** Distinct states, the initial ones included. */
  readonly states: number
  /** Fired guarded steps. */
  readonly transitions: number
  /** The longest shortest path, in steps. */
  readonly depth: number
  readonly verdicts: readonly {
    readonly property: string
    readonly kind: Kind
    readonly verdict: Judgement
    /** Why it says nothing, if it is `trivial`. */
    readonly why?: string
    readonly traceLength: number | null
  }[]
  /** Steps, alternatives and actions that were never taken. */
  readonly unfired: readonly string[]
  /** Whose code depends on too much to be tried whole before the search: of the names in it, those that were met were looked up. */
  readonly untried?: readonly string[]
  /** Runs that must be possible or impossible, and whether there is one; null if a limit was hit before. */
  readonly scenarios?: readonly Pick<Played, 'name' | 'is' | 'found' | 'steps'>[]
  /** What an independent verifier confirmed, if it was asked to. */
  readonly certificate?: Certificate
  /** What became of a reduction, where one was possible or asked for. */
  readonly reduction?: Reduction
}

/** The report of some claims, in the order given; `asked`: how many there should be, if it was interrupted before it came to all. */
export function reportOf(claims: readonly Settled[], asked = claims.length): Report {
  return {
    schema: 'thawproof/report@1',
    instances: claims.map((claim) => ({
      protocol: claim.protocol,
      instance: claim.instance.id,
      corpus: claim.instance.corpus,
      form: claim.instance.form,
      evidence: claim.instance.evidence,
      parameters: claim.parameters,
      patches: claim.patches,
      complete: claim.complete,
      ...(claim.fingerprints && { fingerprints: claim.fingerprints }),
      states: claim.states,
      transitions: claim.transitions,
      depth: claim.depth,
      verdicts: claim.verdicts.map(({ property, kind, verdict, why, traceLength }) => ({
        property,
        kind,
        verdict,
        ...(verdict === 'trivial' && why !== undefined && { why }),
        traceLength,
      })),
      unfired: claim.unfired,
      ...(claim.untried && { untried: claim.untried }),
      ...(claim.scenarios && {
        scenarios: claim.scenarios.map(({ name, is, found, steps }) => ({ name, is, found, steps })),
      }),
      ...(claim.certificate && { certificate: claim.certificate }),
      ...(claim.reduction && { reduction: claim.reduction }),
    })),
    met: claims.length === asked && claims.every(({ differences }) => differences.length === 0),
  }
}

/** One claim as lines: a mark, the size of the search, whatever does not simply hold, and every unmet expectation. */
export function claimLines(claim: Settled, columns: number, verbose: boolean): string[] {
  const { instance, differences, cut: limit } = claim
  const met = differences.length === 0
  const against = differences.filter((text) => !isOpen(claim, text))
  const mark = met ? paint('green', '✓') : against.length === 0 ? paint('yellow', '?') : paint('red', '✗')
  const head = `${padded(instance.id, 26)} ${count(claim.states).padStart(9)} states  ${tally(claim, verbose)}`
  const [first, ...rest] = wrapped(head, columns - 4, ' '.repeat(45))
  const how = limit?.limit === 'fingerprints' ? 'not exact' : 'incomplete'
  const cut = limit ? [`${how}: ${limit.says}`, ...(claim.advice ?? [])] : []
  const below = [...cut, ...detail(claim, verbose)].flatMap((text) => wrapped(text, columns - 6, '  '))
  const wrong = against.flatMap((text) => wrapped(`not as claimed: ${text}`, columns - 6, '  '))
  return [
    `  ${mark} ${first}`,
    ...rest.map((line) => `    ${line}`),
    ...below.map((line) => `      ${paint('dim', line)}`),
    ...wrong.map((line) => `      ${paint('red', line)}`),
    ...(met ? [] : replayLines(claim)),
  ]
}

function tally(claim: Settled, verbose: boolean): string {
  const counts = (['holds', 'violated', 'vacuous', 'trivial', 'unknown'] as const).flatMap((verdict) => {
    const n = having(claim, verdict).length
    return n === 0 ? [] : [`${n} ${verdict === 'holds' ? 'hold' : verdict}`]
  })
  if (verbose) return counts.join(', ')
  if (claim.unfired.length > 0) counts.push(`${claim.unfired.length} steps untaken`)
  if (claim.untried) counts.push(`${claim.untried.length} not tried whole`)
  return counts.join(', ')
}

function detail(claim: Settled, verbose: boolean): string[] {
  const named = (verdict: Judgement): string[] => {
    const names = having(claim, verdict).map(({ property, traceLength: steps }) =>
      steps === null ? property : `${property} ${steps}`,
    )
    return names.length === 0 ? [] : [`${verdict}: ${names.join(', ')}`]
  }
  const untaken = claim.unfired.length === 0 ? [] : [`steps never taken: ${claim.unfired.join(', ')}`]
  const { certificate, untried = [] } = claim
  const beyond =
    untried.length === 0
      ? []
      : [`not tried whole, only those names were looked up that were met: ${untried.join(', ')}`]
  const seal = certificate
    ? [`certified: ${certificate.properties.join(', ')}; digest ${certificate.digest.slice(0, 16)}`]
    : []
  return [
    ...seal,
    ...reductionLines(claim),
    ...named('violated'),
    ...trivialIn(claim),
    ...openIn(claim),
    ...(verbose ? [...named('vacuous'), ...scenarioLine(claim), ...untaken, ...beyond] : []),
  ]
}

/** `scenarios: it-works possible in 12, it-hangs impossible` */
function scenarioLine({ scenarios = [] }: Settled): readonly string[] {
  const told = scenarios.map(({ name, found, steps }) => {
    if (found === null) return `${name} unknown`
    return found ? `${name} possible in ${steps}` : `${name} impossible`
  })
  return told.length === 0 ? [] : [`scenarios: ${told.join(', ')}`]
}

/** Whether a difference is only that something was not decided. */
const isOpen = (claim: Settled, difference: string): boolean =>
  having(claim, 'unknown').some(({ property }) => difference.startsWith(`${property} is unknown,`)) ||
  (claim.scenarios ?? []).some(({ name, found }) => found === null && difference.startsWith(`scenario ${name} is `))

/** What says nothing of this instance, with the reason. */
const trivialIn = (claim: Settled): string[] =>
  having(claim, 'trivial').map(({ property, why = '' }) => `trivial: ${property}: ${why}`)

/** What was not decided, by the reason for it; why the search was cut stands above. */
function openIn(claim: Settled): string[] {
  const { cut, instance } = claim
  const names = new Map<string, string[]>()
  for (const { property, why = '' } of having(claim, 'unknown')) {
    const expected = instance.expect[property]
    const claimed = typeof expected === 'object' ? expected.verdict : expected
    const name = claimed === undefined || claimed === 'holds' ? property : `${property} (claimed: ${claimed})`
    names.set(why, [...(names.get(why) ?? []), name])
  }
  return [...names].map(([why, open]) => `unknown${cut?.says.endsWith(why) ? '' : ` (${why})`}: ${open.join(', ')}`)
}

/** `18,840 orbits of 112,680 states (3 like members of 'task')`, or why there are none. */
function reductionLines({ reduction, states, complete }: Settled): string[] {
  if (!reduction) return []
  if ('off' in reduction) return [`no ${reduction.by}: ${reduction.off}`]
  if (reduction.by === 'stubborn sets') {
    const { whole } = reduction
    return [
      `by stubborn sets: of steps that commute, some orders${whole.length > 0 ? `; not for ${whole.join(', ')}` : ''}`,
    ]
  }
  const alike = reduction.sets.map(({ set, size }) => `${size} like members of '${set}'`).join(', ')
  return [`${count(reduction.orbits)} orbits${complete ? ` of ${count(states)} states` : ' so far'} (${alike})`]
}

/** The commands that show the runs behind unexpected violations. */
function replayLines(claim: Settled): string[] {
  const { verdicts, differences } = claim
  return verdicts
    .filter(
      ({ property, traceLength }) =>
        traceLength !== null && differences.some((text) => text.startsWith(`${property} `)),
    )
    .map(({ property }) => `      replay: ${commandFor(namedIn(claim), property)}`)
}

/** The closing line: how many claims, how many met, how many bugs caught and fixes verified. */
export function summaryLine(claims: readonly Settled[], asked = claims.length): string {
  const unmet = claims.filter(({ differences }) => differences.length > 0).length
  const states = claims.reduce((sum, claim) => sum + claim.states, 0)
  const transitions = claims.reduce((sum, claim) => sum + claim.transitions, 0)
  const bugs = new Set(claims.flatMap(({ instance }) => (instance.form === 'buggy' ? [instance.corpus] : [])))
  const cut = claims.filter((claim) => !claim.complete && !leavesDomain(claim)).length
  const verdict =
    unmet > 0
      ? paint(
          'red',
          `${unmet} of ${claims.length} not met${claims.length < asked ? `, ${asked - claims.length} not looked at` : ''}`,
        )
      : claims.length < asked
        ? paint('yellow', `nothing found against ${claims.length} of ${asked}, the others were not looked at`)
        : cut > 0
          ? paint('yellow', `nothing found against a claim, but ${cut} of ${claims.length} not searched to the end`)
          : paint('green', 'all claims met')
  const corpus = bugs.size > 0 ? `, ${bugs.size} corpus bugs` : ''
  return `${verdict}: ${claims.length} instances${corpus}, ${count(states)} states, ${count(transitions)} steps`
}
