/** Proves that nothing in a system tells the members of a set apart, or finds what does. */

import type { System, Transition } from '../../write/system.js'
import type { Watch } from '../expander.js'
import type { Slots } from '../../derive/slots.js'
import {
  everyPath,
  derive,
  withPcAt,
  stateCode,
  stepCode,
  transitionCode,
  type Budget,
  type Tree,
} from '../../derive/decision-tree.js'
import { changed, exchange, generatorsOf, Places, type Action, type Permutation, type Pool } from './symmetry.js'
import { copied } from '../../derive/changes.js'
import type { Probe, Result } from '../../derive/probe.js'

/** Runs of the model's code that a proof may take. */
const patience = 200_000

/** What a proof is about. */
interface Subject {
  readonly system: System
  readonly watch: Watch
  readonly slots: Slots
  readonly probe: Probe
  readonly pools: readonly Pool[]
}

/**
 * Proves for all states, reachable or not, that permuting members and taking a step can be exchanged: every guard, effect and
 * predicate is run on every valuation of the slots it reads, and again on what that becomes under permutations that generate
 * all others. Initial states must be closed under them.
 * @returns undefined if so; otherwise what stands against it, as a sentence without a full stop.
 */
export function asymmetry(subject: Subject): string | undefined {
  const found = firstBreak(subject, subject.pools.flatMap(generatorsOf))
  if (found === undefined) return undefined
  // Two members tell more than a rotation of all.
  return firstBreak(subject, subject.pools.flatMap(neighbours)) ?? found
}

const neighbours = (pool: Pool): readonly Permutation[] =>
  Array.from({ length: pool.size - 1 }, (_, i) => exchange(pool, i, i + 1))

function firstBreak(subject: Subject, permutations: readonly Permutation[]): string | undefined {
  const { system, watch, probe, slots } = subject
  const places = new Places(system, slots)
  const budget: Budget = { left: patience }
  for (const permutation of permutations) {
    const action = places.action(permutation)
    if ('stuck' in action) return `${action.stuck} has no counterpart under ${spelled(permutation)}`
    const proof = new Proof(subject, action, spelled(permutation), budget)
    const broken =
      proof.initials() ??
      first(system.transitions, (one) => proof.transition(one)) ??
      first(watch.states, ({ name, when, holds }) =>
        first([when, holds], (test) => test && proof.same(`property ${name}`, stateCode(probe, test))),
      ) ??
      first(watch.collects, ({ name, holds }) => proof.same(`property ${name}`, stateCode(probe, holds))) ??
      first(watch.steps, (one) => first(system.transitions, (transition) => proof.step(one, transition))) ??
      proof.same(
        'resting',
        stateCode(probe, (state, at) => system.resting(state, at)),
      )
    if (broken !== undefined) return broken
  }
  return undefined
}

function first<T>(all: readonly T[], look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = look(one)
    if (found !== undefined) return found
  }
  return undefined
}

function spelled(permutation: Permutation): string {
  const [set, images] = Object.entries(permutation)[0]!
  const moved = images.flatMap((to, from) => (to === from ? [] : [from]))
  return moved.length === 2
    ? `exchanging members ${moved[0]} and ${moved[1]} of '${set}'`
    : `rotating the members of '${set}'`
}

/** The proof for one permutation. */
class Proof {
  constructor(
    private readonly subject: Subject,
    private readonly action: Action,
    private readonly says: string,
    private readonly budget: Budget,
  ) {}

  initials(): string | undefined {
    const { system, probe } = this.subject
    const spell = (codes: Result['changes']): string => JSON.stringify([...codes].sort(([a], [b]) => a - b))
    const all = system.initials.map((state) => probe.changed(state))
    const known = new Set(all.map(spell))
    const lost = all.find((codes) => !known.has(spell(codes.map((one) => changed(this.action, one)))))
    return lost && `the initial states are not the same after ${this.says}`
  }

  /** A transition does what its counterpart does, permuted. */
  transition(transition: Transition): string | undefined {
    const { system, probe } = this.subject
    const other = system.transitions[this.action.transitions[transition.index]!]
    if (!other) return `step ${transition.name} has no counterpart under ${this.says}`
    const tree = withPcAt(probe, system, transition, () =>
      derive(probe, transitionCode(probe, transition), this.budget),
    )
    return this.agree(`step ${transition.name}`, tree, transitionCode(probe, other), other)
  }

  /** A property of steps says the same of a transition and of its counterpart. */
  step(watched: Watch['steps'][number], transition: Transition): string | undefined {
    const { system, probe } = this.subject
    const other = system.transitions[this.action.transitions[transition.index]!]!
    const what = `property ${watched.name}`
    if (watched.selects(transition) !== watched.selects(other)) return `${what} speaks of ${transition.name} only`
    if (!watched.selects(transition)) return undefined
    const tree = withPcAt(probe, system, transition, () =>
      derive(probe, stepCode(probe, transition, watched), this.budget),
    )
    return this.agree(what, tree, stepCode(probe, other, watched), other)
  }

  /** A piece of code answers the same in a state and in its image. */
  same(what: string, code: () => Result): string | undefined {
    return this.agree(what, derive(this.subject.probe, code, this.budget), code)
  }

  private agree(
    what: string,
    tree: Tree | undefined,
    code: () => Result,
    counterpart?: Transition,
  ): string | undefined {
    const { system, probe, slots } = this.subject
    const { action, budget } = this
    const tooMuch = (): string =>
      budget.opaque === undefined
        ? `${what} reads too much to be proved symmetric`
        : `${what} cannot be derived: ${budget.opaque}`
    if (!tree) return tooMuch()
    let found: string | undefined
    everyPath(tree, (codes, result) => {
      const place = (act: () => Tree | undefined): Tree | undefined =>
        counterpart ? withPcAt(probe, system, counterpart, act) : act()
      for (const [slot, value] of codes) probe.codes[action.slots[slot]!] = action.code(slot, value)
      const expected = result.changes.map((one) => changed(action, one))
      const images = place(() => derive(probe, code, budget))
      if (!images) found = tooMuch()
      else if (!everyPath(images, (more, image) => this.equal(more, { ...result, changes: expected }, image)))
        found = `${what} is not the same after ${this.says}${where(slots, codes)}`
      for (const [slot] of codes) probe.codes[action.slots[slot]!] = -1
      return found === undefined
    })
    return found
  }

  /** Whether two results are the same in the states in which these slots, and those that the probe knows, have their codes. */
  private equal(codes: readonly (readonly [number, number])[], a: Result, b: Result): boolean {
    const more = new Map(codes)
    const known = (slot: number): number => more.get(slot) ?? this.subject.probe.codes[slot]!
    const settled = (code: number): number => {
      const from = copied(code)
      return from !== undefined && known(from) >= 0 ? known(from) : code
    }
    const differing = ({ changes }: Result): readonly string[] =>
      changes
        .map(([slot, code]) => [slot, settled(code)] as const)
        .filter(([slot, code]) => known(slot) !== code)
        .map(String)
        .sort()
    return a.answer === b.answer && String(differing(a)) === String(differing(b))
  }
}

/** The state in which something was found: what matters of it. */
function where({ all }: Slots, codes: readonly (readonly [number, number])[]): string {
  const named = codes.slice(0, 4).map(([slot, code]) => `${all[slot]!.path} is ${all[slot]!.shown(code)}`)
  return named.length === 0 ? '' : ` where ${named.join(', ')}${codes.length > 4 ? ', …' : ''}`
}
