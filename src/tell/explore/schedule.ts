/** A run that a reader makes: the steps by name, taken by the reference execution, put off or brought forward where that is possible. */

import { Fault, isEnabled } from '../../search/reference.js'
import { endOf, extend, startOf, type Run } from '../../search/run.js'
import type { System } from '../../write/system.js'
import { whyNot, type Reason } from './choices.js'

/** What a run is made of. */
export interface Schedule {
  /** Index of the initial state. */
  readonly initial: number
  /** Names of steps, in order. */
  readonly names: readonly string[]
}

/** The run of a schedule, as far as it can be taken, and why it goes no further. */
export interface Followed {
  readonly run: Run
  readonly stuck?: Stuck
}

/** The step that cannot be taken, by its place in the schedule from 0, and why not. */
export interface Stuck {
  readonly at: number
  readonly name: string
  readonly reason: Reason
}

/**
 * Takes the steps of a schedule. What it shares with the beginning of a run of the same system is not taken again, so
 * that its states are the same objects. Linear in the steps that are taken anew.
 */
export function follow(system: System, schedule: Schedule, known?: Run): Followed {
  const { initial, names } = schedule
  const isKnown = known?.system === system && known.initial === initial
  const shared = isKnown ? sharedSteps(known, names) : 0
  let run = isKnown ? { ...known, steps: known.steps.slice(0, shared) } : startOf(system, initial)
  for (let at = shared; at < names.length; at++) {
    const name = names[at]!
    const next = oneFurther(run, name)
    if ('kind' in next) return { run, stuck: { at, name, reason: next } }
    run = next
  }
  return { run }
}

/** The run with one more step, or why it cannot be taken; a fault of the model's code is such a reason. */
export function oneFurther(run: Run, name: string): Run | Reason {
  const transition = run.system.transitions.find((one) => one.name === name)
  if (!transition) return { kind: 'absent' }
  try {
    if (!isEnabled(run.system, endOf(run), transition)) return whyNot(run, transition)
    return extend(run, transition)
  } catch (error) {
    if (error instanceof Fault) return { kind: 'faulty', says: error.message }
    throw error
  }
}

function sharedSteps({ steps }: Run, names: readonly string[]): number {
  const end = Math.min(steps.length, names.length)
  for (let i = 0; i < end; i++) if (steps[i]!.transition.name !== names[i]) return i
  return end
}

/** The beginning of a run. */
export const firstSteps = (run: Run, steps: number): Run => ({ ...run, steps: run.steps.slice(0, steps) })

/** The schedule of a run. */
export const scheduleOf = (run: Run): Schedule => ({
  initial: run.initial,
  names: run.steps.map(({ transition }) => transition.name),
})

/** The schedule with the step at one place taken at another instead; places count from 0. */
export function movedTo({ initial, names }: Schedule, from: number, to: number): Schedule {
  const others = names.toSpliced(from, 1)
  return { initial, names: others.toSpliced(to, 0, names[from]!) }
}

/** The places to which a step can be moved so that the whole run can still be taken, its own included; it looks this far to either side. */
export function placesFor(run: Run, from: number, reach = run.steps.length): readonly number[] {
  const schedule = scheduleOf(run)
  const first = Math.max(0, from - reach)
  const last = Math.min(run.steps.length - 1, from + reach)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
    (to) => to === from || !follow(run.system, movedTo(schedule, from, to), run).stuck,
  )
}
