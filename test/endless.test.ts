/** Fair runs without an end, on demand: those that break a property and those that satisfy a formula, told apart by where they stay. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check } from '../src/check.js'
import {
  env,
  instantiate,
  int,
  over,
  propertiesOver,
  record,
  system,
  type Property,
  type System,
} from '../src/index.js'
import { endlessRuns, isEndless } from '../src/ask/runs/endless.js'
import type { Run } from '../src/search/run.js'

const state = record({ at: int(0, 5) })
const { model, action } = over(state)
const { ltl, eventually, leadsTo, alwaysEventually, always } = propertiesOver(state)
const origin = env('the test')

/** A system that goes along these edges, from 0, and rests where none leads on. */
const along = (edges: readonly (readonly [from: number, to: number])[]): System =>
  instantiate(
    model('graph', {
      question: 'Which way?',
      actors: { walker: system('walks') },
      initial: () => ({ at: 0 }),
      parts: () =>
        edges.map(([from, to]) =>
          action(`go_${from}_${to}`, {
            actor: 'walker',
            origin,
            when: (s) => s.at === from,
            then: (d) => void (d.at = to),
          }),
        ),
      resting: () => true,
    }),
  )

const looked = async (made: System, property: Property, wanted: 'broken' | 'met' = 'broken', number = 9) =>
  endlessRuns(made, { property, wanted, number })
const told = ({ steps, loop }: Run): string =>
  steps.map(({ transition }, i) => `${i === loop ? '| ' : ''}${transition.name.replace('walker.go_', '')}`).join(' ')

describe('fair runs on demand', () => {
  const fork = along([
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 3],
    [3, 2],
    [0, 4],
  ])

  it('are told once for each place where they can stay', async () => {
    const five = eventually('five', 'It comes to five.', (s) => s.at === 5)
    const { runs, whys, givenUp } = await looked(fork, five)
    assert.deepEqual(runs.map(told).toSorted(), ['0_2 | 2_3 3_2', '0_4', '| 0_1 1_0'].toSorted())
    assert.equal(givenUp, undefined)
    assert.equal(whys!.length, runs.length)
    assert.match(whys!.join('\n'), /it never happens; fair because/)
    assert.match(whys!.join('\n'), /it never happens; the run ends here/)
    assert.equal((await looked(fork, five, 'broken', 2)).runs.length, 2)
  })

  it('break promises, and are none of a property that holds', async () => {
    const promise = leadsTo('back', 'From two it comes back.', { from: (s) => s.at === 2, to: (s) => s.at === 0 })
    assert.deepEqual((await looked(fork, promise)).runs.map(told), ['0_2 | 2_3 3_2'])
    const two = alwaysEventually('two', 'Two comes again and again.', (s) => s.at < 5)
    assert.deepEqual((await looked(fork, two)).runs, [])
    assert.ok(
      isEndless(fork, promise) &&
        !isEndless(
          fork,
          always('a', 'It is small.', (s) => s.at < 5),
        ),
    )
  })

  it('satisfy a formula in which its premise comes about', async () => {
    const atoms = { two: (s: { at: number }) => s.at === 2, three: (s: { at: number }) => s.at === 3 }
    const { runs, whys } = await looked(
      fork,
      ltl('then', 'Three follows two.', { formula: 'G (two -> F three)', atoms }),
      'met',
    )
    assert.deepEqual(runs.map(told), ['0_2 | 2_3 3_2'])
    assert.match(whys![0]!, /^a run satisfies it; fair because/)
  })

  it('are found if and only if the verdict says that there are some, on random graphs', async () => {
    const formulas = ['G (p -> F q)', 'F G p', 'G F q', 'p U q', 'X p | G q', 'F p & !q', 'G p', 'G (q -> O p)']
    const edge = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }))
    const counts = { broken: 0, met: 0, neither: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(edge, { minLength: 1, maxLength: 8, selector: String }),
        fc.constantFrom(...formulas),
        fc.nat(31),
        fc.nat(31),
        async (edges, formula, p, q) => {
          const made = along(edges)
          const atoms = {
            p: (s: { at: number }) => ((p >> s.at) & 1) === 1,
            q: (s: { at: number }) => ((q >> s.at) & 1) === 1,
          }
          const property = ltl('so', 'It is so.', { formula, atoms })
          const opposite = ltl('not', 'It is not so.', { formula: `!(${formula})`, atoms })
          const { verdicts } = await check(made, [property, opposite])
          const violated = (name: string): boolean =>
            verdicts.find((one) => one.property === name)!.verdict === 'violated'
          const broken = await looked(made, property, 'broken', 3)
          assert.equal(broken.runs.length > 0, violated('so'), 'broken')
          const met = await looked(made, opposite, 'met', 3)
          assert.equal(met.runs.length > 0, violated('so'), 'met')
          assert.equal((await looked(made, opposite, 'broken', 3)).runs.length > 0, violated('not'), 'opposite')
          counts[violated('so') ? 'broken' : violated('not') ? 'met' : 'neither']++
        },
      ),
      { numRuns: 60 },
    )
    assert.ok(counts.broken > 10 && counts.met > 4, JSON.stringify(counts))
  })
})
