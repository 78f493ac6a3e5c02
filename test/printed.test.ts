/** Every command line that is printed runs as it is printed, from where it was printed, and is about the same variant. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('a command line that is printed', function () {
  this.timeout(120_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof '))
    mkdirSync(join(folder, 'bin'))
    // As npm would link it: this only works if the build makes it executable.
    symlinkSync(bin, join(folder, 'bin', 'thawproof'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const typed = (line: string): { code: number | null; out: string } => {
    const PATH = `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`
    const env = { ...process.env, PATH, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env })
    return { code: status, out: stdout + stderr }
  }

  it('after `new` runs, and so do the scripts that it writes', () => {
    const { code, out } = typed('thawproof new my-protocol')
    assert.equal(code, 0, out)
    assert.match(out, /^wrote my-protocol\.ts, my-protocol\.json, tsconfig\.json, package\.json; now:\n/)
    const lines = out.split('\n').filter((line) => line.startsWith('  thawproof '))
    assert.deepEqual(
      lines.map((line) => typed(line).code),
      [0, 0],
    )
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    assert.deepEqual(Object.keys(scripts), ['check', 'test'])
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
})
