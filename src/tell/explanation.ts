/** Why a condition is false: which fields it turned on, what they would have to be, and which step made them so. */

import { cardinality, scalarsOf, type Shape } from '../write/domain.js'
import { within } from '../write/family.js'
import type { At } from '../write/model.js'
import { asking, askingBy, threadsOf } from '../write/standing.js'
import type { Predicate } from '../write/predicate.js'
import type { Cancel, Property } from '../write/property.js'
import type { System, Transition } from '../write/system.js'
import { cancelled } from '../search/compose/cancel.js'
import { endOf, statesOf, type Run } from '../search/run.js'
import type { SystemState } from '../search/reference.js'
import { pathIn, spellPath } from './text.js'

/** One field that a false condition turned on. */
export interface Cause {
  /** `dev[0].used`, or `at waiter` for where a thread stands. */
  readonly field: string
  /** The value that it had before the last step is meant, not the one after it. */
  readonly earlier: boolean
  readonly value: unknown
  /** Number of the step that last changed it, from 1; null if none did. */
  readonly step: number | null
  /** The values with which, everything else being equal, the condition would be true; empty if no single field mends it. */
  readonly mends: readonly unknown[]
}

/** A false condition and its causes. */
export interface Because {
  /** Whose condition: `the requirement`, `the goal`, or the step that is blocked. */
  readonly of: string
  readonly causes: readonly Cause[]
}

/** A state as code sees it. */
interface Asked {
  readonly state: unknown
  readonly at: At
}

/** A condition over places of a state, asked of changed copies of it. */
interface Condition {
  readonly asked: readonly SystemState[]
  /** Which of the states of the run each asked state is: an index into start and after states. */
  readonly moments: readonly number[]
  readonly answer: (states: readonly Asked[]) => boolean
}

/** Why the run breaks the property: empty where the condition is not one of states or steps. */
export function becauseOf(property: Property | undefined, run: Run): readonly Because[] {
  const { system } = run
  const last = run.steps.length
  if (property === undefined) return blocked(system, run)
  const end = endOf(run)
  switch (property.kind) {
    case 'always':
      return told('the requirement', system, run, {
        asked: [end],
        moments: [last],
        answer: ([here]) =>
          (property.when !== undefined && !property.when(here!.state, here!.at)) ||
          property.holds(here!.state, here!.at),
      })
    case 'step': {
      const step = run.steps.at(-1)
      if (!step) return []
      const before = run.steps.at(-2)?.after ?? run.start
      return told('the requirement', system, run, {
        asked: [before, end],
        moments: [last - 1, last],
        answer: ([a, b]) => property.holds(a!.state, b!.state, { ...step.transition, at: a!.at }),
      })
    }
    case 'possible':
    case 'reachable':
      return goal(run, last, property.holds)
    case 'leadsTo':
      return goal(run, last, property.to)
    case 'eventually':
    case 'alwaysEventually':
      return goal(run, last, property.holds)
    case 'eventuallyAlways': {
      // Of a run that goes on for ever, the last state of the loop in which it fails again.
      const states = statesOf(run)
      return goal(
        run,
        states.findLastIndex((here) => !property.holds(here.state, asking(system, here.at))),
        property.holds,
      )
    }
    case 'observer': {
      const { wrong, state } = property.declared
      const isWrong = ({ state: whole, at }: Asked, field: string): boolean =>
        wrong((whole as Record<string, unknown>)[field], whole, at)
      // Several observers may have been put into one system: this one has its own shape there, and is wrong.
      const own = Object.entries(fieldsIn(system)).filter(([, shape]) => shape === state.shape)
      const field = own.map(([name]) => name).find((name) => quietly(() => isWrong(seen(system, end), name)))
      if (field === undefined) return []
      return told('the requirement', system, run, {
        asked: [end],
        moments: [last],
        answer: ([here]) => !isWrong(here!, field),
      })
    }
    case 'cancel':
      return becauseOf(owedIn(property, system), run)
    default:
      return []
  }
}

/** The kind of a property; of an obligation after cancels, the kind of what it says of the system with cancels in it. */
export const kindOf = (property: Property, { system }: Run): Property['kind'] =>
  property.kind === 'cancel' ? owedIn(property, system).kind : property.kind

const owedIn = (property: Cancel, system: System): Property =>
  cancelled(withoutComposed(system), property.plan, `property ${property.name}`).owed(property)

/** Why a goal is not met after the first `moment` steps. */
const goal = (run: Run, moment: number, holds: Predicate<unknown>): readonly Because[] =>
  told('the goal', run.system, run, {
    asked: [moment === 0 ? run.start : run.steps[moment - 1]!.after],
    moments: [moment],
    answer: ([here]) => holds(here!.state, here!.at),
  })

const fieldsIn = ({ shape }: System): Readonly<Record<string, Shape>> => (shape.kind === 'record' ? shape.fields : {})

/** The system before cancels were put into it, as far as its shape is concerned: what they note is its last field. */
const withoutComposed = (system: System): System => ({
  ...system,
  shape: { kind: 'record', fields: Object.fromEntries(Object.entries(fieldsIn(system)).slice(0, -1)) },
})

/** What each thread that has not ended is waiting for: the ways on that one field would open, or else the first. */
function blocked(system: System, run: Run): readonly Because[] {
  const end = endOf(run)
  return system.threads.flatMap(({ name, labels }, thread) => {
    const here = system.transitions.filter((one) => one.thread === thread && labels[one.from] === end.at[name])
    const ways = here.flatMap((one) => told(one.name, system, run, guardOf(one, end, run.steps.length)))
    const near = ways.filter(({ causes }) => causes.some(({ mends }) => mends.length > 0))
    return near.length > 0 ? near : ways.slice(0, 1)
  })
}

/** Why a step cannot be taken after a run, if its guard is what forbids it: the fields that it turns on. */
export const becauseOfStep = (run: Run, transition: Transition): readonly Because[] =>
  told(transition.name, run.system, run, guardOf(transition, endOf(run), run.steps.length))

/**
 * The part of a step's guard that is false after a run: the fields of which another value would have it true or would have it ask on, for
 * something else. As `&&` stops at the first part that is false, that is the one to look at, also where more than one is.
 */
export function falsePartOf(run: Run, transition: Transition): readonly Cause[] {
  const condition = guardOf(transition, endOf(run), run.steps.length)
  const reads = readsOf(run.system, condition)
  const known = new Set(reads.map(({ path }) => spellField(path)))
  const asksOn = (changed: Condition): boolean =>
    quietly(() => changed.answer(changed.asked.map((state) => seen(run.system, state)))) ||
    readsOf(run.system, changed).some(({ path }) => !known.has(spellField(path)))
  const causes = reads.map(({ path }) => ({
    field: spellField(path),
    earlier: false,
    value: valueAt(condition.asked[0]!, path),
    step: lastChange(run, path, run.steps.length),
    mends: candidates(run.system, path).filter(
      (value) =>
        value !== valueAt(condition.asked[0]!, path) &&
        asksOn({ ...condition, asked: [withValue(condition.asked[0]!, path, value)] }),
    ),
  }))
  const telling = causes.filter(({ mends }) => mends.length > 0)
  return telling.length > 0 ? telling : causes
}

/** The most parts of one guard that are told. */
const mostParts = 8

/**
 * Every false part of a step's guard in the order in which it asks: each is found where the parts before it were mended, each by the first
 * value that does. What cannot be mended by one field ends the list.
 */
export function falsePartsOf(run: Run, transition: Transition): readonly (readonly Cause[])[] {
  const parts: (readonly Cause[])[] = []
  let changed = run
  while (parts.length < mostParts && !mayGoOn(changed, transition)) {
    const causes = falsePartOf(changed, transition)
    // What was mended to come here is no cause of its own.
    const fresh = causes.filter(({ field }) => !parts.some((part) => part.some((one) => one.field === field)))
    if (fresh.length === 0) break
    parts.push(
      fresh.map((cause) => ({ ...cause, step: lastChange(run, pathOf(run.system, cause.field), run.steps.length) })),
    )
    const [{ field, mends }] = fresh as [Cause, ...Cause[]]
    if (mends.length === 0) break
    const here = withValue(endOf(changed), pathOf(run.system, field), mends[0])
    changed = { ...run, start: here, steps: [] }
  }
  return parts
}

const mayGoOn = (run: Run, { guards, args }: Transition): boolean => {
  const { state, at } = seen(run.system, endOf(run))
  return quietly(() => guards.every((guard) => guard(state, args, at)))
}

/** `dev[0].used` and `at waiter` as paths; the inverse of {@link spellField}. */
const pathOf = ({ threads }: System, field: string): Read['path'] =>
  threads.some(({ name }) => `at ${name}` === field) ? ['@', field.slice(3)] : pathIn(field)

const guardOf = ({ guards, args }: Transition, end: SystemState, moment: number): Condition => ({
  asked: [end],
  moments: [moment],
  answer: ([here]) => guards.every((guard) => guard(here!.state, args, here!.at)),
})

/** The fewest and most telling fields of a condition: those that alone would mend it, else those that the run changed. */
const most = 6

function told(of: string, system: System, run: Run, condition: Condition): readonly Because[] {
  const reads = readsOf(system, condition)
  const causes = reads.map((read) => ({
    field: spellField(read.path),
    earlier: read.of < condition.asked.length - 1,
    value: valueAt(condition.asked[read.of]!, read.path),
    step: lastChange(run, read.path, condition.moments[read.of]!),
    mends: mending(system, condition, read),
  }))
  const mended = causes.filter(({ mends }) => mends.length > 0)
  const moved = causes.filter(({ step }) => step !== null)
  const chosen = mended.length > 0 ? mended : moved.length > 0 ? moved : causes
  const ranked = [...chosen].sort((a, b) => (b.step ?? 0) - (a.step ?? 0)).slice(0, most)
  return ranked.length === 0 ? [] : [{ of, causes: ranked }]
}

/** A scalar that a condition looked at: which of the asked states, and where in it; `@` leads to where threads stand. */
interface Read {
  readonly of: number
  readonly path: readonly (string | number)[]
}

const seen = (system: System, { state, at }: SystemState): Asked => ({ state, at: asking(system, at) })

const spellField = (path: readonly (string | number)[]): string => (path[0] === '@' ? `at ${path[1]}` : spellPath(path))

/** The places that a condition reads, each once, in order. */
function readsOf(system: System, { asked, answer }: Condition): readonly Read[] {
  const found = new Map<string, Read>()
  const watched = asked.map(({ state, at }, of) => {
    const note = (path: Read['path']): void => void found.set(JSON.stringify([of, path]), { of, path })
    return {
      state: watching(structuredClone(state), [], note),
      at: askingBy(threadsOf(system), (thread) => {
        note(['@', thread])
        return at[thread]
      }),
    }
  })
  quietly(() => answer(watched))
  return [...found.values()]
}

function watching(value: unknown, path: Read['path'], note: (path: Read['path']) => void): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const inner: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || !Object.hasOwn(target, key) || key === 'length') return inner
      const here = [...path, /^\d+$/.test(key) ? Number(key) : key]
      if (typeof inner !== 'object' || inner === null) note(here)
      return watching(inner, here, note)
    },
  })
}

/** A condition asked of a state that never was may throw: that is no answer. */
function quietly(ask: () => boolean): boolean {
  try {
    return ask()
  } catch {
    return false
  }
}

/** Widest domain whose values are tried one by one. */
const widest = 64

function mending(system: System, condition: Condition, { of, path }: Read): readonly unknown[] {
  const now = valueAt(condition.asked[of]!, path)
  return candidates(system, path).filter((value) => {
    if (value === now) return false
    const changed = condition.asked.map((state, i) => (i === of ? withValue(state, path, value) : state))
    return quietly(() => condition.answer(changed.map((state) => seen(system, state))))
  })
}

function candidates(system: System, path: Read['path']): readonly unknown[] {
  if (path[0] === '@') return system.threads.find(({ name }) => name === path[1])?.labels ?? []
  const shape = path.reduce<Shape | undefined>((here, key) => here && within(here, key), system.shape)
  return shape && (cardinality(shape) ?? Infinity) <= widest ? scalarsOf(shape) : []
}

function withValue(here: SystemState, path: Read['path'], value: unknown): SystemState {
  if (path[0] === '@') return { ...here, at: { ...here.at, [String(path[1])]: String(value) } }
  const state = structuredClone(here.state) as Record<string | number, unknown>
  const parent = path.slice(0, -1).reduce((inner, key) => inner[key] as typeof state, state)
  parent[path.at(-1)!] = value
  return { ...here, state }
}

const valueAt = ({ state, at }: SystemState, path: Read['path']): unknown =>
  path[0] === '@' ? at[String(path[1])] : follow(state, path)

const follow = (state: unknown, path: Read['path']): unknown =>
  path.reduce<unknown>((here, key) => (here as Record<string | number, unknown> | null | undefined)?.[key], state)

/** Number of the step that last changed a place, among the first `moment` steps. */
function lastChange(run: Run, path: Read['path'], moment: number): number | null {
  const states = statesOf(run)
  const seen = (i: number): string => JSON.stringify(valueAt(states[i]!, path) ?? null)
  for (let i = moment; i > 0; i--) if (seen(i) !== seen(i - 1)) return i
  return null
}
