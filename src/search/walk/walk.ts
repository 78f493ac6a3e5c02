/** Random search: walks runs until one breaks a property, makes it short, and says what was covered; it proves nothing. */

import fc from 'fast-check'
import { ofShape } from '../../write/arbitrary.js'
import { Mistake, unknownName } from '../../write/mistake.js'
import type { Arg, Model } from '../../write/model.js'
import type { Properties, Property } from '../../write/property.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { builtIn, propertiesFor } from '../check.js'
import { shows } from '../variants/counterexample.js'
import { Coverage, type Covered } from './coverage.js'
import { learn, type Guide } from './guide.js'
import { Hunt, visible, type Catch } from './hunt.js'
import type { Run } from '../run.js'
import { shorten } from './shorten.js'
import { runAlong, Walks, type Walk } from './trails.js'
import type { Verdict } from '../verdict.js'

/** How {@link walk} searches. */
export interface WalkOptions {
  /** The one property to hunt; default: all of them at once. */
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
  /** Aborted: the search ends with what was done. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: { readonly runs: number; readonly states: number }) => void
}

/** A violation that was walked into. */
export interface Caught {
  readonly system: System
  /** `violated`, with the run as it was made short. */
  readonly verdict: Verdict & { readonly run: Run }
  /** The property; absent for the two that every model has. */
  readonly property?: Property
  /** Whether no shorter run breaks the property. */
  readonly shortest: boolean
  /** Steps of the run as it was drawn, and as shrinking left it. */
  readonly drawn: number
  readonly shrunk: number
  /** What draws it again. */
  readonly seed: number
  readonly path: string
}

/** What came of a random search. */
export interface Walked {
  readonly caught?: Caught
  /** Whole runs drawn; what shrinking tried does not count. */
  readonly runs: number
  /** Different states that were expanded. */
  readonly states: number
  /** Properties that were not looked for: no walk can show them broken, or they want a walk of their own. */
  readonly left: readonly string[]
  readonly covered: Covered
}

/** Runs between two looks at the clock. */
const batch = 32

/** States after which what is remembered of them is forgotten. */
const most = 1_500_000

/**
 * Walks random runs of a model until one breaks a property or the budget is spent.
 * @throws Mistake for a property that does not exist or that no finite run can show.
 */
export async function walk(
  model: Model,
  properties: Properties,
  choice: Choice,
  options: WalkOptions = {},
): Promise<Walked> {
  const search = new Search(model, properties, choice, options)
  return search.run()
}

class Search {
  private readonly all: readonly Property[]
  private readonly seed: number
  private readonly grounds = new Map<string, Hunt | undefined>()
  private readonly coverage: Coverage
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
    this.refuse(options.property)
  }

  private refuse(asked: string | undefined): void {
    if (asked === undefined) return
    const where = `walk of ${this.model.name}`
    const names = [...Object.keys(builtIn), ...this.all.map(({ name }) => name)]
    if (!names.includes(asked)) throw unknownName(where, 'property', asked, names)
    const kind = this.all.find(({ name }) => name === asked)?.kind
    if (kind && !visible(kind))
      throw new Mistake(where, `'${asked}' is ${kind}: that no walk can show broken`, 'ask `thawproof check`')
  }

  private wanted = (name: string): boolean => (this.options.property ?? name) === name

  async run(): Promise<Walked> {
    const guide = await learn(this.model, this.properties, this.choice, this.wanted)
    const { seconds = this.options.runs === undefined ? 10 : Infinity, runs = Infinity, signal, path } = this.options
    const end = performance.now() + seconds * 1000
    for (let i = 0; ; i++) {
      const caught = this.batch(guide, this.seed + i, Math.min(batch, runs - this.runs))
      if (caught) return this.walked(caught)
      if (path !== undefined)
        throw new Mistake(
          `walk of ${this.model.name}`,
          `seed ${this.seed} and path ${path} break nothing`,
          'give the same instance and property, and the same model',
        )
      if (this.runs >= runs || performance.now() >= end || signal?.aborted) return this.walked()
      this.forget()
      this.options.onProgress?.({ runs: this.runs, states: this.seen() })
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Some runs of one seed, and what is made of the first that breaks something. */
  private batch(guide: Guide, seed: number, numRuns: number): Caught | undefined {
    const { maxSteps = 256, path } = this.options
    const walks = new Walks({
      guide,
      maxSteps,
      ground: (random) => this.ground(random),
      simpler: (hunt) => this.simpler(hunt),
    })
    let drawn = -1
    const judged = ({ hunt, trail }: Walk): boolean => {
      const found = hunt.judge(trail)
      if (drawn < 0) {
        this.runs++
        this.coverage.add(hunt, trail)
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
    return this.caught(counterexample[0], drawn, seed, counterexamplePath)
  }

  private caught({ hunt, trail }: Walk, drawn: number, seed: number, path: string): Caught {
    const shrunk = hunt.judge(trail)!
    const { found, shortest } = shorten(hunt, shrunk)
    const run = runAlong(hunt, found.trail)
    this.confirm(hunt, found, run)
    const { name, kind, says, why } = found.quarry
    const fault = hunt.terrain.at(found.trail.ids.at(-1)!).fault
    const because = fault?.message ?? why
    const property = hunt.properties.find((one) => one.name === name)
    return {
      system: hunt.terrain.system,
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
  private confirm({ terrain, properties }: Hunt, { quarry: { name, kind } }: Catch, run: Run): void {
    if (kind !== 'always' && kind !== 'step' && kind !== 'no-deadlock') return
    const names = run.steps.map(({ transition }) => transition.name)
    if (!shows(terrain.system, properties, { property: name, initial: run.initial, names }))
      throw new Error(`the reference execution does not confirm what was found on ${name}`)
  }

  private ground(random: fc.Random): Hunt {
    for (let tries = 0; this.options.vary && tries < 20; tries++) {
      const hunt = this.hunt(this.drawn(random))
      if (hunt) return hunt
    }
    return this.hunt({})!
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
  private *simpler({ terrain }: Hunt): Iterable<Hunt> {
    const { parameters } = terrain.system
    for (const [name, { domain }] of this.options.vary ? this.open() : []) {
      const now = parameters[name]
      if (domain.shape.kind !== 'int' || typeof now !== 'number') continue
      for (const less of new Set([domain.shape.lo, now - 1])) {
        const hunt = less >= domain.shape.lo && less < now ? this.hunt({ ...parameters, [name]: less }) : undefined
        if (hunt) yield hunt
      }
    }
  }

  /** The hunt in the system of some parameters, or undefined if they make none. */
  private hunt(parameters: Readonly<Record<string, Arg>>): Hunt | undefined {
    const key = JSON.stringify(Object.entries(parameters).sort())
    if (!this.grounds.has(key)) this.grounds.set(key, this.made(parameters))
    return this.grounds.get(key)
  }

  private made(parameters: Readonly<Record<string, Arg>>): Hunt | undefined {
    try {
      const system = instantiate(this.model, {
        ...this.choice,
        parameters: { ...parameters, ...this.choice.parameters },
      })
      return new Hunt(system, propertiesFor(system, this.properties), this.wanted)
    } catch (error) {
      if (error instanceof Mistake && Object.keys(parameters).length > 0) return undefined
      throw error
    }
  }

  private seen(): number {
    let states = this.states
    for (const hunt of this.grounds.values()) states += hunt?.terrain.visited ?? 0
    return states
  }

  /** Bounds memory; what was forgotten is expanded again when somebody comes by, with the same result. */
  private forget(): void {
    const seen = this.seen()
    if (seen - this.states < most) return
    this.states = seen
    this.grounds.clear()
  }

  private walked(caught?: Caught): Walked {
    const { left } = this.hunt({})!
    return { ...(caught && { caught }), runs: this.runs, states: this.seen(), left, covered: this.coverage.covered() }
  }
}

/** A property that a random search found broken: thrown by {@link searchProperty}, with the run in its message. */
export class Violation extends Error {
  override readonly name = 'Violation'
  constructor(readonly caught: Caught) {
    const { verdict, seed, path, system } = caught
    const parameters = Object.entries(system.parameters).map(([name, value]) => `${name}=${value}`)
    const steps = verdict.run.steps.map(({ transition }, i) => `  ${i + 1}. ${transition.name}`)
    super(
      [
        `${verdict.property} is violated in ${steps.length} steps${verdict.why ? `: ${verdict.why}` : ''}`,
        `required: ${verdict.says}`,
        ...(parameters.length > 0 ? [`with ${parameters.join(' ')}`] : []),
        ...steps,
        `again with { seed: ${seed}, path: '${path}' }`,
      ].join('\n'),
    )
  }
}

/**
 * Random search in one's own tests: `it('wakes up', () => searchProperty(model, property, { runs: 1000 }))`.
 * @returns what was covered; nothing was found, which proves nothing.
 * @throws Violation if a run breaks the property; the run is short, and replayed by the reference execution.
 */
export async function searchProperty(
  model: Model,
  property: Property,
  { parameters, patches, fairness, ...options }: Choice & Omit<WalkOptions, 'property'> = {},
): Promise<Walked> {
  const choice = { ...(parameters && { parameters }), ...(patches && { patches }), ...(fairness && { fairness }) }
  const walked = await walk(model, [property], choice, { ...options, property: property.name })
  if (walked.caught) throw new Violation(walked.caught)
  return walked
}
