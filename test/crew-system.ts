/** The recipe of the tests of several threads: the benchmark's protocols. */

import freeze, { properties } from '../bench/freeze.js'
import type { StateTest, Watch } from '../src/search/expander.js'
import type { Prepared } from '../src/search/scale/recipe.js'
import { instantiate } from '../src/write/system.js'

/** A size, and perhaps a step of the PM thread at which a predicate throws. */
export interface Order {
  readonly N: number
  readonly Q: number
  readonly faultAt?: string
}

/** A frozen-driver system of some size, with something to find of every kind. */
export function follow({ N, Q, faultAt }: Order): Prepared {
  const system = instantiate(freeze, { parameters: { N, Q } })
  const always = properties(system.parameters).flatMap((one) =>
    one.kind === 'always' ? [{ name: one.name, when: one.when, holds: one.holds }] : [],
  )
  const full: StateTest = (state) => (state as { d: { avail: number }[] }).d.every(({ avail }) => avail === Q)
  const used: StateTest = (state, at) => {
    if (at.pm === faultAt && (state as { wake: boolean }).wake) throw new Error('a predicate fails')
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
      { name: 'asleep', holds: (_, at) => at.pm === 'sleep' },
    ],
  }
  return { system, watch }
}
