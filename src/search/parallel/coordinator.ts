/** Several threads that expand one batch of states after the other; led by the thread of the search. */

import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { Mistake } from '../../write/mistake.js'
import { Part } from './batch.js'
import {
  arrive,
  sharedMemoryFor,
  expandedIn,
  BatchField,
  ControlWord,
  order,
  passed,
  Task,
  type SharedMemory,
  type BatchBuffers,
} from './shared-memory.js'
import { violationIn, type Expander, type Findings, type Watch } from '../expander.js'
import { digestOf } from './system-digest.js'
import type { Edges } from '../graph.js'
import type { Recipe } from './recipe.js'
import { merge, mergeAscending } from './findings.js'
import { roomIn, slotsFor } from '../store.js'

/** What a helper is started with. */
export interface WorkerData {
  readonly recipe: Recipe
  readonly shared: SharedMemory
  readonly thread: number
  /** Where its answers go. */
  readonly port: MessagePort
}

/** What the leader sends to helpers when there is something new. */
export interface WorkerResult {
  readonly segments: readonly Int32Array[]
  readonly index: Int32Array
}

/** What a helper answers; the leader, who may be busy, is told in {@link SharedMemory.control} that there is an answer. */
export type WorkerMessage =
  | {
      readonly kind: 'ready'
      readonly findings: Omit<Findings, 'collected'>
      readonly fingerprint: string
      readonly watch: string
    }
  | {
      readonly kind: 'done'
      readonly collected: readonly Int32Array[]
      /** Said of code that kept something outside of the state, in that thread. */
      readonly mistake: Pick<Mistake, 'where' | 'what' | 'next'> | undefined
    }

/** What is asked between batches. */
export interface SearchTerms {
  /** Whether another may begin, with which so many states are under way. */
  readonly more: (states: number) => boolean
  /** Whether one thread has to look for the place to stop, now that there are so many states. */
  readonly stop: (states: number, broken: boolean) => boolean
}

/** What some batches did. */
export interface Done {
  readonly batches: number
  readonly expanded: number
  readonly transitions: number
  /** How many states from there on have to be expanded by one thread: the model is at fault in them, or a limit lies there. */
  readonly alone: number
}

/** Batches of one level, one after the other. Lots are named by their places in {@link SharedMemory.lots}. */
interface Relay {
  readonly end: number
  readonly terms: SearchTerms
  /** The first state that is in no batch yet. */
  next: number
  /** The lots of the batches that wait for their numbers, and to be written down. */
  entered?: number | undefined
  settled?: number | undefined
  batches: number
  expanded: number
  transitions: number
  alone: number
}

/** How many states a batch was to have. */
const spanOf = ({ control }: BatchBuffers): number => control[ControlWord.End]! - control[ControlWord.Head]!

interface Helper {
  readonly worker: Worker
  readonly port: MessagePort
  findings?: Omit<Findings, 'collected'>
}

/** What is watched, by name: with the system it says which search of a protocol it is. */
export const namesIn = ({ states, steps, collects }: Watch): string =>
  JSON.stringify([states, steps, collects].map((kind) => kind.map(({ name }) => name)))

/** A helping thread has ended before its time, and what it had found is lost. */
export class WorkerLost extends Error {}

/** Milliseconds after which the leader looks up from waiting, so that it hears that a helper has died. */
const patience = 200

/** The leader's side. */
export class Coordinator {
  private readonly shared: SharedMemory
  private readonly part: Part
  private readonly helpers: readonly Helper[]
  /** What the helpers have got. */
  private index: Int32Array | undefined
  private segments = 0
  private complete = false
  /** The lot of the latest batch. */
  private latest = 0
  private lost: Error | undefined

  constructor(
    private readonly expander: Expander,
    recipe: Recipe,
    threads: number,
    /** States in a batch. */
    private readonly batch: number,
    private readonly edges: Edges | undefined,
  ) {
    const { system, layout } = expander
    this.shared = sharedMemoryFor(threads, system.transitions.length, layout.words, edges !== undefined)
    this.part = new Part(expander, this.shared, 0)
    this.helpers = Array.from({ length: threads - 1 }, (_, i) => this.started(recipe, i + 1))
  }

  private started(recipe: Recipe, thread: number): Helper {
    const { port1, port2 } = new MessageChannel()
    const { code, ...how } = entry()
    const workerData = { recipe, shared: this.shared, thread, port: port2 } satisfies WorkerData
    const worker = new Worker(code, { ...how, workerData, transferList: [port2] })
    const lose = (why: string, cause?: unknown): void => {
      this.lost ??= new WorkerLost(`a thread that helped with the search ${why}`, { cause })
    }
    worker.on('error', (cause) => lose(`failed: ${cause.message}`, cause))
    worker.on('exit', (code) => lose(`ended with exit code ${code}`))
    return { worker, port: port1 }
  }

  /** Whether every helper has made the same system and takes part from now on. */
  ready(): boolean {
    if (this.complete || this.lost || this.shared.control[BatchField.Ready]! < this.helpers.length) return this.complete
    const own = { fingerprint: digestOf(this.expander.system), watch: namesIn(this.expander.watch) }
    for (const helper of this.helpers) {
      const { fingerprint, watch, findings } = answerOf(helper, 'ready')
      if (fingerprint !== own.fingerprint || watch !== own.watch)
        this.lost = new WorkerLost('a helper made another search from the same recipe')
      helper.findings = findings
    }
    return (this.complete = !this.lost)
  }

  /** Waits until it is decided whether there will be help. */
  async assembled(): Promise<void> {
    while (!this.ready() && !this.lost) await pause()
  }

  /**
   * Expands states from `head` on, `end` being the next level's first, batch after batch. While one is surveyed, the one before gets
   * its numbers, so that threads meet but twice for each. @throws Lost if a helper died.
   */
  async expand(head: number, end: number, terms: SearchTerms): Promise<Done> {
    const relay: Relay = { next: head, end, terms, batches: 0, expanded: 0, transitions: 0, alone: 0 }
    const { control } = this.shared
    control[BatchField.Drop] = 0
    control[BatchField.States] = this.expander.code.count()
    for (;;) {
      const states = await this.admitted(relay)
      if (states === 0 && relay.entered === undefined) break
      await this.turn(relay, states)
    }
    await this.meet(Task.Rest)
    this.record(relay)
    return relay
  }

  /** How many states the next batch may have. */
  private async admitted({ next, end, terms, entered, alone }: Relay): Promise<number> {
    const { code } = this.expander
    const states = Math.min(end - next, this.batch)
    const open = states + (entered === undefined ? 0 : expandedIn(this.lot(entered)))
    if (alone > 0 || states === 0 || !terms.more(open)) return 0
    const slots = slotsFor(code.count() + 2 * open)
    if (slots > code.index().length) {
      // What was entered in the old index must be stored before.
      if (entered !== undefined) return 0
      code.renew(slots)
      this.send()
      await this.meet(Task.Refill)
      code.refill(0, this.shared.threads)
    }
    this.send()
    return states
  }

  /** Surveys and enters a batch; the one before is concluded, the one before that recorded. */
  private async turn(relay: Relay, states: number): Promise<void> {
    const { shared, part } = this
    const which = (this.latest + 1) % shared.lots.length
    this.latest = which
    const { control } = this.lot(which)
    control.set([relay.next, relay.next + states, 0, 0, 0])
    await this.meet(Task.Survey)
    this.record(relay)
    this.conclude(relay)
    part.surveyOf(which)
    await this.meet(Task.Enter)
    part.enterOf(which)
    const last = relay.entered
    relay.entered = undefined
    if (shared.control[BatchField.Drop] !== 0) return void (relay.alone = spanOf(this.lot(last!)))
    relay.settled = last
    if (control[ControlWord.Spoilt] !== 0) relay.alone = states
    else if (states > 0) {
      relay.entered = which
      relay.next += expandedIn(this.lot(which))
    }
  }

  /** Decides the numbers of what the last batch has found, or that it was in vain. */
  private conclude({ entered, terms }: Relay): void {
    const { shared, part, expander } = this
    const known = expander.code.count()
    shared.control[BatchField.States] = known
    if (entered === undefined) return
    const { control } = this.lot(entered)
    const total = control[ControlWord.Full] === 0 ? part.number(entered, known) : known
    if (control[ControlWord.Full] !== 0 || terms.stop(total, this.broken())) {
      shared.control[BatchField.Drop] = 1
      return
    }
    while (roomIn(expander.store.segments.length) < total) expander.code.grow()
    this.send()
    shared.control[BatchField.States] = total
  }

  /** Writes down who found whom, in the order of a single thread, and the edges, if they are kept. */
  private record(relay: Relay): void {
    if (relay.settled === undefined) return
    const { edges, expander } = this
    const lot = this.lot(relay.settled)
    const { control, bases, taken, edgesAt, targets, by } = lot
    const expanded = expandedIn(lot)
    for (let i = 0; i < expanded; i++) {
      const own = taken[i]!
      relay.transitions += own
      expander.store.parents.push((i + 1 < expanded ? bases[i + 1]! : control[ControlWord.Total]!) - bases[i]!)
      if (!edges) continue
      edges.first.push(edges.target.length)
      for (let at = edgesAt[i]!, end = at + own; at < end; at++) {
        edges.target.push(targets[at]!)
        edges.by.push(by[at]!)
      }
    }
    relay.batches++
    relay.expanded += expanded
    relay.settled = undefined
  }

  private lot(which: number): BatchBuffers {
    return this.shared.lots[which]!
  }

  /** Meets the helpers, and begins a task; the event loop runs if that takes long, because nobody hears of a death otherwise. */
  private async meet(task: Task): Promise<void> {
    order(this.shared, task, this.latest)
    const opened = arrive(this.shared)
    while (!passed(this.shared, opened, patience)) {
      await pause()
      if (this.lost) throw this.lost
    }
  }

  private broken(): boolean {
    const all = [this.expander.findings, ...this.helpers.map(({ findings }) => findings!)]
    return all.some((findings) => violationIn(findings, this.expander.watch))
  }

  /** Brings every helper what it has not got yet; they fetch it when they see that something was sent. */
  private send(): void {
    const { store, code } = this.expander
    if (code.index() === this.index && store.segments.length === this.segments) return
    const delivery: WorkerResult = { segments: store.segments.slice(this.segments), index: code.index() }
    for (const { worker } of this.helpers) worker.postMessage(delivery)
    this.index = code.index()
    this.segments = store.segments.length
    Atomics.add(this.shared.control, BatchField.Sent, 1)
  }

  /** Ends the helpers wherever they are, after something went wrong here. */
  async abandon(): Promise<void> {
    Atomics.store(this.shared.control, BatchField.Lost, 1)
    await Promise.all(this.helpers.map(({ worker }) => worker.terminate()))
  }

  /** Ends the helpers and takes over what they found. */
  async end(): Promise<void> {
    if (!this.complete) {
      for (const { worker } of this.helpers) void worker.terminate()
      return
    }
    await this.meet(Task.End)
    // They answer, and meet once more.
    await this.meet(Task.Rest)
    const collected = this.helpers.map((helper) => {
      const answer = answerOf(helper, 'done')
      if (answer.mistake) throw new Mistake(answer.mistake.where, answer.mistake.what, answer.mistake.next)
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
function answerOf<Kind extends WorkerMessage['kind']>(
  { port }: Helper,
  kind: Kind,
): Extract<WorkerMessage, { kind: Kind }> {
  const answer = receiveMessageOnPort(port)?.message as WorkerMessage | undefined
  if (answer?.kind !== kind) throw new Error('a helper answered out of turn')
  return answer as Extract<WorkerMessage, { kind: Kind }>
}

/** A turn of the event loop. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** Where a helper begins. When this file is run as TypeScript, its threads need the loader too: they do not inherit it. */
function entry(): { code: string | URL; eval?: boolean } {
  if (!import.meta.url.endsWith('.ts')) return { code: new URL('./worker.js', import.meta.url) }
  const file = JSON.stringify(new URL('./worker.js', import.meta.url).href)
  return { code: `import('tsx/esm/api').then(({ register }) => (register(), import(${file})))`, eval: true }
}
