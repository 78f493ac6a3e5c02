/** What must hold of a protocol: each property starts with its requirement as an English sentence. */

import { obligationsOf, type CancelPlan, type Obligation } from './cancel.js'
import { misfit, spellMisfit, type Domain, type ValueOf } from './domain.js'
import { formulaFrom, type Formula } from './formula.js'
import { Mistake } from './mistake.js'
import type { Arg, At, Frozen, Model, Standing } from './model.js'
import type { Predicate, Selector, StepPredicate, StepTaken } from './predicate.js'
import type { Choice } from './system.js'
import { lookAt, word } from './word.js'

interface Named {
  /** One word with dashes; unique within the protocol. */
  readonly name: string
  /** The requirement, a full English sentence; printed verbatim in reports and documentation. */
  readonly says: string
}

/** Every reachable state that satisfies `when` satisfies `holds`. */
export interface Always extends Named {
  readonly kind: 'always'
  readonly when: Predicate<unknown> | undefined
  readonly holds: Predicate<unknown>
}

/** Every reachable transition that `on` selects and `when` admits satisfies `holds`. */
export interface Step extends Named {
  readonly kind: 'step'
  readonly on: Selector | undefined
  readonly when: StepPredicate<unknown> | undefined
  readonly holds: StepPredicate<unknown>
}

/** Some reachable state satisfies `holds`. */
export interface Reachable extends Named {
  readonly kind: 'reachable'
  readonly holds: Predicate<unknown>
}

/** From every reachable state that satisfies `when`, a state that satisfies `holds` can still be reached. */
export interface Possible extends Named {
  readonly kind: 'possible'
  readonly when: Predicate<unknown> | undefined
  readonly holds: Predicate<unknown>
}

/** On every fair run, whenever `from` is satisfied, `to` is satisfied then or later. */
export interface LeadsTo extends Named {
  readonly kind: 'leadsTo'
  readonly from: Predicate<unknown>
  readonly to: Predicate<unknown>
}

/** Every fair run satisfies `holds` at least once. */
export interface Eventually extends Named {
  readonly kind: 'eventually'
  readonly holds: Predicate<unknown>
}

/** Every fair run satisfies `holds` again and again; one that stops, in the state in which it stops. */
export interface AlwaysEventually extends Named {
  readonly kind: 'alwaysEventually'
  readonly holds: Predicate<unknown>
}

/** Every fair run satisfies `holds` from some state on for ever. */
export interface EventuallyAlways extends Named {
  readonly kind: 'eventuallyAlways'
  readonly holds: Predicate<unknown>
}

/** A property of whole runs: what must happen in the end. */
export type Live = LeadsTo | Eventually | AlwaysEventually | EventuallyAlways

/** What an observer is made of: a small automaton with a state of its own that watches steps and can only say "wrong". */
export interface ObserverDeclaration<S, O> {
  /** The domain of its own state. */
  readonly state: Domain<O>
  /** Its own state before the first step. */
  readonly initial: O
  /** The steps that it is fed with. Absent: all. */
  readonly on?: Selector
  /** Writes on its own state only; must be deterministic. */
  readonly next: (own: O, before: Frozen<S>, after: Frozen<S>, step: StepTaken) => void
  /** Asked in every state, with what the observer has noted by then. */
  readonly wrong: (own: Frozen<O>, state: Frozen<S>, at: At) => boolean
  /** What it has noted, as a sentence for whoever asks why it is wrong. */
  readonly explain?: (own: Frozen<O>) => string
}

/** No run brings the observer into a state that is wrong. */
export interface Observer extends Named {
  readonly kind: 'observer'
  readonly declared: ObserverDeclaration<unknown, unknown>
}

/** Every fair run satisfies a formula of linear temporal logic. */
export interface Ltl extends Named {
  readonly kind: 'ltl'
  readonly formula: Formula
  readonly atoms: Readonly<Record<string, Predicate<unknown>>>
}

/** After a cancel at any step before the point of no return, one obligation of a plan is met. */
export interface Cancel extends Named {
  readonly kind: 'cancel'
  readonly obligation: Obligation
  readonly plan: CancelPlan<unknown>
}

/** How a model is seen as a more abstract one. */
export interface RefinementClaim<S, O> {
  /** The simpler model. */
  readonly abstract: Model
  /** Parameters and patches of the abstract model. */
  readonly choice?: Choice
  /** The abstract state that a state stands for; `remembered` is what `remember` has noted so far. */
  readonly map: (state: Frozen<S>, at: At, remembered: Frozen<O>) => unknown
  /**
   * Where threads of the abstract model stand, by the labels that they have there. A thread that is not told of stands at the
   * label of the same name as the thread of the same name here.
   */
  readonly at?: (state: Frozen<S>, at: At) => Standing
  /** History that the map needs, as an observer notes it. */
  readonly remember?: Omit<ObserverDeclaration<S, O>, 'wrong' | 'explain'>
}

/** Every step is a step of a more abstract model, or changes nothing there. */
export interface Refinement extends Named {
  readonly kind: 'refinement'
  readonly claim: RefinementClaim<unknown, unknown>
}

/** A property of a protocol. */
export type Property = Always | Step | Reachable | Possible | Live | Observer | Ltl | Cancel | Refinement

/** The kinds of property, and the two that every model has. */
export type Kind = Property['kind'] | 'no-deadlock' | 'in-domain'

/** The properties of a protocol, or a function that makes them from the parameters' values. */
export type Properties = readonly Property[] | ((parameters: Readonly<Record<string, Arg>>) => readonly Property[])

/** A claim with a premise: judged vacuous if the premise never happens. */
export interface Conditional<P> {
  /** The premise. Absent: always. */
  readonly when?: P
  /** What is claimed where the premise is so. */
  readonly holds: P
}

/** The words that {@link propertiesOver} binds to a state. */
export interface PropertyVocabulary<S> {
  /** Every reachable state satisfies the claim. Counterexample: a shortest path. */
  always(name: string, says: string, claim: Predicate<S> | Conditional<Predicate<S>>): Property
  /** Every transition satisfies the claim. Counterexample: a shortest path whose last step breaks it. */
  step(
    name: string,
    says: string,
    claim: StepPredicate<S> | (Conditional<StepPredicate<S>> & { readonly on?: Selector }),
  ): Property
  /** Some reachable state satisfies the claim. */
  reachable(name: string, says: string, claim: Predicate<S>): Property
  /** The claim never becomes impossible. Counterexample: a shortest path into the trap. */
  possible(name: string, says: string, claim: Predicate<S> | Conditional<Predicate<S>>): Property
  /**
   * What took place matters, not only what is: an automaton fed with every step never reaches a wrong state. It is vacuous if
   * the observer never leaves its initial state. Counterexample: a shortest path. Costs a search of its own.
   */
  observer<O extends object>(name: string, says: string, declared: ObserverDeclaration<S, O>): Property
  /**
   * The model implements a more abstract one: it starts where that starts, and every step is one of its steps or changes nothing
   * there. Counterexample: a shortest path whose last step is none, beside the abstract run. Costs a search of its own.
   */
  refines<O extends object = never>(name: string, says: string, claim: RefinementClaim<S, O>): Property
  /**
   * What the protocol owes to a cancel at every step before its point of no return: a property for each obligation that the plan
   * has words for, called `name-returns`, `name-releases`, and so on. The checker injects the cancels itself, one per attempt, into a
   * system of its own; the protocol's own error paths are what is judged. Counterexample: a shortest path, or a lasso.
   */
  cancel(name: string, plan: CancelPlan<S>): readonly Property[]
  /**
   * On every fair run, whenever `from` holds, `to` holds then or later. A run goes on as long as something weakly or
   * strongly fair can; where nothing is obliged to happen, it may stop. Counterexample: a lasso, or a run that stops.
   */
  leadsTo(name: string, says: string, claim: { readonly from: Predicate<S>; readonly to: Predicate<S> }): Property
  /**
   * Every fair run satisfies a formula of linear temporal logic, as text (`G (asked -> F answered)`) or built by {@link formula},
   * over predicates by name; see {@link formulaFrom} for the operators. Counterexample as for `leadsTo`.
   */
  ltl<const A extends string>(
    name: string,
    says: string,
    claim: { readonly formula: Formula; readonly atoms: Readonly<Record<A, Predicate<S>>> },
  ): Property
  /** Every fair run satisfies the claim at least once. Counterexample as for `leadsTo`. */
  eventually(name: string, says: string, claim: Predicate<S>): Property
  /** Every fair run satisfies the claim again and again. Counterexample as for `leadsTo`. */
  alwaysEventually(name: string, says: string, claim: Predicate<S>): Property
  /** Every fair run satisfies the claim from some state on for ever. Counterexample as for `leadsTo`. */
  eventuallyAlways(name: string, says: string, claim: Predicate<S>): Property
}

/** Binds the property vocabulary to a state, as `over` does for models. */
export function propertiesOver<D extends Domain<unknown> | ((parameters: never) => Domain<unknown>)>(
  state: D,
  ...more: readonly never[]
): PropertyVocabulary<ValueOf<D>> {
  lookAt('propertiesOver', [state, ...more], propertiesOver)
  const words = {
    always: word('always', (name: string, says: string, claim: Claim): Property => {
      return { kind: 'always', name, says, ...split(claim) }
    }),
    step: word('stepProperty', (name: string, says: string, claim: StepClaim): Property => {
      const on = typeof claim === 'function' ? undefined : claim.on
      return { kind: 'step', name, says, on, ...split(claim) }
    }),
    possible: word('possible', (name: string, says: string, claim: Claim): Property => {
      return { kind: 'possible', name, says, ...split(claim) }
    }),
    ...plain('reachable'),
    ...plain('eventually'),
    ...plain('alwaysEventually'),
    ...plain('eventuallyAlways'),
    leadsTo: word('leadsTo', (name: string, says: string, { from, to }: Pick<LeadsTo, 'from' | 'to'>): Property => {
      return { kind: 'leadsTo', name, says, from, to }
    }),
    observer: word('observer', (name: string, says: string, declared: Observer['declared']): Property => {
      refuseOutside(`observer ${name}`, declared)
      return { kind: 'observer', name, says, declared }
    }),
    refines: word('refines', (name: string, says: string, claim: Refinement['claim']): Property => {
      if (claim.remember) refuseOutside(`refines ${name}, remember`, claim.remember)
      return { kind: 'refinement', name, says, claim }
    }),
    ltl: word('ltl', (name: string, says: string, { formula, atoms }: Pick<Ltl, 'formula' | 'atoms'>): Property => {
      formulaFrom(formula, Object.keys(atoms), `ltl ${name}`)
      return { kind: 'ltl', name, says, formula, atoms }
    }),
    cancel: word('cancel', (name: string, plan: CancelPlan<unknown>): readonly Property[] =>
      obligationsOf(plan).map(([obligation, says]) => ({
        kind: 'cancel',
        name: `${name}-${obligation}`,
        says,
        obligation,
        plan,
      })),
    ),
  }
  return words as unknown as PropertyVocabulary<ValueOf<D>>
}

/** The word for a kind whose claim is one predicate. */
const plain = <K extends 'reachable' | 'eventually' | 'alwaysEventually' | 'eventuallyAlways'>(
  kind: K,
): Record<string, (name: string, says: string, holds: Predicate<unknown>) => Property> => ({
  [kind]: word(kind, (name: string, says: string, holds: Predicate<unknown>): Property => ({
    kind,
    name,
    says,
    holds,
  })),
})

/** @throws Mistake for a memory that does not start in its own domain. */
function refuseOutside(where: string, { state, initial }: Pick<Observer['declared'], 'state' | 'initial'>): void {
  const wrong = misfit(state.shape, initial)
  if (wrong) throw new Mistake(`${where}, initial`, spellMisfit(wrong))
}

type Claim = Predicate<unknown> | Conditional<Predicate<unknown>>
type StepClaim = StepPredicate<unknown> | (Conditional<StepPredicate<unknown>> & { readonly on?: Selector })

const split = <P>(claim: P | Conditional<P>): { when: P | undefined; holds: P } =>
  typeof claim === 'function'
    ? { when: undefined, holds: claim }
    : { when: (claim as Conditional<P>).when, holds: (claim as Conditional<P>).holds }
