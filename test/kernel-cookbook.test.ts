/** The recipes of docs/kernel-cookbook.md do what the page says, and the page of the words is what the words are. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { page } from '../bench/kernel-words.js'
import { check } from '../src/check.js'
import { instantiate, type Model, type Property } from '../src/index.js'
import { kinds } from '../src/kernel/words.js'

const text = readFileSync('docs/kernel-cookbook.md', 'utf8')
const [head, ...all] = text.split(/^## /m)
const sections = all.filter((section) => section.includes('```ts'))
const blockOf = (section: string): string => /```ts\n([^]*?)```/.exec(section)![1]!
const prelude = blockOf(head!)
  .replaceAll("'thawproof/kernel'", `'${resolve('src/kernel.js')}'`)
  .replaceAll("'thawproof'", `'${resolve('src/index.js')}'`)

interface Recipe {
  readonly default: { readonly model: Model; readonly properties: readonly Property[] }
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
      const { model, properties } = ((await import(pathToFileURL(file).href)) as Recipe).default
      const verdicts = async (patches: readonly string[]) =>
        (await check(instantiate(model, { patches }), properties)).verdicts
      // A recipe that does not say where it rests does not ask whether it gets stuck.
      const idle = blockOf(section).includes('resting:') ? [] : ['no-deadlock trivial']
      const wrong = (await verdicts([])).filter(
        ({ property, verdict }) =>
          verdict !== 'holds' && verdict !== 'vacuous' && !idle.includes(`${property} ${verdict}`),
      )
      assert.deepEqual(
        wrong.map(({ property }) => property),
        [],
      )
      const broken = /breaks `([\w-]+)`/.exec(section)![1]!
      const misused = (await verdicts(['misused'])).find(({ property }) => property === broken)
      assert.equal(misused?.verdict, 'violated')
      assert.ok(blockOf(section).trimEnd().split('\n').length <= 15, 'a recipe is short')
    })
  }

  it('is right to the compiler', () => {
    for (const section of sections)
      writeFileSync(join(folder, `${section.split('\n')[0]}.mts`), prelude + blockOf(section))
    const compilerOptions = {
      noUnusedLocals: false,
      rootDir: '/',
      types: ['node'],
      typeRoots: [resolve('node_modules/@types')],
      incremental: false,
      tsBuildInfoFile: null,
    }
    const config = { extends: resolve('tsconfig.json'), include: ['*.mts'], compilerOptions }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = ['node_modules/@typescript/native/bin/tsc', '-p', folder]
    const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' })
    assert.equal(status, 0, stdout)
  })

  it('goes with a page that is what the words are', async () =>
    assert.equal(readFileSync('docs/kernel-words.md', 'utf8'), await page(), 'npm run docs:kernel'))
})
