/** What a command is to work on: shipped protocols, single instances, a user's own file, or an instance made up here. */

import { builtIn, propertiesFor } from '../search/check.js'
import type { Asked } from '../tell/compare/comparison.js'
import { instanceOf, loadProtocol, protocolNames, systemOf, type Protocol } from '../tell/protocol.js'
import type { Instance } from '../tell/spec.js'
import { commandLine } from '../tell/trace.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Arg, Model } from '../write/model.js'
import type { Property } from '../write/property.js'
import { instantiate, type System } from '../write/system.js'
import { holding, isFile, loadFile, ownModels } from './load.js'

/** Protocols with the instances that are meant. */
export interface Target {
  readonly protocol: Protocol
  readonly instances: readonly Instance[]
}

/** Parameters and patches given by hand. */
export interface Choices {
  /** `name=value` */
  readonly parameter: readonly string[]
  readonly patch: readonly string[]
}

/** Parameters and patches as they are typed. */
export const choicesFor = ({ parameter, patch }: Choices): readonly string[] => [
  ...parameter.flatMap((text) => ['-p', text]),
  ...patch.flatMap((name) => ['--patch', name]),
]

/**
 * Resolves `protocol`, `protocol/instance`, `protocol/some*` and `./file.ts[/instance]`; nothing at all means the models of the folder,
 * or everything that is shipped where it has none.
 */
export async function targetsOf(names: readonly string[], choices: Choices): Promise<readonly Target[]> {
  const made = choices.parameter.length > 0 || choices.patch.length > 0
  if (made && names.length !== 1)
    throw new Mistake(
      '--parameter, --patch',
      'go with exactly one protocol',
      commandLine(['check', names[0] ?? protocolNames()[0]!, ...choicesFor(choices)]),
    )
  const targets: Target[] = []
  for (const name of names.length === 0 ? meantByNothing() : names) {
    const { protocol, id } = await protocolAt(name)
    if (id?.includes('*')) {
      const some = matching(protocol, id)
      targets.push({ protocol, instances: made ? some.map((one) => chosen(protocol, one.id, choices)) : some })
      continue
    }
    if (made || isBase(protocol, id)) targets.push({ protocol, instances: [chosen(protocol, id, choices)] })
    else targets.push({ protocol, instances: id === undefined ? protocol.spec.instances : [instanceOf(protocol, id)] })
  }
  return targets
}

/** One's own models in this folder, or else all shipped protocols. */
export function meantByNothing(): readonly string[] {
  const own = ownModels()
  return own.length > 0 ? own : protocolNames()
}

/** The protocol that variants are of. @throws Mistake if the name is that of an instance: its choices would be passed over in silence. */
export async function protocolOnly(command: string, name: string): Promise<Protocol> {
  const { protocol, id } = await protocolAt(name)
  if (id === undefined) return protocol
  throw new Mistake(
    `${command} ${name}`,
    'wants a protocol',
    `an instance is a variant, named behind it; parameters for all of them: -p name=value\n  ${commandLine(['compare', protocol.address, 'base', id])}`,
  )
}

/** The instances whose names fit a pattern: `*` stands for any letters. */
function matching(protocol: Protocol, pattern: string): readonly Instance[] {
  const parts = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'))
  const fits = new RegExp(`^${parts.join('.*')}$`)
  const found = protocol.spec.instances.filter(({ id }) => fits.test(id))
  if (found.length > 0) return found
  throw new Mistake(
    `protocol ${protocol.name}`,
    `no instance fits '${pattern}'`,
    commandLine(['list', protocol.address]),
  )
}

/** The one instance that a command is about. @throws Mistake if its name leaves several open. */
export async function onlyTarget(
  command: string,
  name: string,
  choices: Choices,
): Promise<{ readonly protocol: Protocol; readonly instance: Instance }> {
  const [target] = await targetsOf([name], choices)
  const { protocol, instances } = target!
  if (instances.length > 1)
    throw new Mistake(
      `${command} ${name}`,
      'no instance is named',
      `name one: ${instances.map(({ id }) => id).join(', ')}`,
    )
  return { protocol, instance: instances[0]! }
}

/** The property of the given name; undefined for the two that every model has. @throws Mistake for any other name. */
export function propertyNamed(system: System, protocol: Protocol, name: string): Property | undefined {
  const all = propertiesFor(system, protocol.properties)
  const names = [...Object.keys(builtIn), ...all.map((one) => one.name)]
  if (!names.includes(name)) throw unknownName(`protocol ${protocol.name}`, 'property', name, names)
  return all.find((one) => one.name === name)
}

/** The protocol and, if one is named, the instance id. */
export async function protocolAt(name: string): Promise<{ protocol: Protocol; id?: string }> {
  if (isFile(name)) {
    const match = /^(.*\.[cm]?[jt]s)(?:\/([^/]+))?$/.exec(name)
    if (!match) throw new Mistake(name, 'is not a model file', 'a model file ends in .ts or .js')
    const protocol = await loadFile(match[1]!)
    return match[2] === undefined ? { protocol } : { protocol, id: match[2] }
  }
  const [head, ...rest] = name.split('/')
  const protocol = await loadProtocol(head!)
  return rest.length === 0 ? { protocol } : { protocol, id: rest.join('/') }
}

/** `base` is the model as it is, unless an instance is called so. */
const isBase = ({ spec }: Protocol, id: string | undefined): boolean =>
  id === 'base' && !spec.instances.some((one) => one.id === id)

/** An instance made up on the command line: everything is expected to hold. */
function chosen(protocol: Protocol, id: string | undefined, choices: Choices): Instance {
  const base = id === undefined || isBase(protocol, id) ? undefined : instanceOf(protocol, id)
  const parameters = { ...base?.parameters, ...parametersOf(protocol.model, choices.parameter) }
  const patches = [...(base?.patches ?? []), ...choices.patch]
  const spelled = [id ?? 'base', ...choices.parameter, ...choices.patch.map((patch) => `+${patch}`)].join(' ')
  const made = holding(spelled, parameters, patches)
  // What cannot be made is told before anything is printed.
  instantiate(protocol.model, { parameters, patches })
  return { ...made, ...(base?.fairness && { fairness: base.fairness }) }
}

/** What a variant means: `base`, an instance, or patches joined by `+`; parameters and patches given by hand come last. */
export function variantOf(protocol: Protocol, name: string, choices: Choices): Asked {
  const instance = protocol.spec.instances.find(({ id }) => id === name)
  const own: readonly string[] = name === 'base' ? [] : name.split('+')
  const parameters = { ...instance?.parameters, ...parametersOf(protocol.model, choices.parameter) }
  const patches = [...(instance?.patches ?? own), ...choices.patch]
  const asItIs = choices.parameter.length + choices.patch.length === 0
  return {
    name,
    instance: (asItIs && instance?.id) || null,
    system: systemOf(protocol, { ...instance, parameters, patches }),
  }
}

/** `N=3` as a value of the parameter's own type. */
export function parametersOf(model: Model, given: readonly string[]): Record<string, Arg> {
  const declared = model.declared.parameters ?? {}
  return Object.fromEntries(
    given.map((text) => {
      const [name, value] = text.split(/=(.*)/s)
      if (value === undefined) throw new Mistake(`--parameter ${text}`, 'has no value', 'write name=value')
      const parameter = declared[name!]
      if (!parameter) throw unknownName(`model ${model.name}`, 'parameter', name!, Object.keys(declared))
      return [name!, typed(value, typeof parameter.default)]
    }),
  )
}

function typed(value: string, type: string): Arg {
  // What is no number stays as it was typed, and is told so.
  if (type === 'number' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
