/** Which patches are enough: all minimal sets of candidates under which no property is violated, on all of some instances. */

import { isDeepStrictEqual } from 'node:util'
import type { Model } from '../write/model.js'
import { Mistake } from '../write/mistake.js'
import type { Properties, Property } from '../write/property.js'
import { instantiate, type Choice, type System } from '../write/system.js'
import { check, propertiesFor } from '../search/check.js'
import { counterexampleOf, stillViolates, type Counterexample } from './counterexample.js'
import type { SearchOptions } from '../search/explore.js'

/** An instance on which the sets are tried. */
export interface Ground {
  readonly name: string
  readonly choice: Choice
}

/** What was found about one set of patches on one instance. */
export interface Trial {
  readonly patches: readonly string[]
  readonly on: string
  /** Properties that are violated; of those that are violated without any patch perhaps only those that earlier counterexamples show. */
  readonly violated: readonly string[]
  /** Properties of which nothing is known, because a step leaves its domain first. */
  readonly undecided: readonly string[]
  /** `searched`; `refuted` by earlier counterexamples; or the `same` system as a smaller set makes, by proof. */
  readonly by: 'searched' | 'refuted' | 'same'
}

/** What is enough on one instance. */
export interface Enough {
  readonly on: string
  /** Smallest sets first; no set contains another. */
  readonly minimal: readonly (readonly string[])[]
  /** If no set is enough: properties that are violated under every one. */
  readonly always: readonly string[]
}

/** A set under which properties are violated that are known to hold without it; each property is listed with smallest sets only. */
export interface Breaking {
  readonly patches: readonly string[]
  readonly on: readonly string[]
  readonly properties: readonly string[]
}

/** The answer of {@link sufficientFixes}. */
export interface Fixes {
  /** Enough on every instance: smallest sets first; no set contains another. Empty if no set of candidates is. */
  readonly minimal: readonly (readonly string[])[]
  readonly each: readonly Enough[]
  /** Candidates that are in no minimal set. */
  readonly redundant: readonly string[]
  readonly breaking: readonly Breaking[]
  /** Every set that was tried, in order. */
  readonly trials: readonly Trial[]
  /** Sets that cannot be applied together. */
  readonly conflicts: readonly (readonly string[])[]
  /** Whether it was aborted: what is said is so, but more may be enough, or break something. */
  readonly interrupted: boolean
}

/** How {@link sufficientFixes} goes on. */
export interface FixesOptions extends SearchOptions {
  /** The properties that count, the two that every model has included; default: all. */
  readonly wanted?: (property: string) => boolean
  /**
   * Judges every set by every property. Otherwise a set of several that an earlier counterexample refutes, or that contains one that
   * is enough, is not searched, and what it breaks besides is not known.
   */
  readonly thorough?: boolean
  readonly onTrial?: (trial: Trial) => void
}

/** Candidates beyond which the lattice is too large to be searched to the end. */
const mostCandidates = 12

/**
 * Tries sets of candidates on top of each instance, smaller sets first. Nothing is assumed of how patches combine: a set is only left
 * out if it contains one that is enough, or if an earlier counterexample, replayed, refutes it.
 * @throws Mistake for too many candidates, or if a search was cut by a limit: then nothing is known.
 */
export async function sufficientFixes(
  model: Model,
  properties: Properties,
  grounds: readonly Ground[],
  candidates: readonly string[],
  options: FixesOptions = {},
): Promise<Fixes> {
  if (candidates.length > mostCandidates)
    throw new Mistake(
      `fixes of ${model.name}`,
      `${candidates.length} candidates are too many`,
      `name at most ${mostCandidates}`,
    )
  return new Lattice(model, properties, grounds, candidates, options).climb()
}

/** A candidate that leaves an era out, if an instance has it: the history of a model whose base is the newest. */
export const leavingOut = (era: string): string => `-${era}`

/** Patches with a set of candidates on top, and without the eras that these leave out. */
export const patchesWith = (patches: readonly string[], set: readonly string[]): readonly string[] => [
  ...patches.filter((name) => !set.includes(leavingOut(name))),
  ...set.filter((name) => !name.startsWith('-')),
]

/** A set of patches in words. */
export const spelled = (patches: readonly string[]): string => (patches.length === 0 ? 'no patch' : patches.join(' + '))

/** All subsets, smaller ones first, each in the order of the candidates. */
function subsets(candidates: readonly string[]): (readonly string[])[] {
  const all = Array.from({ length: 2 ** candidates.length }, (_, bits) => candidates.filter((_, i) => (bits >> i) & 1))
  return all.sort((a, b) => a.length - b.length)
}

const covers = (sets: readonly (readonly string[])[], set: readonly string[]): boolean =>
  sets.some((inner) => inner.every((name) => set.includes(name)))

type Stopped = 'conflict' | 'interrupted'

class Lattice {
  private readonly minimal: (readonly string[])[] = []
  private readonly conflicts: (readonly string[])[] = []
  private readonly own = new Map<Ground, (readonly string[])[]>()
  private readonly trials = new Map<string, Trial>()
  private readonly known: Counterexample[] = []

  constructor(
    private readonly model: Model,
    private readonly properties: Properties,
    private readonly grounds: readonly Ground[],
    private readonly candidates: readonly string[],
    private readonly options: FixesOptions,
  ) {
    for (const ground of grounds) this.own.set(ground, [])
  }

  async climb(): Promise<Fixes> {
    for (const set of subsets(this.candidates)) {
      if (covers(this.conflicts, set)) continue
      const stopped = await this.tried(set)
      if (stopped === 'interrupted') return this.found(true)
      if (stopped === 'conflict') this.conflicts.push(set)
    }
    return this.found(false)
  }

  /** Tries a set wherever that tells something. */
  private async tried(set: readonly string[]): Promise<Stopped | undefined> {
    const { thorough = false } = this.options
    const settled = covers(this.minimal, set)
    let enough = true
    // An instance on which less is enough is only asked if all others are content.
    const later = (ground: Ground): boolean => !thorough && covers(this.own.get(ground)!, set)
    for (const ground of [...this.grounds].sort((a, b) => Number(later(a)) - Number(later(b)))) {
      if (later(ground) && (settled || !enough)) continue
      const trial = await this.judged(ground, set)
      if (typeof trial === 'string') return trial
      if (trial.violated.length > 0) enough = false
      else if (!covers(this.own.get(ground)!, set)) this.own.get(ground)!.push(set)
    }
    if (enough && !settled) this.minimal.push(set)
    return undefined
  }

  private async judged(ground: Ground, set: readonly string[]): Promise<Trial | Stopped> {
    const system = this.applied(ground, set)
    if (!system) return 'conflict'
    const trial = this.same(ground, set, system) ?? (await this.decided(ground, set, system))
    if (!trial) return 'interrupted'
    this.trials.set(keyOf(ground, set), trial)
    this.options.onTrial?.(trial)
    return trial
  }

  /** By earlier counterexamples as far as they go: whether a refuted set breaks more than the base does needs a search all the same. */
  private async decided(ground: Ground, set: readonly string[], system: System): Promise<Trial | undefined> {
    const refuted = this.refuted(ground, set, system)
    if (!refuted) return this.searched(ground, set, system, () => true)
    if (set.length > 1 && !this.options.thorough) return refuted
    const base = this.trials.get(keyOf(ground, []))?.violated ?? []
    const trial = await this.searched(ground, set, system, (name) => !base.includes(name))
    return trial && { ...trial, violated: [...new Set([...refuted.violated, ...trial.violated])] }
  }

  /** The system, or undefined if the patches conflict. */
  private applied({ choice }: Ground, set: readonly string[]): System | undefined {
    try {
      return instantiate(this.model, { ...choice, patches: patchesWith(choice.patches ?? [], set) })
    } catch (error) {
      // A single candidate has to fit; what fails with several is that they do not fit together.
      if (error instanceof Mistake && set.length > 1) return undefined
      throw error
    }
  }

  /** A patch that edits only the initial state, and leaves it as it is without the patch, changes nothing. */
  private same(ground: Ground, set: readonly string[], system: System): Trial | undefined {
    for (const name of set) {
      const less = set.filter((one) => one !== name)
      const before = this.trials.get(keyOf(ground, less))
      const edits = this.model.declared.patches!.find((patch) => patch.name === name)?.edits
      if (!before || !edits?.every(({ kind }) => kind === 'initially')) continue
      if (isDeepStrictEqual(this.applied(ground, less)?.initials, system.initials))
        return { patches: set, on: ground.name, violated: before.violated, undecided: before.undecided, by: 'same' }
    }
    return undefined
  }

  private refuted(ground: Ground, set: readonly string[], system: System): Trial | undefined {
    const properties = this.asked(system)
    const found = this.known.filter((one) => stillViolates(system, properties, one)).map(({ property }) => property)
    if (found.length === 0) return undefined
    return { patches: set, on: ground.name, violated: [...new Set(found)], undecided: [], by: 'refuted' }
  }

  private async searched(
    ground: Ground,
    set: readonly string[],
    system: System,
    isOpen: (property: string) => boolean,
  ): Promise<Trial | undefined> {
    const { wanted = () => true } = this.options
    const properties = this.asked(system).filter(({ name }) => isOpen(name))
    const { verdicts, cut } = await check(system, properties, this.options)
    if (cut?.limit === 'interrupt') return undefined
    const asked = verdicts.filter(({ property }) => wanted(property))
    const violated = asked.filter(({ verdict }) => verdict === 'violated')
    const unknown = asked.filter(({ verdict }) => verdict === 'unknown')
    // A set that leaves a domain is not enough, whatever else may be; any other way to leave something open decides nothing.
    const outside = violated.some(({ property }) => property === 'in-domain')
    const open = cut?.says ?? unknown[0]?.why ?? unknown[0]?.property
    if (open !== undefined && !outside)
      throw new Mistake(`fixes of ${this.model.name}, ${ground.name} with ${spelled(set)}`, open)
    const news = violated
      .flatMap(counterexampleOf)
      .filter((one) => !this.known.some((old) => isDeepStrictEqual(old, one)))
    this.known.push(...news)
    const [names, undecided] = [violated, unknown].map((some) => some.map(({ property }) => property))
    return { patches: set, on: ground.name, violated: names!, undecided: undecided!, by: 'searched' }
  }

  private asked(system: System): readonly Property[] {
    const { wanted = () => true } = this.options
    return propertiesFor(system, this.properties).filter(({ name }) => wanted(name))
  }

  private found(interrupted: boolean): Fixes {
    const trials = [...this.trials.values()]
    return {
      minimal: this.minimal,
      each: this.grounds.map((ground) => ({
        on: ground.name,
        minimal: this.own.get(ground)!,
        always: this.own.get(ground)!.length > 0 ? [] : everywhere(trials.filter(({ on }) => on === ground.name)),
      })),
      redundant: this.candidates.filter((name) => !this.minimal.some((set) => set.includes(name))),
      breaking: breakingIn(trials),
      trials,
      conflicts: this.conflicts,
      interrupted,
    }
  }
}

const keyOf = ({ name }: Ground, set: readonly string[]): string => JSON.stringify([name, ...set])

/** The properties that every trial violates. */
const everywhere = ([first, ...rest]: readonly Trial[]): readonly string[] =>
  (first?.violated ?? []).filter((property) => rest.every(({ violated }) => violated.includes(property)))

/** Per set the properties that it breaks and no smaller set within it does, with the instances on which it does. */
function breakingIn(trials: readonly Trial[]): Breaking[] {
  // What was violated or undecided without any patch is not broken by one.
  const base = new Map(
    trials
      .filter(({ patches }) => patches.length === 0)
      .map(({ on, violated, undecided }) => [on, [...violated, ...undecided]]),
  )
  const broken = ({ on, violated }: Trial): string[] => violated.filter((name) => !base.get(on)!.includes(name))
  const found = new Map<string, { patches: readonly string[]; on: string[]; properties: Set<string> }>()
  for (const trial of trials) {
    const smaller = trials.filter((one) => one.on === trial.on && one.patches.length < trial.patches.length)
    const within = smaller.filter((one) => covers([one.patches], trial.patches)).flatMap(broken)
    const fresh = broken(trial).filter((name) => !within.includes(name))
    if (fresh.length === 0) continue
    const key = JSON.stringify([trial.patches, fresh])
    const entry = found.get(key) ?? { patches: trial.patches, on: [], properties: new Set(fresh) }
    found.set(key, { ...entry, on: [...entry.on, trial.on] })
  }
  return [...found.values()].map(({ properties, ...rest }) => ({ ...rest, properties: [...properties] }))
}
