/** The explorer's engine against the compiled search, on random models: the same states, the same ways on, the same shortest runs. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check } from '../src/search/check.js'
import { explore } from '../src/search/explore.js'
import { Fault, initialStates } from '../src/search/reference.js'
import { endOf, startOf, type Run } from '../src/search/run.js'
import { choicesIn, whyNot } from '../src/tell/explore/choices.js'
import { readRun, spelledRun } from '../src/tell/explore/permalink.js'
import { searchFor } from '../src/tell/explore/question.js'
import { follow, movedTo, placesFor, scheduleOf } from '../src/tell/explore/schedule.js'
import { drained, shortestWay, spread, wayTo, type Bounds } from '../src/tell/explore/shortest.js'
import { truthOf } from '../src/tell/explore/truth.js'
import { instantiate } from '../src/write/system.js'
import type { Property } from '../src/write/property.js'
import { fixpoint, key } from './fixpoint.js'
import { predicate, written } from './plain-models.js'
import { descriptions } from './random-models.js'

const everything: Bounds = { states: Infinity, seconds: Infinity }

describe('the explorer, held against the compiled search', () => {
  it('goes everywhere the compiled search goes, in the same order, by the same steps', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), fc.infiniteStream(fc.nat()), async ({ description }, dice) => {
        if (!fixpoint(description)) return
        compared++
        const system = instantiate(written(description))
        const graph = await explore(system, { states: [], steps: [], collects: [] }, { keepEdges: true })
        const { expander, edges } = graph
        const steps: (readonly [number, number, number])[] = []
        const { met, ended: how } = drained(
          spread(system, initialStates(system), everything, {
            step: (from, by, to) => steps.push([from, to, by.index]) < 0,
          }),
        )
        assert.equal(how, 'all')
        assert.deepEqual(
          met.map(({ here }) => key(here)),
          Array.from({ length: graph.states }, (_, id) => key(expander.stateOf(id))),
        )
        assert.equal(steps.length, graph.transitions)
        assert.equal(Math.max(...met.map(({ depth }) => depth)), graph.depth)
        const target = steps.map(([from, to, by], edge) => {
          assert.deepEqual([to, by], [edges!.target.at(edge), edges!.by.at(edge)])
          assert(edge >= edges!.first.at(from) && edge < edges!.first.at(from + 1))
          return to
        })
        // A random run: at each state the choices are those of the compiled search, and each leads where that leads.
        let [run, id]: [Run, number] = [startOf(system, 0), 0]
        for (let taken = 0; taken < 12; taken++) {
          const first = edges!.first.at(id)
          const { possible } = choicesIn(system, endOf(run))
          assert.deepEqual(
            possible.map(({ index }) => index),
            possible.map((_, i) => edges!.by.at(first + i)),
          )
          assert.equal(first + possible.length, edges!.first.at(id + 1))
          if (possible.length === 0) break
          const pick = dice.next().value % possible.length
          const names = [...scheduleOf(run).names, possible[pick]!.name]
          run = follow(system, { initial: 0, names }, run).run
          id = target[first + pick]!
          assert.equal(key(endOf(run)), key(expander.stateOf(id)))
        }
        assert.deepEqual(readRun(system, spelledRun(run)), scheduleOf(run))
        const way = wayTo(met, id)
        let root = id
        while (met[root]!.from) root = met[root]!.from!.id
        assert.equal(key(endOf(follow(system, { initial: root, names: way }).run)), key(expander.stateOf(id)))
      }),
      { seed: 20261, numRuns: 400 },
    )
    assert(compared > 300, `only ${compared} models were small enough`)
  })

  it('breaks what the compiled search breaks, in as few steps, and says so at the last of them alone', async () => {
    let violated = 0
    await fc.assert(
      fc.asyncProperty(descriptions(false), async ({ description, tests }) => {
        if (!fixpoint(description)) return
        const system = instantiate(written(description))
        const holds = predicate(description, tests[0]!)
        const property: Property = { kind: 'always', name: 'so', says: 'It is so.', when: undefined, holds }
        const { verdicts } = await check(system, [property])
        const verdict = verdicts.find((one) => one.property === 'so')!
        const ways = system.initials.map((_, initial) => {
          const search = searchFor(startOf(system, initial), { kind: 'breaks', property: 'so' }, [property])
          return drained(shortestWay(search.run, search.sought, everything))
        })
        const lengths = ways.flatMap((way) => (way.kind === 'found' ? [way.names.length] : []))
        const found = verdict.verdict === 'trivial' ? 'holds' : verdict.verdict
        assert.equal(found, lengths.length > 0 ? 'violated' : 'holds')
        if (verdict.verdict !== 'violated') return
        violated++
        assert.equal(Math.min(...lengths), verdict.run!.steps.length)
        const [line] = truthOf({ base: system, run: verdict.run! }, [property])
        assert.deepEqual(
          line!.seen.map(({ truth }) => truth),
          [...verdict.run!.steps.map(() => 'holds'), 'broken'],
        )
      }),
      { seed: 20262, numRuns: 150 },
    )
    assert(violated > 25, `only ${violated} were violated`)
  })

  it('moves a step only where every step can still be taken, and has a reason for every step that cannot be', () => {
    let [moved, refused, reasons] = [0, 0, 0]
    fc.assert(
      fc.property(descriptions(true), fc.infiniteStream(fc.nat()), ({ description }, dice) => {
        const system = instantiate(written(description))
        let run = startOf(system, 0)
        for (let taken = 0; taken < 6; taken++) {
          const { possible, blocked, elsewhere } = choicesIn(system, endOf(run))
          assert.equal(possible.length + blocked.length + elsewhere.length, system.transitions.length)
          for (const one of blocked) {
            const reason = whyNot(run, one)
            assert(reason.kind === 'guard' || reason.kind === 'faulty', reason.kind)
            if (reason.kind === 'guard') reasons++
          }
          for (const one of elsewhere) assert.equal(whyNot(run, one).kind, 'elsewhere')
          if (possible.length === 0) break
          const name = possible[dice.next().value % possible.length]!.name
          const further = follow(system, { initial: 0, names: [...scheduleOf(run).names, name] }, run)
          if (further.stuck) {
            assert.equal(further.stuck.reason.kind, 'faulty')
            break
          }
          run = further.run
        }
        const from = run.steps.length === 0 ? 0 : dice.next().value % run.steps.length
        const places = placesFor(run, from)
        for (let to = 0; to < run.steps.length; to++) {
          const { stuck } = follow(system, movedTo(scheduleOf(run), from, to))
          assert.equal(places.includes(to), stuck === undefined)
          if (to === from) continue
          if (stuck) refused++
          else moved++
        }
      }),
      { seed: 20263, numRuns: 250 },
    )
    assert(moved > 200 && refused > 20 && reasons > 1000, `${moved} moved, ${refused} refused, ${reasons} reasons`)
  })

  it('says of a model at fault that it is, and where', () => {
    let faulty = 0
    fc.assert(
      fc.property(descriptions(true), ({ description }) => {
        const naive = fixpoint(description)
        if (!naive) return
        const system = instantiate(written(description))
        const found = drained(shortestWay(startOf(system, 0), {}, everything))
        if (found.kind !== 'faulty') return
        faulty++
        assert(naive.faulty.size > 0)
        assert.throws(() => drained(spread(system, initialStates(system), everything, {})), Fault)
      }),
      { seed: 20264, numRuns: 150 },
    )
    assert(faulty > 20, `only ${faulty} models were at fault`)
  })
})
