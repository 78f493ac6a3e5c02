/** Several threads that expand one batch of states after the other; led by the thread of the search. */

import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { arrive, batchStates, boardFor, expandedIn, Field, Part, passed, Task, type Board } from './batch.js'
import { violationIn, type Expander, type Findings, type Watch } from '../expander.js'
import { fingerprintOf } from './fingerprint.js'
import type { Edges } from '../graph.js'
import type { Recipe } from './recipe.js'
import { roomIn, slotsFor } from '../store.js'

/** What a helper is started with. */
export interface Commission {
  readonly recipe: Recipe
  readonly board: Board
  readonly thread: number
  /** Where its answers go. */
  readonly port: MessagePort
}

/** What the leader sends to helpers when there is something new. */
export interface Delivery {
  readonly segments: readonly Int32Array[]
  readonly index: Int32Array
}

/** What a helper answers; the leader, who may be busy, is told in {@link Board.control} that there is an answer. */
export type Answer =
  | {
      readonly kind: 'ready'
      readonly findings: Omit<Findings, 'collected'>
      readonly fingerprint: string
      readonly watch: string
    }
  | { readonly kind: 'done'; readonly collected: readonly Int32Array[] }

/** What a batch did. */
export interface Done {
  readonly expanded: number
  readonly transitions: number
}

interface Helper {
  readonly worker: Worker
  readonly port: MessagePort
  findings?: Omit<Findings, 'collected'>
}

/** What is watched, by name: with the system it says which search of a protocol it is. */
export const namesIn = ({ states, steps, collects }: Watch): string =>
  JSON.stringify([states, steps, collects].map((kind) => kind.map(({ name }) => name)))

/** A helping thread has ended before its time, and what it had found is lost. */
export class Lost extends Error {}

/** Milliseconds after which the leader looks up from waiting, so that it hears that a helper has died. */
const patience = 200

/** The leader's side. */
export class Crew {
  private readonly board: Board
  private readonly part: Part
  private readonly helpers: readonly Helper[]
  /** What the helpers have got. */
  private index: Int32Array | undefined
  private segments = 0
  private complete = false
  private lost: Error | undefined

  constructor(
    private readonly expander: Expander,
    recipe: Recipe,
    threads: number,
    private readonly edges: Edges | undefined,
  ) {
    const { system, layout } = expander
    this.board = boardFor(threads, system.transitions.length, layout.words, edges !== undefined)
    this.part = new Part(expander, this.board, 0)
    this.helpers = Array.from({ length: threads - 1 }, (_, i) => this.started(recipe, i + 1))
  }

  private started(recipe: Recipe, thread: number): Helper {
    const { port1, port2 } = new MessageChannel()
    const { code, ...how } = entry()
    const workerData = { recipe, board: this.board, thread, port: port2 } satisfies Commission
    const worker = new Worker(code, { ...how, workerData, transferList: [port2] })
    const lose = (why: string, cause?: unknown): void => {
      this.lost ??= new Lost(`a thread that helped with the search ${why}`, { cause })
    }
    worker.on('error', (cause) => lose(`failed: ${cause.message}`, cause))
    worker.on('exit', (code) => lose(`ended with exit code ${code}`))
    return { worker, port: port1 }
  }

  /** Whether every helper has made the same system and takes part from now on. */
  ready(): boolean {
    if (this.complete || this.lost || this.board.control[Field.Ready]! < this.helpers.length) return this.complete
    const own = { fingerprint: fingerprintOf(this.expander.system), watch: namesIn(this.expander.watch) }
    for (const helper of this.helpers) {
      const { fingerprint, watch, findings } = answerOf(helper, 'ready')
      if (fingerprint !== own.fingerprint || watch !== own.watch)
        this.lost = new Lost('a helper made another search from the same recipe')
      helper.findings = findings
    }
    return (this.complete = !this.lost)
  }

  /** Waits until it is decided whether there will be help. */
  async assembled(): Promise<void> {
    while (!this.ready() && !this.lost) await pause()
  }

  /**
   * Expands up to `most` states from `head` on, all of one level. Returns undefined if the batch has to be done by one thread:
   * the model is at fault in it, or a limit lies in it; nothing has changed then. @throws Lost if a helper died.
   */
  async expand(
    head: number,
    most: number,
    stop: (states: number, broken: boolean) => boolean,
  ): Promise<Done | undefined> {
    const { board, part } = this
    const { control } = board
    const { code } = this.expander
    control[Field.Head] = head
    control[Field.End] = head + Math.min(most, batchStates)
    control[Field.Next] = 0
    control[Field.Spoilt] = 0
    const before = snapshot(this.expander.findings)
    await this.enlargeIndex(code.count() + 2 * Math.min(most, batchStates))
    this.send()
    control[Field.Task] = Task.Expand
    await this.meet()
    try {
      part.survey()
    } catch {
      control[Field.Spoilt] = 1
    }
    await this.meet()
    const expanded = expandedIn(board)
    if (control[Field.Spoilt] === 0) part.enter()
    await this.meet()
    const known = code.count()
    const total = control[Field.Spoilt] === 0 ? part.number(known, expanded) : known
    if (stop(total, this.broken())) control[Field.Spoilt] = 1
    const spoilt = control[Field.Spoilt] !== 0
    if (!spoilt) this.makeRoom(total)
    control[Field.Next] = 0
    await this.meet()
    if (spoilt) {
      code.release()
      restore(this.expander.findings, before)
    } else {
      this.recordParents(expanded, total)
      part.settle()
    }
    await this.meet()
    if (spoilt) return undefined
    code.adopt(total, code.index())
    return this.recordEdges(expanded)
  }

  /** Meets the helpers; the event loop runs if that takes long, because nobody hears of a death otherwise. */
  private async meet(): Promise<void> {
    const opened = arrive(this.board)
    while (!passed(this.board, opened, patience)) {
      await pause()
      if (this.lost) throw this.lost
    }
  }

  private broken(): boolean {
    const all = [this.expander.findings, ...this.helpers.map(({ findings }) => findings!)]
    return all.some((findings) => violationIn(findings, this.expander.watch))
  }

  private async enlargeIndex(states: number): Promise<void> {
    const { board } = this
    const { code } = this.expander
    const slots = slotsFor(states)
    if (slots <= code.index().length) return
    code.renew(slots)
    this.send()
    board.control[Field.Task] = Task.Refill
    await this.meet()
    code.refill(0, board.threads)
    await this.meet()
  }

  private makeRoom(states: number): void {
    const { store, code } = this.expander
    while (roomIn(store.segments.length) < states) code.grow()
    this.send()
  }

  /** Brings every helper what it has not got yet; they fetch it when they see that something was sent. */
  private send(): void {
    const { store, code } = this.expander
    const { control } = this.board
    control[Field.States] = code.count()
    if (code.index() === this.index && store.segments.length === this.segments) return
    const delivery: Delivery = { segments: store.segments.slice(this.segments), index: code.index() }
    for (const { worker } of this.helpers) worker.postMessage(delivery)
    this.index = code.index()
    this.segments = store.segments.length
    Atomics.add(control, Field.Sent, 1)
  }

  /** Writes down who found whom, in the order of a single thread; `total` is the number of states. */
  private recordParents(expanded: number, total: number): void {
    const { bases } = this.board
    const { ancestry } = this.expander.store
    for (let i = 0; i < expanded; i++) ancestry.push((i + 1 < expanded ? bases[i + 1]! : total) - bases[i]!)
  }

  /** Writes down the edges, in that order too, if they are kept. */
  private recordEdges(expanded: number): Done {
    const { board, edges } = this
    const { taken, edgesAt, targets, by } = board
    let transitions = 0
    for (let i = 0; i < expanded; i++) {
      const own = taken[i]!
      transitions += own
      if (!edges) continue
      edges.first.push(edges.target.length)
      for (let at = edgesAt[i]!, end = at + own; at < end; at++) {
        edges.target.push(targets[at]!)
        edges.by.push(by[at]!)
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
    if (!this.complete) {
      for (const { worker } of this.helpers) void worker.terminate()
      return
    }
    this.board.control[Field.Task] = Task.End
    await this.meet()
    // They answer, and meet once more.
    await this.meet()
    const collected = this.helpers.map((helper) => {
      const answer = answerOf(helper, 'done')
      merge(this.expander.findings, helper.findings!)
      return answer.collected
    })
    this.expander.findings.collected.forEach((ids, i) =>
      mergeAscending(
        ids,
        collected.map((all) => all[i]!),
      ),
    )
  }
}

/** The answer of a helper that has said that there is one. */
function answerOf<Kind extends Answer['kind']>({ port }: Helper, kind: Kind): Extract<Answer, { kind: Kind }> {
  const answer = receiveMessageOnPort(port)?.message as Answer | undefined
  if (answer?.kind !== kind) throw new Error('a helper answered out of turn')
  return answer as Extract<Answer, { kind: Kind }>
}

/** A turn of the event loop. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** Where a helper begins. When this file is run as TypeScript, its threads need the loader too: they do not inherit it. */
function entry(): { code: string | URL; eval?: boolean } {
  if (!import.meta.url.endsWith('.ts')) return { code: new URL('./helper.js', import.meta.url) }
  const file = JSON.stringify(new URL('./helper.ts', import.meta.url).href)
  return { code: `import('tsx/esm/api').then(({ register }) => (register(), import(${file})))`, eval: true }
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
function merge(into: Findings, from: Omit<Findings, 'collected'>): void {
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
}

/** Adds sequences to another; all ascend, and so does what becomes of them. Linear. */
function mergeAscending(into: number[], others: readonly Int32Array[]): void {
  for (const other of others) {
    let left = into.length - 1
    let right = other.length - 1
    into.length += other.length
    for (let at = into.length - 1; right >= 0; at--)
      into[at] = left >= 0 && into[left]! > other[right]! ? into[left--]! : other[right--]!
  }
}
