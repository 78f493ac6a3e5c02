/** Violations that were not claimed, and scenarios that are not as they must be, as SARIF 2.1.0: what code hosts show beside the sources. */

import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Place } from '../../write/mistake.js'
import type { Origin } from '../../write/model.js'
import type { Declared } from '../declared.js'
import { claimedIn, type Claimed, type Settled } from '../claim-result.js'
import { shown } from '../text.js'
import type { Trace, TraceStep } from '../trace.js'

/** A location: the source file of a step where it has one, and the step's own name. */
interface Location {
  readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId: 'SOURCES' } }
  readonly logicalLocations: readonly { readonly fullyQualifiedName: string; readonly kind: 'function' | 'member' }[]
  readonly message?: { readonly text: string }
}

/** Writes the log: a rule per property and scenario, a result per claim that is not met, its run as a code flow. */
export function sarifOf(claims: readonly Settled[], declared?: (claim: Settled) => Declared): object {
  const rules = new Map<string, { readonly id: string; readonly text: string }>()
  for (const claim of claims)
    for (const { name, says } of claimedIn(claim)) {
      const id = ruleOf(claim.protocol, name)
      rules.set(id, { id, text: says })
    }
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
          claimedIn(claim).flatMap((one) =>
            resultsOf(claim, one, ids.indexOf(ruleOf(claim.protocol, one.name)), declared),
          ),
        ),
      },
    ],
  }
}

const ruleOf = (protocol: string, name: string): string => `${protocol}/${name}`

function resultsOf(
  claim: Settled,
  { name, kind, says, wrong, isOpen, isFound, why, replay }: Claimed,
  ruleIndex: number,
  declared: ((claim: Settled) => Declared) | undefined,
): object[] {
  const { protocol, instance, traces = [] } = claim
  if (wrong === undefined) return []
  const trace = traces.find((one) => one.property === name)
  const last = trace?.steps.at(-1)
  const step: Location = last
    ? locationOf(last)
    : { logicalLocations: [{ fullyQualifiedName: `${protocol}/${instance.id}`, kind: 'member' }] }
  const place = declared?.(claim)(name)
  const word = kind === 'property' ? 'Required' : 'Scenario'
  const again = trace ? ` Replay: ${replay}` : ''
  return [
    {
      ruleId: ruleOf(protocol, name),
      ruleIndex,
      level: isFound || (kind === 'scenario' && !isOpen) ? 'error' : 'warning',
      message: { text: `${protocol}/${instance.id}: ${wrong}. ${word}: ${says}${why ? ` ${why}.` : ''}${again}` },
      // What is claimed is in the author's repository; what the last step abstracts is not.
      locations: [place ? { ...locationIn(place), logicalLocations: step.logicalLocations } : step],
      ...(place && { relatedLocations: [step] }),
      partialFingerprints: { 'claim/v1': `${protocol}/${instance.id}/${name}` },
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
