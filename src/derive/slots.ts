/** The state as a vector of slots: every scalar, length and program counter, what its codes stand for, and whose it is. */

import { cardinality, spellValue, type Shape } from '../write/domain.js'
import type { System } from '../write/system.js'

/** A member of a set. */
export interface Member {
  readonly set: string
  readonly member: number
}

/** One place that holds a code: a scalar, the presence of an optional part, the length of a list, or a program counter. */
export interface Slot {
  readonly index: number
  /** As a reader knows it: `dev[0].used`, `at tx(1)`. */
  readonly path: string
  /** Codes are 0 … values-1. */
  readonly values: number
  /** A code as a reader knows it. */
  readonly shown: (code: number) => string
  /** The path with members left open; the same for slots that differ only in whose they are. */
  readonly form: string
  /** Whose it is: the members along its path, in order. */
  readonly of: readonly Member[]
  /** If its value is a member: of which set, and the code of member 0; codes below that stand for none. */
  readonly holds?: { readonly set: string; readonly from: number }
  /** It exists only where each of these slots has at least that code. */
  readonly within: readonly { readonly slot: number; readonly least: number }[]
}

/** A scalar. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly path: string
  readonly shape: Shape
  readonly slot: number
}

/** A record or an array; it has no slot of its own. */
export interface Group {
  readonly kind: 'group'
  readonly path: string
  readonly array: boolean
  readonly parts: readonly (readonly [key: string, part: Node])[]
}

/** An optional record, array or list; its slot is 1 where it is there. */
export interface Maybe {
  readonly kind: 'maybe'
  readonly path: string
  readonly slot: number
  readonly inner: Composite
}

/** A list; its slot holds the length. */
export interface Queue {
  readonly kind: 'queue'
  readonly path: string
  readonly slot: number
  readonly items: readonly Node[]
}

/** A part of the state. */
export type Node = Leaf | Group | Maybe | Queue

/** A part that is an object of its own. */
export type Composite = Group | Queue

/** All slots of a system, program counters first, then the state in declaration order. */
export interface Slots {
  readonly all: readonly Slot[]
  /** One per thread. */
  readonly counters: readonly number[]
  readonly root: Group
}

/** Lists the slots of a system. Linear in their number. */
export function slotsOf(system: System): Slots {
  const lister = new Lister()
  const counters = system.threads.map(({ name, labels, args, sets }) => {
    const spelled = Object.entries(args).map(([arg, value]) => (Object.hasOwn(sets, arg) ? sets[arg]! : String(value)))
    const members = Object.entries(sets).map(([arg, set]) => ({ set, member: Number(args[arg]) }))
    const form = `at ${name.replace(/\(.*$/, '')}(${spelled.join(',')})`
    const shown = (code: number): string => labels[code]!
    return lister.add({ path: `at ${name}`, values: labels.length, shown, form, of: members, within: [] })
  })
  const root = lister.node(system.shape, '', { form: '', of: [], within: [] }) as Group
  return { all: lister.all, counters, root }
}

type Owners = Pick<Slot, 'form' | 'of' | 'within'>

class Lister {
  readonly all: Slot[] = []

  add(slot: Omit<Slot, 'index'>): number {
    return this.all.push({ ...slot, index: this.all.length }) - 1
  }

  node(shape: Shape, path: string, owners: Owners): Node {
    const values = cardinality(shape)
    if (values !== undefined) {
      const holds = heldBy(shape)
      const shown = (code: number): string => spellValue(decoded(shape, code))
      return { kind: 'leaf', path, shape, slot: this.add({ ...owners, path, values, shown, ...(holds && { holds }) }) }
    }
    const { form, of, within } = owners
    switch (shape.kind) {
      case 'record': {
        const below = (key: string): string => (path ? `${path}.${key}` : key)
        const parts = Object.entries(shape.fields).map(
          ([key, field]) => [key, this.node(field, below(key), { form: `${form}.${key}`, of, within })] as const,
        )
        return { kind: 'group', path, array: false, parts }
      }
      case 'array': {
        const { over } = shape
        const parts = Array.from({ length: shape.length }, (_, i) => {
          const owned =
            over === undefined
              ? { form: `${form}.${i}`, of, within }
              : { form: `${form}[${over}]`, of: [...of, { set: over, member: i }], within }
          return [String(i), this.node(shape.of, `${path}[${i}]`, owned)] as const
        })
        return { kind: 'group', path, array: true, parts }
      }
      case 'list': {
        const own = { form: `${form}.length`, of, within }
        const slot = this.add({ ...own, path: `${path}.length`, values: shape.capacity + 1, shown: String })
        const items = Array.from({ length: shape.capacity }, (_, i) => {
          const inside = { form: `${form}.${i}`, of, within: [...within, { slot, least: i + 1 }] }
          return this.node(shape.of, `${path}[${i}]`, inside)
        })
        return { kind: 'queue', path, slot, items }
      }
      case 'optional': {
        const shown = (code: number): string => (code ? 'there' : 'null')
        const slot = this.add({ form: `${form}?`, of, within, path, values: 2, shown })
        const inner = this.node(shape.of, path, { form, of, within: [...within, { slot, least: 1 }] })
        return { kind: 'maybe', path, slot, inner: inner as Composite }
      }
      default:
        throw new Error(`no slots for ${shape.kind}`)
    }
  }
}

/** What a leaf's value may be a member of. */
function heldBy(shape: Shape): Slot['holds'] {
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

/** Every slot within a part of the state, the part's own included. */
export function slotsWithin(node: Node): readonly number[] {
  const below = partsIn(node).flatMap(slotsWithin)
  return node.kind === 'group' ? below : [node.slot, ...below]
}

/** The parts of a part, in order. */
export function partsIn(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'leaf':
      return []
    case 'maybe':
      return [node.inner]
    case 'queue':
      return node.items
    case 'group':
      return node.parts.map(([, part]) => part)
  }
}

/** The key of the i-th part of an object. */
export const keyOf = (node: Composite, i: number): string => (node.kind === 'queue' ? String(i) : node.parts[i]![0])
