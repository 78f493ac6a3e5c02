/**
 * Where public code browsers show a function and its file, in a version that a spec chooses.
 *
 * Linux, Xen and QEMU are shown by elixir.bootlin.com, which keeps every release of them and has a page for each name in
 * C; other trees by GitHub. The addresses are made of names that do not change: a release, a path, a function.
 */

import type { Origin } from '../../write/model.js'
import type { Spec } from '../spec.js'
import { code, prose } from './markdown.js'

/** Addresses of a file, and of a function in it. */
export interface Shown {
  readonly file: string
  readonly symbol: string
}

/** Where an origin is shown; null if it is no function, or the spec says that it is nowhere, or nothing. */
export function shownAt(origin: Origin, sources: Spec['sources']): Shown | null {
  const key = origin.kind === 'source' ? keyOf(origin, sources) : undefined
  if (origin.kind !== 'source' || key === undefined || sources![key]!.startsWith('none: ')) return null
  const [, tree, version, other] = /^(\S+) ([^:]+)(?::(.*))?$/.exec(sources![key]!)!
  const beyond = key.includes(':') ? '' : origin.file.slice(key.length)
  const path = other === undefined ? origin.file : other + beyond
  if (tree!.includes('/')) {
    const file = `https://github.com/${tree}/blob/${version}/${path}`
    return { file, symbol: inText(file, origin.symbol) }
  }
  const root = `https://elixir.bootlin.com/${tree}/${version}`
  const file = `${root}/source/${path}`
  return { file, symbol: /\.[chS]$/.test(path) ? `${root}/C/ident/${origin.symbol}` : inText(file, origin.symbol) }
}

/** The place in a page where a text stands first. */
const inText = (address: string, text: string): string => `${address}#:~:text=${encodeURIComponent(text)}`

/** The entry of a spec that a function falls under: its own, else the longest beginning of its file; undefined if none does. */
export function keyOf(
  { file, symbol }: Origin & { kind: 'source' },
  sources: Spec['sources'] = {},
): string | undefined {
  const own = `${file}:${symbol}`
  if (Object.hasOwn(sources, own)) return own
  const fitting = Object.keys(sources).filter((key) => file.startsWith(key))
  return fitting.toSorted((a, b) => b.length - a.length)[0]
}

/** An origin in a page: function and file, each a link if it is shown somewhere, or the sentence that stands for it. */
export function originText(origin: Origin, sources: Spec['sources']): string {
  if (origin.kind === 'env') return prose(origin.says)
  const shown = shownAt(origin, sources)
  const [symbol, file] = [code(origin.symbol), code(origin.file)]
  return shown ? `[${symbol}](${shown.symbol}) in [${file}](${shown.file})` : `${symbol} in ${file}`
}
