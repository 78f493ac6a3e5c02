/** What two ways of finding something out must agree on, counted. */

import assert from 'node:assert/strict'

let count = 0

/** How many comparisons were made so far: each of what one way found, whole, with what another did. */
export const compared = (): number => count

/** @throws AssertionError unless both are the same; `how` says what was found in two ways. */
export function same(found: unknown, expected: unknown, how: string): void {
  count++
  assert.deepEqual(found, expected, how)
}

/** @throws AssertionError unless it is so; `what` says what was looked for. */
export function sure(is: boolean, what: string): void {
  count++
  assert(is, what)
}
