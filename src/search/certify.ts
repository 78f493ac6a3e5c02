/**
 * An independent look at a finished search: is what it calls all states a set that holds the initial states and is closed
 * under every step, and is every claim true on all of it? It shares nothing with the search but the model: plain copies
 * instead of drafts or packed words, text instead of hashes.
 */

import { createHash } from 'node:crypto'
import { misfit, type Shape } from '../write/domain.js'
import type { Standing } from '../write/model.js'
import { selects } from '../write/predicate.js'
import type { Always, Property, Step } from '../write/property.js'
import { asking } from '../write/standing.js'
import type { System, Transition } from '../write/system.js'

/** What was certified. */
export interface Certificate {
  readonly states: number
  readonly transitions: number
  /** SHA-256 of the sorted texts of all states: the same set has the same digest, in whatever order it was found. */
  readonly digest: string
  /** The properties that were true on all of it; the others say something that a set of states cannot show. */
  readonly properties: readonly string[]
}

export interface Claimed {
  readonly state: unknown
  readonly at: Standing
}

/** The search and the verifier disagree, which is our fault and never the model's. */
export class Refuted extends Error {}

/** What the search says holds: these properties, and perhaps that there is no deadlock. */
export interface Holding {
  readonly properties: readonly Property[]
  readonly deadlockFree: boolean
}

/**
 * Certifies that a set of states proves what the search says holds, and that no step leaves its domain. Takes some 20 microseconds per transition and the text of every state in memory.
 * @throws Refuted with the state that refutes it.
 */
export function certify(system: System, holding: Holding, states: () => Iterable<Claimed>): Certificate {
  const known = new Texts()
  for (const one of states()) {
    const text = textOf(system, one)
    if (known.has(text)) throw new Refuted(`a state was found twice: ${text}`)
    known.add(text)
  }
  const at = Object.fromEntries(system.threads.map(({ name, labels }) => [name, labels[0]!]))
  for (const state of system.initials) insist(known, system, { state, at }, 'an initial state')
  const always = holding.properties.filter((one): one is Always => one.kind === 'always')
  const steps = holding.properties.filter((one): one is Step => one.kind === 'step')
  let transitions = 0
  for (const here of states()) {
    const asks = asking(system, here.at)
    for (const { name, when, holds } of always)
      if ((!when || when(here.state, asks)) && !holds(here.state, asks))
        throw new Refuted(`${name} is false in ${textOf(system, here)}`)
    const moves = system.transitions.filter((transition) => enabled(system, here, transition))
    if (holding.deadlockFree && moves.length === 0 && !system.resting(here.state, asks))
      throw new Refuted(`nothing can happen in ${textOf(system, here)}`)
    for (const transition of moves) {
      const next = after(system, here, transition)
      insist(known, system, next, `what ${transition.name} leads to from ${textOf(system, here)}`)
      for (const property of steps) insistStep(system, property, here, next, transition)
    }
    transitions += moves.length
  }
  const builtIn = holding.deadlockFree ? ['no-deadlock', 'in-domain'] : ['in-domain']
  const properties = [...builtIn, ...[...always, ...steps].map(({ name }) => name)]
  return { states: known.size, transitions, digest: known.digest(), properties }
}

function enabled(system: System, { state, at }: Claimed, { thread, from, guards, args }: Transition): boolean {
  const own = system.threads[thread]
  return (!own || at[own.name] === own.labels[from]) && guards.every((guard) => guard(state, args, asking(system, at)))
}

function after(
  system: System,
  here: Claimed,
  { thread, to, effects, args, note, name, step, actor }: Transition,
): Claimed {
  const state = structuredClone(here.state)
  for (const effect of effects) effect(state, args)
  note?.(here.state, state, { name, step, actor, args, at: asking(system, here.at) })
  const own = system.threads[thread]
  return { state, at: own ? { ...here.at, [own.name]: own.labels[to]! } : here.at }
}

function insist(known: Texts, system: System, state: Claimed, what: string): void {
  const wrong = misfit(system.shape, state.state)
  if (wrong) throw new Refuted(`${what} leaves its domain at ${wrong.path}`)
  const text = textOf(system, state)
  if (!known.has(text)) throw new Refuted(`${what} is not among the states of the search: ${text}`)
}

function insistStep(system: System, property: Step, here: Claimed, next: Claimed, transition: Transition): void {
  const { name, step, actor, args } = transition
  const taken = { name, step, actor, args, at: asking(system, here.at) }
  if (!selects(property.on, transition)) return
  const asked = [here.state as never, next.state as never, taken] as const
  if ((!property.when || property.when(...asked)) && !property.holds(...asked))
    throw new Refuted(`${property.name} is false of ${name} from ${JSON.stringify(here)}`)
}

/** A state as text; fields in the order of their declaration, whatever order an effect left them in. */
const textOf = ({ shape, threads }: System, { state, at }: Claimed): string =>
  `${spelled(shape, state)} ${threads.map(({ name }) => at[name]).join()}`

function spelled(shape: Shape, value: unknown): string {
  if (value === null) return 'null'
  switch (shape.kind) {
    case 'record':
      return `{${Object.keys(shape.fields)
        .map((name) => spelled(shape.fields[name]!, (value as Record<string, unknown>)[name]))
        .join()}}`
    case 'array':
    case 'list':
      return `[${(value as unknown[]).map((item) => spelled(shape.of, item)).join()}]`
    case 'optional':
      return spelled(shape.of, value)
    default:
      return JSON.stringify(value)
  }
}

/** A set of texts. One set of the language holds no more than 2^24. */
class Texts {
  private readonly sets = [new Set<string>()]

  get size(): number {
    return this.sets.reduce((sum, set) => sum + set.size, 0)
  }

  has(text: string): boolean {
    return this.sets.some((set) => set.has(text))
  }

  add(text: string): void {
    if (this.sets.at(-1)!.size === 1 << 24) this.sets.push(new Set())
    this.sets.at(-1)!.add(text)
  }

  digest(): string {
    const hash = createHash('sha256')
    const all = this.sets.flatMap((set) => [...set])
    for (const text of all.sort()) hash.update(`${text}\n`)
    return hash.digest('hex')
  }
}
