/** Textbook results about liveness, in both directions: what holds under which fairness, and that it fails without. */

import assert from 'node:assert/strict'
import { check, type Verdict } from '../src/check.js'
import {
  array,
  bool,
  env,
  environment,
  instantiate,
  int,
  list,
  oneOf,
  over,
  propertiesOver,
  record,
  system,
  type Fairness,
  type Property,
} from '../src/index.js'
import { oracles as alternatingBit } from './oracles/alternating-bit.js'
import { oracles as mutualExclusion } from './oracles/mutual-exclusion.js'
import { oracles as philosophers } from './oracles/philosophers.js'
import { oracles as readersWriters } from './oracles/readers-writers.js'
import { oracles as singleLaneBridge } from './oracles/single-lane-bridge.js'
import { oracles as terminationRing } from './oracles/termination-ring.js'
import { closes, verdictOf } from './verdict-of.js'

const origin = env('a textbook')

const everywhere = propertiesOver(record({}))
/** A thread that stands at one label comes to another. */
const comes = (name: string, from: string, to: string): Property =>
  everywhere.leadsTo(name, `${from} leads to ${to}.`, {
    from: (_, at) => at(name, from),
    to: (_, at) => at(name, to),
  })

const needs = (verdict: Verdict): string[] | undefined => verdict.needs?.map(({ of, fair }) => `${fair} ${of}`)

describe('textbook liveness', () => {
  describe("Peterson's algorithm", () => {
    const { model } = mutualExclusion[0]!

    it('lets everybody in under weak fairness, and says that it needs it', async () => {
      const verdict = await verdictOf(model, comes('p(0)', 'wait', 'critical'))
      assert.equal(verdict.verdict, 'holds')
      assert.deepEqual(needs(verdict), ['weak p'])
    })

    it('lets nobody in if nobody has to go on', async () => {
      const verdict = await verdictOf(model, comes('p(0)', 'wait', 'critical'), { fairness: { p: 'none' } })
      assert.equal(verdict.verdict, 'violated')
      assert.equal(verdict.run!.loop, undefined)
      assert.deepEqual(needs(verdict), ['weak p'])
    })
  })

  describe("Dekker's algorithm", () => {
    const state = record({ wants: array(2, bool()), turn: int(0, 1) })
    const { model, thread, step, patch, edit } = over(state)
    const dekker = model('dekker', {
      question: 'Does everybody get in?',
      actors: { p: system('wants in') },
      initial: () => ({ wants: [false, false], turn: 0 }),
      parts: () => [
        thread(
          'p',
          { actor: 'p', for: { i: [0, 1] } },
          step('ask', { origin, then: (d, { i }) => void (d.wants[i] = true) }),
          step('look', {
            origin,
            either: {
              free: { when: (s, { i }) => !s.wants[1 - i], goto: 'critical' },
              patient: { when: (s, { i }) => s.wants[1 - i]! && s.turn !== i },
              stubborn: { when: (s, { i }) => s.wants[1 - i]! && s.turn === i, goto: 'look' },
            },
          }),
          step('withdraw', { origin, then: (d, { i }) => void (d.wants[i] = false) }),
          step('wait', { origin, when: (s, { i }) => s.turn === i, goto: 'ask' }),
          step('critical', { origin }),
          step('leave', {
            origin,
            then: (d, { i }) => {
              d.wants[i] = false
              d.turn = 1 - i
            },
            goto: 'ask',
          }),
        ),
      ],
      patches: [
        patch('no-turn', {
          kind: 'fault',
          says: 'Whoever leaves keeps the turn.',
          edits: [edit.replace<{ i: number }>('p.leave', { then: (d, { i }) => void (d.wants[i] = false) })],
        }),
      ],
    })

    it('lets everybody in under weak fairness', async () => {
      assert.equal((await verdictOf(dekker, comes('p(1)', 'look', 'critical'))).verdict, 'holds')
    })

    it('starves one if the turn is not handed over', async () => {
      const verdict = await verdictOf(dekker, comes('p(1)', 'look', 'critical'), { patches: ['no-turn'] })
      assert.equal(verdict.verdict, 'violated')
      assert.ok(closes(verdict))
    })

    it('starves one even under strong fairness in the form of the Murphi example', async () => {
      const { model: murphi } = mutualExclusion[1]!
      const verdict = await verdictOf(murphi, comes('p(0)', 'look', 'critical'), { fairness: { p: 'strong' } })
      assert.equal(verdict.verdict, 'violated')
      assert.equal(verdict.needs, undefined)
    })
  })

  describe('the bakery algorithm with three tickets', () => {
    const most = 3
    const state = record({ door: array(2, bool()), ticket: array(2, int(0, most)) })
    const { model, thread, step } = over(state)
    const bakery = model('bakery', {
      question: 'Is everybody served?',
      actors: { p: system('a customer') },
      initial: () => ({ door: [false, false], ticket: [0, 0] }),
      parts: () => [
        thread(
          'p',
          { actor: 'p', for: { i: [0, 1] } },
          step('enter', {
            origin,
            when: (s, { i }) => s.ticket[1 - i]! < most,
            then: (d, { i }) => void (d.door[i] = true),
          }),
          step('draw', { origin, then: (d, { i }) => void (d.ticket[i] = d.ticket[1 - i]! + 1) }),
          step('close', { origin, then: (d, { i }) => void (d.door[i] = false) }),
          step('look', { origin, when: (s, { i }) => !s.door[1 - i] }),
          step('wait', {
            origin,
            when: (s, { i }) => {
              const [mine, other] = [s.ticket[i]!, s.ticket[1 - i]!]
              return other === 0 || mine < other || (mine === other && i === 0)
            },
          }),
          step('critical', { origin }),
          step('leave', { origin, then: (d, { i }) => void (d.ticket[i] = 0), goto: 'enter' }),
        ),
      ],
    })

    it('serves everybody who has a ticket, under weak fairness', async () => {
      assert.equal((await verdictOf(bakery, comes('p(1)', 'close', 'critical'))).verdict, 'holds')
      assert.equal((await verdictOf(bakery, comes('p(0)', 'close', 'critical'))).verdict, 'holds')
    })

    it('serves nobody for sure without fairness', async () => {
      const verdict = await verdictOf(bakery, comes('p(1)', 'close', 'critical'), { fairness: { p: 'none' } })
      assert.equal(verdict.verdict, 'violated')
    })
  })

  describe('dining philosophers', () => {
    const state = record({ taken: array(3, bool()) })
    const { model, thread, step } = over(state)
    const circle = model('philosophers-circle', {
      question: 'Does nobody starve?',
      actors: { table: system('the philosophers') },
      initial: () => ({ taken: [false, false, false] }),
      parts: () => [
        thread(
          'phil',
          { actor: 'table', for: { i: [0, 1, 2] } },
          step('hungry', {
            origin,
            when: (s, { i }) => !s.taken[i],
            then: (d, { i }) => void (d.taken[i] = true),
          }),
          step('one', {
            origin,
            when: (s, { i }) => !s.taken[(i + 1) % 3],
            then: (d, { i }) => void (d.taken[(i + 1) % 3] = true),
          }),
          step('eat', {
            origin,
            then: (d, { i }) => {
              d.taken[i] = false
              d.taken[(i + 1) % 3] = false
            },
            goto: 'hungry',
          }),
        ),
      ],
    })

    it('deadlock in a circle once everybody has taken one fork', async () => {
      const { verdicts } = await check(instantiate(circle), [comes('phil(0)', 'one', 'eat')])
      const [deadlock, , starves] = verdicts
      assert.deepEqual([deadlock!.verdict, deadlock!.run!.steps.length], ['violated', 3])
      assert.deepEqual([starves!.verdict, starves!.run!.steps.length, starves!.run!.loop], ['violated', 3, undefined])
      assert.equal(starves!.needs, undefined)
    })

    it('starve under weak fairness and ordered forks, but not under strong', async () => {
      const { model: ordered } = philosophers.find(({ name }) => name.includes('ordered'))!
      const parameters = { N: 3 }
      const hungry = comes('phil(0)', 'hungry', 'eat')
      const weak = await verdictOf(ordered, hungry, { parameters })
      assert.equal(weak.verdict, 'violated')
      assert.ok(closes(weak))
      assert.deepEqual(needs(weak), ['strong phil'])
      const strong = await verdictOf(ordered, hungry, { parameters, fairness: { phil: 'strong' } })
      assert.equal(strong.verdict, 'holds')
      assert.deepEqual(needs(strong), ['strong phil'])
    })
  })

  describe('a token ring', () => {
    const n = 4
    const state = record({ token: int(0, n - 1), wants: array(n, bool()) })
    const { model, action } = over(state)
    const stations = [0, 1, 2, 3]
    const ring = model('token-ring', {
      question: 'Is every station served?',
      actors: { station: system('a station'), user: environment('asks') },
      initial: () => ({ token: 0, wants: stations.map(() => false) }),
      parts: () => [
        action('ask', { actor: 'user', origin, for: { i: stations }, then: (d, { i }) => void (d.wants[i] = true) }),
        action('pass', {
          actor: 'station',
          origin,
          for: { i: stations },
          when: (s, { i }) => s.token === i,
          then: (d, { i }) => {
            d.wants[i] = false
            d.token = (i + 1) % n
          },
        }),
      ],
    })
    const served = propertiesOver(state).leadsTo('served', 'Who asks is served.', {
      from: (s) => s.wants[2]!,
      to: (s) => !s.wants[2],
    })

    it('serves every station under weak fairness of passing on, whatever the users do', async () => {
      const verdict = await verdictOf(ring, served)
      assert.equal(verdict.verdict, 'holds')
      assert.deepEqual(needs(verdict), ['weak station.pass'])
    })

    it('stops where a station keeps the token', async () => {
      const verdict = await verdictOf(ring, served, { fairness: { 'station.pass': 'none' } })
      assert.deepEqual(
        [verdict.verdict, verdict.run!.steps.length, needs(verdict)],
        ['violated', 1, ['weak station.pass']],
      )
    })
  })

  describe('the alternating-bit protocol', () => {
    const { model } = alternatingBit[0]!
    const acknowledged = propertiesOver(record({ sendAck: int(0, 1), sendBit: int(0, 1) })).leadsTo(
      'acknowledged',
      'What is sent is acknowledged.',
      { from: (s) => s.sendAck !== s.sendBit, to: (s) => s.sendAck === s.sendBit },
    )
    const channel: Record<string, Fairness> = { 'receiver.receive': 'strong', 'sender.hear-ack': 'strong' }

    it('delivers if the channel is strongly fair', async () => {
      const verdict = await verdictOf(model, acknowledged, { fairness: channel })
      assert.equal(verdict.verdict, 'holds')
      assert.deepEqual(needs(verdict)!.sort(), [
        'strong receiver.receive',
        'strong sender.hear-ack',
        'weak receiver.ack',
        'weak sender.send-again',
      ])
    })

    it('may lose everything if it is only weakly fair, and says what is missing', async () => {
      const verdict = await verdictOf(model, acknowledged)
      assert.equal(verdict.verdict, 'violated')
      assert.ok(closes(verdict))
      assert.deepEqual(needs(verdict)!.sort(), ['strong receiver.receive', 'strong sender.hear-ack'])
    })
  })

  describe('readers and writers', () => {
    it('are all served in the order of their arrival, under weak fairness', async () => {
      const { model } = readersWriters[0]!
      const waiting = record({
        writing: array(3, bool()),
        waiting: list(6, record({ to: oneOf('read', 'write'), who: int(0, 2) })),
      })
      const writes = propertiesOver(waiting).leadsTo('writes', 'Who waits to write, writes.', {
        from: (s) => s.waiting.some(({ to, who }) => to === 'write' && who === 0),
        to: (s) => s.writing[0]!,
      })
      assert.equal((await verdictOf(model, writes)).verdict, 'holds')
      const stays = await verdictOf(model, writes, { fairness: { 'who.stop': 'none' } })
      assert.equal(stays.verdict, 'violated')
      assert.deepEqual(needs(stays), ['weak who.stop'])
    })

    it('starve the writer if readers go first', async () => {
      const state = record({ reading: array(2, bool()), writing: bool(), waits: bool() })
      const { model, action } = over(state)
      const for2 = { i: [0, 1] }
      const library = model('readers-first', {
        question: 'Does the writer write?',
        actors: { reader: system('reads'), writer: system('writes') },
        initial: () => ({ reading: [false, false], writing: false, waits: false }),
        parts: () => [
          action('enter', {
            actor: 'reader',
            origin,
            for: for2,
            when: (s, { i }) => !s.reading[i] && !s.writing,
            then: (d, { i }) => void (d.reading[i] = true),
          }),
          action('leave', {
            actor: 'reader',
            origin,
            for: for2,
            when: (s, { i }) => s.reading[i]!,
            then: (d, { i }) => void (d.reading[i] = false),
          }),
          action('ask', {
            actor: 'writer',
            origin,
            when: (s) => !s.waits && !s.writing,
            then: (d) => void (d.waits = true),
          }),
          action('enter', {
            actor: 'writer',
            origin,
            when: (s) => s.waits && !s.reading.includes(true),
            then: (d) => void Object.assign(d, { writing: true, waits: false }),
          }),
          action('leave', { actor: 'writer', origin, when: (s) => s.writing, then: (d) => void (d.writing = false) }),
        ],
      })
      const writes = propertiesOver(state).leadsTo('writes', 'The writer writes.', {
        from: (s) => s.waits,
        to: (s) => s.writing,
      })
      const weak = await verdictOf(library, writes)
      assert.equal(weak.verdict, 'violated')
      assert.ok(closes(weak))
      // Strong fairness of the writer is no help: two readers that take turns never leave the library empty.
      const strong = await verdictOf(library, writes, { fairness: { 'writer.enter': 'strong' } })
      assert.equal(strong.verdict, 'violated')
      assert.equal(strong.needs, undefined)
    })
  })

  it('the single-lane bridge brings every car across under weak fairness only', async () => {
    const { model } = singleLaneBridge[0]!
    const crosses = propertiesOver(record({ place: array(4, int(1, 8)) })).alwaysEventually(
      'crosses',
      'The first car crosses again and again.',
      (s) => [4, 5].includes(s.place[0]!),
    )
    assert.equal((await verdictOf(model, crosses)).verdict, 'holds')
    const parked = await verdictOf(model, crosses, { fairness: { 'car.outside': 'none' } })
    assert.equal(parked.verdict, 'violated')
    assert.deepEqual(needs(parked), ['weak car.outside'])
  })

  it('termination is detected under weak fairness of the token and of resting', async () => {
    const { model } = terminationRing[0]!
    const shape = record({ active: array(3, bool()), black: array(3, bool()), token: int(0, 2), stained: bool() })
    const detected = propertiesOver(shape).leadsTo('detected', 'Termination is detected.', {
      from: (s) => !s.active.includes(true),
      to: (s) => s.token === 0 && !s.stained && !s.black[0],
    })
    const verdict = await verdictOf(model, detected)
    assert.equal(verdict.verdict, 'holds')
    assert.deepEqual(needs(verdict), ['weak node.pass', 'weak node.probe'])
    const idle = await verdictOf(model, detected, { fairness: { 'node.pass': 'none' } })
    assert.equal(idle.verdict, 'violated')
  })

  it('an hour clock strikes twelve again and again only if it has to tick', async () => {
    const state = record({ hour: int(1, 12) })
    const { model, action } = over(state)
    const clock = model('hour-clock', {
      question: 'Does it strike?',
      actors: { clock: system('ticks') },
      initial: () => ({ hour: 12 }),
      parts: () => [action('tick', { actor: 'clock', origin, then: (d) => void (d.hour = (d.hour % 12) + 1) })],
    })
    const strikes = propertiesOver(state).alwaysEventually('strikes', 'It strikes.', (s) => s.hour === 12)
    assert.equal((await verdictOf(clock, strikes)).verdict, 'holds')
    const stopped = await verdictOf(clock, strikes, { fairness: { 'clock.tick': 'none' } })
    assert.deepEqual([stopped.verdict, stopped.run!.steps.length], ['violated', 1])
  })
})
