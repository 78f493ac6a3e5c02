/** The shortest trace of each bug that a spec shows: found anew, by the least search that shows it. */

import { check, propertiesFor } from '../../search/check.js'
import { fates } from '../../search/fate.js'
import { toldRun } from '../../search/gather.js'
import type { Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { systemOf, type Protocol } from '../protocol.js'
import type { Instance } from '../spec.js'
import { traceOf, type Trace } from '../trace.js'

/** The instances of a spec that stand for a bug. */
export const bugsOf = ({ spec }: Protocol): readonly Instance[] => spec.instances.filter(({ form }) => form === 'buggy')

/** The properties that an instance is claimed to violate. */
export const violatedIn = ({ expect }: Instance): readonly string[] =>
  Object.entries(expect)
    .filter(([, expected]) => (typeof expected === 'string' ? expected : expected.verdict) === 'violated')
    .map(([name]) => name)

/** Kinds whose search may stop at the first violation. */
const safe: readonly (Property['kind'] | undefined)[] = ['always', 'step', 'observer']

/**
 * The property whose trace is shown for a bug: the one with the shortest recorded trace, of states and steps if there is
 * such a one; null if what is violated has no trace.
 */
export function telling(instance: Instance, properties: readonly Property[]): string | null {
  const kindOf = (name: string): Property['kind'] | undefined => properties.find((one) => one.name === name)?.kind
  const traces = Object.entries(instance.measured?.traces ?? {})
  const safely = traces.filter(([name]) => safe.includes(kindOf(name)) && name !== 'in-domain')
  const least = (safely.length > 0 ? safely : traces).reduce<readonly [string, number] | undefined>(
    (a, b) => (a && a[1] <= b[1] ? a : b),
    undefined,
  )
  return least?.[0] ?? null
}

/** Recorded states up to which a page also tells when a violation became inevitable: that takes the whole graph. */
const mostStates = 20_000

/** The trace that is shown for a bug; null if what is violated has none. */
export async function traceOfBug(protocol: Protocol, instance: Instance): Promise<Trace | null> {
  const system = systemOf(protocol, instance)
  const properties = propertiesFor(system, protocol.properties)
  const name = telling(instance, properties)
  if (name === null) return null
  const property = properties.find((one) => one.name === name)
  return (await found(system, instance, property, name, true)) ?? found(system, instance, property, name, false)
}

async function found(
  system: System,
  instance: Instance,
  property: Property | undefined,
  name: string,
  stopAtFirst: boolean,
): Promise<Trace | null> {
  const { verdicts } = await check(system, property ? [property] : [], { stopAtFirst })
  const verdict = verdicts.find((one) => one.property === name)!
  const run = toldRun(verdict)
  if (!run) return null
  const isSmall = (instance.measured?.states ?? 0) <= mostStates
  const [doomed] = isSmall ? await fates(system, [{ run, property }], { maxStates: mostStates }) : [null]
  return traceOf({ instance: instance.id, verdict, run, property, doomed: doomed! })
}
