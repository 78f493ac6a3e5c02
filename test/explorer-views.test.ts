/** What the explorer shows beside a run, by example: another variant in lock step, the folded map, addresses. */

import assert from 'node:assert/strict'
import { explore } from '../src/search/explore.js'
import { endOf, replay } from '../src/search/run.js'
import { foldedMap, layersOf } from '../src/tell/explore/folded.js'
import { lockstep } from '../src/tell/explore/lockstep.js'
import { addressIn, fragmentOf, readRun, spelledRun } from '../src/tell/explore/permalink.js'
import { follow, scheduleOf } from '../src/tell/explore/schedule.js'
import { drained } from '../src/tell/explore/shortest.js'
import { subjectOf } from '../src/tell/explore/subject.js'
import { commandText, mailText, scenarioOf, testText, type Shared } from '../src/tell/explore/texts.js'
import { truthOf } from '../src/tell/explore/truth.js'
import { Variants } from '../src/tell/explore/variants.js'
import { instanceOf, loadProtocol, systemOf } from '../src/tell/protocol.js'
import { recordedRuns } from '../src/tell/runs.js'
import { counts, runOf, systemOfParts, wide } from './made-runs.js'
import { action, origin, worker } from './toy.js'

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
    const map = drained(foldedMap(system, [`at ${name}`], wide))
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
    const cut = drained(foldedMap(system, [`at ${name}`], { states: 50, seconds: 9 }))
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

describe('texts of a run', () => {
  const shared = async (...steps: readonly string[]): Promise<Shared> => {
    const protocol = await loadProtocol('xen-pv-guest')
    const instance = instanceOf(protocol, 'B01')
    const subject = subjectOf(protocol, instance, { canSave: false })
    const variants = new Variants({ ...protocol, picture: {} }, subject)
    const { variant, system, properties } = variants.ready('B01')
    const run = runOf(system, ...steps)
    return {
      model: protocol.model,
      subject,
      variant,
      run,
      properties,
      lines: truthOf({ base: system, run }, properties),
    }
  }

  it('are those of what the last step breaks, and never say that it is a shortest run', async () => {
    const protocol = await loadProtocol('xen-pv-guest')
    const { steps } = recordedRuns(protocol)['B01']!['no-revoke-in-use']!
    const broken = await shared(...steps)
    const mail = mailText(broken)
    assert.match(mail, /^Subject: xen-pv-guest: A pvops kernel before 2\.6\.39/)
    assert.match(mail, /^Expected:\n {2}A frontend ends access to a ring grant only when no backend has it/m)
    assert.match(mail, /This is a run, put together step by step,/)
    assert.doesNotMatch(mail, /shortest/)
    assert.equal(
      commandText(broken),
      'thawproof trace xen-pv-guest/B01 no-revoke-in-use --replay xen-pv-guest-B01.json',
    )
    assert.match(testText(broken), /it\("B01 breaks no-revoke-in-use"/)
  })

  it('are those of a run that is possible, where it breaks nothing', async () => {
    const begun = await shared('toolstack.request', 'do_suspend.shutdown_handler')
    assert.equal(
      commandText(begun),
      'thawproof run xen-pv-guest/B01 --through toolstack.request,do_suspend.shutdown_handler',
    )
    assert.match(mailText(begun), /^Subject: xen-pv-guest, a run: 2 steps\n/)
    const kept = { name: 'asked', says: 'It is asked.', is: 'possible' } as const
    assert.deepEqual(scenarioOf(begun, kept), {
      ...kept,
      instance: 'B01',
      steps: ['toolstack.request', 'do_suspend.shutdown_handler'],
    })
  })

  it('tells of a test that takes the run again', async () => {
    const begun = await shared('toolstack.request')
    const [names] = /\[\n[^\]]*\]/.exec(testText(begun))!
    const { run, stuck } = replay(begun.run.system, 0, JSON.parse(names.replace(/,\n {2}\]/, ']')) as string[])
    assert.equal(stuck, undefined)
    assert.equal(run.steps.length, 1)
  })

  it('knows where the code of every step is, and begins with runs that work', async () => {
    const { subject, run } = await shared('toolstack.request')
    for (const { step, origin: from } of run.system.transitions) {
      assert.match(subject.code[step]!.model!, /^models\/xen-pv-guest.*\.ts:\d+$/, step)
      if (from.kind === 'source') assert.match(subject.code[step]!.symbol!, /^https:\/\//, step)
    }
    assert(subject.known.some(({ title }) => title === 'breaks no-revoke-in-use'))
    const protocol = await loadProtocol('xen-pv-guest')
    const [works] = subject.known
    assert.equal(works!.title, `${protocol.spec.scenarios![0]!.name}, in ${works!.variant}`)
    const other = systemOf(protocol, instanceOf(protocol, works!.variant!))
    assert.equal(follow(other, works!.schedule).stuck, undefined)
    const first = subject.known.findIndex(({ title }) => title.startsWith('breaks '))
    assert(subject.known.slice(first).every(({ title }) => title.startsWith('breaks ')))
  })
})
