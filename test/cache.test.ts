import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Cache } from '../src/tell/cache.js'
import { checkClaim } from '../src/tell/claim.js'
import { claimLines, summaryLines } from '../src/tell/claim-text.js'
import { loadProtocol, type Protocol } from '../src/tell/protocol.js'
import { reportOf } from '../src/tell/report.js'
import { settled, type Settled } from '../src/tell/claim-result.js'

describe('the cache of findings', () => {
  let folder: string
  let protocol: Protocol
  let checked: Settled
  const file = (name: string): string => join(folder, name)

  /** A shipped protocol that says it comes from files of ours, so that they can be changed. */
  before(async () => {
    const shipped = await loadProtocol('block-quiesce')
    folder = mkdtempSync(join(tmpdir(), 'thawproof-cache-'))
    const model = pathToFileURL(file('model.js')).href
    const properties = { module: pathToFileURL(file('properties.js')).href, name: 'default' }
    protocol = { ...shipped, modules: { model, properties } }
    checked = settled(await checkClaim(shipped, shipped.spec.instances[0]!))
  })
  beforeEach(() => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    writeFileSync(file('model.js'), `import {\n  size,\n} from './size.js'\nexport default size\n`)
    writeFileSync(file('size.js'), `import 'thawproof'\nexport const size = 1\n`)
    writeFileSync(file('properties.js'), `/* taken from "elsewhere" */ export default []\n`)
  })
  after(() => rmSync(folder, { recursive: true }))

  const instance = (): Settled['instance'] => checked.instance
  const cacheOf = (engine?: string): Cache => new Cache(file('kept'), engine ? pathToFileURL(`${engine}/`) : undefined)
  const keep = (): void => cacheOf().keep(protocol, instance(), checked)
  const recall = (of = instance()): unknown => cacheOf().recall(protocol, of)

  it('recalls what it kept, word by word', () => {
    assert.equal(recall(), undefined)
    keep()
    assert.deepEqual(recall(), checked)
  })

  it('recalls nothing when anything has changed that the answer depends on', () => {
    keep()
    for (const name of ['model.js', 'size.js', 'properties.js']) {
      const text = readFileSync(file(name), 'utf8')
      appendFileSync(file(name), '\n')
      assert.equal(recall(), undefined, name)
      writeFileSync(file(name), text)
      assert.deepEqual(recall(), checked, name)
    }
    const { parameters, patches } = instance()
    assert.equal(recall({ ...instance(), parameters: { ...parameters, requests: 99 } }), undefined)
    assert.equal(recall({ ...instance(), patches: [...patches, 'no-sleep'] }), undefined)
    assert.equal(recall({ ...instance(), fairness: { 'guest.ask': 'none' } }), undefined)
    assert.equal(recall({ ...instance(), expect: {} }), undefined)
    assert.equal(cacheOf().recall({ ...protocol, address: './elsewhere.ts' }, instance()), undefined)
  })

  it('trusts no other version of the checker', () => {
    for (const [name, text] of [
      ['one', 'a'],
      ['two', 'b'],
    ] as const) {
      mkdirSync(file(name))
      writeFileSync(join(file(name), 'check.js'), text)
    }
    cacheOf(file('one')).keep(protocol, instance(), checked)
    assert.deepEqual(cacheOf(file('one')).recall(protocol, instance()), checked)
    assert.equal(cacheOf(file('two')).recall(protocol, instance()), undefined)
    assert.equal(recall(), undefined)
  })

  it('keeps only what a complete search found', () => {
    const cut = { limit: 'states', says: 'too many' } as const
    for (const claim of [
      { ...checked, complete: false },
      { ...checked, cut },
    ]) {
      cacheOf().keep(protocol, instance(), claim)
      assert.equal(recall(), undefined)
    }
  })

  it('keeps nothing of which it cannot know what it depends on', () => {
    writeFileSync(file('size.js'), `export const size = await import(process.env.SIZE)\n`)
    keep()
    assert.equal(recall(), undefined)
    writeFileSync(file('size.js'), `import size from 'left-pad'\nexport { size }\n`)
    keep()
    assert.equal(recall(), undefined)
  })

  it('takes an entry that was touched for none', () => {
    keep()
    const [below] = readdirSync(file('kept'))
    const [name] = readdirSync(join(file('kept'), below!))
    const entry = join(file('kept'), below!, name!)
    const text = readFileSync(entry, 'utf8')
    for (const touched of [text.slice(0, -9), text.replace(/"states":\d+/, '"states":7'), '']) {
      writeFileSync(entry, touched)
      assert.equal(recall(), undefined)
    }
  })

  it('is told like what was just found', async () => {
    const shipped = await loadProtocol('block-quiesce')
    const fresh: Settled[] = []
    for (const one of shipped.spec.instances) fresh.push(settled(await checkClaim(shipped, one)))
    for (const claim of fresh) cacheOf().keep(shipped, claim.instance, claim)
    const recalled = fresh.map((claim) => cacheOf().recall(shipped, claim.instance)!)
    assert(fresh.some(({ verdicts }) => verdicts.some(({ traceLength }) => traceLength !== null)))
    for (const verbose of [false, true])
      assert.deepEqual(
        recalled.flatMap((claim) => claimLines(claim, 80, verbose)),
        fresh.flatMap((claim) => claimLines(claim, 80, verbose)),
      )
    assert.equal(JSON.stringify(reportOf(recalled)), JSON.stringify(reportOf(fresh)))
    assert.deepEqual(summaryLines(recalled, 80), summaryLines(fresh, 80))
  })
})
