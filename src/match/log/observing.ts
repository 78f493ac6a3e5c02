/** The lines that are heard, as a system's graph can print them: which edge prints which line, and what may stay away. */

import { isDeepStrictEqual } from 'node:util'
import { stateAt } from '../../search/reached.js'
import type { Expander } from '../../search/expander.js'
import type { FlatEdges } from '../../search/graph.js'
import { selects } from '../../write/predicate.js'
import type { System, Transition } from '../../write/system.js'
import type { Observations, Utterance } from './explain.js'
import { arrivalOf, general, printedBy, printsByState, type Closed, type Ear, type Heard } from './rules.js'

/** How a log is taken. */
export interface Hearing {
  /** The log is an excerpt that somebody chose: a line may be missing unless the log shows that its like was kept. */
  readonly excerpt?: boolean
  /** Seconds within which lines of different processors may have been printed in any order. Default 0: those of one stamp. */
  readonly window?: number
}

/** What is heard, in terms of a system. */
export interface Observing {
  readonly observed: Observations
  /** Lines that no step of this system can print in any state: by number. */
  readonly strange: readonly number[]
  /** The steps that may have printed a line. */
  readonly printers: (line: number) => readonly Transition[]
  /** What a step would print next in a state, for people: messages, or the expressions of rules. */
  readonly says: (transition: Transition, source: number) => readonly string[]
}

/** Prepares a search for the runs of a system that print what is heard. `edges` and `expander` are those of its graph. */
export function observing(
  system: System,
  { edges, expander }: { readonly edges: FlatEdges; readonly expander: Expander },
  ear: Ear,
  heard: readonly Heard[],
  hearing: Hearing = {},
): Observing {
  const lines = new Lines(ear, heard, hearing)
  const spoken = system.transitions.map((transition) => lines.of(system, transition))
  const states = new Map<number, unknown>()
  const stateOf = (id: number): unknown => {
    if (!states.has(id)) states.set(id, stateAt(expander, id).state)
    return states.get(id)
  }
  const byState = new Map<string, readonly Utterance[]>()
  const own = (transition: Transition, source: number): readonly Utterance[] => {
    const key = `${transition.index} ${source}`
    const known = byState.get(key)
    if (known) return known
    const made = lines.own(transition, printedBy(transition, stateOf(source)))
    byState.set(key, made)
    return made
  }
  const utterances = (transition: Transition, source: number): readonly Utterance[] => {
    const { told, fixed } = spoken[transition.index]!
    return fixed ? told : [...told, ...own(transition, source)]
  }
  const { first, by } = edges
  const could = new Set<number>()
  for (let source = 0; source + 1 < first.length; source++)
    for (let edge = first[source]!; edge < first[source + 1]!; edge++) {
      const transition = system.transitions[by[edge]!]!
      if (spoken[transition.index]!.fixed && could.has(-1 - transition.index)) continue
      could.add(-1 - transition.index)
      for (const { fits } of utterances(transition, source))
        heard.forEach((_, line) => {
          if (!could.has(line) && fits(line)) could.add(line)
        })
    }
  const standing = heard.map((one) => lines.places(system, one))
  return {
    observed: {
      lines: heard.length,
      groups: lines.groups(),
      printed: (edge, source) => utterances(system.transitions[by[edge]!]!, source),
      stands: (line, state) => {
        const places = standing[line]!
        if (places.length === 0) return undefined
        return state >= 0 && standsAt(system, expander, state, places)
      },
      repeats: (line) => lines.repeats(line),
      gap: (line) => heard[line]?.line.gap ?? false,
    },
    strange: heard.flatMap((_, line) => (could.has(line) || standing[line]!.length > 0 ? [] : [line])),
    printers: (line) =>
      system.transitions.filter((transition) =>
        lines.mayPrint(system, transition, line, () => printedSomewhere(transition, edges, stateOf)),
      ),
    says: (transition, source) => [
      ...lines.rulesOf(system, transition).map((rule) => `/${ear.rules[rule]!.rule.line}/`),
      ...(printsByState(transition) ? printedBy(transition, stateOf(source)) : printedBy(transition, undefined)),
    ],
  }
}

/** Everything that a transition prints in the states where it is taken. */
function printedSomewhere(
  transition: Transition,
  { first, by }: FlatEdges,
  stateOf: (id: number) => unknown,
): readonly string[] {
  const found = new Set<string>()
  for (let source = 0; source + 1 < first.length; source++)
    for (let edge = first[source]!; edge < first[source + 1]!; edge++)
      if (by[edge] === transition.index) for (const text of printedBy(transition, stateOf(source))) found.add(text)
  return [...found]
}

function standsAt(system: System, expander: Expander, state: number, places: readonly string[]): boolean {
  const { at } = stateAt(expander, state)
  return system.threads.some(({ name }) => {
    const place = `${name}.${at[name]!}`
    return selects(places, { step: place, name: place })
  })
}

/** The steps of a thread whose functions are on a stack; nowhere, if none is. */
function placesOnStack(system: System, thread: string, text: string): readonly string[] {
  const called = new Set(text.replace(/^stack of .*?: /, '').split(' '))
  const places = system.transitions.flatMap(({ thread: which, from, origin }) => {
    const own = system.threads[which]
    if (own?.name !== thread || origin.kind !== 'source') return []
    return called.has(origin.symbol) ? [`${thread}.${own.labels[from]!}`] : []
  })
  return places.length > 0 ? [...new Set(places)] : [`${thread}.(nowhere)`]
}

/** What of a transition's lines does not depend on the state; `fixed` if that is all. */
interface Spoken {
  readonly told: readonly Utterance[]
  readonly fixed: boolean
}

/** The heard lines, by what can print them. */
class Lines {
  /** Heard lines by their general text, where steps print them. */
  private readonly texts = new Map<string, readonly number[]>()
  /** Which rules have a line in this log. */
  private readonly met: ReadonlySet<number>
  /** The most talkative severity of a heard line, where the log tells. */
  private readonly loudest: number | undefined
  private readonly meant: readonly (readonly (readonly string[])[])[]

  constructor(
    private readonly ear: Ear,
    private readonly heard: readonly Heard[],
    private readonly hearing: Hearing,
  ) {
    const levels = heard.flatMap(({ line: { level } }) => (level === null ? [] : [level]))
    this.loudest = levels.length === 0 ? undefined : Math.max(...levels)
    heard.forEach(({ text, own }, line) => {
      if (own) this.texts.set(general(text), [...(this.texts.get(general(text)) ?? []), line])
    })
    this.met = new Set(heard.flatMap(({ rules }) => rules))
    this.meant = heard.map((one) => one.rules.map((rule) => ear.meant(one, rule)))
  }

  of(system: System, transition: Transition): Spoken {
    const rules = this.rulesOf(system, transition)
    const told = rules.map((rule): Utterance => ({
      closed: !this.isTooQuiet(rule) && this.isClosed(this.ear.rules[rule]!.rule.closed ?? 'if heard', rule),
      fits: this.fitting(system, transition, rule),
    }))
    if (printsByState(transition)) return { told, fixed: false }
    return { told: [...told, ...this.own(transition, printedBy(transition, undefined))], fixed: true }
  }

  /** The rules that speak of a transition: of the step itself, or of where it leads. */
  rulesOf(system: System, transition: Transition): readonly number[] {
    return this.ear.rules.flatMap(({ rule }, i) => {
      if (rule.step !== undefined) return this.ear.speaksOf(i, transition) ? [i] : []
      const place = rule.enters === undefined ? undefined : arrivalOf(system, transition)
      return place !== undefined && this.ear.speaksOf(i, { step: place, name: place }) ? [i] : []
    })
  }

  /** Which lines of a rule a transition can have printed. */
  private fitting(system: System, transition: Transition, rule: number): (line: number) => boolean {
    const place = this.ear.rules[rule]!.rule.enters === undefined ? undefined : arrivalOf(system, transition)
    const named = place === undefined ? transition : { step: place, name: place }
    const fits = new Set(
      this.heard.flatMap(({ rules }, line) => {
        const which = rules.indexOf(rule)
        if (which < 0) return []
        return selects(this.meant[line]![which], named) ? [line] : []
      }),
    )
    return (line) => fits.has(line)
  }

  /** What a step prints itself, as utterances; what a rule about the step says already is left to that. */
  own(transition: Transition, printed: readonly string[]): readonly Utterance[] {
    if (this.ear.declared.own === false) return []
    return printed.flatMap((text) => {
      const rules = this.ear.rules.flatMap(({ pattern }, i) => (pattern.test(text) ? [i] : []))
      if (rules.some((i) => this.ear.rules[i]!.rule.step !== undefined && this.ear.speaksOf(i, transition))) return []
      const lines = new Set(this.texts.get(general(text)) ?? [])
      const said = rules.find((i) => this.ear.rules[i]!.rule.own)
      const closed = said === undefined ? 'always' : (this.ear.rules[said]!.rule.closed ?? 'always')
      const known = lines.size > 0 || (said !== undefined && this.met.has(said))
      return [
        { closed: closed === 'if heard' ? known : this.isClosed(closed, said, known), fits: (line) => lines.has(line) },
      ]
    })
  }

  /** Whether the log has no line that is as talkative as those of a rule. */
  private isTooQuiet(rule: number): boolean {
    const { level } = this.ear.rules[rule]!.rule
    return level !== undefined && this.loudest !== undefined && this.loudest < level
  }

  private isClosed(
    closed: Closed,
    rule: number | undefined,
    known = rule !== undefined && this.met.has(rule),
  ): boolean {
    if (closed === 'never') return false
    return closed === 'always' && this.hearing.excerpt !== true ? true : known
  }

  /** Whether a transition prints a line in some state. */
  mayPrint(system: System, transition: Transition, line: number, everything: () => readonly string[]): boolean {
    const { told } = this.of(system, transition)
    if (told.some(({ fits }) => fits(line))) return true
    return printsByState(transition) && this.own(transition, everything()).some(({ fits }) => fits(line))
  }

  /** The places that a line shows threads to stand at. */
  places(system: System, { rules, text }: Heard): readonly string[] {
    return rules.flatMap((rule) => {
      const { stands = [], stack } = this.ear.rules[rule]!.rule
      if (stack !== undefined) return placesOnStack(system, stack, text)
      return typeof stands === 'string' ? [stands] : stands
    })
  }

  /** Whether a line says again what the one before it said. */
  repeats(line: number): boolean {
    const { rules } = this.heard[line]!
    const before = this.heard[line - 1]?.rules ?? []
    return rules.some((rule, i) => {
      const earlier = before.indexOf(rule)
      if (this.ear.rules[rule]!.rule.repeats !== true || earlier < 0) return false
      return isDeepStrictEqual(this.meant[line]![i], this.meant[line - 1]![earlier])
    })
  }

  /** Lines in any order: those with one stamp, and within the window those of different processors. */
  groups(): readonly number[] {
    const { window = 0 } = this.hearing
    let group = 0
    let begun = 0
    return this.heard.map(({ line }, i) => {
      if (i === 0) return group
      const [first, before] = [this.heard[begun]!.line, this.heard[i - 1]!.line]
      const near = line.stamp !== null && first.stamp !== null && Math.abs(line.stamp - first.stamp) <= window
      if (near && line.cpu !== null && line.cpu !== before.cpu) return group
      begun = i
      return ++group
    })
  }
}
