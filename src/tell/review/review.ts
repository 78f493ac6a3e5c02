/** What a patch mail does to the protocols that read the functions it touches, as plain data: what every format is made of. */

import type { Change, Side } from '../compare/comparison.js'
import type { Trace } from '../trace.js'

/** All that is told of a series; its JSON Schema is shipped as `thawproof/review.schema.json`. */
export interface Review {
  readonly schema: 'thawproof/review@1'
  /** The cover letter's subject, or that of the only patch. */
  readonly title: string
  /** What a reply answers: the subject as it stands, and the Message-ID; null if it came as a diff. */
  readonly answers: { readonly heading: string; readonly from: string; readonly id: string | null } | null
  readonly version: number
  /** What it was held against: a folder or a commit, as it was named. */
  readonly tree: string
  readonly patches: readonly ReviewedPatch[]
  /** Messages that were passed over. */
  readonly passed: readonly { readonly place: string; readonly subject: string; readonly why: string }[]
  /** What is odd about the mail itself, in sentences. */
  readonly notes: readonly string[]
  /** What of the touched files could not be compared, in sentences: parts that cannot be read, files that go elsewhere. */
  readonly unread: readonly string[]
  readonly protocols: readonly ProtocolReview[]
}

/** One patch of the series. */
export interface ReviewedPatch {
  readonly subject: string
  readonly id: string | null
  readonly files: readonly { readonly path: string; readonly what: string }[]
  readonly functions: readonly ReviewedFunction[]
}

/** A function that a patch touches. */
export interface ReviewedFunction {
  readonly file: string
  readonly name: string
  readonly what: 'changed' | 'added' | 'removed' | 'comments or layout only'
  /** The first line that the patch puts into it, as numbered after the patch; else the first that it takes away. */
  readonly line: number
  /** How many protocols read it. */
  readonly read: number
}

/**
 * What becomes of a protocol. `conforms`: it went with the source before and does now. `variant`: the source goes with a
 * variant that it knows. `derived`: with one that was derived from the patch. `differs`: in a way that no edit was found
 * for. `closer`: less differs than before. `not compared`: why is said.
 */
export type Answer = 'conforms' | 'variant' | 'derived' | 'differs' | 'closer' | 'not compared'

/** One protocol that reads touched functions. */
export interface ProtocolReview {
  readonly protocol: string
  /** What to type to mean it. */
  readonly address: string
  /** Its threads that read them, by their names. */
  readonly threads: readonly string[]
  /** `file:function`, as far as touched. */
  readonly reads: readonly string[]
  /** Numbers, from 1, of the patches that touch them. */
  readonly patches: readonly number[]
  readonly answer: Answer
  /** What the source goes with before and after; `base`, or patches joined by `+`. Null if with nothing. */
  readonly before: string | null
  readonly after: string | null
  /** Other variants that go the same ways: calls alone do not tell them apart. */
  readonly alike: readonly string[]
  readonly derived: DerivedPatch | null
  /** Where source and model part since the patch. */
  readonly differences: readonly Difference[]
  /** Differences that were there before, and still are. */
  readonly known: number
  /** What the patch changes of these functions that the model has no counterpart for. */
  readonly unmodelled: readonly Unmodelled[]
  /** How many claims of the protocol are about the variant before: they rest on what is not modelled. */
  readonly rests: { readonly claims: number }
  /** What could not be compared, in sentences. */
  readonly limits: readonly string[]
  readonly claims: ClaimsReview | null
  /** Where several patches of a series touch it: what it comes to after each but the last of them, from before the series. */
  readonly along: readonly Along[]
}

/** What becomes of a protocol in the middle of a series, where a bisection may stop. */
export interface Along extends Pick<
  ProtocolReview,
  'answer' | 'before' | 'after' | 'differences' | 'known' | 'limits'
> {
  /** The number of the patch, from 1. */
  readonly patch: number
  /** The edits that were derived. */
  readonly edits: readonly string[]
  /** Properties that hold before the series and not here. */
  readonly breaks: readonly string[]
  /** Why claims were not, or not all, searched. */
  readonly cut: string | null
}

/** A patch of the model that was derived. */
export interface DerivedPatch {
  readonly edits: readonly string[]
  readonly assumes: readonly string[]
  /** The changed lines that it rests on, by function: `virtblk_freeze -1598 +1598`. */
  readonly from: readonly string[]
}

/** A way that one side goes and the other cannot follow. */
export interface Difference {
  readonly thread: string
  readonly says: string
  /** `file:line` of where the source parts; null if that is told by the path alone. */
  readonly place: string | null
}

/** A change that no step stands for. */
export interface Unmodelled {
  readonly place: string
  readonly says: string
}

/** What becomes of the claims. */
export interface ClaimsReview {
  /** How many sets of parameters were searched under both variants, and how many were left out for their size. */
  readonly searched: number
  readonly left: number
  readonly changes: readonly ClaimChange[]
  readonly keeps: number
  /** Which limit ended a search, if one did. */
  readonly cut: string | null
}

/** What becomes of one property. */
export interface ClaimChange {
  readonly property: string
  readonly says: string
  readonly change: Exclude<Change, 'makes vacuous' | 'keeps' | 'asks of one'>
  readonly was: Side
  readonly is: Side
  /** Under which parameters it is so, the first that were searched: `fail=any rounds=2`. */
  readonly under: string
  /** How many of the searched sets of parameters show it. */
  readonly times: number
  /** The run that it is about. */
  readonly trace: Trace | null
}

/** What a review comes to. */
export type Finding = 'nothing' | 'something' | 'cut'

/** Whether something breaks, be it only within the series, or differs and nobody said so; else whether a search was cut. */
export function findingOf({ protocols, unread }: Pick<Review, 'protocols' | 'unread'>): Finding {
  const wrong = protocols.some(
    ({ answer, claims, along }) =>
      answer === 'differs' ||
      claims?.changes.some(({ change }) => change === 'breaks') ||
      along.some(({ breaks }) => breaks.length > 0),
  )
  if (wrong) return 'something'
  return unread.length > 0 || protocols.some(({ claims }) => claims !== null && claims.cut !== null) ? 'cut' : 'nothing'
}

/** What a report of this kind can say, and what not. */
export const limit =
  'Order and branches of calls are compared, never conditions, effects or data: whether a variant does what the code does is for the reader.'
