/** Binds the vocabulary to a state, so that a model file needs no generics. */

import { stateShape, type Domain, type Shape, type ValueOf } from './domain.js'
import { Mistake } from './mistake.js'
import type {
  Action,
  ActionDeclaration,
  Args,
  ArgsOf,
  Edit,
  Model,
  ModelDeclaration,
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
import { siteOf } from './site.js'
import { lookAt, word } from './word.js'

/** The words that {@link over} binds to a state. */
export interface Vocabulary<S> {
  model<const P extends Parameters = Record<never, never>>(name: string, declared: ModelDeclaration<S, P>): Model
  thread<const F extends Range = Record<never, never>>(
    name: string,
    declared: ThreadDeclaration<F>,
    ...steps: readonly StepOver<S, ArgsOf<F>>[]
  ): Thread
  step<A, const F extends Range = Record<never, never>>(
    name: string,
    declared: StepDeclaration<S, A, F>,
  ): StepOver<S, A>
  action<const F extends Range = Record<never, never>>(name: string, declared: ActionDeclaration<S, F>): Action
  patch(name: string, declared: PatchDeclaration): Patch
  readonly edit: Edits<S>
}

/** The edits that a patch is made of. */
export interface Edits<S> {
  /** Puts steps in front of a step; a `goto` to that step then leads to the first of them. */
  before(target: string, ...steps: readonly Step[]): Edit
  /** Puts steps behind a step. */
  after(target: string, ...steps: readonly Step[]): Edit
  /** Overlays the given fields on a step, one of its alternatives (`thread.step/alternative`) or an action. */
  replace<A = Args>(target: string, fields: Partial<StepDeclaration<S, A, Range>>): Edit
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
): Vocabulary<ValueOf<D>> {
  lookAt('over', [state], over)
  const shape = (parameters: Readonly<Record<string, unknown>>): Shape => stateShape(state, parameters)
  const words = {
    model: word('model', (name: string, declared: Model['declared']): Model => {
      refuseTwice(name, declared.patches ?? [])
      return { name, shape, declared }
    }),
    thread: word('thread', (name: string, declared: Thread['declared'], ...steps: readonly Step[]): Thread => ({
      kind: 'thread',
      name,
      declared,
      steps,
    })),
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

type To = { readonly before: string } | { readonly after: string }

const edit = {
  before: word('edit.before', (target: string, ...steps: readonly Step[]): Edit => ({ kind: 'before', target, steps })),
  after: word('edit.after', (target: string, ...steps: readonly Step[]): Edit => ({ kind: 'after', target, steps })),
  replace: word('edit.replace', (target: string, fields: Partial<Step['declared']>): Edit => ({
    kind: 'replace',
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
