/**
 * Mutants: the classic errors of suspend, cancel and resume code, planted one at a time in a system that is right.
 * A property that no mutant breaks has no teeth, and a mutant that no property notices shows what is not claimed.
 *
 * Two classic errors are not planted, because only an author knows which fields they are about: a counter that becomes a
 * boolean, and pending events that a resume clears. Write them as patches of kind `fault`.
 */

import { adopt } from './family.js'
import {
  valuesIn,
  type Args,
  type Branch,
  type Edit,
  type Part,
  type Patch,
  type Range,
  type Step,
  type Thread,
} from './model.js'
import { combinations, instantiate, spelledArgs, type System } from './system.js'

/** A kind of error, by the sentence that a mutant of it says of itself. */
export const operators = {
  'drop-step': 'a step is left out: an undo, a flag that is cleared, a signal',
  'drop-effect': 'a step or alternative is passed through and does nothing',
  'undo-too-many': 'an error exit jumps one label too early and undoes what was never done',
  'undo-too-few': 'an error exit jumps one label too late and leaves something done',
  'swap-steps': 'two neighbouring steps change places',
  'commit-early': 'a step is taken before the last one that can still fail',
  'check-then-act': 'a condition is checked in one step and relied upon in the next',
  'no-wait': 'a step does not wait for its condition',
  'any-time': 'an alternative is open in situations it is not meant for',
  negated: 'an alternative is open exactly where it is not meant to be',
  'wait-for-self': 'a step waits for its own thread to end',
  'cross-effects': 'two alternatives do what the other should do: the undo of the wrong mode',
  'wrong-instance': 'an effect is applied to another instance than the one at hand',
  'no-retry': 'a loop is left after its first turn',
  'wrong-default': 'a field starts with another value: as if something had been stopped already',
} as const

/** A kind of error. */
export type Operator = keyof typeof operators

/** One planted error. */
export interface Mutant {
  readonly operator: Operator
  /** What it is done to: `thread.step`, `thread.step/alternative`, `actor.action`, or the path of a field. */
  readonly target: string
  /** An ordinary patch, named `operator:target`. */
  readonly patch: Patch
}

/**
 * All mutants of a system, in declaration order, operator by operator within a step. Linear in the size of its parts. The environment
 * is left as it is: nothing is promised of it, so that nothing that it does is an error. So is what a word of the kernel does: that is
 * Linux's. Errors are planted in how words are used: left out, in part or as a whole, and in the wrong order.
 */
export function mutantsOf(system: System): readonly Mutant[] {
  const own = system.parts.filter(({ declared }) => system.actors[declared.actor]!.fair !== 'none')
  const things = new Set(
    system.parts.flatMap((part) => (part.kind === 'thread' ? part.steps.flatMap(({ act }) => act?.field ?? []) : [])),
  )
  const fields = system.initials.slice(0, 1).flatMap((state) => ofField('', state))
  return [...own.flatMap(ofPart), ...fields.filter(({ target }) => !things.has(target.split('.')[0]!))]
}

/** The system with one error planted; its parameters, patches and fairness are kept. */
export function mutated(system: System, { patch }: Mutant): System {
  const { model, parts, initials, parameters, fairness } = system
  const declared = { ...model.declared, parts: () => parts, initial: () => initials, patches: [patch] }
  return instantiate(adopt({ ...model, declared }, model), { parameters, patches: [patch.name], fairness })
}

function mutant(operator: Operator, target: string, ...edits: readonly Edit[]): Mutant {
  const says = `${operators[operator]}: ${target}`
  return { operator, target, patch: { name: `${operator}:${target}`, kind: 'fault', says, edits } }
}

type Fields = Partial<Step['declared']>

const replace = (target: string, fields: Fields): Edit => ({ kind: 'replace', target, fields })

function ofPart(part: Part): readonly Mutant[] {
  if (part.kind === 'thread')
    return part.steps.flatMap((step, at) => [...ofStep(part, step, at), ...ofBranches(part.name, step, part)])
  const step = { name: part.name, declared: part.declared }
  // An action happens by itself: left out it is not an error of the protocol, but a quieter environment.
  return ofBranches(part.declared.actor, step, undefined)
}

/** What steps of words do that no author leaves out: they are the inside of a word. */
const inside = [
  'begin',
  'end',
  'resume',
  'suspend',
  'done',
  'over',
  'force',
  'prepare',
  'check',
  'finish',
  'notify',
  'called',
]

/** What concerns a step as a whole and its place in the thread. */
function ofStep(thread: Thread, step: Step, at: number): readonly Mutant[] {
  const { declared } = step
  const target = `${thread.name}.${step.name}`
  const before = thread.steps[at - 1]
  const found: Mutant[] = []
  if (step.act && inside.includes(step.act.does)) return found
  if (thread.steps.length > 1 && matters(step) && declared.goto !== step.name)
    found.push(mutant('drop-step', target, { kind: 'remove', target }))
  if (before && straight(step) && matters(step) && matters(before)) {
    // The steps of one word keep their order: it has one.
    const isOneWord = step.act !== undefined && step.act.field === before.act?.field
    const swap: Edit = { kind: 'move', target, to: { before: `${thread.name}.${before.name}` } }
    if (isOneWord) return found
    if (straight(before)) found.push(mutant('swap-steps', target, swap))
    else if (fallible(before)) found.push(mutant('commit-early', target, swap))
  }
  if (step.act) return found
  if (declared.when && !declared.either) found.push(checkThenAct(thread.name, step))
  if (declared.when || declared.then) found.push(waitForSelf(thread, step))
  return found
}

/** What concerns the ways in which a step or action can go: the step itself, or each of its alternatives. */
function ofBranches(head: string, step: Step, thread: Thread | undefined): readonly Mutant[] {
  if (step.act) return []
  const whole = `${head}.${step.name}`
  const alternatives = Object.entries(step.declared.either ?? {})
  return [
    ...ofBranch(whole, step.declared, step, thread, 'no-wait'),
    ...alternatives.flatMap(([name, branch]) => ofBranch(`${whole}/${name}`, branch, step, thread, 'any-time')),
    ...pairs(alternatives).map(([[a, one], [b, other]]) =>
      mutant(
        'cross-effects',
        `${whole}/${a}`,
        // An action has no spelling for its alternatives in an edit, so `either` is replaced as a whole.
        replace(whole, {
          either: { ...step.declared.either, [a]: withEffect(one, other), [b]: withEffect(other, one) },
        }),
      ),
    ),
  ]
}

type AnyBranch = Branch<unknown, Args>

function ofBranch(
  target: string,
  branch: AnyBranch,
  step: Step,
  thread: Thread | undefined,
  unguarded: 'no-wait' | 'any-time',
): readonly Mutant[] {
  const found: Mutant[] = []
  const change = (operator: Operator, fields: Fields): void => {
    found.push(mutant(operator, target, inPlace(target, branch, step, fields)))
  }
  if (branch.then) change('drop-effect', { then: () => {} })
  const { when } = branch
  if (when) change(unguarded, { when: () => true })
  if (when && unguarded === 'any-time') change('negated', { when: (state, args, at) => !when(state, args, at) })
  const other = branch.then && shifted(branch.then, { ...thread?.declared.for, ...step.declared.for })
  if (other) change('wrong-instance', { then: other })
  if (thread && branch.goto !== undefined) {
    const labels = thread.steps.map(({ name }) => name)
    const from = labels.indexOf(step.name)
    const to = branch.goto === 'end' ? labels.length : labels.indexOf(branch.goto)
    if (to - 1 > from) change('undo-too-many', { goto: labels[to - 1]! })
    if (to > from && to < labels.length) change('undo-too-few', { goto: labels[to + 1] ?? 'end' })
    if (to <= from) change('no-retry', { goto: labels[from + 1] ?? 'end' })
  }
  return found
}

/** An edit of a step, or of one alternative, as a whole: actions have no edits for a single alternative. */
function inPlace(target: string, branch: AnyBranch, step: Step, fields: Fields): Edit {
  const [whole = target, alternative] = target.split('/')
  if (alternative === undefined) return replace(whole, fields)
  return replace(whole, { either: { ...step.declared.either, [alternative]: { ...branch, ...fields } } })
}

/** The condition becomes a step of its own, and the step relies on what was true then. */
function checkThenAct(thread: string, step: Step): Mutant {
  const target = `${thread}.${step.name}`
  const { origin, when } = step.declared
  const check: Step = {
    name: `${step.name}-checked`,
    declared: { origin, ...(step.declared.for && { for: step.declared.for }), ...(when && { when }) },
  }
  return mutant(
    'check-then-act',
    target,
    { kind: 'before', target, steps: [check] },
    replace(target, { when: () => true }),
  )
}

function waitForSelf(thread: Thread, step: Step): Mutant {
  const target = `${thread.name}.${step.name}`
  const own = combinations(thread.declared.for).map((args) => thread.name + spelledArgs(args))
  return mutant(
    'wait-for-self',
    target,
    replace(target, {
      when: (_, __, at) => own.every((name) => at(name, 'end')),
    }),
  )
}

/** The effect with the next value of the first argument that has several, or `undefined` if none has. */
function shifted(then: NonNullable<AnyBranch['then']>, range: Range): AnyBranch['then'] {
  const bound = Object.entries(range).map(([name, values]) => [name, valuesIn(values)] as const)
  const found = bound.find(([, values]) => values.length > 1)
  if (!found) return undefined
  const [name, values] = found
  return (draft, args) => then(draft, { ...args, [name]: values[(values.indexOf(args[name]!) + 1) % values.length]! })
}

/** A branch with the effect of another. */
function withEffect(branch: AnyBranch, { then }: AnyBranch): AnyBranch {
  const rest = { ...branch }
  delete rest.then
  return then ? { ...rest, then } : rest
}

/** Neighbouring alternatives of which at least one does something. */
const pairs = <T extends readonly [string, AnyBranch]>(all: readonly T[]): (readonly [T, T])[] =>
  all.slice(1).flatMap((second, i) => (all[i]![1].then || second[1].then ? [[all[i]!, second] as const] : []))

/** Goes to the next step, whatever happens. */
const straight = ({ declared }: Step): boolean =>
  declared.goto === undefined && Object.values(declared.either ?? {}).every(({ goto }) => goto === undefined)

/** Has a way on and a way out. */
const fallible = ({ declared }: Step): boolean => {
  const ways = Object.values(declared.either ?? {})
  return declared.goto === undefined && ways.some(({ goto }) => goto) && ways.some(({ goto }) => goto === undefined)
}

/** More than a label: it waits, writes or chooses. */
const matters = ({ declared }: Step): boolean =>
  declared.when !== undefined || declared.then !== undefined || declared.either !== undefined

/** Every boolean of the initial state, turned round. */
function ofField(path: string, found: unknown): readonly Mutant[] {
  if (typeof found === 'boolean')
    return [mutant('wrong-default', path, { kind: 'initially', change: (draft) => turn(draft, path.split('.')) })]
  if (typeof found !== 'object' || found === null) return []
  return Object.entries(found).flatMap(([key, inner]) => ofField(path ? `${path}.${key}` : key, inner))
}

function turn(draft: unknown, [key = '', ...rest]: readonly string[]): void {
  const here = draft as Record<string, unknown>
  if (rest.length === 0) here[key] = !here[key]
  else turn(here[key], rest)
}
