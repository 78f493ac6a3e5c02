/** A trace as a mail: plain ASCII at 72 columns, in the order of a bug report, for readers who do not know this program. */

import type { Protocol } from '../protocol.js'
import type { Patch } from '../../write/model.js'
import { causeText } from '../reason.js'
import { shown, wrapped } from '../text.js'
import { commandOf, type Trace, type TraceStep } from '../trace.js'

/** Columns that survive being quoted a few times. */
const columns = 72

/** Signs that mailing lists mangle, and what stands for them. */
const plain: Readonly<Record<string, string>> = {
  '→': '->',
  '»': '>',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '–': '-',
  '—': '-',
  '\u00a0': ' ',
  '⁻': '-',
  '·': '*',
}

/** Text of ASCII signs only; what has no likeness among them becomes `?`. */
export const ascii = (text: string): string =>
  text.replace(/[^\n -~]/g, (sign) => plain[sign] ?? (sign.normalize('NFKD').replace(/[^ -~]/g, '') || '?'))

/** Writes the mail; its first line is fit to be the subject. */
export function mailOf(trace: Trace, protocol: Protocol): string {
  const parts = [
    [`${protocol.name}: ${trace.property} broken in ${counted(trace)}`],
    said(protocol.model.declared.question),
    ...about(trace, protocol),
    setup(trace, protocol),
    ['Steps, in order, with the function that takes each:'],
    trace.steps.flatMap((step, i) => [
      ...(trace.loop === i ? ['', 'From here on it goes round for ever:', ''] : []),
      ...stepLines(step, i + 1),
    ]),
    ...(trace.loop === null ? [] : [[`... and again from step ${trace.loop + 1}.`]]),
    item('Expected:', trace.says),
    item('Actual:', actual(trace)),
    ...because(trace),
    reproduction(trace),
    ['To replay this run:', `  npx ${commandOf(trace, protocol.address)}`],
    said(
      'The run was found by an exhaustive search of a model of the protocol, whose steps stand for the functions named; ' +
        'what the model leaves out is listed with it.',
    ),
  ]
  return ascii(
    parts
      .filter((part) => part.length > 0)
      .map((part) => part.map((line) => line.trimEnd()).join('\n'))
      .join('\n\n'),
  )
}

const counted = ({ steps }: Trace): string => (steps.length === 1 ? '1 step' : `${steps.length} steps`)

const said = (text: string, indent = ''): string[] => wrapped(indent + ascii(text), columns, indent)

/** An entry of a list. */
const entry = (text: string): string[] => wrapped(ascii(`  - ${text}`), columns, '    ')

const item = (title: string, text: string): string[] => [title, ...said(text, '  ')]

/** What the instance stands for, and where it was reported. */
function about(trace: Trace, { spec }: Protocol): string[][] {
  const instance = spec.instances.find(({ id }) => id === trace.instance)
  if (!instance) return []
  const references = instance.references.map((key) => spec.references[key]!)
  const known = references.flatMap(({ title, where }) => entry(`${title} (${where})`))
  return [said(instance.says), ...(known.length > 0 ? [['See:', ...known]] : [])]
}

/** Which revision of the code, and what was chosen of the environment. */
function setup({ parameters, patches }: Trace, { model }: Protocol): string[] {
  const declared = model.declared.parameters ?? {}
  const named = patches.map((name) => (model.declared.patches ?? []).find((patch) => patch.name === name)!)
  const code = named.flatMap((patch) => entry(`${patch.name}: ${patch.says}${referenceOf(patch)}`))
  const chosen = Object.entries(parameters).filter(([name, value]) => declared[name]?.default !== value)
  const environment = chosen.flatMap(([name, value]) => entry(`${name}=${String(value)}: ${declared[name]!.says}`))
  return [
    ...(code.length > 0
      ? ['Revision of the code:', ...code]
      : ['Revision of the code: as the model has it, without patches.']),
    ...(environment.length > 0 ? ['Circumstances:', ...environment] : []),
  ]
}

const referenceOf = ({ reference }: Patch): string => (reference ? ` (${reference})` : '')

function stepLines(step: TraceStep, number: number): string[] {
  const { origin } = step
  const where = origin.kind === 'source' ? `${called(origin.symbol)}, ${origin.file}` : origin.says
  const way = step.name.split('/')[1]
  const head = `${String(number).padStart(3)}. ${step.actor}: ${where}${way === undefined || (origin.kind === 'source' && way === origin.symbol) ? '' : ` [${way}]`}`
  const deeper = (text: string): string[] => said(text, '       ')
  return [
    ...wrapped(ascii(head), columns, '     '),
    ...step.changes.flatMap(({ field, before, after }) => deeper(`${field}: ${shown(before)} -> ${shown(after)}`)),
    ...step.log.flatMap((line) => deeper(`prints "${line}"`)),
  ]
}

/** A function as bug reports write it. */
const called = (symbol: string): string => (/^[a-z_][a-z0-9_]*$/.test(symbol) ? `${symbol}()` : symbol)

function actual(trace: Trace): string {
  if (trace.why !== null) return `${trace.why[0]!.toUpperCase()}${trace.why.slice(1)}.`
  return trace.loop === null ? `Step ${trace.steps.length} breaks it.` : 'The run above never gets there.'
}

function because({ because: groups }: Trace): string[][] {
  return groups.map(({ of, causes }) => [
    of.startsWith('the ') ? 'It came to that because' : `${of} cannot go on because`,
    ...causes.flatMap((cause) => entry(causeText(cause))),
  ])
}

/** How to make it happen on a real machine, as far as the steps say. */
function reproduction({ steps }: Trace): string[] {
  const hints = steps.flatMap(({ provoke }, i) => (provoke === null ? [] : entry(`step ${i + 1}: ${provoke}`)))
  return hints.length > 0
    ? ['To reproduce it on a real machine:', ...hints]
    : said('The steps of this run carry no hints how to provoke them on a real machine.')
}
