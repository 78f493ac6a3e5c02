/** Whether the functions that steps name as their origins are where they say, in a tree of C. */

import type { System } from '../../write/system.js'
import { Unreadable } from './reader.js'
import type { Library, Tree } from './tree.js'

/** One origin, with a step that has it. */
export interface Named {
  readonly file: string
  readonly symbol: string
  readonly step: string
}

/** What a tree has of the origins of a protocol. */
export interface Origins {
  readonly found: number
  /** The file is there and defines no such function or macro. */
  readonly missing: readonly Named[]
  /** Files that the tree does not have: another project's, or another version's. */
  readonly elsewhere: readonly string[]
}

/**
 * Whether an entry of a spec's `sources`, `linux v7.3`, is of a tree's version, `linux 7.3.4`; unknown is taken for yes. What
 * it says is `none: …` is in no tree, with the reason.
 */
export function isOf(entry: string | undefined, version: string): boolean {
  const said = /^(\S+) v?([\w.-]+)/.exec(entry ?? '')
  const [project, number] = version.split(' ')
  if (said?.[1] === 'none:') return false
  if (!said || number === undefined) return true
  return said[1] === project && `${number}.`.startsWith(`${said[2]}.`)
}

/** Looks up every origin in C of the given systems; files that are no C are passed over. */
export function originsIn(systems: readonly System[], tree: Tree, library: Library): Origins {
  const named = new Map<string, Named>()
  for (const { transitions } of systems)
    for (const { origin, step } of transitions)
      if (origin.kind === 'source' && /\.[ch]$/.test(origin.file)) {
        const { file, symbol } = origin
        const key = `${file}:${symbol}`
        if (!named.has(key)) named.set(key, { file, symbol, step })
      }
  const missing: Named[] = []
  const elsewhere = new Set<string>()
  let found = 0
  for (const one of named.values()) {
    const there = defines(one, tree, library)
    if (there === undefined) elsewhere.add(one.file)
    else if (there) found++
    else missing.push(one)
  }
  return { found, missing, elsewhere: [...elsewhere] }
}

/** Undefined if the tree does not have the file, or if nobody could read it. */
function defines({ file, symbol }: Named, tree: Tree, library: Library): boolean | undefined {
  try {
    const read = library.file(tree, file)
    return read && (read.named(symbol).length > 0 || read.hasMacro(symbol))
  } catch (cause) {
    if (cause instanceof Unreadable) return undefined
    throw cause
  }
}
