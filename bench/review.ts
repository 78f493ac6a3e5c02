/**
 * Fix commits of the corpus as patch mails, against the trees before them, and hunks by function: `npm run review -- TREE…`
 * with unpacked sources of Linux 6.1, 6.12 and 7.3, and perhaps commits: these alone are done again then, and what
 * `.cache/review-commits.json` has of the others is kept. A tree that has a fix is turned back by undoing it in the lines of
 * one function; what is kept here are names of functions, never text of the kernel. Writes REVIEW.md.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { applyTo } from '../src/match/mail/apply.js'
import { filesOf } from '../src/match/mail/diff.js'
import { messagesOf } from '../src/match/mail/mailbox.js'
import { Overlay } from '../src/match/mail/overlay.js'
import { seriesOf } from '../src/match/mail/series.js'
import { touchedBy } from '../src/match/mail/touched.js'
import type { CFunction } from '../src/match/source/c-file.js'
import { loadGrammar } from '../src/match/source/grammar.js'
import { Library, treeAt, type Tree } from '../src/match/source/tree.js'
import { packageRoot } from '../src/tell/file.js'
import type { ProtocolReview } from '../src/tell/review/review.js'
import { review } from '../src/tell/review/reviewer.js'
import { claimsText } from '../src/tell/review/wording.js'
import { Mistake } from '../src/write/mistake.js'
import { commits, type Commit, type Undo } from './review-commits.js'

const library = new Library(await loadGrammar())
const wanted = process.argv.slice(2).filter((one) => !existsSync(one))
const trees = process.argv
  .slice(2)
  .filter((one) => existsSync(one))
  .map((folder) => ({ folder, tree: treeAt(folder), version: versionOf(treeAt(folder)) }))
if (trees.length === 0) {
  process.stderr.write('usage: npm run review -- TREE…, unpacked sources of Linux\n')
  process.exit(2)
}

function versionOf(tree: Tree): string {
  const makefile = tree.text('Makefile') ?? ''
  const number = (name: string): string => new RegExp(`^${name} = (\\d+)$`, 'm').exec(makefile)?.[1] ?? '?'
  return `${number('VERSION')}.${number('PATCHLEVEL')}.${number('SUBLEVEL')}`
}

/** The text of a function's lines changed, so that the file has them as they were before a commit. */
function undone(text: string, path: string, undo: Undo): string | undefined {
  const found = library
    .file({ name: path, text: (file) => (file === path ? text : undefined) }, path)
    ?.named(undo.in)[0]
  if (!found) return undefined
  const lines = text.split('\n')
  const own = lines.slice(found.line - 1, found.end)
  const changed = changedLines(own, undo)
  return changed && [...lines.slice(0, found.line - 1), ...changed, ...lines.slice(found.end)].join('\n')
}

function changedLines(lines: readonly string[], undo: Undo): readonly string[] | undefined {
  const at = (name: string): number => lines.findIndex((line) => line.includes(name))
  if ('without' in undo) {
    const gone = undo.without.map(at)
    return gone.includes(-1) ? undefined : lines.filter((_, i) => !gone.includes(i))
  }
  if ('put' in undo) {
    const place = at(undo.behind)
    return place < 0
      ? undefined
      : [...lines.slice(0, place + 1), ...undo.put.map((line) => `\t${line}`), ...lines.slice(place + 1)]
  }
  const from = at(undo.move)
  const moved = lines.slice(from, from + (undo.lines ?? 1))
  const rest = lines.filter((_, i) => i < from || i >= from + moved.length)
  const to = rest.findIndex((line) => line.includes(undo.to))
  if (from < 0 || to < 0) return undefined
  const place = to + (undo.after ? 1 : 0)
  return [...rest.slice(0, place), ...moved, ...rest.slice(place)]
}

/** A unified diff, as git writes it. */
function diffOf(path: string, before: string, after: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-bench-'))
  try {
    for (const [side, text] of [
      ['a', before],
      ['b', after],
    ] as const) {
      mkdirSync(dirname(join(folder, side, path)), { recursive: true })
      writeFileSync(join(folder, side, path), text)
    }
    execFileSync('git', ['diff', '--no-index', '--no-color', '--no-prefix', `a/${path}`, `b/${path}`], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Row {
  readonly commit: Commit
  readonly version: string
  readonly protocols: readonly Told[]
  /** Of CPU, models loaded, and how many processes the machine had to run meanwhile. */
  readonly seconds: number
  readonly load: number
}

/** What is told of a protocol. */
type Told = Pick<ProtocolReview, 'protocol' | 'answer' | 'unmodelled'> & { readonly cell: string }

async function reviewed(commit: Commit): Promise<Row | undefined> {
  const found = trees.find(({ version }) => version.startsWith(`${commit.tree}.`))
  if (!found) return undefined
  const { tree, version } = found
  const has = tree.text(commit.file)
  if (has === undefined) return undefined
  const other = commit.undo.reduce<string | undefined>((text, undo) => text && undone(text, commit.file, undo), has)
  if (other === undefined || other === has)
    throw new Error(`${commit.id}: ${commit.file} of ${version} is not as expected`)
  const [before, after] = commit.ahead ? [has, other] : [other, has]
  const mail = `From: corpus@example.org\nSubject: [PATCH] ${commit.title}\n\n---\n${diffOf(commit.file, before, after)}-- \n2.43.0\n`
  const base: Tree = { name: `linux ${version}`, text: (path) => (path === commit.file ? before : tree.text(path)) }
  const began = process.cpuUsage()
  const series = seriesOf(await messagesOf(Buffer.from(mail), commit.id), commit.id)
  const { protocols } = await review(series, base, library)
  const { user, system } = process.cpuUsage(began)
  const told = protocols.map((one) => ({
    protocol: one.protocol,
    answer: one.answer,
    unmodelled: one.unmodelled,
    cell: cell(one),
  }))
  return { commit, version, protocols: told, seconds: (user + system) / 1e6, load: loadavg()[0]! }
}

const kept = join(packageRoot(), '.cache', 'review-commits.json')
interface Kept {
  readonly rows: readonly Row[]
  readonly hunks?: readonly (readonly string[])[]
}

const known: Kept = existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Kept) : { rows: [] }
const rows: Row[] = []
for (const commit of commits) {
  if (wanted.length > 0 && !wanted.includes(commit.id)) {
    rows.push(...known.rows.filter((one) => one.commit.id === commit.id))
    continue
  }
  const row = await reviewed(commit).catch((error: unknown) => {
    if (!(error instanceof Mistake) && !(error instanceof Error)) throw error
    process.stderr.write(`${commit.id}: ${(error as Error).message}\n`)
    return undefined
  })
  if (row) rows.push(row)
  for (const one of row?.protocols ?? []) process.stderr.write(`${commit.id} ${one.protocol}: ${one.cell}\n`)
  if (row) process.stderr.write(`${commit.id}: ${row.seconds.toFixed(1)} s of CPU\n`)
}

function cell({ answer, before, after, derived, claims, differences, unmodelled, limits }: ProtocolReview): string {
  const what = {
    conforms: 'as before',
    closer: 'nearer than before',
    variant: `recognised: ${before} → ${after}`,
    derived: `derived: ${derived?.edits.join('; ')}`,
    differs: `differs: ${differences[0]?.says}`,
    'not compared': `not compared: ${limits[0]}`,
  }[answer]
  const open = unmodelled.length === 0 ? '' : `; not modelled: ${unmodelled.map(({ says }) => says).join(', ')}`
  return `${what}${claims ? `; ${claimsText(claims).replace(/ \(.*$/, '')}` : ''}${open}`
}

/** Which kind of answer a commit got, the best that any protocol gave. */
function kindOf({ protocols }: Row): string {
  const answers = protocols.map(({ answer }) => answer)
  if (answers.includes('variant')) return 'recognised'
  if (answers.includes('derived')) return 'derived'
  if (answers.includes('differs')) return 'differs, told as a way'
  if (protocols.some(({ unmodelled }) => unmodelled.length > 0)) return 'not expressible, named'
  return protocols.length === 0 ? 'nobody reads it' : 'as before'
}

/** Hunks by function between two trees: what was found, by line ranges and by the names that hunk headers give. */
function functionsBetween(
  a: Tree,
  b: Tree,
): {
  readonly truth: number
  readonly found: number
  readonly right: number
  readonly headers: number
  readonly named: number
} {
  let [truth, found, right, headers, named] = [0, 0, 0, 0, 0]
  for (const file of [
    ...new Set(commits.map((one) => one.file)),
    'net/core/dev.c',
    'block/blk-mq.c',
    'kernel/cpu.c',
    'kernel/power/suspend.c',
    'kernel/power/hibernate.c',
    'drivers/base/power/wakeup.c',
    'drivers/base/power/runtime.c',
    'drivers/nvme/host/core.c',
    'fs/super.c',
  ]) {
    const [x, y] = [a.text(file), b.text(file)]
    if (x === undefined || y === undefined || x === y) continue
    const diff = diffOf(file, x, y)
    const touched = filesOf(diff, file).flatMap((one) => touchedBy(applyTo(new Overlay(a), one, file), library))
    const told = new Set(touched.filter(({ alike }) => !alike).map(({ name }) => name))
    const [p, q] = [printsOf(library.file(a, file)!.functions()), printsOf(library.file(b, file)!.functions())]
    const real = new Set([...p.keys(), ...q.keys()].filter((name) => p.get(name) !== q.get(name)))
    const inHeaders = new Set([...diff.matchAll(/^@@ .* @@ .*?(\w+)\(/gm)].map((match) => match[1]!))
    truth += real.size
    found += told.size
    right += [...told].filter((name) => real.has(name)).length
    headers += inHeaders.size
    named += [...inHeaders].filter((name) => real.has(name)).length
  }
  return { truth, found, right, headers, named }
}

function printsOf(functions: readonly CFunction[]): ReadonlyMap<string, string> {
  const prints = new Map<string, string>()
  for (const { name, fingerprint } of functions) prints.set(name, (prints.get(name) ?? '') + fingerprint)
  return prints
}

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`)

/** The trees, and what was found between them. */
function hunkRow(a: (typeof trees)[number], b: (typeof trees)[number]): readonly string[] {
  const { truth, found, right, headers, named } = functionsBetween(a.tree, b.tree)
  const shares = [percent(right, truth), percent(right, found), percent(named, truth), percent(named, headers)]
  return [`${a.version} → ${b.version}`, String(truth), String(found), ...shares]
}

const hunks = (wanted.length > 0 ? known.hunks : undefined) ?? trees.slice(1).map((next, i) => hunkRow(trees[i]!, next))
mkdirSync(dirname(kept), { recursive: true })
writeFileSync(kept, JSON.stringify({ rows, hunks } satisfies Kept))

const kinds = new Map<string, number>()
for (const row of rows) kinds.set(kindOf(row), (kinds.get(kindOf(row)) ?? 0) + 1)
const seconds = rows.map((row) => row.seconds).sort((a, b) => a - b)
const loads = rows.map((row) => row.load).sort((a, b) => a - b)

const page = [
  '# Patch mails of real commits',
  '',
  'Written by `npm run review -- TREE…` (`bench/review.ts`). Each commit is a fix of the corpus. The tree before it is the tree that has it, with the',
  'fix undone in the function that it changed; the mail is the diff between the two. So they are the commits as far as these functions go, in the',
  'surroundings of that tree, not the mails of their time. No text of the kernel is kept here.',
  '',
  `${rows.length} commits: ${[...kinds].map(([kind, n]) => `${n} ${kind}`).join(', ')}. CPU time of a review, its models loaded on the way: median ${seconds[seconds.length >> 1]?.toFixed(1)} s, at most ${seconds.at(-1)?.toFixed(1)} s, on two cores that had ${loads[loads.length >> 1]?.toFixed(0)} processes to run meanwhile.`,
  '',
  '| commit | what it does | tree | function | answer | protocol: what was found | s |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...rows.map(
    (row) =>
      `| ${row.commit.id} | ${row.commit.title} | ${row.version} | \`${row.commit.undo[0]!.in}\` | ${kindOf(row)} | ${row.protocols.map((one) => `${one.protocol}: ${one.cell}`.replace(/\|/g, '\\|')).join('<br>')} | ${row.seconds.toFixed(1)} |`,
  ),
  '',
  '## Hunks by function',
  '',
  'Truth: the functions whose tokens differ between two trees. Found: those that have a line of the diff, but for changes of comments and layout. Beside it the names that git puts into hunk headers.',
  '',
  '| trees | functions that differ | found | recall | precision | hunk headers: recall | precision |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...hunks.map((cells) => `| ${cells.join(' | ')} |`),
  '',
].join('\n')

const file = join(packageRoot(), 'bench', 'REVIEW.md')
writeFileSync(file, await format(page, { ...(await resolveConfig(file)), filepath: file }))
process.stdout.write(`${[...kinds].map(([kind, n]) => `${kind}: ${n}`).join('\n')}\n`)
