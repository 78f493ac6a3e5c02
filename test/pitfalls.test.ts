/** What other checkers are known to answer wrongly. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { env, instantiate, int, over, propertiesOver, record, system } from '../src/index.js'
import { closes, verdictOf } from './verdict-of.js'

const origin = env('a textbook')

describe('where others answer wrongly', () => {
  /** A graph given as paths, as in the tests of Stateright: one step per edge, weakly fair as a whole. */
  const paths = (...given: readonly (readonly number[])[]) => {
    const state = record({ n: int(0, 9) })
    const { model, action } = over(state)
    const edges = new Set(given.flatMap((path) => path.slice(1).map((to, i) => `${path[i]!}-${to}`)))
    const either = Object.fromEntries(
      [...edges].map((edge) => {
        const [from, to] = edge.split('-').map(Number)
        return [
          `e${edge}`,
          { when: (s: { readonly n: number }) => s.n === from, then: (d: { n: number }) => void (d.n = to!) },
        ]
      }),
    )
    const made = model('paths', {
      question: 'Is an odd number met?',
      actors: { a: system('moves') },
      initial: () => [...new Set(given.map(([first]) => first!))].map((n) => ({ n })),
      parts: () => [action('go', { actor: 'a', origin, either })],
      resting: () => true,
    })
    const odd = propertiesOver(state).eventually('odd', 'An odd number is met.', (s) => s.n % 2 === 1)
    return verdictOf(made, odd)
  }

  it('an eventually is not missed on a cycle', async () => {
    const verdict = await paths([0, 2, 4, 2])
    assert.equal(verdict.verdict, 'violated')
    assert.deepEqual([verdict.run!.steps.length, verdict.run!.loop], [3, 1])
    assert.ok(closes(verdict))
  })

  it('an eventually is not missed where two paths join', async () => {
    assert.equal((await paths([0, 2, 4], [1, 4, 6])).verdict, 'violated')
    assert.equal((await paths([1, 4, 6], [0, 2, 4])).verdict, 'violated')
  })

  it('an eventually holds where every path meets it', async () => {
    assert.equal((await paths([0, 1], [0, 2, 3], [2, 5, 4])).verdict, 'holds')
  })

  describe('a counter', () => {
    const state = record({ x: int(0, 200) })
    const { model, action } = over(state)
    const { eventually, leadsTo, eventuallyAlways } = propertiesOver(state)
    const counter = model('counter', {
      question: 'Does it reach a hundred?',
      actors: { a: system('counts') },
      initial: () => ({ x: 0 }),
      parts: () => [action('count', { actor: 'a', origin, then: (d) => void (d.x = (d.x + 1) % 201) })],
    })
    const hundred = eventually('hundred', 'It reaches a hundred.', (s) => s.x === 100)

    it('that is cut at five does not reach a hundred: nobody knows', async () => {
      const { verdicts, complete } = await check(instantiate(counter), [hundred], { maxStates: 5 })
      assert.equal(complete, false)
      assert.equal(verdicts.at(-1)!.verdict, 'unknown')
      assert.match(verdicts.at(-1)!.why!, /--max-states 5/)
    })

    it('that is not cut reaches it', async () => {
      assert.equal((await verdictOf(counter, hundred)).verdict, 'holds')
    })

    it('shows a run that breaks a property even in a search that was cut', async () => {
      const { verdicts } = await check(instantiate(counter, { fairness: { 'a.count': 'none' } }), [hundred], {
        maxStates: 5,
      })
      assert.equal(verdicts.at(-1)!.verdict, 'violated')
    })

    it('leads nowhere from what never is: vacuous', async () => {
      const never = leadsTo('never', 'From nowhere.', { from: (s) => s.x > 200, to: (s) => s.x === 0 })
      assert.equal((await verdictOf(counter, never)).verdict, 'vacuous')
    })

    it('does not stay both even and odd', async () => {
      const both = [0, 1].map((rest) => eventuallyAlways(`stays-${rest}`, 'It stays so.', (s) => s.x % 2 === rest))
      for (const property of both) assert.equal((await verdictOf(counter, property)).verdict, 'violated')
    })
  })
})
