/** Packing: every kind of domain, and every way in which an effect can move objects about. */

import assert from 'node:assert/strict'
import { array, bool, int, record, type Domain, type ValueOf } from '../src/write/domain.js'
import { env, environment } from '../src/write/model.js'
import { instantiate } from '../src/write/system.js'
import { over } from '../src/write/vocabulary.js'
import { explore } from '../src/search/explore.js'

const origin = env('a toy')
const nothing = { states: [], steps: [], collects: [] }

/** The states that one action makes of one state, that state first, in the order of discovery. */
async function states<D extends Domain<unknown>>(
  domain: D,
  initial: ValueOf<D>,
  then: (draft: ValueOf<D>) => void,
): Promise<unknown[]> {
  const { model, action } = over(domain)
  const toy = model('toy', {
    question: 'What does it become?',
    actors: { one: environment('does it') },
    initial: () => initial,
    parts: () => [action('act', { actor: 'one', origin, then })],
  })
  const graph = await explore(instantiate(toy), nothing)
  assert.equal(graph.cut, undefined)
  return Array.from({ length: graph.states }, (_, id) => graph.expander.stateOf(id).state)
}

describe('codec', () => {
  it('keeps a changed value when the same effect also swaps two objects', async () => {
    const pair = record({ n: int(0, 2), two: array(2, record({ x: bool() })) })
    const found = await states(pair, { n: 0, two: [{ x: true }, { x: false }] }, (d) => {
      d.n = (d.n + 1) % 3
      d.two.reverse()
    })
    assert.deepEqual(found, [
      { n: 0, two: [{ x: true }, { x: false }] },
      { n: 1, two: [{ x: false }, { x: true }] },
      { n: 2, two: [{ x: true }, { x: false }] },
      { n: 0, two: [{ x: false }, { x: true }] },
      { n: 1, two: [{ x: true }, { x: false }] },
      { n: 2, two: [{ x: false }, { x: true }] },
    ])
  })
})
