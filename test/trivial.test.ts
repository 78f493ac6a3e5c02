/** Properties that cannot be false are told apart from those that hold: against the definition, and kind by kind. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check } from '../src/check.js'
import { instantiate, type Property } from '../src/index.js'
import { holding } from '../src/cli/load.js'
import { trivialWhy } from '../src/search/trivial.js'
import { checkClaim } from '../src/tell/claim.js'
import { claimLines } from '../src/tell/claim-text.js'
import { annotationsOf } from '../src/tell/formats/annotations.js'
import { junitOf } from '../src/tell/formats/junit.js'
import { sarifOf } from '../src/tell/formats/sarif.js'
import { htmlOf } from '../src/tell/html/report.js'
import { reportOf } from '../src/tell/report.js'
import { schemaNamed } from '../src/tell/schema.js'
import { settled } from '../src/tell/claim-result.js'
import { valuesOf } from '../src/write/arbitrary.js'
import { bool, int, record } from '../src/write/domain.js'
import { over } from '../src/write/vocabulary.js'
import { propertiesOver } from '../src/write/property.js'
import { asks, predicate, written, type Description, type Test } from './plain-models.js'
import { descriptions } from './random-models.js'
import { action, origin, properties, step as stepOf, thread, toy } from './toy.js'
import { verdictOf } from './verdict-of.js'

const { always, step, reachable, possible, leadsTo, eventually, observer, ltl, cancel } = properties

/** Counts to 2 and back, with a switch that is never on. */
const counter = toy([
  thread(
    't',
    { actor: 'one' },
    stepOf('up', { origin, then: (d) => void d.n++ }),
    stepOf('down', { origin, then: (d) => void d.n--, goto: 'up' }),
  ),
  action('look', { actor: 'two', origin, when: (s) => s.n === 1 }),
])

const small = { state: record({ seen: int(0, 2), bad: bool() }), initial: { seen: 0, bad: false } }

/** What is claimed of the counter, and what is said of it. */
const rows: readonly (readonly [what: string, property: Property, verdict: string])[] = [
  ['an always that looks at nothing', always('p', 'It is.', () => true), 'trivial'],
  ['an always that its domain makes true', always('p', 'It is.', (s) => s.n <= 2), 'trivial'],
  ['an always that says one thing or the other', always('p', 'It is.', (s) => s.on || !s.on), 'trivial'],
  [
    'an always that its premise makes true',
    always('p', 'It is.', { when: (s) => s.n > 0, holds: (s) => s.n !== 0 }),
    'trivial',
  ],
  ['an always whose misspelt value cannot be', always('p', 'It is.', (s) => s.n !== (3 as number)), 'trivial'],
  ['an always that asks where a thread stands', always('p', 'It is.', (s, at) => at('t', 'up') || s.n === 1), 'holds'],
  ['an always that could be false', always('p', 'It is.', (s) => !s.on), 'holds'],
  [
    'an always that is false of what depends on much',
    always('p', 'It is.', (s) => s.slots.every(({ busy }) => !busy)),
    'holds',
  ],
  ['an always without premise anywhere', always('p', 'It is.', { when: () => false, holds: () => true }), 'vacuous'],
  ['a reachable that is so everywhere', reachable('p', 'It is.', (s) => s.n >= 0), 'trivial'],
  ['a reachable that is so somewhere', reachable('p', 'It is.', (s) => s.n > 0), 'holds'],
  ['a possible that is so everywhere', possible('p', 'It can be.', () => true), 'trivial'],
  [
    'a possible that its premise makes true',
    possible('p', 'It can be.', { when: (s) => s.n > 0, holds: (s) => s.n > 0 }),
    'trivial',
  ],
  ['a possible that could be lost', possible('p', 'It can be.', (s) => s.n > 0), 'holds'],
  [
    'a leadsTo from what it leads to',
    leadsTo('p', 'It leads.', { from: (s) => s.n === 1, to: (s) => s.n === 1 }),
    'trivial',
  ],
  ['a leadsTo to something else', leadsTo('p', 'It leads.', { from: (s) => s.n === 1, to: (s) => s.n === 0 }), 'holds'],
  ['an eventually that is so at once', eventually('p', 'It is.', () => true), 'trivial'],
  ['an eventually that comes', eventually('p', 'It is.', (s) => s.n === 1), 'holds'],
  ['a step that looks at nothing', step('p', 'It is.', () => true), 'trivial'],
  [
    'a step that looks at a step only',
    step('p', 'It is.', { on: 't.*', holds: (_, __, { actor }) => actor === 'one' }),
    'trivial',
  ],
  [
    'a step that is so of one step only',
    step('p', 'It is.', { on: 't.*', holds: (b, a, { step }) => step === 't.up' || a.n < b.n }),
    'holds',
  ],
  [
    'a step that its effect makes true',
    step('p', 'It is.', { on: 't.up', holds: (before, after) => after.n > before.n }),
    'holds',
  ],
  [
    'a step that says of after what it asks of it',
    step('p', 'It is.', { when: (_, after) => after.n > 0, holds: (_, after) => after.n >= 1 }),
    'trivial',
  ],
  [
    'an observer that is never wrong',
    observer('p', 'It is.', { ...small, next: (own) => void (own.seen = 1), wrong: () => false }),
    'trivial',
  ],
  [
    'an observer whose error nobody notes',
    observer('p', 'It is.', { ...small, next: (own) => void (own.seen = 1), wrong: (own) => own.bad }),
    'trivial',
  ],
  [
    'an observer that counts below what is wrong',
    observer('p', 'It is.', { ...small, next: (own) => void (own.seen = 1), wrong: (own) => own.seen === 2 }),
    'trivial',
  ],
  [
    'an observer that could note an error',
    observer('p', 'It is.', {
      ...small,
      next: (own, before) => void (before.on ? (own.bad = true) : (own.seen = 1)),
      wrong: (own) => own.bad,
    }),
    'holds',
  ],
  [
    'an observer that could note it in two steps',
    observer('p', 'It is.', {
      ...small,
      next: (own, before) => {
        if (own.seen === 1 && before.on) own.bad = true
        own.seen = 1
      },
      wrong: (own) => own.bad,
    }),
    'holds',
  ],
  [
    'a formula that is true of every word',
    ltl('p', 'It is.', { formula: 'G (a -> F a)', atoms: { a: (s) => s.on } }),
    'vacuous',
  ],
  [
    'a formula that is true of every word, its premise met',
    ltl('p', 'It is.', { formula: 'G (a -> F a)', atoms: { a: (s) => !s.on } }),
    'trivial',
  ],
  [
    'a formula that looks back to what is so',
    ltl('p', 'It is.', { formula: 'G (O (a | b))', atoms: { a: (s) => s.on, b: (s) => !s.on } }),
    'trivial',
  ],
  [
    'a formula whose atoms exclude each other',
    ltl('p', 'It is.', { formula: 'G !(a & b)', atoms: { a: (s) => s.n === 0, b: (s) => s.n === 1 } }),
    'trivial',
  ],
  [
    'a formula that could be false',
    ltl('p', 'It is.', { formula: 'G (a -> F b)', atoms: { a: (s) => s.n === 0, b: (s) => s.n === 1 } }),
    'holds',
  ],
]

/** Every state of a shape and every place of the threads, if they are few. */
function everywhere({
  description,
}: {
  description: Description
}): readonly (readonly [unknown, (thread: string, label: string) => boolean])[] | undefined {
  const places = instantiate(written(description)).threads
  const states = fc.sample(valuesOf({ shape: description.shape }), { seed: 1, numRuns: 3000 })
  const distinct = [...new Map(states.map((one) => [JSON.stringify(one), one])).values()]
  const standings = places.reduce<Record<string, string>[]>(
    (all, { name, labels }) => all.flatMap((one) => labels.map((label) => ({ ...one, [name]: label }))),
    [{}],
  )
  // As many draws as to have every one of so few with near certainty.
  if (distinct.length > 150) return undefined
  return distinct.flatMap((state) =>
    standings.map((at) => [state, (thread: string, label: string) => at[thread] === label] as const),
  )
}

const resting = (rests: ((s: { readonly n: number }) => boolean) | undefined, steps: (n: number) => boolean) => {
  const { model, action: does } = over(record({ n: int(0, 2) }))
  return instantiate(
    model('rests', {
      question: 'Where may it rest?',
      actors: counter.declared.actors,
      initial: () => ({ n: 0 }),
      parts: () => [does('up', { actor: 'one', origin, when: (s) => s.n < 2 && steps(s.n), then: (d) => void d.n++ })],
      ...(rests && { resting: rests }),
    }),
  )
}

describe('no-deadlock', () => {
  const onNoDeadlock = async (...[rests, steps]: Parameters<typeof resting>): Promise<string> =>
    (await check(resting(rests, steps), [])).verdicts[0]!.verdict

  it('cannot be false where every state is one to rest in, whatever that takes to say', async () => {
    assert.equal(
      await onNoDeadlock(
        () => true,
        () => true,
      ),
      'trivial',
    )
    assert.equal(
      await onNoDeadlock(
        (s) => s.n >= 0,
        () => false,
      ),
      'trivial',
    )
    assert.equal(
      await onNoDeadlock(
        (s) => s.n === 0 || s.n > 0,
        () => true,
      ),
      'trivial',
    )
  })

  it('holds or is violated elsewhere', async () => {
    assert.equal(
      await onNoDeadlock(
        (s) => s.n === 2,
        () => true,
      ),
      'holds',
    )
    assert.equal(
      await onNoDeadlock(
        (s) => s.n === 2,
        (n) => n !== 1,
      ),
      'violated',
    )
    assert.equal(await onNoDeadlock(undefined, () => true), 'violated')
  })
})

describe('a property that cannot be false', () => {
  for (const [what, property, verdict] of rows)
    it(`${verdict}: ${what}`, async () => assert.equal((await verdictOf(counter, property)).verdict, verdict))

  it('is one of which the code answers yes in every state there could be: random conditions on random states', () => {
    const counts = { trivial: 0, other: 0 }
    fc.assert(
      fc.property(descriptions(false), ({ description, tests }) => {
        const all = everywhere({ description })
        if (!all) return
        const system = instantiate(written(description))
        const words = propertiesOver({ shape: description.shape })
        const [p, q] = tests.map((test) => predicate(description, test))
        const says = (test: Test, i: number): boolean => asks(test, all[i]![0], {}, all[i]![1], system.threads)
        const claims = [
          [words.always('p', 'It is so.', p!), (i: number) => says(tests[0]!, i)],
          [
            words.always('pq', 'It is so.', { when: p!, holds: q! }),
            (i: number) => !says(tests[0]!, i) || says(tests[1]!, i),
          ],
        ] as const
        for (const [claim, holds] of claims) {
          const expected: boolean = all.every((_, i) => holds(i))
          assert.equal(trivialWhy(system, claim) !== undefined, expected, claim.name)
          counts[expected ? 'trivial' : 'other']++
        }
      }),
      { numRuns: 600 },
    )
    assert.ok(counts.trivial > 20 && counts.other > 200, JSON.stringify(counts))
  })

  it('is told where a search is cut, and not where the model is at fault', async () => {
    const property = always('p', 'It is.', (s) => s.n >= 0)
    const cut = await check(instantiate(counter), [property], { maxStates: 1 })
    assert.deepEqual([cut.complete, cut.verdicts.at(-1)!.verdict], [false, 'trivial'])
    const broken = toy([action('act', { actor: 'one', origin, then: (d) => void d.n++ })])
    assert.equal((await verdictOf(broken, property)).verdict, 'unknown')
  })

  it('is one of the obligations after a cancel, if its plan says yes to everything', async () => {
    const plan = {
      what: 'it',
      thread: 't',
      request: 'up',
      commit: 'down',
      interrupts: { stop: { then: () => undefined } },
    }
    const { verdicts } = await check(instantiate(counter), [
      ...cancel('hollow', { ...plan, idle: () => true, running: () => true }),
      ...cancel('sound', { ...plan, idle: (_, at) => at('t', 'up'), running: (s) => !s.on }),
    ])
    assert.deepEqual(
      verdicts.slice(2).map(({ property, verdict }) => `${property} ${verdict}`),
      ['hollow-returns trivial', 'hollow-can-try-again holds', 'sound-returns holds', 'sound-can-try-again holds'],
    )
  })

  it('is no claim that is met, in every report', async () => {
    const expect = { 'no-deadlock': 'holds', 'in-domain': 'holds', p: 'holds' } as const
    const instance = holding('base', {}, [])
    const protocol = {
      name: 'toy',
      address: 'toy',
      model: { ...counter, declared: { ...counter.declared, resting: () => false } },
      properties: [always('p', 'It is.', (s) => s.n <= 2)],
      spec: { schema: 'thawproof/spec@1' as const, protocol: 'toy', references: {}, instances: [instance] },
    }
    const why = 'it cannot be false: what it asks is so in every state'
    const claim = settled(await checkClaim(protocol, { ...instance, expect }), [])
    assert.deepEqual(claim.differences, [`p: claimed to hold, found trivial (${why})`])
    const text = claimLines(claim, 200, false).join('\n')
    assert.match(
      text,
      /✗ base .* found 2 hold, 1 trivial\n.*trivial: p: it cannot be false.*\n.*not as claimed: p: claimed to hold, found trivial/,
    )
    const report = reportOf([claim])
    assert.equal(schemaNamed('report')(JSON.parse(JSON.stringify(report))), true)
    assert.equal(report.met, false)
    assert.deepEqual(report.instances[0]!.verdicts.at(-1), {
      property: 'p',
      kind: 'always',
      verdict: 'trivial',
      claimed: 'holds',
      why,
      traceLength: null,
    })
    assert.match(junitOf([claim]), /failures="1" .*<failure message="p: claimed to hold, found trivial/s)
    assert.match(
      JSON.stringify(sarifOf([claim])),
      /"level":"warning","message":\{"text":"toy\/base: p: claimed to hold, found trivial/,
    )
    assert.match(htmlOf([claim], {}), /"verdict":"trivial","why":"it cannot be false/)
    assert.match(
      annotationsOf([claim], () => () => undefined)[0]!,
      /^::error title=toy\/base::p: claimed to hold, found trivial/,
    )
    const because = { verdict: 'trivial', because: 'It counts no further.' } as const
    const meant = await checkClaim(protocol, { ...instance, expect: { ...expect, p: because } })
    assert.deepEqual(meant.differences, [])
  })
})
