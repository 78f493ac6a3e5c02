/** The reference execution: effects on copies of frozen states, differences by immer. Slow, strict, and the oracle of the compiled one. */

import { enablePatches, freeze, produceWithPatches, type Draft, type Patch as Change } from 'immer'
import { misfit, spellMisfit, spellValue } from '../write/domain.js'
import type { Standing } from '../write/model.js'
import { asking } from '../write/standing.js'
import { Mistake } from '../write/mistake.js'
import type { System, Transition } from '../write/system.js'
import { frozen, same, writable } from './copies.js'

enablePatches()

/** A state of the whole system: the declared fields, and where each thread stands. */
export interface SystemState {
  readonly state: unknown
  readonly at: Standing
}

/** What one step changed, as immer patches on the declared fields. */
export type { Change }

/** What can be wrong with the code of a model, found while it runs. */
export type FaultKind = 'throws' | 'out of domain' | 'impure' | 'nondeterministic'

/** A fault in a guard, an effect or a predicate of the model. */
export class Fault extends Error {
  override readonly name = 'Fault'
  constructor(
    readonly kind: FaultKind,
    /** The transition or property at fault. */
    readonly place: string,
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(`${place}: ${what}`, options)
  }
}

/** The initial states of a system, frozen. */
export function initialStates(system: System): readonly SystemState[] {
  const at = Object.fromEntries(system.threads.map((thread) => [thread.name, thread.labels[0]!]))
  return system.initials.map((state) => freeze({ state: frozen(state), at }, true))
}

/** The transitions that may be taken, in declaration order. @throws Fault if a guard throws, writes or wavers. */
export function enabled(system: System, here: SystemState): readonly Transition[] {
  return system.transitions.filter((transition) => isEnabled(system, here, transition))
}

/** Whether one transition may be taken. */
export function isEnabled(system: System, here: SystemState, transition: Transition): boolean {
  if (transition.thread >= 0) {
    const thread = system.threads[transition.thread]!
    if (here.at[thread.name] !== thread.labels[transition.from]) return false
  }
  if (transition.guards.length === 0) return true
  const at = asking(system, here.at)
  return transition.guards.every((guard) => {
    const ask = (): unknown => guarded(transition.name, 'its guard', () => guard(here.state, transition.args, at))
    const answer = exact(transition.name, 'its guard', ask())
    if (answer !== ask())
      throw new Fault('nondeterministic', transition.name, 'its guard answered differently in the same state')
    return answer
  })
}

/** Takes a transition that is enabled. @throws Fault if its effect throws, leaves a domain, or is not a function. */
export function take(
  system: System,
  here: SystemState,
  transition: Transition,
): { readonly next: SystemState; readonly changes: readonly Change[] } {
  const state = inDomain(system, here, transition)
  // The second time on other objects: nothing that it kept of the first time helps it.
  if (!same(state, done(system, here, transition)))
    throw new Fault('nondeterministic', transition.name, 'its effect did different things in the same state')
  const next = Object.freeze({ state: frozen(state), at: moved(system, here.at, transition) })
  return { next, changes: changesTo(system, here, transition, next.state) }
}

/**
 * Where a transition that is enabled leads, without what {@link take} tells and looks after besides: for those who go everywhere.
 * @throws Fault if its effect throws or leaves a domain.
 */
export const arrive = (system: System, here: SystemState, transition: Transition): SystemState =>
  Object.freeze({
    state: frozen(inDomain(system, here, transition)),
    at: moved(system, here.at, transition),
  })

/** What a transition makes of a state, if that is one. Frozen, so that an object which it has kept and put into the state is no longer one to write on. */
function inDomain(system: System, here: SystemState, transition: Transition): unknown {
  const state = freeze(done(system, here, transition), true)
  const wrong = misfit(system.shape, state)
  if (wrong) throw new Fault('out of domain', transition.name, spellMisfit(wrong))
  return state
}

/** What a transition makes of a state: its effects on a copy, with the meaning that the language gives them. */
function done(system: System, here: SystemState, transition: Transition): unknown {
  return guarded(transition.name, 'its effect', () => {
    const draft = writable(here.state)
    for (const effect of transition.effects) refuseAnswer(effect(draft, transition.args))
    if (transition.note) {
      const shown = { ...(draft as Record<string, unknown>) }
      for (const key of Object.keys(shown)) if (!transition.noted?.includes(key)) shown[key] = frozen(shown[key])
      refuseAnswer(transition.note(here.state, Object.freeze(shown), { ...transition, at: asking(system, here.at) }))
    }
    return draft
  })
}

/** The difference that a transition made, as immer sees it being made; or if that is not what it made, as a whole. */
function changesTo(system: System, here: SystemState, transition: Transition, after: unknown): readonly Change[] {
  try {
    const [state, changes] = produceWithPatches(here.state, (draft: Draft<unknown>) => {
      for (const effect of transition.effects) effect(draft, transition.args)
      transition.note?.(here.state, draft, { ...transition, at: asking(system, here.at) })
    })
    if (same(frozen(state), after)) return changes
  } catch {
    // Drafts are not plain objects in every respect: an effect may do on these what it cannot do on those.
  }
  return produceWithPatches(here.state, (draft: Draft<unknown>) => {
    for (const [key, value] of Object.entries(after as object))
      if (!same(value, (here.state as Record<string, unknown>)[key])) (draft as Record<string, unknown>)[key] = value
  })[1]
}

/** @throws Error for whatever an effect returns: a state is written on, not returned. */
function refuseAnswer(answer: unknown): void {
  if (answer === undefined) return
  if (answer instanceof Promise) {
    // What it does later must not end the process.
    answer.catch(() => undefined)
    throw new Error('it is asynchronous')
  }
  throw new Error(
    `it returns ${spellValue(answer)}; it must write on the state and return nothing: braces, or void (…)`,
  )
}

function moved(system: System, at: Standing, transition: Transition): Standing {
  if (transition.thread < 0) return at
  const thread = system.threads[transition.thread]!
  return Object.freeze({ ...at, [thread.name]: thread.labels[transition.to]! })
}

/** Runs the author's code; whatever it throws becomes a fault that names the place. */
export function guarded<T>(place: string, what: string, call: () => T): T {
  try {
    return call()
  } catch (cause) {
    if (cause instanceof Mistake)
      throw new Mistake(`${place}, ${what}`, cause.what, cause.next, { cause, at: cause.at })
    if (cause instanceof Fault) throw cause
    const message = cause instanceof Error ? cause.message : spellValue(cause)
    const wrote = /read only|Cannot assign|not extensible|Cannot delete/.test(message)
    if (wrote) throw new Fault('impure', place, `${what} writes where it may only read: ${message}`, { cause })
    throw new Fault('throws', place, `${what} throws: ${message}`, { cause })
  }
}

/** The fault of an answer that is neither true nor false. */
export function vague(place: string, what: string, answer: unknown): Fault {
  if (!(answer instanceof Promise))
    return new Fault('throws', place, `${what} returned ${spellValue(answer)}, not true or false`)
  // What it does later must not end the process.
  answer.catch(() => undefined)
  return new Fault('throws', place, `${what} returned a promise, not true or false: nothing waits for it`)
}

/** An answer that must be true or false. @throws Fault for any other. */
export function exact(place: string, what: string, answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw vague(place, what, answer)
  return answer
}
