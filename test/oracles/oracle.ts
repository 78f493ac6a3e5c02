/** A known model with published figures: what the search must reproduce exactly. */

import type { Model } from '../../src/write/model.js'
import type { Properties } from '../../src/write/property.js'
import type { Choice } from '../../src/write/system.js'

/**
 * TLC's "generated" is our transitions plus the initial states, and its depth counts levels where ours counts steps.
 * TLC generates successors that a constraint then refuses; here such a step is taken and changes nothing.
 */
export interface Oracle {
  readonly name: string
  /** Where the figures are from. */
  readonly source: string
  readonly model: Model
  readonly properties: Properties
  readonly parameters?: Choice['parameters']
  readonly states: number
  readonly transitions?: number
  readonly depth?: number
  /** States that differ in more than the names of members. */
  readonly orbits?: number
  /** Every verdict: `holds`, or the length of the shortest counterexample in steps. */
  readonly verdicts: Readonly<Record<string, 'holds' | number>>
}

/** 0 … n-1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
