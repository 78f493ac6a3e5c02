/** A small system for tests that need one: a worker with two steps, an interrupt, and patches that break it. */

import assert from 'node:assert/strict'
import {
  array,
  bool,
  env,
  environment,
  int,
  list,
  Mistake,
  oneOf,
  optional,
  over,
  parameter,
  propertiesOver,
  record,
  system,
  type Model,
  type ValueOf,
} from '../src/index.js'
import type { Part, Patch } from '../src/write/model.js'

export const state = record({
  n: int(0, 2),
  on: bool(),
  queue: list(2, oneOf('a', 'b')),
  device: record({ used: int(0, 1) }),
  lock: optional(record({ held: bool() })),
  slots: array(2, record({ busy: bool() })),
})

export type State = ValueOf<typeof state>

export const { model, thread, step, action, patch, edit } = over(state)
export const properties = propertiesOver(state)
export const origin = env('a toy')

/** Where everything starts. */
export const initial = (): State => ({
  n: 0,
  on: false,
  queue: [],
  device: { used: 0 },
  lock: null,
  slots: [{ busy: false }, { busy: false }],
})

/** A thread that switches on and off for ever. */
export const worker = thread(
  'worker',
  { actor: 'one' },
  step('start', { origin, then: (d) => void (d.on = true) }),
  step('stop', { origin, then: (d) => void (d.on = false), goto: 'start' }),
)

/** A model called toy, which may rest anywhere, of the given parts and patches. */
export const toy = (parts: readonly Part[], patches: readonly Patch[] = []): Model =>
  model('toy', {
    question: 'Does it work?',
    actors: { one: system('works'), two: environment('interrupts') },
    parameters: { N: parameter(int(1, 3), 1, 'how many') },
    initial,
    parts: () => parts,
    patches,
    resting: () => true,
  })

/** An action that does the given thing whenever it likes. */
export const doing = (then: (draft: State) => void, when?: (state: unknown) => boolean): Part =>
  action('act', { actor: 'one', origin, then, ...(when && { when }) })

/** The exact message of the mistake that something is. */
export function mistake(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    assert(error instanceof Mistake, String(error))
    return error.message
  }
  assert.fail('no mistake was found')
}
