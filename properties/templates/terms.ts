/** Terms that the templates share. */

import type { Predicate, PropertyVocabulary, Selector } from '../../src/index.js'

/** What every template may be told: its subject, and words that replace its own. */
export interface Words {
  /** The subject, a noun phrase that goes into the sentence: `the transmit path`. */
  readonly what: string
  /** Default: the template's name in lower case with dashes. */
  readonly name?: string
  /** Default: the template's sentence about its subject. */
  readonly says?: string
}

/** The vocabulary of a protocol's properties, which the templates are written in. */
export type Vocabulary<S> = PropertyVocabulary<S>

/** A name and a sentence, unless the caller has better ones. */
export const told = ({ what, name, says }: Words, byDefault: string, sentence: (what: string) => string) =>
  [name ?? byDefault, says ?? capital(sentence(what))] as const

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

/** Several selectors as one. */
export const any = (...selectors: readonly Selector[]): Selector => selectors.flat()

/** Structural equality of plain data. */
export const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))

/** A stage of a descent: the steps that do it and the steps that undo it. */
export interface Stage {
  readonly done: Selector
  readonly undone: Selector
}

export type { Predicate, Selector }
