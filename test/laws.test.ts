/** The laws of the core on random models: the compiled search, the reference execution and a naive fixpoint agree. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { instantiate, type System } from '../src/write/system.js'
import { explore } from '../src/search/explore.js'
import { pathTo, type Graph } from '../src/search/graph.js'
import { enabled, Fault, initialStates, take, type SystemState } from '../src/search/reference.js'
import { fixpoint, key } from './fixpoint.js'
import { written } from './plain-models.js'
import { descriptions } from './random-models.js'

const nothing = { states: [], steps: [], collects: [] }

/** The reachable states in breadth-first order by the reference execution, and every transition between them. */
function byReference(system: System): {
  states: string[]
  edges: (readonly [number, number, number])[]
  fault?: Fault
} {
  const known = new Map<string, number>()
  const found: SystemState[] = []
  const edges: (readonly [number, number, number])[] = []
  const identity = (one: SystemState): number => {
    const text = key(one)
    if (!known.has(text)) known.set(text, found.push(one) - 1)
    return known.get(text)!
  }
  initialStates(system).forEach(identity)
  for (let id = 0; id < found.length; id++)
    try {
      const here = found[id]!
      const successors = enabled(system, here).map((one) => [take(system, here, one).next, one.index] as const)
      for (const [next, by] of successors) edges.push([id, identity(next), by])
    } catch (fault) {
      if (fault instanceof Fault) return { states: [...known.keys()].slice(0, id + 1), edges, fault }
      throw fault
    }
  return { states: [...known.keys()], edges }
}

const statesOf = (graph: Graph): string[] =>
  Array.from({ length: graph.states }, (_, id) => key(graph.expander.stateOf(id)))

function edgesOf({ edges, expanded }: Graph): (readonly [number, number, number])[] {
  assert(edges)
  const all: (readonly [number, number, number])[] = []
  for (let id = 0; id < expanded; id++)
    for (let edge = edges.first.at(id); edge < edges.first.at(id + 1); edge++)
      all.push([id, edges.target.at(edge), edges.by.at(edge)])
  return all
}

describe('laws', () => {
  it('the compiled search, the reference execution and the naive fixpoint agree on models without faults', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description }) => {
        const naive = fixpoint(description)
        if (!naive) return
        compared++
        const system = instantiate(written(description))
        const graph = await explore(system, nothing, { keepEdges: true })
        assert.equal(graph.cut, undefined)
        const states = statesOf(graph)
        const reference = byReference(system)
        assert.deepEqual(states, reference.states)
        assert.deepEqual(edgesOf(graph), reference.edges)
        assert.deepEqual(new Set(states), new Set(naive.round.keys()))
        assert.equal(states.length, naive.round.size)
        assert.equal(graph.transitions, naive.transitions)
        assert.equal(graph.depth, Math.max(...naive.round.values()))
        states.forEach((text, id) => assert.equal(pathTo(graph.expander, id).length - 1, naive.round.get(text)))
      }),
      { seed: 20251, numRuns: 1500 },
    )
    assert(compared > 1250, `only ${compared} models were small enough`)
  })

  it('they find the same first fault, of the same kind, in the same state', async () => {
    let faulty = 0
    await fc.assert(
      fc.asyncProperty(descriptions(true), async ({ description }) => {
        const naive = fixpoint(description)
        if (!naive) return
        const system = instantiate(written(description))
        const graph = await explore(system, nothing)
        const reference = byReference(system)
        assert.equal(graph.fault !== undefined, naive.faulty.size > 0)
        if (!graph.fault) return
        faulty++
        const { id, fault } = graph.fault
        assert.equal(graph.cut?.limit, 'fault')
        const text = key(graph.expander.stateOf(id))
        assert.equal(text, reference.states.at(-1))
        assert.equal(fault.message, reference.fault?.message)
        assert.equal(fault.kind, reference.fault?.kind)
        assert(naive.faulty.has(text))
        assert.equal(pathTo(graph.expander, id).length - 1, Math.max(...naive.round.values()))
      }),
      { seed: 20252, numRuns: 800 },
    )
    assert(faulty > 150, `only ${faulty} models were at fault`)
  })
})
