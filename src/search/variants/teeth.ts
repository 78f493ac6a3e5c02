/** Teeth: which planted errors the properties of a protocol notice, and which they let through. */

import { Mistake } from '../../write/mistake.js'
import { mutantsOf, mutated, type Mutant } from '../../write/mutation.js'
import type { Properties } from '../../write/property.js'
import type { System } from '../../write/system.js'
import { check, propertiesFor, type Outcome } from '../check.js'
import { counterexampleOf, shows, type Counterexample } from './counterexample.js'
import { explore, type SearchOptions } from '../explore.js'
import { flatten, type Graph } from '../graph.js'
import { Fault } from '../reference.js'

/**
 * What became of a mutant: `noticed` by a property; `equivalent`, its reachable graph is the same step by step; `broken`,
 * it cannot be built or its code faults, which nobody would overlook; `survives`, no property tells it from the original.
 */
export type Fate = 'noticed' | 'equivalent' | 'broken' | 'survives' | 'unknown'

/** One mutant and its fate. */
export interface Bite {
  readonly mutant: Mutant
  readonly fate: Fate
  /** The properties whose verdict it changes; of a mutant that an earlier counterexample caught, one of them. */
  readonly by: readonly string[]
}

/** All mutants of a system. */
export interface Teeth {
  readonly bites: readonly Bite[]
  /** Noticed mutants per property, in the order of the properties; those that an earlier trace caught count once. */
  readonly score: Readonly<Record<string, number>>
}

/** A mutant with this many times the states of the original is given up as `unknown`. */
const growth = 16

/**
 * Checks every mutant of a system. Counterexamples of earlier mutants are tried first, so that most mutants need no
 * search.
 * @throws Mistake if the original violates something or cannot be searched to the end: then there is nothing to compare.
 */
export async function teeth(
  system: System,
  properties: Properties,
  options: SearchOptions = {},
  onBite: (bite: Bite, done: number, total: number) => void = () => undefined,
): Promise<Teeth> {
  const original = await check(system, properties, options)
  refuseBad(system, original)
  const graph = await graphOf(system, options)
  const judge = new Jaw(original, graph, properties, options)
  const mutants = mutantsOf(system)
  const bites: Bite[] = []
  for (const mutant of mutants) {
    const bite = await judge.bite(mutant)
    bites.push(bite)
    onBite(bite, bites.length, mutants.length)
  }
  const count = (name: string): number => bites.filter(({ by }) => by.includes(name)).length
  return { bites, score: Object.fromEntries(original.verdicts.map(({ property }) => [property, count(property)])) }
}

function refuseBad(system: System, { verdicts, cut }: Outcome): void {
  const where = `mutants of ${system.model.name}`
  if (cut) throw new Mistake(where, cut.says)
  const violated = verdicts.filter(({ verdict }) => verdict === 'violated').map(({ property }) => property)
  if (violated.length > 0)
    throw new Mistake(
      where,
      `the original violates ${violated.join(', ')}`,
      'choose an instance in which everything holds',
    )
}

const graphOf = (system: System, options: SearchOptions): Promise<Graph> =>
  explore(system, { states: [], steps: [], collects: [] }, { ...options, keepEdges: true })

class Jaw {
  private readonly known: Counterexample[] = []
  private readonly labels: string

  constructor(
    private readonly original: Outcome,
    private readonly graph: Graph,
    private readonly properties: Properties,
    private readonly options: SearchOptions,
  ) {
    this.labels = labelled(graph)
  }

  async bite(mutant: Mutant): Promise<Bite> {
    const system = built(this.original.system, mutant)
    if (!system) return { mutant, fate: 'broken', by: [] }
    const properties = propertiesFor(system, this.properties)
    const caught = this.known.find((one) => shows(system, properties, one))
    if (caught) return { mutant, fate: 'noticed', by: [caught.property] }
    const limits = { ...this.options, maxStates: this.graph.states * growth + 1000 }
    const outcome = await check(system, this.properties, limits)
    if (outcome.fault) return { mutant, fate: 'broken', by: ['in-domain'] }
    const by = this.changed(outcome)
    this.known.push(...outcome.verdicts.filter(({ property }) => by.includes(property)).flatMap(counterexampleOf))
    if (by.length > 0) return { mutant, fate: 'noticed', by }
    if (!outcome.complete) return { mutant, fate: 'unknown', by }
    const same = outcome.states === this.graph.states && labelled(await graphOf(system, this.options)) === this.labels
    return { mutant, fate: same ? 'equivalent' : 'survives', by }
  }

  /** The properties that say something else about the mutant; `unknown` says nothing. */
  private changed({ verdicts }: Outcome): string[] {
    return verdicts
      .filter(({ verdict }, i) => verdict !== 'unknown' && verdict !== this.original.verdicts[i]!.verdict)
      .map(({ property }) => property)
  }
}

/** A mutant whose labels or names no longer fit is not an error that a compiler would let through. */
function built(system: System, mutant: Mutant): System | undefined {
  try {
    return mutated(system, mutant)
  } catch (error) {
    if (error instanceof Mistake || error instanceof Fault) return undefined
    throw error
  }
}

/**
 * A graph as text: for each state in breadth-first order its outgoing step names and where they lead. Equal texts mean
 * isomorphic graphs, because the order of discovery is determined by the names.
 */
function labelled({ expander, edges }: Graph): string {
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
