/** What it takes to walk through code: one activation of a function, what is known of calls, and what was found. */

import type { Roles } from './calls.js'
import type { CFunction } from './c-file.js'
import type { Root } from './mapping.js'
import { placeIn } from './places.js'
import type { Signs } from './signs.js'

/** What was found on the way through the code. */
export interface Findings {
  /** The functions that were looked into. */
  readonly read: Map<string, CFunction>
  /** Assumed branches that were met. */
  readonly assumed: Set<string>
  /** What could not be followed, as sentences. */
  readonly notFollowed: string[]
}

/** What the builder needs to know. */
export interface Sources {
  readonly root: Root
  readonly roles: Roles
  /** The function of a name in the files of the root, if there is one. */
  readonly functionNamed: (name: string) => CFunction | undefined
  /** The alternatives of a step by what the call that it covers returns; undefined if they are not told apart. */
  readonly outcomesOf: (step: string) => readonly (readonly [label: string, signs: Signs])[] | undefined
}

/** A value: its signs, or the place that has them. */
export type Value = Signs | string

/** Where jumps lead to. */
export interface Targets {
  readonly break?: number
  readonly continue?: number
}

/** One activation of a function. */
export interface Activation {
  readonly id: number
  readonly function: string
  readonly locals: ReadonlySet<string>
  readonly exit: number
  /** The place for what it returns. */
  readonly returned: string
  /** The line of the statement in hand: conditions have none of their own. */
  line: number
  readonly labels: Map<string, number>
  readonly stack: readonly string[]
  /** Counts the places that hold values for a moment, for all activations together. */
  readonly temporaries: { next: number }
  /** Guards that are open, innermost last. */
  readonly guards: string[]
}

/** The name of a new place that only holds a value for a moment. */
export const temporary = (activation: Activation): string => placeIn(activation.id, `$${activation.temporaries.next++}`)
