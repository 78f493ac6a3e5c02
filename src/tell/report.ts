/** What a check found, as one JSON document for programs and as lines for people. */

import type { Kind } from '../write/property.js'
import type { Certificate } from '../search/certify.js'
import type { Judgement, Outcome, Verdict } from '../search/check.js'
import type { Arg } from '../write/model.js'
import { traceLength, type Claim } from './claim.js'
import type { Evidence } from './spec.js'
import { count, padded, paint, wrapped } from './text.js'

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
    readonly traceLength: number | null
  }[]
  /** Steps, alternatives and actions that were never taken. */
  readonly unfired: readonly string[]
  /** What an independent verifier confirmed, if it was asked to. */
  readonly certificate?: Certificate
}

/** The report of some claims, in the order given. */
export function reportOf(claims: readonly Claim[]): Report {
  return {
    schema: 'thawproof/report@1',
    instances: claims.map(({ protocol, instance, outcome }) => ({
      protocol: protocol.name,
      instance: instance.id,
      corpus: instance.corpus,
      form: instance.form,
      evidence: instance.evidence,
      parameters: outcome.system.parameters,
      patches: outcome.system.patches,
      complete: outcome.complete,
      states: outcome.states,
      transitions: outcome.transitions,
      depth: outcome.depth,
      verdicts: outcome.verdicts.map((verdict) => ({
        property: verdict.property,
        kind: verdict.kind,
        verdict: verdict.verdict,
        traceLength: traceLength(verdict),
      })),
      unfired: outcome.unfired,
      ...(outcome.certificate && { certificate: outcome.certificate }),
    })),
    met: claims.every(({ differences }) => differences.length === 0),
  }
}

/** One claim as lines: a mark, the size of the search, whatever does not simply hold, and every unmet expectation. */
export function claimLines(claim: Claim, columns: number, verbose: boolean): string[] {
  const { instance, outcome, differences } = claim
  const met = differences.length === 0
  const mark = met ? paint('green', '✓') : paint('red', '✗')
  const head = `${padded(instance.id, 26)} ${count(outcome.states).padStart(9)} states  ${tally(outcome, verbose)}`
  const [first, ...rest] = wrapped(head, columns - 4, ' '.repeat(45))
  const cut = outcome.cut ? [`incomplete: ${outcome.cut.says}`, ...(outcome.advice ?? [])] : []
  const below = [...cut, ...detail(outcome, verbose)].flatMap((text) => wrapped(text, columns - 6, '  '))
  const wrong = differences.flatMap((text) => wrapped(`not as claimed: ${text}`, columns - 6, '  '))
  return [
    `  ${mark} ${first}`,
    ...rest.map((line) => `    ${line}`),
    ...below.map((line) => `      ${paint('dim', line)}`),
    ...wrong.map((line) => `      ${paint('red', line)}`),
    ...(met ? [] : replayLines(claim)),
  ]
}

const having = (outcome: Outcome, verdict: Judgement): readonly Verdict[] =>
  outcome.verdicts.filter((one) => one.verdict === verdict)

function tally(outcome: Outcome, verbose: boolean): string {
  const counts = (['holds', 'violated', 'vacuous', 'unknown'] as const).flatMap((verdict) => {
    const n = having(outcome, verdict).length
    return n === 0 ? [] : [`${n} ${verdict === 'holds' ? 'hold' : verdict}`]
  })
  if (outcome.unfired.length > 0 && !verbose) counts.push(`${outcome.unfired.length} steps untaken`)
  return counts.join(', ')
}

function detail(outcome: Outcome, verbose: boolean): string[] {
  const named = (verdict: Judgement): string[] => {
    const names = having(outcome, verdict).map((one) => one.property + (one.run ? ` ${one.run.steps.length}` : ''))
    return names.length === 0 ? [] : [`${verdict}: ${names.join(', ')}`]
  }
  const untaken = outcome.unfired.length === 0 ? [] : [`steps never taken: ${outcome.unfired.join(', ')}`]
  const { certificate } = outcome
  const seal = certificate
    ? [`certified: ${certificate.properties.join(', ')}; digest ${certificate.digest.slice(0, 16)}`]
    : []
  return [...seal, ...named('violated'), ...named('unknown'), ...(verbose ? [...named('vacuous'), ...untaken] : [])]
}

/** The commands that show the runs behind unexpected violations. */
function replayLines({ protocol, instance, outcome, differences }: Claim): string[] {
  return outcome.verdicts
    .filter(({ property, run }) => run && differences.some((text) => text.startsWith(`${property} `)))
    .map(({ property }) => `      replay: thawproof trace ${protocol.address}/${instance.id} ${property}`)
}

/** The closing line: how many claims, how many met, how many bugs caught and fixes verified. */
export function summaryLine(claims: readonly Claim[]): string {
  const unmet = claims.filter(({ differences }) => differences.length > 0).length
  const states = claims.reduce((sum, { outcome }) => sum + outcome.states, 0)
  const transitions = claims.reduce((sum, { outcome }) => sum + outcome.transitions, 0)
  const bugs = new Set(claims.flatMap(({ instance }) => (instance.form === 'buggy' ? [instance.corpus] : [])))
  const verdict = unmet === 0 ? paint('green', 'all claims met') : paint('red', `${unmet} of ${claims.length} not met`)
  const corpus = bugs.size > 0 ? `, ${bugs.size} corpus bugs` : ''
  return `${verdict}: ${claims.length} instances${corpus}, ${count(states)} states, ${count(transitions)} steps`
}
