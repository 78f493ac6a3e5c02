/** Protocols: a model, its properties and its claims under one name; those that are shipped, found by name. */

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Modules } from '../search/scale/origin.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Arg, Fairness, Model } from '../write/model.js'
import type { Properties } from '../write/property.js'
import { instantiate, type System } from '../write/system.js'
import { readSpec, type Instance, type Spec } from './spec.js'

/** One protocol. */
export interface Protocol {
  readonly name: string
  /** What to type to mean it: its name, or the user's own file. */
  readonly address: string
  readonly model: Model
  readonly properties: Properties
  /** Where they come from, so that other threads can help to search; absent if they were made in memory. */
  readonly modules?: Modules
  readonly spec: Spec
  /** Where the spec is kept; absent if the claims are only that everything holds. */
  readonly specFile?: string
}

/** The folder that holds `specs/`: the package's. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
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
  const spec = readSpec(specFile)
  if (spec.protocol !== name)
    throw new Mistake(
      specFile,
      `says it is of '${spec.protocol}'`,
      `"protocol" must be "${name}", as the file is named`,
    )
  const modelFile = new URL(`../../models/${name}.js`, import.meta.url)
  const propertiesFile = new URL(`../../properties/${name}.js`, import.meta.url)
  const model = await defaultExport<Model>(modelFile)
  const properties = await defaultExport<Properties>(propertiesFile)
  const modules = { model: modelFile.href, properties: { module: propertiesFile.href, name: 'default' } }
  return { name, address: name, model, properties, modules, spec, specFile }
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

/** The system of an instance. */
export function systemOf(
  protocol: Protocol,
  instance: {
    readonly parameters: Readonly<Record<string, Arg>>
    readonly patches: readonly string[]
    readonly fairness?: Readonly<Record<string, Fairness>>
  },
): System {
  const { parameters, patches, fairness } = instance
  return instantiate(protocol.model, { parameters, patches, ...(fairness && { fairness }) })
}
