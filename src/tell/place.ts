/** Places in an author's files: a declaration's stack read through source maps, and the lines around it. */

import { readFileSync } from 'node:fs'
import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module'
import { isAbsolute, relative, sep } from 'node:path'
import { cwd } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Mistake, type Place } from '../write/mistake.js'
import type { Site } from '../write/site.js'
import { packageRoot } from './file.js'

/** What is not the author's: the checker's own files, and the templates, which call the words on behalf of others. */
const ours = new URL('..', import.meta.url).href
const root = pathToFileURL(packageRoot()).href
const templates = new URL('../../properties/templates', import.meta.url).href

/** A position in a text that may have been generated from another; lines and columns from 1. */
interface Position {
  readonly url: string
  readonly line: number
  readonly column: number
}

type Spot = Pick<Position, 'line' | 'column'>

/** The author's call that a stack tells of, or undefined if there is none. @param path keys and names to look for from there on, one behind the other. */
export function placeOf(at: Site | Place | undefined, path: readonly string[] = []): Place | undefined {
  if (at === undefined) return undefined
  if ('frame' in at) return at
  const found = framesOf(at).find(({ url }) => !isOurs(url))
  const origin = found && originOf(found)
  if (!origin) return undefined
  const text = textOf(origin.url)
  const file = shownFile(fileURLToPath(origin.url))
  if (text === undefined) return { file, line: origin.line, column: origin.column, frame: '' }
  return placeIn(
    file,
    text,
    path.reduce<Spot>((spot, word) => wordAfter(text, spot, word, origin) ?? spot, origin),
  )
}

/** The place in a file with the lines around it. */
export const placeIn = (file: string, text: string, { line, column }: Spot): Place => ({
  file,
  line,
  column,
  frame: frameOf(text, line, column),
})

/** Where a thing that was thrown comes from in the author's code: a message about it can say so. */
export const thrownAt = (error: unknown): Place | undefined => (error instanceof Error ? placeOf(error) : undefined)

/** A mistake as it is shown: the sentence, what to do, and the place with the lines around it. */
export function toldMistake(mistake: Mistake): string {
  const place = placeOf(mistake.at, mistake.path)
  return place ? `${mistake.message}\n${toldPlace(place)}` : mistake.message
}

/** `my-model.ts:12:5` and the lines around it. */
export const toldPlace = ({ file, line, column, frame }: Place): string =>
  `  ${file}:${line}:${column}${frame === '' ? '' : `\n${frame}`}`

/** Three lines, the middle one marked, and a caret under the column. */
function frameOf(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/)
  const first = Math.max(1, line - 1)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
    .flatMap((number) => {
      const shown = `  ${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${lines[number - 1]!.replaceAll('\t', ' ')}`
      return number === line
        ? [shown.trimEnd(), `    ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`]
        : [shown.trimEnd()]
    })
    .join('\n')
}

/** The first key of that name, or text of it, behind a position and within the call that begins there. */
function wordAfter(text: string, spot: Spot, word: string, call: Spot): Spot | undefined {
  const spelled = word.replace(/[\\^$.|?+()[\]{}*]/g, '\\$&')
  const end = endOfCall(text, offsetOf(text, call))
  const start = offsetOf(text, spot)
  const found = [`(?<=^|[{,\\s])${spelled}\\??\\s*[:(,}]`, `(['"\`])${spelled}\\1`]
    .map((pattern) => text.slice(start, end).match(new RegExp(pattern, 'm')))
    .find((match) => match !== null)
  if (!found) return undefined
  const before = text.slice(0, start + found.index! + found[0].indexOf(word)).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

const offsetOf = (text: string, { line, column }: Spot): number =>
  text.split('\n', line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1

/** Where the parentheses of a call close, texts and comments passed over; near enough to look for a word in it. */
function endOfCall(text: string, start: number): number {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/.*|\/\*[^]*?\*\/|[([{]|[)\]}]/g
  token.lastIndex = start
  let depth = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if ('([{'.includes(match[0])) depth++
    else if (')]}'.includes(match[0]) && --depth <= 0) return match.index
  }
  return text.length
}

/** The calls of a stack, the innermost first, in the text that ran. */
function framesOf(site: Site): Position[] {
  const stack = readStack(site)
  // A stack that was read before is a text for ever.
  if (!Array.isArray(stack)) return textFrames(typeof stack === 'string' ? stack : '')
  const calls = stack as readonly NodeJS.CallSite[]
  if (site instanceof Error)
    site.stack = [String(site), ...calls.map((call) => `    at ${spelledCall(call)}`)].join('\n')
  return calls.flatMap((call) => {
    const url = call.getFileName() ?? call.getScriptNameOrSourceURL()
    const [line, column] = [call.getLineNumber(), call.getColumnNumber()]
    return url && line && column ? [{ url: asUrl(url), line, column }] : []
  })
}

/** The calls of a stack as the engine has them, if nobody has made a text of them yet. */
function readStack(site: Site): unknown {
  const before = Error.prepareStackTrace
  try {
    Error.prepareStackTrace = (_, calls) => calls
    return site.stack
  } finally {
    Error.prepareStackTrace = before
  }
}

const spelledCall = (call: { readonly toString: () => string }): string => call.toString()

const textFrames = (stack: string): Position[] =>
  [...stack.matchAll(/^ {4}at (?:.*? \()?((?:file|data):[^\s)]+|\/[^\s)]+):(\d+):(\d+)\)?$/gm)].map(
    ([, url, line, column]) => ({ url: asUrl(url!), line: Number(line), column: Number(column) }),
  )

const asUrl = (name: string): string => (isAbsolute(name) ? pathToFileURL(name).href : name)

const isOurs = (url: string): boolean =>
  url.startsWith(ours) ||
  url.startsWith(templates) ||
  !/^(file|data):/.test(url) ||
  url.replace(root, '').includes('/node_modules/')

/** What was written, where it was, before it was compiled. */
function originOf(position: Position): Position | undefined {
  const { url, line, column } = position
  const map = mapOf(url)
  if (!map) return url.startsWith('data:') ? undefined : position
  const origin = map.findOrigin(line, column)
  if (!('fileName' in origin)) return undefined
  const { fileName, lineNumber, columnNumber } = origin
  const base = url.startsWith('data:') ? undefined : url
  return { url: new URL(asUrl(fileName), base).href, line: lineNumber, column: columnNumber }
}

const maps = new Map<string, SourceMap | undefined>()

/** The source map of a module: as the engine has it, in the text, or beside it. */
function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, findSourceMap(url) ?? mapIn(url))
  return maps.get(url)
}

function mapIn(url: string): SourceMap | undefined {
  const text = textOf(url)
  const named = [...(text ?? '').matchAll(/^\/\/# sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1]
  if (named === undefined) return undefined
  const json = named.startsWith('data:') ? decoded(named) : textOf(new URL(named, url).href)
  return json === undefined ? undefined : new SourceMap(JSON.parse(json) as SourceMapPayload)
}

const decoded = (url: string): string => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64').toString('utf8')

function textOf(url: string): string | undefined {
  if (url.startsWith('data:')) return decoded(url)
  try {
    return readFileSync(fileURLToPath(url), 'utf8')
  } catch {
    return undefined
  }
}

/** A file as one types it here, with `/` on every system: relative if it is below, or below the package itself. */
export function shownFile(path: string): string {
  // By its own name: reports are also made while a guard hangs, for which `process` is trapped.
  const folder = [cwd(), packageRoot()].find((one) => isBelow(relative(one, path)))
  return (folder === undefined ? path : relative(folder, path)).replaceAll(sep, '/')
}

const isBelow = (way: string): boolean => !way.startsWith('..') && !isAbsolute(way)
