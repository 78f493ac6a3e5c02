/**
 * A trace as a sequence diagram in SVG: a lane per actor, a row per step with an arrow to the actor that it signals, beside it
 * what it changed and printed. It brings its own paper and ink for light and for dark, so that it is legible on any page, and
 * its height follows from the text: nothing overlaps.
 */

import { headline } from '../reason.js'
import { shown, wrapped } from '../text.js'
import { actorsOf, decisiveSteps, fatefulStep, targetOf, type Trace, type TraceStep } from '../trace.js'

/** Colours, light and dark; what is read keeps 4.5 : 1 to both papers, what is only seen 3 : 1. */
export const palette = {
  paper: ['#ffffff', '#14181c'],
  ink: ['#1c2126', '#e4e8ec'],
  soft: ['#59636e', '#a3adb8'],
  lane: ['#8a939c', '#6b7681'],
  change: ['#0b57a4', '#8ec2ff'],
  log: ['#7a5200', '#e5c07b'],
  bad: ['#b3261e', '#ff8a80'],
  band: ['#fdecea', '#3a1c1a'],
} as const

/** Pixels: of the whole, around it, of a line of text, and of a character in it. */
const width = 800
const margin = 12
const line = 16
const character = 7.3
/** Lines that a step has for what it changed, and for what it printed; the rest is counted. */
const mostChanges = 5
const mostLogs = 3

/** The lanes of a diagram. */
interface Lanes {
  readonly actors: readonly string[]
  readonly pitch: number
  /** Names of actors that would not fit side by side stand on two levels. */
  readonly levels: 1 | 2
  /** Where the first lane stands, and where the text begins. */
  readonly first: number
  readonly text: number
}

/** Draws a trace. */
export function svgOf(trace: Trace): string {
  const lanes = lanesFor(actorsOf(trace))
  const top = margin + line * 1.5 + lanes.levels * 26 + 8
  const drawn: string[] = []
  const behind: string[] = []
  let y = top
  const put = (row: { readonly svg: string; readonly height: number }): void => {
    drawn.push(row.svg)
    y += row.height
  }
  trace.steps.forEach((step, i) => {
    if (trace.loop === i) put(lineAcross(lanes, y, 'loop', '↻ from here it goes round for ever'))
    if (isTurn(trace, i)) put(lineAcross(lanes, y, 'turn', turnText(i)))
    const row = stepRow(trace, lanes, step, i + 1, y)
    if (isLast(trace, i + 1)) behind.push(band(y, row.height))
    put(row)
  })
  if (trace.loop !== null) put(lineAcross(lanes, y, 'loop', `↻ and back to step ${trace.loop + 1}`))
  const required = wrapped(`required: ${trace.says}`, Math.floor((width - 2 * margin) / character), ' '.repeat(10))
  const signs = keyOf(trace)
  const told = [...required.map((says) => ['', says] as const), ...signs.map((says) => ['soft', says] as const)]
  const height = y + line * (told.length + 1)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${safe(`${targetOf(trace)}: ${headline(trace)}`)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    text(margin, margin + 12, 'strong', `${targetOf(trace)}: ${headline(trace)}`, width - 2 * margin),
    ...behind,
    ...heads(lanes, y),
    ...drawn,
    ...told.map(([kind, says], i) => text(margin, y + 4 + line * (i + 1), kind, says)),
    '</svg>\n',
  ].join('\n')
}

/** Whether a run ends with this step; one that goes round for ever does not end. */
const isLast = ({ steps, loop }: Trace, number: number): boolean => number === steps.length && loop === null

const band = (y: number, height: number): string =>
  `<rect class="band" x="4" y="${y}" width="${width - 8}" height="${height}" rx="4"/>`

const turnText = (taken: number): string =>
  `the point of no return: from ${taken === 0 ? 'the start' : 'here on'} it cannot be avoided`

/** Whether a violation became inevitable just before a step; with the last one everything ends anyhow. */
const isTurn = (trace: Trace, i: number): boolean =>
  trace.doomed !== null && trace.doomed === i && fatefulStep(trace) === i

const style = [
  ...(['', '@media(prefers-color-scheme:dark){'] as const).map(
    (open, i) =>
      `${open}:root{${Object.entries(palette)
        .map(([name, shades]) => `--${name}:${shades[i]}`)
        .join(';')}}${open === '' ? '' : '}'}`,
  ),
  'text{white-space:pre;font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}',
  '.strong{font-weight:600}.soft{fill:var(--soft)}.change{fill:var(--change)}.log{fill:var(--log)}.bad{fill:var(--bad)}',
  '.mid{text-anchor:middle}.end{text-anchor:end}',
  '.paper{fill:var(--paper)}.band{fill:var(--band)}',
  '.lane{stroke:var(--lane)}.head{fill:var(--paper);stroke:var(--lane)}',
  '.arrow{stroke:var(--ink);stroke-width:1.5;fill:none}',
  '.dot{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}.dot.set{stroke:var(--bad);stroke-width:2.5}.dot.last{fill:var(--bad);stroke:var(--bad)}',
  '.on{fill:var(--paper)}',
  '.turn{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4}.loop{stroke:var(--log);stroke-width:1.5;stroke-dasharray:2 3}',
].join('')

function lanesFor(actors: readonly string[]): Lanes {
  const box = Math.max(40, ...actors.map(boxOf))
  const levels = actors.length > 1 && box * actors.length > 300 ? 2 : 1
  const pitch = Math.max(40, levels === 2 ? box / 2 + 4 : box + 8)
  const first = margin + box / 2
  return {
    actors,
    pitch,
    levels,
    first,
    text: Math.ceil(first + pitch * Math.max(0, actors.length - 1) + box / 2 + 12),
  }
}

/** The width of an actor's name with its frame. */
const boxOf = (actor: string): number => actor.length * character + 14

const laneAt = ({ actors, pitch, first }: Lanes, actor: string): number => round(first + pitch * actors.indexOf(actor))

/** The actors' names, each on top of its lane, and the lanes down to the last row. */
function heads(lanes: Lanes, bottom: number): string[] {
  return lanes.actors.flatMap((actor, i) => {
    const x = laneAt(lanes, actor)
    const y = margin + line * 1.5 + (lanes.levels === 2 ? (i % 2) * 26 : 0)
    const box = round(boxOf(actor))
    return [
      `<path class="lane" d="M${x} ${y + 20}V${bottom}"/>`,
      `<rect class="head" x="${round(x - box / 2)}" y="${y}" width="${box}" height="20" rx="3"/>`,
      text(x, y + 14, 'mid', actor),
    ]
  })
}

/** A dashed line through all lanes, with what it means. */
function lineAcross(lanes: Lanes, y: number, kind: 'turn' | 'loop', says: string): { svg: string; height: number } {
  const path = `<path class="${kind}" d="M${margin} ${y + 12}H${lanes.text - 8}"/>`
  return {
    svg: path + text(lanes.text, y + 16, kind === 'turn' ? 'bad' : 'log', says, width - margin - lanes.text),
    height: 26,
  }
}

function stepRow(
  trace: Trace,
  lanes: Lanes,
  step: TraceStep,
  number: number,
  y: number,
): { svg: string; height: number } {
  const room = width - margin - lanes.text
  const told = [
    ...some(
      step.changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`),
      mostChanges,
    ).map((one) => ['change', one] as const),
    ...some(
      step.log.map((one) => `» ${one}`),
      mostLogs,
    ).map((one) => ['log', one] as const),
  ]
  const height = 12 + line * (1 + told.length) + 4
  const where = step.origin.kind === 'source' ? step.origin.file.split('/').at(-1)! : ''
  const beside = where !== '' && (step.name.length + where.length + 3) * character < room
  return {
    svg: [
      arrow(trace, lanes, step, number, y + 14),
      text(lanes.text, y + 18, 'strong', step.name, room),
      beside ? text(width - margin, y + 18, 'soft end', where) : '',
      ...told.map(([kind, one], i) => text(lanes.text + 10, y + 18 + line * (i + 1), kind, one, room - 10)),
    ].join(''),
    height,
  }
}

/** As many of some lines as there is room for, and how many more there are. */
const some = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`]

function arrow(trace: Trace, lanes: Lanes, step: TraceStep, number: number, y: number): string {
  const [from, to] = [laneAt(lanes, step.actor), laneAt(lanes, step.signals ?? step.actor)]
  const back = to > from ? -1 : 1
  const line =
    from === to ? '' : `<path class="arrow" d="M${from} ${y}H${to}m${back * 7} -4l${-back * 7} 4l${back * 7} 4"/>`
  const last = isLast(trace, number)
  const kind = last ? 'dot last' : decisiveSteps(trace).includes(number) ? 'dot set' : 'dot'
  return `${line}<circle class="${kind}" cx="${from}" cy="${y}" r="10"/>${text(from, y + 4, last ? 'mid on' : 'mid', String(number))}`
}

/** What the signs mean that this diagram has. */
function keyOf(trace: Trace): readonly string[] {
  const set = decisiveSteps(trace).some((number) => !isLast(trace, number))
  const signs = [
    ...(trace.loop === null && trace.steps.length > 0 ? ['filled: with this step it is violated'] : []),
    ...(set ? ['red ring: sets what the requirement turns on'] : []),
  ]
  return signs.length === 0 ? [] : [signs.join(' · ')]
}

/** Text at a place, cut to a width in pixels. */
function text(x: number, y: number, kind: string, says: string, room = Infinity): string {
  const most = Math.floor(room / character)
  const cut = says.length > most ? `${says.slice(0, most - 1)}…` : says
  return `<text x="${x}" y="${y}" class="${kind}">${safe(cut)}</text>`
}

const safe = (says: string): string => says.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const round = (n: number): number => Math.round(n * 10) / 10
