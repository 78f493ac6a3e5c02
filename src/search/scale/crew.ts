/** Several threads that expand one batch of states after the other; led by the thread of the search. */

import { Worker } from 'node:worker_threads'
import { batchStates, boardFor, chunkStates, Field, meet, Part, settledAt, Task, type Board } from './batch.js'
import { violationIn, type Expander, type Findings } from '../expander.js'
import type { Edges } from '../graph.js'
import type { Recipe } from './recipe.js'
import { roomIn, slotsFor } from '../store.js'

/** What a helper is started with. */
export interface Commission {
  readonly recipe: Recipe
  readonly board: Board
  readonly thread: number
}

/** What the leader sends to helpers. */
export interface Delivery {
  readonly segments?: readonly Int32Array[]
  readonly index?: Int32Array
  readonly states: number
}

/** What a helper answers. */
export type Answer =
  | { readonly kind: 'ready'; readonly findings: Omit<Findings, 'collected'>; readonly fingerprint: string }
  | { readonly kind: 'done'; readonly collected: readonly Int32Array[] }

/** What a batch did. */
export interface Done {
  readonly expanded: number
  readonly transitions: number
}

interface Helper {
  readonly worker: Worker
  readonly next: () => Promise<Answer>
  sent: number
  findings?: Omit<Findings, 'collected'>
}

/** The leader's side. */
export class Crew {
  private readonly board: Board
  private readonly part: Part
  private readonly helpers: readonly Helper[]
  private index: Int32Array | undefined
  /** Becomes true when every helper has made the same system. */
  ready = false
  /** Settled when that is decided. */
  readonly assembled: Promise<void>
  /** Why there will be no help, if so. */
  failed: Error | undefined

  constructor(
    private readonly expander: Expander,
    recipe: Recipe,
    threads: number,
    fingerprint: string,
    private readonly edges: Edges | undefined,
  ) {
    const { system, layout } = expander
    this.board = boardFor(threads, system.transitions.length, layout.words, edges !== undefined)
    this.part = new Part(expander, this.board, 0)
    this.helpers = Array.from({ length: threads - 1 }, (_, i) => started({ recipe, board: this.board, thread: i + 1 }))
    this.assembled = this.assemble(fingerprint).catch((cause: unknown) => {
      this.failed = cause instanceof Error ? cause : new Error(String(cause))
    })
  }

  private async assemble(fingerprint: string): Promise<void> {
    for (const helper of this.helpers) {
      const answer = await helper.next()
      if (answer.kind !== 'ready') throw new Error('a helper answered out of turn')
      if (answer.fingerprint !== fingerprint) throw new Error('a helper made another system from the same recipe')
      helper.findings = answer.findings
    }
    this.ready = true
  }

  /**
   * Expands up to `most` states from `head` on, all of one level. Returns undefined if the batch has to be done by one thread:
   * the model is at fault in it, a limit lies in it, or the index has to grow; nothing has changed then.
   */
  expand(head: number, most: number, stop: (states: number, broken: boolean) => boolean): Done | undefined {
    const { board, part } = this
    const { control } = board
    const { code } = this.expander
    control[Field.Head] = head
    control[Field.End] = Math.min(head + most, head + batchStates)
    control[Field.Next] = 0
    control[Field.Spoilt] = 0
    const before = snapshot(this.expander.findings)
    this.enlargeIndex(code.count() + most)
    this.send()
    control[Field.Task] = Task.Expand
    meet(board)
    try {
      part.survey()
    } catch {
      control[Field.Spoilt] = 1
    }
    meet(board)
    const states = control[Field.End] - head
    const chunks = Math.min(Atomics.load(control, Field.Next), Math.ceil(states / chunkStates))
    if (control[Field.Spoilt] === 0) part.claim(chunks)
    meet(board)
    const known = code.count()
    const total = this.number(known, chunks)
    if (stop(total, this.broken())) control[Field.Spoilt] = 1
    const spoilt = control[Field.Spoilt] !== 0
    if (!spoilt) this.makeRoom(total)
    control[Field.Next] = 0
    meet(board)
    if (spoilt) {
      part.release()
      restore(this.expander.findings, before)
    } else part.settle(chunks)
    meet(board)
    if (spoilt) return undefined
    code.adopt(total, code.index())
    return this.record(Math.min(chunks * chunkStates, states), chunks)
  }

  /** Gives every chunk the number of its first new state; returns how many states there will be. */
  private number(known: number, chunks: number): number {
    const { bases, fresh } = this.board
    let total = known
    for (let chunk = 0; chunk < chunks; chunk++) {
      bases[chunk] = total
      total += fresh[chunk]!
    }
    return total
  }

  private broken(): boolean {
    const all = [this.expander.findings, ...this.helpers.map(({ findings }) => findings!)]
    return all.some((findings) => violationIn(findings, this.expander.watch))
  }

  private enlargeIndex(states: number): void {
    const { board } = this
    const { code } = this.expander
    const slots = slotsFor(states)
    if (slots <= code.index().length) return
    code.renew(slots)
    this.send()
    board.control[Field.Task] = Task.Refill
    meet(board)
    code.refill(0, board.threads)
    meet(board)
  }

  private makeRoom(states: number): void {
    const { store, code } = this.expander
    while (roomIn(store.segments.length) < states) code.grow()
    this.send()
  }

  /** Brings every helper what it has not got yet; they fetch it when they see that something was sent. */
  private send(): void {
    const { store, code } = this.expander
    const index = code.index() === this.index ? {} : { index: code.index() }
    this.index = code.index()
    for (const helper of this.helpers) {
      const segments = store.segments.slice(helper.sent)
      helper.sent = store.segments.length
      helper.worker.postMessage({ ...index, segments, states: code.count() } satisfies Delivery)
    }
    Atomics.add(this.board.control, Field.Sent, 1)
  }

  /** Writes down parents and edges, in the order of a single thread. */
  private record(expanded: number, chunks: number): Done {
    const { board, edges } = this
    const { ancestry } = this.expander.store
    let transitions = 0
    for (let i = 0; i < expanded; i++) {
      ancestry.push(board.children[i]!)
      transitions += board.taken[i]!
    }
    if (edges)
      for (let chunk = 0; chunk < chunks; chunk++) {
        let at = board.edgeBegins[chunk]!
        for (let i = chunk * chunkStates; i < Math.min((chunk + 1) * chunkStates, expanded); i++) {
          edges.first.push(edges.target.length)
          for (let end = at + 2 * board.taken[i]!; at < end; at += 2) {
            const target = board.edges[at]!
            edges.target.push(target < 0 ? settledAt(board, ~target) : target)
            edges.by.push(board.edges[at + 1]!)
          }
        }
      }
    return { expanded, transitions }
  }

  /** Ends the helpers wherever they are, after something went wrong here. */
  async abandon(): Promise<void> {
    Atomics.store(this.board.control, Field.Lost, 1)
    await Promise.all(this.helpers.map(({ worker }) => worker.terminate()))
  }

  /** Ends the helpers and takes over what they found. */
  async end(): Promise<void> {
    if (!this.ready) {
      await Promise.all(this.helpers.map(({ worker }) => worker.terminate()))
      return
    }
    this.board.control[Field.Task] = Task.End
    meet(this.board)
    for (const helper of this.helpers) {
      const answer = await helper.next()
      if (answer.kind !== 'done') throw new Error('a helper answered out of turn')
      merge(this.expander.findings, { ...helper.findings!, collected: answer.collected })
    }
    this.expander.findings.collected.forEach((ids) => ids.sort((a, b) => a - b))
  }
}

/** Where a helper begins. When this file is run as TypeScript, its threads need the loader too: they do not inherit it. */
function entry(): { code: string | URL; eval?: boolean } {
  if (!import.meta.url.endsWith('.ts')) return { code: new URL('./helper.js', import.meta.url) }
  const file = JSON.stringify(new URL('./helper.ts', import.meta.url).href)
  return { code: `import('tsx/esm/api').then(({ register }) => (register(), import(${file})))`, eval: true }
}

function started(commission: Commission): Helper {
  const { code, ...how } = entry()
  const worker = new Worker(code, { ...how, workerData: commission })
  const waiting: Answer[] = []
  let wake: (() => void) | undefined
  let lost: Error | undefined
  worker.on('message', (answer: Answer) => {
    waiting.push(answer)
    wake?.()
  })
  worker.on('error', (cause: Error) => {
    lost = cause
    wake?.()
  })
  const next = async (): Promise<Answer> => {
    while (waiting.length === 0) {
      if (lost) throw lost
      await new Promise<void>((resolve) => (wake = resolve))
    }
    return waiting.shift()!
  }
  return { worker, next, sent: 0 }
}

/** What has been found so far, in case that a batch has to be taken back. */
export interface Snapshot {
  readonly arrays: readonly (Int32Array | Uint8Array | Float64Array)[]
  readonly collected: readonly number[]
}

const arraysOf = ({ states, steps, dead, fired }: Omit<Findings, 'collected'>) => [
  states.seen,
  states.broken,
  steps.seen,
  steps.broken,
  steps.by,
  dead,
  fired,
]

/** Copies findings. */
export const snapshot = (findings: Findings): Snapshot => ({
  arrays: arraysOf(findings).map((array) => array.slice()),
  collected: findings.collected.map((ids) => ids.length),
})

/** Makes findings what they were. */
export function restore(findings: Findings, { arrays, collected }: Snapshot): void {
  arraysOf(findings).forEach((array, i) => array.set(arrays[i]!))
  findings.collected.forEach((ids, i) => (ids.length = collected[i]!))
}

/** Adds what another thread found: the first state counts. */
function merge(into: Findings, from: Omit<Findings, 'collected'> & { collected: readonly Int32Array[] }): void {
  const earlier = (id: number, than: number): boolean => id >= 0 && (than < 0 || id < than)
  from.states.seen.forEach((seen, i) => (into.states.seen[i]! |= seen))
  from.steps.seen.forEach((seen, i) => (into.steps.seen[i]! |= seen))
  from.states.broken.forEach((id, i) => {
    if (earlier(id, into.states.broken[i]!)) into.states.broken[i] = id
  })
  from.steps.broken.forEach((id, i) => {
    if (!earlier(id, into.steps.broken[i]!)) return
    into.steps.broken[i] = id
    into.steps.by[i] = from.steps.by[i]!
  })
  if (earlier(from.dead[0]!, into.dead[0]!)) into.dead[0] = from.dead[0]!
  from.fired.forEach((times, i) => (into.fired[i]! += times))
  from.collected.forEach((ids, i) => {
    for (const id of ids) into.collected[i]!.push(id)
  })
}
