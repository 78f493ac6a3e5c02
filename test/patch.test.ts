/** Patches: every kind of edit, where control goes afterwards, what collides, and what is not found. */

import assert from 'node:assert/strict'
import { instantiate, type System } from '../src/index.js'
import type { Edit, Step } from '../src/write/model.js'
import { explore } from '../src/search/explore.js'
import { action, edit, mistake, origin, patch, step, thread, toy } from './toy.js'

const plain = (name: string, goto?: string): Step => step(name, { origin, ...(goto !== undefined && { goto }) })

/** a, b, c, then back to a; d lies behind and is reached from b only. */
const loop = thread(
  't',
  { actor: 'one' },
  plain('a'),
  step('b', { origin, either: { on: {}, off: { goto: 'd' } } }),
  plain('c', 'a'),
  plain('d'),
)
const wake = action('wake', { actor: 'two', origin, says: 'wakes' })

const fix = (name: string, ...edits: Edit[]) => patch(name, { kind: 'fix', says: 'Changes something.', edits })

const patched = (...edits: Edit[]): System => instantiate(toy([loop, wake], [fix('p', ...edits)]), { patches: ['p'] })

/** Every transition of the thread as `step -> next`. */
const arrows = ({ transitions, threads }: System): string[] =>
  transitions
    .filter((one) => one.thread >= 0)
    .map((one) => `${one.name.slice(2)} -> ${threads[one.thread]!.labels[one.to]!}`)

const together = (first: Edit[], second: Edit[]): string =>
  mistake(() =>
    instantiate(toy([loop, wake], [fix('p', ...first), fix('q', ...second)]), { patches: ['p', 'q'] }),
  ).split('\n')[0]!

const unknown = (target: Edit): string => mistake(() => patched(target))

describe('a patch', () => {
  it('leaves everything alone that it does not name', () => {
    assert.deepEqual(arrows(patched(edit.replace('two.wake', {}))), [
      'a -> b',
      'b/on -> c',
      'b/off -> d',
      'c -> a',
      'd -> end',
    ])
  })

  it('puts steps before a step: a goto to that step leads to the first of them', () => {
    assert.deepEqual(arrows(patched(edit.before('t.a', plain('x'), plain('y')))), [
      'x -> y',
      'y -> a',
      'a -> b',
      'b/on -> c',
      'b/off -> d',
      'c -> x',
      'd -> end',
    ])
    assert(arrows(patched(edit.before('t.d', plain('x')))).includes('b/off -> x'))
  })

  it('puts steps after a step, in their order', () => {
    assert.deepEqual(arrows(patched(edit.after('t.d', plain('x'), plain('y')))), [
      'a -> b',
      'b/on -> c',
      'b/off -> d',
      'c -> a',
      'd -> x',
      'x -> y',
      'y -> end',
    ])
  })

  it('replaces single fields of a step, an alternative or an action', () => {
    const { transitions } = patched(
      edit.replace('t.c', { says: 'third' }),
      edit.replace('t.b/off', { says: 'leaves', goto: 'end' }),
      edit.replace('two.wake', { provoke: 'press the button' }),
    )
    const named = (name: string) => transitions.find((one) => one.name === name)!
    assert.deepEqual([named('t.c').says, named('t.c').to], ['third', 0])
    assert.deepEqual([named('t.b/off').says, named('t.b/off').to], ['leaves', 4])
    assert.deepEqual([named('two.wake').says, named('two.wake').provoke], ['wakes', 'press the button'])
  })

  it('removes a step: a goto to it leads to what came next', () => {
    assert.deepEqual(arrows(patched(edit.remove('t.a'))), ['b/on -> c', 'b/off -> d', 'c -> b', 'd -> end'])
    assert.deepEqual(arrows(patched(edit.remove('t.d'))), ['a -> b', 'b/on -> c', 'b/off -> end', 'c -> a'])
  })

  it('removes a step with a goto: control goes where it went, also in program order', () => {
    assert.deepEqual(arrows(patched(edit.remove('t.c'))), ['a -> b', 'b/on -> a', 'b/off -> d', 'd -> end'])
  })

  it('removes a step that goes to itself: control goes on', () => {
    const again = patched(edit.replace('t.d', { goto: 'd' }), edit.remove('t.d'))
    assert.deepEqual(arrows(again), ['a -> b', 'b/on -> c', 'b/off -> end', 'c -> a'])
  })

  it('removes an alternative, an action, a thread', async () => {
    assert.deepEqual(arrows(patched(edit.remove('t.b/off'))), ['a -> b', 'b/on -> c', 'c -> a', 'd -> end'])
    const { transitions } = patched(edit.remove('two.wake'))
    assert(!transitions.some(({ name }) => name === 'two.wake'))
    const alone = patched(edit.remove('t'))
    assert.deepEqual(alone.threads, [])
    const graph = await explore(alone, { states: [], steps: [], collects: [] })
    assert.deepEqual([graph.states, graph.transitions], [1, 1])
  })

  it('refuses to take the last alternative away', () => {
    assert.equal(
      mistake(() => patched(edit.remove('t.b/off'), edit.remove('t.b/on'))),
      'model toy, step t.b: has an empty either\n  name at least one alternative',
    )
  })

  it('moves a step within its thread', () => {
    assert.deepEqual(arrows(patched(edit.move('t.d', { before: 't.b' }))), [
      'a -> d',
      'd -> b',
      'b/on -> c',
      'b/off -> end',
      'c -> a',
    ])
    assert.deepEqual(arrows(patched(edit.move('t.a', { after: 't.d' }))), [
      'b/on -> c',
      'b/off -> d',
      'c -> b',
      'd -> a',
      'a -> end',
    ])
    assert.equal(
      mistake(() => patched(edit.move('t.a', { after: 'u.x' }))),
      'toy, patch p: cannot move t.a to u.x\n  a step stays in its thread',
    )
  })

  it('adds a thread and an action', () => {
    const { transitions } = patched(
      edit.add(thread('u', { actor: 'two' }, plain('x'))),
      edit.add(action('stop', { actor: 'two', origin })),
    )
    assert.deepEqual(
      transitions.slice(-2).map(({ name }) => name),
      ['u.x', 'two.stop'],
    )
  })

  it('changes the initial state, and must keep it in its domain', () => {
    const { initials } = patched(
      edit.initially((d) => void (d.n = 2)),
      edit.initially((d) => void (d.on = d.n === 2)),
    )
    assert.deepEqual(
      initials.map((state) => [(state as { n: number }).n, (state as { on: boolean }).on]),
      [[2, true]],
    )
    assert.equal(
      mistake(() => patched(edit.initially((d) => void (d.n = 3)))),
      'model toy, initial state: n := 3 is not in int(0, 2)',
    )
  })

  it('is applied in the order given, and its own edits see each other', () => {
    const twice = patched(edit.after('t.d', plain('x')), edit.after('t.x', plain('y')), edit.remove('t.d'))
    assert(arrows(twice).includes('b/off -> x'))
    assert(arrows(twice).includes('x -> y'))
  })
})

describe('patches together', () => {
  const both = (first: Edit[], second: Edit[]): System =>
    instantiate(toy([loop, wake], [fix('p', ...first), fix('q', ...second)]), { patches: ['p', 'q'] })

  it('collide where the order of their edits could matter', () => {
    const collide = "toy: patches 'p' and 'q' both edit"
    assert.equal(together([edit.replace('t.a', {})], [edit.replace('t.a', {})]), `${collide} t.a`)
    assert.equal(together([edit.replace('t.b', {})], [edit.remove('t.b/on')]), `${collide} t.b/on`)
    assert.equal(together([edit.remove('t')], [edit.replace('t.a', {})]), `${collide} t.a`)
    assert.equal(together([edit.before('t.a', plain('x'))], [edit.before('t.a', plain('y'))]), `${collide} t.a`)
    assert.equal(together([edit.before('t.a', plain('x'))], [edit.remove('t.a')]), `${collide} t.a`)
    assert.equal(together([edit.move('t.a', { after: 't.b' })], [edit.after('t.a', plain('x'))]), `${collide} t.a`)
    assert.equal(
      together([edit.add(action('x', { actor: 'one', origin }))], [edit.add(action('x', { actor: 'one', origin }))]),
      `${collide} one.x`,
    )
  })

  it('do not collide elsewhere', () => {
    const sides = both([edit.before('t.a', plain('x'))], [edit.after('t.a', plain('y'))])
    assert.deepEqual(arrows(sides).slice(0, 3), ['x -> a', 'a -> y', 'y -> b'])
    const beside = both([edit.before('t.c', plain('x'))], [edit.replace('t.c', { goto: 'd' })])
    assert.deepEqual(arrows(beside).slice(-3), ['x -> c', 'c -> d', 'd -> end'])
    const alternatives = both([edit.replace('t.b/on', { goto: 'd' })], [edit.replace('t.b/off', { goto: 'a' })])
    assert.deepEqual(arrows(alternatives).slice(1, 3), ['b/on -> d', 'b/off -> a'])
  })

  it('may edit a thread that another wrote anew, whichever is named first', () => {
    const rewrite = [edit.remove('t'), edit.add(thread('t', { actor: 'one' }, plain('a'), plain('z')))]
    const insert = [edit.before('t.z', plain('x'))]
    for (const system of [both(rewrite, insert), both(insert, rewrite)])
      assert.deepEqual(
        arrows(system).filter((arrow) => !arrow.startsWith('wake')),
        ['a -> x', 'x -> z', 'z -> end'],
      )
    assert(together(rewrite, rewrite).startsWith("toy: patches 'p' and 'q' both edit t"))
  })

  it('are refused if one is named twice', () => {
    assert.equal(
      mistake(() => instantiate(toy([loop], [fix('p', edit.remove('t.d'))]), { patches: ['p', 'p'] })),
      "toy: patch 'p' is applied twice\n  name each patch once",
    )
  })
})

describe('a target that is not there', () => {
  it('is told with the nearest one that is', () => {
    const known = 'known: t.a, t.b, t.c, t.d, two.wake'
    assert.equal(
      unknown(edit.remove('t.e')),
      `toy, patch p: there is no step or action 't.e'\n  did you mean 't.a'? ${known}`,
    )
    assert.equal(
      unknown(edit.replace('host.reset', {})),
      `toy, patch p: there is no step or action 'host.reset'\n  ${known}`,
    )
    assert.equal(
      unknown(edit.remove('t.b/of')),
      "toy, patch p: there is no alternative of t.b 'of'\n  did you mean 'on'? known: on, off",
    )
    assert.equal(
      unknown(edit.before('t.b/on', plain('x'))),
      "toy, patch p: 't.b/on' is an alternative\n  name the step: t.b",
    )
  })
})
