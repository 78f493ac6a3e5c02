/** Which variant of a model a tree is: the sets of patches under which every root of the protocol agrees. */

import { Mistake } from '../../write/mistake.js'
import type { Model } from '../../write/model.js'
import { instantiate } from '../../write/system.js'
import { conform, type Conformance } from './conformance.js'
import type { Root, SourceMapping } from './mapping.js'
import type { Library, Tree } from './tree.js'

/** One variant held against a tree. */
export interface Fit {
  readonly patches: readonly string[]
  /** Differences that are not declared, calls that are not explained, and roots that were not compared, all together. */
  readonly differences: number
  readonly roots: readonly Conformance[]
  /** Why this variant cannot be held against the source: it lacks a step that the mapping names, or its patches conflict. */
  readonly impossible?: string
}

/** Holds the given roots of a protocol, under patches, against a tree. @throws Mistake for patches that do not go together. */
export async function heldUnder(
  model: Model,
  mapping: SourceMapping,
  roots: readonly Root[],
  patches: readonly string[],
  tree: Tree,
  library: Library,
): Promise<readonly Conformance[]> {
  const found: Conformance[] = []
  for (const root of roots) {
    const own = (root.patches ?? []).filter((name) => !patches.includes(name))
    const system = instantiate(model, { parameters: root.parameters ?? {}, patches: [...own, ...patches] })
    found.push(await conform({ system, mapping, root }, tree, library))
  }
  return found
}

/** How far one root is from agreement. */
export const distance = ({ outcome, deviations, unexplained, notFollowed }: Conformance): number =>
  outcome === 'agrees'
    ? 0
    : deviations.filter(({ declared }) => declared === undefined).length + unexplained.length + notFollowed.length

/**
 * The base, every patch alone, and where none of these fits pairs of patches that each come nearer than the base; best
 * first, then in the order of declaration.
 */
export async function fitsOf(
  model: Model,
  mapping: SourceMapping,
  roots: readonly Root[],
  tree: Tree,
  library: Library,
): Promise<readonly Fit[]> {
  const fitOf = async (patches: readonly string[]): Promise<Fit> => {
    try {
      const held = await heldUnder(model, mapping, roots, patches, tree, library)
      return { patches, roots: held, differences: held.reduce((sum, one) => sum + distance(one), 0) }
    } catch (cause) {
      if (!(cause instanceof Mistake)) throw cause
      return { patches, roots: [], differences: Infinity, impossible: cause.message }
    }
  }
  const base = await fitOf([])
  const singles: Fit[] = []
  for (const { name } of model.declared.patches ?? []) singles.push(await fitOf([name]))
  const all = [base, ...singles]
  if (all.some(({ differences }) => differences === 0)) return sorted(all)
  const nearer = singles.filter(({ differences }) => differences < base.differences).slice(0, mostPaired)
  const pairs: Fit[] = []
  for (const [i, a] of nearer.entries())
    for (const b of nearer.slice(i + 1)) pairs.push(await fitOf([...a.patches, ...b.patches]))
  return sorted([...all, ...pairs])
}

/** Patches that are tried in pairs. */
const mostPaired = 8

const sorted = (fits: readonly Fit[]): readonly Fit[] => fits.toSorted((a, b) => a.differences - b.differences || 0)
