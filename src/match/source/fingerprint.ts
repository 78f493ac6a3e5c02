/** Identifies a function by its tokens: comments, blanks and line breaks do not count, everything else does. */

import { createHash } from 'node:crypto'

const token =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|\\?\s+|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[A-Za-z_]\w*|\d[\w.]*|->|\+\+|--|<<=?|>>=?|[-+*/%&|^!=<>]=|&&|\|\||\.\.\.|./g

/** The tokens of C, without comments. */
export const tokensOf = (text: string): readonly string[] =>
  (text.match(token) ?? []).filter((one) => !/^(\\?\s|\/[*/])/.test(one))

/** 16 hexadecimal digits of the SHA-256 of a function's tokens. */
export const fingerprintOf = (text: string): string =>
  createHash('sha256').update(tokensOf(text).join('\0')).digest('hex').slice(0, 16)
