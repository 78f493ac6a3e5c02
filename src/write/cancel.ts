/** Cancelling everywhere: what a protocol owes to a cancel at any step before its point of no return. */

import type { At, Frozen } from './model.js'
import type { Predicate, Selector } from './predicate.js'

/** Something that an attempt takes and has to give back. */
export interface Held {
  /** A noun phrase: `the xenbus lock`. */
  readonly what: string
  /** The steps that take it. */
  readonly acquire: Selector
  /** The steps that give it back. */
  readonly release: Selector
}

/** Something that an attempt suspends and may only resume if it did. */
export interface Stopped {
  /** A noun phrase: `the disk`. */
  readonly what: string
  /** The steps that suspend it. */
  readonly suspend: Selector
  /** The steps that resume it. */
  readonly resume: Selector
}

/** The phases of a protocol, as its author names them. */
export interface CancelPlan<S> {
  /** The attempt, a noun phrase: `the suspend`. */
  readonly what: string
  /** The thread that makes the attempt, with its arguments if it has any: `pm`, `tx(0)`. */
  readonly thread: string
  /** The step that starts an attempt. */
  readonly request: string
  /** The first step that cannot be taken back. */
  readonly commit: string
  /** Error returns that the protocol has itself; each counts as a cancel. */
  readonly own?: Selector
  /**
   * Where an error return at a step that has none goes: the label of the protocol's own error path, by the label of the step that
   * fails; of several labels the first that the variant has. A step that the variant does not have fails in none of its runs.
   */
  readonly exits?: Readonly<Record<string, string | readonly string[]>>
  /** What an error return leaves in the state, `error = -EIO`. */
  readonly failing?: (draft: S) => void
  /** What a cancel from outside does at any step from the request to the commit: a wake-up, a time limit. */
  readonly interrupts?: Readonly<
    Record<string, { readonly when?: (state: Frozen<S>, at: At) => boolean; readonly then: (draft: S) => void }>
  >
  /** No attempt is under way. */
  readonly idle: Predicate<S>
  /** Everything runs as before. */
  readonly running: Predicate<S>
  /** Another attempt may still be asked for. Absent: always. */
  readonly again?: Predicate<S>
  /** In the order in which it is acquired. */
  readonly held?: readonly Held[]
  /** What the attempt suspends, and may resume only if it did. */
  readonly stopped?: readonly Stopped[]
  /** A wake-up that came up, and that it was dealt with. */
  readonly wake?: { readonly pending: Predicate<S>; readonly handled: Predicate<S> }
}

/** What is owed after a cancel. */
export type Obligation = 'returns' | 'releases' | 'resumes-only-suspended' | 'loses-no-wakeup' | 'can-try-again'

/** The obligations that a plan has words for, and their sentences. */
export function obligationsOf(plan: CancelPlan<never>): readonly (readonly [Obligation, string])[] {
  const { what, held = [], stopped = [], wake } = plan
  const listed = (things: readonly { readonly what: string }[]): string => things.map((one) => one.what).join(', ')
  const owed: readonly (readonly [boolean, Obligation, string])[] = [
    [true, 'returns', `Wherever ${what} is cancelled before its point of no return, everything runs again in the end.`],
    [
      held.length > 0,
      'releases',
      `A cancelled attempt gives back what it acquired, once and in reverse: ${listed(held)}.`,
    ],
    [
      stopped.length > 0,
      'resumes-only-suspended',
      `A cancelled attempt resumes only what it suspended: ${listed(stopped)}.`,
    ],
    [wake !== undefined, 'loses-no-wakeup', `A wake-up that comes up while ${what} is being cancelled is handled.`],
    [true, 'can-try-again', `After a cancel, ${what} can be tried again and reach its point of no return.`],
  ]
  return owed.flatMap(([applies, obligation, says]) => (applies ? [[obligation, says] as const] : []))
}
