/** Who found whom, at two bits per state. */

/** Bits between two entries of the sample. */
const stride = 2048

/**
 * The parent of every state. States are numbered in the order in which they were found, so parents never decrease, and it
 * is enough to write down, parent after parent, one 1 for each state that it found first and a 0 behind them (Elias and
 * Fano's coding of a monotone sequence).
 */
export class Parents {
  /** Initial states come first and have no parent. */
  roots = 0
  private bits: Uint32Array = new Uint32Array(1024)
  private length = 0
  private ones = 0
  /** How many ones there are before each multiple of the stride. */
  private readonly sample: number[] = []

  /** Says how many states the next parent, in order of identity, found first. */
  push(children: number): void {
    const at = this.length
    // Mostly all that is to be written lies in one word, and no sample is due.
    if ((at & 31) > 0 && (at & 31) + children < 32) {
      this.bits[at >>> 5]! |= ((1 << children) - 1) << (at & 31)
      this.ones += children
      this.length = at + children + 1
      return
    }
    for (let i = 0; i < children; i++) this.append(1)
    this.append(0)
  }

  private append(bit: 0 | 1): void {
    const at = this.length++
    if (at % stride === 0) this.sample.push(this.ones)
    if (at >>> 5 === this.bits.length) this.enlarge()
    if (bit === 0) return
    this.bits[at >>> 5]! |= 1 << (at & 31)
    this.ones++
  }

  private enlarge(): void {
    const more = new Uint32Array(this.bits.length + Math.max(1024, this.bits.length >>> 2))
    more.set(this.bits)
    this.bits = more
  }

  /** The identity of the state that found this one first, -1 for an initial state. Logarithmic. */
  parent(id: number): number {
    if (id < this.roots) return -1
    const wanted = id - this.roots
    let low = 0
    let high = this.sample.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.sample[middle]! <= wanted) low = middle
      else high = middle
    }
    let at = low * stride
    let ones = this.sample[low]!
    for (;;) {
      const more = popCount(this.bits[at >>> 5]!)
      if (ones + more > wanted) break
      ones += more
      at += 32
    }
    for (let word = this.bits[at >>> 5]!; ; word >>>= 1, at++) if ((word & 1) === 1 && ones++ === wanted) break
    // As many zeros as parents before this one.
    return at - wanted
  }

  /** The parent of every state, -1 for the initial ones. Linear. */
  all(): Int32Array {
    const parents = new Int32Array(this.roots + this.ones).fill(-1, 0, this.roots)
    let id = this.roots
    for (let at = 0, parent = 0; id < parents.length; at++)
      if (((this.bits[at >>> 5]! >>> (at & 31)) & 1) === 1) parents[id++] = parent
      else parent++
    return parents
  }

  bytes(): number {
    return (this.length >>> 3) + this.sample.length * 8
  }

  /** The bits, for a checkpoint. */
  saved(): { readonly bits: Uint32Array; readonly length: number } {
    return { bits: this.bits.subarray(0, (this.length + 31) >>> 5), length: this.length }
  }

  /** Restores what {@link saved} gave. */
  restore(roots: number, bits: Uint32Array, length: number): void {
    this.roots = roots
    this.bits = bits.length > 0 ? bits : new Uint32Array(1024)
    this.length = length
    this.ones = 0
    this.sample.length = 0
    for (let at = 0; at < length; at += 32) {
      if (at % stride === 0) this.sample.push(this.ones)
      this.ones += popCount(this.bits[at >>> 5]!)
    }
  }
}

/** How many bits of a word are 1. */
export function popCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
