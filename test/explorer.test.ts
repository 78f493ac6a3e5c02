/** The explorer's engine by example: runs edited and undone, reasons, promises and debts, circles. */

import assert from 'node:assert/strict'
import { startOf, type Run } from '../src/search/run.js'
import * as branches from '../src/tell/explore/branches.js'
import { choicesIn, occasionOf, whyNot } from '../src/tell/explore/choices.js'
import { debtsOf } from '../src/tell/explore/debts.js'
import { searchFor, withCancels, wishesOf, type Wish } from '../src/tell/explore/question.js'
import { follow, movedTo, placesFor, scheduleOf } from '../src/tell/explore/schedule.js'
import { drained, shortestWay, type Ended } from '../src/tell/explore/shortest.js'
import { truthOf, type Truth } from '../src/tell/explore/truth.js'
import { circlesIn, waitsAfter } from '../src/tell/explore/waits.js'
import { hangingText } from '../src/tell/hanging.js'
import { instanceOf, loadProtocol, protocolNames, systemOf } from '../src/tell/protocol.js'
import { recordedRuns } from '../src/tell/runs.js'
import { propertiesFor } from '../src/search/check.js'
import { int, record } from '../src/write/domain.js'
import type { Part } from '../src/write/model.js'
import type { Property } from '../src/write/property.js'
import type { System } from '../src/write/system.js'
import { counts, runOf, systemOfParts, wide } from './made-runs.js'
import { action, origin, properties as words, step, thread, worker, type State } from './toy.js'

const wayTo = (run: Run, wish: Wish, properties: readonly Property[] = [], bounds = wide): Ended => {
  const search = searchFor(run, wish, properties)
  return drained(shortestWay(search.run, search.sought, bounds))
}

describe('runs that are made', () => {
  const abc = { initial: 0, names: ['a', 'b', 'c'] }

  it('goes on in the same run at its end, and in one of its own where the run goes on otherwise', () => {
    const one = branches.taken(branches.beginning(abc), ['d'])
    assert.equal(one.all.length, 1)
    assert.deepEqual(branches.currentOf(one).now, { schedule: { initial: 0, names: ['a', 'b', 'c', 'd'] }, step: 4 })
    const along = branches.taken(branches.shownAt(one, 1), ['b', 'c'])
    assert.equal(along.all.length, 1)
    assert.equal(branches.currentOf(along).now.step, 3)
    const other = branches.taken(branches.shownAt(one, 1), ['x'])
    assert.equal(other.all.length, 2)
    assert.deepEqual(branches.currentOf(other).now.schedule.names, ['a', 'x'])
    assert.deepEqual(other.all[0]!.now.schedule.names, ['a', 'b', 'c', 'd'])
    assert.deepEqual(branches.currentOf(branches.closed(other)).now.schedule.names, ['a', 'b', 'c', 'd'])
    assert.equal(branches.closed(branches.beginning(abc)).all.length, 1)
  })

  it('undoes and redoes every edit, and forgets what was undone when something else is done', () => {
    const start = branches.beginning(abc)
    const cut = branches.shortened(branches.shownAt(start, 1))
    assert.deepEqual(branches.currentOf(cut).now.schedule.names, ['a'])
    assert.deepEqual(branches.currentOf(branches.shortened(cut)).now.schedule.names, [])
    const back = branches.undone(cut)
    assert.deepEqual(branches.currentOf(back).now.schedule.names, ['a', 'b', 'c'])
    assert.deepEqual(branches.currentOf(branches.redone(back)).now.schedule.names, ['a'])
    assert.deepEqual(branches.currentOf(branches.moved(start, 2, 0)).now, {
      schedule: { initial: 0, names: ['c', 'a', 'b'] },
      step: 1,
    })
    const anew = branches.taken(branches.shownAt(back, 3), ['d'])
    assert.equal(branches.currentOf(branches.redone(anew)).now.schedule.names.length, 4)
    assert.deepEqual(branches.undone(start), start)
  })

  it('takes over the states of what it shares, and moves steps where they can be', () => {
    const system = systemOfParts(worker, counts)
    const run = runOf(system, 'worker.start', 'two.count', 'worker.stop')
    const longer = follow(system, { initial: 0, names: [...scheduleOf(run).names, 'two.count'] }, run).run
    assert.equal(longer.steps[2], run.steps[2])
    assert.deepEqual(placesFor(longer, 1), [0, 1, 2, 3])
    assert.deepEqual(placesFor(longer, 2), [1, 2, 3])
    const { stuck } = follow(system, movedTo(scheduleOf(longer), 2, 0))
    assert.deepEqual(stuck, {
      at: 0,
      name: 'worker.stop',
      reason: { kind: 'elsewhere', thread: 'worker', stands: 'start', wanted: 'stop' },
    })
    assert.equal(follow(system, { initial: 0, names: ['nothing'] }).stuck!.reason.kind, 'absent')
    assert.throws(() => startOf(system, 1), RangeError)
  })
})

describe('what cannot be done, and why', () => {
  const guarded = (when: (s: State) => boolean): System =>
    systemOfParts(
      counts,
      action('switch', { actor: 'one', origin, then: (d) => void (d.on = true) }),
      action('go', { actor: 'one', origin, when: when as never }),
    )
  const reason = (system: System): ReturnType<typeof whyNot> =>
    whyNot(
      startOf(system, 0),
      system.transitions.find(({ step: name }) => name === 'one.go')!,
    )

  it('tells the first part that is false, also where others are', () => {
    const found = reason(guarded((s) => s.on && s.n === 2))
    assert.deepEqual(found, {
      kind: 'guard',
      of: 'step',
      causes: [{ field: 'on', earlier: false, value: false, step: null, mends: [true] }],
    })
  })

  it('tells every field of a part that several would mend', () => {
    const found = reason(guarded((s) => s.on || s.n > 1))
    assert(found.kind === 'guard')
    assert.deepEqual(
      found.causes.map(({ field, mends }) => [field, mends]),
      [
        ['on', [true]],
        ['n', [2]],
      ],
    )
  })

  it('names who could make it true, by what is derived of every step', () => {
    const system = systemOfParts(
      thread(
        'waiter',
        { actor: 'one' },
        step('wait', { origin, when: (s) => s.on && s.n === 2 }),
        step('rest', { origin, then: (d) => void (d.on = false) }),
      ),
      thread(
        'helper',
        { actor: 'one' },
        step('first', { origin }),
        step('then', { origin, then: (d) => void (d.on = true) }),
      ),
      counts,
    )
    const { waiting, running } = waitsAfter(startOf(system, 0))
    assert.deepEqual(running, ['helper'])
    assert.deepEqual(waiting, [
      {
        who: 'waiter',
        label: 'wait',
        awaits: [
          {
            steps: ['waiter.wait'],
            field: 'on',
            value: false,
            wanted: [true],
            since: null,
            by: [{ who: 'helper', step: 'helper.then' }],
          },
          {
            steps: ['waiter.wait'],
            field: 'n',
            value: 0,
            wanted: [2],
            since: null,
            by: [{ who: 'two.count', step: 'two.count' }],
          },
        ],
        inCircle: false,
      },
    ])
    const later = waitsAfter(runOf(system, 'helper.first', 'helper.then'))
    assert.deepEqual(
      later.waiting[0]!.awaits.map(({ field, by }) => [field, by.map(({ step: name }) => name)]),
      [['n', ['two.count']]],
    )
    assert.deepEqual(later.ended, ['helper'])
  })

  it('finds circles of threads that wait for each other', () => {
    const takes = (name: string, first: 0 | 1): Part =>
      thread(
        name,
        { actor: 'one' },
        step('own', { origin, when: (s) => !s.slots[first]!.busy, then: (d) => void (d.slots[first]!.busy = true) }),
        step('other', {
          origin,
          when: (s) => !s.slots[1 - first]!.busy,
          then: (d) => void (d.slots[1 - first]!.busy = true),
        }),
        step('free', { origin, then: (d) => void (d.slots[0]!.busy = d.slots[1]!.busy = false) }),
      )
    const system = systemOfParts(takes('left', 0), takes('right', 1))
    const waits = waitsAfter(runOf(system, 'left.own', 'right.own'))
    assert.deepEqual(waits.circles, [['left', 'right']])
    assert(waits.waiting.every(({ inCircle }) => inCircle))
    assert.deepEqual(waitsAfter(runOf(system, 'left.own')).circles, [])
    assert.deepEqual(
      circlesIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
      [['b', 'c']],
    )
  })

  it('finds circles by way of actions, also of those whose effect is too much to derive', () => {
    const callback = (uses: (s: State) => number): Part =>
      action('callback', {
        actor: 'two',
        origin,
        when: (_s, _args, at) => at('waiter', 'end'),
        then: (d) => void (d.on = uses(d) >= 0 && d.n === 1),
      })
    const waiter = thread(
      'waiter',
      { actor: 'one' },
      step('start', { origin }),
      step('wait', { origin, when: (s) => s.on }),
    )
    const all = ({ queue, device, lock, slots }: State): number =>
      JSON.stringify([queue.join(), device.used, lock?.held, slots.map(({ busy }) => busy)]).length
    for (const uses of [() => 0, all]) {
      const system = systemOfParts(waiter, callback(uses))
      const run = runOf(system, 'waiter.start')
      const { circles, waiting } = waitsAfter(run)
      assert.deepEqual(circles, [['waiter', 'two.callback']])
      assert.deepEqual(
        waiting.map(({ who, label, awaits }) => [who, label, awaits.map(({ field }) => field)]),
        [
          ['waiter', 'wait', ['on']],
          ['two.callback', null, ['at waiter']],
        ],
      )
      assert.match(hangingText(run).join(), /two\.callback waits until waiter is at end: it is wait since step 1/)
    }
  })

  it('puts what somebody outside decides under a heading, and nothing else', () => {
    const system = systemOfParts(
      thread('t', { actor: 'one' }, step('ask', { origin, either: { ok: {}, fails: {} } }), step('go', { origin })),
      action('wakeup', { actor: 'two', origin }),
      action('irq', { actor: 'two', origin }),
      action('turns', { actor: 'two', origin }),
      action('rx_interrupt', { actor: 'one', origin }),
      action('works', { actor: 'one', origin }),
    )
    const { possible } = choicesIn(system, startOf(system, 0).start)
    assert.deepEqual(
      possible.map((one) => [one.name, occasionOf(one, possible)]),
      [
        ['t.ask/ok', undefined],
        ['t.ask/fails', 'fail'],
        ['two.wakeup', 'wake'],
        ['two.irq', 'interrupt'],
        ['two.turns', 'other'],
        ['one.rx_interrupt', 'interrupt'],
        ['one.works', undefined],
      ],
    )
  })
})

describe('what is asked at a state of a run', () => {
  const system = systemOfParts(worker, counts)
  const all: readonly Property[] = [
    words.always('small', 'n stays below 2.', (s) => s.n < 2),
    words.step('no-stop', 'Nothing switches off.', (_, __, taken) => taken.step !== 'worker.stop'),
    words.reachable('two', 'n can be 2.', (s) => s.n === 2),
    words.leadsTo('counted', 'What is on is counted.', { from: (s) => s.on, to: (s) => s.n > 0 }),
    words.observer('even', 'It is not switched on twice.', {
      state: record({ seen: int(0, 2) }),
      initial: { seen: 0 },
      on: 'worker.start',
      next: (own) => void (own.seen = Math.min(2, own.seen + 1)),
      wrong: (own) => own.seen === 2,
    }),
    words.ltl('always-on', 'It is on until it counts.', {
      formula: 'on U n',
      atoms: { on: (s) => s.on, n: (s) => s.n > 0 },
    }),
  ]

  it('finds shortest ways to states, steps, places, violations and goals', () => {
    const run = startOf(system, 0)
    const names = (wish: Wish): readonly string[] => {
      const way = wayTo(run, wish, all)
      assert(way.kind === 'found', way.kind)
      return way.names
    }
    assert.deepEqual(names({ kind: 'step', name: 'worker.stop' }), ['worker.start', 'worker.stop'])
    assert.deepEqual(names({ kind: 'field', field: 'n', value: 2 }), ['two.count', 'two.count'])
    assert.deepEqual(names({ kind: 'field', field: 'slots[0].busy', value: false }), [])
    assert.deepEqual(names({ kind: 'stands', thread: 'worker', label: 'stop' }), ['worker.start'])
    assert.deepEqual(names({ kind: 'breaks', property: 'small' }), ['two.count', 'two.count'])
    assert.deepEqual(names({ kind: 'breaks', property: 'no-stop' }), ['worker.start', 'worker.stop'])
    assert.deepEqual(names({ kind: 'breaks', property: 'even' }), ['worker.start', 'worker.stop', 'worker.start'])
    assert.deepEqual(names({ kind: 'meets', property: 'counted' }), ['two.count'])
    assert.deepEqual(
      wishesOf(all).map((wish) => wish.kind),
      ['breaks', 'breaks', 'meets', 'meets', 'breaks'],
    )
  })

  it('says impossible only after it went everywhere, and that it was cut where it was', () => {
    const late = runOf(system, 'two.count', 'two.count')
    assert.deepEqual(wayTo(late, { kind: 'field', field: 'n', value: 0 }), { kind: 'nowhere', states: 2 })
    assert.deepEqual(wayTo(late, { kind: 'deadlock' }), { kind: 'nowhere', states: 2 })
    const cut = wayTo(startOf(system, 0), { kind: 'field', field: 'device.used', value: 1 }, [], {
      states: 2,
      seconds: 9,
    })
    assert(cut.kind === 'cut' && cut.limit === 'states')
  })

  it('has a property whose code throws say so, and goes on with the others', () => {
    const failing = words.always('failing', 'Never answers.', () => {
      throw new TypeError('no answer')
    })
    const run = runOf(systemOfParts(counts), 'two.count')
    const [first, second] = truthOf({ base: run.system, run }, [
      failing,
      words.always('small', 'Small.', (s) => s.n < 9),
    ])
    const says = 'failing: its code throws: no answer'
    assert.deepEqual(first!.seen, [
      { truth: 'idle', says },
      { truth: 'idle', says },
    ])
    assert.deepEqual(second!.seen, [{ truth: 'holds' }, { truth: 'holds' }])
  })

  it('tells of every property what it says at each step: true, idle, owed since, broken', () => {
    const run = runOf(system, 'worker.start', 'worker.stop', 'two.count', 'two.count', 'worker.start')
    const lines = truthOf({ base: system, run }, all)
    const told = Object.fromEntries(lines.map(({ name, seen }) => [name, seen.map(({ truth }) => truth)]))
    const [h, i, o, b]: readonly Truth[] = ['holds', 'idle', 'owed', 'broken']
    assert.deepEqual(told, {
      small: [h, h, h, h, b, b],
      'no-stop': [i, h, b, h, h, h],
      two: [o, o, o, o, h, h],
      counted: [i, o, o, i, i, h],
      even: [h, h, h, h, h, b],
      'always-on': [b, b, b, b, b, b],
      'no-deadlock': [h, h, h, h, h, h],
    })
    assert.deepEqual(lines[3]!.seen[2], { truth: 'owed', since: 1 })
    assert.equal(lines[4]!.seen[1]!.says, 'it has noted: seen is 1')
  })

  it('owes to who could go on without a break, and to nobody of whom nothing is promised', () => {
    const run = runOf(system, 'two.count', 'two.count', 'worker.start')
    assert.deepEqual(debtsOf(run), [
      [{ name: 'worker', fair: 'weak', since: 0 }],
      [{ name: 'worker', fair: 'weak', since: 0 }],
      [{ name: 'worker', fair: 'weak', since: 0 }],
      [{ name: 'worker', fair: 'weak', since: 3 }],
    ])
  })

  it('says of every recorded violation that its run breaks the property, or leaves it owed', async () => {
    const kinds = new Map<string, number>()
    for (const name of protocolNames()) {
      const protocol = await loadProtocol(name)
      const seen = new Map<string, number>()
      for (const [id, runs] of Object.entries(recordedRuns(protocol))) {
        const base = systemOf(protocol, instanceOf(protocol, id))
        const properties = propertiesFor(base, protocol.properties)
        for (const [property, { initial = 0, steps: names, loop }] of Object.entries(runs)) {
          const one = properties.find((other) => other.name === property)
          if (!one || (seen.get(one.kind) ?? 0) >= 2) continue
          seen.set(one.kind, (seen.get(one.kind) ?? 0) + 1)
          const plan = one.kind === 'cancel' ? one.plan : undefined
          const taken = plan ? withCancels(base, [one]).get(plan)! : base
          const { run, stuck } = follow(taken, { initial, names })
          assert.equal(stuck, undefined, `${name}/${id} ${property}`)
          const [line] = truthOf({ base, run, ...(plan && { plan }) }, [one])
          const last = line!.seen.at(-1)!.truth
          const owes = ['leadsTo', 'eventually', 'possible', 'reachable', 'alwaysEventually', 'eventuallyAlways', 'ltl']
          const allowed: readonly Truth[] = plan
            ? ['broken', 'owed']
            : owes.includes(one.kind)
              ? loop === undefined
                ? ['owed', 'broken']
                : ['owed', 'broken', 'holds']
              : ['broken']
          assert(allowed.includes(last), `${name}/${id} ${property}: ${last}`)
          if (last === 'broken')
            assert(
              line!.seen.slice(0, -1).every(({ truth }) => truth !== 'broken'),
              `${name}/${id} ${property}`,
            )
          kinds.set(one.kind, (kinds.get(one.kind) ?? 0) + 1)
        }
      }
    }
    for (const kind of ['always', 'step', 'possible', 'leadsTo', 'observer', 'refinement', 'cancel'])
      assert((kinds.get(kind) ?? 0) > 0, kind)
  })
})
