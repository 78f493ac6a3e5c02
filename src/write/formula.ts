/** Linear temporal logic: formulas as plain data, built by functions or read from text. */

import { Mistake, unknownName } from './mistake.js'
import { siteHere } from './site.js'

/** Operators with one operand: negation, next, finally, globally; yesterday, once, historically. */
export type Unary = '!' | 'X' | 'F' | 'G' | 'Y' | 'O' | 'H'

/** Operators with two operands: and, or, implication, equivalence; until, release, weak until; since. */
export type Binary = '&' | '|' | '->' | '<->' | 'U' | 'R' | 'W' | 'S'

/** A formula; a string is an atom. Y, O, H and S look back and take operands that do not look ahead. */
export type Formula =
  | boolean
  | string
  | { readonly op: Unary; readonly of: Formula }
  | { readonly op: Binary; readonly left: Formula; readonly right: Formula }

function unary(op: Unary) {
  return function made(of: Formula, ...more: readonly never[]): Formula {
    if (more.length > 0) throw oneMore('one formula', made)
    return { op, of }
  }
}

function binary(op: Binary) {
  return function made(left: Formula, right: Formula, ...more: readonly never[]): Formula {
    if (more.length > 0) throw oneMore('two formulas', made)
    return { op, left, right }
  }
}

const oneMore = (what: string, made: (...given: never[]) => unknown): Mistake =>
  new Mistake(
    'formula',
    `takes ${what}, and is given one thing more`,
    'nothing would become of it: put one into another',
    {
      at: siteHere(made),
    },
  )

/** Builds formulas: `G(implies('asked', F('answered')))`. */
export const formula = {
  /** Not. */
  not: unary('!'),
  /** Both. */
  and: binary('&'),
  /** One of them, or both. */
  or: binary('|'),
  /** The right, if the left. */
  implies: binary('->'),
  /** Both, or neither. */
  iff: binary('<->'),
  /** In the next state; where a run stops, in the same. */
  X: unary('X'),
  /** Now or later. */
  F: unary('F'),
  /** Now and for ever. */
  G: unary('G'),
  /** The left until the right, which comes. */
  U: binary('U'),
  /** The right until both, or for ever. */
  R: binary('R'),
  /** The left until the right, or for ever. */
  W: binary('W'),
  /** In the state before; false in the first. */
  Y: unary('Y'),
  /** Now or before. */
  O: unary('O'),
  /** Now and always before. */
  H: unary('H'),
  /** The right now or before, and the left ever since. */
  S: binary('S'),
} as const

/** The atoms of a formula, each once, in the order of their first occurrence. */
export function atomsOf(given: Formula): string[] {
  if (typeof given === 'boolean') return []
  if (typeof given === 'string') return [given]
  const parts = 'of' in given ? [given.of] : [given.left, given.right]
  return [...new Set(parts.flatMap(atomsOf))]
}

const pasts: readonly string[] = ['Y', 'O', 'H', 'S']
const futures: readonly string[] = ['X', 'F', 'G', 'U', 'R', 'W']

/**
 * A formula from its text, or as it is; checked. Operators by falling strength: `! X F G Y O H`, `U R W S` (to the right), `&`,
 * `|`, `->` (to the right), `<->`. Atoms begin with a small letter and may contain dashes.
 * @throws Mistake for bad syntax, atoms that do not exist, and operators that look ahead inside of those that look back.
 */
export function formulaFrom(given: Formula, atoms: readonly string[], where: string): Formula {
  const read = typeof given === 'string' ? new Reader(given, where).whole() : given
  for (const atom of atomsOf(read)) if (!atoms.includes(atom)) throw unknownName(where, 'atom', atom, atoms)
  refuseFutureInPast(read, false, where)
  return read
}

function refuseFutureInPast(given: Formula, past: boolean, where: string): void {
  if (typeof given !== 'object') return
  if (past && futures.includes(given.op))
    throw new Mistake(where, `${given.op} looks ahead inside of an operator that looks back`, 'take it out')
  const inside = past || pasts.includes(given.op)
  for (const part of 'of' in given ? [given.of] : [given.left, given.right]) refuseFutureInPast(part, inside, where)
}

/** Reads a formula by recursive descent. */
class Reader {
  private readonly tokens: readonly { readonly text: string; readonly at: number }[]
  private next = 0

  constructor(
    private readonly text: string,
    private readonly where: string,
  ) {
    const pattern = /\s*(<->|->|<>|\[\]|[!&|()]|[A-Z](?![\w-])|[a-z_](?:[\w]|-(?!>))*|\S)/gy
    this.tokens = [...text.matchAll(pattern)].map((match) => ({
      text: match[1]!,
      at: match.index + match[0].length - match[1]!.length,
    }))
  }

  whole(): Formula {
    const found = this.level(0)
    if (this.next < this.tokens.length) throw this.unexpected()
    return found
  }

  private static readonly levels: readonly { readonly ops: readonly string[]; readonly right: boolean }[] = [
    { ops: ['<->'], right: false },
    { ops: ['->'], right: true },
    { ops: ['|'], right: false },
    { ops: ['&'], right: false },
    { ops: ['U', 'R', 'W', 'S'], right: true },
  ]

  private level(depth: number): Formula {
    const rule = Reader.levels[depth]
    if (!rule) return this.prefixed()
    let left = this.level(depth + 1)
    for (let op = this.oneOf(rule.ops); op !== undefined; op = this.oneOf(rule.ops)) {
      left = { op: op as Binary, left, right: this.level(rule.right ? depth : depth + 1) }
    }
    return left
  }

  private prefixed(): Formula {
    const op = this.oneOf(['!', 'X', 'F', 'G', 'Y', 'O', 'H', '[]', '<>'])
    if (op !== undefined) return { op: ({ '[]': 'G', '<>': 'F' }[op] ?? op) as Unary, of: this.prefixed() }
    if (this.oneOf(['(']) !== undefined) {
      const inner = this.level(0)
      if (this.oneOf([')']) === undefined) throw this.unexpected()
      return inner
    }
    const token = this.tokens[this.next]
    if (!token || !/^[a-z_]/.test(token.text)) throw this.unexpected()
    this.next++
    return token.text === 'true' ? true : token.text === 'false' ? false : token.text
  }

  private oneOf(texts: readonly string[]): string | undefined {
    const token = this.tokens[this.next]
    if (!token || !texts.includes(token.text)) return undefined
    this.next++
    return token.text
  }

  private unexpected(): Mistake {
    const token = this.tokens[this.next]
    const found = token ? `'${token.text}' at position ${token.at + 1}` : 'the end'
    return new Mistake(`${this.where}, formula '${this.text}'`, `did not expect ${found}`, 'see the operators of LTL')
  }
}
