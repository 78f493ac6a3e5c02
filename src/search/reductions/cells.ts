/** The packed state as a list of cells: every run of bits, what it stands for, and to whom it belongs. */

import { cardinality, spellValue, type Shape } from '../../write/domain.js'
import type { System } from '../../write/system.js'
import type { Bits, Group, Layout, Node, Queue } from '../layout.js'

/** A member of a set. */
export interface Member {
  readonly set: string
  readonly member: number
}

/** A run of bits: a leaf, the presence of an optional part, the length of a list, or a program counter. */
export interface Cell {
  readonly index: number
  /** As a reader knows it: `dev[0].used`, `at tx(1)`. */
  readonly path: string
  readonly bits: Bits
  /** Codes are 0 … values-1. */
  readonly values: number
  /** A code as a reader knows it. */
  readonly shown: (code: number) => string
  /** The path with members left open; the same for cells that differ only in whose they are. */
  readonly form: string
  /** Whose it is: the members along its path, in order. */
  readonly of: readonly Member[]
  /** If its value is a member: of which set, and the code of member 0; codes below that stand for none. */
  readonly holds?: { readonly set: string; readonly from: number }
  /** It exists only where each of these cells has at least that code. */
  readonly within: readonly { readonly cell: number; readonly least: number }[]
}

/** All cells of a system, and where to find them. */
export interface Cells {
  readonly all: readonly Cell[]
  /** One per thread. */
  readonly counters: readonly number[]
  /** By the leaf, or by the part whose presence or length it is. */
  readonly of: ReadonlyMap<Node, number>
}

/** Lists the cells of a layout: program counters first, then the state in declaration order. */
export function cellsOf(system: System, layout: Layout): Cells {
  const all: Cell[] = []
  const of = new Map<Node, number>()
  const add = (cell: Omit<Cell, 'index'>): number => all.push({ ...cell, index: all.length }) - 1

  const counters = system.threads.map(({ name, labels, args, sets }, i) => {
    const spelled = Object.entries(args).map(([arg, value]) => (Object.hasOwn(sets, arg) ? sets[arg]! : String(value)))
    const members = Object.entries(sets).map(([arg, set]) => ({ set, member: Number(args[arg]) }))
    const form = `at ${name.replace(/\(.*$/, '')}(${spelled.join(',')})`
    const bits = layout.counters[i]!
    return add({
      path: `at ${name}`,
      bits,
      values: labels.length,
      shown: (code) => labels[code]!,
      form,
      of: members,
      within: [],
    })
  })

  const walk = (node: Node, form: string, members: readonly Member[], within: Cell['within']): void => {
    const own = { path: node.path, shown: String, form, of: members, within }
    switch (node.kind) {
      case 'leaf': {
        const holds = heldBy(node.shape)
        const shown = (code: number): string => spellValue(decoded(node.shape, code))
        const cell = { ...own, shown, bits: node.bits, values: cardinality(node.shape)!, ...(holds && { holds }) }
        of.set(node, add(cell))
        return
      }
      case 'group':
        for (const [key, part] of node.parts) {
          const { over } = node
          if (over === undefined) walk(part, `${form}.${key}`, members, within)
          else walk(part, `${form}[${over}]`, [...members, { set: over, member: Number(key) }], within)
        }
        return
      case 'maybe': {
        const cell = add({
          ...own,
          form: `${form}?`,
          shown: (code) => (code ? 'there' : 'null'),
          bits: node.present,
          values: 2,
        })
        of.set(node, cell)
        return walk(node.inner, form, members, [...within, { cell, least: 1 }])
      }
      case 'queue': {
        const cell = add({
          ...own,
          form: `${form}.length`,
          path: `${node.path}.length`,
          bits: node.length,
          values: node.items.length + 1,
        })
        of.set(node, cell)
        return node.items.forEach((item, i) => walk(item, `${form}.${i}`, members, [...within, { cell, least: i + 1 }]))
      }
    }
  }
  walk(layout.root, '', [], [])
  return { all, counters, of }
}

/** What a leaf's value may be a member of. */
function heldBy(shape: Shape): Cell['holds'] {
  if (shape.kind === 'member') return { set: shape.set, from: 0 }
  if (shape.kind !== 'optional') return undefined
  return shape.of.kind === 'member' ? { set: shape.of.set, from: 1 } : undefined
}

/** The value that a code of a scalar shape stands for. */
export function decoded(shape: Shape, code: number): unknown {
  switch (shape.kind) {
    case 'bool':
      return code === 1
    case 'int':
      return shape.lo + code
    case 'oneOf':
      return shape.names[code]
    case 'member':
      return code
    case 'optional':
      return code === 0 ? null : decoded(shape.of, code - 1)
    default:
      throw new Error(`${shape.kind} is not a leaf`)
  }
}

/** The code of a value of a scalar shape, or -1 if it is not in the domain. */
export function encoded(shape: Shape, value: unknown): number {
  const whole = typeof value === 'number' && (value | 0) === value
  switch (shape.kind) {
    case 'bool':
      return value === true ? 1 : value === false ? 0 : -1
    case 'int':
      return whole && value >= shape.lo && value <= shape.hi ? value - shape.lo : -1
    case 'oneOf':
      return shape.names.indexOf(value as string)
    case 'member':
      return whole && value >= 0 && value < shape.size ? value : -1
    case 'optional': {
      if (value === null) return 0
      const inner = encoded(shape.of, value)
      return inner < 0 ? -1 : inner + 1
    }
    default:
      throw new Error(`${shape.kind} is not a leaf`)
  }
}

/** The code in a run of bits of a packed state. */
export const codeIn = ({ word, shift, width }: Bits, words: Int32Array, at: number): number =>
  width === 32 ? words[at + word]! >>> 0 : (words[at + word]! >>> shift) & ((1 << width) - 1)

/** Every cell within a part of the state, the part's own included. */
export function cellsWithin(cells: Cells, node: Node): readonly number[] {
  const own = cells.of.get(node)
  const parts = node.kind === 'leaf' ? [] : partsOf(node)
  const below = parts.flatMap((part) => cellsWithin(cells, part))
  return own === undefined ? below : [own, ...below]
}

const partsOf = (node: Exclude<Node, { kind: 'leaf' }>): readonly Node[] =>
  node.kind === 'maybe' ? [node.inner] : node.kind === 'queue' ? node.items : node.parts.map(([, part]) => part)

/** A part that is an object of its own. */
export type Composite = Group | Queue
