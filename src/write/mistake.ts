/** A user's mistake, told so that it can be put right: where, what was asked for, what exists, what to do next. */

import leven from 'leven'
import type { Site } from './site.js'

/** A place in a file, lines and columns from 1. */
export interface Place {
  /** Relative to where the program runs, if it is below. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** The lines around it, the place marked by a caret. */
  readonly frame: string
}

/** What else is known of a mistake. */
export interface MistakeOptions extends ErrorOptions {
  /** Where it was made: a stack to be looked into, or a place in a file. */
  readonly at?: Site | Place | undefined
  /** The key or name that is wrong, to be found behind the place. */
  readonly word?: string
  /** The keys that lead there from the place, one behind the other. */
  readonly path?: readonly string[]
}

/** An error in a model, a spec, a patch or a command; shown without a stack trace, exit code 2. */
export class Mistake extends Error {
  /** Tells it from other errors, also of another copy of this file. */
  override readonly name = 'Mistake'
  /** Where it was made, if that is known. */
  readonly at: Site | Place | undefined
  /** The key or name that is wrong, if it is one. */
  readonly word: string | undefined
  /** The keys that lead from the place to what is wrong. */
  readonly path: readonly string[]

  /** @param where the place: `model my-protocol, patch fix-wakeup`; @param what the sentence; @param next what to do. */
  constructor(
    readonly where: string,
    readonly what: string,
    readonly next?: string,
    options?: MistakeOptions,
  ) {
    super(`${where}: ${what}${next ? `\n  ${next}` : ''}`, options)
    this.at = options?.at
    this.word = options?.word
    this.path = options?.path ?? (options?.word === undefined ? [] : [options.word])
  }

  /** A model may have been written with another copy of this file; a mistake is one all the same. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isMistake = value instanceof Error && value.name === 'Mistake' && 'where' in value
    return isMistake && (this === Mistake || Object.prototype.isPrototypeOf.call(this.prototype, value))
  }

  /** The same mistake with a place, unless it has one. */
  placed(at: Site | Place | undefined): Mistake {
    if (this.at || !at) return this
    const { where, what, next, cause, word, path } = this
    return new Mistake(where, what, next, { cause, at, path, ...(word !== undefined && { word }) })
  }
}

/** The mistake of a name that does not exist, with the nearest one that does, and all of them if they are few. */
export function unknownName(
  where: string,
  kind: string,
  asked: string,
  exists: readonly string[],
  at?: Site | Place,
): Mistake {
  return new Mistake(where, `there is no ${kind} '${asked}'`, suggestion(asked, exists), { at, word: asked })
}

/** `did you mean 'when'? known: when, then` */
export function suggestion(asked: string, exists: readonly string[]): string {
  if (exists.length === 0) return 'none is declared'
  const near = [...exists].sort((a, b) => leven(asked, a) - leven(asked, b))[0]!
  const close = leven(asked, near) <= Math.max(2, Math.floor(asked.length / 3))
  const known = exists.length <= 40 ? `known: ${exists.join(', ')}` : `${exists.length} are known`
  return close ? `did you mean '${near}'? ${known}` : known
}
