/** What a protocol is written as: actors, threads of steps, actions, parameters, patches; plain data and functions. */

import { cardinality, misfit, scalarsOf, spell, type Domain, type Shape } from './domain.js'
import { Mistake } from './mistake.js'
import { siteHere } from './site.js'
import { lookAt } from './word.js'

/** Where a step comes from: a function in a source file, or a sentence about the environment. */
export type Origin =
  | {
      readonly kind: 'source'
      readonly file: string
      readonly symbol: string
      /** The function that this one calls here: the step is one of the two. */
      readonly calls?: { readonly file: string; readonly symbol: string }
    }
  | { readonly kind: 'env'; readonly says: string }

/** The origin of a step that abstracts a piece of source code: `source('drivers/xen/manage.c', 'do_suspend')`. */
export function source(file: string, symbol: string, ...more: readonly never[]): Origin {
  lookAt('source', [file, symbol, ...more], source)
  return { kind: 'source', file, symbol }
}

/** The origin of a step that no source line makes happen: `env('the toolstack gives up')`. */
export function env(says: string, ...more: readonly never[]): Origin {
  lookAt('env', [says, ...more], env)
  return { kind: 'env', says }
}

/** A value that a `for` binds. */
export type Arg = string | number | boolean

/** The arguments of one instance of a thread, step or action: `{ i: 1 }`. */
export type Args = Readonly<Record<string, Arg>>

/** Where each thread stands, as data: the label of the step it takes next, or `end`; keyed by thread name, `tx(0)`. */
export type Standing = Readonly<Record<string, string>>

/**
 * Asks where a thread stands: `at('suspend', 'enter')` is true while the step that `suspend` takes next is `enter`. Several labels
 * mean any of them; `end` is where a thread is after its last step. A thread or a label that only other variants of the model have
 * (patches, parameters) is nowhere here: false. @throws Mistake for a name that no variant has.
 */
export interface At {
  (thread: string, label: string, ...more: readonly string[]): boolean
  /** Whether this variant has the thread, and this label in it. @throws Mistake for a name that no variant has. */
  has(thread: string, label?: string): boolean
}

/**
 * What the checker may assume of a thread or action that could go on: `weak`, it does not stay enabled for ever without
 * being taken; `strong`, it is taken if enabled again and again; `none`, nothing.
 */
export type Fairness = 'weak' | 'strong' | 'none'

/** The values that a `for` ranges over, by the name it binds: a list, or all values of a domain, `{ cpu: member('cpu', 2) }`. */
export type Range = Readonly<Record<string, Values>>

type Values = readonly Arg[] | Domain<Arg>

/** The arguments that a `for` binds. */
export type ArgsOf<F> = { readonly [K in keyof F]: ValueIn<F[K]> }

type ValueIn<V> = V extends readonly (infer T)[] ? T : V extends Domain<infer T> ? T : never

/** The most values that one name may range over: each makes a thread or a transition. */
const mostValues = 4096

/** The values of a range, in order. @throws Mistake for a domain whose values have parts. */
export function valuesIn(values: Values): readonly Arg[] {
  if (!('shape' in values)) return values
  const size = cardinality(values.shape) ?? Infinity
  if (size > mostValues)
    throw new Mistake(spell(values.shape), `has too many values for a 'for'`, `at most ${mostValues} fit`)
  return scalarsOf(values.shape) as readonly Arg[]
}

/** The set whose members a range goes through, if it is one. */
export const setOf = (values: Values): string | undefined =>
  'shape' in values && values.shape.kind === 'member' ? values.shape.set : undefined

/** A state that nobody may write: what guards and predicates see. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T

/** A guarded effect: one way in which a step can go. */
export interface Branch<S, A> {
  /** Whether it may be taken; must be a pure function of its arguments. Absent: always. */
  readonly when?: (state: Frozen<S>, args: A, at: At) => boolean
  /** What it changes, written on a draft; must be deterministic and touch nothing else. Absent: nothing. */
  readonly then?: (draft: S, args: A) => void
  /** The step of the same thread that comes next, or `end`. Absent: the next one in program order. */
  readonly goto?: string
  /** The log lines that it prints on a real machine. */
  readonly log?: string | ((before: Frozen<S>, args: A) => string | readonly string[])
  /** One sentence for the reader. */
  readonly says?: string
  /** How to make it happen on a real machine. */
  readonly provoke?: string
  /** Taken only when nothing else that is promised can go on: a time limit that is never short. */
  readonly lastResort?: true
  /** The actor that it signals: an arrow between lanes. */
  readonly signals?: string
  /** Overrides the step's origin. */
  readonly origin?: Origin
}

/** A step: one atomic act of a thread. `either` names alternatives, each of which is explored. */
export interface StepDeclaration<S, A, F extends Range> extends Branch<S, A & ArgsOf<F>> {
  /** The C function that it stands for, or a sentence about the environment. */
  readonly origin: Origin
  /** One instance per combination of values: a choice that nobody controls. */
  readonly for?: F
  /** The line that is printed when its thread arrives at it, before it waits. */
  readonly logOnEntry?: string
  /** Ways in which it may go, by name; each that its guard allows is explored. */
  readonly either?: Readonly<Record<string, Branch<S, A & ArgsOf<F>>>>
}

/** An action: a guarded effect with no program counter (device, host, interrupt, environment). */
export interface ActionDeclaration<S, F extends Range> extends Omit<
  StepDeclaration<S, unknown, F>,
  'goto' | 'logOnEntry'
> {
  /** Who does it: a lane in every diagram. */
  readonly actor: string
  /** Default: the fairness of its actor. */
  readonly fair?: Fairness
}

/** The head of a thread. */
export interface ThreadDeclaration<F extends Range, S = unknown> {
  /** Who runs it: a lane in every diagram. */
  readonly actor: string
  /** One thread per combination of values. */
  readonly for?: F
  /** Default: the fairness of its actor. */
  readonly fair?: Fairness
  /** What every step of it waits for besides its own condition; must be pure. */
  readonly while?: (state: Frozen<S>, args: ArgsOf<F>, at: At) => boolean
  /** Nothing makes it begin: its first step is not promised, the others are as fair as the thread. */
  readonly startsFreely?: true
  /** One sentence for the reader. */
  readonly says?: string
}

/** What a step does to a thing that has words of its own, as a lock or a work item: what they owe is asked of it. */
export interface Act {
  /** The word of the thing: `mutex`. */
  readonly thing: string
  /** The field that holds it. */
  readonly field: string
  /** What is done: `lock`. */
  readonly does: string
  /** What else is known of it. */
  readonly with?: string
}

/** A {@link StepDeclaration} without its types: what the checker works on. */
export interface Step {
  /** Unique in its thread. */
  readonly name: string
  /** What `step` was given. */
  readonly declared: StepDeclaration<unknown, Args, Range>
  /** What it does to a thing of the kernel, if it is one of its words. */
  readonly act?: Act
}

declare const bound: unique symbol

/** A step that only fits a thread over the same state whose arguments include `A`. */
export interface StepOver<S, A> extends Step {
  readonly [bound]?: (state: S, args: A) => void
}

/** A thread: steps in program order with a hidden program counter. */
export interface Thread {
  /** Tells it from an action. */
  readonly kind: 'thread'
  /** Unique in the model. */
  readonly name: string
  /** What `thread` was given before its steps. */
  readonly declared: ThreadDeclaration<Range>
  /** In program order. */
  readonly steps: readonly Step[]
}

/** An action; its full name is `actor.name`. */
export interface Action {
  /** Tells it from a thread. */
  readonly kind: 'action'
  /** Unique among those of its actor. */
  readonly name: string
  /** What `action` was given. */
  readonly declared: ActionDeclaration<unknown, Range>
}

/** What a model is made of. */
export type Part = Thread | Action

/** A size or a choice of the environment: its range, its default, and a sentence. */
export interface Parameter<T> {
  /** The values that may be chosen. */
  readonly domain: Domain<T>
  /** The value if none is chosen. */
  readonly default: T
  /** What it is, in words. */
  readonly says: string
}

/** Declares a parameter: `parameter(int(1, 4), 2, 'how many drivers')`. */
export function parameter<T>(
  domain: Domain<T>,
  byDefault: NoInfer<T>,
  says: string,
  ...more: readonly never[]
): Parameter<T> {
  lookAt('parameter', [domain, byDefault, says, ...more], parameter)
  if (misfit(domain.shape, byDefault))
    throw new Mistake(
      'parameter',
      `its default ${JSON.stringify(byDefault)} is not in ${spell(domain.shape)}`,
      undefined,
      {
        at: siteHere(parameter),
      },
    )
  return { domain, default: byDefault, says }
}

/** The declared parameters of a model. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values of declared parameters. */
export type ParameterValues<P> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never }

/** An actor: a lane in every diagram. What it is, and the fairness its steps have unless they say otherwise. */
export interface Actor {
  /** What it is, in words. */
  readonly says: string
  /** The fairness of its steps, unless a thread or an action says otherwise. */
  readonly fair: Fairness
}

/** A part of the system: weakly fair unless a thread or action says otherwise. */
export function system(says: string, ...more: readonly never[]): Actor {
  lookAt('system', [says, ...more], system)
  return { says, fair: 'weak' }
}

/** The environment: nothing is promised of it. */
export function environment(says: string, ...more: readonly never[]): Actor {
  lookAt('environment', [says, ...more], environment)
  return { says, fair: 'none' }
}

/** What `model` wants. */
export interface ModelDeclaration<S, P extends Parameters> {
  /** What the model is to answer, in one sentence. */
  readonly question: string
  /** Sizes and choices of the environment, by name. */
  readonly parameters?: P
  /** Who acts, by name: the lanes of every diagram. */
  readonly actors: Readonly<Record<string, Actor>>
  /** What every step and action of an actor waits for besides its own condition, by the name of the actor; must be pure. */
  readonly while?: Readonly<Record<string, (state: Frozen<S>, at: At) => boolean>>
  /** The initial state, or several. */
  readonly initial: (parameters: ParameterValues<P>) => S | readonly S[]
  /** Threads and actions, by the values of the parameters. */
  readonly parts: (parameters: ParameterValues<P>) => readonly Part[]
  /** What commits and proposals change, and what is taken away to see a property notice it. */
  readonly patches?: readonly Patch[]
  /** Whether it is all right that nothing more happens in this state. Absent: never. */
  readonly resting?: (state: Frozen<S>, at: At, parameters: ParameterValues<P>) => boolean
  /** What was left out or simplified, and why no verdict depends on it; one entry each. */
  readonly abstractions?: readonly string[]
}

/** A protocol as a transition system, before parameters and patches are chosen. */
export interface Model {
  /** Small letters, digits and dashes. */
  readonly name: string
  /** The domain of its state, by the values of its parameters. */
  readonly shape: (parameters: Readonly<Record<string, unknown>>) => Shape
  /** What `model` was given. */
  readonly declared: ModelDeclaration<unknown, Parameters>
}

/** One edit of a model. Targets are spelled `thread.step`, `thread.step/alternative`, `actor.action`, `thread`. */
export type Edit =
  | { readonly kind: 'before' | 'after'; readonly target: string; readonly steps: readonly Step[] }
  | { readonly kind: 'replace'; readonly target: string; readonly fields: Partial<Step['declared']> }
  | { readonly kind: 'head'; readonly target: string; readonly fields: Partial<Thread['declared']> }
  | { readonly kind: 'remove'; readonly target: string }
  | {
      readonly kind: 'move'
      readonly target: string
      readonly to: { readonly before: string } | { readonly after: string }
    }
  | { readonly kind: 'add'; readonly part: Part }
  | { readonly kind: 'initially'; readonly change: (draft: unknown) => void }

/** What a patch says of itself. */
export interface PatchDeclaration {
  /**
   * `fix`: what a real or proposed commit changes. `fault`: removes something load-bearing, to prove that the
   * properties have teeth. `era`: turns the base into an older or a newer kernel.
   */
  readonly kind: 'fix' | 'fault' | 'era'
  /** One sentence: what it changes and why. */
  readonly says: string
  /** Commit, thread or document it rests on. Absent only for a fault of our own. */
  readonly reference?: string
  /** Applied in this order. */
  readonly edits: readonly Edit[]
}

/** A named list of edits. */
export interface Patch extends PatchDeclaration {
  /** Small letters, digits and dashes; unique in the model. */
  readonly name: string
}
