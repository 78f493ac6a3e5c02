/** What an explorer's page is about, as plain data: a protocol's variants, where its code is, and runs to begin with. */

import type { Origin } from '../../write/model.js'
import type { System } from '../../write/system.js'
import { shownAt } from '../pages/browser.js'
import { placeOf } from '../place.js'
import type { Protocol } from '../protocol.js'
import { systemOf } from '../protocol.js'
import { recordedRuns } from '../runs.js'
import type { Instance, Spec } from '../spec.js'
import type { Listing } from './listing.js'
import type { Schedule } from './schedule.js'

/** A variant that can be looked at. */
export interface Variant extends Pick<Instance, 'id' | 'says' | 'references' | 'parameters' | 'patches' | 'fairness'> {
  /** Whether it is an instance of the spec. */
  readonly listed: boolean
}

/** A run to begin with. */
export interface KnownRun {
  readonly title: string
  readonly schedule: Schedule
  /** The variant that it is a run of, if not of the one to begin with. */
  readonly variant?: string
}

/** Where a step's code is. */
export interface Whereabouts {
  /** Where the model declares it: `models/x.ts:12`. */
  readonly model: string | null
  /** Addresses of the function and its file. */
  readonly symbol: string | null
  readonly file: string | null
}

/** The data of a page. */
export interface Subject {
  readonly protocol: string
  /** What to type to mean the protocol. */
  readonly address: string
  /** Index of the variant to begin with. */
  readonly chosen: number
  readonly variants: readonly Variant[]
  readonly references: Spec['references']
  readonly answers: NonNullable<Spec['answers']>
  /** By the name of a step without arguments. */
  readonly code: Readonly<Record<string, Whereabouts>>
  /** The functions that steps stand for, where a source tree was named. */
  readonly listing: Listing
  readonly known: readonly KnownRun[]
  /** Whether there is a server that can write the spec. */
  readonly canSave: boolean
}

/** What of the data comes from elsewhere. */
export interface Given {
  readonly canSave: boolean
  readonly listing?: Listing
}

/** The data of a page that begins with one variant. */
export function subjectOf(protocol: Protocol, instance: Instance, { canSave, listing = {} }: Given): Subject {
  const { spec, name, address } = protocol
  const { fairness: own, ...others } = instance
  void own
  const plain: Instance = {
    ...others,
    id: 'base',
    says: 'The model as it is.',
    references: [],
    parameters: {},
    patches: [],
  }
  const listed = spec.instances.some(({ id }) => id === instance.id) ? spec.instances : [instance, ...spec.instances]
  const hasPlain = listed.some(({ parameters, patches }) => patches.length + Object.keys(parameters).length === 0)
  const all = hasPlain ? listed : [...listed, plain]
  const variants = all.map(({ id, says, references, parameters, patches, fairness }) => ({
    id,
    says,
    references,
    parameters,
    patches,
    listed: spec.instances.some((one) => one.id === id),
    ...(fairness && { fairness }),
  }))
  return {
    protocol: name,
    address,
    chosen: variants.findIndex(({ id }) => id === instance.id),
    variants,
    references: spec.references,
    answers: spec.answers ?? [],
    code: codeOf(
      [instance, ...all].map((one) => systemOf(protocol, one)),
      spec,
    ),
    listing,
    known: knownRuns(protocol, instance),
    canSave,
  }
}

/** A run that works comes before one that fails: of another variant where this one has none. */
const knownRuns = (protocol: Protocol, instance: Instance): readonly KnownRun[] => [
  ...workingRuns(protocol, instance),
  ...Object.entries(recordedRuns(protocol)[instance.id] ?? {}).map(([property, { initial = 0, steps }]) => ({
    title: `breaks ${property}`,
    schedule: { initial, names: steps },
  })),
]

function workingRuns({ spec }: Protocol, { id }: Instance): readonly KnownRun[] {
  const works = (spec.scenarios ?? []).filter(({ is, steps }) => is === 'possible' && steps !== undefined)
  const own = works.filter(({ instance }) => instance === id)
  return (own.length > 0 ? own : works.slice(0, 1)).map(({ name, instance, steps, initial = 0 }) => ({
    title: instance === id ? name : `${name}, in ${instance}`,
    schedule: { initial, names: steps! },
    ...(instance !== id && { variant: instance }),
  }))
}

function codeOf(systems: readonly System[], spec: Spec): Subject['code'] {
  const found: Record<string, Whereabouts> = {}
  const links = new Map<string, ReturnType<typeof shownAt>>()
  const linked = (origin: Origin): ReturnType<typeof shownAt> => {
    const key = JSON.stringify(origin)
    if (!links.has(key)) links.set(key, shownAt(origin, spec.sources))
    return links.get(key)!
  }
  for (const { transitions } of systems)
    for (const { step, site, origin } of transitions) {
      if (Object.hasOwn(found, step)) continue
      const place = placeOf(site)
      const shown = linked(origin)
      found[step] = {
        model: place ? `${place.file}:${place.line}` : null,
        symbol: shown?.symbol ?? null,
        file: shown?.file ?? null,
      }
    }
  return found
}
