/** The recipe of the tests of several threads: the benchmark's protocols. */

import { isMainThread } from 'node:worker_threads'
import freeze, { properties } from '../bench/freeze.js'
import type { StateTest, Watch } from '../src/search/expander.js'
import type { Prepared } from '../src/search/parallel/recipe.js'
import { instantiate } from '../src/write/system.js'

/** A size, and perhaps a step of the PM thread at which a predicate throws, and when other threads than the first end. */
export interface Order {
  readonly N: number
  readonly Q: number
  readonly faultAt?: string
  readonly dies?: 'at once' | 'later'
}

let dawdled = 0

/** Taken before the search begins: from then on a model's code has no process. */
const { exit } = process

/** Ends a helping thread, for which the leading one leaves something to do. */
function dieOrDawdle(): void {
  if (!isMainThread) exit(7)
  if (dawdled++ < 300) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
}

/** A frozen-driver system of some size, with something to find of every kind. */
export function follow({ N, Q, faultAt, dies }: Order): Prepared {
  if (dies === 'at once' && !isMainThread) process.exit(7)
  const system = instantiate(freeze, { parameters: { N, Q } })
  const always = properties(system.parameters).flatMap((one) =>
    one.kind === 'always' ? [{ name: one.name, when: one.when, holds: one.holds }] : [],
  )
  const full: StateTest = (state) => (state as { d: { avail: number }[] }).d.every(({ avail }) => avail === Q)
  const used: StateTest = (state, at) => {
    if (dies === 'later') dieOrDawdle()
    if (faultAt && at('pm', faultAt) && (state as { wake: boolean }).wake) throw new Error('a predicate fails')
    return (state as { d: { used: number }[] }).d.every((d) => d.used > 0)
  }
  const watch: Watch = {
    states: [...always, { name: 'never-full', when: undefined, holds: (state, at) => !full(state, at) }],
    steps: [
      {
        name: 'first-again',
        selects: ({ step }) => step === 'irq.recheck/again',
        when: undefined,
        holds: (_, after) => (after as { idx: number }).idx === 0,
      },
    ],
    collects: [
      { name: 'full', holds: full },
      { name: 'used', holds: used },
      { name: 'asleep', holds: (_, at) => at('pm', 'sleep') },
    ],
  }
  return { system, watch }
}
