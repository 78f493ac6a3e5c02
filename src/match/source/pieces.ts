/**
 * The second preparation of C for the parser: the file is cut after every line that begins with `}`, so that an error in
 * one function cannot swallow the next, and conditional compilation is decided by a configuration.
 */

import { blankOut } from './attributes.js'

/** What is known of a configuration: `CONFIG_PM_SLEEP` is set, or is not; whatever is not named stays open. */
export type Configuration = Readonly<Record<string, boolean>>

/** A part of a file that ends with a top-level `}`, or with the file; its first line, from 0. */
export interface Piece {
  readonly text: string
  readonly row: number
}

/** One `#if … #elif … #else … #endif`. */
interface Group {
  /** Rows of the directives, the last one of `#endif`. */
  readonly rows: number[]
  readonly conditions: (string | undefined)[]
}

/** What every kernel says of itself to its headers. */
const always: Configuration = { __KERNEL__: true, __cplusplus: false, __ASSEMBLY__: false, __ASSEMBLER__: false }

/** Cuts a text, and blanks what the configuration leaves out. Same length, same lines. */
export function piecesOf(text: string, configuration: Configuration = {}): readonly Piece[] {
  const lines = text.split('\n')
  const cuts = cutsOf(lines)
  for (const group of groupsOf(lines)) decide(lines, cuts, group, { ...always, ...configuration })
  const pieces: Piece[] = []
  let row = 0
  for (const cut of cuts) {
    pieces.push({ text: lines.slice(row, cut).join('\n'), row })
    row = cut
  }
  return pieces
}

/** The rows before which the file is cut. */
function cutsOf(lines: readonly string[]): readonly number[] {
  const cuts = lines.flatMap((line, row) => (line.startsWith('}') ? [row + 1] : []))
  return cuts.at(-1) === lines.length ? cuts : [...cuts, lines.length]
}

const directive = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)$/

/** Every conditional of a file that has an end, inner ones first. */
function groupsOf(lines: readonly string[]): readonly Group[] {
  const open: Group[] = []
  const done: Group[] = []
  lines.forEach((line, row) => {
    const match = directive.exec(line)
    if (!match) return
    const [, word, rest] = match
    const condition = rest!.replace(/\/\*.*?(\*\/|$)|\/\/.*$/g, '').trim()
    if (word === 'if') open.push({ rows: [row], conditions: [condition] })
    else if (word === 'ifdef') open.push({ rows: [row], conditions: [`defined(${condition})`] })
    else if (word === 'ifndef') open.push({ rows: [row], conditions: [`!defined(${condition})`] })
    else {
      const group = open.at(-1)
      if (!group) return
      group.rows.push(row)
      if (word === 'endif') done.push(open.pop()!)
      else group.conditions.push(word === 'elif' ? condition : undefined)
    }
  })
  return done
}

/** Blanks the branches that are not taken. An open question stays only where the parser can read it: within one function. */
function decide(lines: string[], cuts: readonly number[], group: Group, configuration: Configuration): void {
  const { rows, conditions } = group
  const known = conditions.map((one) => (one === undefined ? true : valueOf(one, configuration)))
  const first = known.findIndex((value) => value !== false)
  const settled = first < 0 || known[first] === true
  const blank = (from: number, to: number): void => {
    for (let row = from; row < to; row++) lines[row] = blankOut(lines[row]!)
  }
  known.forEach((value, i) => {
    if (settled ? i !== first : value === false) blank(rows[i]! + 1, rows[i + 1]!)
  })
  const readable = !settled && insideFunction(lines, cuts, rows[0]!, rows.at(-1)!)
  if (!readable) for (const row of rows) blankDirective(lines, row)
}

/** Blanks a directive with the lines that continue it. */
function blankDirective(lines: string[], row: number): void {
  for (let at = row; at < lines.length; at++) {
    const goesOn = lines[at]!.endsWith('\\')
    lines[at] = blankOut(lines[at]!)
    if (!goesOn) return
  }
}

/** Whether both rows stand in the body of one function: behind a `{` that opens one, in the same piece. */
function insideFunction(lines: readonly string[], cuts: readonly number[], from: number, to: number): boolean {
  const end = cuts.findIndex((cut) => cut > from)
  const start = end > 0 ? cuts[end - 1]! : 0
  if (to >= cuts[end]!) return false
  return lines.slice(start, from).some((line) => line.startsWith('{') || /^\w.*\)\s*\{\s*$/.test(line))
}

/** What a condition amounts to, or undefined if that is open. */
export function valueOf(condition: string, configuration: Configuration): boolean | undefined {
  const tokens = condition.match(/defined|IS_\w+|&&|\|\||[()!]|[A-Za-z_]\w*|\d+|[^\s]/g) ?? []
  let at = 0
  const next = (): string | undefined => tokens[at++]
  const either = (): boolean | undefined => {
    let value = both()
    while (tokens[at] === '||') {
      next()
      const right = both()
      value = value === true || right === true ? true : value === false && right === false ? false : undefined
    }
    return value
  }
  const both = (): boolean | undefined => {
    let value = single()
    while (tokens[at] === '&&') {
      next()
      const right = single()
      value = value === false || right === false ? false : value === true && right === true ? true : undefined
    }
    return value
  }
  const single = (): boolean | undefined => {
    const token = next()
    if (token === '!') {
      const value = single()
      return value === undefined ? undefined : !value
    }
    if (token === '(') {
      const value = either()
      next()
      return value
    }
    if (token !== undefined && /^\d+$/.test(token)) return Number(token) !== 0
    if (token === 'defined' || token?.startsWith('IS_')) {
      const name = tokens[at] === '(' ? tokens[at + 1] : tokens[at]
      at += tokens[at] === '(' ? 3 : 1
      return name === undefined ? undefined : configuration[name]
    }
    return token === undefined ? undefined : configuration[token]
  }
  const value = either()
  return at >= tokens.length ? value : undefined
}
