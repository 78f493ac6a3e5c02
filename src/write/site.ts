/** Where things were declared: stacks that are taken at once and read only if something is wrong. */

/** A stack of calls whose first frame is the author's: formatted by the engine when `stack` is asked for. */
export interface Site {
  readonly stack?: string
}

/** The key of a declared thing's site: a symbol, so that copies of the thing keep it and no report shows it; the same in every copy of this file. */
const declaredAt = Symbol.for('thawproof: declared at')

/** The stack here, without the calls from `word` on, which are ours. Costs microseconds: nothing is formatted. */
export function siteHere(word: (...given: never[]) => unknown): Site {
  const site = {}
  Error.captureStackTrace(site, word)
  return site
}

/** The thing with its site. */
export const declared = <T extends object>(thing: T, site: Site): T => ({ ...thing, [declaredAt]: site })

/** Where a thing was declared, if a word of the vocabulary made it. */
export const siteOf = (thing: unknown): Site | undefined =>
  typeof thing === 'object' && thing !== null ? (thing as { [declaredAt]?: Site })[declaredAt] : undefined
