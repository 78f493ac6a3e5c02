/** The text of the functions that steps stand for, as a source tree has them. */

import { loadGrammar } from '../../match/source/grammar.js'
import { Library, treeAt } from '../../match/source/tree.js'
import type { Origin } from '../../write/model.js'
import type { System } from '../../write/system.js'

/** A function in a tree. */
export interface Listed {
  /** Its first line, from 1. */
  readonly line: number
  readonly text: string
}

/** Functions by `file:function`. */
export type Listing = Readonly<Record<string, Listed>>

/** What a function is listed under; undefined for what is none. */
export const listedAs = (origin: Origin): string | undefined =>
  origin.kind === 'source' ? `${origin.file}:${origin.symbol}` : undefined

/** The functions of a system's steps that a tree has, and how many it does not have. @throws Mistake if there is no such folder. */
export async function listingOf(
  { transitions }: System,
  folder: string,
): Promise<{ readonly listing: Listing; readonly missing: number }> {
  const tree = treeAt(folder)
  const library = new Library(await loadGrammar())
  const wanted = new Map(
    transitions.flatMap(({ origin }) => (origin.kind === 'source' ? [[listedAs(origin)!, origin] as const] : [])),
  )
  const listing: Record<string, Listed> = {}
  for (const [key, { file, symbol }] of wanted) {
    const [found] = library.file(tree, file)?.named(symbol) ?? []
    if (found) listing[key] = { line: found.line, text: found.text }
  }
  return { listing, missing: wanted.size - Object.keys(listing).length }
}
