/** A wrong model gets a good message: where it is wrong, what was asked for, what exists. */

import assert from 'node:assert/strict'
import { instantiate, int, oneOf, optional, record, type Model, type Property } from '../src/index.js'
import { check } from '../src/search/check.js'
import type { Edit, Part } from '../src/write/model.js'
import type { Choice } from '../src/write/system.js'
import {
  action,
  doing,
  edit,
  mistake,
  model,
  origin,
  patch,
  properties,
  step,
  thread,
  toy,
  worker,
  type State,
} from './toy.js'

const inModel = (wrong: Model, choice?: Choice): string => mistake(() => instantiate(wrong, choice))

const fix = (name: string, ...edits: Edit[]) => patch(name, { kind: 'fix', says: 'Changes something.', edits })

/** What the check of a toy finds wrong with its code, and how many steps lead there. */
async function fault(part: Part, ...list: Property[]): Promise<readonly [string, number]> {
  const outcome = await check(instantiate(toy([part])), list)
  assert(outcome.fault, 'no fault was found')
  assert.equal(outcome.complete, false)
  assert.equal(outcome.verdicts.filter(({ verdict }) => verdict === 'holds').length, 0)
  return [outcome.fault.fault.message, outcome.fault.run.steps.length]
}

/** Nothing can be read off a function that is bound: what it does is found while it runs. */
const hidden = <F extends (...given: never[]) => unknown>(code: F): F => code.bind(undefined) as F

describe('mistakes in a model', () => {
  it('a misspelt step in a patch', () => {
    const wrong = toy([worker], [fix('p', edit.replace('worker.sart', {}))])
    assert.equal(
      inModel(wrong, { patches: ['p'] }),
      "toy, patch p: there is no step or action 'worker.sart'\n  did you mean 'worker.start'? known: worker.start, worker.stop",
    )
  })

  it('two patches on one step', () => {
    const wrong = toy([worker], [fix('p', edit.replace('worker.start', {})), fix('q', edit.remove('worker.start'))])
    assert.equal(
      inModel(wrong, { patches: ['p', 'q'] }),
      "toy: patches 'p' and 'q' both edit worker.start\n  apply one of them, or write a patch that does what both mean together",
    )
  })

  it('an unknown patch', () => {
    assert.equal(
      inModel(toy([worker], [fix('quick-fix', edit.remove('worker.start'))]), { patches: ['quik-fix'] }),
      "model toy: there is no patch 'quik-fix'\n  did you mean 'quick-fix'? known: quick-fix",
    )
  })

  it('an unknown parameter, and one out of range', () => {
    assert.equal(
      inModel(toy([worker]), { parameters: { workers: 1 } }),
      "model toy: there is no parameter 'workers'\n  known: N",
    )
    assert.equal(
      inModel(toy([worker]), { parameters: { N: 7 } }),
      'model toy, parameter N: 7 is out of range\n  allowed: int(1, 3)',
    )
  })

  it('one name for two things', () => {
    assert.equal(
      inModel(toy([thread('t', { actor: 'one' }, step('a', { origin }), step('a', { origin }))])),
      "model toy: 't.a' is declared twice\n  rename one of them",
    )
    assert.equal(
      inModel(toy([action('x', { actor: 'one', origin }), action('x', { actor: 'one', origin })])),
      "model toy: 'one.x' is declared twice\n  rename one of them",
    )
    assert.equal(
      inModel(toy([thread('t', { actor: 'one', for: { i: [0, 1, 0] } }, step('a', { origin }))])),
      "model toy, thread t: 'i' ranges over 0 twice\n  name each value once",
    )
    assert.equal(
      inModel(toy([thread('t', { actor: 'one', for: { i: [0, 1] } }, step('a', { origin, for: { i: [0, 1] } }))])),
      "model toy, step t.a: 'i' is bound by its thread already\n  bind another name",
    )
  })

  it('a name that could not be told apart', () => {
    assert.equal(
      inModel(toy([thread('t', { actor: 'one' }, step('a', { origin }), step('end', { origin }))])),
      "model toy, thread t: a step is called 'end'\n  that is where a thread is after its last step; rename it",
    )
    assert.equal(
      inModel(toy([action('x', { actor: 'one', origin, either: { 'a b': {} } })])),
      "model toy: 'one.x/a b' is not a usable name\n  no blanks, dots, slashes, parentheses",
    )
    assert.equal(
      inModel(toy([thread('t.u', { actor: 'one' }, step('a', { origin }))])),
      "model toy: 't.u.a' is not a usable name\n  no blanks, dots, slashes, parentheses",
    )
  })

  it('a step to go to that is not there', () => {
    assert.equal(
      inModel(toy([thread('t', { actor: 'one' }, step('out_free', { origin, goto: 'out_fre' }))])),
      "model toy, step t.out_free: there is no step to go to 'out_fre'\n  did you mean 'out_free'? known: out_free, end",
    )
  })

  it('an actor that is not declared', () => {
    assert.equal(
      inModel(toy([action('x', { actor: 'tow', origin })])),
      "model toy, action x: there is no actor 'tow'\n  did you mean 'two'? known: one, two",
    )
    assert.equal(
      inModel(toy([action('x', { actor: 'one', origin, signals: 'three' })])),
      "model toy, step one.x: there is no actor to signal 'three'\n  known: one, two",
    )
  })

  it('an initial state outside its domain', () => {
    const wrong = model('toy', {
      question: 'Where does it start?',
      actors: {},
      initial: () => JSON.parse('{ "n": 3 }') as never,
      parts: () => [],
    })
    assert.equal(inModel(wrong), 'model toy, initial state: n := 3 is not in int(0, 2)')
  })

  it('an asynchronous effect', () => {
    const late = async (d: State): Promise<void> => void (d.n = await Promise.resolve(1))
    assert.equal(
      inModel(toy([doing(late as unknown as (d: State) => void)])),
      'model toy, step one.act: its effect is not a plain function\n  it must be done when it returns: no async, no *',
    )
  })

  it('fairness of something that is not there', () => {
    assert.equal(
      inModel(toy([worker]), { fairness: { wrker: 'weak' } }),
      "model toy, fairness: there is no thread or action 'wrker'\n  did you mean 'worker'? known: worker",
    )
  })

  it('domains that are none', () => {
    assert.equal(
      mistake(() => int(3, 1)),
      'int(3, 1): wants two 32-bit integers, lo <= hi, less than 2^31 apart',
    )
    assert.equal(
      mistake(() => oneOf('a', 'b', 'a')),
      "oneOf(…): 'a' is named twice",
    )
    assert.equal(
      mistake(() => optional(optional(int(0, 1)))),
      'optional(optional(…)): one null cannot mean two things',
    )
    assert.equal(
      mistake(() => record({ 'a-b': int(0, 1) })),
      "record field 'a-b': wants a plain identifier",
    )
  })
})

describe('mistakes in the code of a model, found while it runs', () => {
  const counting = doing((d) => void d.n++)

  it('a guard that throws', async () => {
    const throws = action('count', {
      actor: 'one',
      origin,
      when: (s) => {
        if (s.n === 2) throw new Error('what now?')
        return true
      },
      then: (d) => void d.n++,
    })
    assert.deepEqual(await fault(throws), ['one.count: its guard throws: what now?', 2])
  })

  it('an effect that throws', async () => {
    const throws = doing((d) => void (d.lock!.held = true))
    assert.deepEqual(await fault(throws), [
      "one.act: its effect throws: Cannot set properties of null (setting 'held')",
      0,
    ])
  })

  it('a write outside the domain, as a violation of in-domain with its run', async () => {
    assert.deepEqual(await fault(counting), ['one.act: n := 3 is not in int(0, 2)', 2])
    const { verdicts } = await check(instantiate(toy([counting])), [])
    const found = verdicts.find(({ property }) => property === 'in-domain')!
    assert.equal(found.verdict, 'violated')
    assert.equal(found.why, 'one.act: n := 3 is not in int(0, 2)')
    assert.deepEqual(
      found.run?.steps.map(({ transition }) => transition.name),
      ['one.act', 'one.act'],
    )
  })

  it('a list that overflows', async () => {
    const pushing = doing((d) => void d.queue.push('a'))
    assert.deepEqual(await fault(pushing), [`one.act: queue := ["a","a","a"] is not in list(2, oneOf('a', 'b'))`, 2])
  })

  it('a field that is not declared, added to a record or brought along with a new one', async () => {
    const added = doing((d) => void Object.assign(d.device, { spare: 1 }))
    const early = "step one.act: there is no field 'spare' in device\n  known: used"
    await assert.rejects(fault(added), { name: 'Mistake', message: early })
    const fresh = doing((d) => void (d.device = JSON.parse('{ "used": 1, "spare": 1 }') as { used: number }))
    await assert.rejects(fault(fresh), { name: 'Mistake', message: early })
  })

  it('a value that is no value', async () => {
    const dividing = doing((d) => void (d.n = d.n / 0))
    assert.deepEqual(await fault(dividing), ['one.act: n := NaN is not in int(0, 2)', 0])
    const deleting = doing((d) => void Reflect.deleteProperty(d.device, 'used'))
    assert.deepEqual(await fault(deleting), ['one.act: device.used := undefined is not in int(0, 1)', 0])
  })

  it('an effect that is not a function of the state', async () => {
    let calls = 0
    const drifting = doing(hidden((d: State) => void (d.n = calls++ % 3)))
    assert.deepEqual(await fault(drifting), ['one.act: its effect did different things in the same state', 0])
  })

  it('a guard that is not a function of the state', async () => {
    let calls = 0
    const wavering = doing(
      () => undefined,
      hidden(() => calls++ % 2 === 0),
    )
    assert.deepEqual(await fault(wavering), ['one.act: its guard answered differently in the same state', 0])
  })

  it('a guard that writes', async () => {
    const writing = doing(
      () => undefined,
      hidden((s: unknown) => Boolean(Object.assign(s as object, { n: 1 }))),
    )
    const [message] = await fault(writing)
    assert.match(message, /^one\.act: its guard writes where it may only read: Cannot assign to read only property 'n'/)
  })

  it('a guard that answers neither true nor false', async () => {
    const vague = doing(
      () => undefined,
      () => 1 as unknown as boolean,
    )
    assert.deepEqual(await fault(vague), ['one.act: its guard returned 1, not true or false', 0])
  })

  it('a predicate that throws, and one that writes, by the name of the property', async () => {
    const walking = doing((d) => void (d.n = (d.n + 1) % 3))
    const throws = properties.always('used-once', 'A device is used once.', (s) => s.n < 2 || s.lock!.held)
    assert.deepEqual(await fault(walking, throws), [
      "used-once: its predicate throws: Cannot read properties of null (reading 'held')",
      2,
    ])
    const writes = properties.always(
      'still',
      'Nothing moves.',
      hidden((s: object) => Boolean(Object.assign(s, { n: 1 }))),
    )
    const [message] = await fault(walking, writes)
    assert.match(message, /^still: its predicate writes where it may only read/)
  })
})

describe('mistakes in properties', () => {
  it('a property whose premise never happens is vacuous and says why', async () => {
    const never = properties.always('never-asked', 'Nothing is said of a state that is not reached.', {
      when: (s) => s.n === 2,
      holds: () => true,
    })
    const nowhere = properties.step('no-such-step', 'Nothing is said of a step that is not there.', {
      on: 'worker.strat',
      holds: () => true,
    })
    await assert.rejects(check(instantiate(toy([worker])), [nowhere]), {
      name: 'Mistake',
      message: /no-such-step: there is no step 'worker\.strat'\n {2}did you mean 'worker\.start'\?/,
    })
    const { verdicts } = await check(instantiate(toy([worker])), [never])
    assert.deepEqual(
      verdicts.slice(2).map(({ property, verdict, why }) => [property, verdict, why]),
      [['never-asked', 'vacuous', 'no reachable state satisfies its premise']],
    )
  })

  it('two properties of one name, and one without a requirement', async () => {
    const one = properties.always('one', 'It works.', () => true)
    await assert.rejects(check(instantiate(toy([worker])), [one, one]), {
      name: 'Mistake',
      message: "properties of toy: 'one' is declared twice\n  rename one of them",
    })
    const reserved = properties.always('no-deadlock', 'It works.', () => true)
    await assert.rejects(check(instantiate(toy([worker])), [reserved]), {
      message: "properties of toy: 'no-deadlock' is declared twice\n  rename one of them",
    })
    assert.equal(
      mistake(() => properties.always('silent', ' ', () => true)),
      "always silent: wants a full sentence that says what must hold, not the text ' '",
    )
  })
})
