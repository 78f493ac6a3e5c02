/** Files that are wrong get a good message: specs, and a user's own model. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mistake } from '../src/index.js'
import { checkClaim } from '../src/tell/claim.js'
import { readSpec, type Instance } from '../src/tell/spec.js'
import { loadFile } from '../src/cli/load.js'
import { warnBy } from '../src/cli/warnings.js'
import { plainInstance, plainSpec } from './plain-spec.js'
import { mistake, properties, toy, worker } from './toy.js'

describe('mistakes in files', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const instance = plainInstance({ id: 'base', expect: { 'no-deadlock': 'holds', 'in-domain': 'holds' } })

  /** The message about a file of this text, without the folder. */
  const inSpec = (spec: unknown): string => {
    const file = join(folder, 'toy.json')
    writeFileSync(file, typeof spec === 'string' ? spec : JSON.stringify(spec))
    return mistake(() => readSpec(file)).replaceAll(folder, '.')
  }

  const spec = (...instances: object[]): object => plainSpec('toy', ...instances)

  it('a malformed spec', () => {
    assert.equal(
      inSpec(spec({ ...instance, patch: ['p'] })),
      "./toy.json, instances[0] (base): there is no key 'patch'\n  did you mean 'patches'? known: id, says, corpus, form, evidence, references, parameters, patches, fairness, expect, measured, note",
    )
    assert.equal(
      inSpec(spec({ ...instance, form: 'broken' })),
      "./toy.json, instances[0] (base).form: 'broken' is not known\n  known: buggy, fixed",
    )
    assert.equal(inSpec('{ "schema": '), './toy.json: is not JSON: a value is missing')
  })

  it('a spec that contradicts itself', () => {
    assert.equal(inSpec(spec(instance, instance)), './toy.json, instance base: is declared twice\n  rename one of them')
    assert.equal(
      inSpec(spec({ ...instance, references: ['commit'] })),
      `./toy.json, instance base: reference 'commit' is not listed\n  add it to "references"`,
    )
  })

  it('a claim about a property that does not exist; what nothing is claimed of is to hold', async () => {
    const protocol = {
      name: 'toy',
      address: 'toy',
      model: toy([worker]),
      properties: [properties.always('works', 'It works.', () => true)],
      spec: { schema: 'thawproof/spec@1' as const, protocol: 'toy', references: {}, instances: [] },
    }
    const misspelt: Instance = { ...instance, expect: { ...instance.expect, work: 'holds' } }
    await assert.rejects(checkClaim(protocol, misspelt), {
      name: 'Mistake',
      message:
        "spec of toy, instance base: there is no property 'work'\n  did you mean 'works'? known: no-deadlock, in-domain, works",
    })
    const { outcome, differences } = await checkClaim(protocol, instance)
    const { verdict } = outcome.verdicts.find(({ property }) => property === 'works')!
    assert.deepEqual(
      [verdict, differences.map((text) => text.split(' (')[0])],
      ['trivial', ['no-deadlock: claimed to hold, found trivial', 'works: claimed to hold, found trivial']],
    )
  })

  it('a model of which nothing is asked: no claim on it is met, and what is missing is named', async () => {
    const file = join(folder, 'hollow.ts')
    const text = (end: string): string => `import { bool, env, over, record, system } from 'thawproof'
const { model, action } = over(record({ on: bool() }))
export default model('hollow', {
  question: 'Is anything asked?',
  actors: { one: system('goes on') },
  initial: () => ({ on: false }),
  parts: () => [action('go', { actor: 'one', origin: env('goes'), then: (d) => void (d.on = !d.on) })],
})
${end}`
    const told: string[] = []
    warnBy((what) => void told.push(what.replaceAll(folder, '.')))
    const differences = async (end: string): Promise<readonly string[]> => {
      writeFileSync(file, text(end))
      const protocol = await loadFile(file)
      return (await checkClaim(protocol, protocol.spec.instances[0]!)).differences
    }
    const wants = 'write `export const properties = [always(…), …]`'
    const rows = [
      ['', `it exports no \`properties\`: ${wants}`],
      ['const properties = []', 'it declares `properties`, but does not export them: write `export` before'],
      ['export const properties = []', `its \`properties\` are an empty list: ${wants}`],
    ] as const
    for (const [end, why] of rows) assert.deepEqual(await differences(end), [`nothing is asked of it: ${why}`])
    assert.deepEqual(
      told,
      rows.map(([, why]) => `./hollow.ts: ${why}`),
    )
    assert.deepEqual(await differences('export const properties = () => []'), [
      'nothing is asked of it: it has no properties',
    ])
    writeFileSync(join(folder, 'hollow.json'), JSON.stringify({ ...spec(instance), protocol: 'hollow' }))
    assert.deepEqual(await differences(''), [`nothing is asked of it: ${rows[0][1]}`])
    warnBy(() => undefined)
  })

  it("a user's file that is missing, no model, or no TypeScript", async () => {
    const file = join(folder, 'mine.ts')
    const says = async (): Promise<string> => {
      const error: unknown = await loadFile(file).catch((cause: unknown) => cause)
      assert(error instanceof Mistake, String(error))
      return error.message.replaceAll(folder, '.')
    }
    assert.equal(
      await says(),
      './mine.ts: there is no such file\n  name a model file, or a protocol:\n  thawproof list',
    )
    writeFileSync(file, 'export const a = 1\n')
    assert.equal(
      await says(),
      './mine.ts: its default export is undefined, not a model\n  write `export default model(…)`',
    )
    writeFileSync(file, 'export default model(\n')
    assert.equal(await says(), './mine.ts: Unexpected end of file')
    for (const text of [
      "import { readFileSync } from 'node:fs'\nexport default readFileSync\n",
      "export default await import('crypto')\n",
      "export default require('node:child_process')\n",
    ])
      assert.match(
        (writeFileSync(file, text), await says()),
        /imports (node:fs|crypto|node:child_process): what that does is no part of the state, and no verdict may depend on it\n {2}declare what/,
      )
  })
})
