/** Properties on the runs that print a log: what all of them break, what some break, what is still owed. */

import { propertiesFor, systemFor } from '../../search/check.js'
import { cancelled } from '../../search/compose/cancel.js'
import { compose } from '../../search/compose/observer.js'
import { reaching } from '../../search/graph.js'
import type { SystemState } from '../../search/reference.js'
import { statesOf, type Run } from '../../search/run.js'
import type { At } from '../../write/model.js'
import { selects, type Predicate } from '../../write/predicate.js'
import type { Observer, Property } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System } from '../../write/system.js'
import { accountOf, occurs, type Account } from './account.js'
import { runOf } from './explained-run.js'
import { explain, type Explanation } from './explain.js'
import { observing } from './observing.js'
import { searched, spaceOf, type LogOptions, type Searched } from './searched.js'
import type { Ear, Heard } from './rules.js'

/** What the explanations of a log say of a property. */
export interface Judged {
  /** Its name. */
  readonly property: string
  /** Its requirement. */
  readonly says: string
  /**
   * `certain`: every run that prints the log breaks it, or has made its goal impossible; `possible`: some do; `owed`: the shortest
   * has still to keep it; `kept`: none breaks it up to the last line; `open`: it is not judged on the beginnings of runs.
   */
  readonly found: 'certain' | 'possible' | 'owed' | 'kept' | 'open'
}

/** What was explained. */
interface Ground {
  readonly explained: Explanation
  readonly account: Account
  readonly run: Run
}

/** Judges all properties of a system on the explanations of a log. Each observer and each plan of cancels is searched for itself. */
export async function judgeAll(
  found: Searched,
  ear: Ear,
  heard: readonly Heard[],
  options: LogOptions,
  ground: Ground,
): Promise<readonly Judged[]> {
  const judged: Judged[] = []
  for (const property of propertiesFor(found.system, options.properties ?? [])) {
    const { name, says } = property
    judged.push({ property: name, says, found: await judge(found, ear, heard, options, ground, property) })
  }
  return judged
}

async function judge(
  found: Searched,
  ear: Ear,
  heard: readonly Heard[],
  options: LogOptions,
  ground: Ground,
  property: Property,
): Promise<Judged['found']> {
  switch (property.kind) {
    case 'observer':
    case 'cancel': {
      const own = await searched(systemFor(found.system, property), options.search)
      if (own.graph.cut) return 'open'
      const said = observing(own.system, { edges: own.edges, expander: own.graph.expander }, ear, heard, options)
      const space = spaceOf(own, options.from ?? 'start')
      const explained = explain(space, said.observed, options.mostNodes)
      if (explained.verdict !== 'accepted') return 'open'
      const account = accountOf(space, said.observed, explained)
      const asked: Property =
        property.kind === 'observer'
          ? asState(found, property)
          : cancelled(found.system, property.plan, `property ${property.name}`).owed(property)
      return judgeShared(own, { explained, account, run: runOf(own, explained, heard).run! }, asked)
    }
    default:
      return judgeShared(found, ground, property)
  }
}

/** An observer as a condition on the states of the system that it is composed with. */
function asState({ system }: Searched, { name, says, declared }: Observer): Property {
  const { field } = compose(system, declared)
  const own = (state: unknown): unknown => (state as Record<string, unknown>)[field]
  return { kind: 'always', name, says, when: undefined, holds: (state, at) => !declared.wrong(own(state), state, at) }
}

function judgeShared(found: Searched, { explained, account, run }: Ground, property: Property): Judged['found'] {
  const { graph, edges, system } = found
  const { nodes } = explained
  const stateOf = (id: number): Asked => askedOf(system, graph.expander.stateOf(id))
  const broken = (wanted: Parameters<typeof occurs>[1]): Judged['found'] =>
    (({ always: 'certain', sometimes: 'possible', never: 'kept' }) as const)[occurs(account, wanted)]
  const onStates = (bad: (here: Asked) => boolean): Judged['found'] => {
    const known = new Map<number, boolean>()
    return broken({
      node: (node) => {
        const id = nodes.state(node)
        if (!known.has(id)) known.set(id, bad(stateOf(id)))
        return known.get(id)!
      },
    })
  }
  /** Beyond what can still be reached, with a premise that holds there. */
  const lost = (premise: (here: Asked) => boolean, goal: (here: Asked) => boolean): Judged['found'] => {
    if (graph.cut) return 'open'
    const goals: number[] = []
    for (let id = 0; id < graph.states; id++) if (goal(stateOf(id))) goals.push(id)
    const reaches = reaching(graph.states, edges, goals)
    return broken({ node: (node) => !reaches[nodes.state(node)] && premise(stateOf(nodes.state(node))) })
  }
  switch (property.kind) {
    case 'always':
      return onStates(({ state, at }) => (property.when?.(state, at) ?? true) && !property.holds(state, at))
    case 'step':
      return broken({
        edge: (edge, from, to) => {
          const transition = system.transitions[edges.by[edge]!]!
          if (!selects(property.on, transition)) return false
          const [a, b] = [stateOf(nodes.state(from)), stateOf(nodes.state(to))]
          const step = { ...transition, at: a.at }
          return (property.when?.(a.state, b.state, step) ?? true) && !property.holds(a.state, b.state, step)
        },
      })
    case 'possible':
      return lost(
        ({ state, at }) => property.when?.(state, at) ?? true,
        ({ state, at }) => property.holds(state, at),
      )
    case 'leadsTo': {
      const found = lost(
        ({ state, at }) => property.from(state, at),
        ({ state, at }) => property.to(state, at),
      )
      return found === 'kept' && isOwed(run, property.from, property.to) ? 'owed' : found
    }
    case 'eventually':
      return lost(
        () => true,
        ({ state, at }) => property.holds(state, at),
      )
    default:
      return 'open'
  }
}

/** A state as predicates want it. */
interface Asked {
  readonly state: never
  readonly at: At
}

const askedOf = (system: System, { state, at }: SystemState): Asked => ({
  state: state as never,
  at: asking(system, at),
})

/** Whether a run ends with a premise that was not followed yet. */
function isOwed(run: Run, from: Predicate<unknown>, to: Predicate<unknown>): boolean {
  let owed = false
  for (const here of statesOf(run)) {
    const { state, at } = askedOf(run.system, here)
    if (from(state, at)) owed = true
    if (to(state, at)) owed = false
  }
  return owed
}
