/**
 * Every mapping held against source trees, and errors planted in one of them: `npm run source:trees -- TREE…`.
 * The result is `specs/source/README.md`. `bench/kernel-trees DIR` gets Debian's; Xen's and QEMU's may be named as well.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Conformance } from '../src/match/source/conformance.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import { kindOfTree, versionOf } from '../src/match/source/kind.js'
import { functionNamed, kindOf, type Root, type SourceMapping } from '../src/match/source/mapping.js'
import { Library, treeAt, type Tree } from '../src/match/source/tree.js'
import { heldUnder } from '../src/match/source/variants.js'
import { packageRoot } from '../src/tell/file.js'
import { loadProtocol } from '../src/tell/protocol.js'
import { mappedProtocols, mappingOf } from '../src/tell/source/mappings.js'
import { limit } from '../src/tell/source/told.js'
import { instantiate } from '../src/write/system.js'
import { mutantsOf, type Kind, type Mutant } from './source-mutants.js'

interface Column {
  readonly tree: Tree
  readonly kind: ReturnType<typeof kindOf>
  readonly version: string
}

interface Row {
  readonly mapping: SourceMapping
  readonly root: Root
  /** By version; none where the tree is of another project. */
  readonly held: Map<string, Conformance>
}

const folders = process.argv.slice(2)
if (folders.length === 0)
  throw new Error('name source trees: npm run source:trees -- TREE…; bench/kernel-trees gets some')
const mappings = mappedProtocols().map((name) => mappingOf(name)!)
const columns: Column[] = folders.map(treeAt).map((tree) => {
  const kind = kindOfTree(tree, mappings)
  return { tree, kind, version: versionOf(tree, kind) }
})
const grammar = await loadGrammar()
const library = new Library(grammar)

/** Holds every root against every tree of its project. */
async function rowsOf(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const mapping of mappings) {
    const { model } = await loadProtocol(mapping.protocol)
    for (const root of mapping.roots) {
      const held = new Map<string, Conformance>()
      for (const { tree, kind, version } of columns) {
        if (kind !== kindOf(root)) continue
        const [found] = await heldUnder(model, mapping, [root], [], tree, library)
        held.set(version, found!)
      }
      rows.push({ mapping, root, held })
    }
    process.stderr.write(`${mapping.protocol}: ${mapping.roots.length} functions\n`)
  }
  return rows
}

/** Plants errors in the version that a mapping was made from, where it agrees. */
async function planted(rows: readonly Row[]): Promise<readonly Mutant[]> {
  const all: Mutant[] = []
  for (const { mapping, root, held } of rows) {
    const column = columns.find(({ version }) => version === root.read?.at)
    const before = column && held.get(column.version)
    if (before?.outcome !== 'agrees') continue
    const { model } = await loadProtocol(mapping.protocol)
    const system = instantiate(model, { parameters: root.parameters ?? {}, patches: root.patches ?? [] })
    all.push(...(await mutantsOf({ system, mapping, root }, before, column!.tree, library, grammar)))
    process.stderr.write(`${mapping.protocol} ${before.root}: ${all.length} planted so far\n`)
  }
  return all
}

function cell(found: Conformance | undefined): string {
  if (!found) return ''
  const open = found.deviations.filter(({ declared }) => declared === undefined).length
  const declared = found.deviations.length - open
  const said = declared === 0 ? '' : `, ${declared} declared`
  if (found.outcome === 'agrees') return `agrees${said}`
  if (found.outcome === 'not compared') return `not compared: ${found.notFollowed[0]!.replace(/^.* (has no )/, '$1')}`
  return [
    `${open} differ${said}`,
    ...(found.unexplained.length > 0 ? [`${found.unexplained.length} unexplained`] : []),
  ].join(', ')
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')

function page(rows: readonly Row[], mutants: readonly Mutant[]): string {
  const versions = columns.map(({ version }) => version)
  const sums = versions.map((version) => {
    const held = rows.flatMap((row) => row.held.get(version) ?? [])
    return `${held.filter(({ outcome }) => outcome === 'agrees').length} of ${held.length} agree`
  })
  const parts = [
    '# Models held against the source',
    '<!-- Written by `npm run source:trees`. -->',
    `${rows.length} functions of ${new Set(rows.map(({ mapping }) => mapping.protocol)).size} protocols. ${limit} A function that agrees may have differences that are declared, with their reasons on the page of its protocol. A mapping is made from one version; in another, what differs is what has changed.`,
    table(
      ['Protocol', 'Function', 'Thread', ...versions],
      [
        ...rows.map(({ mapping, root, held }) => [
          `[${mapping.protocol}](../${mapping.protocol}.md)`,
          `\`${functionNamed(root.function).name}\``,
          `\`${root.thread}\``,
          ...versions.map((version) => cell(held.get(version))),
        ]),
        ['', 'all', '', ...sums],
      ],
    ),
    ...(mutants.length > 0 ? plantedParts(mutants) : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function plantedParts(mutants: readonly Mutant[]): readonly string[] {
  const kinds: readonly Kind[] = ['lost call', 'order', 'label', 'added exit', 'condition', 'comment']
  const rows = kinds.map((kind) => {
    const these = mutants.filter((one) => one.kind === kind)
    return [kind, String(these.length), String(these.filter(({ noticed }) => noticed).length)]
  })
  const missed = mutants.filter(({ kind, noticed }) => kind !== 'comment' && !noticed)
  return [
    '## Planted errors',
    'In each function that agrees, up to two errors of each kind are planted, and the comparison is made again. A comment must not be noticed.',
    table(['Planted', 'How many', 'Noticed'], rows),
    ...(missed.length > 0
      ? [
          'Not noticed:',
          table(
            ['Protocol', 'Function', 'Kind', 'What'],
            missed.map((one) => [one.protocol, `\`${one.root}\``, one.kind, `\`${one.what.replace(/\|/g, '\\|')}\``]),
          ),
        ]
      : []),
  ]
}

const rows = await rowsOf()
const mutants = await planted(rows)
const file = join(packageRoot(), 'specs', 'source', 'README.md')
writeFileSync(file, page(rows, mutants))
const real = mutants.filter(({ kind }) => kind !== 'comment')
process.stdout.write(
  `${rows.length} functions, ${real.filter(({ noticed }) => noticed).length} of ${real.length} planted errors noticed: ${file}\n`,
)
