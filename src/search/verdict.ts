/** Verdicts: what was found about one property. */

import type { Kind } from '../write/property.js'
import type { Graph } from './graph.js'
import type { Run } from './run.js'

/**
 * `holds` only after a complete search; `vacuous` if the premise never happened; `trivial` if it would hold of any model, because its code
 * never answers no; `unknown` if a limit was hit.
 */
export type Judgement = 'holds' | 'violated' | 'vacuous' | 'trivial' | 'unknown'

/** A fairness assumption: of a thread or an action, by the name that fairness switches use. */
export interface Assumption {
  /** A thread or an action: `tx(0)`, `host.serve`. */
  readonly of: string
  /** What is assumed of it. */
  readonly fair: 'weak' | 'strong'
}

/** What was found about one property. */
export interface Verdict {
  /** Its name. */
  readonly property: string
  /** Of which kind the property is. */
  readonly kind: Kind
  /** The requirement in words. */
  readonly says: string
  /** What was found. */
  readonly verdict: Judgement
  /** Why it is not simply `holds`, in one sentence. */
  readonly why?: string
  /** The counterexample of a violation, replayed by the reference execution; absent where none exists. */
  readonly run?: Run
  /**
   * For a property of whole runs, the fairness it needs. On `holds`: a minimal set of the declared assumptions without which
   * it would not hold. On `violated`: a minimal set of further assumptions under which it would hold; absent if none helps.
   */
  readonly needs?: readonly Assumption[]
  /**
   * For a refinement that is violated: the step of the abstract model that each step of the run is, null where it changes nothing
   * there. The last step of the run has none: that is the violation.
   */
  readonly shadow?: readonly (string | null)[]
}

/** What a search of its own found out about one property. */
export interface Decided {
  readonly found: Found
  readonly graph: Graph
}

/** A verdict without the words of its property. */
export type Found = Pick<Verdict, 'verdict' | 'why' | 'run' | 'needs' | 'shadow'>
