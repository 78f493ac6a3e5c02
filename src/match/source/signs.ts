/** What is known of values on a path through C: which of negative, zero and positive they can be. */

/** A set of signs as bits; pointers are zero or not. */
export type Signs = number

export const negative: Signs = 1
export const zero: Signs = 2
export const positive: Signs = 4
export const anything: Signs = 7
export const nonzero: Signs = negative | positive

/** The signs of a constant. */
export function signsOf(constant: string): Signs {
  const text = constant.replace(/[uUlL]+$/, '')
  if (/^(0|0x0+|NULL|false|FALSE|nullptr)$/.test(text)) return zero
  if (/^-\s*(E[A-Z0-9]+|[1-9]\d*|0x[0-9a-fA-F]+)$/.test(text)) return negative
  if (/^(\d+|0x[0-9a-fA-F]+|true|TRUE)$/.test(text)) return positive
  if (text.startsWith('"')) return positive
  return anything
}

/** The signs for which a comparison with zero holds. */
export const comparedWithZero: Readonly<Record<string, Signs>> = {
  '==': zero,
  '!=': nonzero,
  '<': negative,
  '<=': negative | zero,
  '>': positive,
  '>=': positive | zero,
}

/** `0 < x` is `x > 0`. */
export const mirrored: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}
