/** Running a model's code on a state of which nothing is known yet: it finds out what the code asks for, and answers it. */

import type { At } from '../../write/model.js'
import type { System } from '../../write/system.js'
import { cellsWithin, decoded, encoded, type Cells, type Composite } from './cells.js'
import type { Layout, Node } from '../layout.js'

/** A cell and its new code; {@link cleared} where it is no longer there; {@link copyOf} another cell, whatever its code was. */
export type Change = readonly [cell: number, code: number]

/** The code of a change that takes the cell away: its bits are zero then. */
export const cleared = -1

/** The code of a change that gives a cell the code that another one had; and back. */
export const copyOf = (cell: number): number => -2 - cell
export const copied = (code: number): number | undefined => (code < cleared ? -2 - code : undefined)

/** What a piece of code did on what it asked for: an answer, and what it changed. */
export interface Result {
  readonly answer: number
  readonly changes: readonly Change[]
}

/** The answer of code that throws or leaves its domain. */
export const fails = -1

/** Marks a part that was neither looked at nor written. */
const untouched = Symbol('untouched')

/** What stands behind an object of a view: where it was in the state, and what its parts are by now. */
const origin = Symbol('origin')
interface Origin {
  readonly node: Composite
  readonly now: unknown[]
  /** Whether it may be written, and so belongs to one run alone. */
  readonly draft: boolean
}
interface Viewed {
  readonly [origin]: Origin
}

/** Thrown through the author's code when it asks for a cell that has no code yet. */
const asked = new Error('a cell without a code was asked for')

/**
 * A state in which each cell has a code, or none yet. Views of it are ordinary objects with accessors: what is read is looked
 * up, what is not known ends the run and is reported as {@link wanted}. Objects keep their identity when code moves them about.
 */
export class Trial {
  /** Codes by cell, -1 where there is none yet. */
  readonly codes: Int32Array
  /** The cell that the last run asked for in vain, or -1. */
  wanted = -1
  /** Where the threads stand. */
  readonly at: At
  private readonly accessors = new Map<Composite, readonly PropertyDescriptor[]>()
  private changes: Change[] = []
  private readonly seen: unknown
  /** Codes that count before the others. */
  private layer: ReadonlyMap<number, number> | undefined
  /** Parts of the view for reading that depend on codes: to be made again in the next run. */
  private readonly passing: { readonly now: unknown[]; readonly i: number }[] = []

  constructor(
    system: System,
    private readonly layout: Layout,
    readonly cells: Cells,
  ) {
    this.codes = new Int32Array(cells.all.length).fill(-1)
    const at = {}
    system.threads.forEach(({ name, labels }, i) =>
      Object.defineProperty(at, name, { get: () => labels[this.code(cells.counters[i]!)], enumerable: true }),
    )
    this.at = Object.freeze(at)
    this.seen = this.made(layout.root, false)
  }

  private refresh(): void {
    for (const { now, i } of this.passing) now[i] = untouched
    this.passing.length = 0
  }

  /** The code of a cell. Ends the run if it has none. */
  code(cell: number): number {
    const code = this.layer?.get(cell) ?? this.codes[cell]!
    if (code >= 0) return code
    if (this.layer?.has(cell)) throw new Error('a cell that is gone was asked for')
    // The first one counts, should the author's code go on regardless.
    if (this.wanted < 0) this.wanted = cell
    throw asked
  }

  /** Runs a piece of code. Undefined if it asked for a cell without a code: see {@link wanted}. */
  run(code: () => Result): Result | undefined {
    this.wanted = -1
    this.refresh()
    try {
      const result = code()
      return this.wanted < 0 ? result : undefined
    } catch {
      return this.wanted < 0 ? { answer: fails, changes: [] } : undefined
    }
  }

  /** Runs code on the state with some cells changed. What it finds and writes is relative to that state. */
  over<T>(layer: ReadonlyMap<number, number>, code: () => T): T {
    this.layer = layer
    this.refresh()
    try {
      return code()
    } finally {
      this.layer = undefined
      this.refresh()
    }
  }

  /** A view of the state for reading. */
  view(): unknown {
    return this.seen
  }

  /** A view of the state for writing; what is written on it stays in it. */
  draft(): unknown {
    return this.made(this.layout.root, true)
  }

  /** What was written on a view. @throws RangeError if it left its domain. */
  changed(view: unknown): readonly Change[] {
    this.changes = []
    this.compare(this.layout.root, view)
    return this.changes
  }

  private made(node: Node, draft: boolean): unknown {
    if (node.kind === 'leaf') return decoded(node.shape, this.code(this.cells.of.get(node)!))
    if (node.kind === 'maybe') return this.code(this.cells.of.get(node)!) === 1 ? this.made(node.inner, draft) : null
    const parts = node.kind === 'queue' ? this.code(this.cells.of.get(node)!) : node.parts.length
    const made = node.kind === 'queue' || node.array ? [] : {}
    Object.defineProperty(made, origin, { value: { node, now: new Array<unknown>(parts).fill(untouched), draft } })
    const accessors = this.accessorsOf(node)
    for (let i = 0; i < parts; i++) Object.defineProperty(made, keyOf(node, i), accessors[i]!)
    return Array.isArray(made) ? made : Object.seal(made)
  }

  private accessorsOf(node: Composite): readonly PropertyDescriptor[] {
    const known = this.accessors.get(node)
    if (known) return known
    const made = (part: Node, draft: boolean): unknown => this.made(part, draft)
    const { passing } = this
    const accessors = partsIn(node).map((part, i) => ({
      get(this: Viewed) {
        const { now, draft } = this[origin]
        if (now[i] !== untouched) return now[i]
        const value = made(part, draft)
        // A scalar that was only read is still as it was.
        if (part.kind === 'leaf') return value
        if (!draft && part.kind !== 'group') passing.push({ now, i })
        return (now[i] = value)
      },
      set(this: Viewed, value: unknown) {
        if (!this[origin].draft) throw new TypeError('a state that is only to be read is written')
        this[origin].now[i] = value
      },
      enumerable: true,
      configurable: true,
    }))
    this.accessors.set(node, accessors)
    return accessors
  }

  /** Notes in what a place of the state differs from before, given what is there now. */
  private compare(node: Node, value: unknown): void {
    switch (node.kind) {
      case 'leaf': {
        const code = encoded(node.shape, value)
        if (code < 0) throw new RangeError(`${node.path} leaves its domain`)
        return this.note(this.cells.of.get(node)!, code)
      }
      case 'maybe':
        this.note(this.cells.of.get(node)!, value === null ? 0 : 1)
        return value === null ? this.clear(node.inner, node) : this.compare(node.inner, value)
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
    const size = Object.keys(value as object).length
    if (list ? size > parts.length : size !== parts.length) throw new RangeError(`${node.path} has another size`)
    if (list) this.note(this.cells.of.get(node)!, size)
    const here = (value as Partial<Viewed>)[origin]
    const own = here?.node === node ? here : undefined
    parts.forEach((part, i) => {
      if (i >= size) return this.clear(part, node, i)
      const key = keyOf(node, i)
      const accessed = own && Object.getOwnPropertyDescriptor(value, key)?.get !== undefined
      if (accessed && own.now[i] === untouched) return
      if (!own && here && this.copies(part, here, i)) return
      this.compare(part, accessed ? own.now[i] : (value as Record<string, unknown>)[key])
    })
  }

  /** A scalar of an object that was moved here, and that nobody has looked at: it need not be known. */
  private copies(part: Node, { node, now }: Origin, i: number): boolean {
    const from = partsIn(node)[i]
    if (part.kind !== 'leaf' || from?.kind !== 'leaf' || from.shape !== part.shape) return false
    const cell = this.cells.of.get(from)!
    if (node.kind === 'queue' || node.array || now[i] !== untouched || this.known(cell) >= 0) return false
    this.changes.push([this.cells.of.get(part)!, copyOf(cell)])
    return true
  }

  private known(cell: number): number {
    return this.layer?.get(cell) ?? this.codes[cell]!
  }

  private note(cell: number, code: number): void {
    if (this.known(cell) !== code) this.changes.push([cell, code])
  }

  /** A part that is not there any more, or was not before. */
  private clear(part: Node, owner: Node, index = 0): void {
    const before = this.known(this.cells.of.get(owner)!)
    if (before >= 0 && before <= index) return
    for (const cell of cellsWithin(this.cells, part)) this.changes.push([cell, cleared])
  }
}

const partsIn = (node: Composite): readonly Node[] =>
  node.kind === 'queue' ? node.items : node.parts.map(([, part]) => part)

const keyOf = (node: Composite, i: number): string => (node.kind === 'queue' ? String(i) : node.parts[i]![0])
