/** Running a model's code on a state of which nothing is known yet: it finds out what the code asks for, and answers it. */

import type { At } from '../../write/model.js'
import { askingBy, threadsOf } from '../../write/standing.js'
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

/** Asks a view for what stands behind it. */
const origin = Symbol('origin')

/** The parts of an object by key: {@link untouched} at first; what code reads is made on demand, and what it writes stays there. */
type Parts = Record<PropertyKey, unknown>

/** Thrown through the author's code when it asks for a cell that has no code yet. */
const asked = new Error('a cell without a code was asked for')

/**
 * A state in which each cell has a code, or none yet. Views of it look like ordinary objects: what is read is looked up, what is
 * not known ends the run and is reported as {@link wanted}. Objects keep their identity when code moves them about.
 */
export class Trial {
  /** Codes by cell, -1 where there is none yet. */
  readonly codes: Int32Array
  /** The cell that the last run asked for in vain, or -1. */
  wanted = -1
  /** Where the threads stand. */
  readonly at: At
  private readonly origins = new Map<Composite, { readonly view: Origin; readonly draft: Origin }>()
  private changes: Change[] = []
  private readonly seen: unknown
  /** Codes that count before the others. */
  private layer: ReadonlyMap<number, number> | undefined
  /** Parts of the view for reading that depend on codes: to be made again in the next run. */
  private readonly passing: { readonly parts: Parts; readonly key: string }[] = []

  constructor(
    system: System,
    private readonly layout: Layout,
    readonly cells: Cells,
  ) {
    this.codes = new Int32Array(cells.all.length).fill(-1)
    const indices = new Map(system.threads.map(({ name }, i) => [name, i]))
    this.at = askingBy(threadsOf(system), (thread) => {
      const i = indices.get(thread)!
      return system.threads[i]!.labels[this.code(cells.counters[i]!)]
    })
    this.seen = this.made(layout.root, false)
  }

  private refresh(): void {
    for (const { parts, key } of this.passing) parts[key] = untouched
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

  /** A part as code sees it. */
  made(node: Node, draft: boolean): unknown {
    if (node.kind === 'leaf') return decoded(node.shape, this.code(this.cells.of.get(node)!))
    if (node.kind === 'maybe') return this.code(this.cells.of.get(node)!) === 1 ? this.made(node.inner, draft) : null
    const length = node.kind === 'queue' ? this.code(this.cells.of.get(node)!) : 0
    let both = this.origins.get(node)
    if (!both)
      this.origins.set(node, (both = { view: new Origin(this, node, false), draft: new Origin(this, node, true) }))
    const origin = draft ? both.draft : both.view
    return new Proxy(origin.parts(length), origin)
  }

  /** Has a part of the view for reading made again in the next run. */
  pass(parts: Parts, key: string): void {
    this.passing.push({ parts, key })
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
    const here = (value as Viewed)[origin]
    const own = here?.node === node ? here.parts : undefined
    parts.forEach((part, i) => {
      if (i >= size) return this.clear(part, node, i)
      const key = keyOf(node, i)
      if (own && own[key] === untouched) return
      if (!own && here && this.copies(part, here, i)) return
      this.compare(part, own ? own[key] : (value as Parts)[key])
    })
  }

  /** A scalar of an object that was moved here, and that nobody has looked at: it need not be known. */
  private copies(part: Node, { node, parts }: Seen, i: number): boolean {
    const from = partsIn(node)[i]
    if (part.kind !== 'leaf' || from?.kind !== 'leaf' || from.shape !== part.shape) return false
    const cell = this.cells.of.get(from)!
    if (node.kind === 'queue' || node.array || parts[keyOf(node, i)] !== untouched || this.known(cell) >= 0)
      return false
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

/** What stands behind a view: where it was in the state, and its parts by now. */
interface Seen {
  readonly node: Composite
  readonly parts: Parts
}
type Viewed = Partial<Record<typeof origin, Seen>>

/** How views of one place answer. A draft may be written, and so belongs to one run alone. */
class Origin implements ProxyHandler<Parts> {
  private readonly nodes: Readonly<Record<string, Node>>
  private readonly blank: Parts | readonly unknown[]

  constructor(
    private readonly trial: Trial,
    private readonly node: Composite,
    private readonly draft: boolean,
  ) {
    const parts = partsIn(node).map((part, i) => [keyOf(node, i), part] as const)
    const list = node.kind === 'queue' || node.array
    this.nodes = Object.fromEntries(parts)
    this.blank = list ? parts.map(() => untouched) : Object.fromEntries(parts.map(([key]) => [key, untouched]))
  }

  /** Parts that nobody has looked at yet; of a list, its first `length`. */
  parts(length: number): Parts {
    const { node, blank } = this
    if (node.kind === 'queue') return (blank as unknown[]).slice(0, length) as unknown as Parts
    return node.array ? ([...(blank as unknown[])] as unknown as Parts) : { ...(blank as Parts) }
  }

  get(parts: Parts, key: string): unknown {
    if ((key as unknown) === origin) return { node: this.node, parts } satisfies Seen
    const known = parts[key]
    if (known !== untouched) return known
    const part = this.nodes[key]!
    const value = this.trial.made(part, this.draft)
    // A scalar that was only read is still as it was.
    if (part.kind === 'leaf') return value
    if (!this.draft && part.kind !== 'group') this.trial.pass(parts, key)
    return (parts[key] = value)
  }

  set(parts: Parts, key: string, value: unknown): boolean {
    if (this.draft) parts[key] = value
    return this.draft
  }

  deleteProperty(parts: Parts, key: string): boolean {
    return this.draft && Reflect.deleteProperty(parts, key)
  }
}

const partsIn = (node: Composite): readonly Node[] =>
  node.kind === 'queue' ? node.items : node.parts.map(([, part]) => part)

const keyOf = (node: Composite, i: number): string => (node.kind === 'queue' ? String(i) : node.parts[i]![0])
