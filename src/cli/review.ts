/** `thawproof review`: what a patch mail, a series or a diff does to the protocols that read the functions it touches. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { messagesOf, type Message } from '../match/mail/mailbox.js'
import { seriesOf, type Series } from '../match/mail/series.js'
import { loadGrammar } from '../match/source/grammar.js'
import { Library, treeAt, type Tree } from '../match/source/tree.js'
import type { Limits } from '../search/explore.js'
import { b4Check, terseLines } from '../tell/review/b4.js'
import { reviewMail } from '../tell/review/mail.js'
import { findingOf, type Review } from '../tell/review/review.js'
import { review } from '../tell/review/reviewer.js'
import { reviewSarif } from '../tell/review/sarif.js'
import { reviewLines } from '../tell/review/text.js'
import { colour } from '../tell/text.js'
import { Mistake } from '../write/mistake.js'
import { columns, interruptible, limitsOf, oneOf, withBounds } from './options.js'

interface ReviewOptions extends Limits {
  readonly tree?: string
  readonly at?: string
  readonly format: 'text' | 'mail' | 'json' | 'sarif'
  readonly b4?: boolean
  readonly terse?: boolean
  readonly url: string
  readonly thorough?: boolean
}

/** Adds the command. */
export function reviewCommand(root: Command): void {
  const command = root
    .command('review [mails...]')
    .description('tell what a patch mail, an mbox or a diff does to the protocols that read what it touches')
    .option('--tree <folder>', 'the source tree that it is for (default: the top of the git work tree)')
    .option(
      '--at <commit>',
      'read the tree at a commit (default: as it lies there, or at the base-commit that the mail names)',
    )
    .addOption(oneOf('--format <name>', 'how to write it', ['text', 'mail', 'json', 'sarif']).default('text'))
    .addOption(new Option('--b4', 'write what b4 review reads: one JSON object, or nothing').conflicts('terse'))
    .addOption(new Option('--terse', 'write lines like those of checkpatch, for b4 am and b4 prep'))
    .option('--thorough', 'search the claims under all parameters, however large the space')
    .option('--url <url>', 'with --b4: where more is told', '')
    .action(async (mails: string[], options: ReviewOptions) => {
      process.exitCode = await run(mails, options)
    })
  withBounds(command)
}

async function run(mails: readonly string[], options: ReviewOptions): Promise<number> {
  if (!options.b4 && !options.terse) return reviewed(mails, options)
  try {
    return await reviewed(mails, options)
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    // Whatever stands on stderr is a failure of the patch to b4, and this is none: it is said where b4 reads.
    const says = error.message.replace(/\s*\n\s*/g, '; ')
    process.stdout.write(
      options.b4
        ? `${JSON.stringify({ tool: 'thawproof', status: 'warn', summary: `not reviewed: ${says}`, url: options.url, details: error.message })}\n`
        : `-:1: WARNING: thawproof: not reviewed: ${says}\n`,
    )
    return 2
  }
}

async function reviewed(mails: readonly string[], options: ReviewOptions): Promise<number> {
  const name = mails.length === 1 ? mails[0]! : 'the mails'
  const series = seriesOf(await messagesIn(mails), name === '-' ? 'the mail' : name)
  if (series.patches.length === 0) {
    if (options.b4 || options.terse) return 0
    throw new Mistake(
      name,
      'is a cover letter, and has no patch in it',
      'give it the mails of the series as well, or the mbox of b4 am',
    )
  }
  const tree = treeFor(series, options)
  const { signal, done } = interruptible()
  const found = await review(series, tree, new Library(await loadGrammar()), {
    ...limitsOf(options),
    signal,
    ...(options.thorough && { thorough: true }),
  })
  done()
  process.stdout.write(written(found, options))
  if (signal.aborted) return 130
  return { nothing: 0, something: 1, cut: 3 }[findingOf(found)]
}

function written(found: Review, { format, b4, terse, url }: ReviewOptions): string {
  if (b4) {
    const check = b4Check(found, url)
    return check ? `${JSON.stringify(check)}\n` : ''
  }
  if (terse)
    return terseLines(found)
      .map((line) => `${line}\n`)
      .join('')
  switch (format) {
    case 'json':
      return `${JSON.stringify(found, null, 2)}\n`
    case 'sarif':
      return `${JSON.stringify(reviewSarif(found), null, 2)}\n`
    case 'mail':
      colour(false)
      return reviewMail(found)
    case 'text':
      return `${reviewLines(found, columns()).join('\n')}\n`
  }
}

/** More than this is no mail, and no mailbox that anybody reviews at once; in bytes. */
const mostBytes = 64 * 2 ** 20

/** The messages of files, of the folders of a maildir, of standard input. */
async function messagesIn(mails: readonly string[]): Promise<readonly Message[]> {
  const read = await Promise.all(
    (mails.length === 0 ? ['-'] : mails)
      .flatMap(filesAt)
      .map((file) => messagesOf(bytesOf(file), file === '-' ? 'standard input' : file)),
  )
  return read.flat()
}

function filesAt(path: string): readonly string[] {
  if (path === '-') return [path]
  if (!existsSync(path))
    throw new Mistake(
      path,
      'there is no such file',
      'name a mail, an mbox, a maildir or a diff, or - to read standard input',
    )
  if (!statSync(path).isDirectory()) return [path]
  const folders = ['new', 'cur'].map((name) => join(path, name)).filter((folder) => existsSync(folder))
  if (folders.length === 0) throw new Mistake(path, 'is a folder, and no maildir', 'name its mails: folder/*.patch')
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((file) => join(folder, file)),
  )
}

function bytesOf(file: string): Uint8Array {
  if (file === '-' && process.stdin.isTTY)
    throw new Mistake('review', 'waits for a mail on standard input', 'name a mail, an mbox or a diff, or pipe one in')
  if (file !== '-' && statSync(file).size > mostBytes) throw tooLong(file)
  const bytes = readFileSync(file === '-' ? 0 : file)
  if (bytes.length > mostBytes) throw tooLong(file)
  return bytes
}

const tooLong = (file: string): Mistake =>
  new Mistake(file, `has more than ${mostBytes / 2 ** 20} MiB`, 'give it one series at a time')

/** The tree that a series is for: a commit if one is asked for, or the one that it says it was made on, if git knows it. */
function treeFor({ base }: Series, { tree, at }: ReviewOptions): Tree {
  const folder = tree ?? git('.', ['rev-parse', '--show-toplevel'])?.trim()
  if (folder === undefined)
    throw new Mistake('review', 'this is no git work tree', 'name the source tree: --tree <folder>')
  const plain = treeAt(folder)
  const commit = at ?? (base !== null && isWorkTree(folder) && knows(folder, base) ? base : undefined)
  if (commit === undefined) return { ...plain, name: versionOf(plain) }
  const full = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`])?.trim()
  if (!full) throw new Mistake(`--at ${commit}`, `is no commit that ${folder} knows`, 'fetch it, or name another one')
  const texts = new Map<string, string | undefined>()
  const text = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, git(folder, ['show', `${full}:${path}`]))
    return texts.get(path)
  }
  return { name: `commit ${full.slice(0, 12)}`, text }
}

/** Whether a folder is the top of a work tree: a tree that was unpacked inside of another project's is not its. */
const isWorkTree = (folder: string): boolean => existsSync(join(folder, '.git'))

const knows = (folder: string, commit: string): boolean =>
  git(folder, ['cat-file', '-e', `${commit}^{commit}`]) !== undefined

/** What git says; undefined if it fails, or is not there. */
function git(folder: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: mostBytes,
    })
  } catch {
    return undefined
  }
}

/** What a tree calls itself, in its Makefile, as Linux does; else what it was called. */
function versionOf(tree: Tree): string {
  const makefile = tree.text('Makefile') ?? ''
  const number = (name: string): string | undefined => new RegExp(`^${name} = (\\d+)$`, 'm').exec(makefile)?.[1]
  const parts = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(number)
  return parts.every((part) => part !== undefined) ? `linux ${parts.join('.')}` : tree.name
}
