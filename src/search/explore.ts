/** The search: breadth-first over a compiled system, within limits, with progress. */

import type { System } from '../write/system.js'
import { compile, type Expander, type Watch } from './expander.js'
import { Vector, type Cut, type Edges, type Graph } from './graph.js'
import { enabled, Fault, guarded, take } from './reference.js'

/** Limits of a search; a limit that is hit ends it, and the graph says so. */
export interface Limits {
  readonly maxStates?: number
  /** Bytes of packed states and index. */
  readonly maxMemory?: number
  readonly maxSeconds?: number
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
  readonly stopAtFirst?: boolean
  readonly keepEdges?: boolean
  /** Aborted: the search ends with what was done. */
  readonly signal?: AbortSignal
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void
}

/** States expanded between two looks at the clock. */
const stretch = 1024

/** Milliseconds between two turns of the event loop, so that Ctrl-C and progress get through. */
const breath = 100

/** Explores a system breadth-first, exactly. The graph tells whether the search was complete. */
export async function explore(system: System, watch: Watch, options: SearchOptions = {}): Promise<Graph> {
  const search = new Search(compile(system, watch), options)
  await search.run()
  return search.graph()
}

class Search {
  private readonly began = performance.now()
  private readonly edges: Edges | undefined
  private head = 0
  private transitions = 0
  private depth = 0
  private levelEnd = 0
  private cut: Cut | undefined
  private fault: Graph['fault']

  constructor(
    private readonly expander: Expander,
    private readonly options: SearchOptions,
  ) {
    this.edges = options.keepEdges ? { first: new Vector(), target: new Vector(), by: new Vector() } : undefined
  }

  async run(): Promise<void> {
    let rested = this.began
    this.expander.start()
    this.levelEnd = this.expander.store.count()
    while (!this.cut && this.head < this.expander.store.count()) {
      this.stretch()
      const now = performance.now()
      if (now - rested > breath) {
        this.options.onProgress?.(this.progress())
        await new Promise((resolve) => setImmediate(resolve))
        rested = performance.now()
      }
      this.cut ??= this.limitHit()
    }
    this.edges?.first.push(this.edges.target.length)
  }

  /** Expands up to a stretch of states. */
  private stretch(): void {
    const { expander, edges } = this
    const { count } = expander.store
    const until = Math.min(this.head + stretch, count())
    try {
      while (this.head < until) {
        if (this.head === this.levelEnd) {
          this.depth++
          this.levelEnd = count()
        }
        const taken = expander.expand(this.head)
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
      const fault = diagnose(expander, this.head, cause)
      this.fault = { id: this.head, fault }
      this.cut = { limit: 'fault', says: `the model is at fault: ${fault.message}` }
    }
  }

  private limitHit(): Cut | undefined {
    const { maxStates = Infinity, maxMemory = Infinity, maxSeconds = Infinity, signal, stopAtFirst } = this.options
    const { states, seconds } = this.progress()
    if (this.head === states) return undefined
    const done = `${this.head} of at least ${states} states were expanded, to depth ${this.depth}`
    if (signal?.aborted) return { limit: 'interrupt', says: `interrupted: ${done}` }
    if (stopAtFirst && this.somethingBroken())
      return { limit: 'first violation', says: `stopped at the first violation: ${done}` }
    if (states >= maxStates)
      return {
        limit: 'states',
        says: `--max-states ${maxStates} was hit: ${done}; raise it, or choose smaller parameters`,
      }
    if (this.expander.store.bytes() >= maxMemory)
      return { limit: 'memory', says: `--max-memory was hit: ${done}; raise it, or choose smaller parameters` }
    if (seconds >= maxSeconds)
      return {
        limit: 'seconds',
        says: `--max-seconds ${maxSeconds} was hit: ${done}; raise it, or choose smaller parameters`,
      }
    return undefined
  }

  private somethingBroken(): boolean {
    const { states, steps, dead } = this.expander.findings
    return [...states.broken, ...steps.broken, ...dead].some((id) => id >= 0)
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
    return {
      expander: this.expander,
      states,
      transitions,
      depth,
      expanded: this.head,
      ...(this.cut && { cut: this.cut }),
      ...(this.fault && { fault: this.fault }),
      ...(this.edges && { edges: this.edges }),
    }
  }
}

/** Finds out in slow motion what went wrong while a state was expanded. */
function diagnose(expander: Expander, id: number, cause: unknown): Fault {
  const { system } = expander
  const here = expander.stateOf(id)
  try {
    for (const transition of enabled(system, here)) take(system, here, transition)
    guarded('resting', 'it', () => system.resting(here.state, here.at))
  } catch (found) {
    if (found instanceof Fault) return found
    throw found
  }
  // Only a predicate of a property, or code that behaves differently the second time, is left.
  const message = cause instanceof Error ? cause.message : String(cause)
  return new Fault('throws', 'a property or an unsteady effect', message, { cause })
}
