/** The recipe of the benchmark: a protocol of this folder, watched for what the peers check too. */

import { instantiate, type Model, type Property } from '../src/index.js'
import type { Prepared } from '../src/search/parallel/recipe.js'
import type { Arg } from '../src/write/model.js'

/** Which protocol, and how large. */
export interface Order {
  readonly protocol: string
  readonly parameters: Readonly<Record<string, Arg>>
}

/** Makes the system and its watch. */
export async function follow({ protocol, parameters }: Order): Promise<Prepared> {
  const { default: model, properties } = (await import(`./${protocol}.js`)) as {
    default: Model
    properties: (parameters: Readonly<Record<string, unknown>>) => readonly Property[]
  }
  const system = instantiate(model, { parameters })
  const states = properties(system.parameters).flatMap((property) =>
    property.kind === 'always' ? [{ name: property.name, when: property.when, holds: property.holds }] : [],
  )
  return { system, watch: { states, steps: [], collects: [] } }
}
