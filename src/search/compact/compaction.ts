/**
 * Hash compaction: of a visited state only a fingerprint is kept, and by which step of which state it was found (Wolper and
 * Leroy 1993; Stern and Dill 1995). The words of a state go once it is expanded. Two states may have the same fingerprint, and
 * one of them is missed then: such a search proves nothing, but what it finds is there.
 */

import { tmpdir } from 'node:os'
import type { Parents } from '../parents.js'
import { Frontier } from './frontier.js'
import { openSpillFile, type SpillFile } from '../disk/spill-file.js'
import { FingerprintSet } from './fingerprint-set.js'
import { fingerprint, tablesFor } from './tabulation.js'

/** How states are kept by fingerprints. */
export interface CompactionOptions {
  /** Bits of a fingerprint, 8 to 64; fewer than 64 are for trying out what collisions do. */
  readonly bits?: number
  /** Where the frontier goes when memory is short; `TMPDIR` or `/tmp`. */
  readonly folder?: string
  /** How the file there is opened. */
  readonly open?: (folder: string) => SpillFile
  /** States in a block of the frontier, a power of two. */
  readonly block?: number
}

/** What a search by fingerprints can be trusted with. */
export interface Fingerprints {
  readonly bits: number
  /** Whether every state that was found was expanded. */
  readonly exhausted: boolean
  /** At most this probable is it that a state was taken for another one, and missed. */
  readonly omission: number
}

/** How to come from an initial state to another one. */
export interface Trail {
  /** The index of the initial state. */
  readonly initial: number
  /** Indices of transitions. */
  readonly steps: readonly number[]
}

/** Links in one array, as a power of two. */
const linkBits = 16

type Links = Uint8Array | Uint16Array | Uint32Array

/** The visited states of one search. */
export class Compaction {
  readonly bits: number
  readonly folder: string
  readonly frontier: Frontier
  /** States found. */
  count = 0
  private readonly table = new FingerprintSet()
  private readonly tables: Int32Array
  private readonly highMask: number
  private readonly lowMask: number
  private readonly fingerprints: Int32Array
  /** By identity: the transition that led to the state first. */
  private readonly links: Links[] = []
  private readonly Links: new (length: number) => Links
  private readonly initials: number[] = []
  /** Keeps what is touched from being optimised away. */
  protected touched = 0

  /**
   * @param words of a state
   * @param transitions how many the system has
   * @param most states that can be entered at once
   */
  constructor(
    private readonly words: number,
    transitions: number,
    most: number,
    private readonly parents: Parents,
    { bits = 64, folder = tmpdir(), open = openSpillFile, block }: CompactionOptions = {},
  ) {
    this.Links = transitions <= 1 << 8 ? Uint8Array : transitions <= 1 << 16 ? Uint16Array : Uint32Array
    this.bits = bits
    this.folder = folder
    this.frontier = new Frontier(words, () => open(folder), block)
    this.tables = tablesFor(words)
    this.fingerprints = new Int32Array(2 * most)
    this.highMask = bits >= 32 ? -1 : -1 << (32 - bits)
    this.lowMask = bits === 64 ? -1 : bits <= 32 ? 0 : -1 << (64 - bits)
  }

  /** Enters an initial state, `batch[0]…`. */
  begin(batch: Int32Array, initial: number): void {
    if (this.enter(1, batch, undefined, undefined) > 0) this.initials.push(initial)
  }

  /**
   * Enters the successors of a state, `batch[0]…`; `taken` names the transitions that led there. Fills in the identity of each that
   * is new and -1 for the others; returns how many are new.
   */
  enter(k: number, batch: Int32Array, taken: Int32Array | undefined, successors: Int32Array | undefined): number {
    const { table, fingerprints, words, highMask, lowMask } = this
    const before = this.count
    fingerprint(this.tables, batch, k, fingerprints)
    let touched = 0
    for (let i = 0; i < 2 * k; i += 2) {
      // A high word of 0 marks a free slot: 2^-31 more that two states look alike.
      const high = fingerprints[i]! & highMask || 1
      fingerprints[i] = high
      touched ^= table.touch(high)
    }
    this.touched = touched
    for (let i = 0; i < k; i++) {
      const isNew = table.add(fingerprints[2 * i]!, fingerprints[2 * i + 1]! & lowMask)
      if (isNew) this.append(batch, i * words, taken ? taken[i]! : 0)
      if (successors) successors[i] = isNew ? this.count - 1 : -1
    }
    return this.count - before
  }

  private append(batch: Int32Array, at: number, link: number): void {
    const id = this.count++
    if (id >>> linkBits === this.links.length) this.links.push(new this.Links(1 << linkBits))
    this.links[id >>> linkBits]![id & ((1 << linkBits) - 1)] = link
    this.frontier.push(batch, at)
  }

  /** The steps by which a state was found. Its length times a logarithm. */
  trail(id: number): Trail {
    const steps: number[] = []
    let here = id
    for (let parent; (parent = this.parents.parent(here)) >= 0; here = parent)
      steps.push(this.links[here >>> linkBits]![here & ((1 << linkBits) - 1)]!)
    return { initial: this.initials[here]!, steps: steps.reverse() }
  }

  /** Bytes in memory: fingerprints, links, parents, frontier. */
  bytes(): number {
    const links = this.count * (this.links[0]?.BYTES_PER_ELEMENT ?? 0)
    return this.table.bytes + links + this.parents.bytes() + this.frontier.bytes
  }

  /** Makes room by writing the frontier to disk until fewer bytes are taken. If that is not enough it says why, to go on with. */
  relieve(most: number): string | undefined {
    try {
      while (this.bytes() >= most) if (!this.frontier.relieve()) return ' with the frontier on disk'
      return undefined
    } catch (cause) {
      return `, and the frontier could not be written to ${this.folder} (${(cause as Error).message}; TMPDIR names another folder)`
    }
  }

  /** What a search that has expanded all states, or not, can be trusted with. */
  trusted(exhausted: boolean): Fingerprints {
    return { bits: this.bits, exhausted, omission: omission(this.count, this.bits) }
  }

  /** The longest pause for the table to grow, in milliseconds. */
  get longestPause(): number {
    return this.table.longestPause
  }
}

/**
 * An upper bound of the probability that a search that found so many states missed one. Until the first is missed it goes as the exact search
 * does, so the one that is missed was among the first n + 1 of that, and taken for one of at most n: n (n + 1) / 2 pairs.
 * Over the choice of the tables that fingerprints are made with, not over models.
 */
export const omission = (states: number, bits: number): number =>
  Math.min(1, (states * (states + 1) * (1 + 2 ** -30)) / 2 ** (bits + 1))

/** Why a search that has expanded all states is not complete for all that. */
export const inexact = ({ bits, omission: missed }: Fingerprints): string =>
  `every state that was found was expanded, but states were told apart by ${bits} bits only: the probability that one was missed is at most ${atMost(missed)}`

/** A probability with two digits, rounded up. */
export function atMost(probability: number): string {
  const exponent = Math.floor(Math.log10(probability))
  const digits = Math.ceil((probability / 10 ** exponent) * 10 - 1e-9) / 10
  return exponent < -3 ? `${digits}e${exponent}` : (digits * 10 ** exponent).toPrecision(2)
}
