/** The search behind a walk: batches of random runs, each from a seed of its own, and what is made of a run that breaks something. */

import fc from 'fast-check'
import { ofShape } from '../../write/arbitrary.js'
import { Mistake, unknownName } from '../../write/mistake.js'
import type { Arg, Model } from '../../write/model.js'
import type { Properties, Property } from '../../write/property.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { builtIn, propertiesFor } from '../../search/check.js'
import { stillViolates } from '../counterexample.js'
import { Coverage, type Covered, type Met } from './coverage.js'
import { heuristicOf, type Heuristic } from './heuristic.js'
import { RunJudge, visible, type BrokenRun } from './run-judge.js'
import type { Run } from '../../search/run.js'
import type { Modules } from '../../search/parallel/protocol-recipe.js'
import { shorten } from './shorten.js'
import { runAlong, RunArbitrary, type DrawnRun } from './run-arbitrary.js'
import type { Verdict } from '../../search/verdict.js'

/** How a walk searches. */
export interface WalkOptions {
  /** The one property to look for; default: all of them at once. */
  readonly property?: string
  /** Default 10, unless `runs` is given. */
  readonly seconds?: number
  /** The most runs; with it alone the result is the same on every machine. */
  readonly runs?: number
  /** The most steps of a run; default 256. */
  readonly maxSteps?: number
  /** Default 1. */
  readonly seed?: number
  /** The path that was printed with a seed: takes exactly that run again. */
  readonly path?: string
  /** Draws the parameters that the choice leaves open from their ranges, small ones first. */
  readonly vary?: boolean
  /** Threads that walk side by side, 1 to 64; default 1. What is found does not depend on it. */
  readonly workers?: number
  /** Where the model and its properties come from, so that other threads can load them; several workers need it. */
  readonly modules?: Modules
  /** Aborted: the search ends with what was done. */
  readonly signal?: AbortSignal
  /** Called now and then with what was done so far. */
  readonly onProgress?: (progress: { readonly runs: number; readonly states: number }) => void
}

/** A violation that was walked into. */
export interface WalkFinding {
  /** What it was caught in: with `vary`, which parameters were drawn. */
  readonly system: System
  /** `violated`, with the run as it was made short. */
  readonly verdict: Verdict & { readonly run: Run }
  /** The property; absent for the two that every model has. */
  readonly property?: Property
  /** Whether no shorter run breaks the property. */
  readonly shortest: boolean
  /** Steps of the run as it was drawn, and as shrinking left it. */
  readonly drawn: number
  /** Steps that shrinking left. */
  readonly shrunk: number
  /** What draws it again. */
  readonly seed: number
  /** With the seed: the run itself. */
  readonly path: string
}

/** What came of a random search. */
export interface WalkOutcome {
  /** The violation; absent if none was walked into. */
  readonly caught?: WalkFinding
  /** Whole runs drawn; what shrinking tried does not count. */
  readonly runs: number
  /** Different states that were expanded; what several threads met counts for each. */
  readonly states: number
  /** Properties that were not looked for: no walk can show them broken, or they want a walk of their own. */
  readonly left: readonly string[]
  /** Which steps were taken, and which never. */
  readonly covered: Covered
}

/** What the runs of one batch came to. */
export interface Batch {
  /** Of the batch and all before it in this search. */
  readonly runs: number
  readonly states: number
  readonly met: Met
  /** The first run that breaks something, by the seed and the path that take it again, and its steps before it was shrunk. */
  readonly find?: { readonly seed: number; readonly path: string; readonly drawn: number }
}

/** A find with its run. */
interface Find extends NonNullable<Batch['find']> {
  readonly walk: DrawnRun
}

/** Runs between two looks at the clock. */
export const batchRuns = 32

/** States after which what is remembered of them is forgotten. */
const most = 1_500_000

/** One thread's search. A batch depends on nothing but its number: whatever thread draws it, it finds the same. */
export class RandomSearch {
  private readonly all: readonly Property[]
  private readonly seed: number
  private readonly grounds = new Map<string, RunJudge | undefined>()
  private readonly coverage: Coverage
  private guide: Heuristic | undefined
  private last: Find | undefined
  private runs = 0
  private states = 0

  constructor(
    private readonly model: Model,
    private readonly properties: Properties,
    private readonly choice: Choice,
    private readonly options: WalkOptions,
  ) {
    const system = instantiate(model, choice)
    this.all = propertiesFor(system, properties)
    this.seed = options.seed ?? 1
    this.coverage = new Coverage(system)
    this.refuse(options)
  }

  /** The model's name. */
  get name(): string {
    return this.model.name
  }

  private refuse({ property: asked, path }: WalkOptions): void {
    const where = `walk of ${this.model.name}`
    if (path !== undefined && !/^\d+(:\d+)*$/.test(path))
      throw new Mistake(where, `'${path}' is not a path`, 'a path is printed with a find: numbers joined by colons')
    if (asked === undefined) return
    const names = [...Object.keys(builtIn), ...this.all.map(({ name }) => name)]
    if (!names.includes(asked)) throw unknownName(where, 'property', asked, names)
    const kind = this.all.find(({ name }) => name === asked)?.kind
    if (kind && !visible(kind))
      throw new Mistake(where, `'${asked}' is ${kind}: that no walk can show broken`, 'ask `thawproof check`')
  }

  private wanted = (name: string): boolean => (this.options.property ?? name) === name

  /** Draws advice; before the first batch. */
  async prepare(): Promise<void> {
    this.guide = await heuristicOf(this.model, this.properties, this.choice, this.wanted)
  }

  /** The runs of the batch of that number, up to the first that breaks something. */
  batch(number: number): Batch {
    const { runs = Infinity, path } = this.options
    const numRuns = Math.min(batchRuns, runs - number * batchRuns)
    const find = numRuns > 0 ? this.drawnFrom(this.seed + number, numRuns, path) : undefined
    const { seed, drawn } = find ?? {}
    this.last = find
    this.forget()
    const done = { runs: this.runs, states: this.seen(), met: this.coverage.met() }
    return { ...done, ...(find && { find: { seed: seed!, path: find.path, drawn: drawn! } }) }
  }

  /** What is made of a find: the shortest run around it. Takes the run again if another thread has drawn it. */
  caught({ seed, path, drawn }: NonNullable<Batch['find']>): WalkFinding {
    const own = this.last?.seed === seed ? this.last : this.drawnFrom(seed, 1, path)
    if (!own) throw new Error(`seed ${seed} and path ${path} break nothing here, but do in another thread`)
    return this.shortened(own.walk, drawn, seed, path)
  }

  /** Properties that are not looked for. */
  left(): readonly string[] {
    return this.judgeOf({})!.left
  }

  private drawnFrom(seed: number, numRuns: number, path: string | undefined): Find | undefined {
    const walks = new RunArbitrary({
      guide: this.guide!,
      maxSteps: this.options.maxSteps ?? 256,
      ground: (random) => this.ground(random),
      simpler: (judge) => this.simpler(judge),
    })
    let drawn = -1
    const judged = ({ judge, trail }: DrawnRun): boolean => {
      const found = judge.broken(trail)
      if (drawn < 0) {
        this.runs++
        this.coverage.add(judge, trail)
        if (found) drawn = found.trail.by.length
      }
      return !found
    }
    const { failed, counterexample, counterexamplePath } = fc.check(fc.property(walks, judged), {
      seed,
      numRuns,
      ...(path !== undefined && { path }),
    })
    if (!failed || !counterexample) return undefined
    return { seed, path: counterexamplePath, drawn, walk: counterexample[0] }
  }

  private shortened({ judge, trail }: DrawnRun, drawn: number, seed: number, path: string): WalkFinding {
    const shrunk = judge.broken(trail)!
    const { found, shortest } = shorten(judge, shrunk)
    const run = runAlong(judge, found.trail)
    this.confirm(judge, found, run)
    const { name, kind, says, why } = found.suspect
    const fault = judge.graph.at(found.trail.ids.at(-1)!).fault
    const because = fault?.message ?? why
    const property = judge.properties.find((one) => one.name === name)
    return {
      system: judge.graph.system,
      ...(property && { property }),
      verdict: { property: name, kind, says, verdict: 'violated', run, ...(because && { why: because }) },
      shortest,
      drawn,
      shrunk: shrunk.trail.by.length,
      seed,
      path,
    }
  }

  /** What the reference execution does not confirm must not be printed. */
  private confirm({ graph, properties }: RunJudge, { suspect: { name, kind } }: BrokenRun, run: Run): void {
    if (kind !== 'always' && kind !== 'step' && kind !== 'no-deadlock') return
    const names = run.steps.map(({ transition }) => transition.name)
    if (!stillViolates(graph.system, properties, { property: name, initial: run.initial, names }))
      throw new Error(`the reference execution does not confirm what was found on ${name}`)
  }

  private ground(random: fc.Random): RunJudge {
    for (let tries = 0; this.options.vary && tries < 20; tries++) {
      const judge = this.judgeOf(this.drawn(random))
      if (judge) return judge
    }
    return this.judgeOf({})!
  }

  /** Values for the parameters that are left open; small numbers are more likely than large ones. */
  private drawn(random: fc.Random): Record<string, Arg> {
    const open = this.open().map(([name, { domain }]) => {
      const { shape } = domain
      if (shape.kind !== 'int') return [name, ofShape(shape).generate(random, undefined).value as Arg] as const
      const room = random.nextInt(0, Math.min(shape.hi - shape.lo, 1 << random.nextInt(0, 16)))
      return [name, shape.lo + room] as const
    })
    return Object.fromEntries(open)
  }

  private open(): [string, NonNullable<Model['declared']['parameters']>[string]][] {
    return Object.entries(this.model.declared.parameters ?? {}).filter(
      ([name]) => !Object.hasOwn(this.choice.parameters ?? {}, name),
    )
  }

  /** The same with one number at its least, or one less. */
  private *simpler({ graph }: RunJudge): Iterable<RunJudge> {
    const { parameters } = graph.system
    for (const [name, { domain }] of this.options.vary ? this.open() : []) {
      const now = parameters[name]
      if (domain.shape.kind !== 'int' || typeof now !== 'number') continue
      for (const less of new Set([domain.shape.lo, now - 1])) {
        const judge = less >= domain.shape.lo && less < now ? this.judgeOf({ ...parameters, [name]: less }) : undefined
        if (judge) yield judge
      }
    }
  }

  /** The judge in the system of some parameters, or undefined if they make none. */
  private judgeOf(parameters: Readonly<Record<string, Arg>>): RunJudge | undefined {
    const key = JSON.stringify(Object.entries(parameters).sort())
    if (!this.grounds.has(key)) this.grounds.set(key, this.made(parameters))
    return this.grounds.get(key)
  }

  private made(parameters: Readonly<Record<string, Arg>>): RunJudge | undefined {
    try {
      const system = instantiate(this.model, {
        ...this.choice,
        parameters: { ...parameters, ...this.choice.parameters },
      })
      return new RunJudge(system, propertiesFor(system, this.properties), this.wanted)
    } catch (error) {
      if (error instanceof Mistake && Object.keys(parameters).length > 0) return undefined
      throw error
    }
  }

  private seen(): number {
    let states = this.states
    for (const judge of this.grounds.values()) states += judge?.graph.visited ?? 0
    return states
  }

  /** Bounds memory; what was forgotten is expanded again when somebody comes by, with the same result. */
  private forget(): void {
    const seen = this.seen()
    if (seen - this.states < most) return
    this.states = seen
    this.grounds.clear()
  }
}
