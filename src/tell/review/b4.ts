/** A review as b4 wants it: for `b4 review` one JSON object, for `b4 am` and `b4 prep` lines like those of checkpatch. */

import { ascii } from '../formats/mail.js'
import { findingOf, type ProtocolReview, type Review } from './review.js'
import { alongText, answerOf, changeText, claimsText } from './wording.js'

/** What `b4.review-perpatch-check-cmd` and `b4.review-series-check-cmd` read. */
export interface B4Check {
  readonly tool: 'thawproof'
  readonly status: 'pass' | 'warn' | 'fail'
  readonly summary: string
  readonly url: string
  readonly details: string
}

/** The check, or null where there is nothing to say: no protocol reads what the patch touches. */
export function b4Check(review: Review, url: string): B4Check | null {
  if (review.protocols.length === 0 && review.unread.length === 0) return null
  const told = review.protocols.map((protocol) => {
    const broken = protocol.along.filter(({ breaks }) => breaks.length > 0).map(({ patch }) => patch)
    const within = broken.length === 0 ? '' : `, and broken after patch ${broken.join(', ')} of the series`
    return `${protocol.protocol}: ${answerOf(protocol)}${within}`
  })
  return {
    tool: 'thawproof',
    status: statusOf(review),
    // b4 remembers what was said of a mail: the tree belongs to it.
    summary: `${[...told, ...review.unread].join('; ')} (in ${review.tree})`,
    url,
    details: [
      ...review.unread.map((one) => `not compared: ${one}`),
      ...review.protocols.flatMap((one) => detailsOf(one, review.patches.length)),
    ].join('\n'),
  }
}

function statusOf(review: Review): B4Check['status'] {
  if (findingOf(review) === 'something') return 'fail'
  const doubtful = review.protocols.some(
    ({ answer, unmodelled, claims }) =>
      ['derived', 'not compared'].includes(answer) || unmodelled.length > 0 || claims?.cut != null,
  )
  return doubtful || review.unread.length > 0 ? 'warn' : 'pass'
}

function detailsOf(protocol: ProtocolReview, patches: number): string[] {
  const { claims, differences, derived, unmodelled, limits, along } = protocol
  return [
    `${protocol.protocol}: ${answerOf(protocol)}`,
    ...(derived?.edits ?? []).map((edit) => `  derived: ${edit}`),
    ...(derived?.assumes ?? []).map((one) => `  taken for granted: ${one}`),
    ...differences.map(
      ({ thread, says, place }) => `  severity: medium; ${thread}: ${says}${place ? `; locations: ${place}` : ''}`,
    ),
    ...(claims === null ? [] : [`  ${claimsText(claims)}`]),
    ...(claims?.changes ?? []).map(
      (one) =>
        `  ${one.change === 'breaks' ? 'severity: high; problem' : one.change}: ${one.property}: ${one.says} ${changeText(one, claims!.searched)}; preexisting: ${one.was.verdict === 'violated' ? 'yes' : 'no'}`,
    ),
    ...along.map((one) => `  ${one.breaks.length > 0 ? 'severity: medium; ' : ''}${alongText(one, patches)}`),
    ...unmodelled.map(({ place, says }) => `  not modelled: ${place}: ${says}`),
    ...limits.map((one) => `  ${one}`),
  ]
}

/** Lines of `-:LINE: KIND: sentence`; none where there is nothing to say. A line of `ERROR` fails a check, any other warns. */
export function terseLines(review: Review): string[] {
  const line = (kind: 'ERROR' | 'WARNING', protocol: ProtocolReview, says: string): string =>
    ascii(`-:1: ${kind}: thawproof: ${protocol.protocol}: ${says}`.replace(/\n/g, ' '))
  const unread = review.unread.map((one) => ascii(`-:1: WARNING: thawproof: not compared: ${one}`))
  const told = review.protocols.flatMap((protocol) => {
    const { answer, claims, unmodelled, along } = protocol
    const breaks = (claims?.changes ?? []).filter(({ change }) => change === 'breaks')
    const says = claims === null ? answerOf(protocol) : `${answerOf(protocol)}: ${claimsText(claims)}`
    return [
      ...breaks.map((one) => line('ERROR', protocol, `breaks ${one.property}, ${changeText(one, claims!.searched)}`)),
      ...along
        .filter((one) => one.breaks.length > 0)
        .map((one) => line('ERROR', protocol, alongText(one, review.patches.length))),
      ...(answer === 'differs' ? [line('ERROR', protocol, says)] : []),
      ...(['variant', 'derived', 'not compared'].includes(answer) ? [line('WARNING', protocol, says)] : []),
      ...unmodelled.map(({ place, says: what }) => line('WARNING', protocol, `not modelled: ${place}: ${what}`)),
    ]
  })
  return [...unread, ...told]
}
