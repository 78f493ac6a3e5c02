/** Observers: history judged by a composed automaton. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { bool, env, instantiate, int, oneOf, over, propertiesOver, record, system } from '../src/index.js'

const origin = env('a toy')
const state = record({ dev: oneOf('on', 'off'), cancelled: bool() })
const { model, thread, step, patch, edit } = over(state)
const { observer } = propertiesOver(state)

/** A device that is suspended unless the attempt is cancelled first; the fault resumes it all the same. */
const toy = model('toy', {
  question: 'Is only resumed what was suspended?',
  actors: { pm: system('the core') },
  initial: () => ({ dev: 'on', cancelled: false }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm' },
      step('begin', {
        origin,
        either: {
          go: { then: (d) => void (d.cancelled = false) },
          cancel: { then: (d) => void (d.cancelled = true), goto: 'done' },
        },
      }),
      step('suspend', { origin, then: (d) => void (d.dev = 'off') }),
      step('resume', { origin, then: (d) => void (d.dev = 'on') }),
      step('done', { origin, goto: 'begin' }),
    ),
  ],
  patches: [
    patch('resume-anyway', {
      kind: 'fault',
      says: 'A cancelled attempt resumes what it never suspended.',
      edits: [edit.replace('pm.begin/cancel', { goto: 'resume' })],
    }),
  ],
})

const resumeOnlySuspended = observer('resume-only-suspended', 'The device is resumed only if it was suspended.', {
  state: record({ suspended: bool(), wrong: bool() }),
  initial: { suspended: false, wrong: false },
  on: ['pm.suspend', 'pm.resume'],
  next: (own, _before, _after, { name }) => {
    if (name === 'pm.resume' && !own.suspended) own.wrong = true
    own.suspended = name === 'pm.suspend'
  },
  wrong: (own) => own.wrong,
})

const sleepy = observer('sleepy', 'It is fed with steps, and never moves.', {
  state: record({ n: int(0, 1) }),
  initial: { n: 0 },
  on: 'pm.suspend',
  next: () => undefined,
  wrong: (own) => own.n === 1,
})

const verdictOf = async (patches: string[], property = resumeOnlySuspended) => {
  const outcome = await check(instantiate(toy, { patches }), [property])
  return { outcome, verdict: outcome.verdicts.at(-1)! }
}

describe('an observer', () => {
  it('holds where history is as it should be', async () => {
    const { verdict } = await verdictOf([])
    assert.equal(verdict.verdict, 'holds')
  })

  it('is violated by the shortest run into its wrong state, which shows its state', async () => {
    const { verdict } = await verdictOf(['resume-anyway'])
    assert.equal(verdict.verdict, 'violated')
    assert.deepEqual(
      verdict.run!.steps.map(({ transition }) => transition.name),
      ['pm.begin/cancel', 'pm.resume'],
    )
    assert.deepEqual(verdict.run!.steps.at(-1)!.after.state, {
      dev: 'on',
      cancelled: true,
      observer: { suspended: false, wrong: true },
    })
  })

  it('is vacuous if it never moves', async () => {
    const { verdict } = await verdictOf([], sleepy)
    assert.equal(verdict.verdict, 'vacuous')
  })

  it('does not enlarge the space of the system itself', async () => {
    const alone = await check(instantiate(toy), [])
    const { outcome } = await verdictOf([])
    assert.deepEqual([outcome.states, outcome.transitions], [alone.states, alone.transitions])
  })

  it('and its search count towards the limits of the whole check, which is not complete if one is hit', async () => {
    const whole = await check(instantiate(toy), [resumeOnlySuspended, sleepy])
    assert.equal(whole.complete, true)
    const each = await check(instantiate(toy), [resumeOnlySuspended, sleepy], { maxStates: whole.states })
    assert.equal(each.complete, false)
    assert.match(each.cut!.says, /^in the search for resume-only-suspended, --max-states \d+ was hit: /)
    assert.deepEqual(
      each.verdicts.slice(2).map(({ verdict }) => verdict),
      ['unknown', 'unknown'],
    )
    const spent = { since: performance.now() - 11_000, states: 0, bytes: 0 }
    const late = await check(instantiate(toy), [resumeOnlySuspended], { maxSeconds: 10, spent })
    assert.deepEqual([late.cut!.limit, late.verdicts.at(-1)!.verdict], ['seconds', 'unknown'])
  })

  it('that is at fault makes the outcome one, with the run to it', async () => {
    const stumbles = observer('stumbles', 'It stumbles.', {
      state: record({ n: int(0, 1) }),
      initial: { n: 0 },
      next: (_own, before) => {
        if (before.dev === 'off') throw new Error('unexpected')
      },
      wrong: () => false,
    })
    const { complete, cut, fault, verdicts } = await check(instantiate(toy), [stumbles])
    assert.deepEqual([complete, cut!.limit, fault!.of], [false, 'fault', 'stumbles'])
    assert.equal(fault!.run.steps.length, 2)
    assert.equal(verdicts.at(-1)!.verdict, 'unknown')
  })
})
