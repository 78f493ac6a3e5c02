/** What can be done in a state: the steps that can be taken, and of those that cannot, which condition is false. */

import { Fault, isEnabled, type SystemState } from '../../search/reference.js'
import { endOf, type Run } from '../../search/run.js'
import type { System, Transition } from '../../write/system.js'
import { falsePartOf, type Cause } from '../explanation.js'

/** Every transition of a system, as a state sees it. */
export interface Choices {
  readonly possible: readonly Transition[]
  /** Its thread stands there, or it has none, and its guard is false. */
  readonly blocked: readonly Transition[]
  /** Its thread stands elsewhere. */
  readonly elsewhere: readonly Transition[]
}

/** Why a step cannot be taken. */
export type Reason =
  /** The system has no such step. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'elsewhere'; readonly thread: string; readonly stands: string; readonly wanted: string }
  /** Of whom the false guard is, and the fields that it turned on; no fields if it cannot be told. */
  | { readonly kind: 'guard'; readonly of: 'step' | 'alternative' | 'both'; readonly causes: readonly Cause[] }
  /** The model's code is at fault. */
  | { readonly kind: 'faulty'; readonly says: string }

const known = new WeakMap<System, WeakMap<SystemState, Choices>>()

/** What can be done in a state; known states are not asked again. */
export function choicesIn(system: System, here: SystemState): Choices {
  let states = known.get(system)
  if (!states) known.set(system, (states = new WeakMap()))
  const before = states.get(here)
  if (before) return before
  const [possible, blocked, elsewhere]: [Transition[], Transition[], Transition[]] = [[], [], []]
  for (const transition of system.transitions) {
    if (!standsThere(system, here, transition)) elsewhere.push(transition)
    else if (mayBeTaken(system, here, transition)) possible.push(transition)
    else blocked.push(transition)
  }
  const choices = { possible, blocked, elsewhere }
  states.set(here, choices)
  return choices
}

/** A guard that throws forbids its step; why is told by {@link whyNot}. */
function mayBeTaken(system: System, here: SystemState, transition: Transition): boolean {
  try {
    return isEnabled(system, here, transition)
  } catch (error) {
    if (error instanceof Fault) return false
    throw error
  }
}

function standsThere(system: System, { at }: SystemState, { thread, from }: Transition): boolean {
  const own = system.threads[thread]
  return own === undefined || at[own.name] === own.labels[from]
}

/** Why a step cannot be taken after a run. */
export function whyNot(run: Run, transition: Transition): Reason {
  const { system } = run
  const here = endOf(run)
  const thread = system.threads[transition.thread]
  if (thread && !standsThere(system, here, transition))
    return {
      kind: 'elsewhere',
      thread: thread.name,
      stands: here.at[thread.name]!,
      wanted: thread.labels[transition.from]!,
    }
  try {
    const wrong = transition.guards.map((guard) => !isEnabled(system, here, { ...transition, guards: [guard] }))
    return { kind: 'guard', of: whoseOf(transition, wrong), causes: falsePartOf(run, transition) }
  } catch (error) {
    if (error instanceof Fault) return { kind: 'faulty', says: error.message }
    throw error
  }
}

/** The guard of a step comes before that of its alternative. */
function whoseOf({ name, step }: Transition, wrong: readonly boolean[]): 'step' | 'alternative' | 'both' {
  if (!step.includes('/') && !name.includes('/')) return 'step'
  if (wrong.length === 1) return 'alternative'
  return wrong.every(Boolean) ? 'both' : wrong[0] ? 'step' : 'alternative'
}

/** What a step that somebody outside decides on is for the reader: only the heading under which it is offered. */
export const occasions = ['cancel', 'fail', 'wake', 'interrupt', 'other'] as const
export type Occasion = (typeof occasions)[number]

const words: readonly (readonly [Exclude<Occasion, 'other'>, RegExp])[] = [
  ['cancel', /cancel|abort|gives?[-_ ]up|timeout|times[-_ ]out|interrupted/i],
  ['wake', /wake|button|alarm|\bping/i],
  ['fail', /fail|error|refus|busy|lost|dies|crash|oom|eio|enomem|ebusy/i],
  ['interrupt', /irq|interrupt|notif|kick|\bipi\b|virq|event/i],
]

/**
 * The heading for a step that somebody outside decides on: one of which no fairness is promised, one of several alternatives that can be
 * taken, or an action by its name. Undefined for what the system does by itself. Labels are for people: nothing else depends on them.
 */
export function occasionOf(transition: Transition, possible: readonly Transition[]): Occasion | undefined {
  const { step, fair, says, thread } = transition
  if (step.startsWith('cancel.')) return 'cancel'
  const base = step.replace(/\/.*/, '')
  const hasOther = possible.some((one) => one.step !== step && one.thread === thread && one.step.startsWith(`${base}/`))
  const meant = (text: string): Occasion | undefined => words.find(([, word]) => word.test(text))?.[0]
  if (fair === 'none') return meant(step) ?? meant(says ?? '') ?? 'other'
  if (hasOther) return meant(step.slice(base.length))
  return thread < 0 ? meant(step.slice(step.indexOf('.'))) : undefined
}
