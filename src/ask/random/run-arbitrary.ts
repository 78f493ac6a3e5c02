/** Random runs as fast-check arbitraries: drawn step by step with advice, shrunk by leaving steps out. */

import fc from 'fast-check'
import type { System } from '../../write/system.js'
import type { Heuristic } from './heuristic.js'
import { RunJudge, type Trail } from './run-judge.js'
import { replay, type Run } from '../../search/run.js'

/** A random run of one system. */
export interface DrawnRun {
  readonly judge: RunJudge
  readonly trail: Trail
}

/** How the runs of a system are drawn. */
export interface Draw {
  readonly guide: Heuristic
  /** The most steps of a run. */
  readonly maxSteps: number
  /** The system for this run; shrinking asks for simpler ones. */
  readonly ground: (random: fc.Random) => RunJudge
  readonly simpler: (judge: RunJudge) => Iterable<RunJudge>
}

const ordinary: Heuristic = { weight: () => 1, distance: () => 0, knowing: false }

/**
 * Random runs of a system, as the reference execution tells them; they shrink to shorter ones. For one's own laws:
 * `fc.assert(fc.property(runsOf(instantiate(model)), (run) => …))`.
 */
export function runsOf(system: System, { maxSteps = 50 }: { readonly maxSteps?: number } = {}): fc.Arbitrary<Run> {
  const judge = new RunJudge(system, [], () => false)
  const draw = { guide: ordinary, maxSteps, ground: () => judge, simpler: () => [] }
  return new RunArbitrary(draw).map(({ trail }) => runAlong(judge, trail))
}

/** A trail as a run, made by the reference execution. @throws Error if it cannot follow: our fault. */
export const runAlong = ({ graph }: RunJudge, { ids, by }: Trail): Run => {
  const { system, initials } = graph
  const names = by.map((index) => system.transitions[index]!.name)
  const { run, stuck } = replay(system, initials.indexOf(ids[0]!), names)
  if (stuck) throw new Error(`the reference execution cannot follow the walk: ${stuck.name} is ${stuck.why}`)
  return run
}

/** The arbitrary behind {@link runsOf} and the walker. Every draw depends on nothing but its random numbers. */
export class RunArbitrary extends fc.Arbitrary<DrawnRun> {
  private readonly known = new WeakMap<RunJudge, Known>()

  constructor(private readonly draw: Draw) {
    super()
  }

  override generate(random: fc.Random): fc.Value<DrawnRun> {
    const judge = this.draw.ground(random)
    return new fc.Value({ judge, trail: new Walker(judge, this.draw, random, this.knownOf(judge)).walk() }, undefined)
  }

  private knownOf(judge: RunJudge): Known {
    const known = this.known.get(judge) ?? knownOf(judge, this.draw.guide)
    this.known.set(judge, known)
    return known
  }

  override canShrinkWithoutContext(value: unknown): value is DrawnRun {
    return typeof value === 'object' && value !== null && 'trail' in value
  }

  override shrink(walk: DrawnRun): fc.Stream<fc.Value<DrawnRun>> {
    return fc.stream(this.shorter(walk)).map((one) => new fc.Value(one, undefined))
  }

  private *shorter({ judge, trail }: DrawnRun): IterableIterator<DrawnRun> {
    const names = namesOf(judge, trail)
    const start = judge.graph.initials.indexOf(trail.ids[0]!)
    for (const simpler of this.draw.simpler(judge)) yield { judge: simpler, trail: following(simpler, start, names) }
    for (let size = names.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let from = names.length - size; from >= 0; from -= size) {
        const shorter = following(judge, start, [...names.slice(0, from), ...names.slice(from + size)])
        if (shorter.by.length < trail.by.length) yield { judge, trail: shorter }
      }
  }
}

const namesOf = ({ graph }: RunJudge, { by }: Trail): string[] =>
  by.map((index) => graph.system.transitions[index]!.name)

/** The trail that takes those of the named steps that can be taken, up to the first violation. */
function following(judge: RunJudge, start: number, names: readonly string[]): Trail {
  const { graph } = judge
  const ids = [graph.initials[start] ?? graph.initials[0]!]
  const by: number[] = []
  for (const name of names) {
    const place = graph.at(ids.at(-1)!)
    const i = place.taken.findIndex((index) => graph.system.transitions[index]!.name === name)
    if (i < 0) continue
    by.push(place.taken[i]!)
    ids.push(place.to[i]!)
  }
  return { ids, by }
}

/** The advice for one system: the kind of each transition, its step, and the weight of each kind. */
interface Known {
  readonly kinds: readonly number[]
  readonly weights: readonly number[]
}

function knownOf({ graph }: RunJudge, { weight }: Heuristic): Known {
  const { transitions } = graph.system
  const steps = [...new Set(transitions.map(({ step }) => step))]
  return { kinds: transitions.map(({ step }) => steps.indexOf(step)), weights: steps.map(weight) }
}

/** One random run. Temper and length are drawn anew for each: many different walkers find more than one good one. */
class Walker {
  private readonly likings: readonly number[]
  private readonly pull: number
  private readonly length: number
  private readonly met = new Set<number>()

  constructor(
    private readonly judge: RunJudge,
    private readonly draw: Draw,
    private readonly random: fc.Random,
    known: Known,
  ) {
    const { guide, maxSteps } = draw
    const temper = [0, 1, 2, 4][random.nextInt(0, 3)]!
    const likings = known.weights.map((weight) => weight * this.mood(temper))
    this.likings = known.kinds.map((kind) => likings[kind]!)
    this.pull = guide.knowing ? [0, 0.5, 1.5, 4][random.nextInt(0, 3)]! : 0
    this.length = Math.ceil(maxSteps / 2 ** random.nextInt(0, 3))
  }

  walk(): Trail {
    const { graph } = this.judge
    let here = graph.initials[this.random.nextInt(0, graph.initials.length - 1)]!
    const ids = [here]
    const by: number[] = []
    while (by.length < this.length) {
      this.met.add(here)
      const place = graph.at(here)
      if (place.to.length === 0 || (place.breaks.length > 0 && this.judge.here(place))) break
      const i = this.choice(place.taken, place.to, here)
      by.push(place.taken[i]!)
      ids.push((here = place.to[i]!))
    }
    return { ids, by }
  }

  /** How much this run likes a step: with a strong temper it hardly ever takes some, and others whenever it can. */
  private mood(temper: number): number {
    return temper === 0 ? 1 : Math.exp((temper * this.random.nextInt(-1500, 1500)) / 1000)
  }

  private choice(taken: Int32Array, to: Int32Array, here: number): number {
    if (to.length === 1) return 0
    const weights = Array.from(to, (next, i) => this.worth(taken[i]!, next, here))
    let rest = (this.random.nextInt(0, 0x3fffffff) / 0x40000000) * weights.reduce((sum, one) => sum + one, 0)
    const i = weights.findIndex((weight) => (rest -= weight) < 0)
    return i < 0 ? to.length - 1 : i
  }

  private height(id: number): number {
    return this.judge.height(id, this.draw.guide.distance)
  }

  /** Going where this run has been already is hardly worth it. */
  private worth(transition: number, next: number, here: number): number {
    const known = this.met.has(next) ? 0.1 : 1
    const nearer = this.pull === 0 ? 0 : this.height(here) - this.height(next)
    return this.likings[transition]! * known * Math.exp(this.pull * Math.max(-4, Math.min(4, nearer)))
  }
}
