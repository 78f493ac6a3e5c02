/** The types of one's own file are looked at before a verdict is told. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thawproof, type Ran } from './command.js'

describe("the types of one's own file", function () {
  this.timeout(60_000)
  let folder: string
  let good: string
  const run = (...args: string[]): Ran => thawproof(folder, args)
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    good = readFileSync(new URL('../src/cli/templates/driver.ts.txt', import.meta.url), 'utf8')
    writeFileSync(join(folder, 'bad.ts'), good.replace('!before.wakeup', '!before.wakup'))
    writeFileSync(
      join(folder, 'bad.js'),
      good
        .replace(/^export type.*\n/m, '')
        .replace(', type ValueOf', '')
        .replace('!before.wakeup', '!before.wakup'),
    )
  })
  after(() => rmSync(folder, { recursive: true }))

  it('are told with their place, and no verdict, whatever the command', () => {
    for (const args of [
      ['check', './bad.ts'],
      ['trace', './bad.ts/base', 'wakeup-not-lost'],
      ['walk', './bad.ts', '--runs', '10'],
      ['list', './bad.ts'],
    ]) {
      const { code, out, err } = run(...args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.match(
        err,
        /^thawproof: TS2551: Property 'wakup' does not exist on type .* Did you mean 'wakeup'\?\n {2}bad\.ts:83:32\n {4}82 \| .*\n {2}> 83 \| {5}holds: \(before\) => !before\.wakup,\n {7}\| {32}\^\n {4}84 \| {3}\}\),\n$/,
      )
    }
  })

  it('are left out if that is asked for, loudly, and of JavaScript', () => {
    // Without them the name is found too, where the property is tried.
    const { code, err } = run('check', './bad.ts', '--no-types')
    assert.match(err, /^the types are not looked at: --no-types\n/)
    assert.match(err, /there is no field 'wakup' in the state\n {2}did you mean 'wakeup'\?/)
    assert.equal(code, 2)
    const plain = run('check', './bad.js')
    assert.match(plain.err, /there is no field 'wakup'/)
    assert.equal(plain.code, 2)
  })

  it("are looked at as the author's own configuration wants it", () => {
    mkdirSync(join(folder, 'own'))
    writeFileSync(join(folder, 'own', 'unused.ts'), `${good}\nfunction unused(): void {}\n`)
    assert.equal(run('check', './own/unused.ts').code, 0)
    writeFileSync(join(folder, 'own', 'tsconfig.json'), JSON.stringify({ compilerOptions: { noUnusedLocals: true } }))
    const { code, err } = run('check', './own/unused.ts')
    assert.equal(code, 2)
    assert.match(err, /TS6133: 'unused' is declared but its value is never read/)
  })

  it('know every entry of the package', () => {
    const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, string | { types: string }>
    }
    const names = Object.keys(exports).filter((name) => typeof exports[name] === 'object')
    assert.ok(names.length >= 6)
    const imports = names.map((name, i) => `import * as e${i} from '${name.replace('.', 'thawproof')}'\nvoid e${i}\n`)
    writeFileSync(join(folder, 'entries.ts'), imports.join('') + good)
    const { code, err } = run('check', './entries.ts')
    assert.equal(code, 0, err)
  })
})
