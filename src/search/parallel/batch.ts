/** One thread's part in the batches of a search by several threads. */

import { popCount } from '../parents.js'
import type { Expander } from '../expander.js'
import {
  previousBatch,
  chunkStates,
  expandedIn,
  BatchField,
  masksFor,
  ControlWord,
  type SharedMemory,
  type BatchBuffers,
} from './shared-memory.js'
import { abreast, entryInts } from './partition.js'
import { trapped } from '../purity/trapped.js'
import { restore, snapshot, type Snapshot } from './findings.js'

/**
 * What a thread does in turn: it surveys a batch, and it enters what was found; while the next batch is surveyed, the leader numbers
 * the new states, and before the next is entered they are stored. States are found in any order, but every record keeps the
 * least of its finders: the one from which a single thread would have come first. Numbers are given out in that order; so the
 * states, their numbers and their parents are those of a search by one thread.
 */
export class Part {
  private readonly most: number
  private readonly masks: number
  private readonly ids = new Int32Array(abreast)
  /** Per lot, where the edges end, and what had been found before the batch. */
  private readonly edges: number[]
  private readonly snapshots: Snapshot[]
  /** New states that this thread has entered. */
  private entered = 0

  constructor(
    private readonly expander: Expander,
    private readonly shared: SharedMemory,
    private readonly thread: number,
  ) {
    const { threads, lots } = shared
    const [{ entries, records, targets }] = lots as readonly [BatchBuffers, ...BatchBuffers[]]
    this.most = expander.system.transitions.length
    this.masks = masksFor(this.most)
    this.edges = lots.map(() => 0)
    this.snapshots = lots.map(() => snapshot(expander.findings))
    expander.code.join(entries, records, thread, threads, targets.length > 0)
  }

  /** Where this thread's share of something begins. */
  private from(array: Int32Array): number {
    return (array.length / this.shared.threads) * this.thread
  }

  /** Does its part of a {@link Task.Survey}; whoever cannot go on says so in the lot. */
  surveyOf(which: number): void {
    const lot = this.shared.lots[which]!
    this.snapshots[which] = snapshot(this.expander.findings)
    try {
      trapped(() => this.survey(lot, which))
      // One thread will meet it again and tell where.
      if (this.expander.strays()) lot.control[ControlWord.Spoilt] = 1
    } catch {
      lot.control[ControlWord.Spoilt] = 1
    }
  }

  /** Does its part of a {@link Task.Enter}: of the batch before and of this one. */
  enterOf(which: number): void {
    const { shared, expander } = this
    const { code, findings } = expander
    const last = previousBatch(which)
    code.use(shared.lots[last]!.records)
    if (shared.control[BatchField.Drop] !== 0) {
      code.release()
      this.entered = this.edges[last] = 0
      return restore(findings, this.snapshots[last]!)
    }
    this.settle(last)
    code.adopt(shared.control[BatchField.States]!, code.index())
    const lot = shared.lots[which]!
    code.use(lot.records)
    if (lot.control[ControlWord.Spoilt] === 0) this.enter(lot)
    else restore(findings, this.snapshots[which]!)
  }

  /** Expands chunks until none is left, or room for the next. */
  private survey(lot: BatchBuffers, which: number): void {
    const { shared, expander, thread } = this
    const { control, entries, filled, taken, targets } = lot
    const { threads, fanBits } = shared
    const { open, ends } = expander.code
    const head = control[ControlWord.Head]!
    const states = control[ControlWord.End]! - head
    const keeps = targets.length > 0
    open(entries)
    let edge = this.from(targets)
    while (this.hasRoom(entries, ends)) {
      const from = Atomics.add(control, ControlWord.Next, 1) * chunkStates
      if (from >= states) break
      const until = Math.min(from + chunkStates, states)
      for (let i = from; i < until; i++) {
        const k = expander.survey(head + i, i << fanBits)
        taken[i] = k
        if (keeps) edge = this.keep(lot, i, k, edge)
      }
    }
    this.edges[which] = edge
    for (let owner = 0; owner < threads; owner++) filled[thread * threads + owner] = ends[owner]!
  }

  private hasRoom(entries: Int32Array, ends: Int32Array): boolean {
    const { threads } = this.shared
    const region = entries.length / threads / threads
    const chunk = chunkStates * this.most * entryInts(this.expander.layout.words)
    for (let owner = 0, end = this.from(entries) + region; owner < threads; owner++, end += region)
      if (ends[owner]! + chunk > end) return false
    return true
  }

  private keep({ edgesAt, targets, by }: BatchBuffers, i: number, k: number, edge: number): number {
    const { successors, taken } = this.expander
    edgesAt[i] = edge
    for (let j = 0; j < k; j++) {
      targets[edge] = successors[j]!
      by[edge++] = taken[j]!
    }
    return edge
  }

  /** Enters what all threads have found in this thread's parts of the index, and notes who found each new state first. */
  private enter(lot: BatchBuffers): void {
    const { shared, thread } = this
    const { control, entries, records, filled } = lot
    const { threads } = shared
    const { code, layout } = this.expander
    const slots = code.index().length
    // Beyond this the index must grow first.
    const room = Math.min(
      records.length / threads / entryInts(layout.words),
      Math.floor((slots * 0.9 - code.count()) / threads),
    )
    const region = entries.length / threads / threads
    for (let finder = 0; finder < threads; finder++) {
      const at = finder * threads + thread
      if (!code.resolve(at * region, filled[at]!, room)) control[ControlWord.Full] = 1
    }
    this.entered = code.entered()
    this.mark(lot)
  }

  private mark({ control, records, firsts }: BatchBuffers): void {
    const { shared, masks } = this
    const { fanBits } = shared
    const { words } = this.expander.layout
    const size = entryInts(words)
    const successor = (1 << fanBits) - 1
    const bits = this.from(firsts)
    firsts.fill(0, bits, bits + (control[ControlWord.End]! - control[ControlWord.Head]!) * masks)
    const from = this.from(records) + words + 1
    for (let at = from; at < from + this.entered * size; at += size) {
      const finder = records[at]!
      const j = finder & successor
      firsts[bits + (finder >>> fanBits) * masks + (j >>> 5)]! |= 1 << (j & 31)
    }
  }

  /** Decides the numbers of all new states, the first of which is given; returns the one behind the last. One thread does. */
  number(which: number, first: number): number {
    const { masks, shared } = this
    const lot = shared.lots[which]!
    const { control, firsts, bases } = lot
    const stride = firsts.length / shared.threads
    const states = expandedIn(lot)
    let next = first
    for (let i = 0; i < states; i++) {
      bases[i] = next
      for (let at = i * masks; at < (i + 1) * masks; at++) {
        let mask = firsts[at]!
        for (let other = at + stride; other < firsts.length; other += stride) mask |= firsts[other]!
        firsts[at] = mask
        next += popCount(mask)
      }
    }
    return (control[ControlWord.Total] = next)
  }

  /** The number of the state in a record. */
  private identityOf({ bases, firsts, records }: BatchBuffers, record: number): number {
    const { fanBits } = this.shared
    const size = entryInts(this.expander.layout.words)
    const finder = records[record * size + size - 1]!
    const i = finder >>> fanBits
    const j = finder & ((1 << fanBits) - 1)
    let at = i * this.masks
    let id = bases[i]!
    for (const end = at + (j >>> 5); at < end; at++) id += popCount(firsts[at]!)
    return id + popCount(firsts[at]! & ((1 << (j & 31)) - 1))
  }

  /** Stores the states of this thread's records, and gives the edges that it has kept their targets. */
  private settle(which: number): void {
    const lot = this.shared.lots[which]!
    const { entries, records, targets } = lot
    const { code, layout } = this.expander
    const first = this.from(records) / entryInts(layout.words)
    for (let from = 0; from < this.entered; from += abreast) {
      const n = Math.min(abreast, this.entered - from)
      for (let i = 0; i < n; i++) this.ids[i] = this.identityOf(lot, first + from + i)
      code.settle(from, this.ids, n)
    }
    this.entered = 0
    code.forget()
    for (let edge = this.from(targets); edge < this.edges[which]!; edge++) {
      const found = entries[targets[edge]! + layout.words]!
      targets[edge] = found >= 0 ? found : this.identityOf(lot, ~found)
    }
    this.edges[which] = 0
  }
}
