/** Who could go on at each step of a run, and has not for how long: what fairness has it owe. */

import { constraintsOf } from '../../search/liveness/fairness.js'
import { statesOf, type Run } from '../../search/run.js'
import type { Fairness } from '../../write/model.js'
import { choicesIn } from './choices.js'

/** A thread or an action that could go on without a break and has not. */
export interface Debt {
  /** `tx(0)`, `host.complete`. */
  readonly name: string
  readonly fair: Exclude<Fairness, 'none'>
  /** After how many steps it could first, without a break since. */
  readonly since: number
}

/** The debts before the first step of a run and after each. A run may stop where there are none. */
export function debtsOf(run: Run): readonly (readonly Debt[])[] {
  const { names, parts, of, declared } = constraintsOf(run.system)
  const since = new Map<number, number>()
  return statesOf(run).map((here, i) => {
    const able = new Set(choicesIn(run.system, here).possible.map(({ index }) => of[index]!))
    const taken = i > 0 ? of[run.steps[i - 1]!.transition.index] : undefined
    names.forEach((_, one) => {
      if (!able.has(one)) since.delete(one)
      else if (one === taken || !since.has(one)) since.set(one, i)
    })
    return [...since]
      .sort(([a], [b]) => a - b)
      .flatMap(([one, from]) => {
        const fair = declared.get(parts[one]!)
        return fair === undefined || fair === 'none' ? [] : [{ name: names[one]!, fair, since: from }]
      })
  })
}
