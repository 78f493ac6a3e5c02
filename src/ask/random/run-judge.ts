/** What a finite run can show: per property, the test that a run has broken it. */

import { selects } from '../../write/predicate.js'
import type { Kind, Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { cancelled } from '../../search/compose/cancel.js'
import { builtIn } from '../../search/check.js'
import type { StateTest, Watch } from '../../search/expander.js'
import { compose } from '../../search/compose/observer.js'
import type { SystemState } from '../../search/reference.js'
import { Reachability, LazyGraph, type Break, type LazyState } from './lazy-graph.js'

/** A way through a graph: the identities met, and the transitions between them, one fewer. */
export interface Trail {
  readonly ids: readonly number[]
  readonly by: readonly number[]
}

/** A property that walks can find broken. */
export interface Suspect {
  readonly name: string
  readonly kind: Kind
  readonly says: string
  /** Why the run breaks it, where the last step alone does not tell. */
  readonly why?: string
}

/** What was found on a trail: the trail cut where the property is broken for sure. */
export interface BrokenRun {
  readonly suspect: Suspect
  readonly trail: Trail
}

/** The test of a property that is decided by the run behind: how many steps of the trail show it broken. */
type After = (judge: RunJudge, trail: Trail) => number | undefined

/** The kinds that walks judge themselves. The others want the whole graph, or a search of their own. */
const walkable = ['always', 'step', 'possible', 'leadsTo', 'eventually', 'alwaysEventually'] as const

/** The one property that is wanted, if it is a `cancel`: it speaks of another system, in which cancels are injected. */
function injected(system: System, wanted: readonly Property[]): { system: System; properties: readonly Property[] } {
  const [only] = wanted
  if (wanted.length !== 1 || only?.kind !== 'cancel')
    return { system, properties: wanted.filter(({ kind }) => visible(kind) && kind !== 'cancel') }
  const { system: other, owed } = cancelled(system, only.plan, `property ${only.name}`)
  return { system: other, properties: [owed(only)] }
}

/** A property that is judged on the graph as it is. */
type Walkable = Extract<Property, { kind: (typeof walkable)[number] }>

/** Whether a walk can find a property of this kind broken. */
export const visible = (kind: Kind): boolean =>
  (['observer', 'cancel', 'no-deadlock', 'in-domain', ...walkable] as readonly Kind[]).includes(kind)

/** What judges runs of one system by some properties: where they are watched, and how a trail is judged. */
export class RunJudge {
  readonly graph: LazyGraph
  /** The properties that are looked for, the built-in ones aside. */
  readonly properties: readonly Property[]
  /** Wanted properties that are not: no finite run can show them broken, or they want a walk of their own. */
  readonly left: readonly string[]
  private readonly byBreak = new Map<string, Suspect>()
  private readonly afters: { readonly suspect: Suspect; readonly after: After }[] = []
  /** Of a property whose goal can be lost: whether it is asked for in a state and out of reach. */
  private readonly traps = new Map<Suspect, (id: number) => boolean>()
  private readonly heights: number[] = []
  /** Whether it was ever left open if a goal can still be reached. */
  private undecided = false
  private readonly reachabilities = new Map<number, Reachability>()
  private readonly watch: { -readonly [K in keyof Watch]: Watch[K][number][] } = { states: [], steps: [], collects: [] }

  /** @param wanted names of the properties to look for, the two built-in ones included. Those of {@link visible} kinds are. */
  constructor(system: System, properties: readonly Property[], wanted: (name: string) => boolean) {
    for (const [name, says] of Object.entries(builtIn) as [keyof typeof builtIn, string][])
      if (wanted(name)) this.byBreak.set(name === 'no-deadlock' ? 'dead 0' : 'fault 0', { name, kind: name, says })
    const asked = properties.filter(({ name }) => wanted(name))
    const composition = injected(system, asked)
    let composed = composition.system
    this.properties = composition.properties
    this.left =
      asked.length === 1 ? [] : asked.filter(({ kind }) => !visible(kind) || kind === 'cancel').map(({ name }) => name)
    for (const property of composition.properties) {
      if (property.kind !== 'observer') this.add(property as Walkable)
      else {
        const { system: next, field } = compose(composed, property.declared)
        composed = next
        const wrong: StateTest = (state, at) =>
          property.declared.wrong((state as Record<string, unknown>)[field], state, at)
        this.onState(property, { when: undefined, holds: (state, at) => !wrong(state, at) })
      }
    }
    this.graph = new LazyGraph(composed, this.watch)
  }

  /** The first property that a place breaks, or the one that is wanted, and the transition out of it that does so, or -1. */
  here({ breaks }: LazyState, wanted?: Suspect): { readonly suspect: Suspect; readonly by: number } | undefined {
    for (const one of breaks) {
      const suspect = this.byBreak.get(`${one.kind} ${one.watch}`)
      if (suspect && (!wanted || suspect === wanted)) return { suspect, by: one.by }
    }
    return undefined
  }

  /** What a trail shows first, if anything; of the wanted property, whatever else it shows. */
  broken(trail: Trail, wanted?: Suspect): BrokenRun | undefined {
    for (let i = 0; i < trail.ids.length; i++) {
      const place = this.graph.at(trail.ids[i]!)
      const found = place.breaks.length > 0 ? this.here(place, wanted) : undefined
      if (found) return { suspect: found.suspect, trail: this.cut(trail, i, found.by) }
    }
    for (const { suspect, after } of this.afters) {
      if (wanted && suspect !== wanted) continue
      const steps = after(this, trail)
      if (steps !== undefined) return { suspect, trail: this.cut(trail, steps, -1) }
    }
    return undefined
  }

  /** How far a state seems to be from a violation, by what was learned beforehand; remembered. */
  height(id: number, distance: (here: SystemState) => number): number {
    return (this.heights[id] ??= distance(this.graph.expander.stateOf(id)))
  }

  /** Whether a state by itself tells that a run which ends there breaks the property, beyond what {@link here} tells. */
  endsAt(suspect: Suspect, id: number): boolean {
    return this.traps.get(suspect)?.(id) ?? false
  }

  /** Whether a property is broken by states and steps, wherever the run comes from. */
  local(suspect: Suspect): boolean {
    return (this.traps.has(suspect) && !this.undecided) || this.afters.every((one) => one.suspect !== suspect)
  }

  /** The state tests, step tests and collects in use: what a smaller instance is searched with. */
  watched(): Watch {
    return this.watch
  }

  /** Whether a property that is looked for is broken by such a break. */
  looksFor(kind: Break['kind'], watch: number): boolean {
    return this.byBreak.has(`${kind} ${watch}`)
  }

  private cut({ ids, by }: Trail, steps: number, further: number): Trail {
    const kept = { ids: ids.slice(0, steps + 1), by: by.slice(0, steps) }
    if (further < 0) return kept
    const place = this.graph.at(kept.ids[steps]!)
    return { ids: [...kept.ids, place.to[place.taken.indexOf(further)]!], by: [...kept.by, further] }
  }

  private onState(property: Property, test: Pick<Watch['states'][number], 'when' | 'holds'>): void {
    const watch = this.watch.states.push({ name: property.name, ...test }) - 1
    this.byBreak.set(`state ${watch}`, property)
  }

  private collect(name: string, holds: StateTest): number {
    return this.watch.collects.push({ name, holds }) - 1
  }

  private marked = (id: number, mark: number): boolean => this.graph.at(id).marks.includes(mark)

  /** Whether the goal is out of reach for sure. */
  private lost(id: number, goal: number): boolean {
    const reachability = this.reachabilities.get(goal) ?? new Reachability(this.graph, goal)
    this.reachabilities.set(goal, reachability)
    const reaches = reachability.reaches(id)
    this.undecided ||= reaches === undefined
    return reaches === false
  }

  /** The first place from which on the goal is out of reach; beyond it that never changes. */
  private firstLost({ ids }: Trail, goal: number): number | undefined {
    let i = ids.length
    while (i > 0 && this.lost(ids[i - 1]!, goal)) i--
    return i < ids.length ? i : undefined
  }

  private add(property: Walkable): void {
    const { name, says, kind } = property
    const suspect: Suspect = { name, says, kind, why: 'from its last state the goal cannot be reached any more' }
    const later = (after: After): void => void this.afters.push({ suspect, after })
    switch (property.kind) {
      case 'always':
        return this.onState(property, property)
      case 'step': {
        const { when, holds, on } = property
        const test = { name, selects: (one: Parameters<typeof selects>[1]) => selects(on, one), when, holds }
        this.byBreak.set(`step ${this.watch.steps.push(test) - 1}`, property)
        return
      }
      case 'possible': {
        const goal = this.collect(name, property.holds)
        const premise = property.when && this.collect(name, property.when)
        this.traps.set(suspect, (id) => (premise === undefined || this.marked(id, premise)) && this.lost(id, goal))
        return later((judge, trail) => {
          const from = judge.firstLost(trail, goal)
          if (from === undefined || premise === undefined) return from
          const asked = trail.ids.findIndex((id, i) => i >= from && judge.marked(id, premise))
          return asked < 0 ? undefined : asked
        })
      }
      case 'leadsTo': {
        const goal = this.collect(name, property.to)
        const premise = this.collect(name, property.from)
        return later((judge, trail) => {
          const from = judge.firstLost(trail, goal)
          if (from === undefined) return undefined
          const reached = trail.ids.findLastIndex((id) => judge.marked(id, goal))
          const asked = trail.ids.findIndex((id, i) => i > reached && judge.marked(id, premise))
          return asked < 0 ? undefined : Math.max(from, asked)
        })
      }
      case 'eventually': {
        const goal = this.collect(name, property.holds)
        return later((judge, trail) =>
          trail.ids.some((id) => judge.marked(id, goal)) ? undefined : judge.firstLost(trail, goal),
        )
      }
      case 'alwaysEventually': {
        const goal = this.collect(name, property.holds)
        return later((judge, trail) => judge.firstLost(trail, goal))
      }
    }
  }
}
