/** A trace as a mail: plain ASCII at 72 columns, in the order of a bug report, for readers who do not know this program. */

import type { Protocol } from '../protocol.js'
import type { Patch } from '../../write/model.js'
import { causeText } from '../reason.js'
import { shown, wrapped } from '../text.js'
import type { Instance } from '../spec.js'
import { commandOf, fatefulStep, type Trace, type TraceStep } from '../trace.js'
import { plainly, repeated } from './plain.js'

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

/** Writes the mail: a subject, folded as mail headers are, an empty line, and the text. `by`: what the run was found by. */
export function mailOf(trace: Trace, protocol: Protocol, by: 'search' | 'hand' = 'search'): string {
  const instance = protocol.spec.instances.find(({ id }) => id === trace.instance)
  const parts = [
    wrapped(ascii(`Subject: ${subject(trace, protocol, instance)}`), columns, ' '),
    ...(trace.ends === 'arrives'
      ? [said(protocol.model.declared.question)]
      : [said(instance?.says ?? protocol.model.declared.question), ...answers(protocol, instance)]),
    ...references(protocol, instance),
    setup(trace, protocol),
    ['Steps, in order, with the function that takes each:'],
    trace.steps.flatMap((step, i) => [
      ...(trace.loop === i ? ['', 'From here on it goes round for ever:', ''] : []),
      ...stepLines(step, i + 1),
    ]),
    ...(trace.loop === null ? [] : [[`... and again from step ${trace.loop + 1}.`]]),
    ...(trace.ends === 'arrives'
      ? [item('What it shows:', trace.says)]
      : [item('Expected:', trace.says), item('Actual:', actual(trace))]),
    ...because(trace),
    reproduction(trace),
    ['To replay this run:', `  npx ${commandOf(trace, protocol.address)}`],
    said(foundBy(trace, by)),
  ]
  return written(parts)
}

/** How the run was come by: nobody is to take one that was put together for a shortest one. */
function foundBy(trace: Trace, by: 'search' | 'hand'): string {
  const rest =
    'of a model of the code, whose steps stand for the functions named; what the model leaves out is listed with it. Field names are those of the model.'
  if (by === 'hand') return `This is a run, put together step by step, ${rest}`
  return `This is a ${trace.ends === 'arrives' ? '' : 'shortest such '}run, found by an exhaustive search ${rest}`
}

/** Paragraphs with empty lines between. */
const written = (parts: readonly (readonly string[])[]): string =>
  ascii(
    parts
      .filter((part) => part.length > 0)
      .map((part) => part.map((line) => line.trimEnd()).join('\n'))
      .join('\n\n'),
  )

/** Signs of a subject that is still read at a glance, and of one that still says something. */
const longest = 90
const shortest = 30

/** What goes wrong, in one clause. */
function subject(trace: Trace, { name }: Protocol, instance: Instance | undefined): string {
  if (trace.ends === 'arrives') return `${name}, a run: ${trace.property}`
  const whole = (instance?.says ?? `not kept: ${trace.says}`).replace(/\.$/, '')
  const clause = whole.split(/[:;] /)[0]!
  return `${name}: ${whole.length > longest && clause.length >= shortest ? clause : whole}`
}

const said = (text: string, indent = ''): string[] => wrapped(indent + ascii(text), columns, indent)

/** An entry of a list. */
const entry = (text: string): string[] => wrapped(ascii(`  - ${text}`), columns, '    ')

const item = (title: string, text: string): string[] => [title, ...said(text, '  ')]

/** The questions that this run is part of an answer to. */
const answers = ({ spec }: Protocol, instance: Instance | undefined): string[][] =>
  (spec.answers ?? [])
    .filter(({ instances }) => instance !== undefined && instances.includes(instance.id))
    .map(({ asks, says }) => [...said(asks), ...said(says, '  ')])

/** Where it was reported or repaired. */
function references({ spec }: Protocol, instance: Instance | undefined): string[][] {
  const known = (instance?.references ?? []).map((key) => spec.references[key]!)
  const told = known.flatMap(({ title, where }) => entry(`${title} (${where})`))
  return told.length === 0 ? [] : [['See:', ...told]]
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

/** A step: who takes which function, and what it changes. */
export function stepLines(step: TraceStep, number: number): string[] {
  const { origin } = step
  const where = origin.kind === 'source' ? `${called(origin.symbol)}, ${origin.file}` : origin.says
  const way = step.name.split('/')[1]
  const head = `${String(number).padStart(3)}. ${step.actor}: ${where}${way === undefined || (origin.kind === 'source' && way === origin.symbol) ? '' : ` [${way}]`}`
  const deeper = (text: string): string[] => said(text, '       ')
  return [
    ...wrapped(ascii(head), columns, '     '),
    ...(step.says === null ? [] : deeper(step.says)),
    ...step.changes.flatMap(({ field, before, after }) => deeper(`${field}: ${shown(before)} -> ${shown(after)}`)),
    ...step.log.flatMap((line) => deeper(`prints "${line}"`)),
  ]
}

/** A function as bug reports write it. */
const called = (symbol: string): string => (/^[a-z_][a-z0-9_]*$/.test(symbol) ? `${symbol}()` : symbol)

function actual(trace: Trace): string {
  const { why, loop, steps } = trace
  const last = steps.at(-1)
  const taker = last?.origin.kind === 'source' ? `, ${called(last.origin.symbol)},` : ''
  const found = why === null ? '' : plainly(why)
  const broken = found === '' && loop === null ? `Step ${steps.length}${taker} breaks it.` : found
  const round = loop === null ? '' : repeated(trace, stepCalled)
  const told = [round, broken].filter((text) => text !== '')
  return [...told, ...fate(trace)].join(' ')
}

/** A step by its function; by its own name, if it stands for none. */
const stepCalled = ({ origin, name }: TraceStep): string => (origin.kind === 'source' ? called(origin.symbol) : name)

/** When it could no longer be avoided, for readers who see no marks. */
function fate(trace: Trace): string[] {
  if (trace.doomed === null) return []
  const step = fatefulStep(trace)
  if (step === null) return ['Until then it could still have been avoided.']
  if (step === 0) return ['Under these circumstances no run that comes to an end avoids it.']
  return [`After step ${step} no run that comes to an end avoids it.`]
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
