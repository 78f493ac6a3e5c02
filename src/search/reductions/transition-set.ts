/** Sets of transitions, a bit each. */

/** A set of transitions by their indices. */
export class TransitionSet {
  private readonly words: Uint32Array

  /** @param count of all transitions there are. */
  constructor(readonly count: number) {
    this.words = new Uint32Array((count + 31) >>> 5)
  }

  add(index: number): void {
    this.words[index >>> 5]! |= 1 << (index & 31)
  }

  has(index: number): boolean {
    return ((this.words[index >>> 5]! >>> (index & 31)) & 1) === 1
  }

  addAll(other: TransitionSet): void {
    for (let i = 0; i < this.words.length; i++) this.words[i]! |= other.words[i]!
  }

  addEvery(): void {
    for (let index = 0; index < this.count; index++) this.add(index)
  }

  clear(): void {
    this.words.fill(0)
  }

  /** Whether one transition is in this set and in both others. */
  meets(a: TransitionSet, b: TransitionSet): boolean {
    for (let i = 0; i < this.words.length; i++) if ((this.words[i]! & a.words[i]! & b.words[i]!) !== 0) return true
    return false
  }

  /** How many of the first `n` of these are in it. */
  countOf(indices: Int32Array, n: number): number {
    let count = 0
    for (let i = 0; i < n; i++) if (this.has(indices[i]!)) count++
    return count
  }

  /** Whether all of the other's are in this set. */
  includes(other: TransitionSet): boolean {
    for (let i = 0; i < this.words.length; i++) if ((other.words[i]! & ~this.words[i]!) !== 0) return false
    return true
  }

  /** A transition that the other has and this one has not, or -1. */
  missing(other: TransitionSet): number {
    for (let i = 0; i < this.words.length; i++) {
      const rest = other.words[i]! & ~this.words[i]!
      if (rest !== 0) return i * 32 + 31 - Math.clz32(rest & -rest)
    }
    return -1
  }
}
