/** The catalogue of acts, `specs/acts/catalogue.json`, which all protocols share; and a violated claim as a recipe for a real machine. */

import { join } from 'node:path'
import type { Act } from '../machine/act.js'
import type { ActedStep, Recipe } from '../machine/script.js'
import { selects } from '../write/predicate.js'
import type { Origin } from '../write/model.js'
import { packageRoot } from './file.js'
import type { Protocol } from './protocol.js'
import { readJson } from './schema.js'
import { commandLine, type Trace, type TraceStep } from './trace.js'

/** What an act is of. */
export interface ActEntry {
  /** Steps, in all protocols. */
  readonly steps: readonly string[]
  readonly protocols?: readonly string[]
  readonly act: Act
}

let known: readonly ActEntry[] | undefined

/** The shipped catalogue: of several entries that fit, the first counts. @throws Mistake for what the schema forbids. */
export function actCatalogue(): readonly ActEntry[] {
  known ??= readJson<{ readonly acts: readonly ActEntry[] }>(
    join(packageRoot(), 'specs', 'acts', 'catalogue.json'),
    'acts',
  ).acts
  return known
}

/** What makes a step of a protocol happen, if the catalogue knows it. */
export const actFor = (protocol: string, name: string, acts: readonly ActEntry[] = actCatalogue()): Act | undefined =>
  acts.find(
    ({ steps, protocols }) =>
      (protocols === undefined || protocols.includes(protocol)) &&
      selects(steps, { step: name.replace(/\(.*\)$/, ''), name }),
  )?.act

/** A trace as a recipe; `target` is what is typed to mean its instance. */
export function recipeOf(protocol: Protocol, target: readonly string[], says: string, trace: Trace): Recipe {
  const { property, patches, parameters } = trace
  return {
    target: target.join(' '),
    property,
    requirement: oneLine(trace.says),
    says: oneLine(says),
    variant: [...Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`), ...patches.map((name) => `+${name}`)].join(' '), // prettier-ignore
    steps: trace.steps.map((step, i) => actedStep(protocol, step, i + 1)),
    trace: commandLine(['trace', target[0]!, property, ...target.slice(1)]),
    log: commandLine(['log', target[0]!, 'dmesg.txt', ...target.slice(1), '--run', 'run.json', '--excerpt']),
  }
}

function actedStep({ name: protocol, model }: Protocol, step: TraceStep, number: number): ActedStep {
  const { name, actor, provoke, says } = step
  const told = { number, name, actor, where: oneLine(placeOf(step.origin)) }
  const act =
    actFor(protocol, name) ?? (provoke === null ? undefined : { kind: 'by_hand' as const, says: oneLine(provoke) })
  if (act) return { ...told, act }
  // What the system does follows from what came before; what its environment does, somebody has to do.
  const isFree =
    model.declared.actors[actor]?.fair === 'none' || /\/(?:\w*fails|times_out|timeout|no_memory)(?:\(|$)/.test(name)
  return isFree ? { ...told, open: oneLine(says ?? placeOf(step.origin)) } : told
}

const placeOf = (origin: Origin): string =>
  origin.kind === 'source' ? `${origin.file}, ${origin.symbol}` : origin.says

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
