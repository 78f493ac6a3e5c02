/** The bugs that a spec shows, and what is shown of each. */

import { propertiesFor } from '../../search/check.js'
import type { Property } from '../../write/property.js'
import { systemOf, type Protocol } from '../protocol.js'
import { violatedIn } from '../runs.js'
import type { Instance } from '../spec.js'

/** The instances of a spec that stand for a bug. */
export const bugsOf = ({ spec }: Protocol): readonly Instance[] => spec.instances.filter(({ form }) => form === 'buggy')

/** Kinds whose runs end with what breaks them. */
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

/** The property that is shown of a bug: of those that its fix mends the one that tells most, or what is violated first. */
export function mainClaim(protocol: Protocol, bug: Instance): string | undefined {
  const left = violatedIn(fixOf(protocol, bug) ?? bug)
  const mended = Object.entries(bug.measured?.traces ?? {}).filter(([property]) => !left.includes(property))
  const shown = mended.length > 0 ? { ...bug, measured: { ...bug.measured!, traces: Object.fromEntries(mended) } } : bug
  return telling(shown, propertiesFor(systemOf(protocol, bug), protocol.properties)) ?? violatedIn(bug)[0]
}

/** The first fixed form of a bug: the one that is named like it, if there is one. */
export function fixOf({ spec }: Protocol, bug: Instance): Instance | undefined {
  const fixed = spec.instances.filter(({ corpus, form }) => corpus === bug.corpus && form === 'fixed')
  return fixed.find(({ id }) => id.startsWith(bug.id)) ?? fixed[0]
}

/** What is shown of each bug, by instance; of a spec that names no bugs, of each instance that violates something. */
export function mainClaims(protocol: Protocol): ReadonlyMap<string, string> {
  const bugs = bugsOf(protocol)
  const shown = bugs.length > 0 ? bugs : protocol.spec.instances
  return new Map(
    shown.flatMap((instance) => {
      const main = mainClaim(protocol, instance)
      return main === undefined ? [] : [[instance.id, main] as const]
    }),
  )
}
