/** Instances: parameters, the spelling of transitions, ranges, fairness, and where control goes. */

import assert from 'node:assert/strict'
import {
  array,
  bool,
  env,
  environment,
  instantiate,
  int,
  oneOf,
  over,
  parameter,
  record,
  system,
} from '../src/index.js'
import type { Part } from '../src/write/model.js'
import { action, edit, mistake, origin, patch, step, thread, toy, worker } from './toy.js'

const names = (...parts: Part[]): string[] => instantiate(toy(parts)).transitions.map(({ name }) => name)

const sized = ({ N }: { N: number }) => record({ up: array(N, bool()), mode: oneOf('cold', 'warm') })
const words = over(sized)

const fleet = words.model('fleet', {
  question: 'How many are up?',
  parameters: {
    N: parameter(int(1, 4), 2, 'machines'),
    mode: parameter(oneOf('cold', 'warm'), 'cold', 'how they start'),
    lazy: parameter(bool(), false, 'whether they wait'),
  },
  actors: { machine: system('goes up'), power: environment('fails') },
  initial: ({ N, mode }) => ({ up: Array.from({ length: N }, () => false), mode }),
  parts: ({ N, lazy }) => [
    words.thread(
      'm',
      { actor: 'machine', for: { i: Array.from({ length: N }, (_, i) => i) } },
      ...(lazy ? [words.step('wait', { origin })] : []),
      words.step<{ i: number }>('boot', { origin, then: (d, { i }) => void (d.up[i] = true) }),
    ),
  ],
})

describe('parameters', () => {
  it('have defaults, and shape state and parts', () => {
    const { parameters, shape, initials, threads } = instantiate(fleet)
    assert.deepEqual(parameters, { N: 2, mode: 'cold', lazy: false })
    assert.equal(shape.kind === 'record' && shape.fields.up?.kind === 'array' && shape.fields.up.length, 2)
    assert.deepEqual(initials, [{ up: [false, false], mode: 'cold' }])
    assert.deepEqual(
      threads.map(({ name, labels }) => [name, labels]),
      [
        ['m(0)', ['boot', 'end']],
        ['m(1)', ['boot', 'end']],
      ],
    )
  })

  it('can be chosen one by one', () => {
    const { parameters, threads, initials } = instantiate(fleet, { parameters: { N: 1, lazy: true, mode: 'warm' } })
    assert.deepEqual(parameters, { N: 1, mode: 'warm', lazy: true })
    const labels = ['wait', 'boot', 'end']
    assert.deepEqual(threads, [{ name: 'm(0)', actor: 'machine', labels, fair: 'weak', args: { i: 0 }, sets: {} }])
    assert.deepEqual(initials, [{ up: [false], mode: 'warm' }])
  })

  it('of the wrong kind are refused with what is allowed', () => {
    const says = (parameters: Record<string, string | number | boolean>): string =>
      mistake(() => instantiate(fleet, { parameters }))
    assert.equal(says({ N: 5 }), 'model fleet, parameter N: 5 is out of range\n  allowed: int(1, 4)')
    assert.equal(says({ N: '2' }), 'model fleet, parameter N: "2" is out of range\n  allowed: int(1, 4)')
    assert.equal(
      says({ mode: 'hot' }),
      `model fleet, parameter mode: "hot" is out of range\n  allowed: oneOf('cold', 'warm')`,
    )
  })
})

describe('transitions', () => {
  it('have one spelling: thread, step, alternative, arguments', () => {
    assert.deepEqual(names(worker), ['worker.start', 'worker.stop'])
    assert.deepEqual(
      names(
        thread(
          'tx',
          { actor: 'one', for: { i: [0, 1] } },
          step('send', { origin, for: { to: ['a', 'b'] }, either: { ok: {}, fails: { goto: 'end' } } }),
        ),
        action('wake', { actor: 'two', origin, for: { on: [true] } }),
      ),
      [
        'tx.send/ok(0,a)',
        'tx.send/fails(0,a)',
        'tx.send/ok(0,b)',
        'tx.send/fails(0,b)',
        'tx.send/ok(1,a)',
        'tx.send/fails(1,a)',
        'tx.send/ok(1,b)',
        'tx.send/fails(1,b)',
        'two.wake(true)',
      ],
    )
  })

  it('know their step without arguments, their actor, their thread and where they lead', () => {
    const { transitions } = instantiate(toy([action('x', { actor: 'two', origin }), worker]))
    assert.deepEqual(
      transitions.map((one) => [one.index, one.step, one.actor, one.thread, one.from, one.to, one.args]),
      [
        [0, 'two.x', 'two', -1, 0, 0, {}],
        [1, 'worker.start', 'one', 0, 0, 1, {}],
        [2, 'worker.stop', 'one', 0, 1, 0, {}],
      ],
    )
  })

  it('combine every value of every name, and there are none for an empty range', () => {
    const range = { a: [0, 1], b: ['x', 'y', 'z'] }
    assert.equal(names(action('x', { actor: 'one', origin, for: range })).length, 6)
    assert.deepEqual(names(action('x', { actor: 'one', origin, for: { a: [] } })), [])
  })

  it('take guard, effect and log of the step and of the alternative, in this order', () => {
    const both = action('x', {
      actor: 'one',
      origin,
      says: 'the step',
      log: 'first',
      when: () => true,
      then: (d) => void (d.n = 1),
      either: {
        a: { log: 'second', when: () => true, then: (d) => void (d.n *= 2), says: 'the alternative' },
        b: { origin: env('elsewhere') },
      },
    })
    const [a, b] = instantiate(toy([both])).transitions
    assert.deepEqual(
      [a!.guards.length, a!.effects.length, a!.log, a!.says],
      [2, 2, ['first', 'second'], 'the alternative'],
    )
    assert.deepEqual([b!.guards.length, b!.effects.length, b!.log, b!.says], [1, 1, ['first'], 'the step'])
    assert.deepEqual([a!.origin, b!.origin], [origin, env('elsewhere')])
    const draft = { n: 0 }
    a!.effects.forEach((effect) => effect(draft, {}))
    assert.equal(draft.n, 2)
  })

  it('go on in program order, to a label, or to the end', () => {
    const steps = thread(
      't',
      { actor: 'one' },
      step('a', { origin, goto: 'c', either: { far: {}, near: { goto: 'b' } } }),
      step('b', { origin }),
      step('c', { origin, goto: 'end' }),
    )
    const { transitions, threads } = instantiate(toy([steps]))
    assert.deepEqual(
      transitions.map(({ to }) => threads[0]!.labels[to]),
      ['c', 'b', 'c', 'end'],
    )
  })

  it('are as fair as their actor, unless the thread, the action or the instance says otherwise', () => {
    const parts = [
      worker,
      thread('own', { actor: 'one', fair: 'none' }, step('a', { origin })),
      action('wake', { actor: 'two', origin }),
      action('knock', { actor: 'two', origin, fair: 'strong' }),
    ]
    const fair = (fairness: Record<string, 'weak' | 'strong' | 'none'>): string[] =>
      instantiate(toy(parts), { fairness }).transitions.map((one) => `${one.name} ${one.fair}`)
    assert.deepEqual(fair({}), [
      'worker.start weak',
      'worker.stop weak',
      'own.a none',
      'two.wake none',
      'two.knock strong',
    ])
    assert.deepEqual(fair({ worker: 'none', 'two.wake': 'weak' }), [
      'worker.start none',
      'worker.stop none',
      'own.a none',
      'two.wake weak',
      'two.knock strong',
    ])
  })
})

describe('instantiate', () => {
  it('makes a fresh system each time: patches chosen for one are not in another', () => {
    const off = patch('off', {
      kind: 'fault',
      says: 'Takes it away.',
      edits: [edit.remove('worker.stop'), edit.initially((d) => void (d.on = true))],
    })
    const model = toy([worker], [off])
    const before = instantiate(model)
    const between = instantiate(model, { patches: ['off'] })
    const after = instantiate(model)
    assert.deepEqual(between.patches, ['off'])
    assert.equal(between.transitions.length, 1)
    assert.deepEqual(between.initials, [{ ...(before.initials[0] as object), on: true }])
    assert.deepEqual(
      after.transitions.map(({ name }) => name),
      before.transitions.map(({ name }) => name),
    )
    assert.deepEqual(after.initials, before.initials)
  })

  it("tells where the author's own code throws", () => {
    const broken = over(record({ x: bool() })).model('broken', {
      question: 'Where?',
      actors: {},
      initial: () => ({ x: false }),
      parts: () => {
        throw new Error('no parts today')
      },
    })
    assert.equal(
      mistake(() => instantiate(broken)),
      'model broken, parts: no parts today',
    )
  })

  it('refuses a step called end, which would be taken again and again by a thread that is through', () => {
    const wrong = toy([thread('t', { actor: 'one' }, step('end', { origin }))])
    assert.match(
      mistake(() => instantiate(wrong)),
      /called 'end'/,
    )
  })
})
