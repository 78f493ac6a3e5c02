/** One batch of a search by several threads: what each of them does, and the shared memory in which they do it. */

import { popCount } from '../ancestry.js'
import type { Expander } from '../expander.js'
import { sharedInts } from '../store.js'
import { abreast, entryInts } from './exchange.js'

/** States that a thread takes at a time: few, so that all threads come to an end at once. */
export const chunkStates = 32

/** States in the largest batch: many, so that meeting costs nothing; few enough for what they find to stay in the cache. */
export const batchStates = 1 << 13

/** Fields of {@link Board.control}. */
export const enum Field {
  /** Threads that have arrived at the barrier, and how often it has opened. */
  Arrived,
  Opened,
  /** Threads that sleep there, or are about to. */
  Asleep,
  /** States there are; first state of the batch and the one behind its last. */
  States,
  Head,
  End,
  /** The next chunk that nobody has taken. */
  Next,
  /** Not 0 if the batch has to be given up: something in it wants to be looked at one state after the other. */
  Spoilt,
  /** Counts what the leader sent that must be received before going on. */
  Sent,
  /** What is to be done: see {@link Task}. */
  Task,
  /** Helpers that have made the system. */
  Ready,
  /** Not 0 if a thread died. */
  Lost,
  Fields,
}

/** What the threads do between two meetings. */
export const enum Task {
  Expand,
  /** Fill the new index. */
  Refill,
  End,
}

/** What the threads share besides the store. */
export interface Board {
  readonly threads: number
  readonly control: Int32Array
  /** See {@link ExchangeCode}; per thread and owner where the entries end, and per owner how many records there are. */
  readonly entries: Int32Array
  readonly filled: Int32Array
  readonly records: Int32Array
  readonly entered: Int32Array
  /** A finder is the number of a state in the batch and, in so many low bits, the number of the successor. */
  readonly fanBits: number
  /** Owner after owner, state after state: which of its successors are the first to be one of the owner's records. */
  readonly firsts: Int32Array
  /** Per state of the batch: the identity of the first new state that it leads to, and how many transitions it has. */
  readonly bases: Int32Array
  readonly taken: Int32Array
  /** Per state, where its edges begin; and the edges, thread after thread: first the entry, then its target; and the transition. */
  readonly edgesAt: Int32Array
  readonly targets: Int32Array
  readonly by: Int32Array
}

/** The memory for so many threads. `most` is the number of transitions of the system. */
export function boardFor(threads: number, most: number, words: number, keepEdges: boolean): Board {
  const room = Math.max(1 << 16, 2 * chunkStates * most)
  const edges = keepEdges ? threads * threads * room : 0
  return {
    threads,
    control: sharedInts(Field.Fields),
    entries: sharedInts(threads * threads * room * entryInts(words)),
    filled: sharedInts(threads * threads),
    records: sharedInts(threads * room * entryInts(words)),
    entered: sharedInts(threads),
    fanBits: 32 - Math.clz32(most - 1),
    firsts: sharedInts(threads * batchStates * masksFor(most)),
    bases: sharedInts(batchStates),
    taken: sharedInts(batchStates),
    edgesAt: sharedInts(batchStates),
    targets: sharedInts(edges),
    by: sharedInts(edges),
  }
}

/** Words with a bit for every successor. */
const masksFor = (most: number): number => Math.ceil(most / 32)

/**
 * One thread's part in a batch. States are found in any order, but every record keeps the least of its finders: the one from
 * which a single thread would have come first. So numbers are given out in that order when all are found, and the states,
 * their numbers and their parents are those of a search by one thread.
 */
export class Part {
  private readonly most: number
  private readonly masks: number
  private readonly ids = new Int32Array(abreast)
  private edges = 0

  constructor(
    private readonly expander: Expander,
    private readonly board: Board,
    private readonly thread: number,
  ) {
    const { threads, entries, records, targets } = board
    this.most = expander.system.transitions.length
    this.masks = masksFor(this.most)
    expander.code.join(entries, records, thread, threads, targets.length > 0)
  }

  /** Where this thread's share of something begins. */
  private from(array: Int32Array): number {
    return (array.length / this.board.threads) * this.thread
  }

  /** Expands chunks until none is left, or room for the next. */
  survey(): void {
    const { board, expander, thread } = this
    const { control, filled, fanBits, taken, targets, threads } = board
    const { open, ends } = expander.code
    const head = control[Field.Head]!
    const states = control[Field.End]! - head
    const keeps = targets.length > 0
    open()
    this.edges = this.from(targets)
    while (this.hasRoom(ends)) {
      const from = Atomics.add(control, Field.Next, 1) * chunkStates
      if (from >= states) break
      const until = Math.min(from + chunkStates, states)
      for (let i = from; i < until; i++) {
        const k = expander.survey(head + i, i << fanBits)
        taken[i] = k
        if (keeps) this.keep(i, k)
      }
    }
    for (let owner = 0; owner < threads; owner++) filled[thread * threads + owner] = ends[owner]!
  }

  private hasRoom(ends: Int32Array): boolean {
    const { entries, threads } = this.board
    const region = entries.length / threads / threads
    const chunk = chunkStates * this.most * entryInts(this.expander.layout.words)
    for (let owner = 0, end = this.from(entries) + region; owner < threads; owner++, end += region)
      if (ends[owner]! + chunk > end) return false
    return true
  }

  private keep(i: number, k: number): void {
    const { edgesAt, targets, by } = this.board
    const { successors, taken } = this.expander
    edgesAt[i] = this.edges
    for (let j = 0; j < k; j++) {
      targets[this.edges] = successors[j]!
      by[this.edges++] = taken[j]!
    }
  }

  /** Enters what all threads have found in this thread's parts of the index, and notes who found each new state first. */
  enter(): void {
    const { board, thread } = this
    const { control, entries, filled, records, entered, threads } = board
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
      if (!code.resolve(at * region, filled[at]!, room)) control[Field.Spoilt] = 1
    }
    entered[thread] = code.entered()
    this.mark()
  }

  private mark(): void {
    const { board, thread, masks } = this
    const { records, entered, control, fanBits, firsts } = board
    const { words } = this.expander.layout
    const size = entryInts(words)
    const successor = (1 << fanBits) - 1
    const bits = this.from(firsts)
    firsts.fill(0, bits, bits + (control[Field.End]! - control[Field.Head]!) * masks)
    const from = this.from(records) + words + 1
    for (let at = from; at < from + entered[thread]! * size; at += size) {
      const finder = records[at]!
      const j = finder & successor
      firsts[bits + (finder >>> fanBits) * masks + (j >>> 5)]! |= 1 << (j & 31)
    }
  }

  /** Decides the numbers of all new states, the first of which is given; returns the one behind the last. One thread does. */
  number(first: number, states: number): number {
    const { masks, board } = this
    const { firsts, bases, threads } = board
    const stride = firsts.length / threads
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
    return next
  }

  /** The number of the state in a record. */
  private identityOf(record: number): number {
    const { records, bases, firsts, fanBits } = this.board
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
  settle(): void {
    const { board, expander, thread } = this
    const { entries, records, entered, targets } = board
    const { words } = expander.layout
    const { settle } = expander.code
    const first = this.from(records) / entryInts(words)
    for (let from = 0; from < entered[thread]!; from += abreast) {
      const n = Math.min(abreast, entered[thread]! - from)
      for (let i = 0; i < n; i++) this.ids[i] = this.identityOf(first + from + i)
      settle(from, this.ids, n)
    }
    for (let edge = this.from(targets); edge < this.edges; edge++) {
      const found = entries[targets[edge]! + words]!
      targets[edge] = found >= 0 ? found : this.identityOf(~found)
    }
  }
}

/** How many states of a batch were expanded. */
export function expandedIn({ control }: Board): number {
  return Math.min(Atomics.load(control, Field.Next) * chunkStates, control[Field.End]! - control[Field.Head]!)
}

/** Arrives at the barrier; returns what {@link passed} wants to know. */
export function arrive({ control, threads }: Board): number {
  const opened = Atomics.load(control, Field.Opened)
  if (Atomics.add(control, Field.Arrived, 1) === threads - 1) {
    Atomics.store(control, Field.Arrived, 0)
    Atomics.add(control, Field.Opened, 1)
    if (Atomics.load(control, Field.Asleep) > 0) Atomics.notify(control, Field.Opened)
  }
  return opened
}

/** Looks at the barrier that a thread makes before it lets go of its core: the others are mostly as far as it is. */
const looks = 2000

/** Waits some milliseconds until all threads have arrived; returns whether they have. */
export function passed({ control }: Board, opened: number, milliseconds: number): boolean {
  for (let i = 0; i < looks; i++) if (Atomics.load(control, Field.Opened) !== opened) return true
  Atomics.add(control, Field.Asleep, 1)
  Atomics.wait(control, Field.Opened, opened, milliseconds)
  Atomics.sub(control, Field.Asleep, 1)
  // It may have been woken late, for the time before.
  return Atomics.load(control, Field.Opened) !== opened
}
