/** What an automaton sees of a run: the atoms of a formula, and those of its parts that look back, with what they remember. */

import { atomsOf, type Formula } from '../../write/formula.js'

/** What is seen at one position. */
export interface Valuation {
  /** The signals, as bits. */
  readonly seen: number
  /** What is remembered at the next position. */
  readonly memory: number
  /** Whether a formula that does not look ahead is true here. */
  readonly value: (part: Formula) => boolean
}

/** The most signals of one formula: they are bits of an integer. */
export const mostSignals = 30

/** How many signals a formula has. */
export const signalsIn = (formula: Formula): number => atomsOf(formula).length + pastIn(formula).length

/**
 * The signals of a formula: bit `i` is its i-th atom; the parts that look back follow. Looking back needs one bit of memory per
 * operator, so it makes no automaton grow. Memory 0 is that of the first position.
 */
export class PastMemory {
  private readonly atoms: readonly string[]
  private readonly past: readonly Formula[]
  private readonly keys: readonly string[]
  private readonly known = new Map<string, Valuation>()

  constructor(formula: Formula) {
    this.atoms = atomsOf(formula)
    this.past = pastIn(formula)
    this.keys = this.past.map((part) => JSON.stringify(part))
    if (this.atoms.length + this.past.length > mostSignals)
      throw new RangeError(`a formula may have ${mostSignals} atoms and operators that look back; this one has more`)
  }

  /** The signal of a part, if it is one. */
  readonly signalOf = (part: Formula): number | undefined => {
    if (typeof part === 'string') return this.atoms.indexOf(part)
    const at = this.keys.indexOf(JSON.stringify(part))
    return at < 0 ? undefined : this.atoms.length + at
  }

  /** What is seen of a state whose atoms are the bits of `label`, after positions that left `memory`. */
  look(label: number, memory: number): Valuation {
    const key = `${label} ${memory}`
    const known = this.known.get(key)
    if (known) return known
    const value = (part: Formula): boolean => this.value(part, label, memory)
    const bits = (of: (part: Formula) => boolean): number =>
      this.past.reduce<number>((set, part, i) => (of(part) ? set | (1 << i) : set), 0)
    const look = {
      seen: label | (bits(value) << this.atoms.length),
      memory: bits((part) => (isA(part, 'Y') ? value(part.of) : isA(part, 'H') ? !value(part) : value(part))),
      value,
    }
    this.known.set(key, look)
    return look
  }

  private value(part: Formula, label: number, memory: number): boolean {
    if (typeof part === 'boolean') return part
    if (typeof part === 'string') return ((label >> this.atoms.indexOf(part)) & 1) === 1
    const before = (): boolean => ((memory >> this.keys.indexOf(JSON.stringify(part))) & 1) === 1
    const value = (inner: Formula): boolean => this.value(inner, label, memory)
    switch (part.op) {
      case '!':
        return !value(part.of)
      case '&':
        return value(part.left) && value(part.right)
      case '|':
        return value(part.left) || value(part.right)
      case '->':
        return !value(part.left) || value(part.right)
      case '<->':
        return value(part.left) === value(part.right)
      case 'Y':
        return before()
      case 'O':
        return value(part.of) || before()
      case 'H':
        // Remembered the other way round, because nothing is remembered as 0 at first.
        return value(part.of) && !before()
      case 'S':
        return value(part.right) || (value(part.left) && before())
      default:
        throw new Error(`${part.op} looks ahead`)
    }
  }
}

const isA = <O extends string>(part: Formula, op: O): part is Formula & { op: O; of: Formula } =>
  typeof part === 'object' && part.op === op

/** The parts that look back, inner ones included, each once. */
function pastIn(formula: Formula): Formula[] {
  if (typeof formula !== 'object') return []
  const inner = 'of' in formula ? pastIn(formula.of) : [...pastIn(formula.left), ...pastIn(formula.right)]
  const all = ['Y', 'O', 'H', 'S'].includes(formula.op) ? [...inner, formula] : inner
  return all.filter((part, i) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(part)) === i)
}

/** Whether a formula is false of a run given by the labels of its stem and of its loop; by its meaning, without automata. */
export function breaks(formula: Formula, stem: readonly number[], loop: readonly number[]): boolean {
  const signals = new PastMemory(formula)
  // What is remembered repeats at the latest after as many turns as operators look back; only then is the loop one.
  const turns = pastIn(formula).length
  const labels = [...stem, ...Array.from({ length: turns + 1 }, () => loop).flat()]
  let memory = 0
  const looks = labels.map((label) => {
    const look = signals.look(label, memory)
    memory = look.memory
    return look
  })
  const back = labels.length - loop.length
  return !meaning(formula, looks, back)[0]
}

/** At which positions a formula is true; after the last position comes position `back` again. */
function meaning(part: Formula, looks: readonly Valuation[], back: number): boolean[] {
  if (typeof part !== 'object' || ['Y', 'O', 'H', 'S'].includes(part.op)) return looks.map(({ value }) => value(part))
  const of = (inner: Formula): boolean[] => meaning(inner, looks, back)
  const next = (set: readonly boolean[], i: number): boolean => set[i + 1 === looks.length ? back : i + 1]!
  /** The least or greatest solution of `x = rule(x at the next position)`. */
  const solve = (from: boolean, rule: (i: number, later: boolean) => boolean): boolean[] => {
    const set = looks.map(() => from)
    for (let round = 0; round < 2; round++) for (let i = looks.length - 1; i >= 0; i--) set[i] = rule(i, next(set, i))
    return set
  }
  if ('of' in part) {
    const one = of(part.of)
    switch (part.op) {
      case 'X':
        return one.map((_, i) => next(one, i))
      case 'F':
        return solve(false, (i, later) => one[i]! || later)
      case 'G':
        return solve(true, (i, later) => one[i]! && later)
      default:
        return one.map((yes) => !yes)
    }
  }
  const [left, right] = [of(part.left), of(part.right)]
  switch (part.op) {
    case '&':
      return left.map((yes, i) => yes && right[i]!)
    case '|':
      return left.map((yes, i) => yes || right[i]!)
    case '->':
      return left.map((yes, i) => !yes || right[i]!)
    case '<->':
      return left.map((yes, i) => yes === right[i])
    case 'U':
      return solve(false, (i, later) => right[i]! || (left[i]! && later))
    case 'W':
      return solve(true, (i, later) => right[i]! || (left[i]! && later))
    default:
      return solve(true, (i, later) => right[i]! && (left[i]! || later))
  }
}
