/** The words of the vocabulary: each looks at what it is given before it makes anything, and remembers where it was called. */

import { signatures, type Signature } from './declaration.js'
import { Mistake } from './mistake.js'
import { isOurs, markOurs } from './ours.js'
import { declared, siteHere, type Site } from './site.js'
import { Where } from './want.js'

export type Word = keyof typeof signatures

/** How a word is written where that is not its key. */
const spelled: Partial<Record<Word, string>> = { stepProperty: 'step' }

/** @throws Mistake that says what the word does not take of what it is given, placed where `called` was called. */
export function lookAt(word: Word, given: readonly unknown[], called: (...given: never[]) => unknown): void {
  if (!isOurs(called)) markOurs([called])
  look(word, given, siteHere(called))
}

/** A word that makes something of what it is given; what it makes knows where. */
export function word<G extends readonly unknown[], T extends object>(
  name: Word,
  make: (...given: G) => T,
): (...given: G) => T {
  const called = (...given: G): T => {
    const site = siteHere(called)
    look(name, given, site)
    const made = placing(site, () => make(...given))
    // A piece makes its steps where it is put, and that is where they are.
    if (typeof made === 'function') return made
    return (Array.isArray(made) ? made.map((one: object) => declared(one, site)) : declared(made, site)) as T
  }
  return Object.defineProperty(called, 'name', { value: spelled[name] ?? name })
}

/** Runs code whose mistakes were made at a site. */
export function placing<T>(site: Site | undefined, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof Mistake ? error.placed(site) : error
  }
}

const look = (word: Word, given: readonly unknown[], at: Site): void =>
  lookBy(signatures[word], spelled[word] ?? word, given, at)

/** A function that looks at what it is given, as the words of the vocabulary do. */
export function looking<F extends (...given: never[]) => unknown>(called: string, signature: Signature, make: F): F {
  const looked = (...given: never[]): unknown => {
    lookBy(signature, called, given, siteHere(looked))
    return make(...given)
  }
  return looked as F
}

function lookBy({ takes, rest }: Signature, called: string, given: readonly unknown[], at: Site): void {
  const [first] = given
  const own = typeof first === 'string' && takes[0]?.[0] !== 'sentence' ? `${called} ${first}` : called
  const where = new Where(own, { at })
  if (!rest && given.length > takes.length) {
    const wanted = takes.map(([name]) => name).join(', ') || 'nothing'
    throw where.mistake(`takes ${wanted}, and is given one thing more`, 'nothing would become of it: take it out')
  }
  takes.forEach(([name, want], i) => {
    const lies = i === 0 && typeof first !== 'string' && name !== '' ? new Where(`${called}, ${name}`, { at }) : where
    want.look(given[i], lies)
  })
  if (rest) given.slice(takes.length).forEach((one, i) => rest.look(one, where.at(`argument ${takes.length + i + 1}`)))
}
