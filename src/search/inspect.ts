/** One state in slow motion: finds the place in a model's code that is at fault. */

import type { StepTaken } from '../write/predicate.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'
import type { Watch } from './expander.js'
import { trapped } from './purity/trapped.js'
import { enabled, exact, guarded, take, type SystemState } from './reference.js'

/**
 * Does everything that belongs to one state in slow motion: guards, effects, the resting condition, and all predicates.
 * @throws Fault for the first of them that throws, writes, wavers or leaves its domain.
 */
export function inspect(system: System, watch: Watch, here: SystemState): void {
  trapped(() => inspected(system, watch, here))
}

function inspected(system: System, watch: Watch, here: SystemState): void {
  const ask = (name: string, test: (() => unknown) | undefined): void => {
    if (test) exact(name, 'its predicate', guarded(name, 'its predicate', test))
  }
  const { state } = here
  const at = asking(system, here.at)
  for (const transition of enabled(system, here)) {
    const after = take(system, here, transition).next.state
    const { name, step, actor, args } = transition
    const taken: StepTaken = { name, step, actor, args, at }
    for (const { name: property, when, holds } of watch.steps.filter(({ selects }) => selects(transition))) {
      ask(property, when && (() => when(state, after, taken)))
      if (!when || when(state, after, taken)) ask(property, () => holds(state, after, taken))
    }
  }
  for (const { name, when, holds } of watch.states) {
    ask(name, when && (() => when(state, at)))
    if (!when || when(state, at)) ask(name, () => holds(state, at))
  }
  for (const { name, holds } of watch.collects) ask(name, () => holds(state, at))
  ask('resting', () => system.resting(state, at))
}
