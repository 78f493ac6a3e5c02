/** Which patches are enough: all minimal sets of candidates under which no property is violated. */

import type { Model } from '../../write/model.js'
import { Mistake } from '../../write/mistake.js'
import type { Properties, Property } from '../../write/property.js'
import { instantiate, type Choice, type System } from '../../write/system.js'
import { check, propertiesFor } from '../check.js'
import { counterexampleOf, shows, type Counterexample } from './counterexample.js'
import type { SearchOptions } from '../explore.js'

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

function refuted(
  system: System,
  properties: readonly Property[],
  patches: readonly string[],
  known: readonly Counterexample[],
): Trial | undefined {
  const found = known.find((one) => shows(system, properties, one))
  return found && { patches, violated: [found.property], reused: true }
}
