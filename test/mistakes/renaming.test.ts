/**
 * Nothing misspelt is called good: in shipped models and their properties each name is changed where it stands once, and the change is
 * refused, or noticed by a claim, or explained below. `RENAME=pm-core,freezer` tries those protocols instead.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import type { Model } from '../../src/write/model.js'
import type { Properties } from '../../src/write/property.js'
import { renamings, Types } from './renaming.js'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** As shipped: `npm test` builds it. */
const { checkClaim } = (await import(
  new URL('../../dist/src/tell/claim.js', import.meta.url).href
)) as typeof import('../../src/tell/claim.js')
const { loadProtocol } = (await import(
  new URL('../../dist/src/tell/protocol.js', import.meta.url).href
)) as typeof import('../../src/tell/protocol.js')

const shown = 'it is shown, and nothing else looks at it'
const unnamed = 'no patch, property or claim names it'

/** What survives: the file, the line with the name in brackets, and why nothing is wrong that anybody could see. */
const explained: readonly (readonly [file: string, line: string, why: string])[] = [
  ['models/grant-revoke.ts', "export default model('[grant-revoke]', {", shown],
  ['models/grant-revoke.ts', "action('[unmap]', {", unnamed],
  ['models/grant-revoke.ts', "action('[alloc_page]', {", unnamed],
  ['models/emulated-io.ts', "export default model('[emulated-io]', {", shown],
  ['models/resume-locks.ts', "[at_once]: { goto: 'usb_unlock_device' },", unnamed],
  ['models/resume-locks.ts', "export default model('[resume-locks]', {", shown],
]

type Outcome = 'refused' | 'noticed' | 'survives'

/** A module of this text, with its imports as the built one has them, or as given. */
function moduleOf(folder: string, text: string, others: Readonly<Record<string, string>> = {}): string {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' })
  const linked = code.replace(/(from\s*|import\s*)"(\.[^"]+)"/g, (_, from: string, target: string) => {
    const url = new URL(target, new URL(`../../dist/${folder}/`, import.meta.url)).href
    return `${from}"${others[url] ?? url}"`
  })
  return `data:text/javascript;base64,${Buffer.from(linked).toString('base64')}`
}

/** A protocol of which one file can be changed. */
class Changed {
  readonly texts: Readonly<Record<'models' | 'properties', string>>

  constructor(
    readonly name: string,
    private readonly types: Types,
  ) {
    this.texts = { models: this.read('models'), properties: this.read('properties') }
  }

  read(folder: 'models' | 'properties'): string {
    return readFileSync(this.file(folder), 'utf8')
  }

  file(folder: 'models' | 'properties'): string {
    return `${root}/${folder}/${this.name}.ts`
  }

  async outcome(folder: 'models' | 'properties', text: string): Promise<Outcome> {
    const texts = { ...this.texts, [folder]: text }
    const { modules, ...shipped } = await loadProtocol(this.name)
    void modules
    try {
      const url = moduleOf('models', texts.models)
      const { default: model } = (await import(url)) as { default: Model }
      const original = new URL(`../../dist/models/${this.name}.js`, import.meta.url).href
      const { default: properties } = (await import(moduleOf('properties', texts.properties, { [original]: url }))) as {
        default: Properties
      }
      for (const instance of shipped.spec.instances) {
        const { differences, outcome } = await checkClaim({ ...shipped, model, properties }, instance)
        if (differences.length > 0 || outcome.fault) return 'noticed'
      }
    } catch {
      return 'refused'
    }
    this.types.set(this.file('models'), texts.models)
    this.types.set(this.file('properties'), texts.properties)
    return (this.types.errorIn(this.file('models')) ?? this.types.errorIn(this.file('properties')))
      ? 'refused'
      : 'survives'
  }
}

const asked = process.env.RENAME?.split(',')

describe('a name that is changed where it stands once', function () {
  this.timeout(asked ? 36_000_000 : 300_000)
  const types = new Types(root)

  for (const name of asked ?? ['grant-revoke', 'emulated-io', 'resume-locks'])
    it(`is refused or noticed in ${name}, or means nothing`, async () => {
      const protocol = new Changed(name, types)
      for (const folder of ['models', 'properties'] as const)
        assert.equal(
          await protocol.outcome(folder, protocol.texts[folder]),
          'survives',
          'as it stands, nothing is wrong',
        )
      const counts = { refused: 0, noticed: 0, survives: 0 }
      const survivors: string[] = []
      for (const folder of ['models', 'properties'] as const)
        for (const { line, shown, text } of renamings(protocol.texts[folder])) {
          const outcome = await protocol.outcome(folder, text)
          counts[outcome]++
          const known = explained.some(([file, at]) => file === `${folder}/${name}.ts` && at === shown)
          if (outcome === 'survives' && !known) survivors.push(`${folder}/${name}.ts:${line} ${shown}`)
        }
      assert(counts.refused > 100 && counts.noticed > 40, JSON.stringify(counts))
      assert.deepEqual(survivors, [])
    })

  it('is explained where it stands', () => {
    for (const [file, line] of explained) {
      const there = renamings(readFileSync(`${root}/${file}`, 'utf8')).some(({ shown }) => shown === line)
      assert(there, `${file} has no ${line}`)
    }
  })
})
