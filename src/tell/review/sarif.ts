/** A review as SARIF 2.1.0: what breaks and what differs, at the line of the patch that it rests on. */

import type { ProtocolReview, Review } from './review.js'
import { alongText, answerOf, changeText } from './wording.js'

/** One result, before it is written. */
interface Result {
  readonly rule: string
  readonly level: 'error' | 'warning' | 'note'
  readonly text: string
  readonly place: string | null
}

/** Writes the log: rules for what breaks, what differs, what was derived and what is not modelled. */
export function reviewSarif(review: Review): object {
  const rules = Object.entries(ruleTexts)
  const unread = review.unread.map((text): Result => ({ rule: 'not-compared', level: 'warning', text, place: null }))
  const told = review.protocols.flatMap((protocol) =>
    resultsOf(protocol, review.patches.length, firstPlace(review, protocol)),
  )
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'thawproof', rules: rules.map(([id, text]) => ({ id, shortDescription: { text } })) },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SOURCES: { description: { text: 'The source tree with the patches applied.' } } },
        results: [...unread, ...told].map(({ rule, level, text, place }) => ({
          ruleId: rule,
          ruleIndex: rules.findIndex(([id]) => id === rule),
          level,
          message: { text },
          locations: place === null ? [] : [locationOf(place)],
          partialFingerprints: { 'review/v1': `${rule}/${text}` },
        })),
      },
    ],
  }
}

const ruleTexts = {
  breaks: 'A patch breaks a requirement that was kept.',
  along: 'A patch of a series breaks a requirement, and a later one mends it: a bisection may stop there.',
  differs: 'Source and model part in a way that nobody declared.',
  variant: 'The source goes with another variant of the model than before.',
  unmodelled: 'A patch changes what no step of the model stands for.',
  'not-compared': 'Source and model could not be compared.',
} as const satisfies Readonly<Record<string, string>>

/** Where the patch first touches what the protocol reads. */
function firstPlace({ patches }: Review, { reads }: ProtocolReview): string | null {
  const touched = patches.flatMap(({ functions }) => functions)
  const first = touched.find(({ file, name }) => reads.includes(`${file}:${name}`))
  return first ? `${first.file}:${first.line}` : null
}

function resultsOf(protocol: ProtocolReview, patches: number, place: string | null): Result[] {
  const { answer, claims, differences, unmodelled, limits, along, protocol: name } = protocol
  const breaks = (claims?.changes ?? []).filter(({ change }) => change === 'breaks')
  const said = `${name}: ${answerOf(protocol)}`
  return [
    ...breaks.map((one): Result => ({
      rule: 'breaks',
      level: 'error',
      text: `${name}/${one.property}: ${changeText(one, claims!.searched)}. Required: ${one.says}`,
      place,
    })),
    ...along
      .filter((one) => one.breaks.length > 0)
      .map((one): Result => ({ rule: 'along', level: 'error', text: `${name}, ${alongText(one, patches)}`, place })),
    ...differences.map(({ thread, says, place: own }): Result => ({
      rule: 'differs',
      level: 'error',
      text: `${name}, ${thread}: ${says}`,
      place: own ?? place,
    })),
    ...(answer === 'variant' || answer === 'derived'
      ? [{ rule: 'variant', level: 'note', text: said, place } satisfies Result]
      : []),
    ...(answer === 'not compared'
      ? [
          {
            rule: 'not-compared',
            level: 'warning',
            text: `${said} ${limits.slice(1).join(' ')}`.trim(),
            place,
          } satisfies Result,
        ]
      : []),
    ...unmodelled.map(({ place: own, says }): Result => ({
      rule: 'unmodelled',
      level: 'warning',
      text: `${name}: ${says}`,
      place: own,
    })),
  ]
}

function locationOf(place: string): object {
  const [, file = place, line = '1'] = /^(.*):(\d+)$/.exec(place) ?? []
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SOURCES' },
      region: { startLine: Number(line) },
    },
  }
}
