import assert from 'node:assert/strict'
import { environment, env, int, over, propertiesOver, record } from '../src/index.js'
import { sufficientFixes } from '../src/search/variants/fixes.js'

/** Two faults, each repaired by its own patch; one patch that is useless, and one that breaks something else. */
const state = record({ a: int(0, 1), b: int(0, 1), c: int(0, 1) })
const { model, action, patch, edit } = over(state)
const { always } = propertiesOver(state)
const origin = env('a toy')

const toy = model('two-faults', {
  question: 'Which patches are enough?',
  actors: { e: environment('moves') },
  initial: () => ({ a: 0, b: 0, c: 0 }),
  parts: () => [
    action('a', { actor: 'e', origin, then: (d) => void (d.a = 1) }),
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
    patch('wrong', { kind: 'fix', says: 'lets c happen', edits: [edit.replace('e.c', { when: () => true })] }),
  ],
  resting: () => true,
})
const properties = ['a', 'b', 'c'].map((field) =>
  always(`no-${field}`, `${field} stays 0.`, (s) => s[field as 'a'] === 0),
)

describe('sufficient fixes', () => {
  it('are all minimal sets, with what is useless, wrong or in conflict named', async () => {
    const candidates = ['no-a', 'no-b', 'also-no-b', 'useless', 'wrong']
    const found = await sufficientFixes(toy, properties, {}, candidates)
    assert.deepEqual(found.minimal, [
      ['no-a', 'no-b'],
      ['no-a', 'also-no-b'],
    ])
    assert.deepEqual(found.redundant, ['useless', 'wrong'])
    assert.deepEqual(found.conflicts, [['no-b', 'also-no-b']])
    assert.deepEqual(
      found.trials.filter(({ reused }) => !reused).map(({ patches }) => patches.join(' + ')),
      ['', 'no-a + no-b', 'no-a + also-no-b'],
      'every other set is refuted by an earlier counterexample',
    )
  })

  it('names the property that a patch breaks', async () => {
    const found = await sufficientFixes(toy, properties, { patches: ['no-a', 'no-b'] }, ['wrong'])
    assert.deepEqual(found.minimal, [[]])
    const broken = await sufficientFixes(toy, properties, { patches: ['no-a'] }, ['no-b', 'wrong'])
    assert.deepEqual(broken.minimal, [['no-b']])
  })

  it('is empty when nothing helps', async () => {
    const found = await sufficientFixes(toy, properties, {}, ['no-a', 'useless'])
    assert.deepEqual(found.minimal, [])
    assert.deepEqual(found.trials[0]!.violated, ['no-a', 'no-b'])
  })
})
