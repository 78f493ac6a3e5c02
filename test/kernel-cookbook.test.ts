/** The recipes of docs/kernel-cookbook.md do what the page says, and the page of the words is what the words are. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { page } from '../bench/kernel-words.js'
import { check } from '../src/check.js'
import { instantiate, type Model, type Property } from '../src/index.js'
import { kinds } from '../src/kernel/words.js'

const text = readFileSync('docs/kernel-cookbook.md', 'utf8')
const [head, ...sections] = text.split(/^## /m)
const blockOf = (section: string): string => /```ts\n([^]*?)```/.exec(section)![1]!
const here = (name: string): string => pathToFileURL(`src/${name}.ts`).href
const prelude = blockOf(head!)
  .replace("'thawproof/kernel'", `'${here('kernel')}'`)
  .replace("'thawproof'", `'${here('index')}'`)

interface Recipe {
  readonly default: Model
  readonly properties: readonly Property[]
}

describe('the cookbook of the kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-cookbook-'))
  after(() => rmSync(folder, { recursive: true }))

  it('has a recipe for each thing', () =>
    assert.deepEqual(sections.map((section) => section.split('\n')[0]!).sort(), [...kinds].sort()))

  for (const section of sections) {
    const [kind] = section.split('\n')
    it(`${kind}: right as it is meant, and not when misused`, async () => {
      const file = join(folder, `${kind}.mts`)
      writeFileSync(file, prelude + blockOf(section))
      const { default: model, properties } = (await import(pathToFileURL(file).href)) as Recipe
      const verdicts = async (patches: readonly string[]) =>
        (await check(instantiate(model, { patches }), properties)).verdicts
      const wrong = (await verdicts([])).filter(({ verdict }) => verdict !== 'holds' && verdict !== 'vacuous')
      assert.deepEqual(
        wrong.map(({ property }) => property),
        [],
      )
      const broken = /breaks `([\w-]+)`/.exec(section)![1]!
      const misused = (await verdicts(['misused'])).find(({ property }) => property === broken)
      assert.equal(misused?.verdict, 'violated')
      assert.ok(blockOf(section).split('\n').length <= 45, 'a recipe is short')
    })
  }

  it('goes with a page that is what the words are', async () =>
    assert.equal(readFileSync('docs/kernel-words.md', 'utf8'), await page(), 'npm run docs:kernel'))
})
