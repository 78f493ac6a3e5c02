/** What code changed in a state, slot by slot: on views of which not everything is known, and on plain objects. */

import type { Shape } from '../write/domain.js'
import { decoded, encoded, keyOf, partsIn, slotsWithin, type Composite, type Leaf, type Node } from './slots.js'
import { behind, untouched, type Parts, type Seen } from './views.js'

/** A slot and its new code; {@link cleared} where it is no longer there; {@link copyOf} another slot, whatever its code was. */
export type Change = readonly [slot: number, code: number]

/** The code of a change that takes the slot away: its code is zero then. */
export const cleared = -1

/** The code of a change that gives a slot the code that another one had; and back. */
export const copyOf = (slot: number): number => -2 - slot
export const copied = (code: number): number | undefined => (code < cleared ? -2 - code : undefined)

/** The codes of all slots after changes to those before. */
export function applied(changes: readonly Change[], before: Int32Array): Int32Array {
  const after = before.slice()
  for (const [slot, code] of changes) {
    const from = copied(code)
    after[slot] = from !== undefined ? before[from]! : Math.max(0, code)
  }
  return after
}

/** The plain object that codes stand for, frozen or only sealed as in a search. */
export function built(node: Node, codes: Int32Array, frozen: boolean): unknown {
  switch (node.kind) {
    case 'leaf':
      return decoded(node.shape, codes[node.slot]!)
    case 'maybe':
      return codes[node.slot] === 1 ? built(node.inner, codes, frozen) : null
    case 'queue': {
      const items = node.items.slice(0, codes[node.slot]).map((item) => built(item, codes, frozen))
      return frozen ? Object.freeze(items) : items
    }
    case 'group': {
      if (node.array) {
        const items = node.parts.map(([, part]) => built(part, codes, frozen))
        return frozen ? Object.freeze(items) : items
      }
      const fields: Record<string, unknown> = {}
      for (const [key, part] of node.parts) fields[key] = built(part, codes, frozen)
      return frozen ? Object.freeze(fields) : Object.seal(fields)
    }
  }
}

/**
 * What of a part differs from before, given what is there now: a view or a plain object.
 * @param known the code that a slot had, -1 if that is not known. @throws RangeError if it left its domain.
 */
export function changesIn(
  root: Node,
  value: unknown,
  known: (slot: number) => number,
  stray?: Stray,
): readonly Change[] {
  const comparison = new Comparison(known, stray)
  comparison.compare(root, value)
  return comparison.changes
}

/** Told of what was written under a name that is not declared, or of a word that no field takes. */
export type Stray = (node: Composite | Leaf, word: string) => void

class Comparison {
  readonly changes: Change[] = []

  constructor(
    private readonly known: (slot: number) => number,
    private readonly stray: Stray | undefined,
  ) {}

  compare(node: Node, value: unknown): void {
    switch (node.kind) {
      case 'leaf': {
        const code = encoded(node.shape, value)
        if (code < 0) {
          if (typeof value === 'string' && takesWords(node.shape)) this.stray?.(node, value)
          throw new RangeError(`${node.path} leaves its domain`)
        }
        return this.note(node.slot, code)
      }
      case 'maybe':
        this.note(node.slot, value === null ? 0 : 1)
        return value === null ? this.clear(node.inner, node.slot, 0) : this.compare(node.inner, value)
      case 'group':
      case 'queue':
        return this.compareParts(node, value)
    }
  }

  private compareParts(node: Composite, value: unknown): void {
    const parts = partsIn(node)
    const list = node.kind === 'queue'
    const right = list || node.array ? Array.isArray(value) : typeof value === 'object' && value !== null
    if (!right) throw new RangeError(`${node.path} is of another kind`)
    const here = behind(value as object)
    const now = here?.parts ?? (value as Parts)
    const size = Object.keys(now).length
    if (this.stray) this.tellStrays(node, now, this.stray)
    if (list ? size > parts.length : size !== parts.length) throw new RangeError(`${node.path} has another size`)
    if (Array.isArray(now) && now.length !== size) throw new RangeError(`${node.path} has holes or other keys`)
    if (list) this.note(node.slot, size)
    const own = here?.node === node ? here.parts : undefined
    parts.forEach((part, i) => {
      if (list && i >= size) return this.clear(part, node.slot, i)
      const key = keyOf(node, i)
      if (own && own[key] === untouched) return
      if (!own && here && this.copies(part, here, i)) return
      this.compare(part, own ? own[key] : (value as Parts)[key])
    })
  }

  private tellStrays(node: Composite, now: Parts, stray: Stray): void {
    const count = partsIn(node).length
    for (const key of Object.keys(now))
      if (node.kind === 'queue' || node.array ? !(Number(key) >= 0 && Number(key) < count) : !hasPart(node, key))
        stray(node, key)
  }

  /** A scalar of an object that was moved here, and that nobody has looked at: it need not be known. */
  private copies(part: Node, { node, parts }: Seen, i: number): boolean {
    const from = partsIn(node)[i]
    if (part.kind !== 'leaf' || from?.kind !== 'leaf' || from.shape !== part.shape) return false
    const unread = node.kind === 'group' && !node.array && parts[keyOf(node, i)] === untouched
    if (!unread || this.known(from.slot) >= 0) return false
    this.changes.push([part.slot, copyOf(from.slot)])
    return true
  }

  private note(slot: number, code: number): void {
    if (this.known(slot) !== code) this.changes.push([slot, code])
  }

  /** A part that is not there any more, or was not before. */
  private clear(part: Node, owner: number, index: number): void {
    const before = this.known(owner)
    if (before >= 0 && before <= index) return
    for (const slot of slotsWithin(part)) this.changes.push([slot, cleared])
  }
}

const hasPart = (node: Composite, key: string): boolean =>
  node.kind === 'group' && node.parts.some(([name]) => name === key)

const takesWords = (shape: Shape): boolean =>
  shape.kind === 'oneOf' || (shape.kind === 'optional' && takesWords(shape.of))
