/**
 * The pages of docs/ that teach: everything that they tell the reader to do is done, from the packed package in an empty folder, and
 * prints what they show. `UPDATE=1 npx mocha test/guides.test.ts` writes what is printed now.
 */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { Store, walked } from './walked.js'

/** A page, the exit code of each of its commands, and the files that it takes for granted. */
interface Guide {
  readonly file: string
  readonly codes: readonly number[]
  readonly given?: Readonly<Record<string, string>>
}

const guides: readonly Guide[] = [
  { file: 'docs/first-driver.md', codes: [1, 0, 0, 0, 0, 1, 0, 0, 0] },
  { file: 'docs/from-a-patch.md', codes: [1, 0, 0] },
  { file: 'docs/from-a-dmesg.md', codes: [0, 0] },
  { file: 'docs/fairness.md', codes: [0, 0, 0, 1] },
  { file: 'docs/troubleshooting.md', codes: [1, 0, 0, 2, 1, 2, 2, 2, 2] },
  { file: 'docs/modelling.md', codes: [0, 0, 0, 0] },
  { file: 'docs/traces.md', codes: [0, 0] },
]

describe('a page that teaches', function () {
  this.timeout(300_000)
  let store: Store
  before(() => void (store = new Store()))
  after(() => store.remove())

  for (const { file, codes, given } of guides)
    it(`${file}: every command does what the page shows`, () => {
      const text = readFileSync(file, 'utf8')
      const { fresh, commands } = walked(text, store, given)
      assert.ok(commands.length > 0)
      if (process.env['UPDATE']) writeFileSync(file, fresh)
      else assert.equal(fresh, text)
      assert.deepEqual(
        commands.map(([, code]) => code),
        [0, ...codes],
        commands.map(([command]) => command).join('\n'),
      )
    })
})
