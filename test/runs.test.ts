/** Recorded runs: those that are found, by any number of threads; each breaks what it is said to; a stale one is told. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { propertiesFor } from '../src/search/check.js'
import { stillViolates } from '../src/ask/counterexample.js'
import { Cache } from '../src/tell/cache.js'
import { checkClaim } from '../src/tell/claim.js'
import { examplesOf } from '../src/tell/example.js'
import { instanceOf, loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import { recordedOf, recordedRuns, recordedTraces, writeRuns, type RecordedRun } from '../src/tell/runs.js'
import { settled, tracesOf } from '../src/tell/claim-result.js'
import { Mistake } from '../src/write/mistake.js'

describe('recorded runs', function () {
  this.timeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'thawproof-runs-'))
  after(() => rmSync(folder, { recursive: true }))
  let protocol: Protocol
  let number = 0

  const write = (runs: ReturnType<typeof recordedRuns>): void =>
    writeRuns(protocol, Object.keys(runs), new Map(Object.entries(runs)))

  /** A protocol whose runs can be changed. */
  beforeEach(async () => {
    const shipped = await loadProtocol('xen-arm-control')
    protocol = { ...shipped, specFile: join(folder, String(number++), 'xen-arm-control.json') }
    mkdirSync(dirname(protocol.specFile!))
    write(recordedRuns(shipped))
  })

  const change = (id: string, property: string, rest: Partial<RecordedRun>): void => {
    const runs = recordedRuns(protocol)
    const run = { ...runs[id]![property]!, ...rest }
    write({ ...runs, [id]: { ...runs[id], [property]: run } })
  }

  it('break what they are said to break, by the reference execution alone', async () => {
    let shown = 0
    for (const one of await Promise.all(protocolNames().map(loadProtocol)))
      for (const trace of recordedTraces(one)) {
        const { property, initial, loop, ends, steps } = trace
        const instance = instanceOf(one, trace.instance!)
        const system = systemOf(one, instance)
        if (property === 'in-domain') continue
        // That nothing is ever reached shows on every run as "in the end".
        const properties = propertiesFor(system, one.properties).map((each) =>
          each.kind === 'reachable' ? ({ ...each, kind: 'eventually' } as const) : each,
        )
        const names = steps.map(({ name }) => name)
        const known = { property, initial, names, ...(loop !== null && { loop }) }
        assert.ok(stillViolates(system, properties, known), `${one.name}/${instance.id} ${property}, ${ends}`)
        shown++
      }
    assert.ok(shown > 1000)
  })

  it('are those that are found anew, with the step since which it was inevitable', async () => {
    let compared = 0
    for (const one of await Promise.all(protocolNames().map(loadProtocol))) {
      // `test/specs.test.ts` compares what breaks in every instance: here it is the examples too, where they are found in no time.
      const small = one.spec.instances.filter(({ measured }) => (measured?.states ?? Infinity) < 150)
      for (const instance of small) {
        const claim = await checkClaim(one, instance)
        const found = [...(await tracesOf(claim)), ...(await examplesOf(claim))]
        const told = Object.fromEntries(found.map((trace) => [trace.property, recordedOf(trace)]))
        assert.deepEqual(told, recordedRuns(one)[instance.id] ?? {}, `${one.name}/${instance.id}`)
        compared += found.length
      }
    }
    assert.ok(compared > 300, String(compared))
  })

  it('are the same for any number of threads', async () => {
    const shipped = await loadProtocol('virtio-blk')
    const instance = instanceOf(shipped, 'K1')
    const recorded = recordedRuns(shipped)['K1']!
    for (const workers of [1, 2, 3]) {
      const claim = await checkClaim(shipped, instance, { workers, helpFrom: 0 })
      const told = (await tracesOf(claim)).map((trace) => [trace.property, recordedOf(trace)])
      assert.deepEqual(Object.fromEntries(told), recorded)
    }
  })

  it('that are not those found make a claim differ, and say where', async () => {
    const instance = instanceOf(protocol, 'S4')
    assert.deepEqual((await checkClaim(protocol, instance)).differences, [])
    const { steps } = recordedRuns(protocol)['S4']!['request-served']!
    change('S4', 'request-served', { steps: steps.with(1, 'somebody.else') })
    const { differences } = await checkClaim(protocol, instance)
    assert.deepEqual(differences, [
      `run of request-served: step 2 is ${steps[1]}, recorded somebody.else (\`thawproof record\` if that is right)`,
    ])
    change('S4', 'request-served', { steps, why: 'for no reason' })
    assert.match(
      (await checkClaim(protocol, instance)).differences.join(),
      /^run of request-served: .*recorded for no reason/,
    )
  })

  it('are part of what is remembered of a claim', async () => {
    const shipped = await loadProtocol('xen-arm-control')
    const cache = new Cache(join(folder, 'cache'))
    const instance = instanceOf(protocol, 'S4')
    cache.keep(protocol, instance, settled(await checkClaim(shipped, instance)))
    assert.ok(cache.recall(protocol, instance))
    change('S4', 'request-served', { loop: 0 })
    assert.equal(new Cache(join(folder, 'cache')).recall(protocol, instance), undefined)
  })

  it('that can no longer be replayed are a mistake that says what to do', () => {
    const { steps } = recordedRuns(protocol)['S4']!['request-served']!
    const refused = (what: RegExp, rest: Partial<RecordedRun>): void => {
      change('S4', 'request-served', rest)
      assert.throws(
        () => recordedTraces(protocol),
        (error) => {
          assert.ok(error instanceof Mistake)
          assert.match(error.where, /traces\/xen-arm-control\.json, S4, request-served$/)
          assert.match(error.what, what)
          assert.match(error.next!, /thawproof record xen-arm-control$/)
          return true
        },
      )
    }
    refused(/^step 1, 'gone\.away': no such step$/, { steps: steps.with(0, 'gone.away') })
    refused(/not enabled here$/, { steps: steps.toReversed() })
    refused(/^the run does not come back to where it was after step 0$/, { steps: steps.slice(0, 2), loop: 0 })
    refused(/^there is no initial state 99$/, { steps, initial: 99 })
  })

  it('are read as their schema has them', () => {
    const { specFile } = protocol
    const file = join(dirname(specFile!), 'traces', 'xen-arm-control.json')
    writeFileSync(file, '{ "schema": "thawproof/runs@1", "protocol": "x", "runs": { "S4": { "p": { "step": [] } } } }')
    assert.throws(
      () => recordedRuns({ ...protocol }),
      (error) => error instanceof Mistake && error.where.startsWith(`${file}, runs.S4.p`),
    )
  })
})
