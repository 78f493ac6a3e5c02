/** `thawproof source`: models held against the C that they stand for. */

import type { Command } from 'commander'
import { driftOf } from '../match/source/drift.js'
import { loadGrammar } from '../match/source/grammar.js'
import { expectedIn, generationIn, kindOfTree, versionOf } from '../match/source/kind.js'
import { kindOf, type Read, type Root, type SourceMapping } from '../match/source/mapping.js'
import { isOf, originsIn, type Named } from '../match/source/origins.js'
import { Library, treeAt, type Tree } from '../match/source/tree.js'
import { distance, fitsOf, heldUnder } from '../match/source/variants.js'
import { loadProtocol, protocolNames, systemOf, type Protocol } from '../tell/protocol.js'
import { keyOf } from '../tell/pages/browser.js'
import { mappedProtocols, mappingFile, mappingOf, writeMapping } from '../tell/source/mappings.js'
import { fitsText, heldText, limit, type Held } from '../tell/source/told.js'
import { wrapped } from '../tell/text.js'
import { Mistake, unknownName } from '../write/mistake.js'
import { columns } from './options.js'
import { targetsOf } from './target.js'

interface SourceOptions {
  readonly tree: string
  readonly json?: boolean
  readonly verbose?: boolean
}

/** Adds the command. */
export function sourceCommand(root: Command): void {
  const source = root.command('source').description('hold models against the C that they stand for, in a source tree')
  const tree = ['--tree <folder>', 'the top of a source tree: Linux, Xen or QEMU'] as const
  source
    .command('check [protocols...]')
    .description('tell whether functions and threads take the same ways, and which functions have changed')
    .requiredOption(...tree)
    .option('--json', 'print one JSON document: every root, with every way that differs')
    .option('--verbose', 'tell what agrees as well, and what is passed over')
    .action(async (names: string[], options: SourceOptions) => {
      process.exitCode = await check(names, options)
    })
  source
    .command('match <protocol>')
    .description('tell which patches of a model a tree has')
    .requiredOption(...tree)
    .option('--json', 'print one JSON document: every variant, with what differs')
    .action(async (name: string, options: SourceOptions) => {
      process.exitCode = await match(name, options)
    })
  source
    .command('origins [protocols...]')
    .description('tell which steps name a function that is not in the file they say')
    .requiredOption(...tree)
    .option('--verbose', 'tell those of other versions as well, as their specs have it')
    .action(async (names: string[], options: SourceOptions) => {
      process.exitCode = await origins(names, options)
    })
  source
    .command('accept <protocol>')
    .description('keep what the functions of a tree look like now, once you have looked at them')
    .requiredOption(...tree)
    .action(async (name: string, options: SourceOptions) => {
      process.exitCode = await accept(name, options)
    })
}

/** A protocol with its mapping, and those of its roots that a tree has. */
interface Mapped {
  readonly protocol: Protocol
  readonly mapping: SourceMapping
  readonly roots: readonly Root[]
}

/** What all three commands begin with. @throws Mistake for a tree that none of the mappings reads. */
async function opened(
  names: readonly string[],
  { tree: folder }: SourceOptions,
): Promise<{
  readonly mapped: readonly Mapped[]
  readonly tree: Tree
  readonly version: string
  readonly library: Library
}> {
  const tree = treeAt(folder)
  const mappings = (names.length === 0 ? withRoots() : names).map(mappingNamed)
  const kind = kindOfTree(tree, mappings)
  const version = versionOf(tree, kind)
  const mapped: Mapped[] = []
  for (const mapping of mappings) {
    const roots = mapping.roots.filter((one) => kindOf(one) === kind && expectedIn(one, tree, version))
    if (roots.length > 0) mapped.push({ protocol: await loadProtocol(mapping.protocol), mapping, roots })
  }
  return { mapped, tree, version, library: new Library(await loadGrammar()) }
}

function mappingNamed(name: string): SourceMapping {
  const mapping = mappingOf(name)
  if (mapping?.without !== undefined)
    throw new Mistake(
      `source ${name}`,
      `no function of C is mapped to this protocol: ${mapping.without}`,
      otherMapped(),
    )
  if (mapping) return mapping
  if (!protocolNames().includes(name)) throw unknownName('source', 'protocol', name, protocolNames())
  throw new Mistake(`source ${name}`, 'no function of C is mapped to this protocol', otherMapped())
}

const withRoots = (): readonly string[] => mappedProtocols().filter((name) => mappingOf(name)!.without === undefined)

const otherMapped = (): string => `mapped are ${withRoots().join(', ')}`

async function check(names: readonly string[], options: SourceOptions): Promise<number> {
  const { mapped, tree, version, library } = await opened(names, options)
  const held: Held[] = []
  for (const { protocol, mapping, roots } of mapped) {
    const patchesOf = (root: Root): readonly string[] => generationIn(root, version)
    const found = await heldUnder(protocol.model, mapping, roots, patchesOf, tree, library)
    found.forEach((conformance, i) => {
      const root = roots[i]!
      const drift = driftOf(root, conformance)
      held.push({ protocol: protocol.name, version, patches: patchesOf(root), conformance, drift })
    })
  }
  const failed = held.filter(({ conformance }) => conformance.outcome !== 'agrees')
  if (options.json) print([JSON.stringify({ schema: 'thawproof/source-check@1', version, limit, held }, null, 2)])
  else print(checkText(held, failed.length, options))
  return failed.length > 0 ? 1 : 0
}

function checkText(held: readonly Held[], failed: number, { verbose = false }: SourceOptions): string[] {
  const told = held.filter(({ conformance, drift }) => {
    const quiet = conformance.outcome === 'agrees' && conformance.deviations.length === 0
    return verbose || !quiet || drift.some(({ change }) => change !== 'same')
  })
  const count = `${held.length - failed} of ${held.length} functions agree with their threads`
  return [
    ...told.flatMap((one) => [...heldText(one, columns(), verbose), '']),
    failed === 0 ? count : `${count}; what differs on purpose is declared in specs/source, under "differs"`,
    ...wrapped(limit, columns()),
  ]
}

async function match(name: string, options: SourceOptions): Promise<number> {
  const { mapped, tree, version, library } = await opened([name], options)
  const [one] = mapped
  if (!one) throw new Mistake(`source match ${name}`, `none of its functions is in ${version}`, 'name another tree')
  const { model, spec } = one.protocol
  const sets = spec.instances.map(({ patches }) => patches)
  const fits = await fitsOf(model, one.mapping, one.roots, sets, tree, library)
  if (options.json) {
    const told = fits.map(({ differences, ...fit }) => ({
      ...fit,
      differences: Number.isFinite(differences) ? differences : null,
    }))
    print([JSON.stringify({ schema: 'thawproof/source-match@1', version, limit, fits: told }, null, 2)])
  } else print([...fitsText(fits, version, columns()), ...wrapped(limit, columns())])
  return fits.some(({ differences }) => differences === 0) ? 0 : 1
}

async function origins(names: readonly string[], { tree: folder, verbose }: SourceOptions): Promise<number> {
  const tree = treeAt(folder)
  const version = versionIn(tree)
  const library = new Library(await loadGrammar())
  const counts = { found: 0, missing: 0, historical: 0 }
  for (const { protocol } of await targetsOf(names, { parameter: [], patch: [] })) {
    const { sources = {} } = protocol.spec
    const systems = protocol.spec.instances.map((instance) => systemOf(protocol, instance))
    const looked = originsIn(systems, tree, library)
    const entryOf = ({ file, symbol }: Named): string | undefined =>
      sources[keyOf({ kind: 'source', file, symbol }, sources) ?? '']
    const missing = looked.missing.filter((one) => isOf(entryOf(one), version))
    const historical = looked.missing.filter((one) => !missing.includes(one))
    counts.found += looked.found
    counts.missing += missing.length
    counts.historical += historical.length
    const said = ({ file, symbol, step }: Named): string =>
      `${protocol.name}, ${step}: ${file} has no function ${symbol}`
    print(missing.map(said))
    if (verbose) print(historical.map((one) => `${said(one)}; its spec says ${entryOf(one)!}`))
  }
  const { found, missing, historical } = counts
  if (found + missing + historical === 0)
    throw new Mistake(
      `--tree ${folder}`,
      'has none of the files that steps name',
      'name the top folder of a source tree',
    )
  const other = historical === 0 ? '' : `; ${historical} more are of other versions, as their specs say`
  print([
    `${found} of ${found + missing} functions are in the files that steps name, as far as the tree has these${other}`,
  ])
  return missing > 0 ? 1 : 0
}

/** The version of a tree, as far as it tells; only its project is looked for among those of mappings. */
function versionIn(tree: Tree): string {
  try {
    return versionOf(tree, kindOfTree(tree, withRoots().map(mappingNamed)))
  } catch (error) {
    if (error instanceof Mistake) return 'unknown'
    throw error
  }
}

async function accept(name: string, options: SourceOptions): Promise<number> {
  const { mapped, tree, version, library } = await opened([name], options)
  const [one] = mapped
  if (!one) throw new Mistake(`source accept ${name}`, `none of its functions is in ${version}`, 'name another tree')
  const patchesOf = (root: Root): readonly string[] => generationIn(root, version)
  const held = await heldUnder(one.protocol.model, one.mapping, one.roots, patchesOf, tree, library)
  const seen = new Map<Root, Read>()
  one.roots.forEach((root, i) => {
    const { functions } = held[i]!
    const told = functions.map(({ path, name: called, fingerprint, skeleton, steps }) => [
      `${path}:${called}`,
      { fingerprint, skeleton, ...(Object.keys(steps).length > 0 && { steps }) },
    ])
    if (told.length > 0) seen.set(root, { at: version, functions: Object.fromEntries(told) as Read['functions'] })
  })
  const roots = one.mapping.roots.map((root) => ({ ...root, ...(seen.has(root) && { read: seen.get(root)! }) }))
  writeMapping(mappingFile(name), { ...one.mapping, roots })
  print([`${seen.size} of ${held.length} functions of ${version} are kept in ${mappingFile(name)}`])
  const left = held.filter((conformance) => distance(conformance) > 0 || conformance.functions.length === 0)
  for (const { function: spelled, outcome } of left) print([`${spelled}: ${outcome}`])
  return left.length > 0 ? 1 : 0
}

const print = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}
