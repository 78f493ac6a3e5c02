/** Which answers a piece of code can give, in whatever state: looked for in states that are drawn, then on every path that it has. */

import type { Budget } from './decision-tree.js'
import type { Probe, Result } from './probe.js'

/** States that are drawn before anything is derived: most code that can answer something does so in one of them. */
const draws = 24

/**
 * Tells a visitor every result that code can have, until it wants no more.
 * @param visit whether to go on. @returns whether that was all: false beyond the budget, for code that cannot be followed, and if the
 * visitor has seen enough.
 */
export function everyResult(
  probe: Probe,
  code: () => Result,
  budget: Budget,
  visit: (result: Result) => boolean,
): boolean {
  if (budget.left-- <= 0) return false
  const result = probe.run(code)
  if (result) return probe.confirms(code, result) && visit(result)
  if (probe.opaque !== undefined) return false
  const slot = probe.wanted
  const { values } = probe.slots.all[slot]!
  let isWhole = true
  for (let value = 0; value < values && isWhole; value++) {
    probe.codes[slot] = value
    isWhole = everyResult(probe, code, budget, visit)
  }
  probe.codes[slot] = -1
  return isWhole
}

/** Whether code never gives an answer, whatever the state; false if that cannot be told. */
export function neverAnswers(probe: Probe, code: () => Result, answer: number, budget: Budget): boolean {
  for (let salt = 0; salt < draws; salt++) if (probe.drawn(code, salt).answer === answer) return false
  return everyResult(probe, code, budget, (result) => result.answer !== answer)
}
