/** Representatives: of all states that differ only in the names of members, one. */

import type { Bits } from '../layout.js'
import { codeIn, type PackedSlot } from './slot-bits.js'
import type { Pool } from './symmetry.js'

/** The most permutations that are compared where sorting alone does not decide. */
export const mostOrders = 5040

/** A slot that a permutation may move or change, with pools by number. */
interface Movable {
  readonly bits: Bits
  readonly within: readonly { readonly bits: Bits; readonly least: number }[]
  /** The pool of the member that it holds, or -1, and the code of member 0. */
  readonly holds: number
  readonly from: number
  /** The members whose it is, and their pools. */
  readonly members: readonly number[]
  readonly pools: readonly number[]
  /** The slots of the same form, by their members as digits. */
  readonly places: readonly Bits[]
}

/** A pool with all that sorting its members looks at. */
interface Sorting {
  /** Per member, slots that are its alone and hold no member. */
  readonly own: readonly (readonly Bits[])[]
  /** Slots that are nobody's and hold one of these members. */
  readonly named: readonly Movable[]
}

/**
 * Finds the representative of a packed state. Members are sorted by what is theirs alone and by the global fields that name
 * them. If nothing else refers to members, that decides: members that tie are interchangeable. Otherwise every order of those
 * that tie is tried, and the least result taken.
 */
export class Canon {
  private readonly sortings: readonly Sorting[]
  private readonly moved: readonly Movable[]
  /** Whether sorting alone does not decide. */
  readonly loose: boolean
  /** The bits that no permutation touches. */
  private readonly fixed: Int32Array
  private readonly scratch: Int32Array
  /** How many permutations there are. */
  readonly order: number

  constructor(
    slots: readonly PackedSlot[],
    private readonly words: number,
    private readonly pools: readonly Pool[],
  ) {
    const moved = slots.map((slot) => among(pools, slot)).filter(({ of, holds }) => of.length > 0 || holds)
    const simple = ({ of, holds }: PackedSlot): boolean => of.length + (holds ? 1 : 0) === 1
    this.loose = !moved.every(simple)
    const movable = movables(slots, pools, moved)
    this.moved = moved.map((slot) => movable.get(slot)!)
    this.sortings = pools.map((pool) => ({
      own: everyMember(pool).map((member) =>
        moved
          .filter((slot) => simple(slot) && slot.of[0]?.set === pool.set && slot.of[0].member === member)
          .map(({ bits }) => bits),
      ),
      named: moved.filter((slot) => simple(slot) && slot.holds?.set === pool.set).map((slot) => movable.get(slot)!),
    }))
    this.fixed = new Int32Array(words).fill(-1)
    for (const { bits } of moved) this.fixed[bits.word]! &= ~bits.mask
    this.scratch = new Int32Array(words)
    this.order = pools.reduce((product, { size }) => product * factorial(size), 1)
  }

  /** Writes the representative of the state at `words[at]` to `out[0]…`; returns the size of its orbit. */
  represent(words: Int32Array, at: number, out: Int32Array): number {
    const ranks: number[][] = []
    const ties: { readonly rank: number[]; readonly group: readonly number[] }[] = []
    let stabiliser = 1
    for (const sorting of this.sortings) {
      const { rank, groups } = this.sorted(sorting, words, at)
      ranks.push(rank)
      for (const group of groups) {
        if (this.loose) ties.push({ rank, group })
        else stabiliser *= factorial(group.length)
      }
    }
    this.rename(words, at, ranks, out)
    if (ties.length > 0) stabiliser = this.least(words, at, ranks, ties, out)
    return this.order / stabiliser
  }

  /** The place of every member in the order of their keys, and the groups of those that tie. */
  private sorted(
    { own, named }: Sorting,
    words: Int32Array,
    at: number,
  ): { rank: number[]; groups: readonly (readonly number[])[] } {
    const keys = own.map((slots, member) => [
      ...slots.map((bits) => codeIn(bits, words, at)),
      ...named.map((slot) => (held(slot, words, at) === member ? 1 : 0)),
    ])
    const order = own.map((_, member) => member).sort((a, b) => compared(keys[a]!, keys[b]!) || a - b)
    const rank = new Array<number>(own.length)
    const groups: number[][] = []
    order.forEach((member, place) => {
      rank[member] = place
      const before = order[place - 1]
      if (before !== undefined && compared(keys[before]!, keys[member]!) === 0) groups.at(-1)!.push(member)
      else groups.push([member])
    })
    return { rank, groups: groups.filter(({ length }) => length > 1) }
  }

  /** Writes the state with every member renamed to its rank; ranks by pool. */
  rename(words: Int32Array, at: number, ranks: readonly (readonly number[])[], out: Int32Array): void {
    for (let i = 0; i < this.words; i++) out[i] = words[at + i]! & this.fixed[i]!
    for (const slot of this.moved) {
      let code = codeIn(slot.bits, words, at)
      if (code === 0 && slot.holds < 0) continue
      if (slot.holds >= 0) {
        const member = held(slot, words, at)
        if (member >= 0) code = ranks[slot.holds]![member]! + slot.from
      }
      let place = 0
      for (let i = 0; i < slot.members.length; i++) {
        const pool = slot.pools[i]!
        place = place * this.pools[pool]!.size + ranks[pool]![slot.members[i]!]!
      }
      const { word, shift } = slot.places[place]!
      out[word]! |= code << shift
    }
  }

  /** Tries every order of members that tie; leaves the least state in `out` and returns how many orders lead there. */
  private least(
    words: Int32Array,
    at: number,
    ranks: readonly (readonly number[])[],
    ties: readonly { readonly rank: number[]; readonly group: readonly number[] }[],
    out: Int32Array,
  ): number {
    let same = 0
    const visit = (tie: number): void => {
      if (tie < ties.length) return everyOrder(ties[tie]!.rank, ties[tie]!.group, () => visit(tie + 1))
      this.rename(words, at, ranks, this.scratch)
      const order = compared(this.scratch, out)
      if (order < 0) {
        out.set(this.scratch)
        same = 0
      }
      if (order <= 0) same++
    }
    visit(0)
    return same
  }
}

/** Calls back with the ranks of a group in every order; leaves them as they were. */
function everyOrder(rank: number[], group: readonly number[], visit: () => void, from = 0): void {
  if (from === group.length - 1) return visit()
  for (let i = from; i < group.length; i++) {
    exchange(rank, group[from]!, group[i]!)
    everyOrder(rank, group, visit, from + 1)
    exchange(rank, group[from]!, group[i]!)
  }
}

function exchange(rank: number[], a: number, b: number): void {
  const kept = rank[a]!
  rank[a] = rank[b]!
  rank[b] = kept
}

const everyMember = ({ size }: Pool): number[] => Array.from({ length: size }, (_, i) => i)

/** The member that a slot holds, or -1. */
function held({ bits, from, within }: Movable, words: Int32Array, at: number): number {
  for (const { bits: owner, least } of within) if (codeIn(owner, words, at) < least) return -1
  return Math.max(-1, codeIn(bits, words, at) - from)
}

/** A slot as far as it moves: a set that has one member stands still, and is no pool. */
function among(pools: readonly Pool[], { holds, ...slot }: PackedSlot): PackedSlot {
  const moves = (set: string): boolean => pools.some((pool) => pool.set === set)
  const of = slot.of.filter(({ set }) => moves(set))
  return { ...slot, of, ...(holds && moves(holds.set) && { holds }) }
}

function movables(
  slots: readonly PackedSlot[],
  pools: readonly Pool[],
  moved: readonly PackedSlot[],
): ReadonlyMap<PackedSlot, Movable> {
  const numberOf = (set: string): number => pools.findIndex((pool) => pool.set === set)
  const forms = new Map<string, Bits[]>()
  for (const { form, of, bits } of moved) {
    const places = forms.get(form) ?? []
    places[of.reduce((place, { set, member }) => place * pools[numberOf(set)]!.size + member, 0)] = bits
    forms.set(form, places)
  }
  return new Map(
    moved.map((slot) => [
      slot,
      {
        bits: slot.bits,
        within: slot.within.map(({ slot: owner, least }) => ({ bits: slots[owner]!.bits, least })),
        holds: slot.holds ? numberOf(slot.holds.set) : -1,
        from: slot.holds?.from ?? 0,
        members: slot.of.map(({ member }) => member),
        pools: slot.of.map(({ set }) => numberOf(set)),
        places: forms.get(slot.form)!,
      },
    ]),
  )
}

/** The number of orders of n things. */
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

export function compared(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}
