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
  /** Who takes it. */
  readonly actor: string
  /** What its `for`, and that of its thread, bind. */
  readonly args: Readonly<Record<string, Arg>>
  /** Where each thread stands before it. */
  readonly at: At
}

/** A predicate on transitions: the state before, the state after, and the step between. Must be pure. */
export type StepPredicate<S> = (before: Frozen<S>, after: Frozen<S>, step: StepTaken) => boolean

/** Names steps: `suspend.xs_suspend` (all its alternatives and arguments), or with `*` for any run of characters. */
export type Selector = string | readonly string[]

/** Names every step but these: `allBut('pm.freeze', 'host.*')`. */
export const allBut = (...patterns: readonly string[]): readonly string[] => ['*', ...patterns.map((one) => `!${one}`)]

/** Who is told of every selector that code asks with; nobody most of the time. */
let heard: ((selector: Selector) => void) | undefined

/** Does something, and tells of every selector that is asked with meanwhile. */
export function hearing<T>(tell: (selector: Selector) => void, act: () => T): T {
  heard = tell
  try {
    return act()
  } finally {
    heard = undefined
  }
}

/** Whether a selector names a step, by its spelling without arguments or with them. */
export function selects(selector: Selector | undefined, { step, name }: { step: string; name: string }): boolean {
  if (selector === undefined) return true
  heard?.(selector)
  return matches(selector, step) || matches(selector, name)
}
markOurs([selects])

function matches(selector: Selector, spelling: string): boolean {
  if (typeof selector === 'string') return matchesPattern(selector, spelling)
  const isMeant = selector.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, spelling))
  return isMeant && !selector.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), spelling))
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
