/** All pages of a folder of specs, and which of those that lie there are stale. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Mistake } from '../../write/mistake.js'
import type { Protocol } from '../protocol.js'
import type { Trace } from '../trace.js'
import { bugsOf, traceOfBug } from './bugs.js'
import { catalogueOf } from './catalogue.js'
import { pageOf } from './page.js'
import { teethPage, teethParts } from './teeth.js'

/** A generated file. */
export interface Page {
  readonly file: string
  readonly text: string
}

/** Where the page of a protocol lies: beside its spec. @throws Mistake if it has none. */
export function pageFile({ name, specFile }: Protocol): string {
  if (specFile) return specFile.replace(/\.json$/, '.md')
  throw new Mistake(name, 'has no spec to lie beside', 'put a .json of the same name beside the model')
}

/** Generates the page of one protocol: searches what shows its bugs, and takes everything else as it is recorded. */
export async function generated(protocol: Protocol): Promise<Page> {
  const traces = new Map<string, Trace | null>()
  for (const bug of bugsOf(protocol)) traces.set(bug.id, await traceOfBug(protocol, bug))
  return { file: pageFile(protocol), text: pageOf(protocol, traces, await teethParts(protocol)) }
}

/** The index of protocols that share a folder. */
export const index = (protocols: readonly Protocol[]): Page => ({
  file: join(dirname(pageFile(protocols[0]!)), 'README.md'),
  text: catalogueOf(protocols),
})

/** What became of planted errors, in all protocols that share a folder. */
export const teethIndex = async (protocols: readonly Protocol[]): Promise<Page> => ({
  file: join(dirname(pageFile(protocols[0]!)), 'TEETH.md'),
  text: await teethPage(protocols),
})

/** Whether a file is not what would be generated. */
export const isStale = ({ file, text }: Page): boolean => !existsSync(file) || readFileSync(file, 'utf8') !== text

/** Pages in a folder of specs that belong to no protocol any more. */
export function strayPages(folder: string, protocols: readonly Protocol[]): readonly string[] {
  const known = new Set([...protocols.map(({ name }) => `${name}.md`), 'README.md', 'TEETH.md'])
  return readdirSync(folder).filter((file) => file.endsWith('.md') && !known.has(file))
}
