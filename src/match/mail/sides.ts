/** A protocol's roots held against the source before and after a patch, under the variants that its model knows. */

import type { Model } from '../../write/model.js'
import { Mistake } from '../../write/mistake.js'
import type { System } from '../../write/system.js'
import { filesOf, type SourceMapping } from '../source/mapping.js'
import type { Library, Tree } from '../source/tree.js'
import type { Gap } from './derive.js'
import { held, isUnexplained, systemOf, type Held, type Subject } from './hold.js'
import type { Touched } from './touched.js'

/** A variant of the code: `base`, or patches of the model under one name. */
export interface Variant {
  readonly name: string
  readonly patches: readonly string[]
}

/** A protocol, and the source before and after a patch. */
export interface Matter {
  readonly model: Model
  readonly mapping: SourceMapping
  /** What the source may go with, the likeliest first. */
  readonly variants: readonly Variant[]
  readonly touched: readonly Touched[]
  readonly before: Tree
  readonly after: Tree
  readonly library: Library
}

/** A root in both trees under the variant of before. */
export interface Side {
  readonly subject: Subject
  readonly before: Held
  readonly after: Held
}

/** The touched functions that a root reads, before or after; a limit where only one of the two can be told. */
export function readBy(
  subject: Subject,
  { touched, before, after, variants }: Matter,
  limits: string[],
): readonly Touched[] {
  const { root } = subject
  const files = new Set([
    ...filesOf(root),
    ...Object.values(root.runs ?? {}).map((run) => run.function.replace(/:\w+$/, '')),
  ])
  const near = touched.filter(({ file, alike }) => files.has(file) && !alike)
  if (near.length === 0) return []
  const own = near.filter(({ file, name }) => root.function === `${file}:${name}`)
  const found = [before, after].map((tree) => held(subject, systemOf(subject, variants[0]!.patches), tree))
  const names = new Set<string>()
  for (const one of found)
    if (typeof one !== 'string') for (const name of one.graph.findings.read.keys()) names.add(name)
  // A root that neither tree has is none of this patch's business, unless it is what the patch is about.
  const telling = own.length > 0 || found.some((one) => typeof one !== 'string')
  if (telling)
    for (const one of found) {
      const says = typeof one === 'string' ? `${root.function}: ${one}` : undefined
      if (says !== undefined && !limits.includes(says)) limits.push(says)
    }
  return near.filter((one) => names.has(one.name) || own.includes(one))
}

/** The variant that goes best with the source before: the first of those that part from it in the fewest ways. */
export function closest(readers: readonly Subject[], variants: readonly Variant[], tree: Tree): Variant | string {
  let best: { readonly variant: Variant; readonly gaps: number } | undefined
  let why = 'no variant of the model could be held against the source'
  for (const variant of variants) {
    const gaps = gapsOf(readers, variant, tree)
    if (typeof gaps === 'string') why = gaps
    else if (!best || gaps < best.gaps) best = { variant, gaps }
    if (best?.gaps === 0) break
  }
  return best?.variant ?? why
}

function gapsOf(readers: readonly Subject[], { patches }: Variant, tree: Tree): number | string {
  let sum = 0
  for (const subject of readers) {
    const system = systemIf(() => systemOf(subject, patches))
    if (typeof system === 'string') return system
    const found = held(subject, system, tree)
    if (typeof found === 'string') return `${subject.root.function}: ${found}`
    sum += found.gaps.length
  }
  return sum
}

/** Every root in both trees; a sentence if one cannot be held there. */
export function sidesOf(
  readers: readonly Subject[],
  { patches }: Variant,
  { before, after }: Matter,
): readonly Side[] | string {
  const sides: Side[] = []
  for (const subject of readers) {
    const system = systemOf(subject, patches)
    const [was, is] = [held(subject, system, before), held(subject, system, after)]
    if (typeof was === 'string') return `${subject.root.function}, before: ${was}`
    if (typeof is === 'string') return `${subject.root.function}, after: ${is}`
    sides.push({ subject, before: was, after: is })
  }
  return sides
}

const placeOf = ({ side, path, next }: Gap): string => `${side} ${path.at(-1) ?? ''} ${next}`

export const knows = (known: readonly Gap[], gap: Gap): boolean => known.some((one) => placeOf(one) === placeOf(gap))

/** The gaps that are new, but for calls that nothing explains: these are told as what is not modelled. */
export const freshOf = ({ before, after }: Side, gaps: readonly Gap[]): readonly Gap[] =>
  gaps.filter((gap) => !knows(before.gaps, gap) && !(isUnexplained(gap) && knows(after.gaps, gap)))

/** The variants with which every root parts from the source after in no new way. */
export function fittingVariants(sides: readonly Side[], { variants, after }: Matter): readonly Variant[] {
  return variants.filter(({ patches }) =>
    sides.every((side) => {
      const system = systemIf(() => systemOf(side.subject, patches))
      const found = typeof system === 'string' ? system : held(side.subject, system, after)
      return typeof found !== 'string' && freshOf(side, found.gaps).length === 0
    }),
  )
}

/** A system; what is wrong with it, if two patches do not fit together or a mapping names what a variant lacks. */
export function systemIf(make: () => System): System | string {
  try {
    return make()
  } catch (error) {
    if (error instanceof Mistake) return error.message.split('\n')[0]!
    throw error
  }
}
