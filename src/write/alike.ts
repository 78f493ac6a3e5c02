/** Names that are made of arguments, and may come out alike though the arguments differ. */

import { Mistake } from './mistake.js'

/** @throws Mistake if two are spelt alike: 1 and '1' are two arguments, and `x,y` may be one or two. */
export function refuseAlike(where: string, named: readonly { readonly name: string }[]): void {
  const seen = new Set<string>()
  for (const { name } of named) {
    if (seen.has(name))
      throw new Mistake(
        where,
        `two are spelt ${name}: arguments that differ are written alike`,
        'let `for` range over values that are spelt differently, without commas',
      )
    seen.add(name)
  }
}
