/** The recipe for the search of a protocol: the modules that it comes from. */

import type { Model } from '../../write/model.js'
import type { Properties } from '../../write/property.js'
import { instantiate, type Choice } from '../../write/system.js'
import { searchFor } from '../check.js'
import type { Prepared, Recipe } from './recipe.js'

/** Where a protocol was loaded from: URLs of modules, and the names of their exports. */
export interface Modules {
  readonly model: string
  readonly properties: { readonly module: string; readonly name: string }
}

interface Argument {
  readonly modules: Modules
  readonly choice: Choice
}

/** How another thread makes an instance of a protocol, and watches for its properties. */
export const recipeOf = (modules: Modules, choice: Choice): Recipe => ({
  module: import.meta.url,
  argument: { modules, choice } satisfies Argument,
})

/** Follows such a recipe. */
export async function follow(argument: unknown, of?: string): Promise<Prepared> {
  const { modules, choice } = argument as Argument
  const { default: model } = (await import(modules.model)) as { default: Model }
  const declared = (await import(modules.properties.module)) as Record<string, unknown>
  return searchFor(instantiate(model, choice), (declared[modules.properties.name] ?? []) as Properties, of)
}
