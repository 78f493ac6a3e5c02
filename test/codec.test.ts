/** Packing: every kind of domain, and every way in which an effect can move objects about. */

import assert from 'node:assert/strict'
import {
  array,
  bool,
  each,
  int,
  list,
  member,
  oneOf,
  optional,
  record,
  type Domain,
  type ValueOf,
} from '../src/write/domain.js'
import { env, environment } from '../src/write/model.js'
import { instantiate } from '../src/write/system.js'
import { over } from '../src/write/vocabulary.js'
import { explore } from '../src/search/explore.js'

const origin = env('a toy')
const nothing = { states: [], steps: [], collects: [] }

/** The states that one action makes of one state, that state first, in the order of discovery. */
async function states<D extends Domain<unknown>>(
  domain: D,
  initial: ValueOf<D>,
  then: (draft: ValueOf<D>) => void,
): Promise<unknown[]> {
  const { model, action } = over(domain)
  const toy = model('toy', {
    question: 'What does it become?',
    actors: { one: environment('does it') },
    initial: () => initial,
    parts: () => [action('act', { actor: 'one', origin, then })],
  })
  const graph = await explore(instantiate(toy), nothing)
  assert.equal(graph.cut, undefined)
  return Array.from({ length: graph.states }, (_, id) => graph.expander.stateOf(id).state)
}

describe('codec', () => {
  it('keeps a changed value when the same effect also swaps two objects', async () => {
    const pair = record({ n: int(0, 2), two: array(2, record({ x: bool() })) })
    const found = await states(pair, { n: 0, two: [{ x: true }, { x: false }] }, (d) => {
      d.n = (d.n + 1) % 3
      d.two.reverse()
    })
    assert.deepEqual(found, [
      { n: 0, two: [{ x: true }, { x: false }] },
      { n: 1, two: [{ x: false }, { x: true }] },
      { n: 2, two: [{ x: true }, { x: false }] },
      { n: 0, two: [{ x: false }, { x: true }] },
      { n: 1, two: [{ x: true }, { x: false }] },
      { n: 2, two: [{ x: false }, { x: true }] },
    ])
  })

  it('packs a field that takes every value of a word, and one more for null', async () => {
    const most = 2 ** 31 - 1
    const wide = record({ n: optional(int(0, most)) })
    const found = await states(wide, { n: null }, (d) => void (d.n = d.n === null ? most : most - 1))
    assert.deepEqual(found, [{ n: null }, { n: most }, { n: most - 1 }])
  })

  it('packs a state without fields', async () => {
    assert.deepEqual(await states(record({}), {}, () => undefined), [{}])
  })

  /** Every kind of field, several words of them. */
  const everything = record({
    flag: bool(),
    small: int(-3, 3),
    wide: int(-(2 ** 30), 2 ** 30 - 1),
    mode: oneOf('cold', 'warm', 'hot'),
    slot: member('slot', 5),
    perhaps: optional(oneOf('a', 'b')),
    deep: record({ deeper: record({ n: int(0, 1) }) }),
    named: each(['cpu', 'disk'], bool()),
    row: array(3, int(0, 9)),
    grid: array(2, array(2, bool())),
    words: list(3, oneOf('x', 'y')),
    jobs: list(2, record({ id: int(0, 3), done: bool(), tags: list(1, bool()) })),
    lock: optional(record({ owner: int(0, 2) })),
    queue: optional(list(2, int(0, 1))),
    last: list(2, optional(record({ on: bool() }))),
  })
  type Everything = ValueOf<typeof everything>

  const blank = (): Everything => ({
    flag: false,
    small: 0,
    wide: 0,
    mode: 'cold',
    slot: 0,
    perhaps: null,
    deep: { deeper: { n: 0 } },
    named: { cpu: false, disk: false },
    row: [0, 0, 0],
    grid: [
      [false, false],
      [false, false],
    ],
    words: [],
    jobs: [],
    lock: null,
    queue: null,
    last: [],
  })

  /** What one effect makes of a state: it runs once, since what it leads to is left alone. */
  async function after(change: (draft: Everything) => void, from = blank()): Promise<unknown> {
    const { model, thread, step } = over(everything)
    const once = model('once', {
      question: 'What does it become?',
      actors: { one: environment('does it') },
      initial: () => from,
      parts: () => [thread('t', { actor: 'one' }, step('act', { origin, then: change }))],
      resting: (_, at) => at('t', 'end'),
    })
    const graph = await explore(instantiate(once), nothing)
    assert.deepEqual([graph.states, graph.transitions, graph.cut], [2, 1, undefined])
    assert.deepEqual(graph.expander.stateOf(0), { state: from, at: { t: 'act' } })
    const { state, at } = graph.expander.stateOf(1)
    assert.deepEqual(at, { t: 'end' })
    return state
  }

  const changes: Readonly<Record<string, (draft: Everything) => void>> = {
    'nothing at all': () => undefined,
    'every scalar, to the ends of its range': (d) => {
      Object.assign(d, { flag: true, small: -3, wide: -(2 ** 30), mode: 'hot', slot: 4, perhaps: 'b' })
      d.deep.deeper.n = 1
      d.named.disk = true
      d.row[2] = 9
      d.grid[1]![0] = true
    },
    'the other ends': (d) => void Object.assign(d, { small: 3, wide: 2 ** 30 - 1, perhaps: 'a' }),
    'whole records and arrays replaced': (d) => {
      d.deep = { deeper: { n: 1 } }
      d.named = { disk: true, cpu: false }
      d.row = [1, 2, 3]
      d.grid = [
        [true, false],
        [false, true],
      ]
    },
    'a record put where there was none': (d) => void (d.lock = { owner: 2 }),
    'a list put where there was none': (d) => void (d.queue = [1, 0]),
    'pushes on lists': (d) => {
      d.words.push('y', 'x', 'y')
      d.jobs.push({ id: 3, done: true, tags: [true] }, { id: 1, done: false, tags: [] })
      d.last.push(null, { on: true })
    },
  }
  for (const [name, change] of Object.entries(changes))
    it(`packs ${name}`, async () => {
      const expected = blank()
      change(expected)
      assert.deepEqual(await after(change), expected)
    })

  const full = (): Everything => ({
    ...blank(),
    words: ['x', 'y', 'y'],
    jobs: [
      { id: 1, done: false, tags: [true] },
      { id: 2, done: true, tags: [] },
    ],
    lock: { owner: 1 },
    queue: [0, 1],
    last: [{ on: true }, null],
    row: [1, 2, 3],
  })

  const moves: Readonly<Record<string, (draft: Everything) => void>> = {
    'shift and push at the same length': (d) => {
      d.words.push(d.words.shift()!)
      d.jobs.push(d.jobs.shift()!)
    },
    'a shift that lets records move up': (d) => void d.jobs.shift(),
    'a pop, and a value changed before and after': (d) => {
      d.flag = true
      d.jobs.pop()
      d.small = 2
    },
    'a splice in the middle': (d) => {
      d.words.splice(1, 1)
      d.jobs.splice(0, 1, { id: 3, done: true, tags: [true] })
    },
    'records swapped by destructuring': (d) => {
      const [a, b] = d.jobs
      d.jobs = [b!, a!]
      d.grid = [d.grid[1]!, d.grid[0]!]
    },
    'a record in two places, then changed in one': (d) => {
      d.jobs[1] = { ...d.jobs[0]! }
      d.jobs[0]!.done = true
    },
    'an optional record changed, another taken away': (d) => {
      d.lock!.owner = 0
      d.last[0] = null
      d.last[1] = { on: false }
    },
    'an optional list emptied': (d) => void (d.queue!.length = 0),
    'an optional list and record dropped': (d) => {
      d.queue = null
      d.lock = null
    },
    'a list cleared and filled anew': (d) => {
      d.words.length = 0
      d.words.push('y')
    },
    'arrays reversed, sorted, filtered, copied': (d) => {
      d.row.reverse()
      d.words.sort().reverse()
      d.jobs = d.jobs.filter(({ done }) => done)
      d.row.copyWithin(0, 1)
    },
  }
  for (const [name, move] of Object.entries(moves))
    it(`packs ${name}`, async () => {
      const expected = full()
      move(expected)
      assert.deepEqual(await after(move, full()), expected)
    })

  it('forgets what a list held beyond its length', async () => {
    const queue = record({ q: list(2, record({ x: int(0, 2) })), turn: int(0, 3) })
    const found = await states(queue, { q: [], turn: 0 }, (d) => {
      if (d.turn === 0) d.q.push({ x: 2 })
      if (d.turn === 1) d.q.pop()
      if (d.turn === 2) d.q.push({ x: 1 })
      if (d.turn < 3) d.turn++
    })
    assert.deepEqual(found, [
      { q: [], turn: 0 },
      { q: [{ x: 2 }], turn: 1 },
      { q: [], turn: 2 },
      { q: [{ x: 1 }], turn: 3 },
    ])
  })

  it('finds a state again however it was written', async () => {
    const pair = record({ a: record({ n: int(0, 1) }), b: optional(record({ n: int(0, 1) })) })
    const found = await states(pair, { a: { n: 0 }, b: { n: 0 } }, (d) => {
      const { a } = d
      d.a = d.b ?? { n: 0 }
      d.b = { n: a.n }
    })
    assert.deepEqual(found, [{ a: { n: 0 }, b: { n: 0 } }])
  })
})
