/** The local variables of threads: each thread that is named has one of its own. */

import { each, type Domain } from '../write/domain.js'
import { env, type Frozen } from '../write/model.js'
import { piece, type Piece } from '../write/piece.js'
import type { Otherwise } from './locks.js'
import { Field, thing, type Thing } from './thing.js'

export type Local<T, N extends string> = Thing<{ [K in N]: T }, 'local', N>

/** A local variable of these threads. */
export const local = <T, const N extends string>(of: Domain<T>, ...threads: readonly N[]): Local<T, N> =>
  thing('local', each(threads, of) as unknown as Domain<{ [K in N]: T }>, threads)

export interface LocalWords<S, T> {
  readonly field: string
  /** Sets that of the thread which is running. */
  assign(value: (state: Frozen<S>) => T): Piece<unknown>
  /** Goes elsewhere unless it is so. */
  check(test: (value: T) => boolean, otherwise: Otherwise): Piece<unknown>
}

export function localWords<S, T>(name: string, of: Thing<unknown>): LocalWords<S, T> {
  const field = new Field<Record<string, T>>(name, of)
  const variable = env('a local variable')
  const owned: Field<Record<string, T>>['owned'] = (does, from, doing) =>
    piece((put) => field.owned(does, put.from ?? from, doing)(put))
  return {
    field: name,
    assign: (value) =>
      owned('assign', variable, {
        named: 'assign',
        then: (draft, who) => void (draft[name]![who] = value(draft as Frozen<S>)),
      }),
    check: (test, { goto }) =>
      owned('check', variable, {
        named: 'check',
        either: {
          yes: { when: (own, who) => test(own[who]!) },
          no: { when: (own, who) => !test(own[who]!), goto },
        },
      }),
  }
}
