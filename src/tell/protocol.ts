/** Protocols: a model, its properties and its claims under one name; those that are shipped, found by name. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Modules } from '../search/parallel/protocol-recipe.js'
import { Mistake, unknownName, type Place } from '../write/mistake.js'
import type { Arg, Fairness, Model } from '../write/model.js'
import type { Picture } from '../write/picture.js'
import type { Properties } from '../write/property.js'
import { instantiate, type System } from '../write/system.js'
import { packageRoot } from './file.js'
import { placeAt } from './json.js'
import { readSpec, type Instance, type Spec } from './spec.js'

/** One protocol. */
export interface Protocol {
  readonly name: string
  /** What to type to mean it: its name, or the user's own file. */
  readonly address: string
  readonly model: Model
  readonly properties: Properties
  /** How its states are shown beside their fields; absent: only as fields. */
  readonly picture?: Picture<unknown>
  /** Where they come from, so that other threads can help to search; absent if they were made in memory. */
  readonly modules?: Modules
  readonly spec: Spec
  /** Why there is nothing to check of one's own file but what every model has. */
  readonly unclaimed?: string
  /** Where the spec is kept; absent if the claims are only that everything holds. */
  readonly specFile?: string
}

/** The names of all shipped protocols, in alphabetical order. */
export function protocolNames(): readonly string[] {
  return readdirSync(join(packageRoot(), 'specs'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/** Loads a shipped protocol. @throws Mistake if there is none of that name, or a part of it is missing. */
export async function loadProtocol(name: string): Promise<Protocol> {
  if (!protocolNames().includes(name)) throw unknownName('thawproof', 'protocol', name, protocolNames())
  const specFile = join(packageRoot(), 'specs', `${name}.json`)
  const spec = readSpec(specFile, name)
  const modelFile = new URL(`../../models/${name}.js`, import.meta.url)
  const propertiesFile = new URL(`../../properties/${name}.js`, import.meta.url)
  const model = await defaultExport<Model>(modelFile)
  const properties = await defaultExport<Properties>(propertiesFile)
  const modules = { model: modelFile.href, properties: { module: propertiesFile.href, name: 'default' } }
  // What a state looks like is no part of what is judged: it stands in a file of its own.
  const pictureFile = new URL(`../../models/pictures/${name}.js`, import.meta.url)
  const isPictured = existsSync(pictureFile) || existsSync(fileURLToPath(pictureFile).replace(/js$/, 'ts'))
  const picture = isPictured ? await defaultExport<Picture<unknown>>(pictureFile) : undefined
  return { name, address: name, model, properties, ...(picture && { picture }), modules, spec, specFile }
}

async function defaultExport<T>(url: URL): Promise<T> {
  const module = (await import(url.href)) as { default?: T }
  if (module.default === undefined) throw new Mistake(fileURLToPath(url), 'has no default export')
  return module.default
}

/** The instance of that id. @throws Mistake with the nearest one if there is none. */
export function instanceOf(protocol: Protocol, id: string): Instance {
  const found = protocol.spec.instances.find((instance) => instance.id === id)
  if (found) return found
  throw unknownName(
    `protocol ${protocol.name}`,
    'instance',
    id,
    protocol.spec.instances.map((instance) => instance.id),
  )
}

/** Where a key of an instance stands in the spec; undefined for claims that no file makes. */
export function placeInSpec(
  { spec, specFile }: Protocol,
  { id }: Instance,
  ...path: readonly string[]
): Place | undefined {
  const index = spec.instances.findIndex((one) => one.id === id)
  return specFile === undefined ? undefined : placeAt(specFile, ['instances', index, ...path], 'key')
}

/** What an instance chooses of its model. */
interface Chosen {
  readonly id?: string
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly fairness?: Readonly<Record<string, Fairness>>
}

/** The system of an instance. @throws Mistake for a choice that cannot be made, placed where the spec makes it. */
export function systemOf(protocol: Protocol, instance: Chosen): System {
  const { parameters, patches, fairness } = instance
  try {
    return instantiate(protocol.model, { parameters, patches, ...(fairness && { fairness }) })
  } catch (error) {
    throw error instanceof Mistake ? error.placed(placeOfChoice(protocol, instance, error.word)) : error
  }
}

/** Where the spec chooses the parameter, patch or fairness of that name. */
function placeOfChoice(protocol: Protocol, { id, ...chosen }: Chosen, word: string | undefined): Place | undefined {
  const { spec, specFile } = protocol
  const index = spec.instances.findIndex((one) => one.id === id)
  if (specFile === undefined || index < 0 || word === undefined) return undefined
  const instance = ['instances', index] as const
  if (chosen.patches.includes(word)) return placeAt(specFile, [...instance, 'patches', chosen.patches.indexOf(word)])
  const key = (['parameters', 'fairness'] as const).find((one) => Object.hasOwn(chosen[one] ?? {}, word))
  return key && placeAt(specFile, [...instance, key, word], 'key')
}
