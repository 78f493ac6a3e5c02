/** Counterexamples as people read them: order, causes, the point of no return, and how they are drawn. */

import assert from 'node:assert/strict'
import stringWidth from 'string-width'
import { check, type Run } from '../src/check.js'
import { env, instantiate, over, propertiesOver, source, system } from '../src/index.js'
import { bool, int, oneOf, record } from '../src/write/domain.js'
import { propertiesFor } from '../src/search/check.js'
import { inevitabilities } from '../src/ask/inevitability.js'
import { withFewestSwitches, switchesOf } from '../src/ask/fewest-switches.js'
import { endOf, replay } from '../src/search/run.js'
import { lanesOf } from '../src/tell/lanes.js'
import { instanceOf, loadProtocol, systemOf } from '../src/tell/protocol.js'
import { fieldsOf, stateAfter } from '../src/tell/states.js'
import { traceOf, type Trace } from '../src/tell/trace.js'
import { longTrace } from './long.js'

const origin = env('a toy')

/** A waiter that looks, a waker that wakes: the wake-up is lost if the cancel comes between. */
const lost = record({ asleep: bool(), pending: bool(), mode: oneOf('work', 'freeze', 'cancel'), noise: int(0, 3) })
const words = over(lost)
const lostWakeup = words.model('lost-wakeup', {
  question: 'Is a wake-up lost?',
  actors: { waiter: system('who waits'), waker: system('who wakes'), clock: system('who ticks') },
  initial: () => ({ asleep: false, pending: false, mode: 'work', noise: 0 }),
  parts: () => [
    words.thread(
      'waiter',
      { actor: 'waiter' },
      words.step('prepare', { origin: source('kernel/sched/wait.c', 'prepare_to_wait') }),
      words.step('sleep', { origin, then: (d) => void (d.asleep = true) }),
      words.step('woken', { origin, when: (s) => s.pending, then: (d) => void (d.asleep = false) }),
    ),
    words.thread(
      'waker',
      { actor: 'waker' },
      words.step('freeze', { origin, signals: 'waiter', then: (d) => void (d.mode = 'freeze') }),
      words.step('wake', {
        origin,
        either: {
          sends: { then: (d) => void (d.pending = true) },
          cancels: { then: (d) => void (d.mode = 'cancel'), log: 'suspend was cancelled' },
        },
      }),
    ),
    words.action('tick', { actor: 'clock', origin, when: (s) => s.noise < 3, then: (d) => void d.noise++ }),
  ],
  resting: (s, at) => at('waiter', 'end') || !s.asleep,
})
const claims = propertiesOver(lost)
const properties = [
  claims.always('no-lost-wakeup', 'Whoever sleeps is woken when the suspend is cancelled.', {
    when: (s) => s.mode === 'cancel',
    holds: (s) => !s.asleep || s.pending,
  }),
  claims.step('no-jump', 'The mode never changes while somebody sleeps.', (a, b) => !a.asleep || a.mode === b.mode),
]

const toy = instantiate(lostWakeup)
const names = (run: Run): string[] => run.steps.map(({ transition }) => transition.name)
const along = (...steps: string[]): Run => {
  const { run, stuck } = replay(toy, 0, steps)
  assert.equal(stuck, undefined)
  return run
}

async function traceToy(name: string): Promise<Trace> {
  const { verdicts } = await check(toy, properties)
  const verdict = verdicts.find(({ property }) => property === name)!
  const property = properties.find((one) => one.name === name)
  const run = withFewestSwitches(verdict.run!)
  const [doomed] = await inevitabilities(toy, [{ run, property }])
  return traceOf({ instance: null, verdict, run, property, doomed: doomed! })
}

describe('a trace', () => {
  it('shows the run with the fewest switches between actors', () => {
    const restless = along('waiter.prepare', 'waker.freeze', 'waiter.sleep', 'clock.tick', 'waker.wake/cancels')
    const calm = withFewestSwitches(restless)
    assert.equal(switchesOf(restless), 4)
    assert.deepEqual(names(calm), [
      'waiter.prepare',
      'waiter.sleep',
      'clock.tick',
      'waker.freeze',
      'waker.wake/cancels',
    ])
    assert.deepEqual(endOf(calm), endOf(restless))
  })

  it('keeps a run whose order cannot be changed', () => {
    const forced = along('waiter.prepare', 'waiter.sleep', 'clock.tick', 'waker.freeze')
    assert.equal(withFewestSwitches(forced), forced)
  })

  it('names the fields that the broken condition turned on, and the steps that made them so', async () => {
    const { because } = await traceToy('no-lost-wakeup')
    assert.deepEqual(because, [
      {
        of: 'the requirement',
        causes: [
          { field: 'mode', earlier: false, value: 'cancel', step: 4, mends: ['work', 'freeze'] },
          { field: 'asleep', earlier: false, value: true, step: 2, mends: [false] },
          { field: 'pending', earlier: false, value: false, step: null, mends: [true] },
        ],
      },
    ])
  })

  it('tells what held before a breaking step from what holds after it', async () => {
    const { because } = await traceToy('no-jump')
    assert.deepEqual(
      because[0]!.causes.map(({ field, earlier, value, step }) => [field, earlier, value, step]),
      [
        ['mode', false, 'freeze', 3],
        ['asleep', true, true, 2],
        ['mode', true, 'work', null],
      ],
    )
  })

  it('names what a blocked thread waits for', async () => {
    const verdict = (await check(toy, [])).verdicts[0]!
    assert.equal(verdict.verdict, 'violated')
    const { because } = traceOf({ instance: null, verdict, run: verdict.run! })
    assert.deepEqual(because, [
      {
        of: 'waiter.woken',
        causes: [{ field: 'pending', earlier: false, value: false, step: null, mends: [true] }],
      },
    ])
  })

  for (const [where, property, of, fields] of [
    // Whole runs: the goal, as it stands where the run goes round.
    ['xen-arm-control/S4', 'request-served', 'the goal', ['ring queued 1', 'host up null']],
    ['xen-pv-guest/B18', 'cancel-can-try-again', 'the goal', ['at do_suspend shutdown_handler 3']],
    [
      'xen-pv-guest/B06',
      'cancel-releases',
      'the requirement',
      ['observer.badRelease true 5', 'observer.cancelled true 4'],
    ],
  ] as const)
    it(`names the causes of ${property} in ${where}`, async () => {
      const [name, id] = where.split('/') as [string, string]
      const protocol = await loadProtocol(name)
      const system = systemOf(protocol, instanceOf(protocol, id))
      const asked = propertiesFor(system, protocol.properties).find((one) => one.name === property)!
      const verdict = (await check(system, [asked])).verdicts.find((one) => one.property === property)!
      const { because } = traceOf({ instance: id, verdict, run: verdict.run!, property: asked })
      assert.deepEqual(
        because.map((group) => [
          group.of,
          group.causes.map(({ field, value, step }) => `${field} ${String(value)} ${step}`),
        ]),
        [[of, fields]],
      )
    })

  it('names what an observer has noted', async () => {
    const slept = claims.observer('slept', 'The mode never changes after somebody went to sleep.', {
      state: record({ slept: bool(), changed: bool() }),
      initial: { slept: false, changed: false },
      next: (own, before, after) => {
        own.changed = own.changed || (own.slept && before.mode !== after.mode)
        own.slept = own.slept || after.asleep
      },
      wrong: (own) => own.changed,
    })
    const verdict = (await check(toy, [slept])).verdicts.find(({ property }) => property === 'slept')!
    const { because } = traceOf({ instance: null, verdict, run: verdict.run!, property: slept })
    assert.deepEqual(because, [
      {
        of: 'the requirement',
        causes: [{ field: 'observer.changed', earlier: false, value: true, step: 3, mends: [false] }],
      },
    ])
  })

  it('finds the step after which the violation could not be avoided', async () => {
    const always = properties[0]!
    // After the cancel without a wake-up the waiter may never go to sleep, and rests: only its going is the end of it.
    const late = along('waker.freeze', 'waker.wake/cancels', 'waiter.prepare', 'waiter.sleep')
    const early = along('waiter.prepare', 'waiter.sleep', 'waker.freeze', 'waker.wake/cancels')
    assert.deepEqual(
      await inevitabilities(toy, [
        { run: late, property: always },
        { run: early, property: always },
      ]),
      [4, 4],
    )
    // Where nothing ever rests, nothing is called inevitable.
    const restless = { ...toy, resting: () => false }
    assert.deepEqual(await inevitabilities(restless, [{ run: late, property: always }]), [null])
    const jump = properties[1]!
    assert.deepEqual(await inevitabilities(restless, [{ run: early.steps[3] ? early : late, property: jump }]), [null])
    const limited = await inevitabilities(toy, [{ run: late, property: always }], { maxStates: 5 })
    assert.deepEqual(limited, [null])
  })

  it('rebuilds every state from its start and its changes', async () => {
    const run = along('waiter.prepare', 'waiter.sleep', 'waker.freeze', 'waker.wake/cancels', 'clock.tick')
    const verdict = (await check(toy, properties)).verdicts[2]!
    const trace = traceOf({ instance: null, verdict, run })
    run.steps.forEach(({ after }, i) => assert.deepEqual(stateAfter(trace, i + 1), after.state))
    assert.deepEqual(fieldsOf({ a: [1, 2], b: [{ c: null }] }), [
      ['a', [1, 2]],
      ['b[0].c', null],
    ])
  })
})

describe('the lanes of a trace', () => {
  it('are drawn with arrows, changes, log lines, causes and the point of no return', async () => {
    assert.equal(
      lanesOf(await traceToy('no-lost-wakeup'), { columns: 80 }),
      `lost-wakeup

     ┌ waiter
     │  ┌ waker
     │  │
  1  ●  │   waiter.prepare                                                wait.c
  2* ●  │   waiter.sleep
     │  │     asleep: false → true
  3  ◀──●   waker.freeze
     │  │     mode: work → freeze
  4* │  ●   waker.wake/cancels
     │  │     mode: freeze → cancel
     │  │     » suspend was cancelled

no-lost-wakeup is violated in 4 steps
required: Whoever sleeps is woken when the suspend is cancelled.
inevitable: only with the last step; before it there was another way on
the requirement fails because
  mode is cancel since step 4 (*); it would not with work or freeze
  asleep is true since step 2 (*); it would not with false
  pending is false from the start; it would not with true`,
    )
  })

  it('mark where a run begins to go round', async () => {
    const trace = await traceToy('no-lost-wakeup')
    const drawn = lanesOf({ ...trace, loop: 2 }, { columns: 80 }).split('\n')
    assert.equal(drawn[8], '   ╭─────── from here it goes round for ever')
    assert.equal(drawn[14], '   ╰─────── and back to step 3')
  })

  it('show the whole state after every step if asked', async () => {
    const drawn = lanesOf(await traceToy('no-lost-wakeup'), { columns: 80, states: true })
    assert.match(drawn, /│ {2}│ {5}▸asleep=true pending=false mode=work noise=0\n/)
  })

  it('put a step on one line, with its origin in full, where there is room without end', async () => {
    const drawn = lanesOf(await traceToy('no-lost-wakeup'), { columns: Infinity }).split('\n')
    assert.equal(drawn[5], '  1  ●  │   waiter.prepare  (kernel/sched/wait.c:prepare_to_wait)')
    assert.equal(drawn[8], '  4* │  ●   waker.wake/cancels  mode: freeze → cancel  » suspend was cancelled  (a toy)')
  })

  it('fit 80 columns with 40 steps of 6 actors, long names and 12 variables', async () => {
    const trace = await longTrace()
    assert.equal(trace.steps.length, 40)
    assert.equal(new Set(trace.steps.map(({ actor }) => actor)).size, 6)
    assert.equal(fieldsOf(trace.start).length, 12)
    for (const states of [false, true]) {
      const drawn = lanesOf(trace, { columns: 80, states }).split('\n')
      for (const line of drawn) assert.ok(stringWidth(line) <= 80, line)
      const heads = drawn.filter((line) => /^ *\d+[!* ] /.test(line))
      // Nobody has to put a name together from two lines, nor count lanes to find the actor.
      trace.steps.forEach(({ name, actor }, i) => {
        assert.ok(heads[i]!.includes(name), heads[i])
        assert.ok(name.startsWith(actor), name)
      })
    }
  })
})
