/** A trace for the terminal: one lane per actor, one line per step, and beneath it what the step changed and printed. */

import type { FieldChange, Trace, TraceStep } from './trace.js'
import { padded, paint, wrapped } from './text.js'

/** How a trace is drawn. */
export interface LaneOptions {
  readonly columns: number
}

/** Columns of one lane. */
const lane = 3

/** Draws a trace; every line fits the given number of columns. */
export function lanesOf(trace: Trace, options: LaneOptions): string {
  const actors = [...new Set(trace.steps.flatMap((step) => (step.signals ? [step.actor, step.signals] : [step.actor])))]
  const lines = [
    ...title(trace, options.columns),
    '',
    ...legend(actors),
    ...trace.steps.flatMap((step, i) => stepLines(step, i + 1, actors, options.columns)),
    '',
    ...verdict(trace, options.columns),
  ]
  return lines.map((line) => line.trimEnd()).join('\n')
}

function title(trace: Trace, columns: number): string[] {
  const parameters = Object.entries(trace.parameters).map(([name, value]) => `${name}=${value}`)
  const chosen = [...parameters, ...trace.patches.map((patch) => `+${patch}`)].join(' ')
  const name = trace.instance === null ? trace.protocol : `${trace.protocol}/${trace.instance}`
  return [
    paint('bold', name),
    ...(chosen === '' ? [] : wrapped(chosen, columns, '  ').map((line) => paint('dim', line))),
  ]
}

/** The actors' names, each on top of its lane. */
function legend(actors: readonly string[]): string[] {
  const stair = actors.map((name, i) => `    ${bars(i)}┌ ${name}`)
  return [...stair, `    ${bars(actors.length)}`]
}

const bars = (n: number): string => padded('│', lane).repeat(n)

function stepLines(step: TraceStep, number: number, actors: readonly string[], columns: number): string[] {
  const left = `${String(number).padStart(3)} `
  const room = columns - left.length - actors.length * lane - 1
  const quiet = `    ${bars(actors.length)} `
  const name = wrapped(step.name, room).map((line) => paint('bold', line))
  const head = `${left}${drawn(step, actors)} ${name[0]}${originOf(step, room)}`
  const below = [
    ...name.slice(1),
    ...step.changes.flatMap((change) =>
      wrapped(changed(change), room - 2, '  ').map((line) => paint('cyan', `  ${line}`)),
    ),
    ...step.log.flatMap((line) => wrapped(`» ${line}`, room - 2, '  ').map((text) => paint('yellow', `  ${text}`))),
  ]
  return [head, ...below.map((line) => quiet + line)]
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
  const text = step.origin.kind === 'source' ? step.origin.file.split('/').slice(-1)[0]! : ''
  const gap = room - step.name.length - text.length
  return text === '' || gap < 2 ? '' : paint('dim', `${' '.repeat(gap)}${text}`)
}

const changed = ({ field, before, after }: FieldChange): string => `${field}: ${shown(before)} → ${shown(after)}`

/** Values without the quotes that JSON wants. */
export const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function verdict(trace: Trace, columns: number): string[] {
  const steps = trace.steps.length === 1 ? '1 step' : `${trace.steps.length} steps`
  const head = `${trace.property} is ${trace.verdict} in ${steps}`
  const why = trace.why === null ? [] : wrapped(trace.why, columns, '')
  return [paint('red', head), ...why, ...wrapped(`required: ${trace.says}`, columns, '          ')]
}
