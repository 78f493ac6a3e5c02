/** Patches applied in memory: each hunk where its context stands, moved as far as need be, but never by guess. */

import { Mistake } from '../../write/mistake.js'
import type { FilePatch, Hunk } from './diff.js'
import type { Overlay } from './overlay.js'

/** What a patch did to a file: which lines it took away from the text before, and which it put into the text after. */
export interface Applied {
  readonly patch: FilePatch
  /** Where the file was and is: null before it was made, and after it was deleted. */
  readonly from: string | null
  readonly to: string | null
  readonly before: string
  readonly after: string
  /** Line numbers, from 1, in order. */
  readonly removed: readonly number[]
  readonly added: readonly number[]
}

/** A hunk that stands in a text: the index of its first line there. */
interface Placed {
  readonly hunk: Hunk
  readonly at: number
}

/**
 * Applies what a patch does to one file and writes the result into the overlay; a hunk may have moved, its context and
 * the lines that it takes away must be there, as for `git apply`.
 * @param place what errors call the patch. @throws Mistake naming the hunk and the first line that differs.
 */
export function applyTo(tree: Overlay, patch: FilePatch, place: string): Applied {
  const from = patch.from === null ? null : found(tree, patch.from, place)
  const to = patch.to === null ? null : from !== null && patch.from === patch.to ? from : named(patch.to)
  const before = from === null ? '' : tree.text(from)!
  if (patch.kind === 'create' && tree.text(to!) !== undefined && !patch.binary)
    throw new Mistake(`${place}: ${to}`, 'is made by the patch, and is there', inTree)
  const lines = linesOf(before)
  const placed = placedIn(lines, patch.hunks, before, `${place}: ${patch.from ?? patch.to}`)
  const { result, removed, added } = applied(lines, placed)
  const after = to === null ? '' : patch.hunks.length === 0 ? before : textOf(result, endsOpen(before, patch.hunks))
  if (from !== null && from !== to && patch.kind !== 'copy') tree.remove(from)
  if (to !== null) tree.write(to, after)
  return { patch, from, to, before, after, removed, added }
}

const inTree = 'is the patch in this tree already?'

/** The path in the tree; a diff with another prefix than one letter has a folder too many. */
function found(tree: Overlay, path: string, place: string): string {
  for (const one of [named(path), path.replace(/^[^/]+\//, '')]) if (tree.text(one) !== undefined) return one
  throw new Mistake(`${place}: ${path}`, `there is no such file in ${tree.name}`, 'is it the tree that it was made on?')
}

function named(path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw new Mistake(path, 'leads out of the tree', 'a patch changes files of its tree')
  return path
}

const linesOf = (text: string): readonly string[] => {
  if (text === '') return []
  const lines = text.replace(/\r\n/g, '\n').split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

const textOf = (lines: readonly string[], open: boolean): string =>
  lines.length === 0 ? '' : lines.join('\n') + (open ? '' : '\n')

const sign = (line: string): string => line[0] ?? ' '

const oldLines = (hunk: Hunk): string[] =>
  hunk.lines.filter((line) => /^[ -]|^$/.test(line)).map((line) => line.slice(1))

/** Finds a place for every hunk, one behind the other. */
function placedIn(lines: readonly string[], hunks: readonly Hunk[], text: string, place: string): readonly Placed[] {
  let [earliest, moved] = [0, 0]
  return hunks.map((hunk, i) => {
    const at = placeOf(lines, hunk, earliest, hunk.oldStart - 1 + moved)
    if (at === undefined) throw unplaced(lines, hunk, hunk.oldStart - 1 + moved, i, hunks, text, place)
    earliest = at + hunk.oldLines
    moved = at - (hunk.oldStart - 1)
    return { hunk, at }
  })
}

/** The place nearest to where a hunk is expected at which its old lines stand; one without context at its end must end the file. */
function placeOf(lines: readonly string[], hunk: Hunk, earliest: number, expected: number): number | undefined {
  const old = oldLines(hunk)
  const last = lines.length - old.length
  const fits = (at: number): boolean => at >= earliest && at <= last && old.every((line, i) => lines[at + i] === line)
  if (hunk.oldStart <= 1) return fits(0) ? 0 : undefined
  const end = hunk.lines.findLast((line) => sign(line) !== '\\')
  if (sign(end!) !== ' ') return fits(last) && last >= earliest ? last : fits(expected) ? expected : undefined
  for (let away = 0; away <= Math.max(expected - earliest, last - expected); away++) {
    if (fits(expected - away)) return expected - away
    if (fits(expected + away)) return expected + away
  }
  return undefined
}

function applied(
  lines: readonly string[],
  placed: readonly Placed[],
): Pick<Applied, 'removed' | 'added'> & { result: string[] } {
  const result: string[] = []
  const [removed, added]: [number[], number[]] = [[], []]
  let at = 0
  for (const { hunk, at: start } of placed) {
    while (at < start) result.push(lines[at++]!)
    for (const line of hunk.lines) {
      if (sign(line) === ' ') result.push(lines[at++]!)
      if (sign(line) === '-') removed.push(++at)
      if (sign(line) === '+') added.push(result.push(line.slice(1)))
    }
  }
  while (at < lines.length) result.push(lines[at++]!)
  return { result, removed, added }
}

/** Whether the result has no newline at its end: the last hunk says so, where it reaches the end. */
function endsOpen(before: string, hunks: readonly Hunk[]): boolean {
  const lines = hunks.at(-1)!.lines
  const marks = lines.flatMap((line, i) => (sign(line) === '\\' ? [sign(lines[i - 1] ?? '')] : []))
  if (marks.length === 0) return before !== '' && !before.endsWith('\n')
  return marks.some((mark) => mark !== '-')
}

/** Why a hunk has no place: its first line that is not where it is expected. */
function unplaced(
  lines: readonly string[],
  hunk: Hunk,
  expected: number,
  index: number,
  hunks: readonly Hunk[],
  text: string,
  place: string,
): Mistake {
  const old = oldLines(hunk)
  const at = Math.max(0, expected)
  const wrong = old.findIndex((line, i) => lines[at + i] !== line)
  const there = lines[at + wrong]
  const says =
    there === undefined ? `the file ends at line ${lines.length}` : `line ${at + wrong + 1} is: ${shortened(there)}`
  const where = `hunk ${index + 1} of ${hunks.length}, at line ${hunk.oldStart}`
  return new Mistake(
    `${place}, ${where}`,
    `does not apply: it expects: ${shortened(old[wrong] ?? '')}; ${says}`,
    isThere(text, hunks) ? inTree : 'is it the tree that it was made on, with all patches before it?',
  )
}

const shortened = (line: string): string => {
  const text = line.trim().replace(/\s+/g, ' ')
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Whether the text has all that the hunks would make of it. */
function isThere(text: string, hunks: readonly Hunk[]): boolean {
  const lines = linesOf(text)
  let earliest = 0
  return hunks.every((hunk) => {
    const undone = { ...hunk, lines: hunk.lines.map(turned), oldStart: hunk.newStart, oldLines: hunk.newLines }
    const at = placeOf(lines, undone, earliest, hunk.newStart - 1)
    if (at !== undefined) earliest = at + undone.oldLines
    return at !== undefined
  })
}

const turned = (line: string): string =>
  line.startsWith('+') ? `-${line.slice(1)}` : line.startsWith('-') ? `+${line.slice(1)}` : line
