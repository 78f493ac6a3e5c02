/** What an unfinished search says about the rest of the space. */

import assert from 'node:assert/strict'
import freeze, { properties } from '../bench/freeze.js'
import { check } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import { explosionOf } from '../src/search/explosion.js'
import { array, env, environment, int, over, record } from '../src/index.js'
import { instantiate } from '../src/write/system.js'

const nothing = { states: [], steps: [], collects: [] }

/** Two counters of 8 values and one of 2 that run freely: 128 states, 10 steps from corner to corner. */
const { model, action } = over(record({ wide: array(2, int(0, 7)), narrow: int(0, 1), fixed: int(0, 9) }))
const origin = env('counting')
const counters = model('counters', {
  question: 'How many?',
  actors: { fast: environment('counts far'), slow: environment('counts little') },
  initial: () => ({ wide: [0, 0], narrow: 0, fixed: 4 }),
  parts: () => [
    action('count', {
      actor: 'fast',
      for: { i: [0, 1] },
      origin,
      then: (d, { i }) => void (d.wide[i] = (d.wide[i]! + 1) % 8),
    }),
    action('toggle', { actor: 'slow', origin, then: (d) => void (d.narrow = 1 - d.narrow) }),
  ],
})

describe('the pressure of a space', () => {
  it('is measured field by field and actor by actor', async () => {
    const pressure = explosionOf(await explore(instantiate(counters), nothing))
    assert.deepEqual(
      pressure.fields.map(({ name, values, bits }) => [name, values, Number(bits.toFixed(6))]),
      [
        ['wide[0]', 8, 3],
        ['wide[1]', 8, 3],
        ['narrow', 2, 1],
        ['fixed', 1, 0],
      ],
    )
    assert.deepEqual(
      pressure.actors.map(({ actor, share }) => [actor, Number(share.toFixed(6))]),
      [
        ['fast', 0.666667],
        ['slow', 0.333333],
      ],
    )
    assert.equal(pressure.branching, 3)
    assert.equal(pressure.left, 0, 'nothing is left of a complete search')
  })

  it('foresees the size of a space within a factor of two, once it shrinks', async () => {
    const system = instantiate(freeze, { parameters: { N: 2, Q: 2 } })
    const { states, left } = { ...explosionOf(await explore(system, nothing, { maxStates: 80_000 })), states: 80_000 }
    assert.ok(left !== undefined && states + left > 99_721 / 2 && states + left < 99_721 * 2, `left: ${left}`)
    assert.equal(explosionOf(await explore(system, nothing, { maxStates: 3_000 })).left, undefined)
  })

  it('comes as advice with a check that hit a limit, and with no other', async () => {
    const system = instantiate(freeze, { parameters: { N: 2, Q: 2 } })
    const { advice } = await check(system, properties, { maxStates: 3_000 })
    assert.match(advice![0]!, /^no end in sight: every state still finds 1\.\d\d new ones$/)
    assert.match(advice![1]!, /^what varies most: where .* \(\d+ values\)/)
    assert.match(advice![3]!, /smaller parameters \(now N=2, Q=2\)/)
    assert.equal((await check(system, properties)).advice, undefined)
  })
})
