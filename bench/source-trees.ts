/**
 * Every mapping held against source trees, which variant each tree is, and errors planted in the version that was read:
 * `npm run source:trees -- TREE… [+PROTOCOL…]`. The result is `specs/source/README.md`. `bench/kernel-trees DIR` gets
 * Debian's; trees of Xen, QEMU and CRIU may be named as well, and as `@TREE` those that only hold what others lack
 * ("elsewhere" of a mapping). With names of protocols only these are done again, and what
 * `.cache/source-trees.json` has of the others is kept.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Conformance } from '../src/match/source/conformance.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import { expectedIn, generationIn, kindOfTree, versionOf } from '../src/match/source/kind.js'
import { functionNamed, kindOf, type Root, type SourceMapping } from '../src/match/source/mapping.js'
import { Library, treeAt, type Tree } from '../src/match/source/tree.js'
import { fitsOf, heldUnder, type Fit } from '../src/match/source/variants.js'
import { packageRoot } from '../src/tell/file.js'
import { loadProtocol } from '../src/tell/protocol.js'
import { mappedProtocols, mappingOf } from '../src/tell/source/mappings.js'
import { limit } from '../src/tell/source/told.js'
import { instantiate } from '../src/write/system.js'
import { mutantsOf, type Kind, type Mutant } from './source-mutants.js'

interface Column {
  readonly tree: Tree
  /** Whether it is held only against what other trees lack. */
  readonly rest: boolean
  readonly kind: ReturnType<typeof kindOf>
  readonly version: string
}

/** What is told of one function. */
interface Row {
  readonly kind: ReturnType<typeof kindOf>
  readonly elsewhere: boolean
  readonly function: string
  readonly thread: string
  /** By version; none where the tree is of another project. */
  readonly cells: Readonly<Record<string, string>>
}

/** What came out for one protocol. */
interface Result {
  readonly rows: readonly Row[]
  readonly mutants: readonly Mutant[]
  /** Which variants fit, by version. */
  readonly fits: Readonly<Record<string, string>>
}

const named = process.argv.slice(2)
const folders = named.filter((one) => !one.startsWith('+'))
const wanted = named.filter((one) => one.startsWith('+')).map((one) => one.slice(1))
if (folders.length === 0)
  throw new Error('name source trees: npm run source:trees -- TREE…; bench/kernel-trees gets some')
const mappings = mappedProtocols().map((name) => mappingOf(name)!)
const columns: Column[] = folders.map((named) => {
  const folder = named.replace(/^@/, '')
  const tree = treeAt(folder)
  const kind = kindOfTree(tree, mappings)
  const version = versionOf(tree, kind)
  return { tree, kind, rest: named !== folder, version: version === kind ? `${kind}, ${basename(folder)}` : version }
})

/** Whether a root is held against a tree. */
const concerns = ({ tree, kind, rest, version }: Column, root: Root): boolean =>
  kindOf(root) === kind && expectedIn(root, tree, version) && (!rest || root.elsewhere !== undefined)
const grammar = await loadGrammar()
const library = new Library(grammar)

/** Holds every root of a protocol against every tree of its project, and plants errors in the one that was read. */
async function resultOf(mapping: SourceMapping): Promise<Result> {
  const { model, spec } = await loadProtocol(mapping.protocol)
  const rows: Row[] = []
  const mutants: Mutant[] = []
  for (const root of mapping.roots) {
    const cells: Record<string, string> = {}
    for (const column of columns) {
      const { tree, kind, rest, version } = column
      if (!concerns(column, root)) {
        if (kind === kindOf(root) && !rest && root.elsewhere === undefined) cells[version] = 'newer'
        continue
      }
      const generation = generationIn(root, version)
      const [found] = await heldUnder(model, mapping, [root], () => generation, tree, library)
      cells[version] = cell(found!, generation)
      if (version !== root.read?.at || found!.outcome !== 'agrees') continue
      const patches = [...(root.patches ?? []), ...generation]
      const system = instantiate(model, { parameters: root.parameters ?? {}, patches })
      mutants.push(...(await mutantsOf({ system, mapping, root }, found!, tree, library, grammar)))
    }
    rows.push({
      kind: kindOf(root),
      elsewhere: root.elsewhere !== undefined,
      function: functionNamed(root.function).name,
      thread: threadName(root),
      cells,
    })
  }
  const fits: Record<string, string> = {}
  const sets = spec.instances.map(({ patches }) => patches)
  for (const column of columns) {
    const { tree, version } = column
    const roots = mapping.roots.filter((root) => concerns(column, root))
    if (roots.length > 0) fits[version] = fitsCell(await fitsOf(model, mapping, roots, sets, tree, library))
  }
  process.stderr.write(`${mapping.protocol}: ${rows.length} functions, ${mutants.length} planted\n`)
  return { rows, mutants, fits }
}

const threadName = ({ thread, parameters = {} }: Root): string =>
  [thread, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(' ')

/** The variants that fit; else the nearest. */
function fitsCell(fits: readonly Fit[]): string {
  const name = ({ patches }: Fit): string => (patches.length === 0 ? 'base' : patches.join(' + '))
  const fitting = fits.filter(({ differences }) => differences === 0)
  if (fitting.length > 0) {
    const more = fitting.length - mostTold
    return fitting.slice(0, mostTold).map(name).join(', ') + (more > 0 ? ` and ${more} more` : '')
  }
  const nearest = fits.find(({ differences }) => differences < Infinity)
  return nearest ? `none; nearest ${name(nearest)}, ${nearest.differences} differ` : 'not compared'
}

/** Variants that are named in a cell. */
const mostTold = 3

function cell(found: Conformance, generation: readonly string[]): string {
  const open = found.deviations.filter(({ declared }) => declared === undefined).length
  const declared = found.deviations.length - open
  const variant = generation.length === 0 ? '' : ` as ${generation.join(' + ')}`
  const said = variant + (declared === 0 ? '' : `, ${declared} declared`)
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

function page(results: Readonly<Record<string, Result>>): string {
  const all = Object.values(results)
  const mutants = all.flatMap((one) => one.mutants)
  const protocols = all.filter(({ rows }) => rows.length > 0).length
  const linux = columns.filter(({ kind, rest }) => kind === 'linux' && !rest).map(({ version }) => version)
  const others = Object.entries(results).flatMap(([protocol, { rows }]) =>
    rows.filter(isOther).flatMap((row) => otherRows(protocol, row)),
  )
  const without = mappings.filter((one) => one.without !== undefined)
  const parts = [
    '# Models held against the source',
    '<!-- Written by `npm run source:trees`. -->',
    `${all.flatMap((one) => one.rows).length} functions of ${protocols} protocols. ${limit} A function that agrees may have differences that are declared, with their reasons on the page of its protocol. A mapping is made from one version; in another, what differs is what has changed. "As X": the mapping says that this version has the code of the patch X. "Newer": that this version has no such code yet.`,
    '## Linux',
    linuxTable(results, linux),
    '## Other trees',
    table(['Protocol', 'Function', 'Thread', 'Tree', 'Answer'], others),
    '## Held against no C',
    table(
      ['Protocol', 'Why'],
      without.map(({ protocol, without: why }) => [`[${protocol}](../${protocol}.md)`, why!]),
    ),
    '## Which variant a tree is',
    "Of the base, each patch of the model, and the sets of patches that claims are made about: those under which all of a protocol's functions agree. Several do where what tells them apart is a guard or an effect.",
    variantTable(results),
    ...(mutants.length > 0 ? plantedParts(mutants) : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function linuxTable(results: Readonly<Record<string, Result>>, versions: readonly string[]): string {
  const told = Object.entries(results).flatMap(([protocol, { rows }]) =>
    rows.filter((row) => !isOther(row)).map((row) => ({ protocol, ...row })),
  )
  const sums = versions.map((version) => {
    const cells = told.flatMap((row) => row.cells[version] ?? []).filter((text) => text !== 'newer')
    return `${cells.filter((text) => text.startsWith('agrees')).length} of ${cells.length} agree`
  })
  return table(
    ['Protocol', 'Function', 'Thread', ...versions],
    [
      ...told.map(({ protocol, function: name, thread, cells }) => [
        `[${protocol}](../${protocol}.md)`,
        `\`${name}\``,
        `\`${thread}\``,
        ...versions.map((version) => cells[version] ?? ''),
      ]),
      ['', 'all', '', ...sums],
    ],
  )
}

/** Whether no tree of Linux is asked for a function. */
const isOther = ({ kind, elsewhere }: Row): boolean => kind !== 'linux' || elsewhere

const otherRows = (protocol: string, { function: name, thread, cells }: Row): readonly (readonly string[])[] =>
  Object.entries(cells).map(([version, text]) => [
    `[${protocol}](../${protocol}.md)`,
    `\`${name}\``,
    `\`${thread}\``,
    version,
    text,
  ])

function variantTable(results: Readonly<Record<string, Result>>): string {
  const linux = columns.filter(({ kind, rest }) => kind === 'linux' && !rest).map(({ version }) => version)
  const rows = Object.entries(results).flatMap(([protocol, { fits }]) => {
    const other = Object.entries(fits).filter(([version]) => !linux.includes(version))
    const cells = [...linux.map((version) => fits[version] ?? ''), other.map((one) => one.join(': ')).join('; ')]
    return Object.keys(fits).length === 0 ? [] : [[`[${protocol}](../${protocol}.md)`, ...cells]]
  })
  return table(['Protocol', ...linux, 'other'], rows)
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
    'In each function that agrees, up to two errors of each kind are planted, and the comparison is made again. A comment must not be noticed. An exit is not where nothing follows that the thread would see, or where one is declared.',
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

const kept = join(packageRoot(), '.cache', 'source-trees.json')
const before =
  wanted.length > 0 && existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Record<string, Result>) : {}
const results: Record<string, Result> = {}
for (const mapping of mappings) {
  const { protocol } = mapping
  const known = before[protocol]
  if (wanted.length === 0 || wanted.includes(protocol)) results[protocol] = await resultOf(mapping)
  else if (known) results[protocol] = known
}
mkdirSync(join(packageRoot(), '.cache'), { recursive: true })
writeFileSync(kept, JSON.stringify(results))
const file = join(packageRoot(), 'specs', 'source', 'README.md')
writeFileSync(file, page(results))
const real = Object.values(results).flatMap(({ mutants }) => mutants.filter(({ kind }) => kind !== 'comment'))
const noticed = real.filter((one) => one.noticed).length
process.stdout.write(`${noticed} of ${real.length} planted errors noticed: ${file}\n`)
