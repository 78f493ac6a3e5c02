/** Monitors of a protocol as data, beside its spec in `monitors/NAME.json`: events, the steps that show them, where they are caught. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { allowedBy } from '../machine/allowed.js'
import { refuseUnshown, type Events } from '../machine/event.js'
import { minimal } from '../machine/minimal.js'
import { stateNames, type Monitor, type Scope } from '../machine/monitor.js'
import { projection } from '../machine/projection.js'
import type { SearchOptions } from '../search/explore.js'
import { Mistake, unknownName } from '../write/mistake.js'
import type { Arg } from '../write/model.js'
import type { Selector } from '../write/predicate.js'
import type { Property } from '../write/property.js'
import { systemOf, type Protocol } from './protocol.js'
import { readJson } from './schema.js'

/** One monitor, as it is declared. */
export interface MonitorDeclaration {
  readonly name: string
  readonly says: string
  readonly scope: Scope
  readonly key?: string
  /** Instances whose runs are allowed, all of them. */
  readonly instances: readonly {
    readonly parameters?: Readonly<Record<string, Arg>>
    readonly patches?: readonly string[]
  }[]
  /** Steps after which everything begins anew. */
  readonly again?: Selector
  /** Where what it reports would be no fault. */
  readonly limits?: readonly string[]
  readonly events: Events
}

/** The file. */
interface MonitorFile {
  readonly schema: 'thawproof/monitors@1'
  readonly protocol: string
  readonly monitors: readonly MonitorDeclaration[]
}

/** The monitors of a protocol; none if it has no file. `from`: another file. @throws Mistake for what the schema forbids. */
export function monitorsOf({ name, specFile }: Protocol, from?: string): readonly MonitorDeclaration[] {
  const file = from ?? (specFile && join(dirname(specFile), 'monitors', `${name}.json`))
  if (file === undefined || (from === undefined && !existsSync(file))) return []
  const read = readJson<MonitorFile>(file, 'monitors')
  if (read.protocol !== name)
    throw new Mistake(file, `says it is of '${read.protocol}'`, `"protocol" must be "${name}"`)
  return read.monitors
}

/** The monitor of that name. @throws Mistake if there is none. */
export function monitorNamed(protocol: Protocol, all: readonly MonitorDeclaration[], name: string): MonitorDeclaration {
  const found = all.find((one) => one.name === name)
  if (found) return found
  throw unknownName(
    `protocol ${protocol.name}`,
    'monitor',
    name,
    all.map((one) => one.name),
  )
}

/**
 * Searches the instances and makes the monitor; `kept`: only of runs that keep this property.
 * @throws Mistake for an event that no step shows, a search that is cut, and an automaton that is too large.
 */
export async function monitorFrom(
  protocol: Protocol,
  declared: MonitorDeclaration,
  limits: SearchOptions,
  kept?: Property,
): Promise<Monitor> {
  const { name, says, scope, key, instances, events, again } = declared
  const systems = instances.map(({ parameters = {}, patches = [] }) => systemOf(protocol, { parameters, patches }))
  refuseUnshown(`monitor ${name}`, events, systems)
  const searched = []
  for (const system of systems) searched.push(await allowedBy(system, kept, limits))
  const automaton = minimal(projection(searched, { events, ...(again !== undefined && { again }) }))
  const probes = Object.fromEntries(
    Object.entries(events).flatMap(([event, { probe }]) => (probe ? [[event, probe]] : [])),
  )
  return {
    name,
    says,
    scope,
    ...(key !== undefined && { key }),
    automaton,
    names: stateNames(automaton),
    probes,
    events,
  }
}
