/** Where what a claim is about was declared: the properties of an instance, and code that is at fault. */

import { builtIn, propertiesFor } from '../search/check.js'
import type { Fault } from '../search/reference.js'
import type { Place } from '../write/mistake.js'
import { siteOf } from '../write/site.js'
import type { System } from '../write/system.js'
import { placeAt } from './json.js'
import { placeOf, thrownAt } from './place.js'
import { systemOf, type Protocol } from './protocol.js'
import type { Instance } from './spec.js'

/** Tells where a property or a scenario of an instance was declared; the properties that every model has, with the model. */
export type Declared = (name: string) => Place | undefined

/** The places of the properties and scenarios of an instance. */
export function declaredBy(protocol: Protocol, instance: Instance): Declared {
  const list = propertiesFor(systemOf(protocol, instance), protocol.properties)
  const { spec, specFile } = protocol
  return (name) => {
    const scenario = spec.scenarios?.findIndex((one) => one.name === name) ?? -1
    if (scenario >= 0) return specFile === undefined ? undefined : placeAt(specFile, ['scenarios', scenario])
    return placeOf(
      siteOf(Object.hasOwn(builtIn, name) ? protocol.model : list.find((property) => property.name === name)),
    )
  }
}

/** Where the code at fault was declared; and where it throws, if it does. */
export function placesOfFault(protocol: Protocol, system: System, { place, cause }: Fault): readonly Place[] {
  const transition = system.transitions.find(({ name }) => name === place)
  const property = propertiesFor(system, protocol.properties).find(({ name }) => name === place)
  const declared = transition
    ? placeOf(transition.site, transition.step.split('/').slice(1))
    : placeOf(siteOf(property))
  return [declared, thrownAt(cause)].filter((found) => found !== undefined)
}
