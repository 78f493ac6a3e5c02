/** What a model's code does in every state, as a decision tree over the slots it reads: derived, never declared. */

import type { At } from '../write/model.js'
import type { StepTaken } from '../write/predicate.js'
import type { System, Transition } from '../write/system.js'
import { fails, type Probe, type Result } from './probe.js'

/** A tree over the codes of slots: what the code does depends on nothing else. */
export type Tree = { readonly slot: number; readonly kids: readonly Tree[] } | { readonly result: Result }

/** How many runs may still be made; what needs more is not known. */
export interface Budget {
  left: number
  /** Why the last piece of code could not be derived, if not for want of runs: the end of a sentence about it. */
  opaque?: string
}

/**
 * Derives the tree of a piece of code under the codes that the probe has already. Each leaf is confirmed on plain objects.
 * @returns undefined beyond the budget, and for code that cannot be followed.
 */
export function derive(probe: Probe, code: () => Result, budget: Budget): Tree | undefined {
  if (budget.left-- <= 0) return undefined
  const result = probe.run(code)
  if (result) {
    if (probe.confirms(code, result)) return { result }
    budget.opaque = 'it does something else on plain objects'
    return undefined
  }
  if (probe.opaque !== undefined) {
    budget.opaque = probe.opaque
    return undefined
  }
  const slot = probe.wanted
  const kids: Tree[] = []
  for (let value = 0; value < probe.slots.all[slot]!.values; value++) {
    probe.codes[slot] = value
    const kid = derive(probe, code, budget)
    if (!kid) break
    kids.push(kid)
  }
  probe.codes[slot] = -1
  return kids.length === probe.slots.all[slot]!.values ? { slot, kids } : undefined
}

/** Every path of a tree: the codes along it, and the result. Stops, and says so, at the first that `each` refuses. */
export function everyPath(
  tree: Tree,
  each: (codes: readonly (readonly [slot: number, code: number])[], result: Result) => boolean,
): boolean {
  const codes: (readonly [number, number])[] = []
  const walk = (here: Tree): boolean => {
    if ('result' in here) return each(codes, here.result)
    return here.kids.every((kid, code) => {
      codes.push([here.slot, code])
      const on = walk(kid)
      codes.pop()
      return on
    })
  }
  return walk(tree)
}

/** Answers of {@link transitionCode}: not enabled, enabled. Of {@link stepCode}: the premise fails, it holds, it does not. */
export const no = 0
export const yes = 1
export const broken = 2

/** The step that predicates see. */
export const stepOf = (probe: Probe, { name, step, actor, args }: Transition): StepTaken => ({
  name,
  step,
  actor,
  args,
  at: probe.at,
})

/** Guards and effects of a transition. Its thread must stand where it starts: see {@link withPcAt}. */
export const transitionCode =
  (probe: Probe, transition: Transition): (() => Result) =>
  () =>
    isOpen(probe, transition) ? { answer: yes, changes: take(probe, transition).changes } : { answer: no, changes: [] }

/** The guards alone. */
export const guardCode =
  (probe: Probe, transition: Transition): (() => Result) =>
  () => ({ answer: isOpen(probe, transition) ? yes : no, changes: [] })

function isOpen(probe: Probe, { guards, args }: Transition): boolean {
  const state = probe.view()
  return guards.every((guard) => decided(guard(state, args, probe.at)))
}

/** An answer as the search takes it. @throws Error for one that is neither true nor false: there the code fails. */
export function decided(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  if (answer instanceof Promise) answer.catch(() => undefined)
  throw new Error('it answers neither true nor false')
}

/** @throws Error for what an effect returns: there the code fails. */
function silent(answer: unknown): void {
  if (answer === undefined) return
  if (answer instanceof Promise) answer.catch(() => undefined)
  throw new Error('it returns something')
}

function take(probe: Probe, transition: Transition): Result & { readonly after: unknown } {
  const after = probe.draft()
  for (const effect of transition.effects) silent(effect(after, transition.args))
  silent(transition.note?.(probe.view(), after, stepOf(probe, transition)))
  const changes = [...probe.changed(after)]
  if (transition.thread >= 0 && transition.from !== transition.to)
    changes.push([probe.slots.counters[transition.thread]!, transition.to])
  return { answer: yes, changes, after }
}

type StepTest = (before: unknown, after: unknown, step: StepTaken) => boolean

/** A claim about steps, with a premise. */
export interface Conditional {
  readonly when: StepTest | undefined
  readonly holds: StepTest
}

/** A property of steps, asked of one transition. */
export const stepCode =
  (probe: Probe, transition: Transition, { when, holds }: Conditional): (() => Result) =>
  () => {
    if (!isOpen(probe, transition)) return { answer: no, changes: [] }
    const { after } = take(probe, transition)
    const asked = [probe.view(), after, stepOf(probe, transition)] as const
    const answer = when && !decided(when(...asked)) ? no : decided(holds(...asked)) ? yes : broken
    return { answer, changes: [] }
  }

/** A condition on states. */
export const stateCode =
  (probe: Probe, test: (state: unknown, at: At) => boolean): (() => Result) =>
  () => ({ answer: decided(test(probe.view(), probe.at)) ? yes : no, changes: [] })

/** Does something while a transition's thread stands where the transition starts. */
export function withPcAt<T>(probe: Probe, system: System, { thread, from }: Transition, act: () => T): T {
  if (thread < 0) return act()
  const slot = probe.slots.counters[thread]!
  const before = probe.codes[slot]!
  if (before >= 0 && before !== from) throw new Error(`${system.threads[thread]!.name} stands elsewhere`)
  probe.codes[slot] = from
  try {
    return act()
  } finally {
    probe.codes[slot] = before
  }
}

/** Whether the code fails on some path. */
export const mayFail = (tree: Tree): boolean => !everyPath(tree, (_, { answer }) => answer !== fails)
