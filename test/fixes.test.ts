import assert from 'node:assert/strict'
import { bool, environment, env, int, over, parameter, propertiesOver, record, type Choice } from '../src/index.js'
import { patchesWith, sufficientFixes, type Ground } from '../src/ask/fixes.js'

/** Two faults, each repaired by its own patch; one patch that is useless, and one that breaks something else. */
const state = record({ a: int(0, 1), b: int(0, 1), c: int(0, 1), armed: int(0, 1) })
const { model, action, patch, edit } = over(state)
const { always } = propertiesOver(state)
const origin = env('a toy')

const toy = model('two-faults', {
  question: 'Which patches are enough?',
  actors: { e: environment('moves') },
  parameters: { busy: parameter(bool(), true, 'whether a can happen') },
  initial: () => ({ a: 0, b: 0, c: 0, armed: 0 }),
  parts: ({ busy }) => [
    action('a', { actor: 'e', origin, when: () => busy, then: (d) => void (d.a = 1) }),
    action('b', { actor: 'e', origin, then: (d) => void (d.b = 1) }),
    action('c', { actor: 'e', origin, when: () => false, then: (d) => void (d.c = 1) }),
  ],
  patches: [
    patch('no-a', { kind: 'fix', says: 'a never happens', edits: [edit.replace('e.a', { when: () => false })] }),
    patch('no-b', { kind: 'fix', says: 'b never happens', edits: [edit.replace('e.b', { when: () => false })] }),
    patch('also-no-b', {
      kind: 'fix',
      says: 'b does nothing',
      edits: [edit.replace('e.b', { then: () => undefined })],
    }),
    patch('useless', { kind: 'fix', says: 'changes nothing', edits: [edit.initially((d) => void (d.c = 0))] }),
    patch('arms', { kind: 'fix', says: 'arms', edits: [edit.initially((d) => void (d.armed = 1))] }),
    patch('trigger', {
      kind: 'fix',
      says: 'lets c happen if armed',
      edits: [edit.replace('e.c', { when: (s) => s.armed === 1 })],
    }),
    patch('wrong', { kind: 'fix', says: 'lets c happen', edits: [edit.replace('e.c', { when: () => true })] }),
  ],
  resting: () => true,
})
const properties = ['a', 'b', 'c'].map((field) =>
  always(`no-${field}`, `${field} stays 0.`, (s) => s[field as 'a'] === 0),
)

const base = (choice: Choice): Ground => ({ name: 'base', choice })

describe('sufficient fixes', () => {
  it('are all minimal sets, with what is useless, wrong or in conflict named', async () => {
    const candidates = ['no-a', 'no-b', 'also-no-b', 'useless', 'wrong']
    const found = await sufficientFixes(toy, properties, [base({})], candidates)
    assert.deepEqual(found.minimal, [
      ['no-a', 'no-b'],
      ['no-a', 'also-no-b'],
    ])
    assert.deepEqual(found.redundant, ['useless', 'wrong'])
    assert.deepEqual(found.conflicts, [['no-b', 'also-no-b']])
    assert.deepEqual(
      found.trials.filter(({ by }) => by === 'searched').map(({ patches }) => patches.join(' + ')),
      ['', 'no-a', 'no-b', 'also-no-b', 'wrong', 'no-a + no-b', 'no-a + also-no-b'],
      'every other set is refuted by an earlier counterexample, or the same as a smaller one',
    )
    const same = found.trials.filter(({ by }) => by === 'same')
    assert(same.length > 0 && same.every(({ patches }) => patches.includes('useless')))
    assert.deepEqual(found.breaking, [{ patches: ['wrong'], on: ['base'], properties: ['no-c'] }])
  })

  it('names the property that a patch breaks', async () => {
    const found = await sufficientFixes(toy, properties, [base({ patches: ['no-a', 'no-b'] })], ['wrong'])
    assert.deepEqual(found.minimal, [[]])
    const broken = await sufficientFixes(toy, properties, [base({ patches: ['no-a'] })], ['no-b', 'wrong'])
    assert.deepEqual(broken.minimal, [['no-b']])
  })

  it('are enough on every instance given, and what is enough on each is told', async () => {
    const grounds = [base({}), { name: 'idle', choice: { parameters: { busy: false } } }]
    const found = await sufficientFixes(toy, properties, grounds, ['no-a', 'no-b', 'also-no-b'])
    const both = [
      ['no-a', 'no-b'],
      ['no-a', 'also-no-b'],
    ]
    assert.deepEqual(found.minimal, both)
    assert.deepEqual(found.each, [
      { on: 'base', minimal: both, always: [] },
      { on: 'idle', minimal: [['no-b'], ['also-no-b']], always: [] },
    ])
    const { minimal, each } = await sufficientFixes(toy, properties, grounds, ['no-b'])
    assert.deepEqual(minimal, [])
    assert.deepEqual(each[0], { on: 'base', minimal: [], always: ['no-a'] })
    assert.deepEqual(each[1], { on: 'idle', minimal: [['no-b']], always: [] })
  })

  it('count only the properties that are asked for', async () => {
    const wanted = (name: string): boolean => name !== 'no-b'
    const found = await sufficientFixes(toy, properties, [base({})], ['no-a', 'no-b'], { wanted })
    assert.deepEqual(found.minimal, [['no-a']])
  })

  it('are looked through to the end for combinations that break something new, if that is asked for', async () => {
    const candidates = ['no-a', 'arms', 'trigger']
    const quick = await sufficientFixes(toy, properties, [base({})], candidates)
    assert.deepEqual(quick.breaking, [])
    const found = await sufficientFixes(toy, properties, [base({})], candidates, { thorough: true })
    assert.deepEqual(found.breaking, [{ patches: ['arms', 'trigger'], on: ['base'], properties: ['no-c'] }])
    assert.equal(found.trials.length, 8)
  })

  it('say so if they were interrupted', async () => {
    const controller = new AbortController()
    controller.abort()
    const found = await sufficientFixes(toy, properties, [base({})], ['no-a'], { signal: controller.signal })
    assert.equal(found.interrupted, true)
    assert.deepEqual(found.trials, [])
  })

  it('is empty when nothing helps', async () => {
    const found = await sufficientFixes(toy, properties, [base({})], ['no-a', 'useless'])
    assert.deepEqual(found.minimal, [])
    assert.deepEqual(found.trials[0]!.violated, ['no-a', 'no-b'])
  })
})

describe('history as candidates', () => {
  const old = model('old', {
    ...toy.declared,
    patches: [
      patch('may-a', { kind: 'era', says: 'a may happen', edits: [edit.replace('e.a', { when: () => true })] }),
      patch('may-c', { kind: 'era', says: 'c may happen', edits: [edit.replace('e.c', { when: () => true })] }),
    ],
    parts: () => [
      action('a', { actor: 'e', origin, when: () => false, then: (d) => void (d.a = 1) }),
      action('c', { actor: 'e', origin, when: () => false, then: (d) => void (d.c = 1) }),
    ],
  } as never)

  it('leave out eras of an instance', async () => {
    const ground = base({ patches: ['may-a', 'may-c'] })
    const found = await sufficientFixes(old, properties, [ground], ['-may-a', '-may-c'])
    assert.deepEqual(found.minimal, [['-may-a', '-may-c']])
    assert.deepEqual(patchesWith(['may-a', 'may-c'], ['-may-a', 'new']), ['may-c', 'new'])
  })
})
