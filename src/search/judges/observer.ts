/** Observers: composed into a system's state, packed with it, and fed with every step; each has a search of its own. */

import { isDeepStrictEqual } from 'node:util'
import { selects } from '../../write/predicate.js'
import { type Observer } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { audited } from '../audit.js'
import type { StateTest } from '../expander.js'
import type { SearchOptions } from '../explore.js'
import { guarded } from '../reference.js'
import { insist, unfinished } from './safety.js'
import { endOf, runTo } from '../run.js'
import type { Found } from '../verdict.js'

/** A system with an observer in it, and the name of the field that holds the observer's state. */
export interface Observed {
  readonly system: System
  readonly field: string
}

/** What of an observer is composed with a system. */
export type Watcher = Omit<Observer['declared'], 'wrong'>

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
              note: (before, draft, step) => {
                transition.note?.(before, draft, step)
                declared.next(own(draft), before, draft, step)
              },
            }
          : transition,
      ),
    },
  }
}

/** Judges an observer: a search of the system with it, for a state in which it is wrong. */
export async function decideObserver(system: System, property: Observer, options: SearchOptions): Promise<Found> {
  const { declared } = property
  const { system: watched, field } = compose(system, declared)
  const own = (state: unknown): unknown => (state as Record<string, unknown>)[field]
  const wrong: StateTest = (state, at) => declared.wrong(own(state), state, at)
  const graph = await audited(
    watched,
    {
      states: [
        { name: property.name, when: undefined, holds: (state, at) => !wrong(state, at) },
        { name: property.name, when: undefined, holds: (state) => isDeepStrictEqual(own(state), declared.initial) },
      ],
      steps: [],
      collects: [],
    },
    { ...options, keepEdges: false, stopAtFirst: false },
  )
  const [broken, moved] = graph.expander.findings.states.broken
  if (broken! >= 0) {
    const run = runTo(graph.expander, broken!)
    const { state, at } = endOf(run)
    insist(
      property,
      guarded(property.name, 'it', () => wrong(state, at)),
    )
    return { verdict: 'violated', run }
  }
  if (graph.cut) return unfinished(graph)!
  return moved! >= 0 ? { verdict: 'holds' } : { verdict: 'vacuous', why: 'its observer never moved' }
}
