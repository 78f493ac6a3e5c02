/** The properties that a function makes of parameters, made once: what was found out about one is known of it in every instance. */

import type { Properties, Property } from '../write/property.js'
import { siteOf } from '../write/site.js'
import type { System } from '../write/system.js'
import { callWatched } from '../write/watched.js'

/** Lists that functions made, by the parameters that they were given. */
const lists = new WeakMap<object, Map<string, readonly Property[]>>()

/**
 * What a function makes of parameters, once: it must be a function of nothing else.
 * @throws Mistake for a parameter that it asks for and the model does not declare.
 */
export function listOf(
  make: Extract<Properties, (...given: never[]) => unknown>,
  { parameters, model }: Pick<System, 'parameters' | 'model'>,
): readonly Property[] {
  const made = lists.get(make) ?? new Map<string, readonly Property[]>()
  lists.set(make, made)
  const key = JSON.stringify(parameters)
  if (made.size === 0) callWatched(`properties of ${model.name}`, make, parameters, siteOf(model))
  const list = made.get(key) ?? make(parameters)
  made.set(key, list)
  return list
}
