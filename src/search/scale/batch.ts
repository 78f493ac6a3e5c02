/** One batch of a search by several threads: what each of them does, and the shared memory in which they do it. */

import type { Expander } from '../expander.js'
import { partBits, sharedInts } from '../store.js'

/** States that a thread takes at a time. */
export const chunkStates = 128

/** Chunks in the largest batch. */
const mostChunks = 256

/** States in the largest batch. */
export const batchStates = chunkStates * mostChunks

/** Fields of {@link Board.control}. */
export const enum Field {
  /** Threads that have arrived at the barrier, and how often it has opened. */
  Arrived,
  Opened,
  /** First state of the batch and the one behind its last. */
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
  /** Not 0 if a thread died, which is our fault. */
  Lost,
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
  /** Found states, thread after thread: see {@link Record}. */
  readonly arena: Int32Array
  /** Per chunk: where its records begin and end in the arena, and how many of its states are new. */
  readonly begins: Int32Array
  readonly ends: Int32Array
  readonly fresh: Int32Array
  /** Per chunk, the identity of the first state that is new in it. */
  readonly bases: Int32Array
  /** Per state of the batch: transitions taken, and states that it is the first to find. */
  readonly taken: Int32Array
  readonly children: Int32Array
  /** Per chunk, where its edges begin; and the edges: target identity or the complement of a record, and transition. */
  readonly edgeBegins: Int32Array
  readonly edges: Int32Array
}

/** Fields of a record in front of the words of a state that was not known when it was found. */
const enum Record {
  Hash,
  /** Who found it: number in the batch. */
  By,
  /** Of a new state first its slot, then its identity; otherwise the complement of the record of the same state. */
  Mark,
  Words,
}

/** The memory for so many threads. `most` is the number of transitions of the system. */
export function boardFor(threads: number, most: number, words: number, keepEdges: boolean): Board {
  const records = Math.max(1 << 18, 2 * chunkStates * most)
  return {
    threads,
    control: sharedInts(16),
    arena: sharedInts(threads * records * (words + Record.Words)),
    begins: sharedInts(mostChunks),
    ends: sharedInts(mostChunks),
    fresh: sharedInts(mostChunks),
    bases: sharedInts(mostChunks),
    taken: sharedInts(batchStates),
    children: sharedInts(batchStates),
    edgeBegins: sharedInts(mostChunks),
    edges: sharedInts(keepEdges ? threads * records * 4 : 0),
  }
}

/**
 * One thread's part in a batch. States are found in any order, but each index part has one owner, who enters what was found
 * in it in the order in which a single thread would have; numbers are then given out in that order too. So the states, their
 * numbers and their parents are those of a search by one thread.
 */
export class Part {
  private readonly record: number
  private readonly from: number
  private readonly to: number
  private readonly edgesFrom: number
  private readonly edgesTo: number
  private claims = 0
  /** Keeps what {@link touch} reads from being optimised away. */
  protected touched = 0
  private pending = new Int32Array(1 << 12)
  private slots = new Int32Array(1 << 12)

  constructor(
    private readonly expander: Expander,
    private readonly board: Board,
    private readonly thread: number,
  ) {
    const { arena, edges, threads } = board
    this.record = expander.layout.words + Record.Words
    const room = arena.length / threads
    this.from = room * thread
    this.to = this.from + room
    this.edgesFrom = (edges.length / threads) * thread
    this.edgesTo = this.edgesFrom + edges.length / threads
  }

  /** Expands chunks until none is left, or room for the next; writes down what is not known yet. */
  survey(): void {
    const { control, begins, ends, edgeBegins, fresh } = this.board
    const head = control[Field.Head]!
    const states = control[Field.End]! - head
    const most = chunkStates * this.expander.system.transitions.length
    this.claims = 0
    let at = this.from
    let edge = this.edgesFrom
    while (at + most * this.record <= this.to && (edge === this.edgesTo || edge + most * 2 <= this.edgesTo)) {
      const chunk = Atomics.add(control, Field.Next, 1)
      if (chunk * chunkStates >= states) return
      begins[chunk] = at
      edgeBegins[chunk] = edge
      fresh[chunk] = 0
      const until = Math.min((chunk + 1) * chunkStates, states)
      for (let i = chunk * chunkStates; i < until; i++) {
        const { at: next, edge: nextEdge } = this.surveyState(head, i, at, edge)
        at = next
        edge = nextEdge
      }
      ends[chunk] = at
    }
  }

  private surveyState(head: number, i: number, at: number, edge: number): { at: number; edge: number } {
    const { expander, board, record } = this
    const { arena, edges } = board
    const { successors, taken, batch, hashes } = expander
    const { words } = expander.layout
    const k = expander.survey(head + i)
    board.taken[i] = k
    board.children[i] = 0
    for (let j = 0; j < k; j++) {
      const known = successors[j]!
      if (edges.length > 0) {
        edges[edge++] = known < 0 ? ~at : known
        edges[edge++] = taken[j]!
      }
      if (known >= 0) continue
      arena[at + Record.Hash] = hashes[j]!
      arena[at + Record.By] = i
      for (let w = 0; w < words; w++) arena[at + Record.Words + w] = batch[j * words + w]!
      at += record
    }
    return { at, edge }
  }

  /** Enters what was found in this thread's parts of the index, in the order of a single thread. */
  claim(chunks: number): void {
    const { expander, board, record, thread } = this
    const { arena, begins, ends, fresh, threads } = board
    const { claim, index, count } = expander.code
    const slots = index().length
    const mask = slots - 1
    const shift = 31 - Math.clz32(slots) - partBits
    // Beyond this the index must grow first.
    const room = Math.floor((slots * 0.9 - count()) / threads)
    this.claims = 0
    for (let chunk = 0; chunk < chunks; chunk++) {
      let found = 0
      this.touch(chunk, mask, shift)
      for (let at = begins[chunk]!; at < ends[chunk]!; at += record) {
        const hash = arena[at + Record.Hash]!
        if (((hash & mask) >>> shift) % threads !== thread) continue
        if (this.claims >= room) {
          board.control[Field.Spoilt] = 1
          return
        }
        if (this.claims === this.pending.length) this.enlarge()
        const slot = claim(arena, at + Record.Words, hash, this.pending, this.claims)
        if (slot < 0) arena[at + Record.Mark] = ~(this.pending[~slot]! - Record.Words)
        else {
          arena[at + Record.Mark] = slot
          this.slots[this.claims] = slot
          this.pending[this.claims++] = at + Record.Words
          found++
        }
      }
      if (found > 0) Atomics.add(fresh, chunk, found)
    }
  }

  /** Looks at the slots that a chunk is about to want: these cache misses overlap, later ones would not. */
  private touch(chunk: number, mask: number, shift: number): void {
    const { board, record, thread, expander } = this
    const { arena, threads } = board
    const index = expander.code.index()
    let all = 0
    for (let at = board.begins[chunk]!; at < board.ends[chunk]!; at += record) {
      const slot = arena[at + Record.Hash]! & mask
      if ((slot >>> shift) % threads === thread) all ^= index[slot]!
    }
    this.touched = all
  }

  private enlarge(): void {
    for (const name of ['pending', 'slots'] as const) {
      const more = new Int32Array(this[name].length * 2)
      more.set(this[name])
      this[name] = more
    }
  }

  /** Takes all claims back. */
  release(): void {
    for (let i = 0; i < this.claims; i++) this.expander.code.free(this.slots[i]!)
  }

  /** Gives the new states of every chunk that it gets hold of their numbers, and stores them. */
  settle(chunks: number): void {
    const { expander, board, record } = this
    const { control, arena, begins, ends, bases, children } = board
    const { settle } = expander.code
    for (;;) {
      const chunk = Atomics.add(control, Field.Next, 1)
      if (chunk >= chunks) return
      let id = bases[chunk]!
      for (let at = begins[chunk]!; at < ends[chunk]!; at += record) {
        const slot = arena[at + Record.Mark]!
        if (slot < 0) continue
        settle(arena, at + Record.Words, slot, id)
        children[arena[at + Record.By]!]!++
        arena[at + Record.Mark] = id++
      }
    }
  }
}

/** The identity of the state in a record, once all are settled. */
export function settledAt({ arena }: Board, at: number): number {
  const mark = arena[at + Record.Mark]!
  return mark >= 0 ? mark : arena[~mark + Record.Mark]!
}

/** Waits until all threads are here. */
export function meet({ control, threads }: Board): void {
  const opened = Atomics.load(control, Field.Opened)
  if (Atomics.add(control, Field.Arrived, 1) === threads - 1) {
    Atomics.store(control, Field.Arrived, 0)
    Atomics.add(control, Field.Opened, 1)
    Atomics.notify(control, Field.Opened)
    return
  }
  while (Atomics.load(control, Field.Opened) === opened) {
    if (Atomics.load(control, Field.Lost) !== 0) throw new Error('a thread of the search died')
    Atomics.wait(control, Field.Opened, opened, 1000)
  }
}
