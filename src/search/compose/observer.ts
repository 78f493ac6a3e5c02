/** Observers: composed into a system's state, packed with it, and fed with every step; each has a search of its own. */

import { isDeepStrictEqual } from 'node:util'
import type { At } from '../../write/model.js'
import { selects } from '../../write/predicate.js'
import { type Observer } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import type { System } from '../../write/system.js'
import { audited } from '../audit.js'
import type { StateTest } from '../expander.js'
import type { SearchOptions } from '../explore.js'
import type { Graph } from '../graph.js'
import { exact, guarded } from '../reference.js'
import type { Prepared } from '../parallel/recipe.js'
import { insist, unfinished } from '../safety.js'
import { runTo } from '../reached.js'
import { endOf } from '../run.js'
import type { Decided, Found } from '../verdict.js'

/** A system with an observer in it, and the name of the field that holds the observer's state. */
export interface Observed {
  readonly system: System
  readonly field: string
}

/** What of an observer is composed with a system. */
export type Watcher = Omit<Observer['declared'], 'wrong' | 'explain'>

/** Adds an observer's state to a system, and the observer to those steps that it is fed with. */
export function compose(system: System, declared: Watcher): Observed {
  if (system.shape.kind !== 'record') throw new Error('the state is not a record')
  const { fields } = system.shape
  let field = 'observer'
  while (Object.hasOwn(fields, field)) field += '_'
  const own = (state: unknown): unknown => (state as Record<string, unknown>)[field]
  return {
    field,
    system: {
      ...system,
      shape: { kind: 'record', fields: { ...fields, [field]: declared.state.shape } },
      initials: system.initials.map((state) => ({ ...(state as object), [field]: structuredClone(declared.initial) })),
      transitions: system.transitions.map((transition) =>
        selects(declared.on, transition)
          ? {
              ...transition,
              noted: [...(transition.noted ?? []), field],
              note: (before, draft, step) => {
                const other: unknown = transition.note?.(before, draft, step)
                // It must return nothing: whoever runs the note looks.
                return other ?? declared.next(own(draft), before, draft, step)
              },
            }
          : transition,
      ),
    },
  }
}

/** The search for a state in which an observer is wrong, and one in which it has moved. */
export function observed(
  system: System,
  { name, declared }: Observer,
): Prepared & { readonly wrong: StateTest; readonly field: string } {
  const { system: composed, field } = compose(system, declared)
  const own = (state: unknown): unknown => (state as Record<string, unknown>)[field]
  const wrong: StateTest = (state, at) => exact(name, 'its wrong', declared.wrong(own(state), state, at))
  const states = [
    { name, when: undefined, holds: (state: unknown, at: At) => !wrong(state, at) },
    { name, when: undefined, holds: (state: unknown) => isDeepStrictEqual(own(state), declared.initial) },
  ]
  return { system: composed, watch: { states, steps: [], collects: [] }, wrong, field }
}

/** Judges an observer: a search of the system with it, for a state in which it is wrong. */
export async function decideObserver(system: System, property: Observer, options: SearchOptions): Promise<Decided> {
  const { system: composed, watch, wrong } = observed(system, property)
  const graph = await audited(composed, watch, { ...options, keepEdges: false, stopAtFirst: false })
  return { graph, found: judged(property, graph, wrong) }
}

function judged(property: Observer, graph: Graph, wrong: StateTest): Found {
  const [broken, moved] = graph.expander.findings.states.broken
  if (broken! >= 0) {
    const run = runTo(graph.expander, broken!)
    const { state, at } = endOf(run)
    insist(
      property,
      guarded(property.name, 'it', () => wrong(state, asking(graph.expander.system, at))),
    )
    return { verdict: 'violated', run }
  }
  if (graph.cut) return unfinished(graph)!
  return moved! >= 0 ? { verdict: 'holds' } : { verdict: 'vacuous', why: 'its observer never moved' }
}
