/** Runs made easy to read: the same steps, led to the same end, with as few changes of actor as can be. */

import { isDeepStrictEqual } from 'node:util'
import type { System, Transition } from '../write/system.js'
import { Fault, isEnabled, take, type SystemState } from '../search/reference.js'
import { extend, type Run } from '../search/run.js'
import type { Verdict } from '../search/verdict.js'

/** How many places an ordering may have come to are followed at once; beyond, those with the most switches are let go. */
const breadth = 256

/** An order of some of the steps: where it led, which steps are left, and what it cost. */
interface Order {
  readonly here: SystemState
  /** How often each of the distinct transitions is still to be taken. */
  readonly left: readonly number[]
  readonly last: string
  readonly switches: number
  readonly taken?: { readonly transition: Transition; readonly before: Order | undefined }
}

/** The kinds of which only the end of a run matters, or what an observer in the state has noted by then. */
const endsMatter: readonly Verdict['kind'][] = ['always', 'step', 'possible', 'observer', 'no-deadlock', 'in-domain']

/** Whether runs of a kind of property are {@link withFewestSwitches}: the order in which they came to their end does not matter. */
export const hasFewestSwitches = (kind: Verdict['kind']): boolean => endsMatter.includes(kind)

/** The run of a verdict, {@link withFewestSwitches} if the order in which it came to its end does not matter. */
export const toldRun = ({ kind, run }: Pick<Verdict, 'kind' | 'run'>): Run | undefined =>
  run && hasFewestSwitches(kind) ? withFewestSwitches(run) : run

/** How often a run goes on in another actor's lane. */
export const switchesOf = (run: Run): number =>
  run.steps.filter(({ transition }, i) => i > 0 && run.steps[i - 1]!.transition.actor !== transition.actor).length

/**
 * Reorders the steps before the last one so that the run passes through the same state there and the actors change as rarely as possible. Exact while no more than {@link breadth} orders are open at once; never worse
 * than what it was given. At most length × breadth × actors executions.
 */
export function withFewestSwitches(run: Run): Run {
  const fixed = run.steps.length - 1
  if (fixed < 2) return run
  const goal = run.steps[fixed - 1]!.after
  const head = run.steps.slice(0, fixed).map(({ transition }) => transition)
  const next = run.steps[fixed]!.transition.actor
  const best = ordered(run.system, run.start, head, goal, next)
  if (!best) return run
  const start: Run = { ...run, steps: [] }
  const steps = best.reduce((made, transition) => extend(made, transition), start).steps
  const better = { ...run, steps: [...steps, ...run.steps.slice(fixed)] }
  return switchesOf(better) < switchesOf(run) ? better : run
}

/** The cheapest order of the given transitions that leads from one state to another, if one is found. */
function ordered(
  system: System,
  start: SystemState,
  steps: readonly Transition[],
  goal: SystemState,
  next: string,
): readonly Transition[] | undefined {
  const kinds = [...new Set(steps)]
  const left = kinds.map((kind) => steps.filter((step) => step === kind).length)
  let level: readonly Order[] = [{ here: start, left, last: steps[0]!.actor, switches: 0 }]
  for (let i = 0; i < steps.length; i++) level = narrowed(level.flatMap((order) => onward(system, kinds, order)))
  const ends = level.filter(({ here }) => isDeepStrictEqual(here, goal))
  const cost = ({ switches, last }: Order): number => switches + (last === next ? 0 : 1)
  const best = ends.reduce<Order | undefined>((a, b) => (a && cost(a) <= cost(b) ? a : b), undefined)
  return best && pathOf(best)
}

function onward(system: System, kinds: readonly Transition[], order: Order): Order[] {
  return kinds.flatMap((transition, i) => {
    const here = order.left[i]! > 0 && stepped(system, order.here, transition)
    if (!here) return []
    const first = order.taken === undefined
    return {
      here,
      left: order.left.with(i, order.left[i]! - 1),
      last: transition.actor,
      switches: order.switches + (first || transition.actor === order.last ? 0 : 1),
      taken: { transition, before: order },
    }
  })
}

/** The state that a step leads to; undefined if it cannot be taken, or is at fault: that is for the search to say. */
function stepped(system: System, here: SystemState, transition: Transition): SystemState | undefined {
  try {
    return isEnabled(system, here, transition) ? take(system, here, transition).next : undefined
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** Of the orders that came to the same place in the same lane the cheapest; of those, as many as may be followed. */
function narrowed(orders: readonly Order[]): readonly Order[] {
  const best = new Map<string, Order>()
  for (const order of orders) {
    const key = JSON.stringify([order.left, order.last, order.here])
    const known = best.get(key)
    if (!known || order.switches < known.switches) best.set(key, order)
  }
  return [...best.values()].sort((a, b) => a.switches - b.switches).slice(0, breadth)
}

function pathOf(order: Order): readonly Transition[] {
  const path: Transition[] = []
  for (let here: Order | undefined = order; here?.taken; here = here.taken.before) path.push(here.taken.transition)
  return path.reverse()
}
