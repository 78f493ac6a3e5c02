/** docs/properties.md is one model: its blocks in a row hold as they stand, and each section's patch breaks what the section says. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { check } from '../src/check.js'
import { instantiate, type Model, type Property } from '../src/index.js'
import type { PropertyVocabulary } from '../src/write/property.js'

const text = readFileSync('docs/properties.md', 'utf8')
const blocks = (part: string): string => [...part.matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block!).join('')

describe('properties by example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-properties-'))
  const file = join(folder, 'by-example.mts')
  let page: { readonly default: Model; readonly properties: readonly Property[] }
  before(async () => {
    writeFileSync(file, blocks(text).replace("'thawproof'", `'${pathToFileURL('src/index.ts').href}'`))
    page = (await import(pathToFileURL(file).href)) as typeof page
  })
  after(() => rmSync(folder, { recursive: true }))

  const verdicts = async (...patches: string[]): Promise<ReadonlyMap<string, string>> =>
    new Map(
      (await check(instantiate(page.default, { patches }), page.properties)).verdicts.map((one) => [
        one.property,
        one.verdict,
      ]),
    )

  it('hold as they stand', async () => {
    for (const [property, verdict] of await verdicts()) assert.equal(verdict, 'holds', property)
  })

  it('are broken by what the page says', async () => {
    let broken = 0
    for (const section of text.split(/^## /m).slice(1)) {
      const patch = /[Bb]roken by `([\w-]+)`/.exec(section)?.[1]
      if (patch === undefined) continue
      const names = page.properties.map(({ name }) => name)
      const name = names.find((one) => new RegExp(`['\`]${one}['\`]`).test(section))!
      assert.equal((await verdicts(patch)).get(name), 'violated', `${name} with ${patch}`)
      broken++
    }
    assert.ok(broken >= 12, `${broken}`)
  })

  it('are of every kind that there is', () => {
    const kinds: Record<keyof PropertyVocabulary<unknown>, true> = {
      always: true,
      step: true,
      reachable: true,
      possible: true,
      observer: true,
      refines: true,
      cancel: true,
      leadsTo: true,
      ltl: true,
      eventually: true,
      alwaysEventually: true,
      eventuallyAlways: true,
    }
    const sections = [...text.matchAll(/^## (\w+)$/gm)].map(([, title]) => title!)
    assert.deepEqual(Object.keys(kinds).sort(), sections.filter((title) => title in kinds).sort())
    assert.equal(sections.at(-1), 'Templates')
  })

  it('and the figures of the comparison are those that were measured', () => {
    const rows = readFileSync('bench/RESULTS.md', 'utf8')
      .split('\n## ')[0]!
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
    const range = (checker: string): string => {
      const ratios = rows.filter((row) => row[2] === checker).map((row) => Number(row[6]))
      assert.ok(ratios.length >= 5)
      return `${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} times`
    }
    const page = readFileSync('docs/comparison.md', 'utf8').replaceAll('\n', ' ')
    assert.ok(page.includes(`${range('SPIN')} SPIN's`), range('SPIN'))
    assert.ok(page.includes(`${range('Rumur')} Rumur's`), range('Rumur'))
  })
})
