/** What a transition takes from its surroundings: the conditions of its actor and of its thread, the line of the step it leads to, who else can go on. */

import { unknownName } from './mistake.js'
import type { Args, At, Branch, Model, Part, Thread } from './model.js'
import type { Transition } from './transition.js'

type Way = Branch<unknown, Args>

/** What is looked at of a transition. */
type Moving = Pick<
  Transition,
  'name' | 'step' | 'actor' | 'thread' | 'from' | 'to' | 'args' | 'guards' | 'fair' | 'log'
>

/** Where a thread may stand. */
interface Labelled {
  readonly name: string
  readonly labels: readonly string[]
}

/** What all that an actor does waits for. */
type Conditions = Readonly<Record<string, (state: unknown, at: At) => boolean>>

/** What the actors of a model wait for. @throws Mistake for an actor that it does not have. */
export function conditionsOf({ name, declared: { actors, while: conditions = {} } }: Model): Conditions {
  for (const actor of Object.keys(conditions))
    if (!Object.hasOwn(actors, actor)) throw unknownName(`model ${name}, while`, 'actor', actor, Object.keys(actors))
  return conditions
}

/** The transitions of a system, each with what its actor, its thread, its successor and all others add to it. */
export function inSurroundings<T extends Moving>(
  threads: readonly Labelled[],
  transitions: readonly T[],
  parts: readonly Part[],
  conditions: Conditions = {},
): readonly T[] {
  const heads = new Map(parts.flatMap((part) => (part.kind === 'thread' ? [[part.name, part] as const] : [])))
  const partOf = ({ step, thread }: T): Thread | undefined =>
    thread < 0 ? undefined : heads.get(step.slice(0, step.indexOf('.')))
  const own = transitions.map((bare) => {
    const part = partOf(bare)
    const one = acting(bare, conditions)
    return part ? arriving(heading(one, part), part, threads[one.thread]!.labels[one.to]!) : one
  })
  const patient = new Set(parts.flatMap(lastResortsOf))
  if (patient.size === 0) return own
  const hasty = own.filter(({ step, fair }) => fair !== 'none' && !patient.has(step))
  return own.map((one) => (patient.has(one.step) ? waiting(one, hasty, threads) : one))
}

/** What its actor waits for in all that it does. */
function acting<T extends Moving>(one: T, conditions: Conditions): T {
  const condition = Object.hasOwn(conditions, one.actor) ? conditions[one.actor] : undefined
  return condition ? { ...one, guards: [(state, _, at) => condition(state, at), ...one.guards] } : one
}

/** What the head of its thread says of all steps. */
function heading<T extends Moving>(one: T, { declared, steps }: Thread): T {
  const { while: condition, startsFreely } = declared
  const guards = condition ? [condition, ...one.guards] : one.guards
  const isFirst = one.from === 0 && steps.length > 0
  return { ...one, guards, ...(startsFreely && isFirst && { fair: 'none' as const }) }
}

/** The line that is printed at the step it leads to, before that waits. */
function arriving<T extends Moving>(one: T, { steps }: Thread, label: string): T {
  const line = one.from === one.to ? undefined : steps.find(({ name }) => name === label)?.declared.logOnEntry
  return line === undefined ? one : { ...one, log: [...one.log, line] }
}

/** The steps, alternatives and actions of a part that are a last resort. */
function lastResortsOf(part: Part): readonly string[] {
  const steps = part.kind === 'thread' ? part.steps : [part]
  const head = part.kind === 'thread' ? part.name : part.declared.actor
  return steps.flatMap(({ name, declared }) => {
    const ways: readonly (readonly [string, Way])[] = declared.either
      ? Object.entries(declared.either).map(([way, branch]) => [`/${way}`, branch] as const)
      : [['', {}]]
    return ways.flatMap(([way, branch]) => (declared.lastResort || branch.lastResort ? [`${head}.${name}${way}`] : []))
  })
}

/** It waits until nobody else who is promised to go on can. */
function waiting<T extends Moving>(one: T, others: readonly T[], threads: readonly Labelled[]): T {
  const asked = others
    .filter((other) => other.name !== one.name)
    .map(({ guards, args, thread, from }) => ({
      guards,
      args,
      stands: thread < 0 ? undefined : ([threads[thread]!.name, threads[thread]!.labels[from]!] as const),
    }))
  const alone = (state: unknown, _: Args, at: At): boolean =>
    !asked.some(
      ({ guards, args, stands }) =>
        (stands === undefined || at(stands[0], stands[1])) && guards.every((guard) => guard(state, args, at)),
    )
  return { ...one, guards: [...one.guards, alone] }
}
