/** Steps of C functions, and what a step takes from its surroundings. */

import assert from 'node:assert/strict'
import {
  bool,
  env,
  environment,
  instantiate,
  int,
  over,
  propertiesOver,
  record,
  source,
  system as actor,
  type Choice,
  type System,
} from '../src/index.js'
import { check } from '../src/check.js'
import type { Part, Patch } from '../src/write/model.js'

const state = record({ n: int(0, 3), go: bool() })
const { model, thread, step, action, call, does, returnIf, choose, set, as, patch, edit } = over(state)
const { leadsTo } = propertiesOver(state)
const origin = env('a toy')
const outer = source('drivers/a.c', 'outer')
const inner = source('drivers/a.c', 'inner.part')

type Conditions = Readonly<Record<string, (state: { readonly n: number }) => boolean>>

const made = (
  parts: readonly Part[],
  patches: readonly Patch[] = [],
  choice: Choice = {},
  conditions: Conditions = {},
): System =>
  instantiate(
    model('toy', {
      question: 'Where does it go?',
      actors: { a: actor('does it'), b: actor('does it, too'), e: environment('whoever') },
      initial: () => ({ n: 0, go: false }),
      parts: () => parts,
      patches,
      resting: () => true,
      while: conditions,
    }),
    choice,
  )

/** Each transition as `name -> label`. */
const ways = ({ threads, transitions }: System): string[] =>
  transitions.map(({ name, thread: at, to }) => `${name} -> ${threads[at]?.labels[to]}`)

const nested = call(
  outer,
  set({ go: true }),
  call(
    inner,
    returnIf('done', (s) => s.n > 0),
    does('count', { then: (d) => void d.n++ }),
  ),
  does('last'),
)

describe('the steps of a function', () => {
  it('are called by it, come from it, and leave it for what is behind', () => {
    const system = made([thread('t', { actor: 'a' }, nested, step('after', { origin }))])
    assert.deepEqual(ways(system), [
      't.outer:go=true -> outer:inner_part:done',
      't.outer:inner_part:done/returns -> outer:last',
      't.outer:inner_part:done/goes_on -> outer:inner_part:count',
      't.outer:inner_part:count -> outer:last',
      't.outer:last -> after',
      't.after -> end',
    ])
    assert.deepEqual(system.transitions[3]!.origin, {
      ...outer,
      calls: { file: 'drivers/a.c', symbol: 'inner.part' },
    })
  })

  it('leave the whole thread if nothing is behind', () => {
    const system = made([
      thread(
        't',
        { actor: 'a' },
        call(
          outer,
          returnIf('done', (s) => s.go),
          does('last'),
        ),
      ),
    ])
    assert.equal(ways(system)[0], 't.outer:done/returns -> end')
  })

  it('go to each other by short names', () => {
    const again = call(outer, does('first'), does('second', { goto: 'first' }))
    assert.equal(ways(made([thread('t', { actor: 'a' }, again)]))[1], 't.outer:second -> outer:first')
  })

  it('may be put in twice, under other names', () => {
    const twice = () => made([thread('t', { actor: 'a' }, nested, nested)])
    assert.throws(twice, /'t\.outer:go=true' is declared twice/)
    const system = made([thread('t', { actor: 'a' }, nested, as('again', nested))])
    assert.equal(ways(system)[6], 't.again:outer:inner_part:done/returns -> again:outer:last')
    assert.equal(ways(system)[4], 't.outer:last -> again:outer:go=true')
  })

  it('choose what cannot be taken back, and then wait for it', async () => {
    const waits = choose('got', {
      signal: { wait: (s) => s.go },
      // Not as an alternative that waits: that could still go the other way.
      nothing: { then: (d) => void (d.n = 1) },
    })
    const parts = [
      thread('t', { actor: 'a' }, call(outer, waits, set({ n: 2 }))),
      thread('u', { actor: 'b' }, call(inner, set({ go: true }))),
    ]
    const system = made(parts)
    assert.deepEqual(ways(system).slice(0, 4), [
      't.outer:got/signal -> outer:got:signal',
      't.outer:got/nothing -> outer:n=2',
      't.outer:got:signal -> outer:n=2',
      't.outer:n=2 -> end',
    ])
    const { possible } = propertiesOver(state)
    const goesOn = possible('goes-on', 'It can always go on.', (s) => s.n === 2)
    const verdict = async (all: readonly Part[]) => (await check(made(all), [goesOn])).verdicts.at(-1)!.verdict
    assert.equal(await verdict(parts), 'holds')
    assert.equal(await verdict(parts.slice(0, 1)), 'violated')
  })

  it('need a function around them', () =>
    assert.throws(() => thread('t', { actor: 'a' }, does('alone')), /step alone: has no origin/))

  it('are put in by patches, and leave for what is behind there', () => {
    const parts = [thread('t', { actor: 'a' }, step('one', { origin }), step('two', { origin }))]
    const says = 'A toy.'
    const call1 = call(
      outer,
      returnIf('done', (s) => s.go),
    )
    const patches = [
      patch('behind', { kind: 'fault', says, edits: [edit.after('t.one', call1)] }),
      patch('before', { kind: 'fault', says, edits: [edit.before('t.one', call1)] }),
      patch('last', { kind: 'fault', says, edits: [edit.after('t.two', call1)] }),
    ]
    const to = (name: string): string =>
      ways(made(parts, patches, { patches: [name] })).find((way) => way.includes('returns'))!
    assert.equal(to('behind'), 't.outer:done/returns -> two')
    assert.equal(to('before'), 't.outer:done/returns -> one')
    assert.equal(to('last'), 't.outer:done/returns -> end')
  })
})

describe('what a step takes from its surroundings', () => {
  it('is the condition of its thread', async () => {
    const grows = thread(
      't',
      { actor: 'a', while: (s) => s.n < 2 },
      step('grow', { origin, then: (d) => void d.n++, goto: 'grow' }),
    )
    const { states } = await check(made([grows]), [])
    assert.equal(states, 3)
  })

  it('is the condition of its actor, in threads and actions', async () => {
    const grow = { origin, then: (d: { n: number }) => void d.n++ }
    const parts = [
      thread('t', { actor: 'a' }, step('grow', { ...grow, goto: 'grow' })),
      action('grow', { actor: 'a', ...grow }),
    ]
    const { states } = await check(made(parts, [], {}, { a: (s) => s.n < 2 }), [])
    assert.equal(states, 3)
    const other = await check(made(parts, [], {}, { b: () => false }), [])
    assert.equal(other.verdicts.find(({ property }) => property === 'in-domain')?.verdict, 'violated')
    assert.throws(() => made(parts, [], {}, { c: () => true }), /while.*has no actor 'c'|no actor 'c'/)
  })

  it('is an actor that a patch gives the thread', () => {
    const parts = [thread('t', { actor: 'a' }, step('one', { origin }), step('two', { origin }))]
    const says = 'A toy.'
    const patches = [
      patch('moved', { kind: 'fix', says, edits: [edit.head('t', { actor: 'b' })] }),
      patch('shorter', { kind: 'fix', says, edits: [edit.remove('t.one')] }),
      patch('elsewhere', { kind: 'fix', says, edits: [edit.head('t', { actor: 'e' })] }),
      patch('lost', { kind: 'fix', says, edits: [edit.head('u', { actor: 'e' })] }),
    ]
    const both = made(parts, patches, { patches: ['moved', 'shorter'] })
    assert.deepEqual(
      both.transitions.map((one) => one.actor),
      ['b'],
    )
    assert.throws(() => made(parts, patches, { patches: ['moved', 'elsewhere'] }), /both edit t/)
    assert.throws(() => made(parts, patches, { patches: ['lost'] }), /there is no thread 'u'/)
  })

  it('is that nothing makes a thread begin, though it goes on once it has', async () => {
    const parts = (startsFreely: boolean) => [
      thread(
        't',
        { actor: 'a', ...(startsFreely && { startsFreely }) },
        step('begin', { origin, then: (d) => void (d.go = true) }),
        step('goes_on', { origin, then: (d) => void (d.n = 1) }),
      ),
    ]
    const begun = leadsTo('begun', 'What has begun ends.', { from: (s) => s.go, to: (s) => s.n === 1 })
    const begins = leadsTo('begins', 'It begins.', { from: (s) => !s.go, to: (s) => s.go })
    const verdicts = async (freely: boolean) =>
      (await check(made(parts(freely)), [begun, begins])).verdicts.slice(-2).map(({ verdict }) => verdict)
    assert.deepEqual(await verdicts(true), ['holds', 'violated'])
    assert.deepEqual(await verdicts(false), ['holds', 'holds'])
  })

  it('is that a last resort is taken when nobody else who is promised can go on', async () => {
    const waiting = thread(
      'waiter',
      { actor: 'a' },
      step('wait', {
        origin,
        either: { answered: { when: (s) => s.go }, gives_up: { lastResort: true, then: (d) => void (d.n = 3) } },
      }),
    )
    const { reachable } = propertiesOver(state)
    const givesUp = reachable('gives-up', 'It gives up.', (s) => s.n === 3)
    const verdict = async (...others: readonly Part[]) =>
      (await check(made([waiting, ...others]), [givesUp])).verdicts.at(-1)!.verdict
    const answer = { origin, when: (s: { go: boolean }) => !s.go, then: (d: { go: boolean }) => void (d.go = true) }
    assert.equal(await verdict(), 'holds')
    assert.equal(await verdict(action('answer', { actor: 'b', ...answer })), 'violated')
    // Nothing is promised of the environment: it may never answer.
    assert.equal(await verdict(action('answer', { actor: 'e', ...answer })), 'holds')
    assert.equal(await verdict(thread('other', { actor: 'b' }, step('answer', answer))), 'violated')
  })

  it('is a line that is printed when it is come to, before it waits', () => {
    const parts = [
      thread(
        't',
        { actor: 'a' },
        step('one', { origin, log: 'one' }),
        step('two', { origin, log: 'two', logOnEntry: 'waiting', when: (s) => s.go }),
      ),
    ]
    assert.deepEqual(
      made(parts).transitions.map(({ log }) => log),
      [['one', 'waiting'], ['two']],
    )
  })
})
