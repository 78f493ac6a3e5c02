/** Every command line that is printed runs as it is printed, from where it was printed, and is about the same variant. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandForWish, type Wish } from '../src/tell/explore/question.js'
import type { Named } from '../src/tell/trace.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('a command line that is printed', function () {
  this.timeout(120_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof '))
    mkdirSync(join(folder, 'bin'))
    // As npm would link it: this only works if the build makes it executable.
    symlinkSync(bin, join(folder, 'bin', 'thawproof'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(folder, 'bin'), join(folder, 'node_modules', '.bin'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const typed = (line: string): { code: number | null; out: string } => {
    const PATH = `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`
    // Whoever runs the tests may do so by npm: what is typed here is not.
    const { npm_command, npm_lifecycle_event, ...outside } = process.env
    void [npm_command, npm_lifecycle_event]
    const env = { ...outside, PATH, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env })
    return { code: status, out: stdout + stderr }
  }

  it('after `new` runs, and so do the scripts that it writes', () => {
    const { code, out } = typed('thawproof new my-protocol')
    assert.equal(code, 0, out)
    assert.match(
      out,
      /^wrote my-protocol\.ts, my-protocol\.json, my-protocol\.test\.mjs, tsconfig\.json, package\.json, .*; now:\n/,
    )
    const lines = out.split('\n').filter((line) => line.startsWith('  thawproof '))
    assert.deepEqual(
      lines.map((line) => typed(line).code),
      [0, 0],
    )
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    assert.deepEqual(Object.keys(scripts), ['check', 'watch', 'test'])
    const checked = typed('npm run --silent check')
    assert.equal(checked.code, 0, checked.out)
    assert.match(checked.out, /all claims met/)
  })

  it('shows the run of a claim that is not met, also where the file has a name that a shell takes apart', () => {
    writeFileSync(join(folder, "it's one.ts"), readFileSync(join(folder, 'my-protocol.ts')))
    for (const [command, steps] of [
      ['thawproof check ./my-protocol.ts --patch ignore-wakeups', 3],
      ["thawproof check './it'\\''s one.ts' --patch ignore-wakeups", 3],
    ] as const) {
      const { code, out } = typed(command)
      assert.equal(code, 1, out)
      const line = /replay: (thawproof .*)\n/.exec(out)![1]!
      const shown = typed(line)
      assert.equal(shown.code, 0, line + shown.out)
      assert.match(shown.out, new RegExp(`wakeup-not-lost is violated in ${steps} steps`), line)
    }
  })

  it('tells of the run that `why` explains, and takes the run of `walk` again', () => {
    const why = typed('thawproof why ./my-protocol.ts/base wakeup-not-lost --patch ignore-wakeups')
    assert.equal(why.code, 0, why.out)
    const run = typed(/the run: (thawproof .*)\n/.exec(why.out)![1]!)
    assert.match(run.out, /wakeup-not-lost is violated in 3 steps/)
    const walk = typed('thawproof walk ./my-protocol.ts/base wakeup-not-lost --patch ignore-wakeups --runs 500')
    assert.equal(walk.code, 1, walk.out)
    const again = typed(/again: (thawproof .*)\n/.exec(walk.out)![1]!)
    assert.equal(again.code, 1, again.out)
    assert.equal(again.out.split('\n')[0], walk.out.split('\n')[0])
    assert.match(again.out, /wakeup-not-lost is violated in 3 steps/)
  })

  /** What follows a command line in running text, or is a form to fill in: capitals, an ellipsis. */
  const isForm = (line: string): boolean => /…|\b[A-Z]{2,}\b/.test(line)

  /** Every command line in a text: in backticks, behind a word that announces it, on an indented line of its own, in a page's data. */
  function commandsIn(text: string): readonly string[] {
    const plain = text
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&apos;/g, "'")
      .replace(/&amp;/g, '&')
    const found = [
      ...plain.matchAll(/`((?:npx )?thawproof [^`\n]+)`/g),
      ...plain.matchAll(/(?:[Rr]eplay|again|the run): ((?:npx )?thawproof [^"<\n]+)/g),
      ...plain.matchAll(/^ {2,}((?:npx )?thawproof .+)$/gm),
      ...plain.matchAll(/"command":"(thawproof (?:[^"\\]|\\.)+)"/g),
    ].map(([, line]) => line!.trim())
    // The name of a command alone is spoken of, not to be typed.
    return [...new Set(found)].filter((line) => !isForm(line) && /thawproof (list$|[a-z]+ \w?[\w.'/])/.test(line))
  }

  /** Runs all that is printed by some commands, and what that prints is not followed; answers what was run. */
  function follow(...printed: readonly string[]): readonly string[] {
    const lines = [...new Set(printed.flatMap(commandsIn))]
    for (const line of lines) {
      const { code, out } = typed(line)
      assert.ok(code === 0 || code === 1 || code === 3, `${line} ends with ${String(code)}\n${out}`)
    }
    return lines
  }

  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

  it('runs out of every report, page and mail', () => {
    const broken = './my-protocol.ts --patch ignore-wakeups'
    const check = typed(`thawproof check ${broken} --sarif out.sarif --junit out.xml --html out.html`)
    assert.equal(check.code, 1, check.out)
    const trace = 'thawproof trace ./my-protocol.ts wakeup-not-lost --patch ignore-wakeups'
    for (const text of [check.out, read('out.sarif'), read('out.xml'), read('out.html')])
      assert.deepEqual(commandsIn(text), [trace], text.slice(0, 2000))
    const mail = typed(`${trace} --format mail`)
    assert.deepEqual(commandsIn(mail.out), [`npx ${trace}`])
    assert.deepEqual(follow(check.out, mail.out), [trace, `npx ${trace}`])
  })

  it('runs where something is asked that cannot be answered', () => {
    const asked = [
      'thawproof check ./my-protocol.ts/nothing*',
      'thawproof check ./my-protocol.ts freezer --patch ignore-wakeups',
      'thawproof compare ./my-protocol.ts/without-cancel base ignore-wakeups',
      'thawproof bisect ./my-protocol.ts/without-cancel wakeup-not-lost base ignore-wakeups',
      'thawproof mutate ./my-protocol.ts/base --record',
      'thawproof check ./nowhere.ts',
    ].map((line) => {
      const { code, out } = typed(line)
      assert.equal(code, 2, line + out)
      return out
    })
    assert.deepEqual(follow(...asked), [
      'thawproof list ./my-protocol.ts',
      'thawproof check ./my-protocol.ts --patch ignore-wakeups',
      'thawproof compare ./my-protocol.ts base without-cancel',
      'thawproof mutate ./my-protocol.ts --record',
      'thawproof list',
    ])
  })

  it('runs out of what fixes, compares, plants errors, walks and lists', () => {
    const printed = [
      'thawproof fix ./my-protocol.ts/without-cancel',
      'thawproof compare ./my-protocol.ts base ignore-wakeups',
      'thawproof bisect ./my-protocol.ts wakeup-not-lost base ignore-wakeups',
      'thawproof mutate ./my-protocol.ts/base',
      'thawproof walk ./my-protocol.ts/base --runs 20',
      'thawproof list ./my-protocol.ts',
      'thawproof check ./my-protocol.ts --max-states 3',
    ].map((line) => {
      const { code, out } = typed(line)
      assert.ok(code !== 2 && code !== 70, line + out)
      return out
    })
    assert.deepEqual(follow(...printed), ['thawproof check ./my-protocol.ts/base'])
  })

  it('runs where the explorer was cut, whatever was looked for, in every variant that it shows', () => {
    const own = { address: './my-protocol.ts', id: 'base', parameters: {}, patches: [] }
    const ignoring = { ...own, id: null, patches: ['ignore-wakeups'] }
    const plain = { ...own, address: 'resume-locks', id: null }
    const asked: readonly (readonly [Named, Wish, found: RegExp])[] = [
      [own, { kind: 'field', field: 'machine', value: 'asleep' }, /^to machine == "asleep": 2 steps$/m],
      [ignoring, { kind: 'step', name: 'suspend.enter/sleeps' }, /^until suspend.enter\/sleeps: 2 steps$/m],
      [own, { kind: 'stands', thread: 'suspend', label: 'wake' }, /^to at\(suspend, 'wake'\): \d steps$/m],
      [own, { kind: 'condition', text: 'wakeup && machine != "asleep"' }, /^to wakeup && .*: 1 step$/m],
      [ignoring, { kind: 'breaks', property: 'wakeup-not-lost' }, /^wakeup-not-lost is violated in 3 steps$/m],
      [plain, { kind: 'deadlock' }, /^no-deadlock (is \w+|holds)/m],
      [own, { kind: 'meets', property: 'wakeup-not-lost' }, /all claims met/],
    ]
    for (const [named, wish, found] of asked) {
      const line = commandForWish(named, wish)
      const { code, out } = typed(line)
      assert.ok(code === 0 || code === 1, line + out)
      assert.match(out, found, line)
    }
  })

  it('runs out of what is told of a log, and out of the pages of a protocol', () => {
    const log = fileURLToPath(new URL('../specs/logs/task-does-not-freeze-systemd-37590.txt', import.meta.url))
    const told = typed(`thawproof diagnose ${log} freezer`)
    assert.ok(told.code === 0 || told.code === 1, told.out)
    const page = readFileSync(new URL('../specs/resume-locks.md', import.meta.url), 'utf8')
    const ran = follow(told.out, page)
    assert.ok(
      ran.some((line) => line.startsWith('thawproof check resume-locks')),
      ran.join('\n'),
    )
  })
})
