/** Files that are wrong get a good message: specs, and a user's own model. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mistake } from '../src/index.js'
import { checkClaim } from '../src/tell/claim.js'
import { readSpec, type Instance } from '../src/tell/spec.js'
import { loadFile } from '../src/cli/load.js'
import { mistake, properties, toy, worker } from './toy.js'

describe('mistakes in files', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const instance = {
    id: 'base',
    says: 'It works.',
    corpus: null,
    form: null,
    evidence: null,
    references: [],
    parameters: {},
    patches: [],
    expect: { 'no-deadlock': 'holds', 'in-domain': 'holds' },
  } satisfies Instance

  /** The message about a file of this text, without the folder. */
  const inSpec = (spec: unknown): string => {
    const file = join(folder, 'toy.json')
    writeFileSync(file, typeof spec === 'string' ? spec : JSON.stringify(spec))
    return mistake(() => readSpec(file)).replaceAll(folder, '.')
  }

  const spec = (...instances: object[]): object => ({
    schema: 'thawproof/spec@1',
    protocol: 'toy',
    references: {},
    instances,
  })

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

  it('a claim about a property that does not exist, and a property that nothing is claimed of', async () => {
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
    await assert.rejects(checkClaim(protocol, instance), {
      name: 'Mistake',
      message: 'spec of toy, instance base: nothing is expected of works\n  name every property in "expect"',
    })
  })

  it("a user's file that is missing, no model, or no TypeScript", async () => {
    const file = join(folder, 'mine.ts')
    const says = async (): Promise<string> => {
      const error: unknown = await loadFile(file).catch((cause: unknown) => cause)
      assert(error instanceof Mistake, String(error))
      return error.message.replaceAll(folder, '.')
    }
    assert.equal(await says(), './mine.ts: there is no such file\n  name a model file, or a protocol: thawproof list')
    writeFileSync(file, 'export const a = 1\n')
    assert.equal(
      await says(),
      './mine.ts: its default export is undefined, not a model\n  write `export default model(…)`',
    )
    writeFileSync(file, 'export default model(\n')
    assert.equal(await says(), './mine.ts: Unexpected end of file')
  })
})
