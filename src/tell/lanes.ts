/** A trace for the terminal: one lane per actor, one line per step, beneath it what the step changed and printed. */

import { becauseText, causeText, fateText, headline, saysWord } from './reason.js'
import { isSvg } from './picture.js'
import { padded, paint, shown, wrapped } from './text.js'
import {
  actorsOf,
  choicesOf,
  decisiveSteps,
  fatefulStep,
  targetOf,
  type FieldChange,
  type Trace,
  type TraceStep,
} from './trace.js'
import { afterStep } from './states.js'

/** How a trace is drawn. */
export interface LaneOptions {
  /** Columns that every line fits into; `Infinity` puts each step on one line of its own. */
  readonly columns: number
  /** Shows the whole state after every step, not only what changed. */
  readonly states?: boolean
  /** Shows the drawing of the state after every step, where there is one. */
  readonly drawn?: boolean
}

/** Columns of one lane, and of what stands left of the lanes: a step's number and its mark. */
const lane = 3
const left = 5

/** Draws a trace with all that is said of it; every line fits the given number of columns. */
export function lanesOf(trace: Trace, options: LaneOptions): string {
  const { columns } = options
  const told = [...verdict(trace, columns), ...because(trace, columns)]
  return trimmed([...title(trace, columns), '', ...drawing(trace, options), '', ...told])
}

/** Draws no more than the steps. */
export const stepsOf = (trace: Trace, options: LaneOptions): string => trimmed(drawing(trace, options))

const trimmed = (lines: readonly string[]): string => lines.map((line) => line.trimEnd()).join('\n')

function drawing(trace: Trace, options: LaneOptions): string[] {
  const actors = actorsOf(trace)
  return [
    ...legend(actors),
    ...(options.states ? stateLines(trace, 0, actors, options) : []),
    ...(options.drawn ? drawnLines(undefined, trace, actors) : []),
    ...trace.steps.flatMap((step, i) => [
      ...(trace.loop === i ? loopLine(actors, '╭', 'from here it goes round for ever') : []),
      ...stepLines(trace, step, i + 1, actors, options),
      ...(options.states ? stateLines(trace, i + 1, actors, options) : []),
      ...(options.drawn ? drawnLines(trace.steps[i - 1] ?? trace, step, actors) : []),
    ]),
    ...(trace.loop === null ? [] : loopLine(actors, '╰', `and back to step ${trace.loop + 1}`)),
  ]
}

function title(trace: Trace, columns: number): string[] {
  const chosen = choicesOf(trace)
  return [
    paint('bold', targetOf(trace)),
    ...(chosen === '' ? [] : wrapped(chosen, columns - 2, '  ').map((line, i) => paint('dim', i ? line : `  ${line}`))),
  ]
}

/** The actors' names, each on top of its lane. */
function legend(actors: readonly string[]): string[] {
  const stair = actors.map((name, i) => `${' '.repeat(left)}${bars(i)}┌ ${name}`)
  return [...stair, ' '.repeat(left) + bars(actors.length)]
}

const bars = (n: number): string => padded('│', lane).repeat(n)

const loopLine = (actors: readonly string[], corner: string, says: string): string[] => [
  paint('yellow', `   ${corner}${'─'.repeat(1 + actors.length * lane)} ${says}`),
]

function stepLines(
  trace: Trace,
  step: TraceStep,
  number: number,
  actors: readonly string[],
  options: LaneOptions,
): string[] {
  const mark = markOf(trace, number)
  const head = `${String(number).padStart(3)}${mark} ${drawn(step, actors)} `
  if (options.columns === Infinity) return [head + wideText(step, derivedChanges(trace, number))]
  const room = options.columns - left - actors.length * lane - 1
  const name = wrapped(step.name, room).map((line) => paint('bold', line))
  const below = [
    ...name.slice(1),
    ...(options.states ? [] : step.changes.flatMap((change) => indented(changed(change), room, 'cyan'))),
    ...(options.states ? [] : derivedChanges(trace, number).flatMap((line) => indented(line, room, 'cyan'))),
    ...step.log.flatMap((line) => indented(`» ${line}`, room, 'yellow')),
  ]
  return [head + name[0]! + originOf(step, room), ...below.map((line) => quiet(actors) + line)]
}

const quiet = (actors: readonly string[]): string => `${' '.repeat(left)}${bars(actors.length)} `

const indented = (text: string, room: number, style: 'cyan' | 'yellow'): string[] =>
  wrapped(text, room - 2, '  ').map((line) => paint(style, `  ${line}`))

function wideText(step: TraceStep, derived: readonly string[]): string {
  const { origin } = step
  const where = origin.kind === 'source' ? `${origin.file}:${origin.symbol}` : origin.says
  const parts = [
    paint('bold', step.name),
    paint('cyan', [...step.changes.map(changed), ...derived].join('; ')),
    paint('yellow', step.log.map((line) => `» ${line}`).join(' ')),
    paint('dim', `(${where})`),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** `!` where the violation became unavoidable, `*` where a field got the value that breaks the requirement. */
function markOf(trace: Trace, number: number): string {
  if (fatefulStep(trace) === number) return paint('red', '!')
  return decisiveSteps(trace).includes(number) ? paint('red', '*') : ' '
}

/** The actor's lane marked, and an arrow to the lane it signals. */
function drawn(step: TraceStep, actors: readonly string[]): string {
  const from = actors.indexOf(step.actor)
  const to = step.signals === null ? from : actors.indexOf(step.signals)
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  return actors
    .map((_, i) => {
      const mark = i === from ? '●' : i === to ? (to > from ? '▶' : '◀') : i > low && i < high ? '┼' : '│'
      const tail = i >= low && i < high ? '──' : '  '
      return paint(i === from ? 'bold' : 'dim', mark) + tail
    })
    .join('')
}

function originOf(step: TraceStep, room: number): string {
  const text = step.origin.kind === 'source' ? step.origin.file.split('/').at(-1)! : ''
  const gap = room - step.name.length - text.length
  return text === '' || gap < 2 ? '' : paint('dim', `${' '.repeat(gap)}${text}`)
}

/** What a step changes of the values that the model's picture computes. */
function derivedChanges(trace: Trace, number: number): readonly string[] {
  const before = (number === 1 ? trace : trace.steps[number - 2]!).derived ?? {}
  const after = trace.steps[number - 1]!.derived ?? {}
  return Object.keys(after)
    .filter((name) => shown(before[name]) !== shown(after[name]))
    .map((name) => `= ${name}: ${shown(before[name])} → ${shown(after[name])}`)
}

/** A drawing under its step, where it differs from the one before; SVG is for other formats. */
function drawnLines(before: Drawn | undefined, { drawn }: Drawn, actors: readonly string[]): string[] {
  if (drawn === undefined || drawn === before?.drawn || isSvg(drawn)) return []
  return ['', ...drawn.split('\n'), ''].map((line) => `${quiet(actors)}  ${line}`)
}

type Drawn = Pick<TraceStep, 'drawn'>

const changed = ({ field, before, after }: FieldChange): string => `${field}: ${shown(before)} → ${shown(after)}`

/** The whole state after some steps, as many fields to a line as fit; those that the last step changed stand out. */
function stateLines(trace: Trace, taken: number, actors: readonly string[], options: LaneOptions): string[] {
  const changes = taken === 0 ? [] : trace.steps[taken - 1]!.changes
  const derived = Object.entries((taken === 0 ? trace : trace.steps[taken - 1]!).derived ?? {})
  const fields = [...afterStep(trace, taken), ...derived].map(([field, value]) => {
    const fresh = changes.some((change) => change.field === field || change.field.startsWith(`${field}[`))
    return `${fresh ? '▸' : ''}${field}=${shown(value)}`
  })
  const room = options.columns - left - actors.length * lane - 3
  return wrapped(fields.join(' '), room).map((line) => `${quiet(actors)}  ${paint('cyan', line)}`)
}

function verdict(trace: Trace, columns: number): string[] {
  const fate = fateText(trace)
  return [
    paint(trace.ends === 'arrives' ? 'green' : 'magenta', headline(trace)),
    ...(trace.why === null ? [] : wrapped(trace.why, columns, '  ')),
    ...wrapped(`${saysWord(trace)}: ${trace.says}`, columns, ' '.repeat(saysWord(trace).length + 2)),
    ...(fate === null ? [] : wrapped(`inevitable: ${fate}`, columns, ' '.repeat(12))),
  ]
}

/** The fields that the broken condition turned on, and the steps that made them so. */
function because({ because: groups }: Trace, columns: number): string[] {
  return groups.flatMap((group) => [
    paint('bold', becauseText(group)),
    ...group.causes.flatMap((cause) =>
      wrapped(causeText(cause, ' (*)'), columns - 2, '    ').map((line) => `  ${line}`),
    ),
  ])
}
