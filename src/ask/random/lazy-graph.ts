/** A system met on foot: states are expanded when somebody comes by, once, and remembered with their ways out. */

import { Mistake } from '../../write/mistake.js'
import type { System } from '../../write/system.js'
import { compile, type Expander, type Watch } from '../../search/expander.js'
import { inspect } from '../../search/inspect.js'
import { trapped } from '../../search/purity/trapped.js'
import { Fault } from '../../search/reference.js'

/** What a state breaks: by being reached (`by` is -1), or by a transition out of it. */
export interface Break {
  readonly kind: 'state' | 'step' | 'dead' | 'fault'
  /** The number of the watch of that kind. */
  readonly watch: number
  readonly by: number
}

/** A state and its ways out. */
export interface LazyState {
  readonly id: number
  /** The transitions that can be taken, in declaration order, and the identities they lead to. */
  readonly taken: Int32Array
  readonly to: Int32Array
  readonly breaks: readonly Break[]
  /** The numbers of the collects that it satisfies. */
  readonly marks: readonly number[]
  readonly fault?: Fault
}

const nothing: readonly never[] = []

/** The part of a state graph that somebody has walked through. Memory grows with the states that were seen. */
export class LazyGraph {
  readonly expander: Expander
  readonly initials: readonly number[]
  private readonly places: (LazyState | undefined)[] = []
  /** States that were expanded. */
  visited = 0

  constructor(
    readonly system: System,
    watch: Watch,
  ) {
    this.expander = compile(system, watch)
    this.expander.start()
    this.initials = [...this.expander.successors.subarray(0, system.initials.length)]
  }

  /** The place of an identity that some place leads to. */
  at(id: number): LazyState {
    return (this.places[id] ??= this.visit(id))
  }

  private visit(id: number): LazyState {
    const { expander } = this
    const { states, steps, dead, collected } = expander.findings
    states.broken.fill(-1)
    steps.broken.fill(-1)
    dead[0] = -1
    for (const ids of collected) ids.length = 0
    this.visited++
    let taken = 0
    let fault: Fault | undefined
    try {
      taken = trapped(() => expander.expand(id))
      if (expander.strays()) throw new Error('it writes what is not declared')
    } catch (cause) {
      fault = this.diagnosed(id, cause)
    }
    const breaks: Break[] = []
    states.broken.forEach((at, watch) => void (at >= 0 && breaks.push({ kind: 'state', watch, by: -1 })))
    steps.broken.forEach((at, watch) => void (at >= 0 && breaks.push({ kind: 'step', watch, by: steps.by[watch]! })))
    if (dead[0] >= 0) breaks.push({ kind: 'dead', watch: 0, by: -1 })
    if (fault) breaks.push({ kind: 'fault', watch: 0, by: -1 })
    const marks = collected.flatMap((ids, number) => (ids.length > 0 ? [number] : []))
    return {
      id,
      taken: expander.taken.slice(0, taken),
      to: expander.successors.slice(0, taken),
      breaks: breaks.length > 0 ? breaks : nothing,
      marks: marks.length > 0 ? marks : nothing,
      ...(fault && { fault }),
    }
  }

  private diagnosed(id: number, cause: unknown): Fault {
    try {
      inspect(this.system, this.expander.watch, this.expander.stateOf(id))
    } catch (found) {
      if (found instanceof Fault) return found
      throw found
    }
    if (cause instanceof Mistake) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    return new Fault('nondeterministic', 'a guard, effect or predicate', message, { cause })
  }
}

/** Whether a goal can still be reached: decided where the answer is near, remembered for every state looked at. */
export class Reachability {
  private readonly known = new Map<number, boolean>()

  /** @param goal number of the collect that marks the goal. @param most states after which it is left open. */
  constructor(
    private readonly graph: LazyGraph,
    private readonly goal: number,
    private readonly most = 20_000,
  ) {}

  /** `false` only after everything reachable from the state was seen; `undefined` if that is too much. */
  reaches(id: number): boolean | undefined {
    const parents = new Map([[id, -1]])
    for (const here of parents.keys()) {
      const known = this.known.get(here)
      const place = this.graph.at(here)
      if (known || place.marks.includes(this.goal)) {
        for (let back = here; back >= 0; back = parents.get(back)!) this.known.set(back, true)
        return true
      }
      if (place.fault || parents.size > this.most) return undefined
      if (known === undefined) for (const next of place.to) if (!parents.has(next)) parents.set(next, here)
    }
    for (const here of parents.keys()) this.known.set(here, false)
    return false
  }
}
