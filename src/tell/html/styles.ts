/** The style of what is read in a browser: colours and ground for all, and what each page has of its own. */

import { readFileSync } from 'node:fs'
import { colours, variablesOf } from '../colours.js'

/** The rules of a page, its own files last. */
export const styleOf = (...own: readonly URL[]): string =>
  [variablesOf(colours), ...[shared('ground'), ...own].map((file) => readFileSync(file, 'utf8'))].join('\n')

/** A file of rules that several pages have. */
export const shared = (name: 'ground' | 'base' | 'page'): URL => new URL(`./browser/${name}.css`, import.meta.url)
