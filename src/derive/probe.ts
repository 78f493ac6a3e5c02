/** Running a model's code on a state of which nothing is known yet: it finds out what the code asks for, and answers it. */

import type { At } from '../write/model.js'
import { askingBy, threadsOf } from '../write/standing.js'
import type { System } from '../write/system.js'
import { protocolKeys } from '../write/watched.js'
import { applied, built, changesIn, type Change } from './changes.js'
import { tellingRefusals } from './copying.js'
import { decoded, slotsOf, slotsWithin, type Composite, type Leaf, type Node, type Slots } from './slots.js'
import { Views } from './views.js'

/** What a piece of code did on what it asked for: an answer, and what it changed. */
export interface Result {
  readonly answer: number
  readonly changes: readonly Change[]
}

/** The answer of code that throws or leaves its domain. */
export const fails = -1

/** A field that code asked for or wrote and that is not declared, an index that is beyond an array, or a word that a field does not take. */
export interface Missed {
  readonly node: Composite | Leaf
  readonly key: string
}

/** Thrown through the author's code when it asks for a slot that has no code yet. */
const asked = new Error('a slot without a code was asked for')

/** Looks at the state in one run, after which code is taken for a loop that does not end in a state that is none. */
const mostLooks = 10_000

/**
 * A state in which each slot has a code, or none yet. Views of it look like ordinary objects: what is read is looked up, what is
 * not known ends the run and is reported as {@link wanted}. Objects keep their identity when code moves them about. The same code
 * can be run on plain objects, too: {@link confirms}.
 */
export class Probe {
  readonly slots: Slots
  /** Codes by slot, -1 where there is none yet. */
  readonly codes: Int32Array
  /** The slot that the last run asked for in vain, or -1. */
  wanted = -1
  /** What the last run did that cannot be followed, as the end of a sentence. */
  opaque: string | undefined
  /** Where the threads stand. */
  readonly at: At
  /** What was asked for that does not exist, in all runs; names of threads and labels are among the mistakes. */
  readonly missed: Missed[] = []
  readonly mistakes: Error[] = []
  private readonly views: Views
  private seen: unknown
  private looks = 0
  /** Whether this run came by a list. */
  private readsList = false
  /** Codes that count before the others. */
  private layer: ReadonlyMap<number, number> | undefined
  /** Present while code runs on plain objects: the codes of all slots. */
  private plain: Int32Array | undefined
  private confirmed = 0

  constructor(system: System) {
    this.slots = slotsOf(system)
    this.codes = new Int32Array(this.slots.all.length).fill(-1)
    const { counters } = this.slots
    const indices = new Map(system.threads.map(({ name }, i) => [name, i]))
    const at = askingBy(threadsOf(system), (thread) => {
      const i = indices.get(thread)!
      return system.threads[i]!.labels[this.code(counters[i]!)]
    })
    this.at = Object.assign(this.noting(at), { has: this.noting(at.has) })
    this.views = new Views({
      made: (node, draft) => this.made(node, draft),
      missed: (node, key) => this.miss(node, key),
      opaque: (what) => this.lost(what),
    })
  }

  private lost(what: string): never {
    this.opaque ??= what
    throw new Error(what)
  }

  private readonly copies = (): never => this.lost('it copies a part of the state by the engine')

  /** Has what is thrown for a name that does not exist noted, should the author's code go on regardless. */
  private noting<A extends readonly unknown[], T>(ask: (...asked: A) => T): (...asked: A) => T {
    return (...names) => {
      try {
        return ask(...names)
      } catch (cause) {
        if (cause !== asked) this.mistakes.push(cause as Error)
        throw cause
      }
    }
  }

  private miss(node: Composite, key: string): void {
    const index = /^-?\d+$/.test(key) ? Number(key) : undefined
    const isBeyond = index !== undefined && (node.kind === 'queue' || this.holdsAbout(index))
    if (!protocolKeys.has(key) && !isBeyond && !this.isNothing(node, key)) this.missed.push({ node, key })
  }

  /** Whether the state, as far as it was read, holds an index or its neighbour: it may never be so where that is beyond an array. */
  private holdsAbout(index: number): boolean {
    return this.holds((shown) => Math.abs(Number(shown) - index) <= 1)
  }

  /**
   * Whether a key is what there is in place of a name where the state, as far as it was read, has nothing: it may never be so there. If
   * it is, the search comes by.
   */
  private isNothing(node: Composite, key: string): boolean {
    switch (key) {
      // What an empty list gives. Nobody calls a field so.
      case 'undefined':
        return this.readsList || (node.kind === 'group' && !node.array)
      case 'null':
        return this.holds((shown) => shown === 'null')
      default:
        return false
    }
  }

  private holds(test: (shown: string) => boolean): boolean {
    return this.slots.all.some(({ shown }, slot) => this.codes[slot]! >= 0 && test(shown(this.codes[slot]!)))
  }

  /** The slots of a part of the state. */
  slotsAt(field: string): readonly number[] {
    return slotsWithin(this.partAt(field))
  }

  /** The codes of those slots in a value of that part; 0 within what is not there. */
  codesOf(field: string, value: unknown): Int32Array {
    const changes = new Map(changesIn(this.partAt(field), value, () => -1))
    return Int32Array.from(this.slotsAt(field), (slot) => Math.max(0, changes.get(slot) ?? 0))
  }

  private readonly partAt = (field: string): Node => this.slots.root.parts.find(([key]) => key === field)![1]

  /** The code of a slot. Ends the run if it has none. */
  code(slot: number): number {
    if (this.plain) return this.plain[slot]!
    const code = this.layer?.get(slot) ?? this.codes[slot]!
    if (code >= 0) return code
    if (this.layer?.has(slot)) throw new Error('a slot that is gone was asked for')
    if (this.trail) {
      this.trail.push(slot)
      return (this.codes[slot] = this.draws(slot))
    }
    // The first one counts, should the author's code go on regardless.
    if (this.wanted < 0) this.wanted = slot
    throw asked
  }

  /** Runs a piece of code. Undefined if it asked for a slot without a code, {@link wanted}, or cannot be followed: {@link opaque}. */
  run(code: () => Result): Result | undefined {
    this.wanted = -1
    this.opaque = undefined
    const result = tellingRefusals(this.copies, () => this.fresh(code))
    return this.followed() ? result : undefined
  }

  /**
   * Runs code to its end: what it asks for without a code has code 0 from then on.
   * @returns the slots that were given one, in the order in which they were asked for.
   */
  through(code: () => Result): readonly number[] {
    this.wanted = -1
    this.opaque = undefined
    this.trail = []
    try {
      this.fresh(code)
      return this.trail
    } finally {
      this.trail = undefined
    }
  }
  private trail: number[] | undefined
  private draws: (slot: number) => number = () => 0

  /** What code does in a state that is drawn, except for what is known of it. */
  drawn(code: () => Result, salt: number): Result {
    this.draws = (slot) => filler(slot, this.slots.all[slot]!.values, salt, 0)
    this.trail = []
    const { trail } = this
    try {
      return this.fresh(code)
    } finally {
      for (const slot of trail) this.codes[slot] = -1
      this.trail = undefined
      this.draws = () => 0
    }
  }

  private followed = (): boolean => this.wanted < 0 && this.opaque === undefined

  private fresh(code: () => Result): Result {
    this.seen = undefined
    this.looks = 0
    this.readsList = false
    try {
      return code()
    } catch {
      return { answer: fails, changes: [] }
    } finally {
      this.seen = undefined
    }
  }

  /**
   * Whether code does the same on plain objects, with what it did not read filled in two different ways: without that, nothing was
   * derived of it. A slot that was not read has another code each time.
   */
  confirms(code: () => Result, result: Result): boolean {
    const salt = this.confirmed++
    return [0, 1].every((turn) => {
      const before = (this.plain = this.filled(salt, turn))
      try {
        const real = this.fresh(code)
        return real.answer === result.answer && alike(applied(result.changes, before), applied(real.changes, before))
      } finally {
        this.plain = undefined
      }
    })
  }

  /** Codes of all slots: those that are known, and some for the others; none within what is not there. */
  private filled(salt: number, turn: number): Int32Array {
    const codes = new Int32Array(this.codes.length)
    for (const { index, values, within } of this.slots.all) {
      if (within.some(({ slot, least }) => codes[slot]! < least)) continue
      const known = this.codes[index]!
      codes[index] = known >= 0 ? known : filler(index, values, salt, turn)
    }
    return codes
  }

  /** Runs code on the state with some slots changed. What it finds and writes is relative to that state. */
  over<T>(layer: ReadonlyMap<number, number>, code: () => T): T {
    const { plain } = this
    if (plain) {
      this.plain = plain.slice()
      for (const [slot, to] of layer) this.plain[slot] = Math.max(0, to)
    }
    this.layer = layer
    this.seen = undefined
    try {
      return code()
    } finally {
      this.plain = plain
      this.layer = undefined
      this.seen = undefined
    }
  }

  /** A view of the state for reading, the same throughout a run. */
  view(): unknown {
    const { plain } = this
    return (this.seen ??= plain ? built(this.slots.root, plain, true) : this.made(this.slots.root, false))
  }

  /** A view of the state for writing; what is written on it stays in it. */
  draft(): unknown {
    return this.plain ? built(this.slots.root, this.plain, false) : this.made(this.slots.root, true)
  }

  /** What was written on a view. @throws RangeError if it left its domain. */
  changed(view: unknown): readonly Change[] {
    const stray = (node: Composite | Leaf, word: string): void => {
      if (node.kind === 'leaf') this.missed.push({ node, key: word })
      else this.miss(node, word)
    }
    return changesIn(this.slots.root, view, (slot) => this.known(slot), this.plain ? undefined : stray)
  }

  private known(slot: number): number {
    return this.plain ? this.plain[slot]! : (this.layer?.get(slot) ?? this.codes[slot]!)
  }

  /** A part as code sees it. */
  private made(node: Node, draft: boolean): unknown {
    if (this.looks++ > mostLooks) this.lost('it reads on and on')
    switch (node.kind) {
      case 'leaf':
        return decoded(node.shape, this.code(node.slot))
      case 'maybe':
        return this.code(node.slot) === 1 ? this.made(node.inner, draft) : null
      case 'group':
        return this.views.of(node, 0, draft)
      case 'queue':
        this.readsList = true
        return this.views.of(node, this.code(node.slot), draft)
    }
  }
}

const alike = (a: Int32Array, b: Int32Array): boolean => a.every((code, slot) => code === b[slot])

/** Some code of a slot; another one the second time. */
function filler(index: number, values: number, salt: number, turn: number): number {
  const mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)
  const spread = (mixed ^ (mixed >>> 15)) >>> 0
  const first = spread % values
  return turn === 0 || values < 2 ? first : (first + 1 + (spread % (values - 1))) % values
}
