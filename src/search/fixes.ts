/** Which patches are enough: all minimal sets of candidates under which no property is violated. */

import type { Model } from '../write/model.js'
import { Mistake } from '../write/mistake.js'
import { selects } from '../write/predicate.js'
import { type Properties, type Property } from '../write/property.js'
import { instantiate, type Choice, type System } from '../write/system.js'
import { check, propertiesFor, type Verdict } from './check.js'
import type { SearchOptions } from './explore.js'
import { enabled, Fault } from './reference.js'
import { endOf, replay, type Run } from './run.js'

/** What was found about one set of patches. */
export interface Trial {
  readonly patches: readonly string[]
  /** Properties that are violated; of a set refuted by an earlier counterexample, the one that it violates. */
  readonly violated: readonly string[]
  /** Whether an earlier counterexample refuted it, so that no search was needed. */
  readonly reused: boolean
}

/** The answer of {@link sufficientFixes}. */
export interface Fixes {
  /** Smallest sets first; no set contains another. Empty if not even all candidates together are enough. */
  readonly minimal: readonly (readonly string[])[]
  /** Candidates that are in no minimal set. */
  readonly redundant: readonly string[]
  /** Sets under which a property is violated that holds without them, with those properties. */
  readonly breaking: readonly { readonly patches: readonly string[]; readonly properties: readonly string[] }[]
  /** Every set that was tried, in order. */
  readonly trials: readonly Trial[]
  /** Sets that cannot be applied together. */
  readonly conflicts: readonly (readonly string[])[]
}

/** Candidates beyond which the lattice is too large to be searched to the end. */
const mostCandidates = 12

/**
 * Tries sets of candidates on top of a choice, smaller sets first, and leaves out those that contain a sufficient one.
 * Nothing else is assumed of how patches combine. A set is first held against the counterexamples of earlier sets.
 * @throws Mistake for too many candidates, or if a search was cut by a limit: then nothing is known.
 */
export async function sufficientFixes(
  model: Model,
  properties: Properties,
  choice: Choice,
  candidates: readonly string[],
  options: SearchOptions = {},
  onTrial: (trial: Trial) => void = () => undefined,
): Promise<Fixes> {
  const where = `fixes of ${model.name}`
  if (candidates.length > mostCandidates)
    throw new Mistake(where, `${candidates.length} candidates are too many`, `name at most ${mostCandidates}`)
  const minimal: (readonly string[])[] = []
  const trials: Trial[] = []
  const conflicts: (readonly string[])[] = []
  const known: Counterexample[] = []
  for (const set of subsets(candidates)) {
    if ([...minimal, ...conflicts].some((inner) => inner.every((name) => set.includes(name)))) continue
    const system = applied(model, choice, set)
    if (!system) {
      conflicts.push(set)
      continue
    }
    const trial = refuted(system, propertiesFor(system, properties), set, known) ?? (await judged(system, set))
    trials.push(trial)
    onTrial(trial)
    if (trial.violated.length === 0) minimal.push(set)
  }
  const base = new Set(trials[0]!.violated)
  return {
    minimal,
    redundant: candidates.filter((name) => !minimal.some((set) => set.includes(name))),
    breaking: trials
      .map(({ patches, violated }) => ({ patches, properties: violated.filter((name) => !base.has(name)) }))
      .filter((broken) => broken.properties.length > 0),
    trials,
    conflicts,
  }

  async function judged(system: System, patches: readonly string[]): Promise<Trial> {
    const { verdicts, cut } = await check(system, properties, options)
    if (cut) throw new Mistake(`${where}, with ${spelled(patches)}`, cut.says)
    const violated = verdicts.filter(({ verdict }) => verdict === 'violated')
    known.push(...violated.flatMap(counterexampleOf))
    return { patches, violated: violated.map(({ property }) => property), reused: false }
  }
}

/** A set of patches in words. */
export const spelled = (patches: readonly string[]): string => (patches.length === 0 ? 'no patch' : patches.join(' + '))

/** The system, or undefined if the patches conflict. */
function applied(model: Model, choice: Choice, set: readonly string[]): System | undefined {
  try {
    return instantiate(model, { ...choice, patches: [...(choice.patches ?? []), ...set] })
  } catch (error) {
    // The base was instantiated before, so what fails now is that these patches do not fit together.
    if (error instanceof Mistake && set.length > 0) return undefined
    throw error
  }
}

/** All subsets, smaller ones first, each in the order of the candidates. */
function subsets(candidates: readonly string[]): (readonly string[])[] {
  const all = Array.from({ length: 2 ** candidates.length }, (_, bits) => candidates.filter((_, i) => (bits >> i) & 1))
  return all.sort((a, b) => a.length - b.length)
}

/** A finite run that shows a violation, by step names. */
interface Counterexample {
  readonly property: string
  readonly initial: number
  readonly names: readonly string[]
}

/** Only what is decided by the run itself can be carried over to another variant. */
function counterexampleOf({ property, kind, run }: Verdict): Counterexample[] {
  if (!run || !(kind === 'always' || kind === 'step' || kind === 'no-deadlock')) return []
  return [{ property, initial: run.initial, names: run.steps.map(({ transition }) => transition.name) }]
}

function refuted(
  system: System,
  properties: readonly Property[],
  patches: readonly string[],
  known: readonly Counterexample[],
): Trial | undefined {
  const found = known.find(({ property, initial, names }) => {
    try {
      const { run, stuck } = replay(system, initial, names)
      return !stuck && breaks(system, properties, property, run)
    } catch (error) {
      // A run that this variant cannot follow without a fault shows nothing; the search will.
      if (error instanceof Fault) return false
      throw error
    }
  })
  return found && { patches, violated: [found.property], reused: true }
}

function breaks(system: System, properties: readonly Property[], name: string, run: Run): boolean {
  const { state, at } = endOf(run)
  if (name === 'no-deadlock') return enabled(system, endOf(run)).length === 0 && !system.resting(state, at)
  const property = properties.find((one) => one.name === name)
  if (property?.kind === 'always') return (property.when?.(state, at) ?? true) && !property.holds(state, at)
  if (property?.kind !== 'step') return false
  const last = run.steps.at(-1)
  if (!last || !selects(property.on, last.transition)) return false
  const before = run.steps.at(-2)?.after ?? run.start
  const step = { ...last.transition, at: before.at }
  return (property.when?.(before.state, state, step) ?? true) && !property.holds(before.state, state, step)
}
