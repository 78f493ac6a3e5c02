/** What a reader asks for at a state of a run, as plain data that can be sent to a worker; and where the answer is looked for. */

import type { CancelPlan } from '../../write/cancel.js'
import { cancelled } from '../../search/compose/cancel.js'
import { compose } from '../../search/compose/observer.js'
import type { Run } from '../../search/run.js'
import { scalarsOf, spellValue, type Shape } from '../../write/domain.js'
import { predicateOf } from '../../write/condition-text.js'
import type { Property } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System } from '../../write/system.js'
import { Mistake, unknownName } from '../../write/mistake.js'
import { valueIn } from '../states.js'
import { shown } from '../text.js'
import { commandLine, wordsFor, type Named } from '../trace.js'
import { follow, scheduleOf } from './schedule.js'
import type { Sought } from './shortest.js'
import { stateSeen, stepSeen } from './truth.js'

/** What is to come about. */
export type Wish =
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'field'; readonly field: string; readonly value: unknown }
  | { readonly kind: 'stands'; readonly thread: string; readonly label: string }
  /** A property is broken by a state or a step. */
  | { readonly kind: 'breaks'; readonly property: string }
  /** What a property promises is so. */
  | { readonly kind: 'meets'; readonly property: string }
  | { readonly kind: 'deadlock' }
  /** A condition on states, as `thawproof run --to` takes it. */
  | { readonly kind: 'condition'; readonly text: string }

/** From where a wish is looked for, and how it is known. */
export interface Search {
  /** The run as the system takes it in which it is looked for. */
  readonly run: Run
  readonly sought: Sought
}

/** The wishes that properties give rise to: what each forbids, or promises. */
export const wishesOf = (properties: readonly Property[]): readonly Wish[] =>
  properties.flatMap((property): Wish[] => {
    switch (property.kind) {
      case 'always':
      case 'step':
      case 'observer':
        return [{ kind: 'breaks', property: property.name }]
      case 'reachable':
      case 'possible':
      case 'leadsTo':
      case 'eventually':
      case 'alwaysEventually':
      case 'eventuallyAlways':
        return [{ kind: 'meets', property: property.name }]
      default:
        return []
    }
  })

/** The command that looks for the same from the start on, through as many states as there are. */
export function commandForWish(named: Named, wish: Wish): string {
  const looks = (...asked: readonly string[]): string => commandLine(['run', ...wordsFor(named), ...asked])
  switch (wish.kind) {
    case 'step':
      return looks('--until', wish.name)
    case 'field':
      return looks('--to', `${wish.field} == ${spellValue(wish.value)}`)
    case 'stands':
      return looks('--to', `at(${wish.thread}, '${wish.label}')`)
    case 'condition':
      return looks('--to', wish.text)
    case 'breaks':
      return looks('--property', wish.property)
    case 'deadlock':
      return looks('--property', 'no-deadlock')
    case 'meets':
      return commandLine(['check', ...wordsFor(named)])
  }
}

/** Where a wish is looked for behind a run. @throws Mistake if it cannot be. */
export function searchFor(run: Run, wish: Wish, properties: readonly Property[]): Search {
  const { system } = run
  const named = (name: string): Property => {
    const found = properties.find((one) => one.name === name)
    if (found) return found
    throw unknownName(
      `model ${system.model.name}`,
      'property',
      name,
      properties.map((one) => one.name),
    )
  }
  switch (wish.kind) {
    case 'step':
      return { run, sought: { inStep: (_, { name }) => name === wish.name } }
    case 'field': {
      const wanted = JSON.stringify(wish.value)
      return { run, sought: { inState: ({ state }) => JSON.stringify(valueIn(state, wish.field)) === wanted } }
    }
    case 'stands':
      return { run, sought: { inState: (here) => here.at[wish.thread] === wish.label } }
    case 'deadlock': {
      const rests = (here: typeof run.start): boolean => system.resting(here.state, asking(system, here.at))
      return { run, sought: { inState: (here, possible) => possible.length === 0 && !rests(here) } }
    }
    case 'condition': {
      const holds = predicateOf(system, wish.text)
      return { run, sought: { inState: ({ state, at }) => holds(state, asking(system, at)) } }
    }
    case 'breaks':
      return breaking(run, named(wish.property))
    case 'meets':
      return { run, sought: goalOf(system, named(wish.property)) }
  }
}

function breaking(run: Run, property: Property): Search {
  const { system } = run
  switch (property.kind) {
    case 'always':
      return { run, sought: { inState: (here) => stateSeen(property, system, here).truth === 'broken' } }
    case 'step': {
      const inStep: Sought['inStep'] = (before, transition, after) =>
        stepSeen(property, system, before, transition, after).truth === 'broken'
      return { run, sought: { inStep } }
    }
    case 'observer': {
      const { declared } = property
      const composed = compose(system, declared)
      const inState: Sought['inState'] = ({ state, at }) =>
        declared.wrong((state as Record<string, unknown>)[composed.field], state, asking(composed.system, at))
      return { run: follow(composed.system, scheduleOf(run)).run, sought: { inState } }
    }
    default:
      throw new Mistake('the explorer', `${property.name} is not broken by a state or a step`)
  }
}

function goalOf(system: System, property: Property): Sought {
  const goal =
    property.kind === 'leadsTo'
      ? property.to
      : 'holds' in property && property.kind !== 'step'
        ? property.holds
        : undefined
  if (!goal) throw new Mistake('the explorer', `${property.name} promises no state`)
  return { inState: ({ state, at }) => goal(state, asking(system, at)) }
}

/** The wish in words: `until STEP is taken`. */
export function wishText(wish: Wish): string {
  switch (wish.kind) {
    case 'step':
      return `${wish.name} is taken`
    case 'field':
      return `${wish.field} is ${shown(wish.value)}`
    case 'stands':
      return `${wish.thread} stands at ${wish.label}`
    case 'breaks':
      return `${wish.property} is broken`
    case 'meets':
      return `${wish.property} is met`
    case 'condition':
      return wish.text
    case 'deadlock':
      return 'nothing can happen any more'
  }
}

/** The systems with cancels that properties ask about, each with the plan. */
export function withCancels(system: System, properties: readonly Property[]): ReadonlyMap<CancelPlan<unknown>, System> {
  const plans = new Map<CancelPlan<unknown>, System>()
  for (const property of properties)
    if (property.kind === 'cancel' && !plans.has(property.plan))
      plans.set(property.plan, cancelled(system, property.plan, `property ${property.name}`).system)
  return plans
}

/** The scalar fields of a state, each with its values; items of lists are left out, as they move. */
export function scalarFields(
  shape: Shape,
  path = '',
): readonly { readonly field: string; readonly values: readonly unknown[] }[] {
  const below = (key: string): string => (path ? `${path}.${key}` : key)
  switch (shape.kind) {
    case 'record':
      return Object.entries(shape.fields).flatMap(([key, of]) => scalarFields(of, below(key)))
    case 'array':
      return Array.from({ length: shape.length }, (_, i) => scalarFields(shape.of, `${path}[${i}]`)).flat()
    case 'list':
      return []
    case 'optional': {
      const values = scalarsOf(shape)
      return values.length > 0 ? [{ field: path, values }] : scalarFields(shape.of, path)
    }
    default:
      return [{ field: path, values: scalarsOf(shape) }]
  }
}
