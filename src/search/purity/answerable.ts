/** Running a model's code within what such code may do: pure, of its state alone, and watched over while it runs. */

import type { Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { lookUpNames } from '../names.js'
import { underWatch } from '../pulse.js'
import { reach } from './closures.js'
import { codeOf } from './code.js'

/**
 * Does something with a model's code, held to what such code may do; `untried`: whose code depends on too much to have all its names looked up.
 * @throws Mistake for names that no variant has, and if it reached beyond its state.
 */
export async function answerable<T>(
  system: System,
  list: readonly Property[],
  maxSeconds: number | undefined,
  act: (untried: readonly string[]) => Promise<T>,
): Promise<T> {
  const reached = reach(system.model, codeOf(system, list))
  try {
    return await underWatch(maxSeconds, system, list, () => act(lookUpNames(system, list)))
  } finally {
    // Whatever was found, and whatever went wrong, is worth nothing then.
    reached.insist()
  }
}
