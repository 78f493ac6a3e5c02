/** The sentences of a review: one for each answer, the same in every format. */

import { sideText } from '../compare/comparison.js'
import { counted } from '../text.js'
import { commandLine } from '../trace.js'
import type { Along, ClaimChange, ClaimsReview, ProtocolReview, Review, ReviewedPatch } from './review.js'

/** `2 patches, 3 functions; 2 protocols read them` */
export function sizeOf({ patches, protocols }: Review): string {
  const functions = patches.reduce((n, { functions: all }) => n + all.length, 0)
  const readers =
    protocols.length === 0
      ? 'no protocol reads any of them'
      : `${counted(protocols.length, 'protocol')} read${protocols.length === 1 ? 's' : ''} some of them`
  return `${counted(patches.length, 'patch', 'patches')}, ${counted(functions, 'function')}; ${functions === 0 ? 'nothing to compare' : readers}`
}

/** What becomes of a protocol, in a sentence without its name. */
export function answerOf({
  answer,
  before,
  after,
  differences,
  known,
  limits,
}: Pick<ProtocolReview, 'answer' | 'before' | 'after' | 'differences' | 'known' | 'limits'>): string {
  const still =
    known === 0 ? '' : `, but for ${counted(known, 'difference')} that ${known === 1 ? 'was' : 'were'} there before`
  switch (answer) {
    case 'conforms':
      return `the source goes with ${variantText(before)}, as before${still}`
    case 'closer':
      return `the source goes with ${variantText(after)}, and differs less than before${still}`
    case 'variant':
      return `the source goes with ${variantText(after)} now, with ${variantText(before)} before${still}`
    case 'derived':
      if (after !== null)
        return `the source goes with ${variantText(after)} now, and went with no variant that is known; what it was is derived from the patch, looking back${still}`
      return `no variant that is known goes with the source now; one was derived from the patch${still}`
    case 'differs':
      return `the source parts from ${variantText(before)} in ${counted(differences.length, 'new way')}${still}`
    case 'not compared':
      return `not compared: ${limits[0] ?? 'nothing to compare'}`
  }
}

/** What a protocol comes to in the middle of a series: `after 1/3: …; breaks a, b`. */
export function alongText(along: Along, of: number): string {
  const { patch, edits, breaks, cut } = along
  return [
    `after ${patch}/${of}: ${answerOf(along)}${edits.length > 0 ? ` (${edits.join('; ')})` : ''}`,
    ...(breaks.length > 0 ? [`breaks ${breaks.join(', ')}`] : []),
    ...(cut === null ? [] : [cut]),
  ].join('; ')
}

/** A variant as people call it. */
export const variantText = (variant: string | null): string =>
  variant === null ? 'no variant' : variant === 'base' ? 'the base' : `the variant ${variant}`

/** What the claims come to, in a few words; empty where nothing was searched. */
export function claimsText(claims: ClaimsReview | null): string {
  if (claims === null) return ''
  const number = (change: ClaimChange['change']): string =>
    String(claims.changes.filter((one) => one.change === change).length || 'none')
  const left = claims.left === 0 ? '' : `; ${counted(claims.left, 'larger set')} of parameters left out`
  return `fixes ${number('fixes')}, breaks ${number('breaks')}, leaves ${number('leaves open')} open, keeps ${claims.keeps} (${counted(claims.searched, 'set')} of parameters searched${left})`
}

/** `violated in 8 → holds, with fail=any (3 of 4)` */
export const changeText = ({ was, is, under, times }: ClaimChange, searched: number): string =>
  `${sideText(was)} → ${sideText(is)}${under === '' ? '' : `, with ${under}`}${searched > 1 ? ` (${times} of ${searched})` : ''}`

/** How to see the run again; null for a variant that exists nowhere but in the review. */
export function replayOf({ trace, under, property }: ClaimChange, { address, answer }: ProtocolReview): string | null {
  if (trace === null || answer === 'derived') return null
  const choices = [
    ...under.split(' ').flatMap((choice) => (choice === '' ? [] : ['-p', choice])),
    ...trace.patches.flatMap((patch) => ['--patch', patch]),
  ]
  return commandLine(['trace', address, property, ...choices])
}

/** The changes of one kind, those with the shortest runs first. */
export const changesOf = ({ changes }: ClaimsReview, change: ClaimChange['change']): readonly ClaimChange[] =>
  changes.filter((one) => one.change === change).sort((a, b) => lengthOf(a) - lengthOf(b))

const lengthOf = ({ trace }: ClaimChange): number => trace?.steps.length ?? Infinity

/** What stands before the changes that no step stands for. */
export const unmodelledText = ({ rests, claims }: ProtocolReview): string =>
  `not modelled${rests.claims === 0 ? '' : `, and ${counted(rests.claims, 'claim')} rest${rests.claims === 1 ? 's' : ''} on this code`}${claims === null ? '' : '; what is said above is said without it'}:`

/** What of a patch is no text, or changes no function: `logo.png (binary)`. */
export const oddFiles = ({ files }: ReviewedPatch): readonly string[] =>
  files.filter(({ what }) => what !== 'changed').map(({ path, what }) => `${path} (${what})`)
