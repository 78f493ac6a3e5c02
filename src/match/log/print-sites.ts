/** The places of a source tree that print: format strings as patterns, so that a message without a rule is told from where it comes. */

import type { Grammar } from '../source/grammar.js'
import { Unreadable } from '../source/reader.js'
import { Library, type Tree } from '../source/tree.js'

/** A call that prints. */
export interface PrintSite {
  readonly file: string
  readonly symbol: string
  readonly line: number
  readonly format: string
}

const printers =
  /\b(?:pr_(?:emerg|alert|crit|err|warn|warning|notice|info|cont|debug|devel)(?:_once|_ratelimited)?|printk(?:_once|_deferred)?|(?:dev|netdev)_(?:emerg|alert|crit|err|warn|notice|info|dbg)(?:_once|_ratelimited)?|pm_pr_dbg|pm_deferred_pr_dbg|pm_dev_(?:err|dbg)|xenbus_dev_(?:error|fatal)|WARN(?:_ONCE)?|g?dprintk|LOGE?D?)\s*\(/g

/** Letters that a format must have to tell anything. */
const fewest = 5

/** The print sites of some functions of a tree: those that steps name as their origins. Files that are not there have none. */
export function printSites(
  grammar: Grammar,
  tree: Tree,
  origins: Iterable<{ readonly file: string; readonly symbol: string }>,
): readonly PrintSite[] {
  const library = new Library(grammar)
  const seen = new Set<string>()
  const sites: PrintSite[] = []
  for (const { file, symbol } of origins) {
    if (seen.has(`${file}:${symbol}`)) continue
    seen.add(`${file}:${symbol}`)
    try {
      for (const { text, line } of library.file(tree, file)?.named(symbol) ?? [])
        sites.push(...sitesIn(text).map((site) => ({ file, symbol, line: line + site.row, format: site.format })))
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
    }
  }
  return sites
}

function sitesIn(text: string): readonly { readonly row: number; readonly format: string }[] {
  return [...text.matchAll(printers)].flatMap((call) => {
    const strings = /^[^";]*?((?:"(?:[^"\\]|\\.)*"\s*)+)/.exec(text.slice(call.index + call[0].length))
    if (!strings) return []
    const format = [...strings[1]!.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece!).join('')
    const row = text.slice(0, call.index).split('\n').length - 1
    return literals(format).replace(/[^a-z]/gi, '').length < fewest ? [] : [{ row, format }]
  })
}

const conversion = /%(?:[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh?|ll?|z|t|L)?[diuxXoscpe]\w{0,2}|%)/g

const literals = (format: string): string => format.replace(/\\[nt]/g, '').replace(conversion, '')

function patternOf(format: string): RegExp {
  const body = format
    .replace(/\\[nt"]/g, (sign) => (sign === '\\"' ? '"' : ''))
    .trim()
    .split(conversion)
    .map((piece) => piece.replace(/[\\^$.|?*+()[\]{}/]/g, '\\$&'))
  return new RegExp(`${body.join('.*?')}\\s*$`)
}

/** For each message the site that prints it; of several, the one whose text is longest. */
export function attributed(
  messages: readonly string[],
  sites: readonly PrintSite[],
): readonly (PrintSite | undefined)[] {
  const ready = sites
    .map((site) => ({ site, pattern: patternOf(site.format), length: literals(site.format).length }))
    .toSorted((a, b) => b.length - a.length)
  return messages.map((message) => ready.find(({ pattern }) => pattern.test(message))?.site)
}
