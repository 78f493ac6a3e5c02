/** What a check found, whole. */

import type { System } from '../write/system.js'
import type { Certificate } from './certify.js'
import type { Cut } from './graph.js'
import type { Reduction } from './reductions/reduction.js'
import type { Fault } from './reference.js'
import type { Run } from './run.js'
import type { Fingerprints } from './compact/compaction.js'
import type { Verdict } from './verdict.js'

/** What a check found. */
export interface Outcome {
  /** What was checked. */
  readonly system: System
  /** Whether every reachable state was seen, and exactly compared. */
  readonly complete: boolean
  /** Which limit ended the search, and where; absent if none did. */
  readonly cut?: Cut
  /** Different states that were found. */
  readonly states: number
  /** Steps between them. */
  readonly transitions: number
  /** Levels of the breadth-first search, the first being 1. */
  readonly depth: number
  /** One for each property, the two that every model has first. */
  readonly verdicts: readonly Verdict[]
  /** Steps, alternatives and actions that were never taken. */
  readonly unfired: readonly string[]
  /** Whose code depends on too much to be tried whole: of the names in it, those that were met were looked up. */
  readonly untried?: readonly string[]
  /** A fault of the author's code, with the run that led to it; `of`: in the search that this property has for itself. */
  readonly fault?: { readonly fault: Fault; readonly run: Run; readonly of?: string }
  /** Present if states were kept as fingerprints: the search was not exact then, and is not complete. */
  readonly fingerprints?: Fingerprints
  /** If a limit of size or time was hit: why the space is large and what to try, in sentences. */
  readonly advice?: readonly string[]
  /** What an independent verifier confirmed, if it was asked to and the search was complete. */
  readonly certificate?: Certificate
  /** What became of a reduction, where one was possible or asked for. */
  readonly reduction?: Reduction
}
