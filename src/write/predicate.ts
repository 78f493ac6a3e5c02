/** Predicates on states and steps, and selectors of steps: what properties are made of. */

import { markOurs } from './ours.js'
import type { Arg, At, Frozen } from './model.js'

/** A predicate on states; `at` tells where each thread stands. Must be pure. */
export type Predicate<S> = (state: Frozen<S>, at: At) => boolean

/** The step that a predicate on transitions is asked about. */
export interface StepTaken {
  /** `thread.step/alternative(args)`. */
  readonly name: string
  /** `thread.step/alternative`. */
  readonly step: string
  readonly actor: string
  readonly args: Readonly<Record<string, Arg>>
  /** Where each thread stands before it. */
  readonly at: At
}

/** A predicate on transitions: the state before, the state after, and the step between. Must be pure. */
export type StepPredicate<S> = (before: Frozen<S>, after: Frozen<S>, step: StepTaken) => boolean

/** Names steps: `suspend.xs_suspend` (all its alternatives and arguments), or with `*` for any run of characters. */
export type Selector = string | readonly string[]

/** Whether a selector names a step, by its spelling without arguments or with them. */
export const selects = (selector: Selector | undefined, { step, name }: { step: string; name: string }): boolean =>
  selector === undefined || matches(selector, step) || matches(selector, name)
markOurs([selects])

function matches(selector: Selector, spelling: string): boolean {
  return typeof selector === 'string'
    ? matchesPattern(selector, spelling)
    : selector.some((pattern) => matchesPattern(pattern, spelling))
}

/** Observers ask at every step of a search, so answers are kept: patterns and spellings are few. */
const answers = new Map<string, Map<string, boolean>>()

function matchesPattern(pattern: string, spelling: string): boolean {
  const known = answers.get(pattern) ?? new Map<string, boolean>()
  answers.set(pattern, known)
  let answer = known.get(spelling)
  if (answer === undefined) {
    const body = pattern.split('*').map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    known.set(spelling, (answer = new RegExp(`^${body.join('.*')}(/.*)?$`).test(spelling)))
  }
  return answer
}
