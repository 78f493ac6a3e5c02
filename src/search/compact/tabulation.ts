/** Fingerprints of packed states: tabulation hashing with tables that are always the same. */

import { createHash } from 'node:crypto'

/** Entries of the tables for one word: 256 for each of its bytes, a pair of words each. */
const perWord = 4 * 256 * 2

/** What the tables are drawn from: another value would make other states collide. */
const seed = 'thawproof fingerprints 1'

/**
 * Random tables for words of states: SHA-256 of the seed and a counter. A fingerprint is the exclusive or of one entry per byte
 * of the state (Zobrist 1970; Carter and Wegman 1979), so that over the choice of the tables two different states have the same
 * one with a probability of 2^-64, whatever the states look like.
 */
export function tablesFor(words: number): Int32Array {
  const tables = new Int32Array(words * perWord)
  const bytes = new Uint8Array(tables.buffer)
  for (let at = 0; at < bytes.length; at += 32) bytes.set(createHash('sha256').update(`${seed} ${at}`).digest(), at)
  return tables
}

/** Fills in the fingerprints of `count` packed states that lie one behind the other: pairs of words, high and low. */
export function fingerprint(tables: Int32Array, packed: Int32Array, count: number, into: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++) {
    let low = 0
    let high = 0
    for (let base = 0; base < tables.length; base += perWord) {
      const word = packed[at++]!
      const a = base + ((word & 255) << 1)
      const b = base + 512 + ((word >>> 7) & 510)
      const c = base + 1024 + ((word >>> 15) & 510)
      const d = base + 1536 + ((word >>> 23) & 510)
      low ^= tables[a]! ^ tables[b]! ^ tables[c]! ^ tables[d]!
      high ^= tables[a + 1]! ^ tables[b + 1]! ^ tables[c + 1]! ^ tables[d + 1]!
    }
    into[2 * i] = high
    into[2 * i + 1] = low
  }
}
