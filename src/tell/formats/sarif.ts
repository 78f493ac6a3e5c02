/** Violations that were not claimed, as SARIF 2.1.0: what code hosts show beside the sources. */

import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Place } from '../../write/mistake.js'
import type { Origin } from '../../write/model.js'
import type { Declared } from '../declared.js'
import { namedIn, wrongIn, type Settled, type SettledVerdict } from '../settled.js'
import { shown } from '../text.js'
import { commandFor, type Trace, type TraceStep } from '../trace.js'

/** A location: the source file of a step where it has one, and the step's own name. */
interface Location {
  readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId: 'SOURCES' } }
  readonly logicalLocations: readonly { readonly fullyQualifiedName: string; readonly kind: 'function' | 'member' }[]
  readonly message?: { readonly text: string }
}

/** Writes the log: a rule per property, a result per claim that is not met, its run as a code flow. */
export function sarifOf(claims: readonly Settled[], declared?: (claim: Settled) => Declared): object {
  const rules = new Map<string, { readonly id: string; readonly text: string }>()
  for (const { protocol, verdicts } of claims)
    for (const { property, says } of verdicts)
      rules.set(ruleOf(protocol, property), { id: ruleOf(protocol, property), text: says })
  const ids = [...rules.keys()]
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'thawproof',
            rules: [...rules.values()].map(({ id, text }) => ({ id, shortDescription: { text } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SOURCES: { description: { text: 'The source tree that the model abstracts.' } } },
        results: claims.flatMap((claim) =>
          claim.verdicts.flatMap((verdict) =>
            resultsOf(claim, verdict, ids.indexOf(ruleOf(claim.protocol, verdict.property)), declared),
          ),
        ),
      },
    ],
  }
}

const ruleOf = (protocol: string, property: string): string => `${protocol}/${property}`

function resultsOf(
  claim: Settled,
  found: SettledVerdict,
  ruleIndex: number,
  declared: ((claim: Settled) => Declared) | undefined,
): object[] {
  const { property, says, verdict, why } = found
  const { protocol, instance, traces = [] } = claim
  const wrong = wrongIn(claim, found)
  if (wrong === undefined) return []
  const trace = traces.find((one) => one.property === property)
  const last = trace?.steps.at(-1)
  const step: Location = last
    ? locationOf(last)
    : { logicalLocations: [{ fullyQualifiedName: `${protocol}/${instance.id}`, kind: 'member' }] }
  const place = declared?.(claim)(property)
  const replay = trace ? ` Replay: ${commandFor(namedIn(claim), property)}` : ''
  return [
    {
      ruleId: ruleOf(protocol, property),
      ruleIndex,
      level: verdict === 'violated' ? 'error' : 'warning',
      message: { text: `${protocol}/${instance.id}: ${wrong}. Required: ${says}${why ? ` ${why}.` : ''}${replay}` },
      // The property is in the author's repository; what the last step abstracts is not.
      locations: [place ? { ...locationIn(place), logicalLocations: step.logicalLocations } : step],
      ...(place && { relatedLocations: [step] }),
      partialFingerprints: { 'claim/v1': `${protocol}/${instance.id}/${property}` },
      ...(trace && { codeFlows: [flowOf(trace)] }),
    },
  ]
}

const flowOf = ({ steps }: Trace): object => ({
  threadFlows: [
    {
      locations: steps.map((step, i) => ({
        executionOrder: i + 1,
        location: { ...locationOf(step), message: { text: textOf(step) } },
      })),
    },
  ],
})

function locationOf({ name, origin }: TraceStep): Location {
  const step = { fullyQualifiedName: name, kind: 'member' } as const
  if (origin.kind === 'env') return { logicalLocations: [step] }
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(origin), uriBaseId: 'SOURCES' } },
    logicalLocations: [step, { fullyQualifiedName: origin.symbol, kind: 'function' }],
  }
}

/** A place in the author's files: a code host resolves it in the repository. */
const locationIn = ({ file, line, column }: Place): object => ({
  physicalLocation: {
    artifactLocation: { uri: isAbsolute(file) ? pathToFileURL(file).href : encoded(file) },
    region: { startLine: line, startColumn: column },
  },
})

const uriOf = ({ file }: Origin & { kind: 'source' }): string => encoded(file)

const encoded = (file: string): string => file.split('/').map(encodeURIComponent).join('/')

const textOf = ({ actor, name, changes }: TraceStep): string => {
  const told = changes.map(({ field, before, after }) => `${field}: ${shown(before)} → ${shown(after)}`).join('; ')
  return `${actor}: ${name}${told === '' ? '' : ` (${told})`}`
}
