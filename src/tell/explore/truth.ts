/** What each property says at each step of a run: true there, not concerned, something owed, or broken. */

import { automatonFor } from '../../search/ltl/buchi.js'
import { cancelled } from '../../search/compose/cancel.js'
import { readFormula } from '../../search/ltl/ltl.js'
import { compose } from '../../search/compose/observer.js'
import { departures } from '../../search/refinement.js'
import { breaks, PastMemory } from '../../search/ltl/past-ltl.js'
import { Fault, guarded, type SystemState } from '../../search/reference.js'
import { statesOf, type Run } from '../../search/run.js'
import { atomsOf } from '../../write/formula.js'
import type { At } from '../../write/model.js'
import { selects } from '../../write/predicate.js'
import type { Always, Cancel, Ltl, Observer, Property, Step } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System, Transition } from '../../write/system.js'
import { noteOf } from '../noted.js'
import { choicesIn } from './choices.js'
import { follow, scheduleOf } from './schedule.js'

/**
 * `holds`: what it says is true here; `idle`: it says nothing here, or cannot be asked of a run; `owed`: something has to come yet;
 * `broken`: what it forbids is so.
 */
export type Truth = 'holds' | 'idle' | 'owed' | 'broken'

/** What a property says in one place of a run. */
export interface Seen {
  readonly truth: Truth
  /** After how many steps what is owed came to be owed. */
  readonly since?: number
  readonly says?: string
}

/** A property, or one of the two that every model has, with what it says before the first step and after each. */
export interface TruthLine {
  readonly name: string
  readonly says: string
  readonly seen: readonly Seen[]
}

const holds: Seen = { truth: 'holds' }
const idle: Seen = { truth: 'idle' }
const broken: Seen = { truth: 'broken' }

/** A run of the system as written, or of the one with cancels of a plan in it. */
export interface Judged {
  /** The system as its author wrote it. */
  readonly base: System
  readonly run: Run
  /** The plan whose cancels are in the run's system. */
  readonly plan?: Cancel['plan']
}

/** What every property says at each step of a run. Linear in steps and properties; observers take every step again. */
export function truthOf(judged: Judged, properties: readonly Property[]): readonly TruthLine[] {
  const lines = properties.map((property) => ({
    name: property.name,
    says: property.says,
    seen: quietly(judged.run, () => guarded(property.name, 'its code', () => seenBy(judged, property))),
  }))
  const seen = statesOf(judged.run).map((here) => deadlockIn(judged.run.system, here))
  return [
    ...lines,
    { name: 'no-deadlock', says: 'Wherever nothing can happen any more, it is all right to rest.', seen },
  ]
}

/** The lines that are broken after so many steps and were not before the last of them. */
export const brokenBy = (lines: readonly TruthLine[], steps: number): readonly TruthLine[] =>
  lines.filter(({ seen }) => seen[steps]?.truth === 'broken' && (steps === 0 || seen[steps - 1]!.truth !== 'broken'))

/** A property whose code fails says so, and nothing else. */
function quietly(run: Run, judge: () => readonly Seen[]): readonly Seen[] {
  try {
    return judge()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return statesOf(run).map(() => ({ truth: 'idle', says: error.message }))
  }
}

function deadlockIn(system: System, here: SystemState): Seen {
  if (choicesIn(system, here).possible.length > 0) return holds
  return system.resting(here.state, asking(system, here.at)) ? { ...holds, says: 'it rests' } : broken
}

type Asked = (state: unknown, at: At) => boolean

function seenBy(judged: Judged, property: Property): readonly Seen[] {
  const { run } = judged
  const asks = (ask: Asked) => (here: SystemState) => ask(here.state, asking(run.system, here.at))
  const states = statesOf(run)
  switch (property.kind) {
    case 'always':
      return states.map((here) => stateSeen(property, run.system, here))
    case 'step':
      return [
        idle,
        ...run.steps.map(({ transition, after }, i) => stepSeen(property, run.system, states[i]!, transition, after)),
      ]
    case 'possible': {
      const [when, is] = [asks(property.when ?? (() => true)), asks(property.holds)]
      return states.map((here) =>
        is(here) ? holds : when(here) ? { truth: 'owed', says: 'must stay possible' } : idle,
      )
    }
    case 'reachable':
    case 'eventually':
      return untilMet(states.map(asks(property.holds as Asked)))
    case 'alwaysEventually':
      return sinceLast(states.map(asks(property.holds as Asked)))
    case 'eventuallyAlways':
      return states.map(asks(property.holds as Asked)).map((is) => (is ? holds : { truth: 'owed' }))
    case 'leadsTo':
      return promises(states.map(asks(property.from as Asked)), states.map(asks(property.to as Asked)))
    case 'observer':
      return observerSeen(property, judged)
    case 'ltl':
      return formulaSeen(property, run)
    case 'refinement': {
      const composed = property.claim.remember && compose(run.system, property.claim.remember)
      const whole = composed ? follow(composed.system, scheduleOf(run)).run : run
      return departures(property, composed?.field, whole).map((is) => (is ? broken : holds))
    }
    case 'cancel':
      return cancelSeen(property, judged)
  }
}

/** What a property of states says of one. */
export function stateSeen({ when, holds: claim }: Always, system: System, { state, at }: SystemState): Seen {
  const asks = asking(system, at)
  if (when && !when(state, asks)) return idle
  return claim(state, asks) ? holds : broken
}

/** What a property of steps says of one. */
export function stepSeen(
  { on, when, holds: claim }: Step,
  system: System,
  before: SystemState,
  transition: Transition,
  after: SystemState,
): Seen {
  if (!selects(on, transition)) return idle
  const asked = [before.state, after.state, { ...transition, at: asking(system, before.at) }] as const
  if (when && !when(...asked)) return idle
  return claim(...asked) ? holds : broken
}

/** Owed from the start until it happens for the first time. */
function untilMet(met: readonly boolean[]): readonly Seen[] {
  const first = met.indexOf(true)
  return met.map((_, i) => (first >= 0 && i >= first ? holds : { truth: 'owed', since: 0 }))
}

/** Owed since it happened last. */
function sinceLast(met: readonly boolean[]): readonly Seen[] {
  let last = 0
  return met.map((is, i) => {
    if (is) last = i
    return is ? holds : { truth: 'owed', since: last }
  })
}

/** Owed since the premise held, until the goal does. */
function promises(from: readonly boolean[], to: readonly boolean[]): readonly Seen[] {
  let since: number | undefined
  return from.map((asked, i) => {
    if (to[i]) since = undefined
    else if (asked) since ??= i
    return since !== undefined ? { truth: 'owed', since } : asked ? holds : idle
  })
}

/** The observer's own state is told beside. */
function observerSeen({ declared }: Observer, { run }: Judged): readonly Seen[] {
  const { system, field } = compose(run.system, declared)
  return statesOf(follow(system, scheduleOf(run)).run).map(({ state, at }) => {
    const own = (state as Record<string, unknown>)[field]
    const wrong = declared.wrong(own, state, asking(system, at))
    return { truth: wrong ? 'broken' : 'holds', says: noteOf(own, declared.explain) }
  })
}

/** An obligation is asked of the system with the cancels of its plan in it; in any run, as the protocol's own error returns count too. */
function cancelSeen(property: Cancel, { base, run, plan }: Judged): readonly Seen[] {
  const { system, owed } = cancelled(base, property.plan, `property ${property.name}`)
  const isOwn = plan === property.plan
  const followed = isOwn ? { run } : follow(system, scheduleOf(run))
  if ('stuck' in followed)
    return statesOf(run).map(() => ({ truth: 'idle', says: 'cancels of another plan are in this run' }))
  return seenBy({ base, run: followed.run, plan: property.plan }, owed(property))
}

/**
 * What a beginning decides of a formula: broken if no automaton of it can go on, true if none of its opposite can; else whether it would be
 * false if nothing changed any more.
 */
function formulaSeen(property: Ltl, run: Run): readonly Seen[] {
  const formula = readFormula(property)
  const signals = new PastMemory(formula)
  const names = atomsOf(formula)
  const labels = statesOf(run).map((here) =>
    names.reduce((bits, name, i) => {
      const is = property.atoms[name]!(here.state, asking(run.system, here.at))
      return is ? bits | (1 << i) : bits
    }, 0),
  )
  const can = [true, false].map((positive) => {
    const automaton = automatonFor(formula, positive, signals.signalOf)
    let memory = 0
    let places: readonly number[] | undefined
    return labels.map((label) => {
      const look = signals.look(label, memory)
      memory = look.memory
      const next = places ? [...new Set(places.flatMap((q) => automaton.next[q]!))] : automaton.initial
      places = next.filter(
        (q) => (look.seen & automaton.must[q]!) === automaton.must[q] && (look.seen & automaton.mustNot[q]!) === 0,
      )
      return places.length > 0
    })
  })
  return labels.map((label, i) => {
    if (!can[0]![i]) return broken
    if (!can[1]![i]) return holds
    return breaks(formula, labels.slice(0, i), [label])
      ? { truth: 'owed', says: 'false if nothing more changed' }
      : holds
  })
}
