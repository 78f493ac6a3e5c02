/** What the things of the kernel owe, as properties: a model gets those of the words that it uses. */

import { record } from '../write/domain.js'
import { actsOf, type Placed } from '../write/family.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Act, At, Model } from '../write/model.js'
import type { StepTaken } from '../write/predicate.js'
import { propertiesOver, type Property } from '../write/property.js'
import { lockOrder, waitCycle } from './order.js'
import { holds, inUse, isBusy, valueOf, type Named } from './looks.js'

const { always, step } = propertiesOver(record({}))

/** Every act that some variant of a model has, with what is known of it. */
export class Acts {
  constructor(readonly all: readonly Placed[]) {}

  /** Those on things of some kinds that do some deed; `*` is any thing. */
  of(things: readonly string[], ...does: readonly string[]): readonly Placed[] {
    return this.all.filter(({ act }) => (things.includes('*') || things.includes(act.thing)) && does.includes(act.does))
  }

  /** The threads in which the callbacks of a thing run. */
  callbacksOf({ thing, field }: Named): readonly string[] {
    const begins = this.of([thing], 'begin').filter(({ act }) => act.field === field)
    return [...new Set(begins.map(({ thread }) => thread))]
  }

  /** The thing in a field, if anything is done to it. */
  thingIn(field: string): Named | undefined {
    return this.all.find(({ act }) => act.field === field)?.act
  }
}

export const locks = ['mutex', 'recursiveMutex', 'rwsem', 'spinlock']
export const taking = ['lock', 'read', 'queue', 'write']

/** The thread, with its arguments, that takes a step: `tx(0)` takes `tx.lock(0)`. */
export const takerOf = ({ name }: Pick<StepTaken, 'name'>): string =>
  name.slice(0, name.indexOf('.')) + (/\([^()]*\)$/.exec(name)?.[0] ?? '')

const stepsOf = (placed: readonly Placed[]): readonly string[] => [...new Set(placed.map((one) => one.step))]

/** No step among some is taken where a look at its thing says no. */
const onlyIf = (
  name: string,
  says: string,
  placed: readonly Placed[],
  allowed: (state: unknown, act: Act, who: string) => boolean,
): readonly Property[] => {
  if (placed.length === 0) return []
  const acts = new Map(placed.map((one) => [one.step, one.act] as const))
  return [
    step(name, says, {
      on: stepsOf(placed),
      holds: (before, _after, taken) => allowed(before, acts.get(taken.step.split('/')[0]!)!, takerOf(taken)),
    }),
  ]
}

/** No thread stands where a look at the state says no. */
const neverAt = (
  name: string,
  says: string,
  placed: readonly Placed[],
  wrong: (state: unknown, one: Placed, at: At) => boolean,
): readonly Property[] =>
  placed.length === 0
    ? []
    : [
        always(name, says, (state, at: At) =>
          placed.every((one) => !at(one.thread, one.label) || !wrong(state, one, at)),
        ),
      ]

type Owed = (acts: Acts) => readonly Property[]

/** Each promise by its name. */
const owed: Readonly<Record<string, Owed>> = {
  'no-self-deadlock': (acts) => {
    const retaken = acts.of(['mutex', 'rwsem', 'spinlock'], ...taking)
    const own = acts
      .of(['work', 'timer', 'tasklet', 'irq', 'napi'], 'wait')
      .filter(({ act, thread }) => acts.callbacksOf(act).includes(thread))
    return neverAt(
      'no-self-deadlock',
      'No thread waits for a lock that it holds itself, and no callback for its own end.',
      [...retaken, ...own],
      (state, { act, thread }) => (act.does === 'wait' ? isBusy(state, act) : holds(state, act, thread)),
    )
  },
  'unlocked-by-owner': (acts) =>
    onlyIf(
      'unlocked-by-owner',
      'A lock is released by the thread that holds it.',
      acts.of([...locks, 'localIrq'], 'unlock', 'unread', 'unwrite', 'enable').filter(({ act }) => act.thing !== 'irq'),
      (state, act, who) => holds(state, act, who),
    ),
  'lock-order': lockOrderOwed,
  'no-sleep-while-atomic': (acts) => {
    const atomic = acts.of(['spinlock', 'localIrq'], 'lock', 'trylock', 'disable')
    const soft = acts.of(['timer', 'tasklet', 'napi'], 'begin')
    const hard = acts.of(['irq'], 'begin').filter(({ act }) => act.with === 'hard')
    const never = new Set([...soft, ...hard].map(({ thread }) => thread))
    const held = new Map(atomic.map(({ act }) => [act.field, act as Named]))
    const mayBeAtomic = new Set([...never, ...atomic.map(({ thread }) => thread)])
    const sleeping = acts.all.filter(({ act, thread }) => act.with === 'sleeps' && mayBeAtomic.has(thread))
    const fields = [...held.values()]
    return neverAt(
      'no-sleep-while-atomic',
      'Nobody comes to a step that may sleep with a spinlock held, with interrupts off, or in a handler that must not sleep.',
      sleeping,
      (state, { thread }) => never.has(thread) || fields.some((one) => holds(state, one, thread)),
    )
  },
  'no-free-in-use': (acts) =>
    onlyIf(
      'no-free-in-use',
      'Nothing is freed while a part of it is queued, runs, is armed, requested or held.',
      acts.of(['lifetime'], 'free').filter(({ act }) => act.with !== ''),
      (state, act) =>
        act.with!.split(',').every((field) => {
          const part = acts.thingIn(field)
          return !part || !inUse(state, part)
        }),
    ),
  'no-use-after-free': (acts) =>
    onlyIf(
      'no-use-after-free',
      'Only what is alive is used, and freed.',
      acts.of(['lifetime'], 'use', 'free'),
      (state, { field }) => valueOf(state, field, 'lifetime') === 'alive',
    ),
  'no-init-in-use': (acts) =>
    onlyIf(
      'no-init-in-use',
      'A work item is not initialised while it is queued.',
      acts.of(['work'], 'init'),
      (state, { field }) => valueOf(state, field, 'work').queued === 'idle',
    ),
  'usage-not-negative': (acts) =>
    onlyIf(
      'usage-not-negative',
      'A reference is dropped only while one is held, and taken only of what is still there.',
      [...acts.of(['runtimePM'], 'put'), ...acts.of(['refcount'], 'put', 'get')],
      (state, { thing, field }) =>
        thing === 'refcount' ? valueOf(state, field, 'refcount') > 0 : valueOf(state, field, 'runtimePM').usage > 0,
    ),
  'no-wait-under-its-lock': (acts) => {
    const needed = ({ thing, field }: Act): readonly Placed[] => {
      const callbacks = acts.callbacksOf({ thing, field })
      return acts.of(locks, ...taking).filter(({ thread }) => callbacks.includes(thread))
    }
    const waits = acts
      .of(['work', 'timer', 'tasklet', 'irq', 'napi'], 'wait')
      .map((one) => ({ one, locks: needed(one.act) }))
      .filter(({ locks }) => locks.length > 0)
    const byStep = new Map(waits.map(({ one, locks }) => [one, locks] as const))
    return neverAt(
      'no-wait-under-its-lock',
      'Nobody waits for a callback that runs while holding a lock that this callback takes.',
      waits.map(({ one }) => one),
      // What only another variant's callback takes is nothing to wait for.
      (state, one, at) =>
        isBusy(state, one.act) &&
        byStep.get(one)!.some(({ act, thread, label }) => holds(state, act, one.thread) && at.has(thread, label)),
    )
  },
  'enables-balanced': (acts) =>
    onlyIf(
      'enables-balanced',
      'What was disabled is enabled as often, and no more; the same goes for wake-up.',
      acts.of(['irq', 'tasklet', 'napi', 'work', 'runtimePM'], 'enable', 'disarmWake'),
      (state, { thing, field, does }) => {
        if (does === 'disarmWake') return valueOf(state, field, 'irq').wake > 0
        if (thing === 'irq') return valueOf(state, field, 'irq').depth > 0
        if (thing === 'napi') return valueOf(state, field, 'napi').state === 'owned'
        return valueOf(state, field, thing as 'work').disabled > 0
      },
    ),
  'no-lock-open-to-interrupts': (acts) => {
    const hard = new Set(
      acts
        .of(['irq'], 'begin')
        .filter(({ act }) => act.with === 'hard')
        .map(({ thread }) => thread),
    )
    return neverAt(
      'no-lock-open-to-interrupts',
      'A spinlock that a hard interrupt handler takes is never held with interrupts on.',
      acts.of(['spinlock'], 'lock').filter(({ thread }) => hard.has(thread)),
      (state, { act }) => {
        const { owner, irqsave } = valueOf(state, act.field, 'spinlock')
        return owner !== 'free' && !irqsave && !hard.has(owner)
      },
    )
  },
  'no-wait-cycle': waitCycleOwed,
  'no-access-in-reset': (acts) =>
    onlyIf(
      'no-access-in-reset',
      'No register of a device is accessed while its reset is asserted.',
      acts.of(['reset'], 'access'),
      (state, { field }) => valueOf(state, field, 'reset') === 'deasserted',
    ),
  'no-stale-answer': (acts) =>
    onlyIf(
      'no-stale-answer',
      'The answer to a request that was given up is not taken for that to the next.',
      acts.of(['mailbox'], 'wait'),
      (state, { field }) => valueOf(state, field, 'mailbox').answer !== 'stale',
    ),
}

function lockOrderOwed(acts: Acts): readonly Property[] {
  return lockOrder(acts.of(locks, ...taking))
}

function waitCycleOwed(acts: Acts): readonly Property[] {
  return waitCycle(acts.of(locks, ...taking), acts.of(['*'], 'wait'), (act) =>
    act.thing === 'thread' ? [act.field] : acts.callbacksOf(act),
  )
}

/** The names of all promises. */
export const owedNames = Object.keys(owed)

/** What a model does without, by name, and why. */
export type LeftOut = Readonly<Record<string, string>>

/** What {@link kernelProperties} is asked. */
export interface Asked {
  /** The parameters of the variant, if words depend on them. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly leaveOut?: LeftOut
}

/**
 * What the things of a model owe: a property for each promise that concerns a word that some variant of the model uses, or a variant with
 * these parameters.
 * @throws Mistake for a promise to leave out that does not exist, that the model does not have, or without a reason.
 */
export function kernelProperties(model: Model, { parameters, leaveOut = {} }: Asked = {}): Property[] {
  const acts = new Acts(actsOf(model, parameters))
  const made = Object.entries(owed).flatMap(([name, make]) => make(acts).map((one) => [name, one] as const))
  const where = `kernelProperties ${model.name}, leaveOut`
  for (const [name, why] of Object.entries(leaveOut)) {
    if (!Object.hasOwn(owed, name)) throw unknownName(where, 'promise', name, owedNames)
    if (!made.some(([own]) => own === name))
      throw new Mistake(where, `${name} is not asked of this model`, 'it uses no word that owes it: take it out')
    if (why.trim() === '') throw new Mistake(where, `${name} is left out without a reason`, 'say why')
  }
  return made.filter(([name]) => !Object.hasOwn(leaveOut, name)).map(([, property]) => property)
}
