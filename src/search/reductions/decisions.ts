/** What a model's code does in every state, as a decision tree over the cells it reads: derived, never declared. */

import type { StepTaken } from '../../write/predicate.js'
import type { System, Transition } from '../../write/system.js'
import type { StateTest, Watch } from '../expander.js'
import { fails, type Result, type Trial } from './trial.js'

/** A tree over the codes of cells: what the code does depends on nothing else. */
export type Tree = { readonly cell: number; readonly kids: readonly Tree[] } | { readonly result: Result }

/** How many runs may still be made; what needs more is not known. */
export interface Budget {
  left: number
}

/** Grows the tree of a piece of code under the codes that the trial has already; undefined beyond the budget. */
export function grow(trial: Trial, code: () => Result, budget: Budget): Tree | undefined {
  if (budget.left-- <= 0) return undefined
  const result = trial.run(code)
  if (result) return { result }
  const cell = trial.wanted
  const kids: Tree[] = []
  for (let value = 0; value < trial.cells.all[cell]!.values; value++) {
    trial.codes[cell] = value
    const kid = grow(trial, code, budget)
    if (!kid) break
    kids.push(kid)
  }
  trial.codes[cell] = -1
  return kids.length === trial.cells.all[cell]!.values ? { cell, kids } : undefined
}

/** Every path of a tree: the codes along it, and the result. Stops, and says so, at the first that `each` refuses. */
export function everyPath(
  tree: Tree,
  each: (codes: readonly (readonly [cell: number, code: number])[], result: Result) => boolean,
): boolean {
  const codes: (readonly [number, number])[] = []
  const walk = (here: Tree): boolean => {
    if ('result' in here) return each(codes, here.result)
    return here.kids.every((kid, code) => {
      codes.push([here.cell, code])
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
const stepOf = (trial: Trial, { name, step, actor, args }: Transition): StepTaken => ({
  name,
  step,
  actor,
  args,
  at: trial.at,
})

/** Guards and effects of a transition. Its thread must stand where it starts: see {@link placed}. */
export const transitionCode =
  (trial: Trial, transition: Transition): (() => Result) =>
  () =>
    isOpen(trial, transition) ? { answer: yes, changes: take(trial, transition).changes } : { answer: no, changes: [] }

/** The guards alone. */
export const guardCode =
  (trial: Trial, transition: Transition): (() => Result) =>
  () => ({ answer: isOpen(trial, transition) ? yes : no, changes: [] })

function isOpen(trial: Trial, { guards, args }: Transition): boolean {
  const state = trial.view()
  return guards.every((guard) => guard(state, args, trial.at))
}

function take(trial: Trial, transition: Transition): Result & { readonly after: unknown } {
  const after = trial.draft()
  for (const effect of transition.effects) effect(after, transition.args)
  transition.note?.(trial.view(), after, stepOf(trial, transition))
  const changes = [...trial.changed(after)]
  if (transition.thread >= 0 && transition.from !== transition.to)
    changes.push([trial.cells.counters[transition.thread]!, transition.to])
  return { answer: yes, changes, after }
}

/** A property of steps, asked of one transition. */
export const stepCode =
  (trial: Trial, transition: Transition, { when, holds }: Watch['steps'][number]): (() => Result) =>
  () => {
    if (!isOpen(trial, transition)) return { answer: no, changes: [] }
    const { after } = take(trial, transition)
    const asked = [trial.view(), after, stepOf(trial, transition)] as const
    const answer = when && !when(...asked) ? no : holds(...asked) ? yes : broken
    return { answer, changes: [] }
  }

/** A condition on states. */
export const stateCode =
  (trial: Trial, test: StateTest): (() => Result) =>
  () => ({ answer: test(trial.view(), trial.at) ? yes : no, changes: [] })

/** Does something while a transition's thread stands where the transition starts. */
export function placed<T>(trial: Trial, system: System, { thread, from }: Transition, act: () => T): T {
  if (thread < 0) return act()
  const cell = trial.cells.counters[thread]!
  const before = trial.codes[cell]!
  if (before >= 0 && before !== from) throw new Error(`${system.threads[thread]!.name} stands elsewhere`)
  trial.codes[cell] = from
  try {
    return act()
  } finally {
    trial.codes[cell] = before
  }
}

/** Whether the code fails on some path. */
export const mayFail = (tree: Tree): boolean => !everyPath(tree, (_, { answer }) => answer !== fails)
