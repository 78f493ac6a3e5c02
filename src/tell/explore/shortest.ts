/** A breadth-first search from a state, by the reference execution, within limits: it says when it was cut, and never more than it saw. */

import type { Shape } from '../../write/domain.js'
import type { System, Transition } from '../../write/system.js'
import { arrive, enabled, Fault, type SystemState } from '../../search/reference.js'
import { endOf, type Run } from '../../search/run.js'

/** How far a search may go. */
export interface Bounds {
  readonly states: number
  readonly seconds: number
}

/** What is looked for: a state, or a step with the states before and after it. */
export interface Sought {
  readonly inState?: (here: SystemState, possible: readonly Transition[]) => boolean
  readonly inStep?: (before: SystemState, transition: Transition, after: SystemState) => boolean
}

/** How a search ended. */
export type Ended =
  /** A shortest way. */
  | { readonly kind: 'found'; readonly names: readonly string[]; readonly states: number }
  /** Everything that can be reached was seen, and it is not there. */
  | { readonly kind: 'nowhere'; readonly states: number }
  /** A limit was hit before that: nothing is known. */
  | { readonly kind: 'cut'; readonly limit: 'states' | 'seconds'; readonly states: number }
  /** The model's code is at fault on the way. */
  | { readonly kind: 'faulty'; readonly says: string; readonly states: number }

/** A state that a search has met. */
export interface Met {
  readonly here: SystemState
  readonly depth: number
  /** Number of the state from which it was found, and by which step; absent for those that it began with. */
  readonly from?: { readonly id: number; readonly by: Transition }
}

/** States between two signs of life. */
const stretch = 500

/** What came of going everywhere: the states in the order of discovery, and whether that is all of them. */
export interface Spread {
  readonly met: readonly Met[]
  /** `told`: whoever was told of states and steps had enough. */
  readonly ended: 'all' | 'told' | 'states' | 'seconds'
}

/** Who is told of states and steps; `true` is enough. */
export interface Told {
  readonly state?: (id: number, met: Met, possible: readonly Transition[]) => boolean
  readonly step?: (from: number, by: Transition, to: number, after: SystemState) => boolean
}

/** All states that can be reached, in the order of breadth-first discovery, each once. Yields their number now and then. @throws Fault */
export function* spread(
  system: System,
  starts: readonly SystemState[],
  bounds: Bounds,
  told: Told,
): Generator<number, Spread> {
  const met: Met[] = []
  const known = new Map<string, number>()
  const enter = (one: Met): number => {
    const key = keyOf(system, one.here)
    const id = known.get(key) ?? met.push(one) - 1
    known.set(key, id)
    return id
  }
  for (const here of starts) enter({ here, depth: 0 })
  const end = performance.now() + bounds.seconds * 1000
  for (let id = 0; id < met.length; id++) {
    const { here, depth } = met[id]!
    const possible = enabled(system, here)
    if (told.state?.(id, met[id]!, possible)) return { met, ended: 'told' }
    for (const by of possible) {
      const after = arrive(system, here, by)
      const to = enter({ here: after, depth: depth + 1, from: { id, by } })
      if (told.step?.(id, by, to, after)) return { met, ended: 'told' }
    }
    if (met.length > bounds.states) return { met, ended: 'states' }
    if (id % stretch === stretch - 1) {
      if (performance.now() > end) return { met, ended: 'seconds' }
      yield met.length
    }
  }
  return { met, ended: 'all' }
}

/** What came of a search that yields signs of life. @param progress is told the number of states now and then. */
export function drained<T>(search: Generator<number, T>, progress: (states: number) => void = () => undefined): T {
  let next = search.next()
  for (; !next.done; next = search.next()) progress(next.value)
  return next.value
}

/** A shortest way from where a run ends to what is sought; no steps at all if it is there already. Yields the number of states now and then. */
export function* shortestWay(run: Run, { inState: wanted, inStep }: Sought, bounds: Bounds): Generator<number, Ended> {
  const found: { at?: { readonly id: number; readonly by?: Transition } } = {}
  const states: SystemState[] = []
  let seen = 0
  try {
    const search = spread(run.system, [endOf(run)], bounds, {
      state: (id, { here }, possible) => {
        states[id] = here
        if (!wanted?.(here, possible)) return false
        found.at = { id }
        return true
      },
      step: (id, by, _, after) => {
        if (!inStep?.(states[id]!, by, after)) return false
        found.at = { id, by }
        return true
      },
    })
    let next = search.next()
    for (; !next.done; next = search.next()) yield (seen = next.value)
    const { met, ended } = next.value
    if (found.at) return { kind: 'found', names: wayTo(met, found.at.id, found.at.by), states: met.length }
    if (ended === 'states' || ended === 'seconds') return { kind: 'cut', limit: ended, states: met.length }
    return { kind: 'nowhere', states: met.length }
  } catch (error) {
    if (error instanceof Fault) return { kind: 'faulty', says: error.message, states: seen }
    throw error
  }
}

/** The names of the steps that lead to a state, and one more. */
export function wayTo(met: readonly Met[], id: number, by?: Transition): readonly string[] {
  const names = by ? [by.name] : []
  for (let here = met[id]!; here.from; here = met[here.from.id]!) names.unshift(here.from.by.name)
  return names
}

/** A text that two states share if and only if they are equal: values in the order of declaration, and where threads stand. */
export const keyOf = (system: System, { state, at }: SystemState): string =>
  `${spelled(system.shape, state)}|${system.threads.map(({ name }) => at[name]).join('\n')}`

function spelled(shape: Shape, value: unknown): string {
  if (value === null) return '~'
  switch (shape.kind) {
    case 'record':
      return `{${Object.entries(shape.fields)
        .map(([key, of]) => spelled(of, (value as Record<string, unknown>)[key]))
        .join(',')}}`
    case 'array':
    case 'list':
      return `[${(value as readonly unknown[]).map((one) => spelled(shape.of, one)).join(',')}]`
    case 'optional':
      return spelled(shape.of, value)
    default:
      return JSON.stringify(value)
  }
}
