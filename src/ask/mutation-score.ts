/** Teeth: which planted errors the properties of a protocol notice, and which they let through. */

import { Mistake } from '../write/mistake.js'
import { mutantsOf, mutated, type Mutant } from '../write/mutation.js'
import type { Properties } from '../write/property.js'
import type { System } from '../write/system.js'
import { check, propertiesFor, type Outcome } from '../search/check.js'
import { stutters, valuesIn, type Valued } from './bisimulation.js'
import { counterexampleOf, stillViolates, type Counterexample } from './counterexample.js'
import { explore, type SearchOptions } from '../search/explore.js'
import { flatten, type Graph } from '../search/graph.js'
import { Fault } from '../search/reference.js'

/**
 * What became of a mutant: `noticed` by a property; `broken`, it cannot be built or its code faults, which nobody would
 * overlook; `survives`, no property tells it from the original; `undecided`, its space outgrew the limit before anything
 * was noticed; `equivalent`, it does what the original does: the reachable graph is the same, or the same modulo stuttering.
 */
export type MutantVerdict = 'noticed' | 'broken' | 'survives' | 'undecided' | 'equivalent'

/** One mutant and its fate. */
export interface MutantResult {
  readonly mutant: Mutant
  readonly fate: MutantVerdict
  /** The properties whose verdict it changes; of a mutant that an earlier counterexample caught, those that broke. */
  readonly by: readonly string[]
  /** The system that decided it: the first that noticed it, or the last that did not. */
  readonly on: string
}

/** All mutants of some systems. */
export interface MutationScore {
  readonly bites: readonly MutantResult[]
  /** The properties, in their order. */
  readonly properties: readonly string[]
  /** The systems that were used, in the order of their use. */
  readonly on: readonly string[]
  /** States that were explored. */
  readonly effort: number
}

/** A system to plant errors in. */
export interface MutationSubject {
  readonly name: string
  readonly system: System
  /** How many states it has, if that is known: what decides whether it is worth its while. */
  readonly states?: number
}

/** How mutants are judged. */
export interface MutationOptions extends SearchOptions {
  /** Has every noticed mutant judged by all properties, instead of being content with an earlier counterexample. */
  readonly thorough?: boolean
  /** States to explore in all, after the first system: systems for which that is not enough are left out. */
  readonly effort?: number
}

/** A mutant with more than this many times the states of the original is given up as `undecided`. */
const growth = 4

/**
 * Checks the mutants of systems of one model, system by system; those that were noticed are not tried on the next. A mutant that
 * several systems have is known by its name. Counterexamples of earlier mutants are tried first, so that most need no search.
 * @throws Mistake if an original cannot be searched to the end: then there is nothing to compare.
 */
export async function mutationScore(
  grounds: readonly MutationSubject[],
  properties: Properties,
  options: MutationOptions = {},
  onBite: (bite: MutantResult, done: number, total: number) => void = () => undefined,
): Promise<MutationScore> {
  const bites = new Map<string, MutantResult>()
  const names = new Set<string>()
  const on: string[] = []
  let effort = 0
  const { signal } = options
  for (const { name, system, states = 0 } of grounds) {
    const mutants = mutantsOf(system).filter(({ patch }) => !isFinal(bites.get(patch.name)))
    const room = (options.effort ?? Infinity) - effort
    if (on.length > 0 && (mutants.length === 0 || mutants.length * states > room)) continue
    const jaw = await Jaw.around(name, system, properties, options)
    if (!jaw) break
    on.push(name)
    for (const verdict of jaw.original.verdicts) names.add(verdict.property)
    let done = 0
    for (const mutant of mutants) {
      if (signal?.aborted) break
      const bite = harder(bites.get(mutant.patch.name), await jaw.bite(mutant))
      bites.set(mutant.patch.name, bite)
      onBite(bite, ++done, mutants.length)
    }
    effort += jaw.explored
  }
  return { bites: [...bites.values()], properties: [...names], on, effort }
}

/** Whether other systems have nothing to add. */
const isFinal = (bite: MutantResult | undefined): boolean => bite?.fate === 'noticed' || bite?.fate === 'broken'

/** From the weakest to the strongest: what one system leaves open, no other settles but by noticing. */
const strength: readonly MutantVerdict[] = ['equivalent', 'survives', 'undecided', 'broken', 'noticed']

const harder = (known: MutantResult | undefined, found: MutantResult): MutantResult =>
  known && strength.indexOf(known.fate) > strength.indexOf(found.fate) ? known : found

const nothing = { states: [], steps: [], collects: [] }

/** Judges the mutants of one system. */
class Jaw {
  private readonly known: Counterexample[] = []
  private readonly rows: string
  private readonly values: readonly string[]
  private readonly valueSet: ReadonlySet<string>
  /** States that were explored for mutants. */
  explored = 0

  private constructor(
    private readonly name: string,
    readonly original: Outcome,
    private readonly graph: Graph,
    private readonly properties: Properties,
    private readonly options: MutationOptions,
  ) {
    this.values = valuesIn(graph)!
    this.valueSet = new Set(this.values)
    this.rows = rowsOf(graph)
  }

  /** Undefined if it was interrupted. @throws Mistake if the original cannot be searched to the end. */
  static async around(
    name: string,
    system: System,
    properties: Properties,
    options: MutationOptions,
  ): Promise<Jaw | undefined> {
    const original = await check(system, properties, options)
    const graph = await graphOf(system, options)
    if (options.signal?.aborted) return undefined
    if (original.cut) throw new Mistake(`mutants of ${system.model.name}, ${name}`, original.cut.says)
    return new Jaw(name, original, graph, properties, options)
  }

  async bite(mutant: Mutant): Promise<MutantResult> {
    const is = (fate: MutantVerdict, by: readonly string[] = []): MutantResult => ({ mutant, fate, by, on: this.name })
    const system = await sound(() => mutated(this.original.system, mutant))
    if (!system) return is('broken')
    if (!this.options.thorough) {
      const properties = propertiesFor(system, this.properties)
      const caught = this.known.filter((one) => stillViolates(system, properties, one)).map(({ property }) => property)
      if (caught.length > 0) return is('noticed', [...new Set(caught)])
    }
    const limits = { ...this.options, maxSpace: this.graph.states * growth + 1000 }
    const outcome = await sound(() => check(system, this.properties, limits))
    if (!outcome) return is('broken')
    this.explored += outcome.states
    if (outcome.fault && outcome.fault.of === undefined) return is('broken', ['in-domain'])
    const by = this.changed(outcome)
    if (!this.options.thorough)
      this.known.push(...outcome.verdicts.filter(({ property }) => by.includes(property)).flatMap(counterexampleOf))
    if (by.length > 0) return is('noticed', by)
    if (outcome.verdicts.some(({ verdict }) => verdict === 'unknown')) return is('undecided')
    return is((await this.same(system)) ? 'equivalent' : 'survives')
  }

  /** The properties that say something else about the mutant; `unknown` says nothing. */
  private changed({ verdicts }: Outcome): string[] {
    return verdicts
      .filter(({ verdict }, i) => verdict !== 'unknown' && verdict !== this.original.verdicts[i]!.verdict)
      .map(({ property }) => property)
  }

  /** Whether the graph is the same, or the same modulo stuttering. */
  private async same(system: System): Promise<boolean> {
    const graph = await graphOf(system, this.options)
    const values = valuesIn(graph, this.valueSet)
    if (!values) return false
    if (graph.states === this.graph.states && isSameSequence(values, this.values) && rowsOf(graph) === this.rows)
      return true
    const original: Valued = { graph: this.graph, values: this.values }
    return new Set(values).size === this.valueSet.size && stutters(original, { graph, values })
  }
}

const isSameSequence = (a: readonly string[], b: readonly string[]): boolean => a.every((one, i) => one === b[i])

const graphOf = (system: System, options: SearchOptions): Promise<Graph> =>
  explore(system, nothing, { ...options, keepEdges: true })

/** A mutant whose labels or names no longer fit, or that leaves a domain, is not an error that would be overlooked. */
async function sound<T>(make: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof Mistake || error instanceof Fault) return undefined
    throw error
  }
}

/**
 * A graph as text: for each state in breadth-first order its outgoing step names and where they lead. Equal texts mean
 * isomorphic graphs, because the order of discovery is determined by the names.
 */
function rowsOf({ expander, edges }: Graph): string {
  const names = expander.system.transitions.map(({ name }) => name)
  const { first, target, by } = flatten(edges!)
  const rows: string[] = []
  for (let id = 0; id + 1 < first.length; id++) {
    const own: string[] = []
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) own.push(`${names[by[edge]!]} ${target[edge]}`)
    rows.push(own.join(';'))
  }
  return rows.join('\n')
}
