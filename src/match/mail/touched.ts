/** Which functions of C a patch touches: those that have a line that it takes away, or one that it puts there. */

import type { CFile, CFunction } from '../source/c-file.js'
import { Unreadable } from '../source/reader.js'
import type { Library, Tree } from '../source/tree.js'
import type { Applied } from './apply.js'

/** A function that a patch touches. */
export interface Touched {
  /** Where it is now; where it was, if it is gone. */
  readonly file: string
  readonly name: string
  /** Its lines before and after; null where it is not there. */
  readonly was: Lines | null
  readonly is: Lines | null
  /** Lines of it that are taken away, numbered as before, and lines that are put there, numbered as after. */
  readonly removed: readonly number[]
  readonly added: readonly number[]
  /** Whether its tokens are the same: only comments or layout change. */
  readonly alike: boolean
}

/** First and last line of a function, from 1. */
export interface Lines {
  readonly first: number
  readonly last: number
}

/** The functions that a patch touches in one file, in the order of the file after it, those that are gone last. */
export function touchedBy(applied: Applied, library: Library): readonly Touched[] {
  const { from, to, before, after, removed, added } = applied
  const old = from === null ? undefined : fileOf(from, before, library)
  const now = to === null ? undefined : fileOf(to, after, library)
  const [was, is] = [functionsAt(old, removed), functionsAt(now, added)]
  const here = [...is, ...matching(now, was)].sort((a, b) => a.line - b.line)
  const names = [...new Set([...here, ...was].map(({ name }) => name))]
  return names.map((name) => {
    const [a, b] = [was.find(named(name)) ?? matching(old, is).find(named(name)), here.find(named(name))]
    return {
      file: to ?? from!,
      name,
      was: linesOf(a),
      is: linesOf(b),
      removed: a ? removed.filter(within(a)) : [],
      added: b ? added.filter(within(b)) : [],
      alike: a !== undefined && a.fingerprint === b?.fingerprint,
    }
  })
}

/** C, by its name: a patch also changes documents and build files. */
const isC = (path: string): boolean => /\.[ch]$/.test(path)

/** Undefined for what is no C, and for what is too long to be read: see {@link unreadIn}. */
function fileOf(path: string, text: string, library: Library): CFile | undefined {
  try {
    return isC(path) ? library.file(oneFile(path, text), path) : undefined
  } catch (cause) {
    if (cause instanceof Unreadable) return undefined
    throw cause
  }
}

/** What of a file could not be read where a patch touches it, in sentences; known once its functions were asked for. */
export function unreadIn({ from, to, before, after }: Applied, library: Library): readonly string[] {
  const told = ([path, text]: readonly [string | null, string]): readonly string[] => {
    if (path === null || !isC(path)) return []
    try {
      const lines = library.file(oneFile(path, text), path)?.tooLarge ?? []
      return lines.map((line) => `${path}: what begins at line ${line} is too large to parse: it is not compared`)
    } catch (cause) {
      if (cause instanceof Unreadable) return [`${path} ${cause.message}: it is not compared`]
      throw cause
    }
  }
  const sides: readonly (readonly [string | null, string])[] = [
    [from, before],
    [to, after],
  ]
  return [...new Set(sides.flatMap(told))]
}

const oneFile = (path: string, text: string): Tree => ({
  name: path,
  text: (asked) => (asked === path ? text : undefined),
})

const functionsAt = (file: CFile | undefined, lines: readonly number[]): readonly CFunction[] => [
  ...new Set(stretches(lines).flatMap(([first, last]) => file?.touching(first, last) ?? [])),
]

/** Functions of a file that are called like some of another. */
const matching = (file: CFile | undefined, like: readonly CFunction[]): readonly CFunction[] =>
  like.flatMap(({ name }) => file?.named(name).slice(0, 1) ?? [])

const named =
  (name: string) =>
  (one: CFunction): boolean =>
    one.name === name

const within =
  ({ line, end }: CFunction) =>
  (one: number): boolean =>
    line <= one && one <= end

const linesOf = (one: CFunction | undefined): Lines | null => (one ? { first: one.line, last: one.end } : null)

/** Neighbouring lines as one range each. */
function stretches(lines: readonly number[]): readonly (readonly [number, number])[] {
  const made: [number, number][] = []
  for (const line of lines) {
    const last = made.at(-1)
    if (last && line === last[1] + 1) last[1] = line
    else made.push([line, line])
  }
  return made
}
