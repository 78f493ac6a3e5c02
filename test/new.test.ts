/** What `thawproof new` writes is as claimed from the start, and shows its fault; each template, and the test beside it. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadFile } from '../src/cli/load.js'
import { checkClaim } from '../src/tell/claim.js'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('what `thawproof new` writes', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
  after(() => rmSync(folder, { recursive: true }))
  const run = (...args: string[]): { code: number | null; out: string } => {
    const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder, 'cache') }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env })
    return { code: status, out: stdout + stderr }
  }

  for (const template of ['driver', 'handshake', 'workqueue', 'vmm'])
    it(`is as claimed, and its fault is noticed: ${template}`, async () => {
      const name = `my-${template}`
      for (const kind of ['ts', 'json'])
        writeFileSync(
          join(folder, `${name}.${kind}`),
          readFileSync(`src/cli/templates/${template}.${kind}.txt`, 'utf8').replaceAll('my-protocol', name),
        )
      const protocol = await loadFile(join(folder, `${name}.ts`))
      const claims = await Promise.all(protocol.spec.instances.map((one) => checkClaim(protocol, one)))
      assert.deepEqual(
        claims.map(({ differences, outcome }) => [differences, outcome.complete, outcome.unfired]),
        claims.map(() => [[], true, []]),
      )
      const violated = claims.map(({ outcome }) => outcome.verdicts.some(({ verdict }) => verdict === 'violated'))
      assert.deepEqual(violated, [false, true])
    })

  it('is strictly typed, and has a test, scripts and a workflow that are right for the folder', () => {
    const mine = run(bin, 'new', 'mine', '--template', 'vmm')
    assert.equal(mine.code, 0, mine.out)
    assert.match(
      mine.out,
      /^wrote mine\.ts, mine\.json, mine\.test\.mjs, tsconfig\.json, package\.json, \.github\/workflows\/thawproof\.yml; now:\n/,
    )
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: object }
    assert.deepEqual(Object.keys(scripts), ['check', 'watch', 'test'])
    // The compiler looks at it before anything is told.
    const checked = run(bin, 'check')
    assert.equal(checked.code, 0, checked.out)
    assert.match(checked.out, /✓ mine +2 instances[^]*all claims met: 5 protocols, 10 instances/)
    const tested = run('--test', 'mine.test.mjs')
    assert.equal(tested.code, 0, tested.out)
    assert.match(tested.out, /# pass 11\n/)
    writeFileSync(
      join(folder, 'mine.json'),
      readFileSync(join(folder, 'mine.json'), 'utf8').replace('"violated"', '"holds"'),
    )
    assert.match(run('--test', 'mine.test.mjs').out, /# fail 2\n/)
  })

  it('keeps the package that there is, and adds what it lacks', () => {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'own', scripts: { check: 'mine', test: 'echo "Error: no test specified" && exit 1' } }),
    )
    assert.equal(run(bin, 'new', 'other').code, 0)
    const { name, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string
      scripts: Record<string, string>
    }
    assert.deepEqual([name, scripts.check], ['own', 'mine'])
    assert.match(scripts.test!, /main\.js check && node --test$/)
    assert.equal(run(bin, 'new', 'other').code, 2, 'never overwrites')
  })
})
