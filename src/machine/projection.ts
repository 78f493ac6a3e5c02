/** A model seen through events alone: an automaton over them, of one instance or of several together. */

import type { FlatEdges } from '../search/graph.js'
import type { Selector } from '../write/predicate.js'
import { selects } from '../write/predicate.js'
import type { System } from '../write/system.js'
import type { Arrow, Automaton } from '../match/source/automaton.js'
import { shownBy, type Events, type Shown } from './event.js'

/** The searched graph of one instance. */
export interface Searched {
  readonly system: System
  readonly states: number
  readonly edges: FlatEdges
  /** States that must not be reached: runs end before them. */
  readonly wrong?: (state: number) => boolean
  /** Edges that must not be taken. */
  readonly forbidden?: (source: number, edge: number) => boolean
}

/** How a model is seen. */
export interface View {
  readonly events: Events
  /** Steps after which everything begins anew: how often is a bound of the model, not of the machine. */
  readonly again?: Selector
}

/**
 * The sequences of events of all runs of the given instances, each also cut short anywhere. What the steps that show nothing do
 * in between is not seen. States: one for the beginning, those of the instances behind one another, then, made when they are met,
 * those within a step that shows several events.
 */
export function projection(instances: readonly Searched[], view: View): Automaton {
  const begin = 0
  const offsets: number[] = []
  let size = 1
  for (const { states } of instances) {
    offsets.push(size)
    size += states
  }
  const within = new Within(size)
  const shown = instances.map(({ system }) => shownBy(system, view.events))
  const renews = instances.map(({ system }) =>
    system.transitions.map((transition) => view.again !== undefined && selects(view.again, transition)),
  )
  const first = instances.flatMap(({ system, wrong }, i) =>
    system.initials.flatMap((_, id) => (wrong?.(id) ? [] : [{ to: offsets[i]! + id }])),
  )
  const arrowsOf = (i: number, id: number): readonly Arrow[] => {
    const { edges, wrong, forbidden } = instances[i]!
    const made: Arrow[] = []
    for (let edge = edges.first[id]!; edge < edges.first[id + 1]!; edge++) {
      const target = edges.target[edge]!
      if (wrong?.(target) || forbidden?.(id, edge)) continue
      const by = edges.by[edge]!
      made.push(...within.showing(shown[i]![by]!, renews[i]![by]! ? begin : offsets[i]! + target))
    }
    return made
  }
  return {
    start: begin,
    arrows: (state) => {
      if (state === begin) return first
      if (state >= size) return within.arrows(state)
      const i = offsets.findLastIndex((offset) => offset <= state)
      return arrowsOf(i, state - offsets[i]!)
    },
  }
}

/** States between the events that one step shows. */
class Within {
  private readonly known = new Map<string, number>()
  private readonly made: (readonly Arrow[])[] = []

  constructor(private readonly from: number) {}

  arrows(state: number): readonly Arrow[] {
    return this.made[state - this.from]!
  }

  /** The arrows that show some events, one behind the other, and lead to a state. */
  showing(shown: readonly Shown[], to: number): readonly Arrow[] {
    const [one, ...rest] = shown
    if (one === undefined) return [{ to }]
    const next = rest.length === 0 && !one.repeats ? to : this.behind(one, rest, to)
    return [{ to: next, label: one.event }, ...(one.maybe ? this.showing(rest, to) : [])]
  }

  private behind(one: Shown, rest: readonly Shown[], to: number): number {
    const key = `${to}|${[one, ...rest].map(({ event, maybe }) => `${event}${maybe ? '?' : ''}`).join('|')}`
    const before = this.known.get(key)
    if (before !== undefined) return before
    const id = this.from + this.made.length
    this.known.set(key, id)
    this.made.push([])
    this.made[id - this.from] = [...(one.repeats ? [{ to: id, label: one.event }] : []), ...this.showing(rest, to)]
    return id
  }
}
