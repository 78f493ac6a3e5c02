/** What a check found, as one JSON document for programs. */

import type { Kind } from '../write/property.js'
import type { Certificate } from '../search/certify.js'
import type { Judgement } from '../search/check.js'
import type { Reduction } from '../search/reductions/reduction.js'
import type { Fingerprints } from '../search/compact/compaction.js'
import type { Arg } from '../write/model.js'
import type { Settled } from './claim-result.js'
import type { Played } from './scenarios.js'
import { expectedVerdict, type Evidence } from './spec.js'

/** `thawproof check --json`; its JSON Schema is shipped as `thawproof/report.schema.json`. */
export interface Report {
  readonly schema: 'thawproof/report@1'
  readonly instances: readonly InstanceReport[]
  /** Whether all claims were met. */
  readonly met: boolean
}

/** One instance in a {@link Report}. */
export interface InstanceReport {
  readonly protocol: string
  readonly instance: string
  readonly corpus: string | null
  readonly form: 'buggy' | 'fixed' | null
  readonly evidence: Evidence | null
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly complete: boolean
  /** Present if states were kept as fingerprints: the search was not exact, and `complete` is false. */
  readonly fingerprints?: Fingerprints
  /** Distinct states, the initial ones included. */
  readonly states: number
  /** Fired guarded steps. */
  readonly transitions: number
  /** The longest shortest path, in steps. */
  readonly depth: number
  readonly verdicts: readonly {
    readonly property: string
    readonly kind: Kind
    /** What was found. */
    readonly verdict: Judgement
    /** What is claimed. */
    readonly claimed: Judgement
    /** Why it says nothing, if it is `trivial`. */
    readonly why?: string
    readonly traceLength: number | null
  }[]
  /** Steps, alternatives and actions that were never taken. */
  readonly unfired: readonly string[]
  /** Whose code depends on too much to be tried whole before the search: of the names in it, those that were met were looked up. */
  readonly untried?: readonly string[]
  /** Runs that must be possible or impossible, and whether there is one; null if a limit was hit before. */
  readonly scenarios?: readonly Pick<Played, 'name' | 'is' | 'found' | 'steps'>[]
  /** What an independent verifier confirmed, if it was asked to. */
  readonly certificate?: Certificate
  /** What became of a reduction, where one was possible or asked for. */
  readonly reduction?: Reduction
}

/** The report of some claims, in the order given; `asked`: how many there should be, if it was interrupted before it came to all. */
export function reportOf(claims: readonly Settled[], asked = claims.length): Report {
  return {
    schema: 'thawproof/report@1',
    instances: claims.map((claim) => ({
      protocol: claim.protocol,
      instance: claim.instance.id,
      corpus: claim.instance.corpus,
      form: claim.instance.form,
      evidence: claim.instance.evidence,
      parameters: claim.parameters,
      patches: claim.patches,
      complete: claim.complete,
      ...(claim.fingerprints && { fingerprints: claim.fingerprints }),
      states: claim.states,
      transitions: claim.transitions,
      depth: claim.depth,
      verdicts: claim.verdicts.map(({ property, kind, verdict, why, traceLength }) => ({
        property,
        kind,
        verdict,
        claimed: expectedVerdict(claim.instance, property),
        ...(verdict === 'trivial' && why !== undefined && { why }),
        traceLength,
      })),
      unfired: claim.unfired,
      ...(claim.untried && { untried: claim.untried }),
      ...(claim.scenarios && {
        scenarios: claim.scenarios.map(({ name, is, found, steps }) => ({ name, is, found, steps })),
      }),
      ...(claim.certificate && { certificate: claim.certificate }),
      ...(claim.reduction && { reduction: claim.reduction }),
    })),
    met: claims.length === asked && claims.every(({ differences }) => differences.length === 0),
  }
}
