/** Properties as searches for runs: for the runs that break one, and for those that show that it speaks of something. */

import { bool, record } from '../../write/domain.js'
import type { Property, Step } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { cancelled } from '../../search/compose/cancel.js'
import { compose, observed } from '../../search/compose/observer.js'
import type { Course } from './aim.js'

const everywhere = (): boolean => true

/**
 * The search for runs that break a property; undefined for no-deadlock. Undefined is returned for kinds that no finite run breaks, or whose
 * runs are held against something else: there the judge's own run is all there is.
 */
export function breaking(system: System, property: Property | undefined): Course | undefined {
  if (property === undefined) return { system, arrived: everywhere, dead: true }
  switch (property.kind) {
    case 'always': {
      const { when, holds } = property
      return { system, arrived: (state, at) => (!when || when(state, at)) && !holds(state, at) }
    }
    case 'step': {
      const { on, when, holds } = property
      return taking(system, on, (a, b, step) => (!when || when(a, b, step)) && !holds(a, b, step))
    }
    case 'possible':
      return { system, arrived: everywhere, trap: { goal: property.holds, when: property.when } }
    case 'observer': {
      const { system: composed, wrong } = observed(system, property)
      return { system: composed, arrived: wrong }
    }
    case 'cancel': {
      const made = cancelled(system, property.plan, `property ${property.name}`)
      const owed = made.owed(property)
      return owed.kind === 'leadsTo' ? undefined : breaking(made.system, owed)
    }
    default:
      return undefined
  }
}

/** The search for a run on which a step was taken of which that is so. */
function taking(system: System, on: Step['on'], isSo: Step['holds']): Course {
  const { system: composed, field } = compose(system, {
    state: record({ taken: bool() }),
    initial: { taken: false },
    ...(on !== undefined && { on }),
    next: (own, before, after, step) => {
      if (isSo(before, after, step)) (own as Noted).taken = true
    },
  })
  return { system: composed, arrived: (state) => (state as Record<string, Noted>)[field]!.taken }
}

interface Noted {
  taken: boolean
}

/** A search and what its run shows of a property; or why no run shows anything of it. */
export type Witnessing = (Course & { readonly shows: string }) | { readonly nothing: string }

/** The search for a run that shows what a property speaks of: its goal, its premise, or its promise given and kept. */
export function witnessing(system: System, property: Property | undefined): Witnessing {
  switch (property?.kind) {
    case 'reachable':
    case 'possible':
    case 'eventually':
    case 'alwaysEventually':
    case 'eventuallyAlways':
      return { system, arrived: property.holds, shows: 'a state in which it is met' }
    case 'always':
      if (!property.when) return { nothing: 'it speaks of every state: any run shows it' }
      return { system, arrived: property.when, shows: 'its premise comes about' }
    case 'step': {
      const { on, when } = property
      if (on === undefined && !when) return { nothing: 'it speaks of every step: any run shows it' }
      return {
        ...taking(system, on, (a, b, step) => !when || when(a, b, step)),
        shows: 'a step that it speaks of is taken',
      }
    }
    case 'leadsTo': {
      const { from, to } = property
      const { system: promising, arrived: isOwed } = taking(system, undefined, (before, _, step) =>
        from(before, step.at),
      )
      return {
        system: promising,
        arrived: (state, at) => isOwed(state, at) && to(state, at),
        shows: 'its premise comes about, and what it leads to',
      }
    }
    default:
      return { nothing: 'of its kind no single run shows more than any other' }
  }
}
