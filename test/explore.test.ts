/** The search: counts, order, shortest paths, limits, interruption, progress. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { env, instantiate, int, over, propertiesOver, record, system, type Model } from '../src/index.js'
import { explore, type Progress } from '../src/search/explore.js'
import { canReach, pathTo, Vector, type Graph } from '../src/search/graph.js'
import type { Watch } from '../src/search/expander.js'

const origin = env('a toy')
const nothing: Watch = { states: [], steps: [], collects: [] }

const plane = record({ x: int(0, 300), y: int(0, 300) })
const { model, action } = over(plane)

/** Two counters that count to n; (n+1)² states, 2n(n+1) transitions, depth 2n. */
const counters = (n: number): Model =>
  model('counters', {
    question: 'How far do two counters come?',
    actors: { a: system('counts') },
    initial: () => ({ x: 0, y: 0 }),
    parts: () => [
      action('right', { actor: 'a', origin, when: (s) => s.x < n, then: (d) => void d.x++ }),
      action('up', { actor: 'a', origin, when: (s) => s.y < n, then: (d) => void d.y++ }),
    ],
    resting: (s) => s.x === n && s.y === n,
  })

const sizes = ({ states, transitions, depth, expanded }: Graph): number[] => [states, transitions, depth, expanded]

const stateOf = (graph: Graph, id: number): { x: number; y: number } =>
  graph.expander.stateOf(id).state as { x: number; y: number }

describe('the search', () => {
  it('counts states, transitions and depth', async () => {
    const one = await explore(instantiate(counters(0)), nothing)
    assert.deepEqual(sizes(one), [1, 0, 0, 1])
    const small = await explore(instantiate(counters(2)), nothing)
    assert.deepEqual(sizes(small), [9, 12, 4, 9])
    const large = await explore(instantiate(counters(150)), nothing)
    assert.deepEqual(sizes(large), [151 ** 2, 2 * 150 * 151, 300, 151 ** 2])
    assert.equal(large.cut, undefined)
  })

  it('numbers states breadth-first in declaration order', async () => {
    const graph = await explore(instantiate(counters(2)), nothing)
    const found = Array.from({ length: graph.states }, (_, id) => stateOf(graph, id))
    assert.deepEqual(
      found.map(({ x, y }) => `${x}${y}`),
      ['00', '10', '01', '20', '11', '02', '21', '12', '22'],
    )
  })

  it('counts several initial states once each, and a self-loop as a transition', async () => {
    const loop = model('loop', {
      question: 'Where does it start?',
      actors: { a: system('stays') },
      initial: () => [1, 2, 1].map((x) => ({ x, y: 0 })),
      parts: () => [action('stay', { actor: 'a', origin })],
    })
    assert.deepEqual(sizes(await explore(instantiate(loop), nothing)), [2, 2, 0, 2])
  })

  it('keeps the program counters of many threads, over several words', async () => {
    const idle = record({ turn: int(0, 99) })
    const { model: relay, thread, step } = over(idle)
    const i = Array.from({ length: 100 }, (_, k) => k)
    const race = relay('relay', {
      question: 'Does everybody run once, in order?',
      actors: { a: system('runs') },
      initial: () => ({ turn: 0 }),
      parts: () => [
        thread(
          'r',
          { actor: 'a', for: { i } },
          step<{ i: number }>('wait', { origin, when: (s, args) => s.turn === args.i }),
          step<{ i: number }>('run', { origin, then: (d, args) => void (d.turn = (args.i + 1) % 100), goto: 'end' }),
          step('never', { origin }),
        ),
      ],
      resting: (_, at) => i.every((k) => !at(`r(${k})`, 'run')),
    })
    const graph = await explore(instantiate(race), nothing)
    assert(graph.expander.layout.words > 6)
    assert.deepEqual(sizes(graph), [201, 200, 200, 201])
    const { at } = graph.expander.stateOf(101)
    assert.deepEqual([at['r(49)'], at['r(50)'], at['r(51)']], ['end', 'run', 'wait'])
    assert.deepEqual([...graph.expander.findings.dead], [-1])
  })

  it('finds a shortest path to every state', async () => {
    const graph = await explore(instantiate(counters(40)), nothing)
    for (let id = 0; id < graph.states; id += 17) {
      const { x, y } = stateOf(graph, id)
      const path = pathTo(graph.expander, id)
      assert.equal(path.length - 1, x + y)
      assert.deepEqual([path[0], path.at(-1)], [0, id])
    }
  })

  it('keeps every edge if asked, and no edge if not', async () => {
    const bare = await explore(instantiate(counters(3)), nothing)
    assert.equal(bare.edges, undefined)
    const { edges, transitions } = await explore(instantiate(counters(3)), nothing, { keepEdges: true })
    assert.equal(edges!.target.length, transitions)
    assert.deepEqual([...edges!.first.flat()].slice(0, 4), [0, 2, 4, 6])
  })

  it('finds out from where a goal can be reached', async () => {
    const graph = await explore(instantiate(counters(3)), nothing, { keepEdges: true })
    const goal = Array.from({ length: graph.states }, (_, id) => id).filter((id) => {
      const { x, y } = stateOf(graph, id)
      return x === 1 && y === 2
    })
    const reaching = canReach(graph.states, graph.edges!, goal)
    for (let id = 0; id < graph.states; id++) {
      const { x, y } = stateOf(graph, id)
      assert.equal(reaching[id] === 1, x <= 1 && y <= 2)
    }
  })

  it('remembers the first state that breaks a claim, whether it was asked, and all that satisfy a test', async () => {
    const watch: Watch = {
      states: [
        { name: 'below', when: undefined, holds: (s) => (s as { x: number }).x < 2 },
        { name: 'never', when: (s) => (s as { x: number }).x > 9, holds: () => false },
      ],
      steps: [
        {
          name: 'up-late',
          selects: ({ name }) => name === 'a.up',
          when: undefined,
          holds: (before) => (before as { x: number }).x > 0,
        },
      ],
      collects: [{ name: 'diagonal', holds: (s) => (s as { x: number; y: number }).x === (s as { y: number }).y }],
    }
    const graph = await explore(instantiate(counters(2)), watch)
    const { states, steps, collected, fired, dead } = graph.expander.findings
    assert.deepEqual([...states.broken], [3, -1])
    assert.deepEqual([...states.seen], [1, 0])
    assert.deepEqual([[...steps.broken], [...steps.by]], [[0], [1]])
    assert.deepEqual(collected, [[0, 4, 8]])
    assert.deepEqual([...fired], [6, 6])
    assert.deepEqual([...dead], [-1])
  })
})

describe('a search that is cut', () => {
  const big = instantiate(counters(300))
  const high = propertiesOver(plane)
  const claims = [
    high.always('low', 'x stays low.', (s) => s.x < 3),
    high.always('lower-than-all', 'x stays where it can.', (s) => s.x <= 300),
    high.always('not-at-the-end', 'They are never both through.', (s) => s.x + s.y < 600),
    high.reachable('far', 'It comes far.', (s) => s.x === 300),
    high.possible('on', 'It can come on.', (s) => s.y === 300),
  ]

  it('says which limit was hit and how far it came', async () => {
    const graph = await explore(big, nothing, { maxStates: 5000 })
    assert.equal(graph.cut?.limit, 'states')
    assert.match(graph.cut.says, /^--max-states 5000 was hit: \d+ of at least \d+ states were expanded, to depth \d+; /)
    assert(graph.states >= 5000 && graph.expanded < graph.states && graph.states < 301 ** 2)
    assert.equal((await explore(big, nothing, { maxMemory: 100_000 })).cut?.limit, 'memory')
    assert.equal((await explore(big, nothing, { maxSeconds: 0 })).cut?.limit, 'seconds')
    assert.equal((await explore(big, nothing, { signal: AbortSignal.abort() })).cut?.limit, 'interrupt')
  })

  it('never says that something holds, but shows what it found', async () => {
    const outcome = await check(big, claims, { maxStates: 5000 })
    assert.equal(outcome.complete, false)
    assert.deepEqual(
      outcome.verdicts.map(({ property, verdict, run }) => [property, verdict, run?.steps.length]),
      [
        ['no-deadlock', 'unknown', undefined],
        ['in-domain', 'unknown', undefined],
        ['low', 'violated', 3],
        ['lower-than-all', 'trivial', undefined],
        ['not-at-the-end', 'unknown', undefined],
        ['far', 'unknown', undefined],
        ['on', 'unknown', undefined],
      ],
    )
  })

  it('ends at the first violation if asked, and not otherwise', async () => {
    const first = await check(big, claims, { stopAtFirst: true })
    assert.equal(first.cut?.limit, 'first violation')
    assert(first.states < 301 ** 2)
    const whole = await check(big, claims)
    assert.equal(whole.complete, true)
    assert.equal(whole.states, 301 ** 2)
  })

  it('does not take what it was to find for a violation', async () => {
    const found = high.reachable('near', 'It comes to the next state.', (s) => s.x === 1)
    for (const workers of [1, 2]) {
      const outcome = await check(big, [found], { stopAtFirst: true, workers })
      assert.equal(outcome.complete, true)
      assert.equal(outcome.verdicts.at(-1)!.verdict, 'holds')
    }
  })

  it('is complete if the limit is exactly enough', async () => {
    const graph = await explore(instantiate(counters(2)), nothing, { maxStates: 9 })
    assert.equal(graph.cut, undefined)
    assert.deepEqual(sizes(graph), [9, 12, 4, 9])
  })
})

describe('a search that takes its time', () => {
  it('reports how it goes on', async () => {
    const seen: Progress[] = []
    const slow = model('slow', {
      question: 'How long does it take?',
      actors: { a: system('counts slowly') },
      initial: () => ({ x: 0, y: 0 }),
      parts: () => [
        action('on', {
          actor: 'a',
          origin,
          when: (s) => {
            let turns = 0
            while (turns < 4e6) turns++
            return s.x < 300 && turns > 0
          },
          then: (d) => void d.x++,
        }),
      ],
      resting: () => true,
    })
    const graph = await explore(instantiate(slow), nothing, { onProgress: (one) => seen.push(one) })
    assert.deepEqual(sizes(graph), [301, 300, 300, 301])
    assert(seen.length > 0)
    for (const { states, transitions, depth, queue, seconds } of seen) {
      assert(states <= 301 && transitions <= 300 && depth <= 300 && seconds > 0)
      assert.equal(queue, 1)
    }
  })
})

describe('a growing vector', () => {
  it('keeps what was pushed, across its segments', () => {
    const vector = new Vector()
    for (let i = 0; i < 20_000; i++) vector.push(i * 3)
    assert.equal(vector.length, 20_000)
    const flat = vector.flat()
    for (const i of [0, 4095, 4096, 12_287, 12_288, 19_999]) {
      assert.equal(vector.at(i), i * 3)
      assert.equal(flat[i], i * 3)
    }
  })
})
