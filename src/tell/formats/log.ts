/** A log held against an instance, told: the run with the lines beside its steps, or the line that cannot be. */

import type { LogOutcome, Missing } from '../../match/log/outcome.js'
import type { Judged } from '../../match/log/judge.js'
import { anonymous, type LogLine } from '../../match/log/read.js'
import { becauseOfStep } from '../explanation.js'
import { stepsOf } from '../lanes.js'
import { becauseText, causeText, quoted } from '../reason.js'
import { count, paint, wrapped } from '../text.js'
import { traceOf, type Trace } from '../trace.js'

/** A log held against an instance, as data; its schema name is `thawproof/log@1`. */
export interface LogReport {
  readonly schema: 'thawproof/log@1'
  readonly protocol: string
  readonly instance: string | null
  readonly verdict: LogOutcome['verdict']
  readonly boot: number
  readonly heard: readonly { readonly line: number; readonly text: string }[]
  readonly passedOver: number
  readonly matched: number
  /** The run as a trace; each step's `log` has the lines of this log that it printed. */
  readonly run: Trace | null
  /** Steps of the run before the log begins. */
  readonly before: number
  readonly states: number
  readonly widths: readonly number[]
  readonly certain: readonly string[] | null
  readonly possible: readonly string[] | null
  readonly stands: LogOutcome['stands']
  readonly next: LogOutcome['next']
  readonly rejected: {
    readonly line: number
    readonly text: string
    readonly strange: boolean
    readonly missing: readonly {
      readonly step: string
      readonly stands: string | null
      readonly because: readonly string[]
    }[]
    readonly broken: { readonly step: string; readonly says: readonly string[] } | null
    readonly instead: readonly string[]
  } | null
  readonly judged: readonly Judged[]
  readonly cut: string | null
}

/** What was held against what. */
export interface Held {
  readonly outcome: LogOutcome
  /** What to type to mean the instance. */
  readonly target: string
  readonly instance: string | null
}

const textOf = ({ number, text }: LogLine): string => `${number}: ${anonymous(text)}`

/** The run as a trace, each step with what it printed of this log. */
function traceOfRun({ outcome, instance }: Held): Trace | null {
  const { run, told } = outcome
  if (!run) return null
  const verdict = { property: 'log', says: 'What the log shows.', verdict: 'violated', kind: 'always' } as const
  const trace = traceOf({ instance, verdict, run })
  return { ...trace, steps: trace.steps.map((step, i) => ({ ...step, log: told[i]!.lines.map(textOf) })) }
}

/** The report as data. */
export function logReport(held: Held): LogReport {
  const { outcome } = held
  const { rejected } = outcome
  return {
    schema: 'thawproof/log@1',
    protocol: outcome.system.model.name,
    instance: held.instance,
    verdict: outcome.verdict,
    boot: outcome.boot + 1,
    heard: outcome.heard.map(({ line, text }) => ({ line: line.number, text: anonymous(text) })),
    passedOver: outcome.passedOver,
    matched: outcome.matched,
    run: traceOfRun(held),
    before: outcome.before,
    states: outcome.states,
    widths: outcome.widths,
    certain: outcome.certain ?? null,
    possible: outcome.possible ?? null,
    stands: outcome.stands,
    next: outcome.next,
    rejected: rejected
      ? {
          line: rejected.line.number,
          text: anonymous(rejected.line.text),
          strange: rejected.strange,
          missing: rejected.missing.map((one) => ({
            step: one.transition.name,
            stands: one.stands,
            because: reasons(one),
          })),
          broken: rejected.broken ? { step: rejected.broken.transition.name, says: rejected.broken.says } : null,
          instead: rejected.instead,
        }
      : null,
    judged: outcome.judged,
    cut: outcome.cut?.says ?? null,
  }
}

/** Why a step that would print the line cannot be taken, as sentences. */
function reasons({ transition, stands, run }: Missing): readonly string[] {
  if (stands !== null) return [`${run.system.threads[transition.thread]!.name} stands at ${stands}`]
  return becauseOfStep(run, transition).flatMap((group) => [
    becauseText(group),
    ...group.causes.map((cause) => `  ${causeText(cause)}`),
  ])
}

/** Steps and lines that are named; the rest is counted. */
const few = 6

/** Writes what came of a log for a terminal. */
export function outcomeText(held: Held, columns: number): string {
  const { outcome, target } = held
  const trace = traceOfRun(held)
  const lines = (text: string, indent = '  '): string[] => wrapped(text, columns, indent)
  const heard = `${outcome.matched} of ${outcome.heard.length} lines`
  const passed = `${outcome.passedOver} message${outcome.passedOver === 1 ? '' : 's'} that this protocol does not know`
  const drawn = trace && trace.steps.length > 0 ? [stepsOf(trace, { columns }), ''] : []
  switch (outcome.verdict) {
    case 'silent':
      return lines(
        `${target} hears nothing in this log: none of its messages is one that a step of this protocol prints (${passed})`,
      ).join('\n')
    case 'accepted':
      return [
        ...lines(
          paint('green', `${target} can print this log`) + `: ${heard} that it hears, in ${steps(outcome)}; ${passed}`,
        ),
        '',
        ...drawn,
        ...rested(outcome).flatMap((text) => lines(text)),
        ...lines(shared(outcome)),
        ...lines(judgement(outcome)),
        ...lines(width(outcome)),
        ...ending(outcome).flatMap((text) => lines(text)),
      ].join('\n')
    case 'unknown':
      return [
        ...lines(`unknown whether ${target} can print this log: ${heard} were explained`),
        ...lines(
          outcome.cut?.says ??
            'more than the limit of pairs of a state and a position were met: take a shorter piece of the log',
        ),
      ].join('\n')
    case 'rejected':
      return [
        ...lines(
          paint('red', `${target} cannot print line ${outcome.rejected!.line.number} of this log`) +
            ` (${heard} come before it)`,
        ),
        ...lines(paint('yellow', `» ${textOf(outcome.rejected!.line)}`), '    '),
        ...rejection(outcome).flatMap((text) => lines(text, '    ')),
        '',
        ...(drawn.length > 0 ? [`the longest explanation of what comes before, ${steps(outcome)}:`, '', ...drawn] : []),
        ...ending(outcome).flatMap((text) => lines(text)),
      ].join('\n')
  }
}

const steps = ({ told, before }: LogOutcome): string =>
  `${told.length - before} step${told.length - before === 1 ? '' : 's'}${before > 0 ? `, from a state that ${before} steps lead to` : ''}`

const rested = (outcome: LogOutcome): readonly string[] =>
  outcome.rested.map(({ after, lines }) => `after step ${after}, without a step: ${lines.map(textOf).join('; ')}`)

function shared({ certain, possible }: LogOutcome): string {
  if (certain === undefined) return 'what all explanations share was not worked out: there are too many'
  const open = possible!
  if (open.length === 0) return 'every explanation takes just these steps'
  const some = open.slice(0, few).join(', ')
  return `on every explanation: ${certain.length} of these steps; on some: ${some}${open.length > few ? ` and ${open.length - few} more` : ''}`
}

function judgement({ judged }: LogOutcome): string {
  const having = (found: Judged['found']): string =>
    judged.flatMap((one) => (one.found === found ? [one.property] : [])).join(', ')
  const parts = [
    ['it breaks, whatever happened unseen', having('certain')],
    ['it may break', having('possible')],
    ['still owed', having('owed')],
    ['not judged on the beginning of a run', having('open')],
  ].flatMap(([says, names]) => (names === '' ? [] : [`${says}: ${names}`]))
  if (judged.length === 0) return 'no property was judged'
  return having('certain') + having('possible') === '' ? ['it breaks nothing', ...parts].join('; ') : parts.join('; ')
}

function width({ widths, states, matched }: LogOutcome): string {
  const last = widths[matched] ?? 0
  return `how much it says: ${count(last)} of ${count(states)} states fit at its end, ${count(Math.max(...widths))} where it says least`
}

/** Where everybody stands at the end, and who could go on. */
function ending({ stands, next }: LogOutcome): readonly string[] {
  const places = stands.map(({ thread, labels }) => {
    const some = labels.slice(0, 3).map(quoted).join(' or ')
    return `${thread} at ${some}${labels.length > 3 ? ` or ${labels.length - 3} other places` : ''}`
  })
  const can = next.always.length > 0 ? next.always : next.sometimes
  const go =
    can.length === 0
      ? 'nothing can go on'
      : `${next.always.length > 0 ? 'can go on' : 'may be able to go on'}: ${can.slice(0, few).join(', ')}${can.length > few ? ` and ${can.length - few} more` : ''}`
  return [...(places.length > 0 ? [`at its end: ${places.join('; ')}`] : []), go]
}

function rejection({ rejected, system }: LogOutcome): readonly string[] {
  const { strange, missing, instead, broken } = rejected!
  if (broken)
    return [
      `${broken.transition.name} prints what comes before it, and then goes on otherwise: ${broken.says.map(quoted).join(' | ')}`,
    ]
  const told = missing.slice(0, few).flatMap((one) => {
    const why = reasons(one)
    const says =
      one.stands !== null ? why[0]! : why.length > 0 ? why.map((text) => text.trim()).join('; ') : 'it is not possible'
    return [`${one.transition.name} prints it, but ${says}`]
  })
  return [
    ...(missing.length === 0
      ? [`no step of ${system.model.name} prints it${strange ? ' in this variant' : ''}`]
      : told),
    ...(missing.length > few ? [`and ${missing.length - few} more steps print it`] : []),
    ...(instead.length > 0
      ? [
          `what could come instead: ${instead.slice(0, few).map(quoted).join(' | ')}${instead.length > few ? ` and ${instead.length - few} more` : ''}`,
        ]
      : ['no line can come after this']),
  ]
}
