/** Observers: composed into a system's state, packed with it, and fed with every step; each has a search of its own. */

import { isDeepStrictEqual } from 'node:util'
import { selects, type Observer } from '../write/property.js'
import type { System } from '../write/system.js'
import { audited } from './audit.js'
import type { SearchOptions } from './explore.js'
import { insist, unfinished } from './safety.js'
import { endOf, runTo } from './run.js'
import type { Found } from './verdict.js'

/** A system with an observer in it, and the name of the field that holds the observer's state. */
export interface Observed {
  readonly system: System
  readonly field: string
}

/** Adds an observer's state to a system, and the observer to those steps that it is fed with. */
export function observed(system: System, { declared }: Observer): Observed {
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
        selects(declared.on, transition.step)
          ? {
              ...transition,
              note: (before, draft, step) => declared.next(own(draft), before, draft, step),
            }
          : transition,
      ),
    },
  }
}

/** Judges an observer: a search of the system with it, for a state in which it is wrong. */
export async function decideObserver(system: System, property: Observer, options: SearchOptions): Promise<Found> {
  const { declared } = property
  const { system: watched, field } = observed(system, property)
  const own = (state: unknown): unknown => (state as Record<string, unknown>)[field]
  const wrong = (state: unknown): boolean => declared.wrong(own(state))
  const graph = await audited(
    watched,
    {
      states: [
        { when: undefined, holds: (state) => !wrong(state) },
        { when: undefined, holds: (state) => isDeepStrictEqual(own(state), declared.initial) },
      ],
      steps: [],
      collects: [],
    },
    { ...options, keepEdges: false, stopAtFirst: false },
  )
  const [broken, moved] = graph.expander.findings.states.broken
  if (broken! >= 0) {
    const run = runTo(graph.expander, broken!)
    insist(property, wrong(endOf(run).state))
    return { verdict: 'violated', run }
  }
  if (graph.cut) return unfinished(graph)!
  return moved! >= 0 ? { verdict: 'holds' } : { verdict: 'vacuous', why: 'its observer never moved' }
}
