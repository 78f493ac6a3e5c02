/** Lifetimes: counted references, and objects that are freed. Linux 7.3.4, lib/refcount.c, include/linux/kref.h, mm. */

import { int, oneOf } from '../write/domain.js'
import { leaves, type Piece, type Placeable } from '../write/piece.js'
import type { Otherwise } from './locks.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

export type Refcount = Thing<number, 'refcount'>

/** References to an object, none of which is left when it is 0. */
export const refcount = (most = 3): Refcount => thing('refcount', int(0, most), [], { rest: 1 })

export interface RefcountWords<S> {
  readonly field: string
  readonly get: Piece<unknown>
  getUnlessZero(gone: Otherwise): Piece<unknown>
  /** Drops a reference; who drops the last one does these steps. */
  put(...release: readonly Placeable<S>[]): Piece<unknown>
}

export function refcountWords<S>(name: string, of: Thing<unknown>): RefcountWords<S> {
  const field = new Field<number>(name, of)
  const kref = (symbol: string): Abstracted => ['include/linux/kref.h', symbol]
  const up = (draft: Record<string, number>): void => void draft[name]!++
  const down = (draft: Record<string, number>): void => {
    if (draft[name]! > 0) draft[name]!--
  }
  return {
    field: name,
    get: field.act('get', kref('kref_get'), {
      then: (draft) => {
        if (draft[name]! > 0) up(draft)
      },
    }),
    getUnlessZero: ({ goto }) =>
      field.act('tryGet', kref('kref_get_unless_zero'), {
        either: { taken: { when: (count) => count > 0, then: up }, gone: { when: (count) => count === 0, goto } },
      }),
    put: (...release) =>
      release.length === 0
        ? field.act('put', kref('kref_put'), { then: down })
        : together(
            field.act('put', kref('kref_put'), {
              either: {
                last: { when: (count) => count === 1, then: down },
                more: { when: (count) => count !== 1, then: down, goto: leaves },
              },
            }),
            ...(release as unknown as readonly Piece<unknown>[]),
          ),
  }
}

export type Lifetime = Thing<'absent' | 'alive' | 'freed', 'lifetime'>

/** An object, and the things that are part of it: work items, timers, interrupts, locks, by their fields. */
export const lifetime = (...parts: readonly string[]): Lifetime =>
  thing('lifetime', oneOf('absent', 'alive', 'freed'), [], { parts, rest: 'alive' })

export interface LifetimeWords {
  readonly field: string
  readonly allocate: Piece<unknown>
  readonly use: Piece<unknown>
  readonly free: Piece<unknown>
}

export function lifetimeWords(name: string, of: Thing<unknown>): LifetimeWords {
  const field = new Field<string>(name, of)
  const parts = (of.options.parts as readonly string[]).join(',')
  return {
    field: name,
    allocate: field.act('allocate', ['include/linux/slab.h', 'kzalloc'], {
      then: (draft) => void (draft[name] = 'alive'),
    }),
    use: field.act('use', ['include/linux/slab.h', 'kzalloc'], { named: 'use' }),
    free: field.act('free', ['mm/slub.c', 'kfree'], { then: (draft) => void (draft[name] = 'freed'), with: parts }),
  }
}
