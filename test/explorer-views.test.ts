/** What the explorer shows beside a run, by example: another variant in lock step, the folded map, addresses. */

import assert from 'node:assert/strict'
import { explore } from '../src/search/explore.js'
import { endOf, type Run } from '../src/search/run.js'
import { foldedMap, layersOf } from '../src/tell/explore/folded.js'
import { lockstep } from '../src/tell/explore/lockstep.js'
import { addressIn, fragmentOf, readRun, spelledRun } from '../src/tell/explore/permalink.js'
import { follow, scheduleOf } from '../src/tell/explore/schedule.js'
import type { Bounds } from '../src/tell/explore/shortest.js'
import { instanceOf, loadProtocol, systemOf } from '../src/tell/protocol.js'
import { recordedRuns } from '../src/tell/runs.js'
import type { Part } from '../src/write/model.js'
import { instantiate, type System } from '../src/write/system.js'
import { action, origin, toy, worker } from './toy.js'

const systemOfParts = (...parts: readonly Part[]): System => instantiate(toy(parts))
const runOf = (system: System, ...names: readonly string[]): Run => {
  const { run, stuck } = follow(system, { initial: 0, names })
  assert.equal(stuck, undefined)
  return run
}

const ended = <T>(search: Generator<number, T>): T => {
  let next = search.next()
  while (!next.done) next = search.next()
  return next.value
}
const wide: Bounds = { states: 1e6, seconds: 60 }
/** Takes n up, at most to two. */
const counts = action('count', {
  actor: 'two',
  origin,
  when: (s) => s.n < 2,
  then: (d) => void d.n++,
})

describe('variants in lock step', () => {
  it('marks the first step that the other does not take, past steps of its own', async () => {
    const protocol = await loadProtocol('xen-pv-guest')
    const [buggy, fixed] = ['B01', 'B01-fixed'].map((id) => systemOf(protocol, instanceOf(protocol, id)))
    const { steps } = recordedRuns(protocol)['B01']!['no-revoke-in-use']!
    const { rows, first, firstState, there } = lockstep(runOf(buggy!, ...steps), fixed!)
    assert.equal(first, 12)
    assert.equal(rows[12]!.kind, 'instead')
    assert.equal(rows[12]!.name, 'do_suspend.dpm_resume_vbd/blkfront_resume')
    assert.equal(firstState, 0)
    assert.equal(there.steps.length, steps.length)
    assert.deepEqual(
      rows.slice(1, 12).map(({ kind }) => kind),
      steps.slice(0, 11).map(() => 'both'),
    )
    const same = lockstep(runOf(buggy!, ...steps), buggy!)
    assert.deepEqual([same.first, same.firstState], [null, null])
  })

  it('tells why the other cannot follow', () => {
    const open = systemOfParts(counts)
    const shut = systemOfParts(
      action('count', { actor: 'two', origin, when: (s) => s.n < 1, then: (d) => void d.n++ }),
      action('extra', { actor: 'one', origin }),
    )
    const { rows, first } = lockstep(runOf(open, 'two.count', 'two.count'), shut)
    assert.equal(first, 2)
    const row = rows[2]!
    assert(row.kind === 'cannot' && row.reason.kind === 'guard')
    assert.deepEqual(row.reason.causes[0]!.mends, [0])
    assert.equal(lockstep(runOf(shut, 'one.extra'), open).rows[1]!.kind, 'only here')
  })
})

describe('the folded map', () => {
  it('counts what the compiled search counts, with shortest runs, in layers that go down', async () => {
    const protocol = await loadProtocol('xenbus-locks')
    const system = systemOf(protocol, instanceOf(protocol, 'mainline'))
    const { name } = system.threads[0]!
    const map = ended(foldedMap(system, [`at ${name}`], wide))
    const graph = await explore(system, { states: [], steps: [], collects: [] }, { keepEdges: true })
    const labels = Array.from({ length: graph.states }, (_, id) => graph.expander.stateOf(id).at[name]!)
    assert.equal(map.cut, null)
    assert.equal(map.states, graph.states)
    for (const { key, states, names, initial, depth } of map.nodes) {
      assert.equal(states, labels.filter((label) => label === key).length)
      assert.equal(names.length, depth)
      assert.equal(endOf(follow(system, { initial, names }).run).at[name], key)
    }
    const between = (from: string, to: string): number => {
      let steps = 0
      for (let id = 0; id < graph.states; id++)
        for (let edge = graph.edges!.first.at(id); edge < graph.edges!.first.at(id + 1); edge++)
          if (labels[id] === from && labels[graph.edges!.target.at(edge)] === to) steps++
      return steps
    }
    for (const { from, to, steps } of map.edges) assert.equal(steps, between(map.nodes[from]!.key, map.nodes[to]!.key))
    const spots = layersOf(map)
    for (const { from, to } of map.edges) assert(spots[to]!.layer <= spots[from]!.layer + 1)
    assert.equal(new Set(spots.map(({ layer, place }) => `${layer} ${place}`)).size, spots.length)
    const cut = ended(foldedMap(system, [`at ${name}`], { states: 50, seconds: 9 }))
    assert.equal(cut.cut, 'states')
  })
})

describe('addresses', () => {
  const system = systemOfParts(worker, counts)
  const run = runOf(system, 'worker.start', 'two.count', 'worker.stop')

  it('names a run by the choices that were made, and leads back to it', () => {
    const fragment = fragmentOf('toy', 'N=2 +fix', run, 2)
    assert.match(fragment, /^#\/toy\/N%3D2%20%2Bfix\/0\.0\.1\.0~[0-9a-z]+@2$/)
    const address = addressIn(fragment, 'toy')!
    assert.deepEqual([address.variant, address.step], ['N=2 +fix', 2])
    assert.deepEqual(readRun(system, address.run), scheduleOf(run))
    assert.equal(addressIn(fragmentOf('toy', 'x', run, 3), 'toy')!.step, Infinity)
    assert.equal(addressIn(fragment, 'other'), undefined)
    assert.equal(addressIn('#/toy', 'toy'), undefined)
  })

  it('is refused by a model in which it would be another run', () => {
    const text = spelledRun(run)
    assert.equal(readRun(systemOfParts(counts, worker), text), undefined)
    assert.equal(readRun(system, text.replace('~', '.9~')), undefined)
    assert.equal(readRun(system, '7~0'), undefined)
    assert.equal(readRun(system, 'nonsense'), undefined)
  })
})
