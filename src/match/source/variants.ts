/** Which variant of a model a tree is: the sets of patches under which every root of the protocol agrees. */

import { Mistake } from '../../write/mistake.js'
import type { Model } from '../../write/model.js'
import { instantiate } from '../../write/system.js'
import { conform, type Conformance } from './conformance.js'
import type { Root, SourceMapping } from './mapping.js'
import { ThreadPart } from './thread-paths.js'
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

/** Answers that do not hang on guards, by what of a thread a comparison sees: most patches change nothing of that. */
type Known = Map<string, Conformance>

/**
 * Holds the given roots of a protocol against a tree, each under patches. @param known what was found before in this tree.
 * @throws Mistake for patches that do not go together.
 */
export async function heldUnder(
  model: Model,
  mapping: SourceMapping,
  roots: readonly Root[],
  patchesOf: (root: Root) => readonly string[],
  tree: Tree,
  library: Library,
  known: Known = new Map(),
): Promise<readonly Conformance[]> {
  const found: Conformance[] = []
  for (const root of roots) found.push(await rootUnder(model, mapping, root, patchesOf(root), tree, library, known))
  return found
}

async function rootUnder(
  model: Model,
  mapping: SourceMapping,
  root: Root,
  patches: readonly string[],
  tree: Tree,
  library: Library,
  known: Known,
): Promise<Conformance> {
  const all = [...new Set([...(root.patches ?? []), ...patches])]
  const system = instantiate(model, { parameters: root.parameters ?? {}, patches: all })
  const part = new ThreadPart(system, root, `mapping of ${mapping.protocol}, ${root.function}`)
  const key = `${mapping.roots.indexOf(root)} ${part.seen()}`
  const held = known.get(key) ?? (await conform({ system, mapping, root }, tree, library))
  // Where the thread alone goes a way, guards were asked whether it can.
  if (held.deviations.every((one) => one.in === 'source')) known.set(key, held)
  return held
}

/** How far one root is from agreement. */
export const distance = ({ outcome, deviations, unexplained, notFollowed }: Conformance): number =>
  outcome === 'agrees'
    ? 0
    : deviations.filter(({ declared }) => declared === undefined).length + unexplained.length + notFollowed.length

/**
 * The base, every patch alone, the given sets, and where none of these fits pairs of patches that each come nearer than the
 * base; best first, then in this order.
 */
export async function fitsOf(
  model: Model,
  mapping: SourceMapping,
  roots: readonly Root[],
  sets: readonly (readonly string[])[],
  tree: Tree,
  library: Library,
): Promise<readonly Fit[]> {
  const known: Known = new Map()
  const fitOf = async (patches: readonly string[]): Promise<Fit> => {
    const held: Conformance[] = []
    let impossible: string | undefined
    let lacking = 0
    for (const root of roots)
      try {
        held.push(await rootUnder(model, mapping, root, patches, tree, library, known))
      } catch (cause) {
        if (!(cause instanceof Mistake)) throw cause
        impossible ??= cause.message
        // Under parameters where the patch applies, the step at which the function begins or ends is gone: nothing can be told.
        if (applies(model, root, patches))
          return { patches, roots: [], differences: Infinity, impossible: cause.message }
        lacking++
        // Patches of another driver's code: this one has none of their steps under its parameters, and is as it was.
        held.push(await rootUnder(model, mapping, root, [], tree, library, known))
      }
    if (lacking === roots.length) return { patches, roots: [], differences: Infinity, impossible: impossible! }
    return { patches, roots: held, differences: held.reduce((sum, one) => sum + distance(one), 0) }
  }
  const base = await fitOf([])
  const singles: Fit[] = []
  for (const { name } of model.declared.patches ?? []) singles.push(await fitOf([name]))
  const all = [base, ...singles]
  const asked = new Map(sets.filter(({ length }) => length > 1).map((patches) => [patches.toSorted().join(), patches]))
  for (const patches of asked.values()) all.push(await fitOf(patches))
  if (all.some(({ differences }) => differences === 0)) return sorted(all)
  const nearer = singles.filter(({ differences }) => differences < base.differences).slice(0, mostPaired)
  const pairs: Fit[] = []
  for (const [i, a] of nearer.entries())
    for (const b of nearer.slice(i + 1)) pairs.push(await fitOf([...a.patches, ...b.patches]))
  return sorted([...all, ...pairs])
}

/** Whether patches are of steps that a root's thread has under its parameters. */
function applies(model: Model, { parameters = {}, patches: own = [] }: Root, patches: readonly string[]): boolean {
  try {
    instantiate(model, { parameters, patches: [...new Set([...own, ...patches])] })
    return true
  } catch (cause) {
    if (cause instanceof Mistake) return false
    throw cause
  }
}

/** Patches that are tried in pairs. */
const mostPaired = 8

const sorted = (fits: readonly Fit[]): readonly Fit[] => fits.toSorted((a, b) => a.differences - b.differences || 0)
