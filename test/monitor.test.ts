/** Monitors: models seen through events, the smallest automaton, DOT that rvgen reads and what it must not be given, tests for KUnit, formulas, real traces. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { allowedBy } from '../src/machine/allowed.js'
import { bpftraceScript } from '../src/machine/bpftrace.js'
import type { Condition, Events, Probe } from '../src/machine/event.js'
import { eventsIn as shownIn, kunitTest } from '../src/machine/kunit.js'
import { minimal, strayed, type Deterministic } from '../src/machine/minimal.js'
import { stateNames, type Monitor } from '../src/machine/monitor.js'
import { projection, type View } from '../src/machine/projection.js'
import { rvgenDot } from '../src/machine/rvgen-dot.js'
import { rvgenLtl } from '../src/machine/rvgen-ltl.js'
import { readRvgenDot } from '../src/machine/rvgen-reader.js'
import { watching } from '../src/machine/watching.js'
import type { Automaton } from '../src/match/source/automaton.js'
import { monitorFrom, monitorsOf } from '../src/tell/monitors.js'
import { loadProtocol } from '../src/tell/protocol.js'
import { recordedRuns } from '../src/tell/runs.js'
import { Mistake } from '../src/write/mistake.js'
import type { Observer, Property } from '../src/write/property.js'
import { instantiate } from '../src/write/system.js'
import { bool, int, record } from '../src/index.js'
import { action, origin, properties, step, thread, toy, worker } from './toy.js'

/** Arrows as plain data: [from, to, label or nothing]. */
type Arrows = readonly (readonly [number, number, string?])[]

const automatonOf = (arrows: Arrows): Automaton => ({
  start: 0,
  arrows: (state) =>
    arrows.flatMap(([from, to, label]) => (from === state ? [{ to, ...(label !== undefined && { label }) }] : [])),
})

/** All words of at most some length. */
function words(automaton: Automaton, length: number): ReadonlySet<string> {
  const found = new Set<string>()
  const close = (states: Set<number>): Set<number> => {
    for (const state of states)
      for (const { to, label } of automaton.arrows(state)) if (label === undefined) states.add(to)
    return states
  }
  const walk = (states: ReadonlySet<number>, word: readonly string[]): void => {
    found.add(word.join(' '))
    if (word.length === length) return
    const labels = new Set([...states].flatMap((state) => automaton.arrows(state).flatMap(({ label }) => label ?? [])))
    for (const label of labels) {
      const next = [...states].flatMap((state) => automaton.arrows(state).filter((one) => one.label === label))
      walk(close(new Set(next.map(({ to }) => to))), [...word, label])
    }
  }
  walk(close(new Set([automaton.start])), [])
  return found
}

const asAutomaton = ({ states }: Deterministic): Automaton =>
  automatonOf(states.flatMap((row, from) => [...row].map(([label, to]) => [from, to, label] as const)))

const someArrows: fc.Arbitrary<Arrows> = fc.array(
  fc
    .tuple(fc.nat(4), fc.nat(4), fc.constantFrom('a', 'b', 'c', undefined))
    .map(([from, to, label]) => (label === undefined ? ([from, to] as const) : ([from, to, label] as const))),
  { maxLength: 12 },
)

const monitorOf = (automaton: Deterministic, probes: Monitor['probes'] = {}): Monitor => ({
  name: 'toy',
  says: 'A toy.',
  scope: 'global',
  automaton,
  names: stateNames(automaton),
  probes,
})

/** What a toy is, seen through events. */
async function seen(parts: Parameters<typeof toy>[0], view: View, kept?: Property): Promise<Deterministic> {
  const system = instantiate(toy(parts))
  return minimal(projection([await allowedBy(system, kept, {})], view))
}

const rowsOf = ({ states }: Deterministic): readonly object[] => states.map((row) => Object.fromEntries(row))

describe('the smallest deterministic automaton', () => {
  it('allows the same words, and two that allow the same are one', () => {
    fc.assert(
      fc.property(someArrows, fc.integer(), (arrows, seed) => {
        const one = automatonOf(arrows)
        const made = minimal(one)
        assert.deepEqual(words(asAutomaton(made), 5), words(one, 5))
        // Each state is there twice, and arrows lead to either: the language is the same.
        const twice = arrows.flatMap(([from, to, label], i): Arrows => {
          const other = (seed >> i) & 1
          return [
            [from, to + 5 * other, ...(label === undefined ? [] : [label])] as never,
            [from + 5, to + 5 * (1 - other), ...(label === undefined ? [] : [label])] as never,
          ]
        })
        assert.deepEqual(rowsOf(minimal(automatonOf(twice))), rowsOf(made))
        assert.deepEqual(rowsOf(minimal(asAutomaton(made))), rowsOf(made))
      }),
    )
  })

  it('gives up with a sentence where there are too many sets of states', () => {
    // Whether the 16th letter from the end was an a takes 2^16 states.
    const arrows: Arrows = [
      [0, 0, 'a'],
      [0, 0, 'b'],
      [0, 1, 'a'],
      ...Array.from({ length: 15 }, (_, i) => [[i + 1, i + 2, 'a'] as const, [i + 1, i + 2, 'b'] as const]).flat(),
      [16, 0, 'c'],
    ]
    assert.throws(
      () => minimal(automatonOf(arrows), 1000),
      /the monitor: has more than 1000 states before it is minimised/,
    )
  })
})

describe('a model seen through events', () => {
  const turns: Events = { on: { steps: 'worker.start' }, off: { steps: 'worker.stop' } }

  it('is what its steps show', async () => {
    assert.deepEqual(rowsOf(await seen([worker], { events: turns })), [{ on: 1 }, { off: 0 }])
  })

  it('shows several events of one step in their order, some of them perhaps, some of them again and again', async () => {
    const events: Events = {
      ...turns,
      warns: { steps: [], may: 'worker.start' },
      ticks: { steps: 'worker.stop', repeats: true },
    }
    assert.deepEqual(rowsOf(await seen([worker], { events })), [
      { on: 1 },
      { off: 2, warns: 3 },
      { ticks: 4 },
      { off: 2 },
      { on: 1, ticks: 4 },
    ])
  })

  it('begins anew after a step that says so', async () => {
    const once = thread(
      'once',
      { actor: 'one' },
      step('go', { origin, when: (s) => s.n < 2, then: (d) => void d.n++ }),
      step('over', { origin, goto: 'go' }),
    )
    const events: Events = { go: { steps: 'once.go' } }
    assert.equal((await seen([once], { events })).states.length, 3)
    assert.deepEqual(rowsOf(await seen([once], { events, again: 'once.over' })), [{ go: 0 }])
  })

  it('keeps a property: of states, of steps, of an observer', async () => {
    const free = action('push', { actor: 'one', origin, when: (s) => s.n < 2, then: (d) => void d.n++ })
    const events: Events = { push: { steps: 'one.push' } }
    const { always, step: stepProperty, observer } = properties
    const one = always('one', 'At most one.', (s) => s.n < 2)
    const never = stepProperty('never', 'No second.', { on: 'one.push', holds: (before) => before.n === 0 })
    const counted = observer('counted', 'At most one.', {
      state: record({ n: int(0, 3) }),
      initial: { n: 0 },
      on: 'one.push',
      next: (own) => void own.n++,
      wrong: (own) => own.n > 1,
    })
    assert.deepEqual(rowsOf(await seen([free], { events })), [{ push: 1 }, { push: 2 }, {}])
    for (const kept of [one, never, counted])
      assert.deepEqual(rowsOf(await seen([free], { events }, kept)), [{ push: 1 }, {}], kept.name)
    await assert.rejects(
      seen(
        [free],
        { events },
        properties.reachable('two', 'Two.', (s) => s.n === 2),
      ),
      /property two: is of the kind reachable/,
    )
  })

  it('is not made of half a search', async () => {
    const system = instantiate(toy([worker]))
    await assert.rejects(allowedBy(system, undefined, { maxStates: 1 }), /was not searched whole/)
  })
})

describe('an observer by itself', () => {
  const system = instantiate(toy([worker]))
  const named = ({ name }: { readonly name: string }): string => name.replace(/\W+/g, '_')
  const declared = {
    state: record({ on: bool() }),
    initial: { on: false },
    on: ['worker.start', 'worker.stop'],
    wrong: () => false,
  }

  it('is an automaton over the steps that it is fed with', () => {
    const alternates = properties.observer('alternates', 'On and off take turns.', {
      ...declared,
      state: record({ on: bool(), wrong: bool() }),
      initial: { on: false, wrong: false },
      next: (own, _before, _after, taken) => {
        const starts = taken.step === 'worker.start'
        own.wrong = own.on === starts
        own.on = starts
      },
      wrong: (own) => own.wrong,
    }) as Observer
    assert.deepEqual(rowsOf(minimal(watching(system, alternates, named))), [{ worker_start: 1 }, { worker_stop: 0 }])
  })

  it('must not look at the state, before or after, nor at where threads stand', () => {
    const looks: readonly Partial<Parameters<typeof properties.observer>[2]>[] = [
      { next: (_own, before) => void (before as { n: number }).n },
      { next: (_own, _before, after) => void Object.keys(after) },
      { next: (_own, _before, _after, taken) => void taken.at('worker', 'start') },
      { wrong: (_own, state) => 'n' in (state as object) },
    ]
    for (const look of looks) {
      const one = properties.observer('looks', 'It looks.', {
        ...declared,
        next: () => undefined,
        ...look,
      }) as Observer
      assert.throws(() => minimal(watching(system, one, named)), /observer looks: looks at the state of the model/)
    }
  })
})

describe('DOT for rvgen', () => {
  it('is read again as what was written', () => {
    fc.assert(
      fc.property(someArrows, (arrows) => {
        const { automaton, names } = monitorOf(minimal(automatonOf(arrows)))
        const read = readRvgenDot(rvgenDot({ automaton, names }), 'x.dot')
        assert.deepEqual(read.names, names)
        assert.deepEqual(
          read.automaton.states.map((row) => new Map([...row].sort())),
          automaton.states.map((row) => new Map(row)),
        )
      }),
    )
  })

  it('gives states names of their own', () => {
    const automaton = minimal(automatonOf([[0, 1, 'start'], [1, 0, 'after_start'], [1, 2, 'x'], [2, 0, 'x']])) // prettier-ignore
    assert.deepEqual(stateNames(automaton), ['in_start', 'in_after_start', 'state_2'])
  })

  const good = rvgenDot(monitorOf(minimal(automatonOf([[0, 1, 'go'], [1, 0, 'back'], [1, 0, 'stop']])))) // prettier-ignore
  const refused: readonly (readonly [what: string, from: string | RegExp, to: string, message: RegExp])[] = [
    ['a second edge', '"after_go" [label', '"start" -> "after_go" [ label = "more" ];\n"after_go" [label', /second edge from 'start' to 'after_go'/],
    ['one event to two states', 'back\\nstop', 'go\\ngo', /event 'go' is named twice/],
    ['an event to two states', '"after_go" [label', '"start" -> "start" [ label = "go" ];\n"after_go" [label', /event 'go' leads from 'start' to two states/],
    ['a state that is not declared', '"start" -> "after_go"', '"start" -> "elsewhere"', /state 'elsewhere' is not declared/],
    ['a label unlike its state', '"after_go" [label = "after_go"', '"after_go" [label = "gone"', /state 'after_go' is labelled 'gone'/],
    ['an event named like a state', 'label = "go"', 'label = "start"', /'start' is a state and an event/],
    ['a comment', '\tcenter', '\t// centered\n\tcenter', /x\.dot:2: '\/\/ centered' is not understood/],
    ['a name with a dash', /"after_go"/g, '"after-go"', /'after-go' cannot be a name in C/],
    ['a word of C', /"after_go"/g, '"switch"', /'switch' cannot be a name in C/],
    ['a chain', '"start" -> "after_go"', '"start" -> "after_go" -> "start"', /an edge over several states/],
    ['an edge without events', '[ label = "go" ]', '', /the edge from 'start' to 'after_go' has no label/],
    ['a clock', 'label = "go"', 'label = "go;reset(clk)"', /'go;reset\(clk\)' cannot be an event/],
    ['no initial state', /__init_/g, 'init_', /no initial state/],
    ['two initial states', '\t{ rank', '\t{node [shape = plaintext] "__init_after_go"};\n\t{ rank', /two initial states/],
    ['no final state', 'doublecircle', 'circle', /no state is final/],
    ['another kind of graph', 'digraph', 'graph', /wants 'digraph', has 'graph'/],
    ['what comes behind', /$/, '}', /'}' behind the end/],
  ] // prettier-ignore
  for (const [what, from, to, message] of refused)
    it(`with ${what} is refused`, () => {
      const bad = good.replace(from, () => to)
      assert.notEqual(bad, good)
      assert.throws(
        () => readRvgenDot(bad, 'x.dot'),
        (error) => error instanceof Mistake && message.test(error.message),
      )
    })
})

describe('the monitors of pm-core', () => {
  const folder = new URL('../specs/monitors/', import.meta.url)
  const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
  const made = new Map<string, Monitor>()

  before(async () => {
    const protocol = await loadProtocol('pm-core')
    for (const declared of monitorsOf(protocol)) made.set(declared.name, await monitorFrom(protocol, declared, {}))
  })

  it('are beside the specs as they are made, and read strictly', () => {
    assert.deepEqual([...made.keys()], ['pm_phases', 'pm_suspend', 'pm_device'])
    for (const [name, monitor] of made) {
      assert.equal(textOf(`${name}.dot`), rvgenDot(monitor), name)
      assert.equal(textOf(`${name}.bt`), bpftraceScript(monitor), name)
      readRvgenDot(textOf(`${name}.dot`), `${name}.dot`)
    }
  })

  it('are no larger with more failures and wake-ups: the bounds of the search are not seen', async () => {
    const protocol = await loadProtocol('pm-core')
    const phases = monitorsOf(protocol).find(({ name }) => name === 'pm_suspend')!
    const more = { devices: 2, needs: 1, async: 0, wakeups: 2, failures: 2 } as const
    const instances = (['mem', 's2idle'] as const).map((sleep) => ({ parameters: { ...more, sleep } }))
    const larger = await monitorFrom(protocol, { ...phases, instances }, {})
    assert.deepEqual(rowsOf(larger.automaton), rowsOf(made.get('pm_suspend')!.automaton))
  })

  /** The events that a trace shows, by the conditions of the probes. */
  const eventsIn = (text: string, probes: Readonly<Record<string, Probe>>): string[] =>
    text.split('\n').flatMap((line) => {
      const match = /suspend_resume: (\w+)\[\d+\] (begin|end)/.exec(line)
      if (!match) return []
      const shown = { action: match[1]!, start: match[2] === 'begin' }
      const fits = ({ field, is }: Condition): boolean => shown[field as keyof typeof shown] === is
      return Object.entries(probes).flatMap(([event, { where }]) => (where!.every(fits) ? [event] : []))
    })

  for (const log of ['uml-s2idle-trace.txt', 'deep-sleep-android.txt'])
    it(`follow ${log}, and find each event that is lost or comes too early`, () => {
      const { automaton, probes } = made.get('pm_suspend')!
      const events = eventsIn(readFileSync(new URL(`../specs/logs/${log}`, import.meta.url), 'utf8'), probes)
      assert.deepEqual(events.slice(0, 3), ['dpm_prepare', 'dpm_suspend', 'dpm_suspend_late'])
      assert.equal(strayed(automaton, events), undefined)
      for (let i = 0; i + 1 < events.length; i++) {
        const swapped = events.toSpliced(i, 2, events[i + 1]!, events[i]!)
        assert(strayed(automaton, swapped), `${events[i]!} and ${events[i + 1]!} swapped`)
        assert(strayed(automaton, events.toSpliced(i, 1)) ?? i === 0, `${events[i]!} lost`)
      }
    })

  it('allow what fails to be undone, and nothing else', () => {
    const { automaton } = made.get('pm_device')!
    const strays = (text: string): number | undefined => strayed(automaton, text.split(' '))?.at
    assert.equal(
      strays('suspend suspend_late suspend_noirq resume_noirq resume_early resume suspend failed'),
      undefined,
    )
    assert.equal(strays('suspend suspend_late failed resume'), undefined)
    assert.equal(strays('suspend failed resume'), 2)
    assert.equal(strays('suspend suspend_late suspend_noirq failed resume_noirq'), 4)
    assert.equal(strays('suspend suspend_late resume'), 2)
    assert.equal(strays('resume'), 0)
  })

  it('are tests of runs for KUnit: a fault of the model is reported at its event, and a run that works is not', async () => {
    const protocol = await loadProtocol('pm-core')
    const monitor = made.get('pm_suspend')!
    const runs = recordedRuns(protocol)['noirq-not-undone']!
    const faulty = kunitTest(monitor, shownIn(runs['callbacks-balanced']!.steps, monitor.events!, monitor.scope))
    assert.match(
      faulty,
      /\n\tRV_KUNIT_EXPECT_REACTION_HERE\(test, ctx\)\n\t\trv_pm_suspend_ops\.handle_dpm_resume_early\(NULL .*\);\n\t\/\* allowed there: dpm_resume_noirq \*\/\n}\n$/,
    )
    const works = protocol.spec.scenarios!.find(({ is, steps }) => is === 'possible' && steps !== undefined)!
    const fine = kunitTest(monitor, shownIn(works.steps!, monitor.events!, monitor.scope))
    assert.doesNotMatch(fine, /REACTION/)
    assert.match(fine, /handle_thaw_processes/)
    const device = made.get('pm_device')!
    const one = [
      'async.device_suspend/ok(1)',
      'async.device_suspend/ok(2)',
      'async.device_resume/ok(2)',
      'async.device_resume/ok(1)',
    ]
    assert.deepEqual(shownIn(one, device.events!, 'per_obj'), [
      ['suspend', 'resume'],
      ['suspend', 'resume'],
    ])
  })

  it('are formulas for an event after which one thing is known', () => {
    const monitor = made.get('pm_suspend')!
    assert.equal(
      rvgenLtl({ name: 'm', automaton: minimal(automatonOf([[0, 1, 'a'], [1, 0, 'b']])) }, 'a'), // prettier-ignore
      'RULE = always (A imply (next ((not A) until B)))\n',
    )
    for (const event of ['dpm_suspend', 'thaw_processes']) assert.match(rvgenLtl(monitor, event), /^RULE = always \(/)
    assert.throws(() => rvgenLtl(made.get('pm_phases')!, 'dpm_resume_early'), /depends on what came before it/)
    assert.throws(() => rvgenLtl(monitor, undefined), /a formula is of one event/)
    assert.throws(() => rvgenLtl(monitor, 'dpm_suspnd'), /did you mean 'dpm_suspend'/)
  })
})
