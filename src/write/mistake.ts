/** A user's mistake, told so that it can be put right: where, what was asked for, what exists, what to do next. */

import leven from 'leven'

/** An error in a model, a spec, a patch or a command; shown without a stack trace, exit code 2. */
export class Mistake extends Error {
  override readonly name = 'Mistake'

  /** @param where the place: `model my-protocol, patch fix-wakeup`; @param what the sentence; @param next what to do. */
  constructor(
    readonly where: string,
    readonly what: string,
    readonly next?: string,
    options?: ErrorOptions,
  ) {
    super(`${where}: ${what}${next ? `\n  ${next}` : ''}`, options)
  }
}

/** The mistake of a name that does not exist, with the nearest one that does, and all of them if they are few. */
export function unknownName(where: string, kind: string, asked: string, exists: readonly string[]): Mistake {
  return new Mistake(where, `there is no ${kind} '${asked}'`, suggestion(asked, exists))
}

function suggestion(asked: string, exists: readonly string[]): string {
  if (exists.length === 0) return 'none is declared'
  const near = [...exists].sort((a, b) => leven(asked, a) - leven(asked, b))[0]!
  const close = leven(asked, near) <= Math.max(2, Math.floor(asked.length / 3))
  const known = exists.length <= 40 ? `known: ${exists.join(', ')}` : `${exists.length} are known`
  return close ? `did you mean '${near}'? ${known}` : known
}
