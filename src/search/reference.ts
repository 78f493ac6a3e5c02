/** The reference execution: immer drafts over frozen states. Slow, strict, and the oracle of the compiled one. */

import { enablePatches, freeze, produceWithPatches, type Draft, type Patch as Change } from 'immer'
import { isDeepStrictEqual } from 'node:util'
import { misfit, spellMisfit } from '../write/domain.js'
import type { Standing } from '../write/model.js'
import { asking } from '../write/standing.js'
import { Mistake } from '../write/mistake.js'
import type { System, Transition } from '../write/system.js'

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
  return system.initials.map((state) => freeze({ state: structuredClone(state), at }, true))
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
    const ask = (): boolean => guarded(transition.name, 'its guard', () => guard(here.state, transition.args, at))
    const answer = ask()
    if (typeof answer !== 'boolean')
      throw new Fault('throws', transition.name, `its guard returned ${String(answer)}, not true or false`)
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
  const [state, changes] = run(system, here, transition)
  const [again] = run(system, here, transition)
  if (!isDeepStrictEqual(state, again))
    throw new Fault('nondeterministic', transition.name, 'its effect did different things in the same state')
  const wrong = misfit(system.shape, state)
  if (wrong) throw new Fault('out of domain', transition.name, spellMisfit(wrong))
  return { next: freeze({ state, at: moved(system, here.at, transition) }, true), changes }
}

function run(system: System, here: SystemState, transition: Transition): readonly [unknown, readonly Change[]] {
  return guarded(transition.name, 'its effect', () => {
    const [state, changes] = produceWithPatches(here.state, (draft: Draft<unknown>) => {
      for (const effect of transition.effects) {
        const result = effect(draft, transition.args) as unknown
        if (result instanceof Promise) {
          // What it does later, to a draft that is gone, must not end the process.
          result.catch(() => undefined)
          throw new Error('it is asynchronous')
        }
      }
      transition.note?.(here.state, draft, { ...transition, at: asking(system, here.at) })
    })
    return [state, changes] as const
  })
}

function moved(system: System, at: Standing, transition: Transition): Standing {
  if (transition.thread < 0) return at
  const thread = system.threads[transition.thread]!
  return { ...at, [thread.name]: thread.labels[transition.to]! }
}

/** Runs the author's code; whatever it throws becomes a fault that names the place. */
export function guarded<T>(place: string, what: string, call: () => T): T {
  try {
    return call()
  } catch (cause) {
    if (cause instanceof Mistake)
      throw new Mistake(`${place}, ${what}`, cause.what, cause.next, { cause, at: cause.at })
    const message = cause instanceof Error ? cause.message : String(cause)
    const wrote = /read only|Cannot assign|not extensible|Cannot delete/.test(message)
    if (wrote) throw new Fault('impure', place, `${what} writes where it may only read: ${message}`, { cause })
    throw new Fault('throws', place, `${what} throws: ${message}`, { cause })
  }
}
