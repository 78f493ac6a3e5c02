/** All pages of a folder of specs, and which of those that lie there are stale. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Mistake } from '../../write/mistake.js'
import type { Protocol } from '../protocol.js'
import { tracesFolder } from '../runs.js'
import { catalogueOf } from './catalogue.js'
import { treesOf } from './citation.js'
import { diagramsOf, type Diagram, type Diagrams } from './diagrams.js'
import { logParts } from './logs.js'
import { pageOf } from './page.js'
import type { Ground } from './parts.js'
import { signedPage } from './signed.js'
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

/** The page of a protocol, and the diagrams that it links to. */
export interface Generated {
  readonly page: Page
  readonly diagrams: Diagrams
}

/**
 * Generates the page of one protocol, with the diagrams of `all` violated claims or of the `main` one of each bug: replays what was
 * recorded, and searches nothing. `drawn` is how threads are drawn, if not as Mermaid text.
 */
export async function generated(
  protocol: Protocol,
  which: 'all' | 'main',
  drawn?: Ground['drawn'],
): Promise<Generated> {
  const diagrams = diagramsOf(protocol, which)
  const logs = await logParts(protocol, { trees: treesOf(protocol.spec.references) })
  const text = pageOf(protocol, diagrams, await teethParts(protocol), logs, drawn)
  return { page: { file: pageFile(protocol), text }, diagrams }
}

/** A diagram as a file in the folder of its protocol's page. */
export const diagramPage = ({ file }: Page, diagram: Diagram): Page => ({
  file: join(dirname(file), diagram.file),
  text: diagram.svg,
})

/** The index of protocols that share a folder; `drawn` has the diagrams of each, by name. */
export const index = (protocols: readonly Protocol[], drawn: ReadonlyMap<string, Diagrams>): Page => ({
  file: join(dirname(pageFile(protocols[0]!)), 'README.md'),
  text: catalogueOf(protocols, drawn),
})

/** What became of planted errors, in all protocols that share a folder. */
export const teethIndex = async (protocols: readonly Protocol[]): Promise<Page> => ({
  file: join(dirname(pageFile(protocols[0]!)), 'TEETH.md'),
  text: await teethPage(protocols),
})

/** In which versions protocols that share a folder were read. */
export const signedIndex = (protocols: readonly Protocol[]): Page => ({
  file: join(dirname(pageFile(protocols[0]!)), 'SIGNED.md'),
  text: signedPage(protocols),
})

/** Whether a file is not what would be generated. */
export const isStale = ({ file, text }: Page): boolean => !existsSync(file) || readFileSync(file, 'utf8') !== text

/** Pages beside the generated ones that people write. */
const handWritten: readonly string[] = ['FINDINGS.md']

/** Pages and diagrams in a folder of specs that are not among those that were generated, and recorded runs without a spec. */
export function strayFiles(folder: string, files: readonly string[]): readonly string[] {
  const known = new Set(files)
  const diagrams = join(folder, tracesFolder)
  const drawn = existsSync(diagrams) ? readdirSync(diagrams, { recursive: true, encoding: 'utf8' }) : []
  return [...readdirSync(folder), ...drawn.map((file) => join(tracesFolder, file))]
    .filter((file) =>
      dirname(file) === tracesFolder && file.endsWith('.json')
        ? !existsSync(join(folder, basename(file)))
        : /\.(md|svg)$/.test(file) && !known.has(join(folder, file)) && !handWritten.includes(file),
    )
    .sort()
}
