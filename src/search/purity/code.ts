/** Every piece of an author's code that a check calls, with the place it is told by and the arguments that it may only read. */

import type { Property } from '../../write/property.js'
import { siteOf, type Site } from '../../write/site.js'
import type { System } from '../../write/system.js'
import type { Root } from './closures.js'

/** The code of a system and of properties about it, in order of declaration. */
export function codeOf(system: System, properties: readonly Property[]): readonly Root[] {
  const steps = system.transitions.flatMap(({ step, guards, effects, site }) => [
    ...guards.map((code) => reads(`step ${step}`, 'guard', code, site)),
    ...effects.map((code) => ({ place: `step ${step}`, role: 'effect', code, readOnly: [1], site })),
  ])
  const resting = reads('resting', 'condition', system.model.declared.resting, siteOf(system.model))
  return [...steps, resting, ...properties.flatMap(codeIn)].filter(({ code }) => code !== undefined)
}

/** Code that may write on none of its arguments. */
const reads = (place: string, role: string, code: unknown, site: Site | undefined): Root => ({
  place,
  role,
  code,
  readOnly: [0, 1, 2, 3],
  site,
})

function codeIn(property: Property): readonly Root[] {
  const asks = (role: string, code: unknown): Root => reads(`property ${property.name}`, role, code, siteOf(property))
  const writes = (role: string, code: unknown): Root => ({ ...asks(role, code), readOnly: [1, 2, 3] })
  switch (property.kind) {
    case 'always':
    case 'step':
    case 'possible':
      return [asks('when', property.when), asks('predicate', property.holds)]
    case 'leadsTo':
      return [asks('from', property.from), asks('to', property.to)]
    case 'ltl':
      return Object.entries(property.atoms).map(([name, code]) => asks(`atom ${name}`, code))
    case 'observer':
      return [writes('next', property.declared.next), asks('wrong', property.declared.wrong)]
    case 'refinement': {
      const { map, at, remember } = property.claim
      return [asks('map', map), asks('at', at), writes('next', remember?.next)]
    }
    case 'cancel': {
      const { failing, interrupts = {}, idle, running, again, wake } = property.plan
      return [
        ...Object.values(interrupts).flatMap(({ when, then }) => [asks('when', when), writes('then', then)]),
        writes('failing', failing),
        asks('idle', idle),
        asks('running', running),
        asks('again', again),
        asks('pending', wake?.pending),
        asks('handled', wake?.handled),
      ]
    }
    default:
      return [asks('predicate', property.holds)]
  }
}
