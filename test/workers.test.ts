/** Several threads find exactly what one finds: the same states under the same numbers, parents, edges and findings. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Parents } from '../src/search/parents.js'
import { explore, type SearchOptions } from '../src/search/explore.js'
import type { Graph } from '../src/search/graph.js'
import { offsetIn, segmentOf } from '../src/search/store.js'
import { follow, type Order } from './workers-system.js'

const small: Order = { N: 2, Q: 2 }

/** How often threads race; more by `RACES=20 npx mocha test/workers.test.ts`. */
const races = Number(process.env.RACES ?? 3)

async function search(order: Order, workers: number, options: SearchOptions = {}): Promise<Graph> {
  const { system, watch } = follow(order)
  const recipe = { module: new URL('./workers-system.js', import.meta.url).href, argument: order }
  return explore(system, watch, { ...options, workers, recipe, helpFrom: 50 })
}

/** Everything about a graph that a verdict, a trace or a report could depend on. */
function told(graph: Graph): unknown {
  const { states, transitions, depth, expanded, cut, fault, edges, expander } = graph
  const { findings, store, layout } = expander
  const words = Array.from({ length: states }, (_, id) =>
    expander.store.segments[segmentOf(id)]!.slice(
      offsetIn(id) * layout.words,
      (offsetIn(id) + 1) * layout.words,
    ).join(),
  )
  return {
    counts: { states, transitions, depth, expanded, words: layout.words },
    cut,
    fault: fault && [fault.id, fault.fault.kind],
    parents: store.parents.all(),
    states: words,
    edges: edges && [edges.first.flat(), edges.target.flat(), edges.by.flat()],
    findings: structuredClone(findings),
  }
}

describe('workers', () => {
  it('find the same graph, whatever their number', async () => {
    const alone = told(await search(small, 1, { keepEdges: true }))
    for (const workers of [2, 4]) {
      const graph = await search(small, workers, { keepEdges: true })
      assert.ok(graph.batches > 5, `only ${graph.batches} batches`)
      assert.deepEqual(told(graph), alone)
    }
    assert.equal((alone as { counts: { states: number } }).counts.states, 99_721)
  })

  it('find the same graph, however they race', async () => {
    const order = { N: 1, Q: 4 }
    const alone = told(await search(order, 1, { keepEdges: true }))
    for (let race = 0; race < races; race++)
      for (const workers of [2, 4])
        for (const batch of [8192, 100]) {
          const graph = await search(order, workers, { keepEdges: true, batch })
          assert.ok(graph.batches > 5, `only ${graph.batches} batches`)
          assert.deepEqual(told(graph), alone)
        }
  }).timeout(20_000 + races * 10_000)

  it('stop at the same state when a limit is hit', async () => {
    for (const [options, batches] of [
      [{ maxStates: 50_000 }, 1],
      [{ maxMemory: 900_000 }, 1],
      [{ maxMemory: 2_500_000, keepEdges: true }, 1],
      [{ stopAtFirst: true }, 0],
    ] as const) {
      const alone = await search(small, 1, options)
      assert.ok(alone.cut && alone.states < 60_000, `${alone.states} states with ${JSON.stringify(options)}`)
      for (const batch of [8192, 300]) {
        const together = await search(small, 2, { ...options, batch })
        assert.ok(together.batches >= batches, `${together.batches} batches with ${JSON.stringify(options)}`)
        assert.deepEqual(told(together), told(alone))
      }
    }
  })

  it('find the same fault of the model', async () => {
    const order = { ...small, faultAt: 'sleep' }
    const alone = await search(order, 1)
    assert.equal(alone.fault?.fault.kind, 'throws')
    for (const batch of [8192, 200]) {
      const together = await search(order, 2, { batch })
      assert.ok(together.batches > 0)
      assert.deepEqual(told(together), told(alone))
    }
  })

  it('that die are done without, and that is told', async () => {
    const alone = told(await search(small, 1))
    for (const dies of ['at once', 'later'] as const) {
      const troubles: string[] = []
      const graph = await search({ ...small, dies }, 2, { onTrouble: (what) => troubles.push(what) })
      assert.deepEqual(told(graph), alone)
      assert.equal(graph.batches, 0)
      const why = 'a thread that helped with the search ended with exit code 7; this thread begins again alone'
      assert.deepEqual(troubles, dies === 'later' ? [why] : [])
    }
  })

  it('are let go when something throws in between', async () => {
    const broken = new Error('thrown by a listener')
    const onProgress = (): void => {
      throw broken
    }
    await assert.rejects(search({ N: 2, Q: 6 }, 2, { onProgress }), broken)
  })

  it('are not waited for when the space is small', async () => {
    const { system, watch } = follow(small)
    const recipe = { module: 'file:///does/not/exist.js', argument: small }
    const graph = await explore(system, watch, { workers: 2, recipe })
    assert.equal(graph.states, 99_721)
    assert.equal(graph.batches, 0)
  })

  it('help of their own accord when it is not, and find the same', async () => {
    const large: Order = { N: 2, Q: 5 }
    const { system, watch } = follow(large)
    const recipe = { module: new URL('./workers-system.js', import.meta.url).href, argument: large }
    const graph = await explore(system, watch, { workers: 2, recipe })
    assert.ok(graph.batches > 0, 'nobody helped')
    const alone = await explore(system, watch)
    assert.deepEqual([graph.states, graph.transitions, graph.depth], [alone.states, alone.transitions, alone.depth])
    assert.deepEqual(graph.expander.findings, alone.expander.findings)
  }).timeout(60_000)
})

describe('parents', () => {
  it('gives back the parents of every breadth-first numbering', () => {
    const counts = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 3 }) }, fc.nat({ max: 300 })), {
      maxLength: 2000,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), counts, (roots, children) => {
        const compact = new Parents()
        compact.roots = roots
        const parents: number[] = new Array<number>(roots).fill(-1)
        children.forEach((count, parent) => {
          compact.push(count)
          for (let i = 0; i < count; i++) parents.push(parent)
        })
        assert.deepEqual(Array.from(compact.all()), parents)
        const again = new Parents()
        const { bits, length } = compact.saved()
        again.restore(roots, bits.slice(), length)
        parents.forEach((parent, id) => {
          assert.equal(compact.parent(id), parent)
          assert.equal(again.parent(id), parent)
        })
      }),
      { numRuns: 60, seed: 4 },
    )
  })
})
