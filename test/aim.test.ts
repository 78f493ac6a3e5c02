/** Runs on demand: as short as can be, through what was asked for, and different where they say so. */

import fc from 'fast-check'
import assert from 'node:assert/strict'
import {
  bool,
  env,
  environment,
  instantiate,
  int,
  Mistake,
  over,
  propertiesOver,
  record,
  system,
  type Property,
  type System,
} from '../src/index.js'
import { explore } from '../src/search/explore.js'
import type { Aim } from '../src/ask/runs/aim.js'
import { breaking, witnessing, type Witnessing } from '../src/ask/runs/broken.js'
import { runsFor, type Found } from '../src/ask/runs/found.js'
import { Commuting, foata } from '../src/ask/runs/orders.js'
import { isEnabled, take } from '../src/search/reference.js'
import { fixpoint } from './fixpoint.js'
import { predicate, standing, written } from './plain-models.js'
import { descriptions } from './random-models.js'

const state = record({ a: int(0, 2), b: int(0, 2), c: int(0, 3), broken: bool() })
const { model, thread, step, action } = over(state)
const origin = env('the test')
const { always, step: stepProperty, possible, leadsTo, reachable, observer } = propertiesOver(state)

/** Two threads that do not touch each other, one that counts for both, and somebody who may break it. */
const toy = model('toy', {
  question: 'Which order?',
  actors: { left: system('left'), right: system('right'), other: environment('breaks it') },
  initial: () => ({ a: 0, b: 0, c: 0, broken: false }),
  parts: () => [
    thread(
      'left',
      { actor: 'left' },
      step('one', { origin, then: (d) => void d.a++ }),
      step('two', { origin, then: (d) => void d.a++ }),
    ),
    thread(
      'right',
      { actor: 'right' },
      step('one', { origin, then: (d) => void d.b++ }),
      step('two', { origin, then: (d) => void d.b++ }),
    ),
    thread(
      'late',
      { actor: 'right' },
      step('count', { origin, when: (s) => s.a === 2, then: (d) => void (d.c += d.b) }),
    ),
    action('break', {
      actor: 'other',
      origin,
      when: (s) => s.a === 1 && !s.broken,
      then: (d) => void (d.broken = true),
    }),
  ],
  resting: () => true,
})
const made = instantiate(toy)

const look = (aim: Aim, number = 1): Promise<Found> => runsFor(made, { aim, number })
const names = ({ runs }: Found): string[] =>
  runs.map(({ steps }) => steps.map(({ transition }) => transition.name).join(' '))

describe('a run on demand', () => {
  it('is a shortest one to a condition, and none only after the whole search', async () => {
    assert.deepEqual(names(await look({ to: 'c == 1' })), ['left.one left.two right.one late.count'])
    assert.deepEqual(names(await look({ to: 'a == 0' })), [''])
    const none = await look({ to: 'c == 3' })
    assert.deepEqual([none.runs, none.cut], [[], undefined])
  })

  it('passes steps in the order asked for, ends with one, and avoids others', async () => {
    assert.deepEqual(names(await look({ through: ['right.two', 'left.one'] })), ['right.one right.two left.one'])
    assert.deepEqual(names(await look({ through: ['left.one'], until: 'right.*' })), ['left.one right.one'])
    assert.deepEqual(names(await look({ until: 'late.count', to: 'broken' })), [
      'left.one other.break left.two late.count',
    ])
    assert.deepEqual(names(await look({ to: 'broken', avoid: ['left.one'] })), [])
    assert.equal((await look({ through: ['right.one', 'right.one'] })).runs.length, 0)
  })

  it('says loudly that a limit cut the search', async () => {
    const { runs, cut } = await runsFor(made, { aim: { to: 'c == 3' }, number: 1 }, { maxStates: 3 })
    assert.deepEqual([runs.length, cut?.limit], [0, 'states'])
  })

  it('refuses names that no variant has', async () => {
    await assert.rejects(look({ through: ['left.won'] }), (error: Mistake) =>
      /no step 'left.won'[^]*did you mean 'left.one'/.test(error.message),
    )
    await assert.rejects(look({ to: 'd == 1' }), /no field 'd'/)
  })

  it('has others only if they differ in more than the order of what commutes', async () => {
    // Six orders of two steps each, and all of them come to the same.
    assert.equal((await look({ to: 'a == 2 && b == 2', avoid: ['other.break', 'late.count'] }, 9)).runs.length, 1)
    // What is counted depends on where right stands: once, twice.
    const counted = await look({ to: `at(late) == 'end' && b == 2`, avoid: ['other.break'] }, 9)
    assert.deepEqual(
      counted.runs.map(({ steps }) => (steps.at(-1)!.after.state as { c: number }).c).toSorted(),
      [0, 1, 2],
    )
    assert.equal(counted.givenUp, undefined)
    const order = new Commuting(made)
    const words = counted.runs.map(({ steps }) => steps.map(({ transition }) => transition.index))
    assert.equal(new Set(words.map((word) => JSON.stringify(foata(word, order)))).size, words.length)
  })

  it('breaks a property of any kind that a finite run breaks, and shows what one that holds speaks of', async () => {
    const quick = observer('quick', 'Right is not faster.', {
      state: record({ late: bool() }),
      initial: { late: false },
      on: 'right.two',
      next: (own, before) => void (own.late = before.a === 0),
      wrong: (own) => own.late,
    })
    const lengths: [Parameters<typeof breaking>[1], number][] = [
      [always('a', 'It is not broken.', (s) => !s.broken), 2],
      [stepProperty('b', 'Nothing counts while it is broken.', { on: 'late.count', holds: (s) => !s.broken }), 4],
      [possible('c', 'It can still be counted twice.', (s) => s.c === 2 || (s.c === 0 && s.b < 3)), 4],
      [quick, 2],
    ]
    for (const [property, length] of lengths) {
      const course = breaking(made, property)!
      const { runs } = await runsFor(made, { aim: {}, course, property, number: 3 })
      assert.equal(runs[0]?.steps.length, length, property!.name)
      for (const one of runs) assert.equal('passed' in (one.start.state as object), false)
    }
    const shown = (property: Property): Exclude<Witnessing, { nothing: string }> => {
      const found = witnessing(made, property)
      assert.ok('shows' in found)
      return found
    }
    const met = leadsTo('d', 'What is begun is counted.', { from: (s) => s.a === 1, to: (s) => s.c > 0 })
    const course = shown(met)
    assert.match(course.shows, /premise/)
    assert.deepEqual(names(await runsFor(made, { aim: {}, course, property: met, number: 1 })), [
      'left.one left.two right.one late.count',
    ])
    const every = witnessing(
      made,
      always('e', 'It counts.', (s) => s.c >= 0),
    )
    assert.match('nothing' in every ? every.nothing : '', /any run shows it/)
    assert.equal(shown(reachable('f', 'It can be broken.', (s) => s.broken)).shows, 'a state in which it is met')
  })

  it('is as short as the definition has it, on random models', async () => {
    let found = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description, tests }) => {
        const naive = fixpoint(description)
        const test = tests[0]
        if (!naive || !test) return
        const asks = predicate(description, test)
        const system = instantiate(written(description))
        const course = { system, arrived: asks }
        // What asks for an argument that its step does not have is refused, and searched by nobody.
        const runs = await runsFor(system, { aim: {}, course, number: 1 }).then(
          (one) => one.runs,
          (error: unknown) => assert.match(String(error), /there is no argument/),
        )
        if (!runs) return
        const rounds = [...naive.round].flatMap(([text, round]) => {
          const [value, at] = JSON.parse(text) as [unknown, Record<string, string>]
          return asks(value, standing(at)) ? [round] : []
        })
        assert.equal(runs[0]?.steps.length, rounds.length === 0 ? undefined : Math.min(...rounds))
        found += runs.length
      }),
      { seed: 20311, numRuns: 80 },
    )
    assert(found > 15, `${found} runs were found`)
  })

  it('takes steps for commuting only where both orders can be taken and come to the same, on random models', async () => {
    let swapped = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description }) => {
        if (!fixpoint(description)) return
        swapped += await swap(instantiate(written(description)))
      }),
      { seed: 20312, numRuns: 40 },
    )
    assert(swapped > 100, `${swapped} pairs of steps were exchanged`)
  })
})

/** Exchanges every two neighbours that are said to commute, wherever they follow each other. */
async function swap(made: System): Promise<number> {
  const { expander, states } = await explore(made, { states: [], steps: [], collects: [] })
  const order = new Commuting(made)
  let swapped = 0
  for (let id = 0; id < states; id++) {
    const here = expander.stateOf(id)
    for (const a of made.transitions.filter((one) => isEnabled(made, here, one))) {
      const there = take(made, here, a).next
      for (const b of made.transitions.filter((one) => isEnabled(made, there, one))) {
        if (order.ordered(a.index, b.index)) continue
        swapped++
        assert(isEnabled(made, here, b), `${b.name} before ${a.name}`)
        const other = take(made, here, b).next
        assert(isEnabled(made, other, a), `${a.name} after ${b.name}`)
        assert.deepEqual(take(made, other, a).next, take(made, there, b).next)
      }
    }
  }
  return swapped
}
