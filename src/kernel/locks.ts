/** Locks: who holds them, and who waits. Linux 7.3.4, kernel/locking. */

import { bool, each, int, oneOf, record, type Domain } from '../write/domain.js'
import type { Frozen } from '../write/model.js'
import type { Piece } from '../write/piece.js'
import { Field, thing, together, type Abstracted, type Thing } from './thing.js'

const free = 'free'

/** Where it goes that does not get a lock. */
export interface Otherwise {
  readonly goto: string
}

export type Mutex<N extends string> = Thing<'free' | N, 'mutex', N>

/** A mutex, free or held by one of these threads. */
export const mutex = <const N extends string>(...holders: readonly N[]): Mutex<N> =>
  thing('mutex', oneOf<'free' | N>(free, ...holders), holders)

export interface MutexWords<S> {
  readonly field: string
  readonly lock: Piece<unknown>
  readonly unlock: Piece<unknown>
  /** Goes elsewhere if it is held. */
  trylock(busy: Otherwise): Piece<unknown>
  /** Goes elsewhere if it is interrupted while it waits; `signal` tells when that can be. */
  lockInterruptible(interrupted: Otherwise & { readonly signal?: (state: Frozen<S>) => boolean }): Piece<unknown>
}

const locking = (file: string, symbol: string): Abstracted => [`kernel/locking/${file}.c`, symbol]

export function mutexWords<S>(name: string, of: Thing<unknown>): MutexWords<S> {
  const field = new Field<string>(name, of)
  const take = (draft: Record<string, string>, who: string): void => void (draft[name] = who)
  const isFree = (holder: string): boolean => holder === free
  const isHeld = (holder: string): boolean => holder !== free
  return {
    field: name,
    lock: field.owned('lock', locking('mutex', 'mutex_lock'), { when: isFree, then: take, with: 'sleeps' }),
    unlock: field.owned('unlock', locking('mutex', 'mutex_unlock'), { then: (draft) => void (draft[name] = free) }),
    trylock: ({ goto }) =>
      field.owned('trylock', locking('mutex', 'mutex_trylock'), {
        either: { taken: { when: isFree, then: take }, busy: { when: isHeld, goto } },
      }),
    lockInterruptible: ({ goto, signal }) =>
      field.owned('lock', locking('mutex', 'mutex_lock_interruptible'), {
        with: 'sleeps',
        either: {
          taken: { when: isFree, then: take },
          interrupted: {
            when: (holder, _, state) => isHeld(holder) && (signal?.(state as Frozen<S>) ?? true),
            goto,
          },
        },
      }),
  }
}

interface Nested<N extends string> {
  owner: 'free' | N
  depth: number
}

export type RecursiveMutex<N extends string> = Thing<Nested<N>, 'recursiveMutex', N>

/** A mutex that its holder may take again, at most `depth` times in all, as the common clock framework's. */
export const recursiveMutex = <const N extends string>(depth: number, ...holders: readonly N[]): RecursiveMutex<N> =>
  thing('recursiveMutex', record({ owner: oneOf<'free' | N>(free, ...holders), depth: int(0, depth) }), holders)

export type RecursiveMutexWords = Pick<MutexWords<never>, 'field' | 'lock' | 'unlock'>

export function recursiveMutexWords(name: string, of: Thing<unknown>): RecursiveMutexWords {
  const field = new Field<Nested<string>>(name, of)
  return {
    field: name,
    lock: field.owned('lock', ['drivers/clk/clk.c', 'clk_prepare_lock'], {
      with: 'sleeps',
      when: ({ owner }, who) => owner === free || owner === who,
      then: (draft, who) => {
        draft[name]!.owner = who
        draft[name]!.depth++
      },
    }),
    unlock: field.owned('unlock', ['drivers/clk/clk.c', 'clk_prepare_unlock'], {
      then: (draft) => {
        const lock = draft[name]!
        if (lock.depth > 0) lock.depth--
        if (lock.depth === 0) lock.owner = free
      },
    }),
  }
}

interface Shared<N extends string> {
  writer: 'free' | N
  readers: { [K in N]: boolean }
  waiting: 'none' | N
}

export type Rwsem<N extends string> = Thing<Shared<N>, 'rwsem', N>

/** A reader-writer semaphore of these threads; a writer that waits keeps new readers out. */
export const rwsem = <const N extends string>(...holders: readonly N[]): Rwsem<N> =>
  thing(
    'rwsem',
    record({
      writer: oneOf<'free' | N>(free, ...holders),
      readers: each(holders, bool()),
      waiting: oneOf<'none' | N>('none', ...holders),
    }) as unknown as Domain<Shared<N>>,
    holders,
  )

export interface RwsemWords {
  readonly field: string
  readonly downRead: Piece<unknown>
  readonly upRead: Piece<unknown>
  /** Two steps: to queue, and to get it. */
  readonly downWrite: Piece<unknown>
  readonly upWrite: Piece<unknown>
  readonly downgrade: Piece<unknown>
  tryRead(busy: Otherwise): Piece<unknown>
  tryWrite(busy: Otherwise): Piece<unknown>
}

export function rwsemWords(name: string, of: Thing<unknown>): RwsemWords {
  type V = Omit<Shared<string>, 'readers'> & { readonly readers: Record<string, boolean> }
  const field = new Field<V>(name, of)
  const isOpen = ({ writer, waiting }: V): boolean => writer === free && waiting === 'none'
  const unread = ({ readers }: V): boolean => {
    for (const one in readers) if (readers[one]) return false
    return true
  }
  const read =
    (held: boolean) =>
    (draft: Record<string, V>, who: string): void =>
      void (draft[name]!.readers[who] = held)
  const write = (draft: Record<string, V>, who: string): void => {
    draft[name]!.writer = who
    draft[name]!.waiting = 'none'
  }
  const canWrite = (lock: V): boolean => lock.writer === free && unread(lock)
  return {
    field: name,
    downRead: field.owned('read', locking('rwsem', 'down_read'), { when: isOpen, then: read(true), with: 'sleeps' }),
    upRead: field.owned('unread', locking('rwsem', 'up_read'), { then: read(false) }),
    downWrite: together(
      field.owned('queue', locking('rwsem', 'down_write'), {
        when: ({ waiting }) => waiting === 'none',
        then: (draft, who) => void (draft[name]!.waiting = who),
        with: 'sleeps',
      }),
      field.owned('write', locking('rwsem', 'rwsem_down_write_slowpath'), {
        when: canWrite,
        then: write,
        with: 'sleeps',
      }),
    ),
    upWrite: field.owned('unwrite', locking('rwsem', 'up_write'), {
      then: (draft) => void (draft[name]!.writer = free),
    }),
    downgrade: field.owned('unwrite', locking('rwsem', 'downgrade_write'), {
      then: (draft, who) => {
        draft[name]!.writer = free
        draft[name]!.readers[who] = true
      },
    }),
    tryRead: ({ goto }) =>
      field.owned('tryRead', locking('rwsem', 'down_read_trylock'), {
        either: {
          taken: { when: ({ writer }) => writer === free, then: read(true) },
          busy: { when: ({ writer }) => writer !== free, goto },
        },
      }),
    tryWrite: ({ goto }) =>
      field.owned('tryWrite', locking('rwsem', 'down_write_trylock'), {
        either: {
          taken: { when: canWrite, then: (draft, who) => void (draft[name]!.writer = who) },
          busy: { when: (lock) => !canWrite(lock), goto },
        },
      }),
  }
}

interface Spinning<N extends string> {
  owner: 'free' | N
  irqsave: boolean
}

export type Spinlock<N extends string> = Thing<Spinning<N>, 'spinlock', N>

/** A spinlock, free or held by one of these threads, with interrupts on or off. */
export const spinlock = <const N extends string>(...holders: readonly N[]): Spinlock<N> =>
  thing('spinlock', record({ owner: oneOf<'free' | N>(free, ...holders), irqsave: bool() }), holders)

export interface SpinlockWords {
  readonly field: string
  readonly lock: Piece<unknown>
  readonly unlock: Piece<unknown>
  readonly lockIrqsave: Piece<unknown>
  readonly unlockIrqrestore: Piece<unknown>
  trylock(busy: Otherwise): Piece<unknown>
}

export function spinlockWords(name: string, of: Thing<unknown>): SpinlockWords {
  type V = Spinning<string>
  const field = new Field<V>(name, of)
  const isFree = ({ owner }: V): boolean => owner === free
  const take =
    (irqsave: boolean) =>
    (draft: Record<string, V>, who: string): void => {
      draft[name]!.owner = who
      draft[name]!.irqsave = irqsave
    }
  const release = (draft: Record<string, V>): void => {
    draft[name]!.owner = free
    draft[name]!.irqsave = false
  }
  return {
    field: name,
    lock: field.owned('lock', locking('spinlock', '_raw_spin_lock'), {
      named: 'spin_lock',
      when: isFree,
      then: take(false),
    }),
    unlock: field.owned('unlock', locking('spinlock', '_raw_spin_unlock'), { named: 'spin_unlock', then: release }),
    lockIrqsave: field.owned('lock', locking('spinlock', '_raw_spin_lock_irqsave'), {
      named: 'spin_lock_irqsave',
      when: isFree,
      then: take(true),
    }),
    unlockIrqrestore: field.owned('unlock', locking('spinlock', '_raw_spin_unlock_irqrestore'), {
      named: 'spin_unlock_irqrestore',
      then: release,
    }),
    trylock: ({ goto }) =>
      field.owned('trylock', locking('spinlock', '_raw_spin_trylock'), {
        named: 'spin_trylock',
        either: {
          taken: { when: isFree, then: take(false) },
          busy: { when: ({ owner }) => owner !== free, goto },
        },
      }),
  }
}

export type LocalIrq<N extends string> = Thing<'on' | N, 'localIrq', N>

/** The interrupts of one CPU: on, or switched off by one of these threads. */
export const localIrq = <const N extends string>(...threads: readonly N[]): LocalIrq<N> =>
  thing('localIrq', oneOf<'on' | N>('on', ...threads), threads)

export interface LocalIrqWords {
  readonly field: string
  readonly disable: Piece<unknown>
  readonly enable: Piece<unknown>
}

export function localIrqWords(name: string, of: Thing<unknown>): LocalIrqWords {
  const field = new Field<string>(name, of)
  const flags = 'include/linux/irqflags.h'
  return {
    field: name,
    disable: field.owned('disable', [flags, 'local_irq_disable'], {
      then: (draft, who) => void (draft[name] = who),
    }),
    enable: field.owned('enable', [flags, 'local_irq_enable'], { then: (draft) => void (draft[name] = 'on') }),
  }
}
