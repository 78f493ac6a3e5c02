/** Objects that tell of keys which are asked for and are not there: parameters, arguments, and the step that a predicate is shown. */

import { Mistake, suggestion } from './mistake.js'
import type { Arg, Model } from './model.js'
import { siteOf, type Site } from './site.js'

/** Keys that the language itself asks objects for. */
export const protocolKeys: ReadonlySet<string> = new Set(
  'then toJSON constructor valueOf toString length nodeType $$typeof'.split(' '),
)

/** Keys by which a thing that is handed over is told from what a word of the vocabulary made: asked of everything. */
const thingKeys: ReadonlySet<string> = new Set('kind name declared shape says edits target'.split(' '))

/** The same object to whoever asks, except that it tells of a key that neither it nor `known` has. */
export const watched = <T extends object>(
  object: T,
  known: ReadonlySet<string>,
  missed: (key: string, known: readonly string[]) => void,
): T =>
  new Proxy(object, {
    get: (target, key, self): unknown => {
      const isMeant = typeof key === 'string' && !protocolKeys.has(key) && !thingKeys.has(key)
      if (isMeant && !(key in target) && !known.has(key)) missed(key, [...new Set([...Object.keys(target), ...known])])
      return Reflect.get(target, key, self)
    },
  })

type Parameters = Readonly<Record<string, Arg>>

/** Models that ask for no parameter which is not there. */
const insisted = new WeakSet<Model>()

/** @throws Mistake for a parameter that a model asks for and does not declare. */
export function insistOnParameters(model: Model, parameters: Parameters): void {
  if (insisted.has(model)) return
  const { name, shape, declared } = model
  for (const make of [shape, declared.parts, declared.initial])
    callWatched(`model ${name}`, make, parameters, siteOf(model))
  insisted.add(model)
}

/**
 * Calls an author's code to see whether it asks for a parameter that is not declared; what else is wrong is told when it is called in
 * earnest. @throws Mistake for such a parameter.
 */
export function callWatched(
  where: string,
  make: (parameters: Parameters) => unknown,
  parameters: Parameters,
  at: Site | undefined,
): void {
  let missing: Mistake | undefined
  const asked = watched(parameters, new Set(), (key, known) => {
    throw (missing = new Mistake(where, `there is no parameter '${key}'`, suggestion(key, known), { at, word: key }))
  })
  try {
    make(asked)
  } catch (cause) {
    if (cause instanceof Mistake && cause === missing) throw cause
  }
}
