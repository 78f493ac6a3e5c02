/** The memory that the threads of a search share besides the store, and the barrier at which they meet. */

import { sharedInts } from '../store.js'
import { entryInts } from './partition.js'

/** States that a thread takes at a time: few, so that all threads come to an end at once. */
export const chunkStates = 32

/** States in the largest batch: many, so that meeting costs little; few enough for what they find to stay in the cache. */
export const batchStates = 1 << 13

/** Fields of {@link SharedMemory.control}. */
export const enum BatchField {
  /** Threads that have arrived at the barrier, and how often it has opened. */
  Arrived,
  Opened,
  /** Threads that sleep there, or are about to. */
  Asleep,
  /** States there are. */
  States,
  /** Counts what the leader sent that must be received before going on. */
  Sent,
  /** What is done until the next meeting, and until the one after that: see {@link order}. */
  Order,
  NextOrder,
  /** Not 0 if the batch before is taken back, and this one with it: something in it wants to be looked at state after state. */
  Drop,
  /** Helpers that have made the system. */
  Ready,
  /** Not 0 if a thread died. */
  Lost,
  Fields,
}

/** Fields of {@link BatchBuffers.control}. */
export const enum ControlWord {
  /** First state of the batch and the one behind its last; no batch if they are the same. */
  Head,
  End,
  /** The next chunk that nobody has taken. */
  Next,
  /** Not 0 if the model is at fault in it; if there was no room for what was found. */
  Spoilt,
  Full,
  /** States there are when it is done. */
  Total,
  Fields,
}

/** What the threads do between two meetings. */
export const enum Task {
  /** Expand a batch; the leader first decides the numbers of what the batch before has found. */
  Survey,
  /** Store what the batch before has found, under its numbers; enter what this one has found. */
  Enter,
  /** Fill the new index. */
  Refill,
  /** Nothing: the leader goes on alone. */
  Rest,
  End,
}

const tasks = [Task.Survey, Task.Enter, Task.Refill, Task.Rest, Task.End] as const

/** What is shared of one batch. */
export interface BatchBuffers {
  readonly control: Int32Array
  /** What was found, and what of it is new: see {@link ExchangeCode}; per thread and owner where the entries end. */
  readonly entries: Int32Array
  readonly records: Int32Array
  readonly filled: Int32Array
  /** Owner after owner, state after state: which of its successors are the first to be one of the owner's records. */
  readonly firsts: Int32Array
  /** Per state: the identity of the first new state that it leads to, and how many transitions it has. */
  readonly bases: Int32Array
  readonly taken: Int32Array
  /** Per state, where its edges begin; and the edges, thread after thread: first the entry, then its target; and the transition. */
  readonly edgesAt: Int32Array
  readonly targets: Int32Array
  readonly by: Int32Array
}

/** What the threads share besides the store. */
export interface SharedMemory {
  readonly threads: number
  readonly control: Int32Array
  /** A finder is the number of a state in its batch and, in so many low bits, the number of the successor. */
  readonly fanBits: number
  /** Three batches are under way: one is surveyed and entered, one gets its numbers, one its edges. */
  readonly lots: readonly BatchBuffers[]
}

/** The lot of the batch before. */
export const previousBatch = (lot: number): number => (lot + 2) % 3

/** The memory for so many threads. `most` is the number of transitions of the system. */
export function sharedMemoryFor(threads: number, most: number, words: number, keepEdges: boolean): SharedMemory {
  const room = Math.max(1 << 16, 2 * chunkStates * most)
  const edges = keepEdges ? threads * threads * room : 0
  const entries = (): Int32Array => sharedInts(threads * threads * room * entryInts(words))
  const records = (): Int32Array => sharedInts(threads * room * entryInts(words))
  // Only edges refer to them after the next batch was begun.
  const once = keepEdges ? undefined : { entries: entries(), records: records() }
  const lot = (): BatchBuffers => ({
    control: sharedInts(ControlWord.Fields),
    entries: once?.entries ?? entries(),
    records: once?.records ?? records(),
    filled: sharedInts(threads * threads),
    firsts: sharedInts(threads * batchStates * masksFor(most)),
    bases: sharedInts(batchStates),
    taken: sharedInts(batchStates),
    edgesAt: sharedInts(batchStates),
    targets: sharedInts(edges),
    by: sharedInts(edges),
  })
  return {
    threads,
    control: sharedInts(BatchField.Fields),
    fanBits: 32 - Math.clz32(most - 1),
    lots: [lot(), lot(), lot()],
  }
}

/** Words with a bit for every successor. */
export const masksFor = (most: number): number => Math.ceil(most / 32)

/** How many states of a batch were expanded. */
export function expandedIn({ control }: BatchBuffers): number {
  return Math.min(
    Atomics.load(control, ControlWord.Next) * chunkStates,
    control[ControlWord.End]! - control[ControlWord.Head]!,
  )
}

/** Says, before arriving at the barrier, what is done from then on: a task, and to which of the {@link SharedMemory.lots}. */
export function order({ control }: SharedMemory, task: Task, lot: number): void {
  // Others may not yet have read what they are doing now.
  control[BatchField.Order + ((control[BatchField.Opened]! + 1) & 1)] = lot * 8 + task
}

/** What is done now. */
export function ordered({ control }: SharedMemory): { readonly task: Task; readonly lot: number } {
  const said = control[BatchField.Order + (control[BatchField.Opened]! & 1)]!
  return { task: tasks[said & 7]!, lot: said >>> 3 }
}

/** Arrives at the barrier; returns what {@link passed} wants to know. */
export function arrive({ control, threads }: SharedMemory): number {
  const opened = Atomics.load(control, BatchField.Opened)
  if (Atomics.add(control, BatchField.Arrived, 1) === threads - 1) {
    Atomics.store(control, BatchField.Arrived, 0)
    Atomics.add(control, BatchField.Opened, 1)
    if (Atomics.load(control, BatchField.Asleep) > 0) Atomics.notify(control, BatchField.Opened)
  }
  return opened
}

/** Looks at the barrier that a thread makes before it lets go of its core: the others are mostly as far as it is. */
const looks = 2000

/** Waits some milliseconds until all threads have arrived; returns whether they have. */
export function passed({ control }: SharedMemory, opened: number, milliseconds: number): boolean {
  for (let i = 0; i < looks; i++) if (Atomics.load(control, BatchField.Opened) !== opened) return true
  Atomics.add(control, BatchField.Asleep, 1)
  Atomics.wait(control, BatchField.Opened, opened, milliseconds)
  Atomics.sub(control, BatchField.Asleep, 1)
  // It may have been woken late, for the time before.
  return Atomics.load(control, BatchField.Opened) !== opened
}
