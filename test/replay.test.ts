/** A trace that is replayed is judged: a file that says that a property is violated is not believed. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))

describe('a trace that is replayed', function () {
  this.timeout(60_000)
  let folder: string
  let written: { readonly steps: readonly object[] }
  const run = (...args: string[]): { code: number | null; out: string } => {
    const env = { ...process.env, NO_COLOR: '1' }
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env,
    })
    return { code: status, out: stdout + stderr }
  }
  const replayed = (change: object, target = './toy.ts', ...more: string[]): { code: number | null; out: string } => {
    writeFileSync(join(folder, 'trace.json'), JSON.stringify({ ...written, ...change }))
    return run('trace', target, ...more, '--replay', 'trace.json')
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    run('new', 'toy')
    written = JSON.parse(run('trace', './toy.ts/without-cancel', 'wakeup-not-lost', '--json').out) as typeof written
    assert.equal(written.steps.length, 3)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('shows the violation if it does, told anew', () => {
    const { code, out } = replayed({ why: 'because I say so', says: 'Anything.', doomed: 0 })
    assert.equal(code, 0)
    assert.match(
      out,
      /wakeup-not-lost is violated in 3 steps\nrequired: The machine goes to sleep only while no wake-up is pending\.\n/,
    )
    assert.doesNotMatch(out, /because I say so|inevitable/)
  })

  for (const [name, change] of [
    ['without its last step', () => ({ steps: written.steps.slice(0, -1) })],
    ['without any step', () => ({ steps: [] })],
    ['with a loop that is none', () => ({ loop: 1 })],
    ['of another property', () => ({ property: 'comes-back' })],
    ['of a write outside of a domain that is none', () => ({ property: 'in-domain' })],
    ['of a deadlock that is none', () => ({ property: 'no-deadlock' })],
  ] as const)
    it(`is not believed ${name}`, () => {
      const { code, out } = replayed(change())
      assert.equal(code, 1)
      assert.match(out, /^the run can be taken, and does not show that \S+ is violated\n$/)
    })

  it('is held against the variant that is named, and says where that blocks it', () => {
    const fixed = replayed({}, './toy.ts/base')
    assert.deepEqual(fixed, { code: 1, out: 'step 3, suspend.enter/sleeps, is blocked: its guard is false\n' })
    const broken = replayed({}, './toy.ts/base', '--patch', 'ignore-wakeups')
    assert.equal(broken.code, 0, broken.out)
    const swapped = replayed({ steps: written.steps.toReversed() })
    assert.deepEqual(swapped, {
      code: 1,
      out: "step 1, suspend.enter/sleeps, is blocked: suspend stands at 'stop_device', not at 'enter'\n",
    })
    const unknown = replayed({ steps: [{ ...written.steps[0], name: 'nobody.does' }] })
    assert.deepEqual(unknown, { code: 1, out: 'step 1, nobody.does, is blocked: toy has no such step here\n' })
    assert.equal(replayed({ property: 'no-such' }).code, 2)
  })
})
