/** Traces of what never happens: the loop is marked, and all of it replays from a file. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import { bool, env, environment, instantiate, over, propertiesOver, record, system } from '../src/index.js'
import { systemFor } from '../src/search/check.js'
import { lanesOf } from '../src/tell/lanes.js'
import { follow } from '../src/tell/recorded.js'
import { traceOf, type Trace } from '../src/tell/trace.js'

const origin = env('a toy')
const state = record({ asked: bool(), busy: bool() })
const { model, thread, step, action } = over(state)
const { leadsTo, observer, cancel } = propertiesOver(state)

const toy = model('toy', {
  question: 'Is what is asked for done?',
  actors: { core: system('tries'), user: environment('asks') },
  initial: () => ({ asked: false, busy: false }),
  parts: () => [
    thread(
      'core',
      { actor: 'core' },
      step('begin', { origin, when: (s) => s.asked, then: (d) => void (d.busy = true) }),
      step('work', { origin, either: { again: { goto: 'retry' }, done: {} } }),
      step('finish', { origin, then: (d) => void Object.assign(d, { asked: false, busy: false }), goto: 'begin' }),
      step('retry', { origin, goto: 'work' }),
    ),
    action('ask', { actor: 'user', origin, when: (s) => !s.asked, then: (d) => void (d.asked = true) }),
  ],
  resting: (s) => !s.asked,
})

const done = leadsTo('done', 'What is asked for is done.', { from: (s) => s.asked, to: (s) => !s.asked })
const never = observer('never-begins', 'It never begins.', {
  state: record({ begun: bool() }),
  initial: { begun: false },
  on: 'core.begin',
  next: (own) => void (own.begun = true),
  wrong: (own) => own.begun,
})
const [returns] = cancel('cancel', {
  what: 'the work',
  thread: 'core',
  request: 'begin',
  commit: 'finish',
  exits: { work: 'retry' },
  idle: (s) => !s.asked,
  running: () => true,
})

async function traced(property: typeof done): Promise<Trace> {
  const base = instantiate(toy)
  const { verdicts } = await check(base, [property])
  const verdict = verdicts.at(-1)!
  return traceOf({ instance: null, verdict, run: verdict.run!, property })
}

/** Through a file and back. */
const copied = (trace: Trace): Trace => JSON.parse(JSON.stringify(trace)) as Trace

describe('the trace of a lasso', () => {
  it('marks the loop', async () => {
    const trace = await traced(done)
    assert.deepEqual(
      trace.steps.map(({ name }) => name),
      ['user.ask', 'core.begin', 'core.work/again', 'core.retry'],
    )
    assert.equal(trace.loop, 2)
    const lines = lanesOf(trace, { columns: 80 }).split('\n')
    const at = (text: string): number => lines.findIndex((line) => line.includes(text))
    assert.ok(at('core.begin') < at('from here it goes round for ever'))
    assert.equal(at('from here it goes round for ever') + 1, at('core.work/again'))
    assert.ok(at('core.retry') < at('and back to step 3'))
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('says why the loop is fair', async () => {
    const { why } = await traced(done)
    assert.match(
      why!,
      /premise holds after step 1.*fair because core acts in the loop; no fairness assumption would help/,
    )
  })

  it('replays with its loop', async () => {
    const trace = await traced(done)
    const run = follow(instantiate(toy), copied(trace))
    assert.deepEqual([run.steps.length, run.loop], [4, 2])
    assert.deepEqual(run.steps[1]!.after, run.steps[3]!.after)
  })
})

describe('the trace of a composed property', () => {
  it('replays with its observer', async () => {
    const run = follow(systemFor(instantiate(toy), never), copied(await traced(never)))
    assert.deepEqual(run.steps.at(-1)!.after.state, { asked: true, busy: true, observer: { begun: true } })
  })

  it('replays with the cancel that was injected', async () => {
    const trace = copied(await traced(returns!))
    assert.ok(trace.steps.some(({ name }) => name === 'cancel.error-at-work'))
    assert.equal(follow(systemFor(instantiate(toy), returns), trace).steps.length, trace.steps.length)
  })
})
