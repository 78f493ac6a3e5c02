/** The thread in which a callback runs: it takes its event, does its steps, and waits for the next. */

import type { Thread } from '../write/model.js'
import { landed, piece, stepsAt, type Piece, type Placeable } from '../write/piece.js'
import type { Abstracted, Doing, Field } from './thing.js'

/** The head of such a thread. */
export interface Handler {
  readonly actor: string
  /** Default: that of the callback. */
  readonly name?: string
  readonly says?: string
}

/** What begins and what ends a run of the callback; the second goes back to the first. */
export interface Turn<V> {
  readonly begin: readonly [of: Abstracted, doing: Doing<V>]
  readonly end: readonly [of: Abstracted, doing: Doing<V>]
}

/** The word for such a thread, whose callbacks all begin and end alike. */
export const handlerWord =
  <V, S>(field: Field<V>, turn: Turn<V>) =>
  (head: Handler & { readonly name: string }, ...steps: readonly Placeable<S>[]): Thread =>
    handling(field, head.name, head, turn, steps as readonly Placeable<never>[])

/** The thread of a callback. */
export function handling<V>(
  field: Field<V>,
  name: string,
  { actor, says }: Handler,
  { begin, end }: Turn<V>,
  steps: readonly Placeable<never>[],
): Thread {
  const first = `${begin[1].named ?? begin[0][1]}:${field.field}`
  const begins = field.act('begin', ...begin)
  const ends: Piece<unknown> = piece((put) => [field.step(put, 'end', end[0], { ...end[1], goto: first })])
  const made = stepsAt({ thread: name, single: true }, [begins, ...steps, ends] as never)
  return {
    kind: 'thread',
    name,
    declared: { actor, ...(says !== undefined && { says }) },
    steps: landed(made, 'end'),
  }
}
