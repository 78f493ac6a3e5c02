/** A review as lines for the terminal. */

import { counted, padded, paint, wrapped, type Style } from '../text.js'
import { limit, type Answer, type ClaimChange, type ProtocolReview, type Review, type ReviewedPatch } from './review.js'
import {
  alongText,
  answerOf,
  changesOf,
  changeText,
  claimsText,
  oddFiles,
  replayOf,
  sizeOf,
  unmodelledText,
} from './wording.js'

/** Writes a review. */
export const reviewLines = (review: Review, columns: number): string[] => [
  ...wrapped(paint('bold', review.title), columns, '  '),
  ...wrapped(`  held against ${review.tree}: ${sizeOf(review)}`, columns, '  '),
  ...review.notes.flatMap((note) => wrapped(`  ${paint('yellow', note)}`, columns, '  ')),
  ...review.unread.flatMap((one) => wrapped(`  ${paint('yellow', `not compared: ${one}`)}`, columns, '    ')),
  ...review.passed.flatMap(({ place, subject, why }) =>
    wrapped(paint('dim', `  passed over: ${place} ${why} (${subject})`), columns, '    '),
  ),
  ...review.patches.flatMap((patch, i) => patchLines(patch, i + 1, review.patches.length, columns)),
  ...review.protocols.flatMap((protocol) => ['', ...protocolLines(protocol, review.patches.length, columns)]),
  ...(review.protocols.length === 0 ? [] : ['', ...wrapped(paint('dim', limit), columns)]),
]

function patchLines(patch: ReviewedPatch, number: number, of: number, columns: number): string[] {
  const width = Math.max(0, ...patch.functions.map(({ name }) => name.length))
  const rows = patch.functions.map(({ name, file, line, what, read }) => {
    const note = [...(what === 'changed' ? [] : [what]), ...(read > 0 ? [`read by ${counted(read, 'protocol')}`] : [])]
    return `    ${padded(name, width)}  ${file}:${line}${note.length > 0 ? `  ${note.join(', ')}` : ''}`
  })
  return [
    ...(of > 1 ? wrapped(`  ${number}/${of} ${patch.subject}`, columns, '      ') : []),
    ...[...rows, ...oddFiles(patch).map((text) => `    ${text}`)].flatMap((row) => wrapped(row, columns, '      ')),
  ]
}

const styles: Readonly<Record<Answer, Style>> = {
  conforms: 'green',
  closer: 'green',
  variant: 'cyan',
  derived: 'cyan',
  differs: 'red',
  'not compared': 'yellow',
}

function protocolLines(protocol: ProtocolReview, patches: number, columns: number): string[] {
  const { derived, alike, differences, unmodelled, limits, answer, along } = protocol
  const said = (text: string, indent = '  '): string[] => wrapped(indent + text, columns, `${indent}  `)
  return [
    ...wrapped(`${paint(styles[answer], protocol.protocol)}: ${answerOf(protocol)}`, columns, '  '),
    ...said(`${protocol.threads.join(', ')} reads ${protocol.reads.join(', ')}`),
    ...along.flatMap((one) =>
      said(one.breaks.length > 0 ? paint('red', alongText(one, patches)) : alongText(one, patches)),
    ),
    ...(alike.length === 0 ? [] : said(`by its calls it could as well be ${alike.join(', ')}`)),
    ...(derived === null
      ? []
      : [
          ...said(`derived from ${derived.from.join(', ')}:`),
          ...derived.edits.flatMap((edit) => said(edit, '    ')),
          ...derived.assumes.flatMap((one) => said(`taken for granted: ${one}`, '    ')),
        ]),
    ...differences.flatMap(({ thread, says }) => said(`${thread}: ${says}`)),
    ...claimLines(protocol, columns),
    ...(unmodelled.length === 0 ? [] : said(unmodelledText(protocol))),
    ...unmodelled.flatMap(({ place, says }) => said(`${place}: ${says}`, '    ')),
    ...(answer === 'not compared' ? limits.slice(1) : limits).flatMap((one) => said(paint('yellow', one))),
  ]
}

const changeStyles = { fixes: 'green', breaks: 'red', 'leaves open': 'yellow' } as const

/** How many runs of what breaks are shown; all of them are in the JSON. */
const shownRuns = 2

function claimLines(protocol: ProtocolReview, columns: number): string[] {
  const { claims } = protocol
  if (claims === null) return []
  const width = Math.max(0, ...claims.changes.map(({ property }) => property.length))
  const rows = (['breaks', 'fixes'] as const).flatMap((change) => {
    const all = changesOf(claims, change)
    return [
      ...(all.length === 0 ? [] : [`  ${paint(changeStyles[change], change)}`]),
      ...all.flatMap((one, i) => [
        ...wrapped(`    ${padded(one.property, width)}  ${changeText(one, claims.searched)}`, columns, '      '),
        ...runLines(one, protocol, i < shownRuns && change === 'breaks', columns),
      ]),
    ]
  })
  const open = changesOf(claims, 'leaves open').map(({ property }) => property)
  return [
    ...wrapped(`  ${claimsText(claims)}`, columns, '    '),
    ...rows,
    ...(open.length === 0 ? [] : wrapped(`  ${paint('yellow', 'leaves open')} ${open.join(', ')}`, columns, '    ')),
    ...(claims.cut === null ? [] : wrapped(`  ${paint('yellow', claims.cut)}`, columns, '    ')),
  ]
}

/** The run of what breaks, and how to see each again. */
function runLines(change: ClaimChange, protocol: ProtocolReview, whole: boolean, columns: number): string[] {
  const { trace } = change
  if (trace === null) return []
  const replay = replayOf(change, protocol)
  const run = trace.steps.map(({ name }) => name).join(' → ')
  return [
    ...(whole ? wrapped(`      ${run}`, columns, '      ') : []),
    ...(replay === null ? [] : [`      ${paint('dim', replay)}`]),
  ]
}
