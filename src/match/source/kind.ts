/** What a tree is: which project's, told by the files that roots read, and which version, told by its makefile. */

import { Mistake } from '../../write/mistake.js'
import { filesOf, functionNamed, kindOf, type Root, type SourceMapping } from './mapping.js'
import type { Tree } from './tree.js'

/** The project whose tree a root is in. */
export type Kind = NonNullable<Root['tree']>

/**
 * The project that a tree is of: the one whose files it has. @throws Mistake if it has none of those that the mappings
 * read: then nothing could be said of it.
 */
export function kindOfTree(tree: Tree, mappings: readonly SourceMapping[]): Kind {
  const files = new Map<Kind, Set<string>>()
  for (const { roots } of mappings)
    for (const root of roots) {
      const known = files.get(kindOf(root)) ?? new Set<string>()
      filesOf(root).forEach((file) => known.add(file))
      files.set(kindOf(root), known)
    }
  const counted = [...files].map(([kind, paths]) => ({
    kind,
    paths,
    there: [...paths].filter((one) => has(tree, one)).length,
  }))
  const best = counted.sort((a, b) => b.there - a.there)[0]
  if (best && best.there > 0) return best.kind
  const wanted = counted.map(({ kind, paths }) => `${[...paths][0]!} of ${kind}`).join(', ')
  throw new Mistake(
    `--tree ${tree.name}`,
    'has none of the files that are read',
    `name the top folder of a source tree; looked for, among others: ${wanted || 'nothing, no function is mapped'}`,
  )
}

/**
 * Whether a tree of its project ought to have a root: not an older version, and not a tree that lacks the file, where the
 * mapping says so.
 */
export function expectedIn({ elsewhere, since, function: spelled }: Root, tree: Tree, version: string): boolean {
  const number = version.split(' ')[1]
  if (since !== undefined && number !== undefined && isBefore(number, since)) return false
  return elsewhere === undefined || has(tree, functionNamed(spelled).path)
}

const has = (tree: Tree, path: string): boolean => tree.text(path) !== undefined

const versionFile: Readonly<Record<Kind, string>> = {
  linux: 'Makefile',
  xen: 'xen/Makefile',
  qemu: 'VERSION',
  criu: 'Makefile.versions',
}

const numbersOf: Readonly<Record<Exclude<Kind, 'qemu'>, readonly string[]>> = {
  linux: ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'],
  xen: ['XEN_VERSION', 'XEN_SUBVERSION'],
  criu: ['CRIU_VERSION_MAJOR', 'CRIU_VERSION_MINOR', 'CRIU_VERSION_SUBLEVEL'],
}

/** The version of a tree, `linux 6.12.117`; only its project where no makefile tells more. */
export function versionOf(tree: Tree, kind: Kind): string {
  const made = tree.text(versionFile[kind]) ?? ''
  const value = (name: string): string =>
    new RegExp(`^(?:export[ \\t]+)?${name}[ \\t]*:?=[ \\t]*([\\w.-]+)`, 'm').exec(made)?.[1] ?? ''
  if (kind === 'qemu') return made.trim() === '' ? kind : `qemu ${made.trim()}`
  const names = numbersOf[kind]
  const numbers = names.map(value).filter((one) => one !== '')
  return numbers.length === 0 ? kind : `${kind} ${numbers.join('.')}`
}

/** The patches of the model that the code of a root has in a version, `linux 7.3.4`; none where it is the base. */
export function generationIn({ generations = [] }: Root, version: string): readonly string[] {
  const number = version.split(' ')[1]
  if (number === undefined) return []
  return generations.flatMap(({ from, before, patches }) =>
    (from === undefined || !isBefore(number, from)) && (before === undefined || isBefore(number, before))
      ? patches
      : [],
  )
}

/** Whether a version is older than another one: `6.12.117` than `7.3`, part by part. */
function isBefore(version: string, other: string): boolean {
  const [own, its] = [version, other].map((one) => one.split('.').map(Number)) as [number[], number[]]
  const at = its.findIndex((part, i) => (own[i] ?? 0) !== part)
  return at >= 0 && (own[at] ?? 0) < its[at]!
}
