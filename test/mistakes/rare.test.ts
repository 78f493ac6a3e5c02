/** Code that is wrong in one state of 2,001 is found in that state, however it is wrong. */

import assert from 'node:assert/strict'
import { array, bool, env, int, list, over, propertiesOver, record, system } from '../../src/index.js'
import { check } from '../../src/check.js'
import { instantiate, type Property, type ValueOf } from '../../src/index.js'

const state = record({
  n: int(0, 2000),
  slots: array(3, int(0, 9)),
  queue: list(2, int(0, 3)),
  device: record({ used: int(0, 1) }),
  got: bool(),
})
type State = ValueOf<typeof state>
const { model, action } = over(state)
const { always, step, reachable, possible, observer, ltl, eventually } = propertiesOver(state)

interface Wrong {
  readonly when?: (s: State) => unknown
  readonly then?: (d: State) => unknown
  readonly property?: Property
  readonly resting?: (s: State) => unknown
}

/** A counter to 2,000, something that happens at 1,321, and something that looks later. */
function rare({ when = () => true, then = () => undefined, property, resting = () => true }: Wrong) {
  const origin = env('a test')
  const made = model('rare', {
    question: 'Is it noticed?',
    actors: { one: system('counts') },
    initial: () => ({ n: 0, slots: [0, 0, 0], queue: [], device: { used: 0 }, got: false }),
    parts: () => [
      action('tick', { actor: 'one', origin, when: (s) => s.n < 2000, then: (d) => void d.n++ }),
      action('mark', {
        actor: 'one',
        origin,
        when: (s) => (s.n === 1321 && when(s as State)) as boolean,
        then: (d) => then(d) as undefined,
      }),
      action('look', {
        actor: 'one',
        origin,
        when: (s) => s.n === 1900,
        then: (d) => void (d.got = d.slots[-1] === 1 || 'x' in d.queue || 'spare' in d.device),
      }),
    ],
    resting: resting as (s: unknown) => boolean,
  })
  return check(instantiate(made), property ? [property] : [])
}

const at = (n: number) => (s: { readonly n: number }) => s.n === n
const unwise = <T>(value: unknown): T => value as T
/** Nothing can be read off a function that is bound: only what it answers tells. */
const later = (() => Promise.resolve(true)).bind(undefined)
const small = { state: record({ seen: bool() }), initial: { seen: false } }
const see = (own: { seen: boolean }) => void (own.seen = true)

const table: readonly (readonly [what: string, wrong: Wrong, message: string])[] = [
  [
    'a slot -1',
    { then: (d) => void (d.slots[d.slots.indexOf(7)] = 1) },
    'one.mark: slots[-1] := 1 writes at an index that does not exist',
  ],
  [
    'half a slot',
    { then: (d) => void (d.slots[d.slots.length / 2] = 1) },
    'one.mark: slots[1.5] := 1 writes at an index that does not exist',
  ],
  [
    'a slot with a name',
    { then: (d) => void Object.assign(d.slots, { x: 1 }) },
    'one.mark: slots[x] := 1 writes at an index that does not exist',
  ],
  [
    'a name on a list',
    { then: (d) => void Object.assign(d.queue, { x: 1 }) },
    'one.mark: queue[x] := 1 writes at an index that does not exist',
  ],
  [
    'a list that comes with a name',
    { then: (d) => void (d.queue = Object.assign([1], { x: 1 })) },
    'one.mark: queue[x] := 1 writes at an index that does not exist',
  ],
  [
    'a field that is not declared',
    { then: (d) => void Object.assign(d.device, { spare: 1 }) },
    'one.mark: device.spare := 1 writes a field that is not declared',
  ],
  [
    'a field of the state that is not declared',
    { then: (d) => void Object.assign(d, { spare: 1 }) },
    'one.mark: spare := 1 writes a field that is not declared',
  ],
  [
    'a slot too many',
    { then: (d) => void d.slots.push(0) },
    'one.mark: slots := [0,0,0,0] is not in array(3, int(0, 9))',
  ],
  [
    'a hole',
    { then: (d) => void Reflect.deleteProperty(d.slots, 1) },
    'one.mark: slots[1] := undefined is not in int(0, 9)',
  ],
  [
    'a field that is gone',
    { then: (d) => void Reflect.deleteProperty(d.device, 'used') },
    'one.mark: device.used := undefined is not in int(0, 1)',
  ],
  ['a BigInt', { then: (d) => void (d.slots[0] = unwise(1n)) }, 'one.mark: slots[0] := 1n is not in int(0, 9)'],
  [
    'a cycle',
    { then: (d) => void (d.device = unwise(Object.assign(d.device, { used: d.device }))) },
    'one.mark: device.used := a value that JSON cannot tell is not in int(0, 1)',
  ],
  [
    'a Map',
    { then: (d) => void (d.device = unwise(new Map([['used', 1]]))) },
    'one.mark: device := a Map is not in record({ used: int(0, 1) })',
  ],
  [
    'an instance of a class',
    {
      then: (d) =>
        void (d.device = new (class Device {
          used = 1
        })()),
    },
    'one.mark: device := a Device is not in record({ used: int(0, 1) })',
  ],
  [
    'a symbol',
    { then: (d) => void (d.slots[0] = unwise(Symbol('x'))) },
    'one.mark: slots[0] := Symbol(x) is not in int(0, 9)',
  ],
  [
    'a function',
    { then: (d) => void (d.slots[0] = unwise(see)) },
    'one.mark: slots[0] := the function see is not in int(0, 9)',
  ],
  [
    'a returned state',
    { then: (d) => ({ ...d, got: true }) },
    'one.mark: its effect throws: it returns {"n":1321,"slots":[0,0,0],"queue":[],"device":{"used":0},"got":true}; it must write on the state and return nothing: braces, or void (…)',
  ],
  [
    'a returned number',
    { then: (d) => d.slots[0]!++ },
    'one.mark: its effect throws: it returns 0; it must write on the state and return nothing: braces, or void (…)',
  ],
  ['an effect that promises', { then: () => later() }, 'one.mark: its effect throws: it is asynchronous'],
  [
    'a guard that promises',
    { when: () => later() },
    'one.mark: its guard returned a promise, not true or false: nothing waits for it',
  ],
  ['a guard that says yes', { when: () => 'yes' }, 'one.mark: its guard returned "yes", not true or false'],
  ['a guard that says nothing', { when: () => undefined }, 'one.mark: its guard returned undefined, not true or false'],
  [
    'an always that says ok',
    { property: always('p', 'It is.', { when: at(1321), holds: () => unwise('ok') }) },
    'p: its predicate returned "ok", not true or false',
  ],
  [
    'an always that promises',
    { property: always('p', 'It is.', { when: at(1321), holds: unwise(() => later()) }) },
    'p: its predicate returned a promise, not true or false: nothing waits for it',
  ],
  [
    'a premise that says 1',
    { property: always('p', 'It is.', { when: (s) => s.n === 1321 && unwise(1), holds: () => true }) },
    'p: its predicate returned 1, not true or false',
  ],
  [
    'a step that promises',
    { property: step('p', 'It is.', { on: 'one.mark', holds: unwise(() => later()) }) },
    'p: its predicate returned a promise, not true or false: nothing waits for it',
  ],
  [
    'a reachable that promises',
    { property: reachable('p', 'It is.', (s) => s.n === 1321 && unwise(later())) },
    'p: its predicate returned a promise, not true or false: nothing waits for it',
  ],
  [
    'a possible that says 1',
    { property: possible('p', 'It is.', (s) => s.n !== 1321 || unwise(1)) },
    'p: its predicate returned 1, not true or false',
  ],
  [
    'an eventually that says null',
    { property: eventually('p', 'It is.', (s) => s.n !== 1321 || unwise(null)) },
    'p: its predicate returned null, not true or false',
  ],
  [
    'an atom that says 1',
    { property: ltl('p', 'It is.', { formula: 'a', atoms: { a: (s) => s.n !== 1321 || unwise(1) } }) },
    'p: its predicate returned 1, not true or false',
  ],
  [
    'an observer whose wrong promises',
    {
      property: observer('p', 'It is.', {
        ...small,
        next: see,
        wrong: (_, s) => s.n === 1321 && unwise(later()),
      }),
    },
    'p: its wrong returned a promise, not true or false: nothing waits for it',
  ],
  [
    'an observer whose next promises',
    {
      property: observer('p', 'It is.', {
        ...small,
        on: 'one.mark',
        next: unwise<typeof see>(() => later()),
        wrong: () => false,
      }),
    },
    'one.mark: its effect throws: it is asynchronous',
  ],
  [
    'an observer that returns its state',
    {
      property: observer('p', 'It is.', {
        ...small,
        on: 'one.mark',
        next: unwise<typeof see>(() => ({ seen: true })),
        wrong: () => false,
      }),
    },
    'one.mark: its effect throws: it returns {"seen":true}; it must write on the state and return nothing: braces, or void (…)',
  ],
]

describe('wrong in one state of 2,001', () => {
  for (const [what, wrong, message] of table)
    it(what, async () => {
      const outcome = await rare(wrong)
      const own = outcome.verdicts.find(({ property }) => property === 'p')
      if (wrong.property?.kind === 'observer') {
        assert.deepEqual([own?.verdict, own?.why], ['unknown', `the model is at fault: ${message}`])
        return
      }
      assert.equal(outcome.fault?.fault.message, message)
      assert.equal(outcome.fault.run.steps.length, 1321)
      assert.equal(outcome.complete, false)
      assert.deepEqual(
        outcome.verdicts.filter(({ verdict }) => verdict === 'holds'),
        [],
      )
    })

  it('a resting condition that says 1, where nothing can happen', async () => {
    const { fault } = await rare({ resting: (s) => (s.n === 2000 ? 1 : true) })
    assert.equal(fault?.fault.message, 'resting: its predicate returned 1, not true or false')
    assert.equal(fault.run.steps.length, 2000)
  })

  it('and what is no fault is none: deleting what is not there, putting back what was deleted, -0', async () => {
    const { fault, states } = await rare({
      then: (d) => {
        Reflect.deleteProperty(d.queue, 0)
        const device = { used: -0 }
        Reflect.deleteProperty(d, 'device')
        d.device = device
        d.slots = [-0, d.slots[1]! * -1, 1]
        d.queue = [-0]
      },
    })
    assert.equal(fault, undefined)
    // From 1,321 on with a slot and an item, and once more where one is looked for.
    assert.equal(states, 2001 + 680)
  })
})
