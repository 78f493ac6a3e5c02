/** Runs of toys as the explorer makes them. */

import assert from 'node:assert/strict'
import type { Run } from '../src/search/run.js'
import { follow } from '../src/tell/explore/schedule.js'
import type { Bounds } from '../src/tell/explore/shortest.js'
import type { Part } from '../src/write/model.js'
import { instantiate, type System } from '../src/write/system.js'
import { action, origin, toy } from './toy.js'

/** The toy of some parts. */
export const systemOfParts = (...parts: readonly Part[]): System => instantiate(toy(parts))

/** The run of these steps, all of which can be taken. */
export function runOf(system: System, ...names: readonly string[]): Run {
  const { run, stuck } = follow(system, { initial: 0, names })
  assert.equal(stuck, undefined)
  return run
}

/** Bounds that no toy comes to. */
export const wide: Bounds = { states: 1e6, seconds: 60 }

/** Takes n up, at most to two. */
export const counts = action('count', {
  actor: 'two',
  origin,
  when: (s) => s.n < 2,
  then: (d) => void d.n++,
})
