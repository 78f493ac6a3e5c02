/** An observer as an automaton by itself, without the model: for observers that look at steps and at nothing else. */

import type { Arrow, Automaton } from '../match/source/automaton.js'
import { Mistake } from '../write/mistake.js'
import { selects } from '../write/predicate.js'
import type { Observer } from '../write/property.js'
import type { System, Transition } from '../write/system.js'

/** Thrown where code looks at what an observer by itself does not have. */
class Looked extends Error {}

/** States of an observer that are tried before it is given up. */
const mostStates = 10_000

/**
 * The sequences of steps after which an observer is not wrong. Each step that it is fed with is an event; `nameOf` says what it is called.
 * @throws Mistake for one that looks at the state of the model, or at where threads stand.
 */
export function watching(
  system: System,
  { name, declared }: Observer,
  nameOf: (transition: Transition) => string,
): Automaton {
  const fed = system.transitions.filter((transition) => selects(declared.on, transition))
  const owns: unknown[] = []
  const ids = new Map<string, number>()
  const idOf = (own: unknown): number => {
    const key = JSON.stringify(own)
    const known = ids.get(key)
    if (known !== undefined) return known
    if (owns.length >= mostStates) throw new Mistake(`observer ${name}`, `has more than ${mostStates} states`)
    ids.set(key, owns.length)
    owns.push(own)
    return owns.length - 1
  }
  const start = idOf(structuredClone(declared.initial))
  const known = new Map<number, readonly Arrow[]>()
  const arrows = (state: number): readonly Arrow[] => {
    const before = known.get(state)
    if (before) return before
    const made = fed.flatMap((transition) => {
      const own = structuredClone(owns[state])
      const { name: spelled, step, actor, args } = transition
      const taken = { name: spelled, step, actor, args, at: nothing as never }
      const isWrong = asked(name, () => {
        declared.next(own, nothing, nothing, taken)
        return declared.wrong(own, nothing, nothing as never)
      })
      return isWrong ? [] : [{ to: idOf(own), label: nameOf(transition) }]
    })
    known.set(state, made)
    return made
  }
  return { start, arrows }
}

/** Stands for all that is not there: whoever looks is found out. */
const nothing: unknown = new Proxy(() => undefined, {
  get: () => {
    throw new Looked()
  },
  apply: () => {
    throw new Looked()
  },
  has: () => {
    throw new Looked()
  },
  ownKeys: () => {
    throw new Looked()
  },
})

function asked(name: string, ask: () => boolean): boolean {
  try {
    return ask()
  } catch (cause) {
    if (!(cause instanceof Looked)) throw cause
    throw new Mistake(
      `observer ${name}`,
      'looks at the state of the model, which no probe sees',
      'see the model through events, and keep the property: --events NAME=STEP … --property NAME',
    )
  }
}
