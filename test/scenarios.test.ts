/** Scenarios: runs of a spec that must be possible or impossible; and the command that finds, shows and keeps them. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkClaim } from '../src/tell/claim.js'
import { instanceOf, loadProtocol, protocolNames, systemOf, type Protocol } from '../src/tell/protocol.js'
import { played, scenarioDifference, scenarioTrace } from '../src/tell/scenarios.js'
import { schemaNamed } from '../src/tell/schema.js'
import { reportOf } from '../src/tell/report.js'
import { settled, tracesOf } from '../src/tell/claim-result.js'
import type { Scenario, Spec } from '../src/tell/spec.js'
import { thawproof, type Ran } from './command.js'

describe('a scenario', () => {
  let protocol: Protocol
  before(async () => (protocol = await loadProtocol('xen-pv-guest')))

  const common = { name: 'frozen', says: 'The tasks are frozen.', instance: 'B01', is: 'possible' } as const
  const difference = async (scenario: Scenario): Promise<string | undefined> => {
    const system = systemOf(protocol, instanceOf(protocol, scenario.instance))
    return scenarioDifference(await played(protocol, system, scenario))
  }
  const steps = ['toolstack.request', 'do_suspend.shutdown_handler', 'do_suspend.freeze_processes/ok']

  it('is met if its run can be taken and does what it says, or if one is found', async () => {
    assert.equal(
      await difference({ ...common, steps, to: `tasks == 'frozen'`, until: 'do_suspend.freeze_processes' }),
      undefined,
    )
    assert.equal(await difference({ ...common, to: `tasks == 'frozen'` }), undefined)
    assert.equal(
      await difference({ ...common, is: 'impossible', to: `tasks == 'frozen'`, avoid: [steps[2]!] }),
      undefined,
    )
    assert.equal(await difference({ ...common, is: 'impossible', steps: steps.slice(1) }), undefined)
  })

  it('is not met if its run is blocked, ends elsewhere, goes another way, or is there where it must not be', async () => {
    assert.match(
      (await difference({ ...common, steps: steps.slice(1) }))!,
      /claimed possible, found impossible \(step 1, do_suspend.shutdown_handler: not enabled here\)/,
    )
    assert.match(
      (await difference({ ...common, steps, to: `tasks == 'running'` }))!,
      /ends where tasks == 'running' is not so/,
    )
    assert.match(
      (await difference({ ...common, steps, avoid: [steps[0]!] }))!,
      /takes toolstack.request, which it avoids/,
    )
    assert.match((await difference({ ...common, steps, through: [...steps].reverse() }))!, /does not pass through/)
    assert.match((await difference({ ...common, steps, until: steps[0]! }))!, /does not end with/)
    assert.match(
      (await difference({ ...common, is: 'impossible', to: `tasks == 'frozen'` }))!,
      /claimed impossible, found possible in 3 steps/,
    )
    assert.match((await difference({ ...common, to: `tasks == 'frozen'`, avoid: [steps[2]!] }))!, /no run does that/)
    await assert.rejects(difference({ ...common, to: `tasks == 'frozn'` }), /scenario frozen: tasks is never 'frozn'/)
    // A name that no step has would make any run impossible, and is avoided by all.
    const nope = 'do_suspend.nope'
    for (const aim of [{ avoid: [nope] }, { through: [nope] }, { until: nope }, { steps: [nope] }])
      await assert.rejects(
        difference({ ...common, is: 'impossible', steps, ...aim }),
        /scenario frozen: there is no step 'do_suspend.nope'/,
      )
  })

  it('is unknown, and no more, if a limit was hit before a run was found', async () => {
    const system = systemOf(protocol, instanceOf(protocol, 'B01'))
    const play = await played(protocol, system, { ...common, to: `dev.vbd.ring == 1` }, { maxStates: 5 })
    assert.equal(play.found, null)
    assert.match(scenarioDifference(play)!, /claimed possible, not decided \(--max-states 5 was hit/)
  })

  it('is held against every check of its instance, and told in reports', async () => {
    const scenarios: Scenario[] = [
      { ...common, steps },
      { ...common, name: 'never', is: 'impossible', steps },
      { ...common, name: 'elsewhere', instance: 'B02', steps: ['nope'] },
    ]
    const own: Protocol = { ...protocol, spec: { ...protocol.spec, scenarios } }
    const claim = await checkClaim(own, instanceOf(own, 'B01'))
    assert.deepEqual(claim.differences, ['scenario never: claimed impossible, found possible in 3 steps'])
    const told = settled(claim, await tracesOf(claim))
    const report = reportOf([told])
    assert.equal(report.met, false)
    assert.deepEqual(
      report.instances[0]!.scenarios?.map(({ name, found, steps }) => [name, found, steps]),
      [
        ['frozen', true, 3],
        ['never', true, 3],
      ],
    )
    assert(schemaNamed('report')(report), JSON.stringify(schemaNamed('report').errors))
    const [trace] = told.traces!.filter(({ property }) => property === 'frozen')
    assert(schemaNamed('trace')(trace), JSON.stringify(schemaNamed('trace').errors))
    assert.equal(trace!.ends, 'arrives')
  })
})

describe('thawproof run', function () {
  this.timeout(60_000)
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'thawproof-run-'))))
  after(() => rmSync(folder, { recursive: true }))

  const run = (...args: string[]): Ran => thawproof(folder, args)

  it('shows a run as lanes, and as a document that says how to ask for it again', () => {
    const lanes = run('run', 'xen-pv-guest/B01', '--to', `xsLocks == 'held'`)
    assert.equal(lanes.code, 0, lanes.err)
    assert.match(
      lanes.out,
      / 5 {2}│ {2}● {3}do_suspend.xs_suspend[^]*to xsLocks == 'held': 5 steps\nshown: A run to xsLocks == 'held'.\n$/,
    )
    const json = run('run', 'xen-pv-guest/B01', '--property', 'no-deadlock', '--number', '2', '--json')
    const traces = JSON.parse(json.out) as { property: string }[]
    assert.equal(traces.length, 2)
    for (const trace of traces) assert(schemaNamed('trace')(trace), JSON.stringify(schemaNamed('trace').errors))
  })

  it('says that there is none, or that a limit was hit; and that a property holds of which it shows a run', () => {
    const none = run('run', 'xen-pv-guest/B01-fixed', '--to', `dev.vbd.grants[0] == 'leaked, still mapped'`)
    assert.deepEqual([none.code, none.out], [1, 'there is no such run: all 80 states were searched\n'])
    const shown = run('run', 'xen-pv-guest/B01-fixed', '--property', 'io-completes')
    assert.match(
      shown.out,
      /^io-completes holds: nothing breaks it; this run shows how its premise comes[^]*io-completes: 4 steps/,
    )
  })

  it('keeps a run as a scenario, shows it again, and check holds the model to it', () => {
    assert.equal(run('new', 'mine').code, 0)
    const asked = ['--to', `machine == 'asleep'`]
    const kept = run('run', './mine.ts/base', ...asked, '--save', 'sleeps', '--says', 'The machine falls asleep.')
    assert.equal(kept.code, 0, kept.err)
    const file = join(folder, 'mine.json')
    const { scenarios = [], ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Spec
    assert.equal(scenarios.length, 1)
    assert.match(
      run('run', './mine.ts', '--scenario', 'sleeps').out,
      /sleeps: \d+ steps\nshown: The machine falls asleep\./,
    )
    assert.match(run('check', './mine.ts/base', '--verbose').out, /scenarios: sleeps possible in \d+/)
    writeFileSync(file, JSON.stringify({ ...rest, scenarios: [{ ...scenarios[0], is: 'impossible' }] }))
    const checked = run('check', './mine.ts/base')
    assert.equal(checked.code, 1)
    assert.match(checked.out, /not as claimed: scenario sleeps: claimed impossible, found possible in \d+\s/)
  })
})

describe('the scenarios of the shipped protocols', () => {
  it('are at least one for each, a run that works comes first, and each run can still be taken', async () => {
    for (const name of protocolNames()) {
      const protocol = await loadProtocol(name)
      const [first, ...others] = protocol.spec.scenarios ?? []
      assert.equal(first?.is, 'possible', name)
      for (const scenario of [first, ...others]) {
        assert.match(scenario.says, /^\S.*\.$/, `${name}, ${scenario.name}`)
        if (scenario.is === 'possible') assert(scenarioTrace(protocol, scenario), `${name}, ${scenario.name}`)
      }
    }
  })
})
