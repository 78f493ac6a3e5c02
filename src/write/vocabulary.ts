/** Binds the vocabulary to a state, so that a model file needs no generics. */

import { stateShape, type Domain, type Shape, type ValueOf } from './domain.js'
import { Mistake } from './mistake.js'
import type {
  Action,
  ActionDeclaration,
  At,
  Args,
  ArgsOf,
  Edit,
  Frozen,
  Model,
  ModelDeclaration,
  Origin,
  Parameters,
  Part,
  Patch,
  PatchDeclaration,
  Range,
  Step,
  StepDeclaration,
  StepOver,
  Thread,
  ThreadDeclaration,
} from './model.js'
import {
  calledFrom,
  choosing,
  landed,
  leaving,
  renamed,
  stepsAt,
  within,
  writing,
  type Chosen,
  type Piece,
  type Placeable,
} from './piece.js'
import { siteOf } from './site.js'
import { lookAt, word } from './word.js'

type Scalar = string | number | boolean | null

/** The words that {@link over} binds to a state. */
export interface Vocabulary<S> {
  /** A protocol: `model('my-protocol', { question, actors, initial, parts })`. @throws Mistake for a patch that is declared twice. */
  model<const P extends Parameters = Record<never, never>>(name: string, declared: ModelDeclaration<S, P>): Model
  /** Steps in program order, with a hidden program counter; with `for`, one thread for each combination of values. */
  thread<const F extends Range = Record<never, never>>(
    name: string,
    declared: ThreadDeclaration<F, S>,
    ...steps: readonly Placeable<S, ArgsOf<F>>[]
  ): Thread
  /** One atomic act of a thread: waits for `when`, writes by `then`, goes on at `goto`; `either` names several outcomes. */
  step<A, const F extends Range = Record<never, never>>(
    name: string,
    declared: StepDeclaration<S, A, F>,
  ): StepOver<S, A>
  /** The steps of one C function, called `function:step`: they come from it, and may `goto` each other by their short names. */
  call(from: Origin, ...steps: readonly Placeable<S>[]): Piece<S>
  /** A step of the function around it. @throws Mistake, when it is put into a thread, unless a `call` is around it. */
  does(name: string, declared?: Omit<StepDeclaration<S, Args, Range>, 'origin'>): Piece<S>
  /** A check of the function around it, which is left if it is true: the caller goes on. */
  returnIf(name: string, when: (state: Frozen<S>, args: Args, at: At) => boolean): Piece<S>
  /** A choice of the function around it that cannot be taken back: what a way waits for is waited for once it was chosen. */
  choose(name: string, ways: Readonly<Record<string, Chosen<S>>>): Piece<S>
  /** A step that writes these values into fields; called `field=value`. */
  set(fields: { readonly [K in keyof S as S[K] extends Scalar ? K : never]?: S[K] }): Piece<S>
  /** The same step under another name: two of one function and one thread need two names. */
  as(name: string, step: Placeable<S>): Piece<S>
  /** Something that may happen whenever its `when` is true; its full name is `actor.name`. */
  action<const F extends Range = Record<never, never>>(name: string, declared: ActionDeclaration<S, F>): Action
  /** A named list of edits: what a commit changes (`fix`, `era`), or what is taken away to see a property notice it (`fault`). */
  patch(name: string, declared: PatchDeclaration): Patch
  /** What patches are made of. */
  readonly edit: Edits<S>
}

/** The edits that a patch is made of. */
export interface Edits<S> {
  /** Puts steps in front of a step; a `goto` to that step then leads to the first of them. */
  before(target: string, ...steps: readonly (Step | Piece<S>)[]): Edit
  /** Puts steps behind a step. */
  after(target: string, ...steps: readonly (Step | Piece<S>)[]): Edit
  /** Overlays the given fields on a step, one of its alternatives (`thread.step/alternative`) or an action. */
  replace<A = Args>(target: string, fields: Partial<StepDeclaration<S, A, Range>>): Edit
  /** Overlays the given fields on the head of a thread: its actor, its fairness, what all of it waits for. */
  head(thread: string, fields: Partial<ThreadDeclaration<Range, S>>): Edit
  /** Takes a step, an alternative, an action or a whole thread away. */
  remove(target: string): Edit
  /** Puts a step elsewhere in its thread. */
  move(target: string, to: { readonly before: string } | { readonly after: string }): Edit
  /** Adds a thread or an action. */
  add(part: Part): Edit
  /** Changes the initial state. */
  initially(change: (draft: S) => void): Edit
}

/** Binds the vocabulary to a state: a {@link Domain}, or a function that makes one from the parameters' values. */
export function over<D extends Domain<unknown> | ((parameters: never) => Domain<unknown>)>(
  state: D,
  ...more: readonly never[]
): Vocabulary<ValueOf<D>> {
  lookAt('over', [state, ...more], over)
  const shape = (parameters: Readonly<Record<string, unknown>>): Shape => stateShape(state, parameters)
  const words = {
    model: word('model', (name: string, declared: Model['declared']): Model => {
      refuseTwice(name, declared.patches ?? [])
      return { name, shape, declared }
    }),
    thread: word('thread', (name: string, declared: Thread['declared'], ...steps: readonly Given[]): Thread => ({
      kind: 'thread',
      name,
      declared,
      steps: landed(stepsAt({ thread: name, single: declared.for === undefined }, steps), 'end'),
    })),
    call: word('call', (from: Origin, ...steps: readonly Placeable<unknown>[]) => calledFrom(from, steps)),
    does: word('does', (name: string, declared: Omit<Step['declared'], 'origin'> = {}) => within(name, declared)),
    returnIf: word('returnIf', leaving),
    choose: word('choose', choosing),
    set: word('set', writing),
    as: word('as', renamed),
    step: word('step', (name: string, declared: Step['declared']): Step => ({ name, declared })),
    action: word('action', (name: string, declared: Action['declared']): Action => ({
      kind: 'action',
      name,
      declared,
    })),
    patch: word('patch', (name: string, declared: PatchDeclaration): Patch => ({ name, ...declared })),
    edit,
  }
  // The one place where the state's type is erased: the declarations keep it for authors, the checker does without.
  return words as unknown as Vocabulary<ValueOf<D>>
}

function refuseTwice(model: string, patches: readonly Patch[]): void {
  const twice = patches.find(({ name }, i) => patches.slice(0, i).some((other) => other.name === name))
  if (twice)
    throw new Mistake(`model ${model}`, `patch '${twice.name}' is declared twice`, 'rename one of them', {
      at: siteOf(twice),
    })
}

type Given = Step | Piece<never>

/** The thread that an edit's target is in. */
const threadOf = (target: string): string => target.split('.')[0]!

type To = { readonly before: string } | { readonly after: string }

const edit = {
  before: word('edit.before', (target: string, ...steps: readonly Given[]): Edit => ({
    kind: 'before',
    target,
    steps: landed(stepsAt({ thread: threadOf(target) }, steps), target.slice(threadOf(target).length + 1)),
  })),
  // What leaves the last of them goes to whatever comes behind: that is known when it is applied.
  after: word('edit.after', (target: string, ...steps: readonly Given[]): Edit => ({
    kind: 'after',
    target,
    steps: stepsAt({ thread: threadOf(target) }, steps),
  })),
  replace: word('edit.replace', (target: string, fields: Partial<Step['declared']>): Edit => ({
    kind: 'replace',
    target,
    fields,
  })),
  head: word('edit.head', (target: string, fields: Partial<Thread['declared']>): Edit => ({
    kind: 'head',
    target,
    fields,
  })),
  remove: word('edit.remove', (target: string): Edit => ({ kind: 'remove', target })),
  move: word('edit.move', (target: string, to: To): Edit => {
    if (Object.values(to).length !== 1)
      throw new Mistake(`edit.move ${target}`, 'wants one place', `{ before: 'thread.step' } or { after: … }`)
    return { kind: 'move', target, to }
  }),
  add: word('edit.add', (part: Part): Edit => ({ kind: 'add', part })),
  initially: word('edit.initially', (change: (draft: unknown) => void): Edit => ({ kind: 'initially', change })),
}
