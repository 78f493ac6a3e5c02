/**
 * Two examples of github.com/tlaplus/Examples whose liveness TLC finds violated, written anew: the replicated log of
 * specifications/FiniteMonotonic and the clock of specifications/SpecifyingSystems/RealTime.
 */

import assert from 'node:assert/strict'
import { check, type Verdict } from '../src/check.js'
import {
  array,
  env,
  environment,
  instantiate,
  int,
  optional,
  over,
  propertiesOver,
  record,
  system,
} from '../src/index.js'
import { upTo } from './oracles/oracle.js'
import { closes, verdictOf } from './verdict-of.js'

const origin = env('an example of TLA+')
const needs = (verdict: Verdict): string[] | undefined => verdict.needs?.map(({ of, fair }) => `${fair} ${of}`)

describe('a replicated log whose servers lag behind by three entries at most', () => {
  const lag = 3

  /** With one value a log is its length; the prefix that all servers share is dropped, as the example's view does. */
  const logOf = (servers: number, copies: 'a prefix' | 'everything') => {
    const state = record({ ahead: array(servers, int(0, lag)), grew: optional(int(0, servers - 1)) })
    const { model, thread, step } = over(state)
    const who = { i: upTo(servers) }
    const drop = (ahead: number[]): void => {
      const shared = Math.min(...ahead)
      ahead.forEach((length, i) => void (ahead[i] = length - shared))
    }
    const short = copies === 'everything' ? [0] : [0, 1]
    const log = model('replicated-log', {
      question: 'Do all logs grow, and are any two ever the same?',
      actors: { server: system('a server') },
      initial: () => ({ ahead: upTo(servers).map(() => 0), grew: null }),
      parts: () => [
        thread(
          'copy',
          { actor: 'server', for: who },
          step('copy', {
            origin,
            for: { from: upTo(servers), short },
            // A copy of nothing changes nothing, and is left out.
            when: (s, { i, from, short: left }) => s.ahead[from]! - s.ahead[i]! > left,
            then: (d, { i, from, short: left }) => {
              d.ahead[i] = d.ahead[from]! - left
              d.grew = i
              drop(d.ahead)
            },
            goto: 'copy',
          }),
        ),
        thread(
          'extend',
          { actor: 'server', for: who },
          step('extend', {
            origin,
            for: { by: [1, 2, 3] },
            when: (s, { i, by }) => s.ahead.every((length) => length <= s.ahead[i]!) && s.ahead[i]! + by <= lag,
            then: (d, { i, by }) => {
              d.ahead[i]! += by
              d.grew = i
              drop(d.ahead)
            },
            goto: 'extend',
          }),
        ),
      ],
    })
    const { alwaysEventually } = propertiesOver(state)
    return {
      log,
      allExtending: upTo(servers).map((i) =>
        alwaysEventually(`extending-${i}`, `The log of server ${i} grows.`, (s) => s.grew === i),
      ),
      inSync: alwaysEventually('in-sync', 'The first two logs are the same.', (s) => s.ahead[0] === s.ahead[1]),
    }
  }

  it('all grow, and two of them need never be the same, as TLC finds', async () => {
    const { log, allExtending, inSync } = logOf(3, 'a prefix')
    const { verdicts } = await check(instantiate(log), [...allExtending, inSync])
    assert.deepEqual(
      verdicts.map(({ verdict }) => verdict),
      ['holds', 'holds', 'holds', 'holds', 'holds', 'violated'],
    )
    const never = verdicts.at(-1)!
    assert.ok(closes(never))
    assert.equal(never.run!.steps.length, 4)
    assert.equal(never.needs, undefined)
    for (const { state } of never.run!.steps.slice(never.run!.loop).map(({ after }) => after)) {
      const { ahead } = state as { ahead: number[] }
      assert.notEqual(ahead[0], ahead[1])
    }
  })

  it('are the same again and again if there are two, and everything is copied', async () => {
    const part = logOf(2, 'a prefix')
    assert.equal((await verdictOf(part.log, part.inSync)).verdict, 'violated')
    const whole = logOf(2, 'everything')
    const verdict = await verdictOf(whole.log, whole.inSync)
    assert.equal(verdict.verdict, 'holds')
    assert.deepEqual(needs(verdict), ['weak copy'])
  })

  it('need not grow if nobody has to copy', async () => {
    const { log, allExtending } = logOf(3, 'a prefix')
    const verdict = await verdictOf(log, allExtending[0]!, { fairness: { copy: 'none' } })
    assert.equal(verdict.verdict, 'violated')
    assert.deepEqual(needs(verdict), ['weak copy'])
  })
})

describe('an hour clock in real time, of two seconds an hour give or take one', () => {
  const [most, perHour, rho] = [5, 2, 1]
  const state = record({ hour: int(1, 12), now: int(0, most), since: int(0, perHour + rho) })
  const { model, thread, step } = over(state)
  const clock = model('real-time-hour-clock', {
    question: 'Does time go on?',
    actors: { world: environment('time, and the clock in it') },
    initial: () => upTo(12).flatMap((hour) => upTo(most + 1).map((now) => ({ hour: hour + 1, now, since: 0 }))),
    parts: () => [
      thread(
        'time',
        { actor: 'world' },
        step('passes', {
          origin,
          for: { to: upTo(most + 1) },
          when: (s, { to }) => to > s.now && s.since + to - s.now <= perHour + rho,
          then: (d, { to }) => {
            d.since += to - d.now
            d.now = to
          },
          goto: 'passes',
        }),
      ),
      thread(
        'clock',
        { actor: 'world' },
        step('ticks', {
          origin,
          when: (s) => s.since >= perHour - rho,
          then: (d) => {
            d.hour = (d.hour % 12) + 1
            d.since = 0
          },
          goto: 'ticks',
        }),
      ),
    ],
    resting: (s) => s.now === most,
  })
  const { ltl, eventually } = propertiesOver(state)
  const four = { four: (s: { now: number }) => s.now === 4 }
  const staysAway = ltl('stays-away', 'Whenever it is not four, some time it is never four again.', {
    formula: 'G (!four -> F G !four)',
    atoms: four,
  })
  const nonZeno = eventually('non-zeno', 'Time passes every bound.', (s) => s.now === most)

  it('may stop at four for ever, as TLC finds, for nothing makes time go on', async () => {
    const verdict = await verdictOf(clock, staysAway)
    assert.deepEqual([verdict.verdict, verdict.run!.steps.length, verdict.run!.loop], ['violated', 1, undefined])
    assert.equal((verdict.run!.steps[0]!.after.state as { now: number }).now, 4)
    assert.equal((await verdictOf(clock, nonZeno)).verdict, 'violated')
  })

  it('goes on if time has to, and the clock, which holds time up until it ticks', async () => {
    const fairness = { time: 'weak', clock: 'weak' } as const
    for (const property of [staysAway, nonZeno]) {
      const verdict = await verdictOf(clock, property, { fairness })
      assert.equal(verdict.verdict, 'holds')
      assert.deepEqual(needs(verdict), ['weak clock', 'weak time'])
      assert.equal((await verdictOf(clock, property, { fairness: { time: 'weak' } })).verdict, 'violated')
    }
  })
})
