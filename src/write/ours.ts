/** Functions of this package, told from those of an author, whichever copy of the package they are from. */

const mark = Symbol.for('thawproof')

/** Marks functions that models may call: what they remember is ours, and no state. */
export function markOurs(functions: readonly object[]): void {
  for (const one of functions) Object.defineProperty(one, mark, { value: true })
}

/** Whether a function was marked. */
export const isOurs = (value: object): boolean => Object.hasOwn(value, mark)
