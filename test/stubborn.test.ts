/** Search by stubborn sets: the same verdicts and shortest lengths, whatever it leaves out. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check, type Outcome } from '../src/check.js'
import {
  array,
  bool,
  env,
  instantiate,
  int,
  list,
  over,
  propertiesOver,
  record,
  system,
  type Property,
} from '../src/index.js'
import type { At } from '../src/write/model.js'
import { Independence } from '../src/search/reductions/independence.js'
import { Probe } from '../src/derive/probe.js'
import { loadProtocol, systemOf } from '../src/tell/protocol.js'
import { fixpoint } from './fixpoint.js'
import { nowhere, predicate, written, type Description, type Test, type Where } from './plain-models.js'
import { alike, descriptions } from './random-models.js'
import { oracles as philosophers } from './oracles/philosophers.js'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const origin = env('a worker')

const ended = (n: number, at: At): boolean => upTo(n).every((i) => at(`w(${i})`, 'end'))

/** Workers that count to three, each for itself; at the end each adds to a sum, if it is to. */
function workers(n: number, adding: boolean) {
  const state = record({ own: array(n, int(0, 3)), sum: int(0, n) })
  const { model, thread, step } = over(state)
  const made = model('workers', {
    question: 'Do all come to their end?',
    actors: { worker: system('counts') },
    initial: () => ({ own: upTo(n).map(() => 0), sum: 0 }),
    parts: () => [
      thread(
        'w',
        { actor: 'worker', for: { i: upTo(n) } },
        step('count', {
          origin,
          either: {
            on: { when: (s, { i }) => s.own[i]! < 3, then: (d, { i }) => void d.own[i]!++, goto: 'count' },
            done: { when: (s, { i }) => s.own[i] === 3, then: (d) => void (adding && d.sum++) },
          },
        }),
      ),
    ],
    resting: (_, at) => ended(n, at),
  })
  return { system: instantiate(made), words: propertiesOver(state) }
}

const told = ({ verdicts, unfired }: Outcome): unknown => [
  unfired,
  verdicts.map(({ property, verdict, why, run }) => [property, verdict, why, run?.steps.length]),
]

type Says = (state: unknown, at: Where) => boolean

function claimsOf(description: Description, tests: readonly Test[]): readonly Property[] {
  const { always, step, reachable, possible } = propertiesOver({ shape: description.shape })
  const [p, q, r = p] = tests.map((test) => predicate(description, test)) as [Says, Says, Says?]
  return [
    always('p', 'It is so.', p),
    always('p-then-q', 'If one, then the other.', { when: p, holds: q }),
    step('moves', 'An action that may do this does that.', {
      on: 'one.x*',
      when: (before, _, { at }) => p(before, at),
      holds: (before, after, { at }) => q(before, at) || r(after, nowhere),
    }),
    reachable('r', 'It can be.', r),
    possible('on', 'It can still be.', r),
    possible('from-p-to-q', 'From one, the other can still be.', { when: p, holds: q }),
  ]
}

describe('stubborn sets', () => {
  it('take one order where no order matters', async () => {
    const { system: alone, words } = workers(4, false)
    const last = words.possible('ends', 'All can end.', (_, at) => ended(4, at))
    const plain = await check(alone, [last])
    const reduced = await check(alone, [last], { reduce: true })
    assert.deepEqual(reduced.reduction, { by: 'stubborn sets', whole: [] })
    assert.deepEqual(told(reduced), told(plain))
    assert.equal(plain.states, 5 ** 4)
    assert.equal(reduced.states, 4 * 4 + 1)
  })

  it('keep what a property looks at, and find it with a shortest run', async () => {
    const { system: adding, words } = workers(3, true)
    const claims = [
      words.always('few', 'Two have added at most.', (s) => s.sum < 3),
      words.always(
        'first-first',
        'The first adds before the second is done.',
        (_, at) => !at('w(1)', 'end') || at('w(0)', 'end'),
      ),
      words.step('third-last', 'The third is not done before the others.', {
        on: 'w.count/done',
        holds: (before, after, { args }) => args.i !== 2 || (before.sum === 2 && after.sum === 3),
      }),
    ]
    const plain = await check(adding, claims)
    const reduced = await check(adding, claims, { reduce: true })
    assert.deepEqual(told(reduced), told(plain))
    assert.deepEqual(
      plain.verdicts.map(({ run }) => run?.steps.length),
      [undefined, undefined, 12, 4, 4],
    )
    const few = await check(adding, claims.slice(0, 1), { reduce: true })
    assert.ok(few.states < plain.states, `${few.states} of ${plain.states}`)
  })

  it('find that steps commute by taking them in both orders', () => {
    const state = record({ sum: int(0, 9), flag: bool(), log: list(4, int(0, 1)), mode: int(0, 1) })
    const { model, action } = over(state)
    const add = {
      actor: 'a',
      origin,
      when: (s: { sum: number }) => s.sum < 8,
      then: (d: { sum: number }) => void d.sum++,
    }
    const made = instantiate(
      model('pairs', {
        question: 'Which steps commute?',
        actors: { a: system('acts') },
        initial: () => ({ sum: 0, flag: false, log: [], mode: 0 }),
        parts: () => [
          action('add', add),
          action('add-too', add),
          action('set', { actor: 'a', origin, then: (d) => void (d.flag = true) }),
          action('set-too', { actor: 'a', origin, then: (d) => void (d.flag = true) }),
          action('clear', { actor: 'a', origin, then: (d) => void (d.flag = false) }),
          action('zero', { actor: 'a', origin, when: (s) => s.log.length < 4, then: (d) => void d.log.push(0) }),
          action('one', { actor: 'a', origin, when: (s) => s.log.length < 4, then: (d) => void d.log.push(1) }),
          action('here', { actor: 'a', origin, when: (s) => s.mode === 0, then: (d) => void (d.flag = !d.flag) }),
          action('there', { actor: 'a', origin, when: (s) => s.mode === 1, then: (d) => void (d.flag = false) }),
        ],
      }),
    )
    const independence = new Independence(made, new Probe(made))
    const names = made.transitions.map(({ name }) => name.replace('a.', ''))
    const pairs = names.flatMap((a, i) =>
      names.flatMap((b, j) => (j > i && independence.conflicts[i]!.has(j) ? [`${a} ${b}`] : [])),
    )
    // The last addition is in the way of another; "here" and "there" are never both possible.
    assert.deepEqual(pairs, [
      'add add-too',
      'set clear',
      'set here',
      'set there',
      'set-too clear',
      'set-too here',
      'set-too there',
      'clear here',
      'zero one',
    ])
  })

  it('are left off for fair runs and certificates', async () => {
    const { system: alone, words } = workers(2, false)
    const ends = words.eventually('ends', 'All end.', (_, at) => ended(2, at))
    const plain = await check(alone, [ends])
    const reduced = await check(alone, [ends], { reduce: true })
    assert.match(JSON.stringify(reduced.reduction), /property ends is about fair runs/)
    assert.deepEqual([told(reduced), reduced.states], [told(plain), plain.states])
    const certified = await check(alone, [], { reduce: true, certify: true })
    assert.match(JSON.stringify(certified.reduction), /certificate/)
  })

  it('are left off where something depends on more than can be told, and say what', async () => {
    const { system: alone, words } = workers(8, false)
    const sum = (s: { own: readonly number[] }): number => s.own.reduce((all, one) => all + one, 0)
    const said = async (property: Property): Promise<unknown> => {
      const plain = await check(alone, [property])
      const reduced = await check(alone, [property], { reduce: true })
      assert.deepEqual([told(reduced), reduced.states], [told(plain), plain.states])
      return reduced.reduction
    }
    const little = words.always('little', 'They do not count on for ever.', (s) => sum(s) <= 24)
    const much = 'depends on more than can be told in 20,000 runs of it'
    assert.deepEqual(await said(little), { by: 'stubborn sets', off: `property little ${much}` })
    const fails = words.always('fails', 'It throws where nobody comes.', (s) => {
      if (s.sum > 3) throw new Error('too many')
      return true
    })
    const where = 'throws in some states, perhaps in none that is reached'
    assert.deepEqual(await said(fails), { by: 'stubborn sets', off: `property fails ${where}` })

    const state = record({ own: array(8, int(0, 3)), done: bool() })
    const { model, action } = over(state)
    const origin = env('a toy')
    const made = instantiate(
      model('sums', {
        question: 'Who reads everything?',
        actors: { a: system('adds') },
        initial: () => ({ own: upTo(8).map(() => 0), done: false }),
        parts: () => [
          action('end', { actor: 'a', origin, when: (s) => sum(s) === 0, then: (d) => void (d.done = true) }),
        ],
      }),
    )
    const step = 'step a.end depends on more than can be told in 4,000 runs of it'
    assert.deepEqual((await check(made, [], { reduce: true })).reduction, { by: 'stubborn sets', off: step })
  })

  for (const [name, oracle] of [['philosophers', philosophers[3]!]] as const)
    it(`agree on the known figures of ${name}`, async () => {
      const made = instantiate(oracle.model, oracle.parameters && { parameters: oracle.parameters })
      const reduced = await check(made, oracle.properties, { reduce: true })
      const verdicts = reduced.verdicts.map(({ property, verdict, run }) => [property, run?.steps.length ?? verdict])
      assert.deepEqual(Object.fromEntries(verdicts), oracle.verdicts)
      assert.ok(reduced.states <= oracle.states)
    })

  it('agree with the plain search on every instance of some protocols; `npm run reductions` tries all', async () => {
    for (const name of ['async-schedule', 'disk-ownership', 'idle-offline']) {
      const protocol = await loadProtocol(name)
      for (const instance of protocol.spec.instances) {
        const made = systemOf(protocol, instance)
        const plain = await check(made, protocol.properties)
        const reduced = await check(made, protocol.properties, { reduce: true })
        assert.deepEqual(told(reduced), told(plain), `${name}/${instance.id}`)
        assert.deepEqual(reduced.reduction, { by: 'stubborn sets', whole: [] })
      }
    }
  })

  it('agree with the plain search on random models', async () => {
    let fewer = 0
    let faulty = 0
    const any = fc.oneof(descriptions(false), descriptions(true), alike)
    await fc.assert(
      fc.asyncProperty(any, async ({ description, tests }) => {
        if (!fixpoint(description)) return
        const claims = claimsOf(description, tests)
        for (const some of [[], [claims[4]!], claims]) {
          const made = instantiate(written(description))
          const plain = await check(made, some, { symmetry: false })
          const reduced = await check(made, some, { reduce: true })
          assert.deepEqual(told(reduced), told(plain))
          assert.ok(reduced.states <= plain.states)
          if (plain.fault) faulty++
          if (reduced.states < plain.states) fewer++
        }
      }),
      { seed: 20257, numRuns: 30 },
    )
    assert.ok(fewer > 2 && faulty > 2, `${fewer} reduced, ${faulty} at fault`)
  })
})
