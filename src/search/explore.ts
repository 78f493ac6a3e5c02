/** The search: breadth-first over a compiled system, within limits, with progress. */

import { existsSync, rmSync } from 'node:fs'
import { Mistake } from '../write/mistake.js'
import type { System } from '../write/system.js'
import { batchStates } from './parallel/shared-memory.js'
import { load, save } from './disk/checkpoint.js'
import { inexact, type CompactionOptions } from './compact/compaction.js'
import { Coordinator, WorkerLost } from './parallel/coordinator.js'
import { compile, violationIn, type Expander, type Watch } from './expander.js'
import { bytesOf, Vector, type Cut, type Edges, type Graph } from './graph.js'
import { inspect } from './inspect.js'
import { trapped } from './purity/trapped.js'
import { beat } from './pulse.js'
import { Fault } from './reference.js'
import type { Recipe } from './parallel/recipe.js'
import { Unreadable } from './disk/spill-file.js'
import { slotsFor } from './store.js'

/** Limits of a search; a limit that is hit ends it, and the graph says so. */
export interface Limits {
  /** A space of exactly this size is still searched whole. */
  readonly maxStates?: number
  /** Bytes of what grows with the space: states, index, parents, edges; not what properties collect. */
  readonly maxMemory?: number
  readonly maxSeconds?: number
}

/** What earlier searches of the same check have used up of its limits. */
export interface Spent {
  /** When the check began, in milliseconds of `performance.now()`. */
  readonly since: number
  readonly states: number
  /** What is still held of them. */
  readonly bytes: number
}

/** How a search goes on while it runs. */
export interface Progress {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** States found but not expanded yet. */
  readonly queue: number
  readonly seconds: number
}

/** What {@link explore} may be told. */
export interface SearchOptions extends Limits {
  /** Limits are those of a whole check, which may take several searches; absent: this is the first. */
  readonly spent?: Spent | undefined
  /** The most states of each of those searches. */
  readonly maxSpace?: number
  readonly stopAtFirst?: boolean
  readonly keepEdges?: boolean
  /** Threads, this one included; more than one needs a recipe, and takes part only once the space turns out large. */
  readonly workers?: number
  /** How the other threads make the same system and watch. */
  readonly recipe?: Recipe
  /** Where the search is saved now and then, and when it is cut; removed when it is complete. */
  readonly checkpoint?: Checkpoint | undefined
  /** Keeps a fingerprint of each state only: smaller, never exact, by one thread, without edges and checkpoints. */
  readonly fingerprints?: CompactionOptions | undefined
  /** States from which on other threads are waited for and help, however few there are; otherwise time decides. */
  readonly helpFrom?: number
  /** States in a batch of several threads; by default, and at most, 8192. */
  readonly batch?: number
  /** Told in words if something was lost that the search did without. */
  readonly onTrouble?: (what: string) => void
  /** Makes the search visit less than everything; for one thread that keeps states exactly. */
  readonly reducer?: (expander: Expander) => Expander
  /** Looks after every state whether code wrote what a state does not have: what a search does over again that met such a thing. */
  readonly careful?: boolean
  /** Aborted: the search ends with what was done. */
  readonly signal?: { readonly aborted: boolean }
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void
}

/** How a search is saved. */
export interface Checkpoint {
  readonly file: string
  /** Seconds between two savings; default 60. */
  readonly every?: number
  /** A hash of all that the model is made of; null if that cannot be known; absent: the system is compared. */
  readonly basis?: string | null
  /** Goes on from the file if it exists. */
  readonly resume: boolean
  /** Told if it could not be saved; the search goes on. */
  readonly onFailure?: (what: string) => void
}

/** States expanded between two looks at the clock. */
const stretch = 1024

/** Thrown where code has written what a state does not have, nobody knows when. */
class Stray extends Error {}
/** Milliseconds of search after which other threads are worth their start; and states of one level that are worth a batch. */
const helpAfter = 250
const leastBatch = 1024

/** Milliseconds between two turns of the event loop, so that Ctrl-C and progress get through. */
const breath = 100

/** Explores a system breadth-first. The graph tells whether the search was complete. */
export async function explore(system: System, watch: Watch, options: SearchOptions = {}): Promise<Graph> {
  if (options.fingerprints && (options.keepEdges || options.checkpoint))
    throw new Error('a search by fingerprints keeps neither edges nor checkpoints')
  const expander = compile(system, watch, options.fingerprints)
  const search = new Search(options.reducer?.(expander) ?? expander, options)
  try {
    await search.run()
    return search.graph()
  } catch (cause) {
    if (cause instanceof Stray)
      return explore(system, watch, { ...options, ...search.anew(), workers: 1, careful: true })
    if (!(cause instanceof WorkerLost)) throw cause
    options.onTrouble?.(`${cause.message}; this thread begins again alone`)
    return explore(system, watch, { ...options, ...search.again(), workers: 1 })
  }
}

class Search {
  private readonly began = performance.now()
  private saved = this.began
  private readonly edges: Edges | undefined
  private head = 0
  private transitions = 0
  private depth = 0
  private levelEnd = 0
  private cut: Cut | undefined
  private fault: Graph['fault']
  private coordinator: Coordinator | undefined
  private batches = 0
  /** Up to this state a single thread goes on: a batch from here did not go through. */
  private aloneUntil = 0
  private readonly spent: Spent

  constructor(
    private readonly expander: Expander,
    private readonly options: SearchOptions,
  ) {
    this.spent = options.spent ?? { since: this.began, states: 0, bytes: 0 }
    this.edges = options.keepEdges ? { first: new Vector(), target: new Vector(), by: new Vector() } : undefined
  }

  async run(): Promise<void> {
    try {
      await this.levels()
      await this.coordinator?.end()
    } catch (cause) {
      await this.coordinator?.abandon()
      throw cause
    } finally {
      this.expander.compaction?.frontier.close()
    }
    this.edges?.first.push(this.edges.target.length)
  }

  /** Begins, or goes on from a checkpoint. */
  private start(): void {
    const { expander, edges, options } = this
    if (options.checkpoint?.resume && existsSync(options.checkpoint.file)) {
      Object.assign(this, load(options.checkpoint.file, { expander, edges }, options.checkpoint.basis))
      return
    }
    expander.start()
    this.levelEnd = expander.store.count()
  }

  /** How to begin again: from where it was saved, and with the time that is left. */
  again(): Pick<SearchOptions, 'checkpoint' | 'spent'> {
    const { checkpoint } = this.options
    return {
      spent: this.spent,
      ...(checkpoint && { checkpoint: { ...checkpoint, resume: checkpoint.resume || this.saved > this.began } }),
    }
  }

  /** How to begin from the start: what was saved since may not be true. */
  anew(): Pick<SearchOptions, 'checkpoint' | 'spent'> {
    const { checkpoint } = this.options
    return { spent: this.spent, ...(checkpoint && { checkpoint: { ...checkpoint, resume: false } }) }
  }

  /** Saves the search; what helpers have found is fetched first, and they are started again if need be. */
  private async save({ file, basis, onFailure }: Checkpoint): Promise<void> {
    const { expander, edges, head, transitions, depth, levelEnd } = this
    await this.coordinator?.end()
    this.coordinator = undefined
    try {
      save(file, { expander, edges }, { head, transitions, depth, levelEnd }, basis)
    } catch (cause) {
      onFailure?.(`checkpoint ${file} could not be written: ${(cause as Error).message}`)
    }
    this.saved = performance.now()
  }

  private async levels(): Promise<void> {
    let rested = this.began
    this.start()
    while (!this.cut && this.head < this.expander.store.count()) {
      if (!(await this.together())) this.stretch()
      const now = performance.now()
      if (now - rested > breath) {
        beat()
        this.options.onProgress?.(this.progress())
        await new Promise((resolve) => setImmediate(resolve))
        rested = performance.now()
      }
      this.cut ??= this.limitHit()
      const { checkpoint } = this.options
      const due = rested - this.saved >= (checkpoint?.every ?? 60) * 1000
      if (checkpoint && (this.cut ? !this.fault : due)) await this.save(checkpoint)
    }
    if (!this.cut && this.options.checkpoint) rmSync(this.options.checkpoint.file, { force: true })
  }

  /** Expands a batch of states with the help of other threads, if that is worth it. */
  private async together(): Promise<boolean> {
    const { expander, options, head } = this
    const { workers = 1, recipe, helpFrom, stopAtFirst = false } = options
    if (workers < 2 || !recipe || expander.compaction || !this.worthHelp()) return false
    const batch = Math.min(options.batch ?? batchStates, batchStates)
    this.coordinator ??= new Coordinator(expander, recipe, workers, batch, this.edges)
    // Otherwise this thread goes on alone while the others get ready.
    if (helpFrom !== undefined) await this.coordinator.assembled()
    this.level()
    if (!this.coordinator.ready() || head < this.aloneUntil) return false
    if (this.levelEnd - head < Math.min(leastBatch, helpFrom ?? Infinity)) return false
    const began = performance.now()
    const done = await this.coordinator.expand(head, this.levelEnd, {
      // Nobody but one thread looks often enough to stop at the same state.
      more: (states) =>
        this.bytes() + this.mostBytes(states) < (options.maxMemory ?? Infinity) && performance.now() - began < breath,
      stop: (states, broken) => states > this.mostStates() || (stopAtFirst && broken),
    })
    this.head += done.expanded
    this.batches += done.batches
    this.transitions += done.transitions
    this.aloneUntil = this.head + done.alone
    return done.expanded > 0
  }

  /** Whether this is not one of the many small spaces that are done before another thread has started. */
  private worthHelp(): boolean {
    const { helpFrom } = this.options
    if (helpFrom !== undefined) return this.expander.store.count() >= helpFrom
    return this.coordinator !== undefined || performance.now() - this.began > helpAfter
  }

  /** Notices that a level is finished. */
  private level(): void {
    if (this.head !== this.levelEnd) return
    this.depth++
    this.levelEnd = this.expander.store.count()
  }

  /** Expands up to a stretch of states. */
  private stretch(): void {
    trapped(() => this.expandSome(this.options.careful))
    if (!this.options.careful && this.expander.strays()) throw new Stray()
  }

  private expandSome(careful = false): void {
    const { expander, edges } = this
    const { count } = expander.store
    // Stretches end at the same states whatever other threads did before, and so do limits.
    const until = Math.min(this.head - (this.head % stretch) + stretch, count())
    try {
      while (this.head < until) {
        this.level()
        const known = count()
        const taken = expander.expand(this.head)
        if (careful && expander.strays()) throw new Error('it writes what is not declared')
        expander.store.parents.push(count() - known)
        this.transitions += taken
        if (edges) {
          edges.first.push(edges.target.length)
          for (let i = 0; i < taken; i++) {
            edges.target.push(expander.successors[i]!)
            edges.by.push(expander.taken[i]!)
          }
        }
        this.head++
      }
    } catch (cause) {
      if (cause instanceof Unreadable) {
        this.cut = { limit: 'memory', says: `${cause.message}: ${this.done()}` }
        return
      }
      if (!careful && expander.strays()) throw new Stray()
      const fault = diagnose(expander, this.head, cause)
      this.fault = { id: this.head, fault }
      this.cut = { limit: 'fault', says: `the model is at fault: ${fault.message}` }
    }
  }

  private limitHit(): Cut | undefined {
    const { maxStates = Infinity, maxMemory = Infinity, maxSeconds = Infinity, signal, stopAtFirst } = this.options
    const most = this.mostStates()
    const states = this.expander.store.count()
    const seconds = (performance.now() - this.spent.since) / 1000
    if (this.head === states) return undefined
    const done = this.done()
    if (signal?.aborted) return { limit: 'interrupt', says: `interrupted: ${done}` }
    if (stopAtFirst && violationIn(this.expander.findings, this.expander.watch))
      return { limit: 'first violation', says: `stopped at the first violation: ${done}` }
    if (states > most)
      return {
        limit: 'states',
        says: `--max-states ${Number.isFinite(maxStates) ? maxStates : most} was hit: ${done}; raise it, or choose smaller parameters`,
      }
    if (this.bytes() >= maxMemory) {
      const { compaction } = this.expander
      const short = compaction ? compaction.relieve(maxMemory - this.spent.bytes) : ''
      if (short !== undefined)
        return {
          limit: 'memory',
          says: `--max-memory was hit${short}: ${done}; raise it, or choose smaller parameters`,
        }
    }
    if (seconds >= maxSeconds)
      return {
        limit: 'seconds',
        says: `--max-seconds ${maxSeconds} was hit: ${done}; raise it, or choose smaller parameters`,
      }
    return undefined
  }

  /** States that this search may find. */
  private mostStates(): number {
    const { maxStates = Infinity, maxSpace = Infinity } = this.options
    return Math.min(maxStates - this.spent.states, maxSpace)
  }

  private bytes(): number {
    return this.spent.bytes + bytesOf(this.expander, this.edges)
  }

  /** Bytes that expanding so many states could take at most. */
  private mostBytes(states: number): number {
    const { store, system } = this.expander
    const found = states * system.transitions.length
    const index = slotsFor(store.count() + found) - slotsFor(store.count())
    // A word for each new state is more than its parent takes; two are for an edge.
    return 4 * (found * (store.words + 3) + states + index)
  }

  private done(): string {
    return `${this.head} of at least ${this.expander.store.count()} states were expanded, to depth ${this.depth}`
  }

  private progress(): Progress {
    const states = this.expander.store.count()
    return {
      states,
      transitions: this.transitions,
      depth: this.depth,
      queue: states - this.head,
      seconds: (performance.now() - this.began) / 1000,
    }
  }

  graph(): Graph {
    const { states, transitions, depth } = this.progress()
    const fingerprints = this.expander.compaction?.trusted(!this.cut)
    const cut = this.cut ?? (fingerprints && { limit: 'fingerprints', says: inexact(fingerprints) })
    return {
      expander: this.expander,
      states,
      transitions,
      depth,
      expanded: this.head,
      batches: this.batches,
      ...(cut && { cut }),
      ...(fingerprints && { fingerprints }),
      ...(this.fault && { fault: this.fault }),
      ...(this.edges && { edges: this.edges }),
    }
  }
}

/** Finds out in slow motion what went wrong while a state was expanded. */
function diagnose(expander: Expander, id: number, cause: unknown): Fault {
  try {
    inspect(expander.system, expander.watch, expander.stateOf(id))
  } catch (found) {
    if (found instanceof Fault) return found
    throw found
  }
  if (cause instanceof Mistake) throw cause
  // It went well the second time.
  const message = cause instanceof Error ? cause.message : String(cause)
  return new Fault('nondeterministic', 'a guard, effect or predicate', message, { cause })
}
