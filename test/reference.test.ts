/** The reference execution: frozen states, exact changes, and every way in which a model's code can be at fault. */

import assert from 'node:assert/strict'
import { instantiate, type System } from '../src/index.js'
import { enabled, Fault, initialStates, isEnabled, take, type SystemState } from '../src/search/reference.js'
import type { Part } from '../src/write/model.js'
import { action, doing, initial, origin, step, thread, toy, worker, type State } from './toy.js'

const start = (...parts: Part[]): { system: System; here: SystemState } => {
  const system = instantiate(toy(parts))
  return { system, here: initialStates(system)[0]! }
}

/** The fault of taking the only transition there is. */
function fault(part: Part): Fault {
  const { system, here } = start(part)
  try {
    for (const transition of enabled(system, here)) take(system, here, transition)
  } catch (error) {
    assert(error instanceof Fault, String(error))
    return error
  }
  assert.fail('no fault was found')
}

describe('the reference execution', () => {
  it('starts every thread at its first step, in frozen states', () => {
    const { here } = start(worker, thread('idle', { actor: 'one', for: { i: [0, 1] } }, step('a', { origin })))
    assert.deepEqual(here, { state: initial(), at: { worker: 'start', 'idle(0)': 'a', 'idle(1)': 'a' } })
    assert(Object.isFrozen(here) && Object.isFrozen(here.state) && Object.isFrozen(here.state.slots[1]))
  })

  it('takes a step: new state, exact changes, next label; the old state is as it was', () => {
    const { system, here } = start(worker)
    const [only] = enabled(system, here)
    assert.equal(only!.name, 'worker.start')
    const { next, changes } = take(system, here, only!)
    assert.deepEqual(next, { state: { ...initial(), on: true }, at: { worker: 'stop' } })
    assert.deepEqual(changes, [{ op: 'replace', path: ['on'], value: true }])
    assert.deepEqual(here, { state: initial(), at: { worker: 'start' } })
    assert(Object.isFrozen(next.state))
  })

  it('asks program counter, guard of the step and guard of the alternative, with state, arguments and labels', () => {
    const asked: unknown[] = []
    const chooser = thread(
      'chooser',
      { actor: 'one', for: { i: [7] } },
      step('a', {
        origin,
        when: (s, args, at) => {
          asked.push([s.n, args, at('chooser(7)', 'a'), at('chooser(7)', 'b')])
          return true
        },
        either: { yes: {}, no: { when: () => false } },
      }),
      step('b', { origin }),
    )
    const { system, here } = start(chooser)
    assert.deepEqual(
      system.transitions.map((one) => isEnabled(system, here, one)),
      [true, false, false],
    )
    assert.deepEqual(asked[0], [0, { i: 7 }, true, false])
  })

  it('lets an effect change nothing', () => {
    const { system, here } = start(action('idle', { actor: 'one', origin }))
    const { next, changes } = take(system, here, system.transitions[0]!)
    assert.deepEqual([next, changes], [here, []])
  })

  it('names an effect or guard that throws', () => {
    const effect = fault(doing(() => assert.fail('boom')))
    assert.deepEqual([effect.kind, effect.place, effect.what], ['throws', 'one.act', 'its effect throws: boom'])
    assert(effect.cause instanceof assert.AssertionError)
    const guard = fault(
      doing(
        () => undefined,
        () => assert.fail('boom'),
      ),
    )
    assert.deepEqual([guard.kind, guard.what], ['throws', 'its guard throws: boom'])
  })

  it('names an effect that leaves a domain, with field, value and domain', () => {
    const { kind, what } = fault(doing((d) => void (d.slots[1]!.busy = 3 as unknown as boolean)))
    assert.deepEqual([kind, what], ['out of domain', 'slots[1].busy := 3 is not in bool()'])
  })

  it('names a guard that writes, and an effect that writes to what it keeps for itself', () => {
    const guard = fault(
      doing(
        () => undefined,
        (s) => Boolean((s as State).queue.push('a')),
      ),
    )
    assert.equal(guard.kind, 'impure')
    assert.match(guard.what, /^its guard writes where it may only read: /)
    const kept = { used: 0 }
    const effect = fault(
      doing((d) => {
        d.device = kept
        d.device.used = 1
      }),
    )
    assert.equal(effect.kind, 'impure')
    assert.match(effect.what, /^its effect writes where it may only read: /)
  })

  it('names an effect that does something else the second time', () => {
    let calls = 0
    const { kind, what } = fault(doing((d) => void (d.n = calls++)))
    assert.deepEqual([kind, what], ['nondeterministic', 'its effect did different things in the same state'])
  })

  it('names a guard that changes its mind', () => {
    let calls = 0
    const { kind, what } = fault(
      doing(
        () => undefined,
        () => calls++ === 0,
      ),
    )
    assert.deepEqual([kind, what], ['nondeterministic', 'its guard answered differently in the same state'])
  })

  it('names an effect that returns a promise, and lets nothing of it get loose', async () => {
    const late = (d: State): void => Promise.resolve().then(() => void (d.n = 1)) as unknown as undefined
    const { kind, what } = fault(doing(late))
    assert.deepEqual([kind, what], ['throws', 'its effect throws: it is asynchronous'])
    // The write to the draft that is gone is refused now, and must not end the process.
    await new Promise((resolve) => setImmediate(resolve))
  })
})
