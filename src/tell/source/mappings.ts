/** The mappings that are shipped, `specs/source/NAME.json`: found, read, written, and asked which files they are about. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesOf, functionNamed, functionsRead, type SourceMapping } from '../../match/source/mapping.js'
import { Mistake } from '../../write/mistake.js'
import { packageRoot, writeWhole } from '../file.js'
import { readJson } from '../schema.js'
import { laidOut } from '../spec.js'

const folder = (): string => join(packageRoot(), 'specs', 'source')

/** The file of a protocol's mapping. */
export const mappingFile = (protocol: string): string => join(folder(), `${protocol}.json`)

/** The protocols that have a mapping, in order. */
export const mappedProtocols = (): readonly string[] =>
  readdirSync(folder())
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()

/** The mapping of a protocol; undefined if it has none. @throws Mistake for what the schema forbids. */
export function mappingOf(protocol: string): SourceMapping | undefined {
  const file = mappingFile(protocol)
  return existsSync(file) ? readMapping(file, protocol) : undefined
}

/** The mapping that lies beside a spec, as `source/NAME.json`; undefined if there is none. */
export function mappingBeside(specFile: string | undefined, protocol: string): SourceMapping | undefined {
  const file = specFile && join(dirname(specFile), 'source', `${protocol}.json`)
  return file && existsSync(file) ? readMapping(file, protocol) : undefined
}

/** Reads a mapping. @throws Mistake for what the schema forbids, another protocol, neither roots nor a reason, a root that is there twice. */
export function readMapping(file: string, protocol: string): SourceMapping {
  const mapping = readJson<SourceMapping>(file, 'source')
  if (mapping.protocol !== protocol)
    throw new Mistake(`${file}, protocol`, `is "${mapping.protocol}"`, `must be "${protocol}", as the file is named`)
  const names = mapping.roots.map(
    ({ function: name, thread, begins, parameters = {} }) =>
      `${name} as ${thread} from ${begins} with ${JSON.stringify(parameters)}`,
  )
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if ((mapping.roots.length === 0) !== (mapping.without !== undefined))
    throw new Mistake(`${file}, roots`, 'must be there, or else "without": the reason', 'give one of the two')
  if (twice !== undefined) throw new Mistake(file, `${twice} is there twice`, 'keep one')
  return mapping
}

/** Writes a mapping, laid out as specs are. */
export const writeMapping = (file: string, mapping: SourceMapping): void =>
  writeWhole(file, `${laidOut(mapping, '')}\n`)

/**
 * Which protocols look into a file, by its path in the tree; known without a model and without a tree. The mappings are
 * those that are shipped: only one that is used is held against the schema.
 */
export function protocolsByFile(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>()
  for (const protocol of mappedProtocols())
    for (const root of (JSON.parse(readFileSync(mappingFile(protocol), 'utf8')) as SourceMapping).roots)
      for (const path of [...filesOf(root), ...functionsRead(root).map((one) => functionNamed(one).path)])
        found.set(path, (found.get(path) ?? new Set()).add(protocol))
  return new Map([...found].map(([path, protocols]) => [path, [...protocols]]))
}
