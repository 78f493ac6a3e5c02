/** Which reduction a search may use, and what became of it. */

import type { Property } from '../../write/property.js'
import type { System } from '../../write/system.js'
import type { Watch } from '../expander.js'
import type { SearchOptions } from '../explore.js'
import type { Graph } from '../graph.js'
import { isLive } from '../plan.js'
import { hasMembers, symmetryOf, type Census } from './orbits.js'
import { stubbornSets } from './stubborn.js'
import type { Pool } from './symmetry.js'

/** What became of a reduction: how much was searched, or why it was left off. */
export type Reduction =
  | {
      readonly by: 'symmetry'
      readonly sets: readonly Pool[]
      /** States that were stored, one for each orbit; the counts of the check are those of the whole space. */
      readonly orbits: number
    }
  | {
      readonly by: 'stubborn sets'
      /** Properties that were judged on every state, in searches of their own. */
      readonly whole: readonly string[]
    }
  | { readonly by: 'symmetry' | 'stubborn sets'; readonly off: string }

/** What a check says about reductions. */
export interface ReductionOptions {
  /** Whether members that a model declares are taken for interchangeable where that is proved. Default: yes. */
  readonly symmetry?: boolean
  /** Whether of steps that commute only some orders are searched. The counts are then those of what was searched. */
  readonly reduce?: boolean
}

/** A search that is to be reduced. */
export interface Reduced {
  readonly options: SearchOptions
  /** What is to be told when it is done. */
  readonly told: (graph: Graph) => { readonly reduction: Reduction; readonly counts: Census }
}

/** A reduction that is left off. */
export type Off = Extract<Reduction, { readonly off: string }>

type Options = SearchOptions & ReductionOptions & { readonly certify?: boolean }

/** How a search is reduced; why it is not; undefined if nothing was asked for, and there is nothing to reduce. */
export function reductionOf(
  system: System,
  watch: Watch,
  properties: readonly Property[],
  options: Options,
): Reduced | Off | undefined {
  return options.reduce
    ? stubbornly(system, watch, properties, options)
    : symmetrically(system, watch, properties, options)
}

function stubbornly(system: System, watch: Watch, properties: readonly Property[], options: Options): Reduced | Off {
  const off = refused(properties, options, 'what a fair run does depends on every order')
  if (off !== undefined) return { by: 'stubborn sets', off }
  const sets = stubbornSets(system, watch)
  if ('off' in sets) return { by: 'stubborn sets', off: sets.off }
  return {
    options: { ...options, workers: 1, reducer: sets.reduce },
    told: (graph) => ({ reduction: { by: 'stubborn sets', whole: [] }, counts: graph }),
  }
}

function symmetrically(
  system: System,
  watch: Watch,
  properties: readonly Property[],
  options: Options,
): Reduced | Off | undefined {
  if (options.symmetry === false) return undefined
  if (!hasMembers(system)) return undefined
  const off = refused(properties, options, 'fairness tells members apart')
  if (off !== undefined) return { by: 'symmetry', off }
  const symmetry = symmetryOf(system, watch)
  if ('off' in symmetry) return { by: 'symmetry', off: symmetry.off }
  const census: Census = { states: 0, transitions: 0 }
  return {
    options: { ...options, workers: 1, reducer: (expander) => symmetry.reduce(expander, census) },
    told: (graph) => ({
      reduction: { by: 'symmetry', sets: symmetry.pools, orbits: graph.states },
      counts: graph.cut ? graph : census,
    }),
  }
}

function refused(
  properties: readonly Property[],
  { certify, checkpoint, fingerprints }: Options,
  because: string,
): string | undefined {
  const fair = properties.find(isLive)
  if (fair) return `property ${fair.name} is about fair runs, and ${because}`
  if (certify) return 'a certificate wants every state'
  if (fingerprints) return 'fingerprints are kept of every state'
  if (checkpoint) return 'a checkpoint wants every state'
  return undefined
}
