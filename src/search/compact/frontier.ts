/** The frontier: the packed words of states that were found and not expanded yet, first in, first out, in blocks that can go to disk. */

import type { SpillFile } from '../disk/spill-file.js'

/** Bytes that a block has at most, as far as a block of a few states has. */
const blockBytes = 1 << 20

/** Blocks that are kept to be used again. */
const spare = 2

/** A queue of packed states by identity. */
export class Frontier {
  /** By number of the block: its words if they are in memory, and otherwise its name in the file. */
  private readonly held: (Int32Array | undefined)[] = []
  private readonly away: (number | undefined)[] = []
  private readonly free: Int32Array[] = []
  private spill: SpillFile | undefined
  private readonly shift: number
  private readonly mask: number
  private head: Int32Array
  private headBlock = 0
  private tail: Int32Array
  private tailAt = 0
  private inMemory = 1

  /**
   * @param words of a state
   * @param open opens the file when it is wanted first
   * @param states in a block, a power of two
   */
  constructor(
    private readonly words: number,
    private readonly open: () => SpillFile,
    states: number = blockOf(words),
  ) {
    this.shift = 31 - Math.clz32(states)
    this.mask = states - 1
    this.head = this.tail = new Int32Array(states * words)
    this.held.push(this.head)
  }

  /** Bytes in memory. */
  get bytes(): number {
    return (this.inMemory + this.free.length) * this.tail.byteLength
  }

  /** Appends a state; states are appended in the order of their identities. */
  push(from: Int32Array, at: number): void {
    if (this.tailAt === this.tail.length) this.extend()
    const { words, tail } = this
    for (let i = 0; i < words; i++) tail[this.tailAt++] = from[at + i]!
  }

  /** The block that holds a state not expanded yet; those before it are forgotten. */
  blockOf(id: number): Int32Array {
    const block = id >>> this.shift
    return block === this.headBlock ? this.head : this.advance(block)
  }

  /** Where in its block a state is. */
  offsetOf(id: number): number {
    return (id & this.mask) * this.words
  }

  /** The block of a state if it is in memory. */
  heldFor(id: number): Int32Array | undefined {
    return this.held[id >>> this.shift]
  }

  /** Calls back with about so many of the states that are in memory, evenly spread. */
  sample(states: number, from: number, to: number, visit: (words: Int32Array, at: number) => void): number {
    const here = Array.from({ length: this.held.length }, (_, block) => block).filter((block) => this.held[block])
    const spans = here.map((block) => {
      const first = Math.max(from, block << this.shift)
      return { words: this.held[block]!, first, count: Math.max(0, Math.min(to, (block + 1) << this.shift) - first) }
    })
    const total = spans.reduce((sum, { count }) => sum + count, 0)
    const step = Math.max(1, total / states)
    let next = 0
    let seen = 0
    let before = 0
    for (const { words, first, count } of spans) {
      for (; next < before + count; next += step, seen++) visit(words, this.offsetOf(first + Math.floor(next - before)))
      before += count
    }
    return seen
  }

  /**
   * Writes the block that is wanted last to the file and forgets its words; false if there is none that could go.
   * @throws the error of the file system; all words are still here then.
   */
  relieve(): boolean {
    this.free.length = 0
    for (let block = this.held.length - 2; block > this.headBlock; block--) {
      const words = this.held[block]
      if (!words) continue
      this.spill ??= this.open()
      this.away[block] = this.spill.write(words)
      this.held[block] = undefined
      this.inMemory--
      return true
    }
    return false
  }

  /** Removes the file, if there is one. */
  close(): void {
    this.spill?.close()
    this.spill = undefined
  }

  private extend(): void {
    this.tail = this.fresh()
    this.held.push(this.tail)
    this.tailAt = 0
    this.inMemory++
  }

  private fresh(): Int32Array {
    return this.free.pop() ?? new Int32Array(this.tail.length)
  }

  private advance(block: number): Int32Array {
    const old = this.held[this.headBlock]!
    this.held[this.headBlock] = undefined
    this.inMemory--
    if (this.free.length < spare) this.free.push(old)
    const name = this.away[block]
    if (name !== undefined) {
      const words = this.fresh()
      this.spill!.read(name, words)
      this.held[block] = words
      this.away[block] = undefined
      this.inMemory++
    }
    this.headBlock = block
    return (this.head = this.held[block]!)
  }
}

/** States in a block: a power of two, in about as many bytes as are worth one call of the system. */
const blockOf = (words: number): number => 1 << Math.max(6, 31 - Math.clz32(blockBytes / (4 * words)))
