/** The template library: every template has a script that it accepts and one that it rejects. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { bool, record, type Property } from '../src/index.js'
import { templatesOver } from '../properties/templates.js'
import { on, scripted, state, type Toy } from './script-toy.js'

const t = templatesOver(state)
const what = 'the toy'
const idle = (s: Readonly<Toy>): boolean => s.phase === 'idle'
const trying = (s: Readonly<Toy>): boolean => s.phase === 'trying'
const stage = (one: string) => ({ done: on(`stop${one}`), undone: on(`start${one}`) })

interface Row {
  readonly property: Property
  readonly good: string
  /** A script that it rejects, as it accepts `good`, and how long the counterexample is; null: there is none to show. */
  readonly bad: string
  readonly steps: number | null
}

const rows: Readonly<Record<keyof typeof t, Row>> = {
  noWorkAfterFreeze: {
    property: t.noWorkAfterFreeze({ what, own: on('send'), frozen: (s) => s.frozen }),
    good: 'send freeze thaw send-2',
    bad: 'freeze send thaw',
    steps: 2,
  },
  freezeCompletes: {
    property: t.freezeCompletes({ what, requested: trying, ended: (s) => s.frozen || idle(s) }),
    good: 'begin freeze',
    bad: 'begin send',
    steps: 2,
  },
  drainBeforeTeardown: {
    property: t.drainBeforeTeardown({ what, teardown: on('stopA'), inFlight: (s) => s.flight }),
    good: 'send drain stopA',
    bad: 'send stopA drain',
    steps: 2,
  },
  noAccessBetween: {
    property: t.noAccessBetween({ what, teardown: on('stopA'), setup: on('startA'), access: on('send') }),
    good: 'send stopA startA send-2',
    bad: 'stopA send startA',
    steps: 2,
  },
  unwindExact: {
    property: t.unwindExact({ what, stages: [stage('A'), stage('B')], over: idle }),
    good: 'begin stopA stopB startB startA finish begin-2 stopA-2 startA-2 finish-2',
    bad: 'begin stopA stopB startB finish',
    steps: 5,
  },
  reverseOrder: {
    property: t.reverseOrder({ what, stages: [stage('A'), stage('B')] }),
    good: 'stopA stopB startB startA',
    bad: 'stopA stopB startA startB',
    steps: 3,
  },
  dependencyOrder: {
    property: t.dependencyOrder({ what, needs: [['a', 'b']], active: (s, who: 'a' | 'b') => s[who] }),
    good: 'stopA stopB startB startA',
    bad: 'stopB stopA',
    steps: 1,
  },
  resumeOnlySuspended: {
    property: t.resumeOnlySuspended({ what, suspend: on('stopA'), resume: on('startA') }),
    good: 'stopA startA stopA-2 startA-2',
    bad: 'stopA startA startA-2',
    steps: 3,
  },
  resumeExactlyOnce: {
    property: t.resumeExactlyOnce({ what, suspend: on('stopA'), resume: on('startA'), idle }),
    good: 'begin stopA startA finish',
    bad: 'begin stopA finish startA',
    steps: 3,
  },
  foreignStopPreserved: {
    property: t.foreignStopPreserved({ what, undo: on('startA', 'startAndThaw'), foreign: (s) => s.frozen }),
    good: 'freeze stopA startA',
    bad: 'freeze stopA startAndThaw',
    steps: 3,
  },
  setupMatchesTeardown: {
    property: t.setupMatchesTeardown({ what, setup: on('startA'), teardown: on('stopA'), present: (s) => s.a }),
    good: 'stopA startA stopA-2',
    bad: 'stopA stopA-2',
    steps: 2,
  },
  everyoneBack: {
    property: t.everyoneBack({ what, idle, running: [(s) => s.a, (s) => s.b] }),
    good: 'begin stopA startA finish',
    bad: 'begin stopA stopB startA finish',
    steps: 5,
  },
  counterBalanced: {
    property: t.counterBalanced({ what, counter: (s) => s.count, initial: 0, idle }),
    good: 'begin up down finish',
    bad: 'begin up finish down',
    steps: 3,
  },
  noStaleFlag: {
    property: t.noStaleFlag({ what, flags: (s) => [s.frozen, s.pending], initial: [false, false], idle }),
    good: 'begin freeze thaw finish',
    bad: 'begin freeze finish thaw',
    steps: 3,
  },
  stateRestored: {
    property: t.stateRestored({
      what,
      projection: (s) => ({ a: s.a, b: s.b }),
      domain: record({ a: bool(), b: bool() }),
      begin: on('begin'),
      end: on('finish'),
    }),
    good: 'stopB begin stopA startA finish',
    bad: 'stopB begin startB finish',
    steps: 4,
  },
  timersReArmed: {
    property: t.timersReArmed({ what, armed: (s) => s.a, begin: on('begin'), end: on('finish') }),
    good: 'begin stopA startA finish stopA-2 begin-2 finish-2',
    bad: 'begin stopA finish startA',
    steps: 3,
  },
  stateMatchesHardware: {
    property: t.stateMatchesHardware({ what, claimed: (s) => s.a, actual: (s) => s.b }),
    good: 'stopA stopB startB startA',
    bad: 'stopB stopA',
    steps: 1,
  },
  contextIntact: {
    property: t.contextIntact({ what, image: (s) => s.count, savers: on('up') }),
    good: 'up begin finish',
    bad: 'up begin down finish',
    steps: 3,
  },
  noDeadlock: {
    property: t.noDeadlock({ what, idle }),
    good: 'begin sleep finish',
    bad: 'begin finish sleep',
    steps: 3,
  },
  canSucceed: {
    property: t.canSucceed({ what, succeeded: (s) => s.phase === 'asleep' }),
    good: 'begin sleep',
    bad: 'begin finish',
    steps: null,
  },
  wakeupNotLost: {
    property: t.wakeupNotLost({ what, deliverable: (s) => s.pending, asleep: (s) => s.phase === 'asleep' }),
    good: 'wake handle sleep',
    bad: 'sleep wake handle',
    steps: 2,
  },
  wakeupHandled: {
    property: t.wakeupHandled({ what, pending: (s) => s.pending, handled: (s) => !s.pending }),
    good: 'wake handle',
    bad: 'begin wake',
    steps: 2,
  },
  noSpuriousAbort: {
    property: t.noSpuriousAbort({ what, begin: on('begin'), causes: on('wake'), abort: on('finish') }),
    good: 'begin wake finish',
    bad: 'wake begin finish',
    steps: 3,
  },
  abortScope: {
    property: t.abortScope({ what, abort: on('thaw'), abortable: trying }),
    good: 'begin thaw',
    bad: 'begin sleep thaw',
    steps: 3,
  },
  cancelWindow: {
    property: t.cancelWindow({ what, begin: on('begin'), acknowledge: on('handle'), commit: on('sleep') }),
    good: 'begin handle begin-2 sleep',
    bad: 'begin handle sleep',
    steps: 3,
  },
  singleOutcome: {
    property: t.singleOutcome({
      what,
      begin: on('begin'),
      outcomes: [
        { told: on('ok'), real: (s) => s.frozen },
        { told: on('fails'), real: (s) => !s.frozen },
      ],
      idle,
    }),
    good: 'begin fails finish begin-2 freeze ok finish-2',
    bad: 'begin freeze ok fails finish',
    steps: 4,
  },
  failBeforePoNR: {
    property: t.failBeforePoNR({ what, begin: on('begin'), commit: on('sleep'), fails: on('fails') }),
    good: 'begin fails begin-2 sleep',
    bad: 'begin sleep fails',
    steps: 3,
  },
  readyAtCommit: {
    property: t.readyAtCommit({ what, commit: on('sleep'), ready: (s) => s.frozen }),
    good: 'freeze sleep',
    bad: 'freeze thaw sleep',
    steps: 3,
  },
  timeTransparent: {
    property: t.timeTransparent({ what, expire: on('down'), due: (s) => s.count > 0 }),
    good: 'up down',
    bad: 'sleep down',
    steps: 2,
  },
  wakeLeadsToRunning: {
    property: t.wakeLeadsToRunning({ what, woken: (s) => s.pending && s.frozen, running: (s) => !s.frozen }),
    good: 'freeze wake thaw',
    bad: 'freeze wake handle',
    steps: 3,
  },
  ownershipExactlyOne: {
    property: t.ownershipExactlyOne({
      what,
      parties: [{ owns: (s) => s.owner === 'a', uses: (s) => s.flight }, { owns: (s) => s.owner === 'b' }],
    }),
    good: 'send drain take giveBack send-2',
    bad: 'send take drain',
    steps: 2,
  },
  ownershipReturned: {
    property: t.ownershipReturned({ what, owner: (s) => s.owner, initial: 'a', aborted: idle }),
    good: 'begin take giveBack finish',
    bad: 'begin take finish',
    steps: 3,
  },
  inFlightFate: {
    property: t.inFlightFate({
      what,
      accept: on('send'),
      effect: on('up'),
      complete: on('ok'),
      fail: on('fails'),
      idle: (s) => s.frozen,
    }),
    good: 'send up ok freeze thaw send-2 fails',
    bad: 'send ok up freeze',
    steps: 2,
  },
  everyExitCompletes: {
    property: t.everyExitCompletes({ what, waiting: (s) => s.frozen, signalled: (s) => s.pending }),
    good: 'freeze wake',
    bad: 'freeze thaw',
    steps: 2,
  },
  attemptTerminates: {
    property: t.attemptTerminates({ what, attempt: trying, ended: (s) => !trying(s) }),
    good: 'begin sleep finish',
    bad: 'begin finish begin-2',
    steps: 3,
  },
  singleFlight: {
    property: t.singleFlight({ what, attempts: (s) => s.count }),
    good: 'up down up-2',
    bad: 'up up-2',
    steps: 2,
  },
  noStaleRequest: {
    property: t.noStaleRequest({ what, begin: on('begin'), ask: on('wake'), act: on('handle') }),
    good: 'begin wake handle',
    bad: 'begin wake begin-2 handle',
    steps: 4,
  },
  capabilityConsistent: {
    property: t.capabilityConsistent({ what, advertised: (s) => s.a, refuse: on('fails') }),
    good: 'stopA fails',
    bad: 'begin fails',
    steps: 2,
  },
  invisibleToOthers: {
    property: t.invisibleToOthers({
      what,
      operation: on('up', 'upTwice'),
      result: (s) => s.count,
      expected: (s) => s.count + 1,
    }),
    good: 'begin up',
    bad: 'begin upTwice',
    steps: 2,
  },
  requestServed: {
    property: t.requestServed({ what, queued: (s) => s.flight, served: (s) => !s.flight }),
    good: 'send drain',
    bad: 'send drain send-2',
    steps: 3,
  },
  accessOnlyWhile: {
    property: t.accessOnlyWhile({ what, access: on('send'), allowed: (s) => s.a }),
    good: 'send stopA startA send-2',
    bad: 'stopA send',
    steps: 2,
  },
  actsOnlyWhile: {
    property: t.actsOnlyWhile({ what, acted: (b, a) => b.flight !== a.flight, noted: (s) => s.flight && !s.a }),
    good: 'send drain stopA startA send-2',
    bad: 'stopA send startA',
    steps: 2,
  },
  readyBeforeUse: {
    property: t.readyBeforeUse({ what, use: on('send', 'drain'), ready: (s) => s.a, used: (s) => s.flight }),
    good: 'stopA drain startA send',
    bad: 'stopA drain send startA',
    steps: 3,
  },
  setUpOnce: {
    property: t.setUpOnce({ what, setup: on('startA'), present: (s) => s.a }),
    good: 'stopA startA stopA-2 startA-2',
    bad: 'stopA startA startA-2',
    steps: 3,
  },
  releasedOnce: {
    property: t.releasedOnce({ what, release: on('stopA'), over: on('finish'), held: (s) => s.a }),
    good: 'begin stopA finish startA stopA-2',
    bad: 'begin stopA finish startA finish-2',
    steps: 5,
  },
  outcomeReal: {
    property: t.outcomeReal({ what, tell: on('ok'), real: (s) => s.frozen }),
    good: 'freeze ok',
    bad: 'freeze thaw ok',
    steps: 3,
  },
  stateAgrees: {
    property: t.stateAgrees({ what, settled: idle, one: (s) => s.a, other: (s) => s.b }),
    good: 'begin stopA stopB finish',
    bad: 'begin stopA finish stopB',
    steps: 3,
  },
  comesToAgree: {
    property: t.comesToAgree({ what, settled: idle, one: (s) => ({ on: s.a }), other: (s) => ({ on: s.b }) }),
    good: 'stopA stopB stopA-2 startB begin',
    bad: 'begin stopA finish',
    steps: 3,
  },
  serviceResumes: {
    property: t.serviceResumes({ what, inUse: (s) => s.a, serves: (s) => s.flight }),
    good: 'drain send drain-2 stopA',
    bad: 'send drain',
    steps: 2,
  },
  failureIsQuiet: {
    property: t.failureIsQuiet({ what, failed: (s) => s.pending, left: [(s) => s.a, (s) => s.b] }),
    good: 'stopA stopB wake',
    bad: 'stopA wake stopB',
    steps: 2,
  },
}

const judged = async (script: string, property: Property) =>
  (await check(scripted(script), [property])).verdicts.find((verdict) => verdict.property === property.name)!

describe('the template library', () => {
  it('has the 49 templates, and the second half of one', () => assert.equal(Object.keys(t).length, 50))

  for (const [name, { property, good, bad, steps }] of Object.entries(rows)) {
    it(`${name} accepts: ${good}`, async () => {
      const { verdict, why } = await judged(good, property)
      assert.equal(verdict, 'holds', why)
    })

    it(`${name} rejects: ${bad}`, async () => {
      const { verdict, run } = await judged(bad, property)
      assert.equal(verdict, 'violated')
      assert.equal(run?.steps.length ?? null, steps)
    })
  }

  it('says what it wants in a sentence about its subject', () => {
    for (const { property } of Object.values(rows)) assert.match(property.says, /^[A-Z].*\btoy\b.*\.$/)
  })

  it('leaves out the actors that are not meant, and the states in which it does not matter', async () => {
    const access = (given: object) => t.accessOnlyWhile({ what, access: on('send'), allowed: (s) => s.a, ...given })
    const verdictOf = async (given: object) => (await judged('stopA send', access(given))).verdict
    assert.equal(await verdictOf({ except: ['pm'] }), 'vacuous')
    assert.equal(await verdictOf({ except: ['host'] }), 'violated')
    assert.equal(await verdictOf({ by: ['host'] }), 'vacuous')
    assert.equal(await verdictOf({ by: ['pm'] }), 'violated')
    assert.equal(await verdictOf({ relevant: (s: Readonly<Toy>) => s.frozen }), 'vacuous')
    assert.equal(await verdictOf({ relevant: (s: Readonly<Toy>) => !s.frozen }), 'violated')
  })

  it('wants what was released to stay released only until it is acquired again', async () => {
    const held = t.releasedOnce({ what, release: on('stopA'), over: on('finish'), held: (s) => s.a })
    assert.equal((await judged('begin finish', held)).verdict, 'violated')
    assert.equal((await judged('stopA stopA-2', held)).verdict, 'violated')
    assert.equal((await judged('stopA finish', held)).verdict, 'holds')
  })

  it('takes a better name and sentence', () => {
    const one = t.canSucceed({ what, name: 'sleeps', says: 'It can sleep.', succeeded: idle })
    assert.deepEqual([one.name, one.says], ['sleeps', 'It can sleep.'])
  })
})
