/** Permutations of members: what they do to slots, transitions and packed states. */

import { Mistake } from '../../write/mistake.js'
import type { System, Transition } from '../../write/system.js'
import type { Slot, Slots } from '../../derive/slots.js'
import { cleared, copied, copyOf, type Change } from '../../derive/changes.js'

/** A set of members that a model declares. */
export interface Pool {
  readonly set: string
  readonly size: number
}

/** For each pool by name, what each member becomes; pools that are not named stay as they are. */
export type Permutation = Readonly<Record<string, readonly number[]>>

const image = (permutation: Permutation, set: string, member: number): number => permutation[set]?.[member] ?? member

/** What a permutation does to a system. */
export interface Action {
  /** The slot that each slot becomes. */
  readonly slots: readonly number[]
  /** The transition that each becomes, -1 where there is none. */
  readonly transitions: readonly number[]
  /** The code that a code of a slot becomes. */
  readonly code: (slot: number, code: number) => number
}

/** Slots by form and owners: how the image of a slot is found. */
export class Places {
  private readonly byKey = new Map<string, number>()

  constructor(
    private readonly system: System,
    private readonly slots: Slots,
  ) {
    for (const slot of slots.all) this.byKey.set(keyOf(slot.form, membersOf(slot)), slot.index)
  }

  /** @returns the action, or the path of a slot that the permutation would move to where none is. */
  action(permutation: Permutation): Action | { readonly stuck: string } {
    const images: number[] = []
    for (const slot of this.slots.all) {
      const to = this.byKey.get(keyOf(slot.form, membersOf(slot, permutation)))
      if (to === undefined) return { stuck: slot.path }
      images.push(to)
    }
    const names = new Map(this.system.transitions.map((one) => [nameOf(one, {}), one.index]))
    return {
      slots: images,
      transitions: this.system.transitions.map((one) => names.get(nameOf(one, permutation)) ?? -1),
      code: (slot, code) => {
        const holds = this.slots.all[slot]!.holds
        return holds === undefined || code < holds.from
          ? code
          : image(permutation, holds.set, code - holds.from) + holds.from
      },
    }
  }
}

const membersOf = ({ of }: Slot, permutation: Permutation = {}): readonly number[] =>
  of.map(({ set, member }) => image(permutation, set, member))

const keyOf = (form: string, members: readonly number[]): string => `${form} ${members.join(' ')}`

/** A transition is known by its step and its arguments; threads by theirs, so the place in the program is the same. */
function nameOf({ step, args, sets, from, to }: Transition, permutation: Permutation): string {
  const moved = Object.entries(args).map(([name, value]) =>
    Object.hasOwn(sets, name) ? image(permutation, sets[name]!, Number(value)) : value,
  )
  return JSON.stringify([step, from, to, moved])
}

/** The image of a change. */
export function changed(action: Action, [slot, code]: Change): Change {
  const from = copied(code)
  const image = from !== undefined ? copyOf(action.slots[from]!) : code === cleared ? cleared : action.code(slot, code)
  return [action.slots[slot]!, image]
}

/** The sets that a system declares members of, by name. @throws Mistake if a set has two sizes. */
export function poolsOf(system: System, { all }: Slots): readonly Pool[] {
  const sizes = new Map<string, number>()
  const atLeast = (set: string, size: number): void => void sizes.set(set, Math.max(sizes.get(set) ?? 0, size))
  for (const { holds, values, of } of all) {
    if (holds) atLeast(holds.set, values - holds.from)
    for (const { set, member } of of) atLeast(set, member + 1)
  }
  for (const { sets, args } of system.transitions)
    for (const [name, set] of Object.entries(sets)) atLeast(set, Number(args[name]) + 1)
  for (const { path, holds, values } of all)
    if (holds && sizes.get(holds.set)! !== values - holds.from)
      throw new Mistake(
        `model ${system.model.name}, ${path}`,
        `'${holds.set}' has ${values - holds.from} members here and ${sizes.get(holds.set)!} elsewhere`,
        'declare the set once and use that',
      )
  return [...sizes].map(([set, size]) => ({ set, size })).sort((a, b) => (a.set < b.set ? -1 : 1))
}

/** Permutations that generate all others of a pool: two neighbours, and everybody by one. */
export function generatorsOf({ set, size }: Pool): readonly Permutation[] {
  const members = Array.from({ length: size }, (_, i) => i)
  if (size < 2) return []
  const swap = exchange({ set, size }, 0, 1)
  return size === 2 ? [swap] : [swap, { [set]: members.map((i) => (i + 1) % size) }]
}

/** The permutation that exchanges two members. */
export const exchange = ({ set, size }: Pool, a: number, b: number): Permutation => ({
  [set]: Array.from({ length: size }, (_, i) => (i === a ? b : i === b ? a : i)),
})
