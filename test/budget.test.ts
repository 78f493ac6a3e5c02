/** How much a review searches: counted in states, so that it replies alike wherever it runs. */

import assert from 'node:assert/strict'
import { env, int, over, record, system } from '../src/index.js'
import { Budget } from '../src/tell/review/budget.js'
import { instantiate, type System } from '../src/write/system.js'

const { model, thread, step } = over(record({ x: int(0, 172), y: int(0, 172) }))

/** Two who count: (most + 1) squared states. */
const counting = (most: number): System =>
  instantiate(
    model('counting', {
      question: 'How far do they count?',
      actors: { counter: system('who counts') },
      initial: () => ({ x: 0, y: 0 }),
      parts: () =>
        (['x', 'y'] as const).map((name) =>
          thread(
            name,
            { actor: 'counter' },
            step('count', {
              origin: env('up to the last number'),
              when: (s) => s[name] < most,
              then: (d) => void d[name]++,
              goto: 'count',
            }),
          ),
        ),
    }),
  )
const large = counting(172)

describe('the budget of a review', () => {
  it('leaves out a space that is larger than it was said to be, unless it is searched in any case', async () => {
    const budget = new Budget({})
    assert.equal(await budget.search(large, [], false), null)
    const sure = await budget.search(large, [], true)
    assert.deepEqual([sure?.complete, sure?.states], [true, 173 ** 2])
    assert.equal((await new Budget({ thorough: true }).search(large, [], false))?.complete, true)
  })

  it('tells a lower limit of the user as what it is', async () => {
    const cut = await new Budget({ maxStates: 100 }).search(large, [], false)
    assert.equal(cut?.complete, false)
    assert.match(cut.cut!.says, /--max-states 100 was hit/)
  })

  it('is spent at some time: then only what is searched in any case is searched', async () => {
    const budget = new Budget({})
    const small = counting(9)
    assert.equal((await budget.search(small, [], false))?.states, 100)
    for (let i = 0; i < 4; i++) await budget.search(large, [], false)
    assert.equal(await budget.search(small, [], false), null)
    assert.equal((await budget.search(small, [], true))?.states, 100)
  })
})
