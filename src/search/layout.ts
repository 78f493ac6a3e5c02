/** The packed layout: which bits of a vector of 32-bit words hold which field, and where the program counters are. */

import { cardinality, type Shape } from '../write/domain.js'
import type { System } from '../write/system.js'

/** A run of bits that never crosses a word. */
export interface Bits {
  readonly word: number
  readonly shift: number
  /** The bits in place, as a signed 32-bit integer. */
  readonly mask: number
  readonly width: number
}

/** A field that is one run of bits. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly path: string
  readonly shape: Shape
  readonly bits: Bits
}

/** A record or array: its parts by key. `index` numbers the groups, so that generated code can name each object. */
export interface Group {
  readonly kind: 'group'
  readonly path: string
  readonly index: number
  readonly array: boolean
  /** The set to whose members the slots of an array belong. */
  readonly over?: string | undefined
  readonly parts: readonly (readonly [key: string, part: Node])[]
}

/** An optional record, array or list: one bit, and the bits of what it may hold, zero while it holds nothing. */
export interface Maybe {
  readonly kind: 'maybe'
  readonly path: string
  readonly shape: Shape
  readonly present: Bits
  readonly inner: Group | Queue
}

/** A list: its length, and the bits of every slot, zero beyond the length. */
export interface Queue {
  readonly kind: 'queue'
  readonly path: string
  readonly shape: Shape
  readonly index: number
  readonly length: Bits
  readonly items: readonly Node[]
}

/** A part of the packed state. */
export type Node = Leaf | Group | Maybe | Queue

/** Where everything is. */
export interface Layout {
  readonly words: number
  readonly root: Group
  /** One per thread. */
  readonly counters: readonly Bits[]
  /** How many groups and queues there are. */
  readonly objects: number
  /** Every leaf, in declaration order: what an out-of-domain error names. */
  readonly leaves: readonly Leaf[]
}

/** Lays out a system's program counters and state; each field goes into the first word that has room for it. */
export function layOut(system: System): Layout {
  const words: number[] = []
  const leaves: Leaf[] = []
  let objects = 0

  const place = (values: number): Bits => {
    const width = Math.max(1, 32 - Math.clz32(values - 1))
    let word = words.findIndex((used) => used + width <= 32)
    if (word < 0) word = words.push(0) - 1
    const shift = words[word]!
    words[word] = shift + width
    return { word, shift, width, mask: width === 32 ? -1 : ((1 << width) - 1) << shift }
  }

  const node = (shape: Shape, path: string): Node => {
    const values = cardinality(shape)
    if (values !== undefined) {
      const leaf: Leaf = { kind: 'leaf', path, shape, bits: place(values) }
      leaves.push(leaf)
      return leaf
    }
    switch (shape.kind) {
      case 'record':
        return group(path, false, Object.entries(shape.fields))
      case 'array':
        return group(
          path,
          true,
          Array.from({ length: shape.length }, (_, i) => [String(i), shape.of] as const),
          shape.over,
        )
      case 'list': {
        const index = objects++
        const length = place(shape.capacity + 1)
        const items = Array.from({ length: shape.capacity }, (_, i) => node(shape.of, `${path}[${i}]`))
        return { kind: 'queue', path, shape, index, length, items }
      }
      case 'optional':
        return { kind: 'maybe', path, shape, present: place(2), inner: node(shape.of, path) as Group | Queue }
      default:
        throw new Error(`no layout for ${shape.kind}`)
    }
  }

  const group = (path: string, array: boolean, parts: readonly (readonly [string, Shape])[], over?: string): Group => {
    const index = objects++
    const below = (key: string): string => (array ? `${path}[${key}]` : path ? `${path}.${key}` : key)
    const made = parts.map(([key, of]) => [key, node(of, below(key))] as const)
    return { kind: 'group', path, index, array, over, parts: made }
  }

  const counters = system.threads.map((thread) => place(thread.labels.length))
  const root = node(system.shape, '') as Group
  // A system without fields and threads has one state; it too must have a word to be found by.
  return { words: Math.max(1, words.length), root, counters, objects, leaves }
}
