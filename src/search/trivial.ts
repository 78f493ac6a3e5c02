/** Properties that cannot be false: their code never answers no, whatever the state. What is said of them is said of no model. */

import { everyResult, neverAnswers } from '../derive/answers.js'
import { decided, no, stateCode, stepOf, withPcAt, yes, type Budget } from '../derive/decision-tree.js'
import { Probe, type Result } from '../derive/probe.js'
import type { Shape } from '../write/domain.js'
import type { At } from '../write/model.js'
import { selects, type StepTaken } from '../write/predicate.js'
import type { Ltl, Observer, Property, Step } from '../write/property.js'
import type { System, Transition } from '../write/system.js'
import { atomsIn, isValid } from './ltl/ltl.js'
import { cancelled } from './compose/cancel.js'
import { oneOfEach, stepFrameOf } from './names.js'
import type { Found } from './verdict.js'

/** Runs of its code that the question may take for one property; what needs more is not called trivial. */
const patience = 3000

type Test = (state: never, at: At) => boolean

/** What was found before, by property and by what it was tried with: instances share it. */
const known = new WeakMap<Property, Map<string, string | undefined>>()

/** Why a property cannot be false, as the end of a sentence about it; undefined if it can, or if that cannot be told. */
export function trivialWhy(system: System, property: Property): string | undefined {
  const found = known.get(property) ?? new Map<string, string | undefined>()
  known.set(property, found)
  const key = stepFrameOf(system)
  if (!found.has(key)) found.set(key, reason(system, property, { left: patience }))
  return found.get(key)
}

/**
 * What was found, unless the same would be found of any model. A premise that never came about is told before that; after a search
 * that was cut, nobody knows of a premise.
 */
export function unlessTrivial(system: System, property: Property, found: Found): Found {
  const isAsked = found.verdict === 'holds' || (found.verdict === 'unknown' && !hasPremise(property))
  const why = isAsked ? trivialWhy(system, property) : undefined
  return why === undefined ? found : { verdict: 'trivial', why }
}

const rests = new WeakMap<object, Map<string, string | undefined>>()

/** Why nothing could be a deadlock of a system; undefined if something could, or if that cannot be told. */
export function restsEverywhere(system: System): string | undefined {
  const { declared } = system.model
  if (!declared.resting) return undefined
  const found = rests.get(declared) ?? new Map<string, string | undefined>()
  rests.set(declared, found)
  const key = `${stepFrameOf(system)} ${JSON.stringify(system.parameters)}`
  if (!found.has(key)) {
    const probe = new Probe(system)
    const code = stateCode(probe, (state, at) => system.resting(state, at))
    const never = neverAnswers(probe, code, no, { left: patience })
    found.set(key, never ? 'it cannot be false: every state is declared a resting state' : undefined)
  }
  return found.get(key)
}

/** Whether a property can turn out to be vacuous. */
function hasPremise(property: Property): boolean {
  switch (property.kind) {
    case 'always':
    case 'possible':
      return property.when !== undefined
    case 'reachable':
    case 'eventually':
    case 'alwaysEventually':
    case 'eventuallyAlways':
      return false
    default:
      return true
  }
}

const constant = 'it cannot be false: what it asks is so in every state'

function reason(system: System, property: Property, budget: Budget): string | undefined {
  const never = (claim: Test): string | undefined => {
    const probe = new Probe(system)
    const code = stateCode(probe, claim as (state: unknown, at: At) => boolean)
    return neverAnswers(probe, code, no, budget) ? constant : undefined
  }
  switch (property.kind) {
    case 'always':
    case 'possible': {
      const { when, holds } = property
      return never((state, at) => (when !== undefined && !when(state, at)) || holds(state, at))
    }
    case 'leadsTo':
      return never((state, at) => !property.from(state, at) || property.to(state, at))
    case 'reachable':
    case 'eventually':
    case 'alwaysEventually':
    case 'eventuallyAlways':
      return never(property.holds)
    case 'step':
      return trivialStep(system, property, budget)
    case 'observer':
      return trivialObserver(system, property, budget)
    case 'ltl':
      return trivialFormula(system, property, budget)
    case 'cancel': {
      const { system: made, owed } = cancelled(system, property.plan, `property ${property.name}`)
      return reason(made, owed(property), budget)
    }
    case 'refinement':
      // A map that always says the same is vacuous: the abstract model never moves.
      return undefined
  }
}

/** A system whose state is made of several that have nothing to do with each other. */
const beside = (system: System, fields: Readonly<Record<string, Shape>>): System => ({
  ...system,
  shape: { kind: 'record', fields },
})

/** A claim about steps, asked of any two states: what a step makes of the one is not in the question. */
function trivialStep(system: System, { on, when, holds }: Step, budget: Budget): string | undefined {
  const probe = new Probe(beside(system, { before: system.shape, after: system.shape }))
  const code = (transition: Transition) => (): Result => {
    const { before, after } = probe.view() as { before: never; after: never }
    const asked = [before, after, stepOf(probe, transition)] as const
    const isMeant = when === undefined || decided(when(...asked))
    return { answer: isMeant && !decided(holds(...asked)) ? no : yes, changes: [] }
  }
  const meant = oneOfEach(system.transitions.filter((one) => selects(on, one)))
  const isTrivial = meant.every((one) => withPcAt(probe, system, one, () => neverAnswers(probe, code(one), no, budget)))
  return isTrivial && meant.length > 0 ? 'it cannot be false: what it asks is so of every step it speaks of' : undefined
}

/** An observer that never says that something is wrong, or that steps in whatever order and states cannot bring to where it would. */
function trivialObserver(system: System, { declared }: Observer, budget: Budget): string | undefined {
  const { state, initial, on, next, wrong } = declared
  const probe = new Probe(beside(system, { own: state.shape, before: system.shape, after: system.shape }))
  const asks = (): Result => {
    const { own, after } = probe.view() as { own: never; after: never }
    return { answer: decided(wrong(own, after, probe.at)) ? yes : no, changes: [] }
  }
  if (neverAnswers(probe, asks, yes, budget)) return 'it cannot be false: nothing is wrong to it, whatever it has seen'
  const meant = oneOfEach(system.transitions.filter((one) => selects(on, one)))
  const notes = (transition: Transition) => (): Result => {
    const draft = probe.draft() as { own: never; before: never; after: never }
    const taken: StepTaken = stepOf(probe, transition)
    next(draft.own, draft.before, draft.after, taken)
    return { answer: yes, changes: probe.changed(draft) }
  }
  const memories = new Memories(probe, initial)
  for (const memory of memories.all) {
    memories.recall(memory)
    if (!everyResult(probe, asks, budget, ({ answer }) => answer !== yes)) return undefined
    for (const one of meant) {
      const isWhole = withPcAt(probe, system, one, () =>
        everyResult(probe, notes(one), budget, ({ changes }) => (memories.note(memory, changes), true)),
      )
      if (!isWhole) return undefined
    }
  }
  return memories.all.length > 1 ? 'it cannot be false: no steps bring it to where something is wrong' : undefined
}

/** What an observer may have noted, each found once: codes of its own slots. */
class Memories {
  readonly all: Int32Array[] = []
  private readonly seen = new Set<string>()
  private readonly own: readonly number[]

  constructor(
    private readonly probe: Probe,
    initial: unknown,
  ) {
    this.own = probe.slotsAt('own')
    this.add(probe.codesOf('own', initial))
  }

  /** Has the observer have noted that. */
  recall(memory: Int32Array): void {
    this.own.forEach((slot, i) => (this.probe.codes[slot] = memory[i]!))
  }

  note(before: Int32Array, changes: Result['changes']): void {
    const after = before.slice()
    for (const [slot, code] of changes) {
      const i = this.own.indexOf(slot)
      if (i >= 0) after[i] = Math.max(0, code)
    }
    this.add(after)
  }

  private add(memory: Int32Array): void {
    const key = memory.join()
    if (this.seen.has(key)) return
    this.seen.add(key)
    this.all.push(memory)
  }
}

/** A formula that is true of every sequence of what its atoms can say together. */
function trivialFormula(system: System, property: Ltl, budget: Budget): string | undefined {
  const atoms = atomsIn(property).map((name) => property.atoms[name]!)
  const probe = new Probe(system)
  const letters = new Set<number>()
  const code = (): Result => ({
    answer: atoms.reduce(
      (bits, atom, i) => (decided(atom(probe.view() as never, probe.at)) ? bits | (1 << i) : bits),
      0,
    ),
    changes: [],
  })
  const isWhole = everyResult(probe, code, budget, ({ answer }) => {
    if (answer >= 0) letters.add(answer)
    return true
  })
  return isWhole && isValid(property, [...letters])
    ? 'it cannot be false: its formula is true of whatever its atoms can say'
    : undefined
}
