/** What `instantiate` refuses. */

import assert from 'node:assert/strict'
import { bool, env, instantiate, Mistake, over, record, system } from '../src/index.js'

const { model, thread, step } = over(record({ x: bool() }))

describe('instantiate', () => {
  it('refuses a step called end, which would be taken again and again by a thread that is through', () => {
    const misnamed = model('misnamed', {
      question: 'Where is the end?',
      actors: { a: system('somebody') },
      initial: () => ({ x: false }),
      parts: () => [thread('t', { actor: 'a' }, step('end', { origin: env('a toy') }))],
    })
    assert.throws(
      () => instantiate(misnamed),
      (error) => error instanceof Mistake && /called 'end'/.test(error.message),
    )
  })
})
