/** How a state is shown beside its fields: named expressions, and a drawing. No verdict depends on it. */

import type { Domain, ValueOf } from './domain.js'
import type { At, Frozen } from './model.js'
import { lookAt } from './word.js'

/** What stands beside a field: a value that is computed from the state. */
export type Derived = string | number | boolean | null

/** What is shown of every state besides its fields. */
export interface Picture<S> {
  /** Values by their names; told where they change. */
  readonly show?: Readonly<Record<string, (state: Frozen<S>, at: At) => Derived>>
  /** A text of several lines, or SVG: the state as somebody would sketch it. */
  readonly draw?: (state: Frozen<S>, at: At) => string
}

/**
 * Declares a picture of a model's states: `export const picture = pictureOf(state, { show: { free: (s) => 4 - s.used } })`.
 * @throws Mistake for keys that a picture does not have.
 */
export function pictureOf<D extends Domain<unknown> | ((parameters: never) => Domain<unknown>)>(
  state: D,
  declared: Picture<ValueOf<D>>,
  ...more: readonly never[]
): Picture<unknown> {
  lookAt('pictureOf', [state, declared, ...more], pictureOf)
  return declared as Picture<unknown>
}
