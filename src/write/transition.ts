/** What a system is made of: transitions, threads, initial states; plain data and functions, as the search works on it. */

import type { Shape } from './domain.js'
import type { Actor, Arg, Args, At, Branch, Fairness, Model, Origin, Part } from './model.js'
import type { StepTaken } from './predicate.js'
import type { Site } from './site.js'

/** Whether a transition may be taken. */
export type Guard = (state: unknown, args: Args, at: At) => boolean

/** What a transition changes, written on a draft. */
export type Effect = (draft: unknown, args: Args) => void

/** What is noted of a step after its effects, in a field of the same draft: how an observer is composed with a system. Returns nothing. */
export type Note = (before: unknown, draft: unknown, step: StepTaken) => unknown

/** One instance of a step, alternative or action: the unit of exploration. */
export interface Transition {
  /** Its place in {@link System.transitions}. */
  readonly index: number
  /** Its one spelling everywhere: `thread.step/alternative(args)`. */
  readonly name: string
  /** The spelling without arguments: what selectors and the unfired list use. */
  readonly step: string
  /** Who takes it. */
  readonly actor: string
  /** Index into {@link System.threads}, or -1 for an action. */
  readonly thread: number
  /** Program counter before and after; 0 for an action. */
  readonly from: number
  /** The program counter after it; 0 for an action. */
  readonly to: number
  /** The values that its `for`, and that of its thread, bind. */
  readonly args: Args
  /** The set of each argument that is a member of one. */
  readonly sets: Readonly<Record<string, string>>
  /** All must be true for it to be taken. */
  readonly guards: readonly Guard[]
  /** Applied one after the other. */
  readonly effects: readonly Effect[]
  /** Absent in a system as the author wrote it. */
  readonly note?: Note
  /** The fields that the note writes on; of the others it only reads. */
  readonly noted?: readonly string[]
  /** What may be assumed of it. */
  readonly fair: Fairness
  /** Where it comes from. */
  readonly origin: Origin
  /** Where the step was declared. */
  readonly site?: Site | undefined
  /** The lines that it prints. */
  readonly log: readonly NonNullable<Branch<unknown, Args>['log']>[]
  /** One sentence for the reader, if it has one. */
  readonly says: string | undefined
  /** How to make it happen on a real machine, if that is known. */
  readonly provoke: string | undefined
  /** The actor that it signals, if it does. */
  readonly signals: string | undefined
}

/** One thread instance: its spelling, `tx(0)`, and the labels its program counter takes, the last being `end`. */
export interface ThreadInstance {
  readonly name: string
  readonly actor: string
  readonly labels: readonly string[]
  readonly fair: Fairness
  readonly args: Args
  /** The set of each argument that is a member of one. */
  readonly sets: Readonly<Record<string, string>>
}

/** What the search works on. */
export interface System {
  /** What it was made of. */
  readonly model: Model
  /** The value of every parameter. */
  readonly parameters: Readonly<Record<string, Arg>>
  /** Those that were applied, in that order. */
  readonly patches: readonly string[]
  /** Chosen over what the model declares, by thread or action. */
  readonly fairness: Readonly<Record<string, Fairness>>
  /** The domain of its state. */
  readonly shape: Shape
  /** By name. */
  readonly actors: Readonly<Record<string, Actor>>
  /** Threads and actions with all patches applied. */
  readonly parts: readonly Part[]
  /** A thread for each combination of values of its `for`. */
  readonly threads: readonly ThreadInstance[]
  /** All instances of steps, alternatives and actions, in the order of their declaration. */
  readonly transitions: readonly Transition[]
  /** The initial states. */
  readonly initials: readonly unknown[]
  /** Whether it is all right that nothing more happens in a state. */
  readonly resting: (state: unknown, at: At) => boolean
}
