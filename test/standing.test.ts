/** Where threads stand: asked by names that are looked up. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { env, environment, instantiate, int, Mistake, over, parameter, propertiesOver, record } from '../src/index.js'
import type { At } from '../src/index.js'

const origin = env('a toy')
const state = record({ n: int(0, 3) })
const { model, thread, step, action, patch, edit } = over(state)
const { always } = propertiesOver(state)

/** Two threads `a(0)`, `a(1)`, one that a patch adds, and one that only larger instances have; a guard asks what it is given. */
const made = (ask: (at: At) => boolean, patches: string[] = [], size = 1) =>
  instantiate(
    model('toy', {
      question: 'Who stands where?',
      actors: { one: environment('goes on') },
      parameters: { size: parameter(int(1, 2), 1, 'how many') },
      initial: () => ({ n: 0 }),
      parts: ({ size: most }) => [
        thread('a', { actor: 'one', for: { i: [0, 1] } }, step('first', { origin }), step('second', { origin })),
        ...(most > 1 ? [thread('large', { actor: 'one' }, step('only', { origin }))] : []),
        action('asks', { actor: 'one', origin, when: (s, _, at) => s.n < 3 && ask(at), then: (d) => void d.n++ }),
      ],
      patches: [
        patch('more', {
          kind: 'fault',
          says: 'There is more.',
          edits: [
            edit.add(thread('b', { actor: 'one' }, step('begin', { origin }))),
            edit.after('a.first', step('between', { origin })),
          ],
        }),
      ],
      resting: () => true,
    }),
    { patches, parameters: { size } },
  )

/** The largest n that the guard lets come about. */
const reached = async (ask: (at: At) => boolean, patches: string[] = [], size = 1): Promise<number> => {
  const claims = [1, 2, 3].map((n) => always(`below-${n}`, 'It is less.', (s) => s.n < n))
  const { verdicts } = await check(made(ask, patches, size), claims)
  return verdicts.filter(({ property, verdict }) => property.startsWith('below') && verdict === 'violated').length
}

const refused = (ask: (at: At) => boolean, message: string): Promise<void> =>
  assert.rejects(check(made(ask), []), (error: unknown) => {
    assert.ok(error instanceof Mistake)
    assert.equal(error.message, message)
    return true
  })

describe('at', () => {
  it('tells whether a thread stands at one of the labels', async () => {
    assert.equal(await reached((at) => at('a(0)', 'first')), 3)
    assert.equal(await reached((at) => at('a(0)', 'first', 'end') && at('a(1)', 'second', 'first')), 3)
    assert.equal(await reached((at) => at('a(0)', 'first') && at('a(0)', 'second')), 0)
  })

  it('says no of what only other patches or parameters have', async () => {
    assert.equal(await reached((at) => at('b', 'begin') || at('large', 'only') || at('a(1)', 'between')), 0)
    assert.equal(await reached((at) => at.has('b') || at.has('large')), 0)
    assert.equal(await reached((at) => at.has('b') && at('b', 'begin'), ['more']), 3)
    assert.equal(await reached((at) => at.has('a(1)', 'between') || at.has('b', 'begin')), 0)
    assert.equal(await reached((at) => at.has('a(1)', 'between') && at('a(1)', 'between'), ['more']), 3)
    assert.equal(await reached((at) => at('a(1)', 'between'), ['more']), 3)
    assert.equal(await reached((at) => at('large', 'end'), [], 2), 3)
  })

  it('refuses labels and threads that no variant has', async () => {
    await refused(
      (at) => at('a(0)', 'secnd'),
      "step one.asks: thread a(0) has no label 'secnd'\n  did you mean 'second'? known: first, second, end, between",
    )
    await refused(
      (at) => at('a(0)', 'first', 'secnd'),
      "step one.asks: thread a(0) has no label 'secnd'\n  did you mean 'second'? known: first, second, end, between",
    )
    await refused(
      (at) => !at('a', 'first'),
      "step one.asks: there is no thread 'a'\n  did you mean 'b'? known: a(0), a(1), large, b",
    )
    await refused(
      (at) => at.has('lage'),
      "step one.asks: there is no thread 'lage'\n  did you mean 'large'? known: a(0), a(1), large, b",
    )
    await refused(
      (at) => at.has('a(0)', 'secnd'),
      "step one.asks: thread a(0) has no label 'secnd'\n  did you mean 'second'? known: first, second, end, between",
    )
    await refused(
      (at) => at('b', 'begn'),
      "step one.asks: thread b has no label 'begn'\n  did you mean 'begin'? known: end, begin",
    )
    await refused(
      (at) => (at as unknown as (thread: string) => boolean)('a(0)'),
      "step one.asks: no label is named\n  name one: at('a(0)', 'end')",
    )
  })
})
