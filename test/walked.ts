/**
 * Pages that teach, done literally: files are written as a page says, commands run in an empty folder, and what they print is put
 * where the page shows it. What a page may say is in {@link acts}; any other code block in a page is a mistake.
 */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** How a folder gets the package. */
export interface Source {
  install(folder: string): void
  /** Folders of programs that come before all others. */
  readonly programs: readonly string[]
}

/** The package as it is packed, unpacked beside its dependencies, which stand in for a registry: what `npm install` would leave. */
export class Store implements Source {
  private readonly folder = mkdtempSync(join(tmpdir(), 'thawproof-store-'))
  private readonly modules = join(this.folder, 'node_modules')
  /** An `npx` that starts what is installed, at once, and looks like npx to it. */
  readonly programs = [join(this.folder, 'bin')]

  constructor() {
    const own = join(this.modules, 'thawproof')
    mkdirSync(own, { recursive: true })
    execFileSync('tar', ['-xzf', packed(this.folder), '--strip-components=1', '-C', own])
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(this.modules, name))
    mkdirSync(join(this.modules, '.bin'))
    symlinkSync('../thawproof/dist/src/cli/main.js', join(this.modules, '.bin', 'thawproof'))
    const program = join(this.folder, 'bin', 'npx')
    mkdirSync(dirname(program))
    writeFileSync(program, '#!/bin/sh\nprogram=$1; shift\nnpm_command=exec exec "node_modules/.bin/$program" "$@"\n')
    chmodSync(program, 0o755)
  }

  install(folder: string): void {
    symlinkSync(this.modules, join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{}\n')
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Packs the package into a folder; returns the tarball. */
export function packed(folder: string): string {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root, stdio: 'pipe' })
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.tgz'))!,
  )
}

/** What a sentence in front of a code block tells the reader to do with it; `text` is the block. */
const acts: readonly (readonly [RegExp, (folder: string, told: RegExpMatchArray, text: string) => void])[] = [
  [/(?:^|\s)Write `([^`]+)`[^`]*:$/, (folder, [, file], text) => write(join(folder, file!), text)],
  [
    /In `([^`]+)`, above [^`]*`([^`]+)`[^`]*:$/,
    (folder, [, file, mark], text) => insert(join(folder, file!), mark!, (line) => [text.trimEnd(), line]),
  ],
  [
    /In `([^`]+)`, instead of [^`]*`([^`]+)`[^`]*:$/,
    (folder, [, file, mark], text) => insert(join(folder, file!), mark!, () => [text.trimEnd()]),
  ],
]

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Puts lines where the only line of a file is that is a text, or else begins with it. */
function insert(file: string, mark: string, put: (line: string) => readonly string[]): void {
  const lines = readFileSync(file, 'utf8').split('\n')
  const whole = lines.filter((line) => line === mark)
  const found = whole.length > 0 ? whole : lines.filter((line) => line.trimStart().startsWith(mark))
  assert.equal(found.length, 1, `${file} has ${found.length} lines that begin with ${mark}`)
  writeFileSync(file, lines.flatMap((line) => (line === found[0] ? put(line) : [line])).join('\n'))
}

/** A command that was run. */
type Ran = readonly [command: string, code: number | null, seconds: number]

/** What became of a walk: the page as it should be, and the commands with their exit codes and the seconds that each took. */
export interface Walked {
  readonly fresh: string
  readonly commands: readonly Ran[]
}

/** Does what a page in markdown says, block after block, in a folder that has the files `given` and nothing else. */
export function walked(page: string, source: Source, given: Readonly<Record<string, string>> = {}): Walked {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-walk-'))
  try {
    for (const [file, text] of Object.entries(given)) write(join(folder, file), text)
    const commands: Ran[] = []
    const run = runner(folder, source, commands)
    const fresh = page.replaceAll(/```(\w+)\n([^]*?)```/g, (block, language: string, text: string, at: number) => {
      const before = page.slice(0, at).trimEnd().split('\n\n').at(-1)!.replaceAll('\n', ' ')
      if (language === 'console') return `\`\`\`console\n${transcript(text, run)}\`\`\``
      if (language === 'text') return block
      for (const [says, act] of acts) {
        const told = says.exec(before)
        if (told) return (act(folder, told, text), block)
      }
      assert.fail(`what is to be done with this block? it is behind: ${before.slice(-200)}\n${text}`)
    })
    return { fresh, commands }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs a command as a shell does in a terminal of 80 columns; returns what it prints. */
function runner(folder: string, source: Source, commands: Ran[]): (command: string) => string {
  const PATH = [...source.programs, process.env['PATH'] ?? ''].join(delimiter)
  const npm = { npm_config_update_notifier: 'false' }
  const env = { ...npm, PATH, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, '.cache') }
  return (command) => {
    const since = performance.now()
    const seconds = (): number => (performance.now() - since) / 1000
    if (command === 'npm install --silent thawproof') {
      source.install(folder)
      commands.push([command, 0, seconds()])
      return ''
    }
    const { status, stdout } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd: folder, encoding: 'utf8', env })
    commands.push([command, status, seconds()])
    return stdout
  }
}

/** The commands of a block, each with what it prints now. */
const transcript = (text: string, ran: (command: string) => string): string =>
  text
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => `${line}\n${ran(line.slice(2))}`)
    .join('')
