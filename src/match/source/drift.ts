/** What became of the functions that a mapping was made from, in another tree. */

import type { Conformance } from './conformance.js'
import type { Root } from './mapping.js'

/** How one function compares with what was read. */
export interface Drift {
  /** `path:function`. */
  readonly function: string
  /** `layout`: other tokens, but the same calls, branches and jumps. */
  readonly change: 'same' | 'layout' | 'changed' | 'new' | 'gone'
}

/** The functions that are read now, and those that were; nothing if none was accepted yet. */
export function driftOf(root: Root, { functions }: Conformance): readonly Drift[] {
  const before = root.read?.functions
  if (!before) return []
  const now = new Map(functions.map((one) => [`${one.path}:${one.name}`, one]))
  const known = Object.entries(before).map(([name, was]): Drift => {
    const one = now.get(name)
    if (!one) return { function: name, change: 'gone' }
    if (one.fingerprint === was.fingerprint) return { function: name, change: 'same' }
    return { function: name, change: one.skeleton === was.skeleton ? 'layout' : 'changed' }
  })
  const more = [...now.keys()].filter((name) => !Object.hasOwn(before, name))
  return [...known, ...more.map((name): Drift => ({ function: name, change: 'new' }))]
}
