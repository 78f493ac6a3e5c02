/** Cancels injected into a system at every step before the point of no return, with an observer of what is owed afterwards. */

import type { CancelPlan, Obligation } from '../../write/cancel.js'
import { array, bool, record } from '../../write/domain.js'
import { familyOf } from '../../write/family.js'
import { unknownName } from '../../write/mistake.js'
import { env } from '../../write/model.js'
import { selects, type StepTaken } from '../../write/predicate.js'
import { type Always, type Cancel, type LeadsTo, type Possible } from '../../write/property.js'
import type { System, Transition } from '../../write/system.js'
import { compose } from './observer.js'

/** What the observer notes. */
interface Notes {
  cancelled: boolean
  held: boolean[]
  stopped: boolean[]
  badRelease: boolean
  badResume: boolean
}

type Plan = CancelPlan<unknown>

/** A system in which an attempt may be cancelled once, at any step; and each obligation as a property of that system. */
export interface Cancelled {
  readonly system: System
  readonly owed: (property: Cancel) => Always | LeadsTo | Possible
}

/** Injects the cancels of a plan. @throws Mistake if the plan names a thread or a step that does not exist. */
export function cancelled(system: System, plan: Plan, where: string): Cancelled {
  const thread = system.threads.findIndex(({ name }) => name === plan.thread)
  if (thread < 0)
    throw unknownName(
      where,
      'thread',
      plan.thread,
      system.threads.map(({ name }) => name),
    )
  const { labels } = system.threads[thread]!
  const elsewhere = familyOf(system.model).threads.get(plan.thread)
  /** -1 for a label that only other variants have. */
  const sought = (label: string): number => {
    const at = labels.indexOf(label)
    if (at < 0 && !elsewhere?.has(label)) throw unknownName(`${where}, thread ${plan.thread}`, 'step', label, labels)
    return at
  }
  const labelled = (label: string): number => {
    const at = sought(label)
    if (at < 0) throw unknownName(`${where}, thread ${plan.thread}`, 'step', label, labels)
    return at
  }
  /** The first of some labels that this variant has. */
  const firstOf = (exit: string | readonly string[]): number =>
    typeof exit === 'string' ? labelled(exit) : (exit.map(sought).find((at) => at >= 0) ?? labelled(exit[0]!))
  const [request, commit] = [labelled(plan.request), labelled(plan.commit)]
  const { held = [], stopped = [] } = plan
  const initial: Notes = {
    cancelled: false,
    held: held.map(() => false),
    stopped: stopped.map(() => false),
    badRelease: false,
    badResume: false,
  }
  const requests = new Set(
    system.transitions.filter((one) => one.thread === thread && one.from === request).map(({ name }) => name),
  )
  const composed = compose(system, {
    state: record({
      cancelled: bool(),
      // Arrays are never empty.
      held: array(Math.max(1, held.length), bool()),
      stopped: array(Math.max(1, stopped.length), bool()),
      badRelease: bool(),
      badResume: bool(),
    }),
    initial: { ...initial, held: pad(initial.held), stopped: pad(initial.stopped) },
    next: (own, _before, _after, taken) => note(plan, requests, own as Notes, taken),
  })
  const own = (state: unknown): Notes => (state as Record<string, Notes>)[composed.field]!
  const injected: Transition[] = []
  const inject = (name: string, rest: Partial<Transition> & Pick<Transition, 'guards' | 'effects' | 'says'>): void => {
    const { actor, fair } = system.threads[thread]!
    const neutral = { thread: -1, from: 0, to: 0, args: {}, sets: {}, log: [], provoke: undefined, signals: undefined }
    injected.push({
      ...neutral,
      index: composed.system.transitions.length + injected.length,
      name,
      step: name,
      actor,
      fair: rest.thread === undefined ? 'none' : fair,
      origin: env('a cancel that the checker injects'),
      ...rest,
      guards: [(state) => !own(state).cancelled, ...rest.guards],
      effects: [...rest.effects, (draft) => void (own(draft).cancelled = true)],
    })
  }
  for (const [label, exit] of Object.entries(plan.exits ?? {})) {
    // Where this variant has no such step nothing fails at it.
    if (sought(label) < 0) continue
    inject(`cancel.error-at-${label}`, {
      thread,
      from: labelled(label),
      to: firstOf(exit),
      guards: [],
      effects: plan.failing ? [plan.failing] : [],
      says: `${plan.thread}.${label} returns an error.`,
    })
  }
  for (const [name, { when, then }] of Object.entries(plan.interrupts ?? {}))
    for (const label of between(system, thread, request, commit).map((at) => labels[at]!))
      inject(`cancel.${name}-before-${label}`, {
        guards: [(state, _args, at) => at(plan.thread, label) && (when?.(state, at) ?? true)],
        effects: [then],
        says: `The attempt is cancelled from outside, before ${plan.thread}.${label}.`,
      })
  return {
    system: { ...composed.system, transitions: [...composed.system.transitions, ...injected] },
    owed: (property) => owed(property, plan, own),
  }
}

/**
 * The places of a thread that are on a way from behind the request to the commit, the commit's own included, in the order of
 * declaration. What counts is where control goes: a step may stand anywhere, out of line as a compiler would put an unlikely branch.
 */
function between({ transitions }: System, thread: number, request: number, commit: number): readonly number[] {
  const steps = transitions.filter((one) => one.thread === thread)
  const onwards = closure(
    steps.filter(({ from }) => from === request).map(({ to }) => to),
    (place) => (place === commit ? [] : steps.filter(({ from }) => from === place).map(({ to }) => to)),
  )
  const back = closure([commit], (place) =>
    place === request ? [] : steps.filter(({ to }) => to === place).map(({ from }) => from),
  )
  return [...onwards].filter((place) => back.has(place) && place !== request).sort((a, b) => a - b)
}

/** All that can be come to from some places. */
function closure(places: readonly number[], next: (place: number) => readonly number[]): ReadonlySet<number> {
  const found = new Set(places)
  for (const place of found) for (const one of next(place)) found.add(one)
  return found
}

const pad = (flags: readonly boolean[]): boolean[] => (flags.length === 0 ? [false] : [...flags])

/** What the observer notes of a step. Wrongs count from the cancel on: those before are no matter of cancelling. */
function note(plan: Plan, requests: ReadonlySet<string>, own: Notes, taken: StepTaken): void {
  if (requests.has(taken.name)) own.cancelled = false
  if (plan.own !== undefined && selects(plan.own, taken)) own.cancelled = true
  ;(plan.held ?? []).forEach(({ acquire, release }, i) => {
    if (selects(release, taken)) {
      if (own.cancelled && (!own.held[i] || own.held.some((still, j) => still && j > i))) own.badRelease = true
      own.held[i] = false
    }
    if (selects(acquire, taken)) own.held[i] = true
  })
  ;(plan.stopped ?? []).forEach(({ suspend, resume }, i) => {
    if (selects(resume, taken)) {
      if (own.cancelled && !own.stopped[i]) own.badResume = true
      own.stopped[i] = false
    }
    if (selects(suspend, taken)) own.stopped[i] = true
  })
}

/** An obligation as a property of the system with cancels. */
function owed(
  { name, says, obligation }: Cancel,
  plan: Plan,
  own: (state: unknown) => Notes,
): Always | LeadsTo | Possible {
  const { idle, running, wake, thread, commit } = plan
  const made: Readonly<Record<Obligation, () => Always | LeadsTo | Possible>> = {
    returns: () => ({
      kind: 'leadsTo',
      name,
      says,
      from: (state) => own(state).cancelled,
      to: (state, at) => idle(state, at) && running(state, at),
    }),
    releases: () => ({
      kind: 'always',
      name,
      says,
      when: (state) => own(state).cancelled,
      holds: (state, at) => !own(state).badRelease && !(idle(state, at) && own(state).held.includes(true)),
    }),
    'resumes-only-suspended': () => ({
      kind: 'always',
      name,
      says,
      when: (state) => own(state).cancelled,
      holds: (state) => !own(state).badResume,
    }),
    'loses-no-wakeup': () => ({
      kind: 'leadsTo',
      name,
      says,
      from: (state, at) => own(state).cancelled && wake!.pending(state, at),
      to: (state, at) => wake!.handled(state, at),
    }),
    'can-try-again': () => ({
      kind: 'possible',
      name,
      says,
      when: (state, at) => own(state).cancelled && idle(state, at) && (plan.again?.(state, at) ?? true),
      holds: (_, at) => at(thread, commit),
    }),
  }
  return made[obligation]()
}
