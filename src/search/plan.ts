/** What one search watches for several properties. */

import { selects } from '../write/predicate.js'
import type { Cancel, Kind, Observer, Property, Refinement } from '../write/property.js'
import type { StateTest, Watch } from './expander.js'
import { atomsIn } from './ltl/ltl.js'
import { exact } from './reference.js'

/** Which watch belongs to which property. */
export interface Plan {
  readonly watch: Watch
  readonly at: ReadonlyMap<Property, number>
  /** Where the premise of a `possible` or a `leadsTo` is collected. */
  readonly premise: ReadonlyMap<Property, number>
}

/** Plans the one search that these properties share. */
export function planFor(list: readonly Shared[]): Plan {
  const states: Watch['states'][number][] = []
  const steps: Watch['steps'][number][] = []
  const collects: Watch['collects'][number][] = []
  const at = new Map<Property, number>()
  const premise = new Map<Property, number>()
  for (const property of list) {
    const { name } = property
    switch (property.kind) {
      case 'always':
        at.set(property, states.push({ name, when: property.when, holds: property.holds }) - 1)
        break
      case 'reachable': {
        // The first state that breaks the opposite is the witness.
        const wanted = property.holds as StateTest
        at.set(
          property,
          states.push({
            name,
            when: undefined,
            holds: (state, where) => !exact(name, 'its predicate', wanted(state, where)),
            witness: true,
          }) - 1,
        )
        break
      }
      case 'step':
        at.set(
          property,
          steps.push({
            name,
            selects: (transition) => selects(property.on, transition),
            when: property.when,
            holds: property.holds,
          }) - 1,
        )
        break
      case 'possible':
        at.set(property, collects.push({ name, holds: property.holds }) - 1)
        if (property.when) premise.set(property, collects.push({ name, holds: property.when }) - 1)
        break
      case 'leadsTo':
        at.set(property, collects.push({ name, holds: property.to }) - 1)
        premise.set(property, collects.push({ name, holds: property.from }) - 1)
        break
      case 'eventually':
      case 'alwaysEventually':
      case 'eventuallyAlways':
        at.set(property, collects.push({ name, holds: property.holds }) - 1)
        break
      case 'ltl':
        // Its atoms are collected one after the other.
        at.set(property, collects.length)
        collects.push(...atomsIn(property).map((atom) => ({ name, holds: property.atoms[atom]! })))
        break
    }
  }
  return { watch: { states, steps, collects }, at, premise }
}

/** The kinds of property that are judged from one search of the system as it is. */
export type Shared = Exclude<Property, Observer | Cancel | Refinement>

/** Whether a property is judged from that search. */
export const isShared = (property: Property): property is Shared =>
  !['observer', 'cancel', 'refinement'].includes(property.kind)

const live: readonly Kind[] = ['leadsTo', 'eventually', 'alwaysEventually', 'eventuallyAlways', 'ltl']

/** Whether a property is about fair runs, and needs the graph's edges and fairness. */
export const isLive = ({ kind }: Property): boolean => live.includes(kind)

/** Whether a property is judged on the graph's edges. */
export const wantsEdges = (property: Property): boolean => isLive(property) || property.kind === 'possible'
