/** A thing of the kernel: a field of the state that has words of its own, and the acts that these are made of. */

import type { Domain } from '../write/domain.js'
import { Mistake } from '../write/mistake.js'
import { source, type Act, type Args, type At, type Branch, type Origin, type Step } from '../write/model.js'
import { markOurs } from '../write/ours.js'
import { piece, type Piece, type Put } from '../write/piece.js'
import { spelledArgs } from '../write/system.js'

/** A domain that words are bound to; `names` are the threads that may be named in its values. */
export interface Thing<T, K extends string = string, N extends string = string> extends Domain<T> {
  readonly thing: K
  readonly names: readonly N[]
  /** What else its words depend on. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A domain as a thing. */
export const thing = <T, const K extends string, const N extends string = never>(
  kind: K,
  domain: Domain<T>,
  names: readonly N[] = [],
  options: Readonly<Record<string, unknown>> = {},
): Thing<T, K, N> => ({ ...domain, thing: kind, names, options })

/** Which function of the kernel an act abstracts. */
export type Abstracted = readonly [file: string, symbol: string]

/** How an act goes; `who` is the thread that acts, with its arguments: `tx(0)`. */
export interface Way<V> {
  readonly when?: (value: V, who: string, state: unknown, at: At) => boolean
  /** Writes on the state as a record of things. */
  readonly then?: (draft: Record<string, V>, who: string) => void
  readonly goto?: string | undefined
  readonly lastResort?: true
  readonly says?: string
}

/** An act with one way, or with several by name. */
export interface Doing<V> extends Way<V> {
  readonly either?: Readonly<Record<string, Way<V>>>
  /** The name of its step, instead of that of the function. */
  readonly named?: string
  readonly with?: string
}

/** A thread with its arguments; allocates nothing for one without. */
function spelledThread(thread: string, args: Args): string {
  for (const _ in args) return thread + spelledArgs(args)
  return thread
}

markOurs([spelledThread])

type Loose = Readonly<Record<string, unknown>>
type Guard = (state: unknown, args: Args, at: At) => boolean

/** Who acts is asked only where that matters: most guards look at a value alone. */
function guardOf<V>(field: string, { thread, single }: Put, when: NonNullable<Way<V>['when']>): Guard {
  if (when.length <= 1) return (state) => (when as (value: V) => boolean)((state as Loose)[field] as V)
  if (single) return (state, _, at) => when((state as Loose)[field] as V, thread, state, at)
  return (state, args, at) => when((state as Loose)[field] as V, spelledThread(thread, args), state, at)
}

function effectOf<V>({ thread, single }: Put, then: NonNullable<Way<V>['then']>): (draft: unknown, args: Args) => void {
  if (then.length <= 1) return then as (draft: unknown) => void
  if (single) return (draft) => then(draft as Record<string, V>, thread)
  return (draft, args) => then(draft as Record<string, V>, spelledThread(thread, args))
}

function wayOf<V>(field: string, put: Put, way: Way<V>): Branch<unknown, Args> {
  const { when, then, ...rest } = way
  return {
    ...(rest.goto !== undefined && { goto: rest.goto }),
    ...(rest.lastResort && { lastResort: true }),
    ...(rest.says !== undefined && { says: rest.says }),
    ...(when && { when: guardOf(field, put, when) }),
    ...(then && { then: effectOf(put, then) }),
  }
}

/** The function that names a step. */
const symbolOf = (of: Abstracted | Origin): string => ('kind' in of ? of.kind : of[1])

/** One thing in one field: makes acts on it. */
export class Field<V> {
  constructor(
    readonly field: string,
    readonly thing: Thing<unknown>,
  ) {}

  /** The step of an act where it is put: `mutex_lock:tz`. */
  step(put: Put, does: string, of: Abstracted | Origin, doing: Doing<V>): Step {
    const { either, named, with: more } = doing
    const act: Act = { thing: this.thing.thing, field: this.field, does, ...(more !== undefined && { with: more }) }
    const ways = either && Object.entries(either).map(([name, way]) => [name, wayOf(this.field, put, way)] as const)
    const origin = 'kind' in of ? of : source(...of)
    const declared = {
      origin,
      ...wayOf(this.field, put, doing),
      ...(ways && { either: Object.fromEntries(ways) }),
    }
    return { name: `${named ?? symbolOf(of)}:${this.field}`, declared, act }
  }

  /** An act of any thread. */
  act(does: string, of: Abstracted | Origin, doing: Doing<V> = {}): Piece<unknown> {
    return piece((put) => [this.step(put, does, of, doing)])
  }

  /** An act of one of the threads that the thing names. @throws Mistake in another. */
  owned(does: string, of: Abstracted | Origin, doing: Doing<V> = {}): Piece<unknown> {
    return piece((put) => {
      this.refuseStranger(put, does)
      return [this.step(put, does, of, doing)]
    })
  }

  /** @throws Mistake for a thread that the thing does not name. */
  refuseStranger({ thread }: Put, does: string): void {
    const { thing: kind, names } = this.thing
    if (names.some((name) => name === thread || name.startsWith(`${thread}(`))) return
    throw new Mistake(
      `thread ${thread}`,
      `does not know ${this.field}: ${kind} ${does}`,
      `name it: ${kind}(${[...names, thread].map((name) => `'${name}'`).join(', ')})`,
    )
  }
}

/** Acts one behind the other; who leaves them goes on behind all of them. */
export const together = (...pieces: readonly Piece<unknown>[]): Piece<unknown> =>
  Object.assign(
    piece((put: Put) => pieces.flatMap((one) => one(put))),
    { encloses: true },
  )
