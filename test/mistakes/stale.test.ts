/** What was saved of one model is never taken for that of another: a constant, a helper, or the environment may have changed. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const text = (
  limit: string,
  helper: string,
): string => `import { env, int, over, propertiesOver, record, system } from 'thawproof'
import { far } from './helper.mjs'
const state = record({ a: int(0, 60), b: int(0, 60) })
const { model, action } = over(state)
const LIMIT = ${limit}
const on = (a) => (a + 1) % 61
export default model('stale', {
  question: 'Is it the same?', actors: { k: system('counts') }, initial: () => ({ a: 0, b: 0 }),
  parts: () => [
    action('a', { actor: 'k', origin: env('x'), then: (d) => void (d.a = on(d.a)) }),
    action('b', { actor: 'k', origin: env('x'), then: (d) => void (d.b = on(d.b)) }),
  ],
})
export const properties = [propertiesOver(state).always('near', 'It is near.', (s) => !far(s, LIMIT))]
${helper}`

const helper = (by: number): string => `export const far = (s, limit) => s.a + s.b > limit + ${by}\n`

describe('what was saved', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (limit: string, by: number): void => {
    writeFileSync(join(folder, 'helper.mjs'), helper(by))
    writeFileSync(join(folder, 'stale.mjs'), text(limit, ''))
  }
  const run = (env: object, ...args: string[]) => {
    const cli = new URL('../../dist/src/cli/main.js', import.meta.url).pathname
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'check', './stale.mjs', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    })
    return { status, said: stdout + stderr }
  }
  const cut = ['--checkpoint', 'saved', '--max-states', '1000', '--workers', '1']
  const on = ['--checkpoint', 'saved', '--continue', '--workers', '1']

  const changes: Readonly<Record<string, () => void>> = {
    'a constant of the module': () => write('2', 100),
    'a helper in another module': () => write('100', 2),
  }
  for (const [what, change] of Object.entries(changes))
    it(`of a search is refused when it was changed: ${what}`, () => {
      write('100', 100)
      assert.equal(run({}, ...cut).status, 3)
      change()
      const { status, said } = run({}, ...on)
      assert.match(
        said,
        /checkpoint saved\/.*: is of another stale: its module, what that imports, or the checker has changed\n {2}start again without --continue/,
      )
      assert.equal(status, 2)
    })

  it('of a search is taken up when nothing was changed', () => {
    write('100', 100)
    assert.equal(run({}, ...cut).status, 3)
    assert.equal(run({}, ...on).status, 0)
  })

  it('of a search is refused when it cannot be known what it was of', () => {
    write('Number(process.env.LIMIT)', 0)
    assert.equal(run({ LIMIT: '200' }, ...cut).status, 3)
    const { status, said } = run({ LIMIT: '3' }, ...on)
    assert.match(said, /cannot be known to be of this stale: that imports or asks for what is not in its text/)
    assert.equal(status, 2)
  })

  it('of a claim is not asked for when it depends on the environment', () => {
    for (const limit of ['Number(process.env.LIMIT)', `Number(globalThis['process'].env.LIMIT)`]) {
      write(limit, 0)
      assert.equal(run({ LIMIT: '200' }).status, 0)
      assert.equal(run({ LIMIT: '3' }).status, 1)
    }
  })
})
