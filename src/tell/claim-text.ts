/** What a check found, as lines for people: a line per protocol, or all of a claim; what is claimed and what was found in words of their own. */

import type { Judgement } from '../search/check.js'
import { having, leavesDomain, namedIn, wrongIn, type Settled } from './claim-result.js'
import { expectedVerdict } from './spec.js'
import { asCalled, count, counted, padded, paint, wrapped, type Style } from './text.js'
import { commandFor } from './trace.js'

/** What the signs mean, to be told before the first of them. */
export const legend = (met = '✓'): string =>
  `${signs.met(met)} found as claimed   ${signs.unmet()} not as claimed   ${signs.open()} not decided`

const signs = {
  met: (sign: string) => paint('green', sign),
  unmet: () => paint('red', '✗'),
  open: () => paint('yellow', '?'),
}

/** The sign of one claim, or of several together. */
export function signOf(claims: Settled | readonly Settled[], met = '✓'): string {
  const all = [claims].flat() as readonly Settled[]
  if (all.some((claim) => against(claim).length > 0)) return signs.unmet()
  return all.some(isRemarkable) ? signs.open() : signs.met(met)
}

const against = (claim: Settled): readonly string[] => claim.differences.filter((text) => !isOpen(claim, text))

/** Whether all of a claim is worth telling: something is not as claimed, not decided, or not searched to the end. */
export const isRemarkable = (claim: Settled): boolean =>
  claim.differences.length > 0 || (!claim.complete && !leavesDomain(claim))

/** A protocol as one line. */
export interface ProtocolLine {
  readonly name: string
  readonly question: string
  /** Columns for the name. */
  readonly width: number
  /** Whether there is a column for bugs. */
  readonly bugs: boolean
  /** How long it took, where that is to be told. */
  readonly took?: string | undefined
}

/** What all claims of one protocol come to: a mark, how many instances and bugs, and the size of the searches. */
export function protocolLine(claims: readonly Settled[], columns: number, told: ProtocolLine): string {
  const bugs = bugsIn(claims)
  const unmet = claims.filter((claim) => against(claim).length > 0).length
  const states = claims.reduce((sum, claim) => sum + claim.states, 0)
  const line = [
    `${signOf(claims)} ${padded(told.name, told.width)}`,
    cell(claims.length, 'instance', 4),
    ...(told.bugs ? [bugs === 0 ? ' '.repeat(9) : cell(bugs, 'bug', 4)] : []),
    cell(states, 'state', 10),
    ...(told.took === undefined ? [] : [paint('dim', told.took.padStart(9))]),
    ...(unmet === 0 ? [] : [`  ${paint('red', `${unmet} not as claimed`)}`]),
  ]
    .join(' ')
    .trimEnd()
  // A wide terminal has room for what it is about; half a question says nothing.
  const room = columns - told.width - (told.bugs ? 48 : 38) - (told.took === undefined ? 0 : 10)
  return unmet === 0 && told.question.length <= room ? `${line}  ${paint('dim', told.question)}` : line
}

/** A number with its noun, below others of their kind. */
const cell = (n: number, noun: string, digits: number): string =>
  `${count(n).padStart(digits)} ${(n === 1 ? noun : `${noun}s`).padEnd(noun.length + 1)}`

const bugsIn = (claims: readonly Settled[]): number =>
  new Set(claims.flatMap(({ instance }) => (instance.form === 'buggy' ? [instance.corpus] : []))).size

/** One claim as lines: a mark, the size of the search, what was found, and every way in which that is not as claimed. */
export function claimLines(claim: Settled, columns: number, verbose: boolean): string[] {
  const { instance, cut: limit } = claim
  const head = `${padded(instance.id, 20)} ${counted(claim.states, 'state').padStart(15)}, found ${tally(claim)}`
  const [first, ...rest] = wrapped(head, columns - 4, ' '.repeat(37))
  const how = limit?.limit === 'fingerprints' ? 'not exact' : 'incomplete'
  const cut = limit ? [`${how}: ${limit.says}`, ...(claim.advice ?? [])] : []
  const below = [...cut.map((text) => [text, 'dim'] as const), ...detail(claim, verbose)]
  const wrong = against(claim).flatMap((text) => wrapped(`not as claimed: ${text}`, columns - 6, '  '))
  return [
    `  ${signOf(claim)} ${first}`,
    ...rest.map((line) => `    ${line}`),
    ...below.flatMap(([text, style]) => wrapped(text, columns - 6, '  ').map((line) => `      ${paint(style, line)}`)),
    ...wrong.map((line) => `      ${paint('red', line)}`),
    ...replayLines(claim),
  ]
}

function tally(claim: Settled): string {
  const counts = (['holds', 'violated', 'vacuous', 'trivial', 'unknown'] as const).flatMap((verdict) => {
    const n = having(claim, verdict).length
    return n === 0 ? [] : [`${n} ${verdict === 'holds' && n > 1 ? 'hold' : verdict}`]
  })
  return counts.join(', ')
}

/** What is told of a claim below its head, each line in its colour. */
function detail(claim: Settled, verbose: boolean): (readonly [string, Style])[] {
  // What is not as claimed is told in full below.
  const named = (verdict: Judgement): string[] => {
    const names = having(claim, verdict)
      .filter((one) => wrongIn(claim, one) === undefined)
      .map(({ property, traceLength: steps }) => (steps === null ? property : `${property} in ${steps}`))
    return names.length === 0 ? [] : [`${verdict}, as claimed: ${names.join(', ')}`]
  }
  const { certificate, unfired, untried = [] } = claim
  const seal = certificate
    ? [`certified: ${certificate.properties.join(', ')}; digest ${certificate.digest.slice(0, 16)}`]
    : []
  const dim = [...trivialIn(claim), ...openIn(claim), ...(verbose ? [...named('vacuous'), ...scenarioLine(claim)] : [])]
  return [
    ...[...seal, ...reductionLines(claim)].map((text) => [text, 'dim'] as const),
    ...named('violated').map((text) => [text, 'magenta'] as const),
    ...[...dim, ...leftOut(unfired, untried, verbose)].map((text) => [text, 'dim'] as const),
  ]
}

/** Steps that were never taken, and those whose code was not tried whole: named, or only how many. */
function leftOut(unfired: readonly string[], untried: readonly string[], verbose: boolean): string[] {
  if (verbose)
    return [
      ...(unfired.length === 0 ? [] : [`never taken: ${unfired.join(', ')}`]),
      ...(untried.length === 0
        ? []
        : [`not tried whole, only those names were looked up that were met: ${untried.join(', ')}`]),
    ]
  const counts = [
    ...(unfired.length === 0 ? [] : [`${counted(unfired.length, 'step')} never taken`]),
    ...(untried.length === 0 ? [] : [`${untried.length} not tried whole`]),
  ]
  return counts.length === 0 ? [] : [`${counts.join(', ')} (-v names them)`]
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
  having(claim, 'unknown').some((verdict) => difference === wrongIn(claim, verdict)) ||
  (claim.scenarios ?? []).some(({ name, found }) => found === null && difference.startsWith(`scenario ${name}: `))

/** What says nothing of this instance, with the reason. */
const trivialIn = (claim: Settled): string[] =>
  having(claim, 'trivial').map(({ property, why = '' }) => `trivial: ${property}: ${why}`)

/** What was not decided, by the reason for it; why the search was cut stands above. */
function openIn(claim: Settled): string[] {
  const { cut, instance } = claim
  const names = new Map<string, string[]>()
  for (const { property, why = '' } of having(claim, 'unknown')) {
    const claimed = expectedVerdict(instance, property)
    const name = claimed === 'holds' ? property : `${property} (claimed: ${claimed})`
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

/** The commands that show the runs behind violations that were not claimed. */
const replayLines = (claim: Settled): string[] =>
  claim.verdicts
    .filter((verdict) => verdict.traceLength !== null && wrongIn(claim, verdict) !== undefined)
    .map(({ property }) => `      replay: ${asCalled(commandFor(namedIn(claim), property))}`)

/** The closing line, or lines: how many claims, how many met, and the size of the searches. */
export function summaryLines(claims: readonly Settled[], columns: number, asked = claims.length): readonly string[] {
  const unmet = claims.filter(({ differences }) => differences.length > 0).length
  const states = claims.reduce((sum, claim) => sum + claim.states, 0)
  const transitions = claims.reduce((sum, claim) => sum + claim.transitions, 0)
  const bugs = bugsIn(claims)
  const protocols = new Set(claims.map(({ address }) => address)).size
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
  const sizes = [
    ...(protocols > 1 ? [counted(protocols, 'protocol')] : []),
    counted(claims.length, 'instance'),
    ...(bugs > 0 ? [counted(bugs, 'corpus bug')] : []),
    counted(states, 'state'),
    counted(transitions, 'step'),
  ]
  return wrapped(`${verdict}: ${sizes.join(', ')}`, columns, '  ')
}
