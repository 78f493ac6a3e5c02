/** What is watched is checked again when it is saved: what changed is told, with its place, and a mistake forgets nothing. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Watch } from '../src/cli/watch.js'

describe('what is watched', function () {
  this.timeout(30_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'mine.ts')
  const text = readFileSync(new URL('../src/cli/templates/driver.ts.txt', import.meta.url), 'utf8')
  const save = (now: string): void => writeFileSync(file, now)

  it('is checked again if it was saved, and only then', async () => {
    let printed = ''
    const watch = new Watch([file], (more) => (printed += more))
    const round = async (again?: boolean): Promise<string> => {
      printed = ''
      await watch.round(again)
      return printed
    }
    save(text)
    assert.match(await round(), /^thawproof: checking\nthawproof: checked 1 of 1 instance in \d+ ms, all as claimed\n$/)
    assert.match(await round(), /checked 0 of 1 instance in/)
    assert.match(await round(true), /checked 1 of 1 instance in/)

    save(text.replace('sleeps: { when: (s) => !s.wakeup,', 'sleeps: { when: () => true,'))
    const changed = await round()
    assert.match(
      changed,
      /^thawproof: checking\nbase: wakeup-not-lost: holds → violated\n.*mine\.ts:\d+:\d+: error: base: wakeup-not-lost: claimed to hold, found violated in 3 steps\n.*1 not as claimed\n$/,
    )
    printed = ''
    await watch.trace()
    assert.match(printed, /suspend\.enter\/sleeps[^]*wakeup-not-lost is violated in 3 steps/)

    save(text)
    assert.match(await round(), /base: wakeup-not-lost: violated → holds\n.*all as claimed/)
    save(`${text}x(`)
    assert.match(
      await round(),
      /mine\.ts: Unexpected end of file[^]*checked, 1 mistake; kept: all 1 instance as claimed at /,
    )
    save(text)
    assert.match(await round(), /checked 0 of 1 instance in \d+ ms, all as claimed/, 'what was good is still known')
    printed = ''
    await watch.trace()
    assert.equal(printed, 'there is no run that is not as claimed\n')
  })
})
