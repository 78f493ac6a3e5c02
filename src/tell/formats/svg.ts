/**
 * A trace as a sequence diagram in SVG: a lane per actor, a row per step with an arrow to the actor that it signals, beside it
 * what it changed and printed. It brings its own paper and ink for light and for dark, so that it is legible on any page, and
 * its height follows from the text: nothing overlaps. Like things are drawn together, so that what they have in common is said once.
 */

import { colours, variablesOf } from '../colours.js'
import { headline, saysWord } from '../reason.js'
import { shown, visible, wrapped } from '../text.js'
import { actorsOf, decisiveSteps, fatefulStep, targetOf, type Trace, type TraceStep } from '../trace.js'

/** The colours by what they are in a diagram. */
export const palette = {
  paper: colours.paper,
  ink: colours.ink,
  soft: colours.soft,
  lane: colours.lane,
  change: colours.mark,
  log: colours.log,
  bad: colours.bad,
  band: colours['bad-paper'],
} as const

/** Pixels: of the whole, around it, of a line of text, and of a character in it. */
const width = 800
const margin = 12
const line = 16
const character = 7.3
/** Lines that a step has for what it changed, and for what it printed; the rest is counted. */
const mostChanges = 5
const mostLogs = 3

/** What is drawn in one colour and weight: lines and discs as one path, texts as one group. */
const kinds = {
  lane: 'stroke:var(--lane)',
  head: 'fill:var(--paper);stroke:var(--lane)',
  arrow: 'stroke:var(--ink);stroke-width:1.5;fill:none',
  turn: 'stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4;fill:none',
  loop: 'stroke:var(--log);stroke-width:1.5;stroke-dasharray:2 3;fill:none',
  stop: 'stroke:var(--bad);stroke-width:3',
  // A line without length, with round ends, is a disc as wide as the line; another one on top of it makes it a ring.
  dot: 'stroke:var(--ink);stroke-width:11',
  set: 'stroke:var(--bad);stroke-width:17',
  hole: 'stroke:var(--paper);stroke-width:11',
  last: 'stroke:var(--bad);stroke-width:17',
  heading: 'font-weight:600',
  soft: 'fill:var(--soft)',
  bad: 'fill:var(--bad)',
  log: 'fill:var(--log)',
  change: 'fill:var(--change)',
  note: '',
  actor: 'text-anchor:middle',
  step: 'font-weight:600',
  origin: 'text-anchor:end;fill:var(--soft)',
} as const

type Kind = keyof typeof kinds

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

/** A drawing under way: what there is of each kind, and how far down it has come. */
class Drawing {
  private readonly texts = new Map<Kind, { readonly x: number; readonly svg: string }[]>()
  private readonly paths = new Map<Kind, string>()

  constructor(public y: number) {}

  /** Text at a place, cut to a width in pixels. */
  text(kind: Kind, x: number, y: number, says: string, room = Infinity): void {
    const most = Math.floor(room / character)
    const cut = says.length > most ? `${says.slice(0, most - 1)}…` : says
    this.texts.set(kind, [...(this.texts.get(kind) ?? []), { x, svg: ` y="${y}">${safe(cut)}</text>` }])
  }

  line(kind: Kind, path: string): void {
    this.paths.set(kind, (this.paths.get(kind) ?? '') + path)
  }

  /** Everything, kind by kind: what comes later lies on top. */
  svg(): readonly string[] {
    return this.used().flatMap((kind) => [
      ...(this.paths.has(kind) ? [`<path class="${kind}" d="${this.paths.get(kind)!}"/>`] : []),
      ...(this.texts.has(kind) ? [group(kind, this.texts.get(kind)!)] : []),
    ])
  }

  /** Rules for what there is; a `band` behind everything has a colour too. */
  style(band: boolean): string {
    const used = this.used()
    const rules = used.map((kind) => (kinds[kind] === '' ? '' : `.${kind}{${kinds[kind]}}`)).join('')
    const always = ['paper', 'ink', ...(band ? ['band'] : [])]
    const named = Object.entries(palette).filter(([name]) => always.includes(name) || rules.includes(`--${name})`))
    return `${variablesOf(Object.fromEntries(named))}${common}${rules}`
  }

  private used(): readonly Kind[] {
    return (Object.keys(kinds) as Kind[]).filter((kind) => this.paths.has(kind) || this.texts.has(kind))
  }
}

/** Texts of one kind; a column of them has its place said once. */
function group(kind: Kind, texts: readonly { readonly x: number; readonly svg: string }[]): string {
  const { x } = texts[0]!
  if (texts.length > 1 && texts.every((text) => text.x === x))
    return `<g class="${kind}" transform="translate(${x})">${texts.map(({ svg }) => `<text${svg}`).join('')}</g>`
  return `<g class="${kind}">${texts.map((text) => `<text x="${text.x}"${text.svg}`).join('')}</g>`
}

/** What all texts and lines have. */
const common =
  'g{white-space:pre;font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}' +
  'path{stroke-linecap:round}'

/** Draws a trace; `of` names what it is a trace of, where several instances share it. */
export function svgOf(trace: Trace, of: readonly string[] = [targetOf(trace)]): string {
  const lanes = lanesFor(actorsOf(trace))
  const room = width - 2 * margin
  const drawing = new Drawing(margin)
  const paragraph = (kind: Kind, says: string, indent = ''): void => {
    for (const one of wrapped(says, Math.floor(room / character), indent))
      drawing.text(kind, margin, (drawing.y += line), one)
  }
  drawing.text('heading', margin, (drawing.y += 12), headline(trace), room)
  if (of.length > 0) paragraph('soft', of.join(', '))
  const heads = drawing.y + 12
  drawing.y = heads + (lanes.actors.length === 0 ? 0 : lanes.levels * 26 + 8)
  const band = steps(drawing, trace, lanes)
  headed(drawing, lanes, heads, drawing.y)
  ending(drawing, trace, lanes)
  paragraph('note', `${saysWord(trace)}: ${trace.says}`, ' '.repeat(saysWord(trace).length + 2))
  for (const clause of trace.why?.split('; ') ?? []) paragraph('note', clause)
  for (const key of keyOf(trace)) paragraph('soft', key)
  const height = drawing.y + line
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${safe(`${of.length === 1 ? `${of[0]}: ` : ''}${headline(trace)}`)}</title>`,
    `<style>${drawing.style(band.length > 0)}</style>`,
    `<rect style="fill:var(--paper)" width="${width}" height="${height}" rx="6"/>`,
    ...band,
    ...drawing.svg(),
    '</svg>\n',
  ].join('\n')
}

/** Draws the rows; what lies behind the last one, if the run ends with it. */
function steps(drawing: Drawing, trace: Trace, lanes: Lanes): readonly string[] {
  let round = drawing.y
  let before = drawing.y
  trace.steps.forEach((step, i) => {
    if (trace.loop === i) {
      round = drawing.y + 12
      lineAcross(drawing, lanes, 'loop', '↻ from here it goes round for ever')
    }
    if (isTurn(trace, i)) lineAcross(drawing, lanes, 'turn', turnText(i))
    before = drawing.y
    row(drawing, trace, lanes, step, i + 1)
  })
  if (trace.loop !== null) {
    // The way back, left of all lanes.
    drawing.line('loop', `M${margin} ${drawing.y + 12}H4V${round}H${margin}`)
    lineAcross(drawing, lanes, 'loop', `↻ and back to step ${trace.loop + 1}`)
  }
  if (!isLast(trace, trace.steps.length)) return []
  const [y, height] = [before, drawing.y - before]
  return [`<rect style="fill:var(--band)" x="4" y="${y}" width="${width - 8}" height="${height}" rx="4"/>`]
}

/** Whether a step is the last one, and breaks what is required. */
const isLast = ({ steps, ends }: Trace, number: number): boolean =>
  ends === 'breaks' && number > 0 && number === steps.length

const turnText = (taken: number): string =>
  `the point of no return: from ${taken === 0 ? 'the start' : 'here on'} it cannot be avoided`

/** Whether a violation became inevitable just before a step; with the last one everything ends anyhow. */
const isTurn = (trace: Trace, i: number): boolean =>
  trace.doomed !== null && trace.doomed === i && fatefulStep(trace) === i

function lanesFor(actors: readonly string[]): Lanes {
  const box = Math.max(40, ...actors.map(boxOf))
  const levels = actors.length > 1 && box * actors.length > 300 ? 2 : 1
  const pitch = Math.ceil(Math.max(40, levels === 2 ? box / 2 + 4 : box + 8))
  const first = Math.ceil(margin + box / 2)
  return {
    actors,
    pitch,
    levels,
    first,
    text: Math.ceil(first + pitch * Math.max(0, actors.length - 1) + box / 2 + 12),
  }
}

/** The width of an actor's name with its frame. */
const boxOf = (actor: string): number => Math.ceil(actor.length * character) + 14

const laneAt = ({ actors, pitch, first }: Lanes, actor: string): number => first + pitch * actors.indexOf(actor)

/** The actors' names, each on top of its lane, and the lanes down to the last row. */
function headed(drawing: Drawing, lanes: Lanes, top: number, bottom: number): void {
  lanes.actors.forEach((actor, i) => {
    const x = laneAt(lanes, actor)
    const y = top + (lanes.levels === 2 ? (i % 2) * 26 : 0)
    const box = boxOf(actor)
    drawing.line('lane', `M${x} ${y + 20}V${bottom}`)
    drawing.line('head', `M${x - Math.floor(box / 2)} ${y}h${box}v20h${-box}z`)
    drawing.text('actor', x, y + 14, actor)
  })
}

/** A dashed line through all lanes, with what it means. */
function lineAcross(drawing: Drawing, lanes: Lanes, kind: 'turn' | 'loop', says: string): void {
  const { y } = drawing
  drawing.line(kind, `M${margin} ${y + 12}H${lanes.text - 8}`)
  drawing.text(kind === 'turn' ? 'bad' : 'log', lanes.text, y + 16, says, width - margin - lanes.text)
  drawing.y += 26
}

function row(drawing: Drawing, trace: Trace, lanes: Lanes, step: TraceStep, number: number): void {
  const room = width - margin - lanes.text
  const y = drawing.y + 18
  const where = step.origin.kind === 'source' ? step.origin.file.split('/').at(-1)! : ''
  mark(drawing, trace, lanes, step, number)
  const numbered = `${String(number).padStart(String(trace.steps.length).length)} ${step.name}`
  drawing.text('step', lanes.text, y, numbered, room)
  if (where !== '' && (numbered.length + where.length + 3) * character < room)
    drawing.text('origin', width - margin, y, where)
  const changes = step.changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`)
  const told = [
    ...some(changes, mostChanges).map((one) => ['change', one] as const),
    ...some(step.log, mostLogs).map((one) => ['log', `» ${one}`] as const),
  ]
  const indent = Math.ceil((numbered.length - step.name.length + 1) * character)
  told.forEach(([kind, one], i) => drawing.text(kind, lanes.text + indent, y + line * (i + 1), one, room - indent))
  drawing.y += 12 + line * (1 + told.length) + 4
}

/** As many of some lines as there is room for, and how many more there are. */
const some = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`]

/** A step in its actor's lane, with an arrow to the actor that it signals. */
function mark(drawing: Drawing, trace: Trace, lanes: Lanes, step: TraceStep, number: number): void {
  const [from, to] = [laneAt(lanes, step.actor), laneAt(lanes, step.signals ?? step.actor)]
  const y = drawing.y + 14
  const back = to > from ? -1 : 1
  if (from !== to) drawing.line('arrow', `M${from} ${y}H${to}m${back * 7}-4l${-back * 7} 4l${back * 7} 4`)
  const disc = `M${from} ${y}h0`
  if (isLast(trace, number)) drawing.line('last', disc)
  else if (!decisiveSteps(trace).includes(number)) drawing.line('dot', disc)
  else {
    drawing.line('set', disc)
    drawing.line('hole', disc)
  }
}

/** Says what a run has come to that neither breaks anything with its last step nor goes round for ever. */
function ending(drawing: Drawing, { ends, loop }: Trace, lanes: Lanes): void {
  const from = lanes.actors.length === 0 ? 'from the start' : 'from here on'
  if (ends === 'lost') lineAcross(drawing, lanes, 'turn', `${from}, whatever happens, the goal is out of reach`)
  if (loop === null && (ends === 'stops' || ends === 'misses')) {
    for (const actor of lanes.actors) drawing.line('stop', `M${laneAt(lanes, actor) - 8} ${drawing.y}h16`)
    drawing.text('bad', lanes.text, drawing.y + 8, '■ here it stops, for good', width - margin - lanes.text)
    drawing.y += 16
  }
  drawing.y += 4
}

/** What the signs mean that this diagram has, and that it is an example where it is one. */
function keyOf(trace: Trace): readonly string[] {
  const set = decisiveSteps(trace).some((number) => !isLast(trace, number))
  const signs = [
    ...(isLast(trace, trace.steps.length) ? ['red: with this step it is violated'] : []),
    ...(set ? ['red ring: sets what the requirement turns on'] : []),
  ]
  return [
    ...(trace.ends === 'misses' ? ['an example, as short as can be: no other run gets there either'] : []),
    ...(signs.length === 0 ? [] : [signs.join(' · ')]),
  ]
}

const safe = (says: string): string => visible(says).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
