/** Pictures of states as they are told: derived values that change, and drawings; code of the author that fails says so in their place. */

import type { SystemState } from '../search/reference.js'
import type { Picture } from '../write/picture.js'
import { asking } from '../write/standing.js'
import type { System } from '../write/system.js'

/** The named expressions of a picture in a state, in the order of their declaration. */
export function derivedIn(
  { show = {} }: Picture<unknown>,
  system: System,
  { state, at }: SystemState,
): Readonly<Record<string, unknown>> {
  const where = asking(system, at)
  return Object.fromEntries(Object.entries(show).map(([name, value]) => [name, quietly(() => value(state, where))]))
}

/** The drawing of a state, if there is one. */
export function drawnIn({ draw }: Picture<unknown>, system: System, { state, at }: SystemState): string | undefined {
  if (!draw) return undefined
  return String(quietly(() => draw(state, asking(system, at)))).replace(/\s+$/, '')
}

/** A picture is no part of the model: what it throws is told where it would stand, and ends nothing. */
function quietly(ask: () => unknown): unknown {
  try {
    return ask()
  } catch (cause) {
    return `(fails: ${cause instanceof Error ? cause.message : String(cause)})`
  }
}

/** Whether a drawing is SVG and not text. */
export const isSvg = (drawn: string): boolean => drawn.trimStart().startsWith('<svg')
