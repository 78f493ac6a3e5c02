/** Which transitions can matter to which others: derived from decision trees over the slots that they read. */

import type { System, Transition } from '../../write/system.js'
import {
  everyPath,
  derive,
  no,
  withPcAt,
  transitionCode,
  yes,
  type Budget,
  type Tree,
} from '../../derive/decision-tree.js'
import { footprintOf, type Footprint } from '../../derive/footprint.js'
import { cleared, copied } from '../../derive/changes.js'
import type { Probe, Result } from '../../derive/probe.js'
import { TransitionSet } from './transition-set.js'

/** Runs of the model's code that may be spent on one transition, one pair, all pairs together, and one question of a property. */
export const patience = { transition: 4000, pair: 400, pairs: 100_000, question: 20_000 }

/** It is not known what something depends on: then nothing can be left out. */
export class Untold extends Error {
  /** Something that cannot be followed, or does not end within so many runs. */
  static after(runs: number, what: string, { opaque }: Budget): Untold {
    if (opaque !== undefined) return new Untold(`${what} cannot be derived: ${opaque}`)
    return new Untold(`${what} depends on more than can be told in ${runs.toLocaleString('en-US')} runs of it`)
  }
}

type Cellwise = Footprint['reads'] | Footprint['writes']

/** The footprints of all transitions, and what follows from them. */
export class Independence {
  readonly footprints: readonly Footprint[]
  /** Per slot, the transitions that may change it. */
  private readonly writers: readonly TransitionSet[]
  private readonly needed = new Map<Tree, Map<string, Map<Tree, TransitionSet>>>()

  /** @throws Untold if a transition does too many different things. */
  constructor(
    readonly system: System,
    readonly probe: Probe,
  ) {
    const { transitions } = system
    this.footprints = transitions.map((one) => this.footprint(one))
    this.writers = probe.slots.all.map(({ index }) =>
      this.those(({ index: one }) => this.footprints[one]!.writes.has(index)),
    )
  }

  /** Per transition, those that it does not commute with wherever both can be taken. Derived when first asked for. */
  get conflicts(): readonly TransitionSet[] {
    return (this.known ??= this.allConflicts())
  }
  private known: readonly TransitionSet[] | undefined

  private allConflicts(): readonly TransitionSet[] {
    const { transitions } = this.system
    const budget: Budget = { left: patience.pairs }
    const conflicts = transitions.map(() => new TransitionSet(transitions.length))
    for (const a of transitions)
      for (const b of transitions)
        if (a.index < b.index && !this.accord(a, b, budget)) {
          conflicts[a.index]!.add(b.index)
          conflicts[b.index]!.add(a.index)
        }
    return conflicts
  }

  /** The transitions that satisfy a condition. */
  those(test: (transition: Transition) => boolean): TransitionSet {
    const set = new TransitionSet(this.system.transitions.length)
    for (const one of this.system.transitions) if (test(one)) set.add(one.index)
    return set
  }

  /** The transitions that may change one of these slots. */
  writersOf(slots: Iterable<number>): TransitionSet {
    const set = new TransitionSet(this.system.transitions.length)
    for (const slot of slots) set.addAll(this.writers[slot]!)
    return set
  }

  private footprint(transition: Transition): Footprint {
    const budget: Budget = { left: patience.transition }
    const found = footprintOf(this.system, this.probe, transition, budget)
    if (!found) throw Untold.after(patience.transition, `step ${transition.name}`, budget)
    return found
  }

  /** Whether in every state in which both can be taken, both orders can and lead to the same state. */
  private accord(a: Transition, b: Transition, budget: Budget): boolean {
    if (a.thread >= 0 && a.thread === b.thread && a.from !== b.from) return true
    const [one, other] = [this.footprints[a.index]!, this.footprints[b.index]!]
    const apart =
      disjoint(one.writes, other.writes) && disjoint(one.writes, other.reads) && disjoint(one.reads, other.writes)
    if (apart) return true
    if ((a.thread >= 0 && a.thread === b.thread) || budget.left <= 0) return false
    const own: Budget = { left: Math.min(patience.pair, budget.left) }
    const before = own.left
    const tree = withPcAt(this.probe, this.system, a, () =>
      withPcAt(this.probe, this.system, b, () => derive(this.probe, () => this.bothWays(a, b), own)),
    )
    budget.left -= before - own.left
    return tree !== undefined && everyPath(tree, (_, { answer }) => answer === yes)
  }

  /** Takes two transitions in both orders. */
  private bothWays(a: Transition, b: Transition): Result {
    const { probe } = this
    const [first, second] = [transitionCode(probe, a)(), transitionCode(probe, b)()]
    const same = { answer: yes, changes: [] }
    if (first.answer !== yes || second.answer !== yes) return same
    const there = this.then(first, b)
    const back = this.then(second, a)
    return there !== undefined && back !== undefined && there === back ? same : { answer: no, changes: [] }
  }

  /** What both have changed, as text, after the second was taken on what the first left; undefined if it cannot be taken. */
  private then(first: Result, second: Transition): string | undefined {
    const { probe } = this
    const between = new Map<number, number>()
    for (const [slot, code] of first.changes) {
      const from = copied(code)
      between.set(slot, from === undefined ? code : probe.code(from))
    }
    const last = probe.over(between, () => {
      const { answer, changes } = transitionCode(probe, second)()
      if (answer !== yes) return undefined
      return changes.map(
        ([slot, code]) => [slot, copied(code) === undefined ? code : probe.code(copied(code)!)] as const,
      )
    })
    if (!last) return undefined
    const all = new Map([...between, ...last])
    const told = [...all].filter(([slot, code]) => code < 0 || probe.codes[slot] !== code)
    return String(told.sort(([x], [y]) => x - y))
  }

  /**
   * A set of which at least one must be taken before a transition can be, that cannot be taken in the state whose codes
   * `codeOf` tells (Godefroid's necessary enabling set).
   */
  necessary(transition: Transition, codeOf: (slot: number) => number): TransitionSet {
    const { thread, from, index } = transition
    if (!this.isPlaced(transition, codeOf))
      return this.once(this.arrivals, index, () =>
        this.those((one) => one.thread === thread && one.to === from && one.from !== from),
      )
    return this.changing(this.footprints[index]!.guard, codeOf, [yes])
  }

  /** Whether a transition's thread stands where the transition starts. */
  isPlaced({ thread, from }: Transition, codeOf: (slot: number) => number): boolean {
    return thread < 0 || codeOf(this.probe.slots.counters[thread]!) === from
  }

  /** Transitions after which a transition's thread stands no longer where the transition starts. */
  leaving({ thread, from }: Transition): TransitionSet {
    return this.those((one) => thread >= 0 && one.thread === thread && one.from === from && one.to !== from)
  }

  /** Transitions that may take a code from a slot. */
  unsetting(slot: number, code: number): TransitionSet {
    const key = slot * 65_536 + code
    const thread = this.probe.slots.counters.indexOf(slot)
    return this.once(this.unset, key, () =>
      this.those(({ index, thread: own, from }) => {
        const { writes } = this.footprints[index]!
        if (thread >= 0 && own === thread && from !== code) return false
        return [...(writes.get(slot) ?? [])].some((now) => now !== code)
      }),
    )
  }

  private readonly unset = new Map<number, TransitionSet>()

  private readonly arrivals = new Map<number, TransitionSet>()

  private once<K>(known: Map<K, TransitionSet>, key: K, make: () => TransitionSet): TransitionSet {
    const found = known.get(key) ?? make()
    known.set(key, found)
    return found
  }

  /** A set of which at least one must be taken before a tree can give one of these answers, which it does not in this state. */
  changing(tree: Tree, codeOf: (slot: number) => number, answers: readonly number[]): TransitionSet {
    const known = this.needed.get(tree) ?? new Map<string, Map<Tree, TransitionSet>>()
    this.needed.set(tree, known)
    const own = known.get(String(answers)) ?? new Map<Tree, TransitionSet>()
    known.set(String(answers), own)
    return this.once(own, leafOf(tree, codeOf), () => {
      const path = new Map<number, number>()
      for (let here = tree; 'slot' in here; here = here.kids[codeOf(here.slot)]!) path.set(here.slot, codeOf(here.slot))
      // As few slots as rule the answers out: those that do not matter are let go, one after the other.
      for (const [slot, code] of [...path].reverse()) {
        path.delete(slot)
        if (!ruledOut(tree, path, answers)) path.set(slot, code)
      }
      return this.writersOf(path.keys())
    })
  }
}

/** Whether a tree gives none of these answers while these slots have these codes. */
function ruledOut(tree: Tree, codes: ReadonlyMap<number, number>, answers: readonly number[]): boolean {
  if ('result' in tree) return !answers.includes(tree.result.answer)
  const code = codes.get(tree.slot)
  return code === undefined
    ? tree.kids.every((kid) => ruledOut(kid, codes, answers))
    : ruledOut(tree.kids[code]!, codes, answers)
}

/** Where a tree ends in a state. */
function leafOf(tree: Tree, codeOf: (slot: number) => number): Tree {
  let here = tree
  while ('slot' in here) here = here.kids[codeOf(here.slot)]!
  return here
}

/** What a tree says of a state. */
export const resultIn = (tree: Tree, codeOf: (slot: number) => number): Result =>
  (leafOf(tree, codeOf) as { result: Result }).result

function disjoint(a: Cellwise, b: Cellwise): boolean {
  for (const one of a.keys()) if (b.has(one)) return false
  return true
}

/** The code of a slot once some changes were made. */
export const codeAfter = (changes: Result['changes'], codeOf: (slot: number) => number, slot: number): number => {
  const change = changes.findLast(([one]) => one === slot)
  if (!change) return codeOf(slot)
  const from = copied(change[1])
  return from !== undefined ? codeOf(from) : change[1] === cleared ? 0 : change[1]
}
