/** The verdict on one property of a model. */

import { isDeepStrictEqual } from 'node:util'
import { check, type Verdict } from '../src/check.js'
import { instantiate, type Choice, type Model, type Property } from '../src/index.js'

/** Checks one property. */
export async function verdictOf(model: Model, property: Property, choice: Choice = {}): Promise<Verdict> {
  const { verdicts } = await check(instantiate(model, choice), [property])
  return verdicts.find((verdict) => verdict.property === property.name)!
}

/** A violation by a loop is a loop: where it starts it also ends. */
export function closes({ run }: Verdict): boolean {
  if (run?.loop === undefined) return false
  const states = [run.start, ...run.steps.map(({ after }) => after)]
  return run.loop < run.steps.length && isDeepStrictEqual(states[run.loop], states.at(-1))
}
