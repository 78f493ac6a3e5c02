/** Patches together: whatever order they are named in, they make one model, or the same conflict is told. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { instantiate } from '../src/index.js'
import { digestOf } from '../src/search/parallel/system-digest.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import type { Edit, Step } from '../src/write/model.js'
import { attempted, holdTogether, steady } from './patch-order.js'
import { edit, mistake, origin, patch, step, thread, toy } from './toy.js'

describe('patches together', () => {
  it('are one model in both orders, or a conflict that is told in both: every pair of every shipped model', async function () {
    this.timeout(120_000)
    let [pairs, conflicts] = [0, 0]
    for (const name of protocolNames()) {
      const model = steady((await loadProtocol(name)).model)
      const patches = model.declared.patches ?? []
      patches.forEach((q, i) => {
        for (const p of patches.slice(0, i)) {
          pairs++
          if (!holdTogether(model, p, q)) conflicts++
        }
      })
    }
    assert(pairs > 1000, `${pairs} pairs`)
    assert(conflicts > 100, `${conflicts} conflicts`)
  })

  const labels = ['a', 'b', 'c', 'd'] as const
  const target = fc.constantFrom(...labels.map((label) => `t.${label}`))
  const goto = fc.constantFrom(...labels, 'x1', 'x2', 'end')
  const fresh = (i: number): fc.Arbitrary<Step> =>
    fc.option(goto, { nil: undefined }).map((to) => step(`x${i}`, { origin, ...(to !== undefined && { goto: to }) }))
  const editOf = (i: number): fc.Arbitrary<Edit> =>
    fc.oneof(
      fc.tuple(target, fresh(i)).map(([at, one]) => edit.before(at, one)),
      fc.tuple(fc.oneof(target, fc.constantFrom('t.x1', 't.x2')), fresh(i)).map(([at, one]) => edit.after(at, one)),
      fc
        .tuple(fc.oneof(target, fc.constantFrom('t.x1', 't.x2')), goto)
        .map(([at, to]) => edit.replace(at, { goto: to })),
      target.map((at) => edit.remove(at)),
      fc.tuple(target, target).map(([at, to]) => edit.move(at, { before: to })),
      fc.tuple(target, target).map(([at, to]) => edit.move(at, { after: to })),
      fc.constantFrom(0, 1, 2).map((n) => edit.initially((d) => void (d.n = n))),
      fc.boolean().map((on) => edit.initially((d) => void (d.on = on && d.n < 2))),
    )
  const kind = fc.constantFrom('fix', 'fault', 'era')
  const random = fc.tuple(
    ...[1, 2, 3].map((i) =>
      fc
        .tuple(kind, fc.array(editOf(i), { minLength: 1, maxLength: 2 }))
        .map(([kind, edits]) => patch(`p${i}`, { kind, says: 'Changes something.', edits })),
    ),
  )
  const base = thread(
    't',
    { actor: 'one' },
    step('a', { origin, then: (d) => void (d.n = 1) }),
    step('b', { origin, either: { on: {}, off: { goto: 'd' } } }),
    step('c', { origin, goto: 'a' }),
    step('d', { origin, when: (s) => s.on }),
  )

  it('are one model in every order, or the same is told in every order: random edits of a thread', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const
    let together = 0
    fc.assert(
      fc.property(random, (patches) => {
        const model = toy([base], patches)
        for (const [i, j] of [
          [0, 1],
          [0, 2],
          [1, 2],
        ] as const)
          if (holdTogether(model, patches[i]!, patches[j]!)) together++
        const all = orders.map((order) => {
          const made = attempted(
            model,
            order.map((i) => patches[i]!.name),
          )
          return typeof made === 'string' ? made : digestOf(made)
        })
        assert.equal(new Set(all).size, 1, [...new Set(all)].join('\n'))
      }),
      { numRuns: 400 },
    )
    assert(together > 100, `${together} pairs went together`)
  })
})

describe('a conflict that depends on the order', () => {
  const told = (first: readonly Edit[], second: readonly Edit[]): string => {
    const patches = [first, second].map((edits, i) =>
      patch('pq'[i]!, { kind: 'fix', says: 'Changes something.', edits }),
    )
    const parts = [thread('t', { actor: 'one' }, ...['a', 'b', 'c', 'd'].map((name) => step(name, { origin })))]
    const messages = [
      ['p', 'q'],
      ['q', 'p'],
    ].map((chosen) => mistake(() => instantiate(toy(parts, patches), { patches: chosen })))
    assert.equal(messages[0], messages[1])
    return messages[0]!.split('\n')[0]!
  }
  const x = step('x', { origin })

  it('names the field that both change in the initial state', () => {
    assert.equal(
      told([edit.initially((d) => void (d.n = 1))], [edit.initially((d) => void (d.n = 2))]),
      "toy: patches 'p' and 'q' both change n in the initial state",
    )
  })

  it('names the jump that leads to a step, or to what is put before it', () => {
    assert.equal(
      told([edit.replace('t.b', { goto: 'd' })], [edit.before('t.d', x)]),
      "toy: patches 'p' and 'q' are another model when their order is the other: goto of t.b",
    )
  })

  it('names the order of the steps where one is moved and another put before it', () => {
    assert.equal(
      told([edit.move('t.d', { before: 't.b' })], [edit.before('t.b', x)]),
      "toy: patches 'p' and 'q' are another model when their order is the other: the steps of t: a, d, x, b, c, or a, x, d, b, c",
    )
  })

  it('is not told of what goes on top of another', () => {
    const patches = [
      patch('older', { kind: 'era', says: 'An older kernel.', edits: [edit.initially((d) => void (d.n = 1))] }),
      patch('fix', { kind: 'fix', says: 'A fix of it.', edits: [edit.initially((d) => void (d.n = 2))] }),
    ]
    for (const chosen of [
      ['older', 'fix'],
      ['fix', 'older'],
    ]) {
      const [initial] = instantiate(toy([thread('t', { actor: 'one' }, x)], patches), { patches: chosen }).initials
      assert.equal((initial as { n: number }).n, 2)
    }
  })
})
