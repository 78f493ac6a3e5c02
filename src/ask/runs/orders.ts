/** Orders of steps that come to the same: runs that differ only in neighbours that commute are one (Mazurkiewicz 1977). */

import { footprintOf, type Footprint } from '../../derive/footprint.js'
import { Probe } from '../../derive/probe.js'
import type { System, Transition } from '../../write/system.js'

/** Runs of a step's code that may be spent on what it reads and writes; what takes more commutes with nothing. */
const patience = 1000

/** Steps by their index in the system. */
type Word = readonly number[]

/** Which steps commute: those of different threads of which neither writes what the other reads or writes, by what was derived of their code. */
export class Commuting {
  private readonly footprints = new Map<number, Footprint | undefined>()
  private readonly known = new Map<number, boolean>()
  private readonly probe: Probe

  /** @param bound whether a step's place in the order matters for another reason. */
  constructor(
    private readonly system: System,
    private readonly bound: (transition: Transition) => boolean = () => false,
  ) {
    this.probe = new Probe(system)
  }

  /** Whether the order of two steps matters; asked again it costs a look-up. */
  readonly ordered = (a: number, b: number): boolean => {
    const key = Math.min(a, b) * this.system.transitions.length + Math.max(a, b)
    let answer = this.known.get(key)
    if (answer === undefined) this.known.set(key, (answer = this.compared(a, b)))
    return answer
  }

  private compared(a: number, b: number): boolean {
    const [one, other] = [this.system.transitions[a]!, this.system.transitions[b]!]
    if (a === b || (one.thread >= 0 && one.thread === other.thread)) return true
    if (this.bound(one) && this.bound(other)) return true
    const [x, y] = [this.footprint(one), this.footprint(other)]
    if (!x || !y) return true
    const reads = (of: Footprint, slot: number): boolean => of.reads.has(slot) || of.writes.has(slot)
    return [...x.writes.keys()].some((slot) => reads(y, slot)) || [...y.writes.keys()].some((slot) => x.reads.has(slot))
  }

  private footprint(transition: Transition): Footprint | undefined {
    const { index } = transition
    if (!this.footprints.has(index))
      this.footprints.set(index, footprintOf(this.system, this.probe, transition, { left: patience }))
    return this.footprints.get(index)
  }
}

/**
 * Foata's normal form: the steps in levels, each as early as what it depends on allows; within a level all commute. Two runs have the same
 * one if and only if they come to the same.
 */
export function foata(word: Word, { ordered }: Pick<Commuting, 'ordered'>): readonly Word[] {
  const levels: number[][] = []
  const depth: number[] = []
  for (const [i, step] of word.entries()) {
    let level = 0
    for (let j = 0; j < i; j++) if (depth[j]! >= level && ordered(word[j]!, step)) level = depth[j]! + 1
    depth.push(level)
    ;(levels[level] ??= []).push(step)
  }
  return levels.map((level) => level.toSorted((a, b) => a - b))
}

/**
 * Whether a run that is the first of its like in the order of the steps' numbers stays so with one more step: then of all runs that come
 * to the same exactly one is made by adding steps (Anisimov and Knuth 1979).
 */
export function staysFirst(word: Word, step: number, { ordered }: Pick<Commuting, 'ordered'>): boolean {
  for (let i = word.length - 1; i >= 0; i--) {
    if (ordered(word[i]!, step)) return true
    if (word[i]! > step) return false
  }
  return true
}

/** Whether one run has the steps of another in that one's order where it matters, and more: then it tells nothing new. */
export function contains(whole: Word, part: Word, { ordered }: Pick<Commuting, 'ordered'>): boolean {
  const letters = [...new Set(part)]
  const count = (word: Word, letter: number): number => word.filter((one) => one === letter).length
  if (letters.some((letter) => count(whole, letter) < count(part, letter))) return false
  return letters.every((a, i) =>
    letters.slice(i + 1).every((b) => !ordered(a, b) || isWithin(only(part, a, b), only(whole, a, b))),
  )
}

const only = (word: Word, a: number, b: number): Word => word.filter((one) => one === a || one === b)

function isWithin(part: Word, whole: Word): boolean {
  let next = 0
  for (const one of whole) if (one === part[next]) next++
  return next === part.length
}
