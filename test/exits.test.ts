/** What was not decided is never called good: what is printed, and what the process ends with. `npm test` builds what is run here. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Expectation, Instance } from '../src/tell/spec.js'
import { thawproof, type Ran } from './command.js'
import { plainInstance, plainSpec } from './plain-spec.js'

/** A counter to three, whose observer counts to a million; or stumbles over what the patch does. */
const counting = `import { bool, env, int, over, propertiesOver, record, system } from 'thawproof'
const state = record({ n: int(0, 3), b: bool() })
const { model, action, patch, edit } = over(state)
export default model('counting', {
  question: 'How far does it count?',
  actors: { kernel: system('counts') },
  initial: () => ({ n: 0, b: false }),
  parts: () => [
    action('tick', { actor: 'kernel', origin: env('a tick'), then: (d) => void (d.n = (d.n + 1) % 4) }),
    action('flip', { actor: 'kernel', origin: env('a flip'), then: (d) => void (d.b = !d.b) }),
  ],
  patches: [patch('starts-at-1', { kind: 'fix', says: 'Starts at 1.', edits: [edit.initially((d) => void (d.n = 1))] })],
})
const { observer } = propertiesOver(state)
export const properties = [
  observer('counts', 'It never counts to a million.', {
    state: record({ c: int(0, 1000000) }), initial: { c: 0 },
    next: (o) => void (o.c = Math.min(o.c + 1, 999999)), wrong: (o) => o.c === 1000000,
  }),
]
`
const stumbling = counting.replace(
  /next: .*/,
  `next: (o, b) => { if (b.n === 1 && o.c === 0) throw new Error('unexpected'); if (b.n === 3) o.c = 2; else o.c = 1 }, wrong: (o) => o.c === 2,`,
)
const outside = counting.replace(/next: .*/, `next: (o) => void (o.c = -1), wrong: () => false,`)

const claims = (counts: Expectation): string =>
  JSON.stringify(
    plainSpec(
      'claimed',
      plainInstance({ id: 'base', expect: { 'no-deadlock': 'holds', 'in-domain': 'holds', counts } }),
    ),
  )

const compared = `import { env, int, over, propertiesOver, record, system } from 'thawproof'
const state = record({ a: int(0, 40), b: int(0, 40) })
const { model, action, patch, edit } = over(state)
const count = (name) =>
  action(name, { actor: 'kernel', origin: env('a tick'), when: (s) => s[name] < 40, then: (d) => void d[name]++ })
export default model('compared', {
  question: 'How far does it count?',
  actors: { kernel: system('counts') },
  parameters: { asks: { says: 'What is asked.', domain: int(0, 1), default: 0 } },
  initial: () => ({ a: 0, b: 0 }),
  parts: () => [count('a'), count('b')],
  resting: (s) => s.a === 40,
  patches: [patch('only-a', { kind: 'fix', says: 'No b.', edits: [edit.remove('kernel.b')] })],
})
const { always } = propertiesOver(state)
export const properties = ({ asks }) => [
  always('a-not-30', 'a is never 30.', (s) => s.a !== 30),
  ...(asks === 0 ? [always('b-not-1', 'b is never 1.', (s) => s.b !== 1)] : []),
]
`

describe('what was not decided', function () {
  this.timeout(30_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'thawproof-'))
    const files = { 'counting.ts': counting, 'claimed.ts': counting, 'stumbling.ts': stumbling, 'outside.ts': outside }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'claimed.json'), claims('unknown'))
    writeFileSync(join(folder, 'compared.js'), compared)
    const patched = (id: string, asks: number): Instance =>
      plainInstance({ id, parameters: { asks }, patches: ['only-a'], expect: {} })
    writeFileSync(
      join(folder, 'compared.json'),
      JSON.stringify(plainSpec('compared', patched('all', 0), patched('few', 1))),
    )
  })
  after(() => rmSync(folder, { recursive: true }))

  const run = (...args: string[]): Ran => thawproof(folder, args)
  const words = (text: string): string => text.replaceAll(/\s+/g, ' ')

  it("by a limit in an observer's own search ends with 3, is not complete, and is not remembered", () => {
    const { code, out } = run('check', './counting.ts', '--max-states', '1000')
    assert.equal(code, 3, out)
    assert.match(
      words(out),
      /incomplete: in the search for counts, --max-states 1000 was hit: .* unknown: counts (1 not tried whole .*)?1 of 1 not met/,
    )
    const { instances } = JSON.parse(run('check', './counting.ts', '--json', '--max-states', '1000').out) as {
      instances: { complete: boolean }[]
    }
    assert.deepEqual(
      instances.map(({ complete }) => complete),
      [false],
    )
  })

  it('and was claimed not to be ends with 3 all the same, and not as claims that are met', () => {
    const { code, out } = run('check', './claimed.ts', '--max-states', '1000')
    assert.equal(code, 3, out)
    assert.match(out, /\nnothing found against a claim, but 1 of 1 not searched to the end: 1 instance, /)
  })

  it('by a fault in an observer ends with 2, and names the fault', () => {
    const { code, out } = run('check', './stumbling.ts', '--patch', 'starts-at-1')
    assert.equal(code, 2, out)
    assert.match(words(out), /incomplete: in the search for counts, the model is at fault: .* throws: unexpected/)
    assert.equal(run('check', './outside.ts').code, 2, 'no verdict of the model: the observer leaves its own domain')
  })

  it('is not enough', () => {
    const { code, out, err } = run('fix', './stumbling.ts/base')
    assert.equal(code, 2, out)
    assert.match(
      err,
      /^thawproof: fixes of counting, base with starts-at-1: in the search for counts, the model is at fault: .*unexpected/,
    )
  })

  it('is no change of a verdict', () => {
    const { code, out } = run('bisect', './stumbling.ts', 'counts', 'base', 'starts-at-1')
    assert.equal(code, 3, out)
    assert.match(
      out,
      /^ {2}base {9}violated in 4\n {2}starts-at-1 {2}unknown {2}← the model is at fault: .*\nno variant is known to change the verdict\n$/,
    )
  })

  it('is not broken by a variant that is searched to the end', () => {
    const { code, out } = run('compare', './compared.js', 'base', 'only-a', '--max-states', '200')
    assert.equal(code, 3, out)
    assert.match(
      out,
      /fixes\n {4}b-not-1 {6}violated in 1 → holds\n {2}leaves open\n {4}no-deadlock {2}unknown → holds\n {4}in-domain {4}unknown → holds\n {4}a-not-30 {5}unknown → violated in 30\n {2}keeps 0/,
    )
    assert.doesNotMatch(out, /breaks/)
  })

  it('because only one variant asks for it is told, whichever of the two it is', () => {
    const first = run('compare', './compared.js', 'base', 'only-a', '-p', 'asks=0')
    assert.equal(first.code, 0, first.out)
    assert.match(first.out, /fixes\n {4}b-not-1 {6}violated in 1 → holds\n/)
    const dropped = run('compare', './compared.js', 'base', 'few')
    assert.equal(dropped.code, 3, dropped.out)
    assert.match(dropped.out, / {2}asks of one\n {4}b-not-1 {6}violated in 1 → not asked\n/)
    const added = run('compare', './compared.js', 'few', 'base')
    assert.equal(added.code, 3, added.out)
    assert.match(added.out, / {2}asks of one\n {4}b-not-1 {6}not asked → violated in 1\n/)
    assert.doesNotMatch(added.out, /breaks/)
  })
})
