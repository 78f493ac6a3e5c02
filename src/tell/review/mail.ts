/** A review as a mail in reply to the patch: plain ASCII at 72 columns, for readers who do not know this program. */

import { ascii, stepLines } from '../formats/mail.js'
import { wrapped } from '../text.js'
import { limit, type ClaimChange, type ProtocolReview, type Review } from './review.js'
import { alongText, answerOf, changesOf, changeText, claimsText, replayOf, unmodelledText } from './wording.js'

const columns = 72

/** How many runs of what breaks are told step by step. */
const toldRuns = 3

const said = (text: string, indent = ''): string[] => wrapped(indent + ascii(text), columns, indent)

const entry = (text: string, indent = '  '): string[] => wrapped(ascii(`${indent}- ${text}`), columns, `${indent}  `)

/** Writes the mail: headers that put it into the thread, an empty line, and the text. */
export function reviewMail(review: Review): string {
  const { answers, title, protocols } = review
  const heading = answers === null ? title : answers.heading
  const head = [
    ...wrapped(ascii(`Subject: ${/^re:/i.test(heading) ? '' : 'Re: '}${heading}`), columns, ' '),
    ...(answers?.from ? [`To: ${ascii(answers.from)}`] : []),
    ...(answers?.id ? [`In-Reply-To: <${ascii(answers.id)}>`] : []),
  ]
  const parts = [
    said(
      `Held against models of the protocols that read the touched functions, in ${review.tree}, with an exhaustive check of what changes:`,
    ),
    ...review.notes.map((note) => said(note)),
    ...review.unread.map((one) => said(`Not compared: ${one}.`)),
    ...(protocols.length === 0 ? [said('No protocol reads any of the functions that this touches.')] : []),
    ...protocols.flatMap((protocol) => protocolParts(protocol, review.patches.length)),
    said(limit),
  ]
  return `${[head, ...parts]
    .filter((part) => part.length > 0)
    .map((part) => part.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`
}

function protocolParts(protocol: ProtocolReview, patches: number): string[][] {
  const { derived, differences, unmodelled, claims, limits, alike, along } = protocol
  const changes = claims === null ? [] : kinds.flatMap((change) => changesOf(claims, change))
  const breaks = changes.filter(({ change }) => change === 'breaks')
  return [
    [
      ...said(`${protocol.protocol}: ${answerOf(protocol)}.`),
      ...(alike.length === 0 ? [] : said(`By its calls it could as well be ${alike.join(', ')}.`)),
      ...said(`It reads ${protocol.reads.join(', ')}.`),
    ],
    ...(along.length === 0
      ? []
      : [['In the middle of the series:', ...along.flatMap((one) => entry(alongText(one, patches)))]]),
    ...(derived === null
      ? []
      : [
          [
            ...said(`What was derived, from ${derived.from.join(', ')}:`),
            ...derived.edits.flatMap((one) => entry(one)),
            ...derived.assumes.flatMap((one) => entry(`taken for granted: ${one}`)),
          ],
        ]),
    ...(differences.length === 0
      ? []
      : [
          [
            'Ways that the model does not know:',
            ...differences.flatMap(({ thread, says }) => entry(`${thread}: ${says}`)),
          ],
        ]),
    ...(claims === null
      ? []
      : [
          [
            ...said(`This ${claimsText(claims)}.`),
            ...changes.flatMap((one) =>
              entry(`${one.change} ${one.property}: ${one.says} (${changeText(one, claims.searched)})`),
            ),
          ],
        ]),
    ...breaks.slice(0, toldRuns).flatMap((one) => runParts(one, protocol)),
    ...(unmodelled.length === 0
      ? []
      : [
          [
            ...said(capital(unmodelledText(protocol))),
            ...unmodelled.flatMap(({ place, says }) => entry(`${place}: ${says}`)),
          ],
        ]),
    ...(limits.length === 0 || protocol.answer === 'not compared' ? [] : [limits.flatMap((one) => said(one))]),
  ]
}

const kinds = ['breaks', 'fixes', 'leaves open'] as const

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

/** A run that breaks something, step by step. */
function runParts(change: ClaimChange, protocol: ProtocolReview): string[][] {
  const { trace } = change
  if (trace === null) return []
  const replay = replayOf(change, protocol)
  return [
    [
      ...said(`A shortest run that breaks ${change.property}, step by step:`),
      '',
      ...trace.steps.flatMap((step, i) => [
        ...(trace.loop === i ? ['', 'From here on it goes round for ever:', ''] : []),
        ...stepLines(step, i + 1),
      ]),
    ],
    ...(replay === null ? [] : [['To replay it:', `  npx ${replay}`]]),
  ]
}
