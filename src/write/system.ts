/** A model with its parameters and patches chosen: initial states and a flat list of guarded transitions. */

import { refuseAlike } from './alike.js'
import { misfit, spell, spellMisfit, type Shape } from './domain.js'
import { Mistake, unknownName } from './mistake.js'
import {
  setOf,
  valuesIn,
  type Arg,
  type Args,
  type Branch,
  type Fairness,
  type Model,
  type Part,
  type Patch,
  type Range,
  type Step,
} from './model.js'
import { partList } from './declaration.js'
import { initialAfter, patched } from './composition.js'
import { actionName } from './patch.js'
import { siteOf, type Site } from './site.js'
import { conditionsOf, inSurroundings } from './surroundings.js'
import type { System, ThreadInstance, Transition } from './transition.js'
import { Where } from './want.js'
import { insistOnParameters } from './watched.js'
import { lookAt, placing } from './word.js'

export type { Effect, Guard, Note, System, ThreadInstance, Transition } from './transition.js'

/** What {@link instantiate} chooses. */
export interface Choice {
  /** Values by name; the others have their defaults. */
  readonly parameters?: Readonly<Record<string, Arg>>
  /** By name; their order means nothing. */
  readonly patches?: readonly string[]
  /** Fairness by thread or action name, over what the model declares. */
  readonly fairness?: Readonly<Record<string, Fairness>>
}

/** The most transitions one instance may have: more would not fit the compiled dispatcher. */
const mostTransitions = 4096

/** Chooses parameters and patches. @throws Mistake for whatever does not exist, is out of range, twice, or misspelt. */
export function instantiate(model: Model, choice: Choice = {}, ...more: readonly never[]): System {
  lookAt('instantiate', [model, choice, ...more], instantiate)
  // What is wrong with a choice is not wrong with the model.
  const parameters = chosenParameters(model, choice.parameters ?? {})
  const patches = (choice.patches ?? []).map((name) => patchNamed(model, name))
  const system = placing(siteOf(model), () => systemOf(model, parameters, patches, choice.fairness ?? {}))
  const fair = [...system.parts.map((part) => (part.kind === 'action' ? actionName(part) : part.name))]
  for (const name of Object.keys(system.fairness))
    if (!fair.includes(name)) throw unknownName(`model ${model.name}, fairness`, 'thread or action', name, fair)
  return system
}

function systemOf(
  model: Model,
  parameters: System['parameters'],
  patches: readonly Patch[],
  fairness: System['fairness'],
): System {
  insistOnParameters(model, parameters)
  const shape = callingAuthor(`model ${model.name}, state`, () => model.shape(parameters))
  if (shape.kind !== 'record') throw new Mistake(`model ${model.name}`, 'the state is not a record', 'declare it so')
  const declared = callingAuthor(`model ${model.name}, parts`, () => model.declared.parts(parameters))
  partList.look(declared, new Where(`model ${model.name}`, { at: siteOf(model) }).at('parts'))
  const parts = patched(model, declared, patches)
  refuseDuplicates(model, parts)
  const made = assemble(model, parts, fairness)
  return {
    model,
    parameters,
    patches: patches.map((patch) => patch.name),
    fairness,
    shape,
    actors: model.declared.actors,
    parts,
    ...made,
    initials: initialStates(model, shape, parameters, patches),
    resting: model.declared.resting ? (state, at) => model.declared.resting!(state, at, parameters) : () => false,
  }
}

function chosenParameters(model: Model, given: Readonly<Record<string, Arg>>): Readonly<Record<string, Arg>> {
  const declared = model.declared.parameters ?? {}
  for (const name of Object.keys(given))
    if (!Object.hasOwn(declared, name))
      throw unknownName(`model ${model.name}`, 'parameter', name, Object.keys(declared))
  return Object.fromEntries(
    Object.entries(declared).map(([name, { domain, default: byDefault }]) => {
      const value = given[name] ?? (byDefault as Arg)
      const wrong = misfit(domain.shape, value, name)
      if (wrong)
        throw new Mistake(
          `model ${model.name}, parameter ${name}`,
          `${JSON.stringify(value)} is out of range`,
          `allowed: ${spell(domain.shape)}`,
          { word: name },
        )
      return [name, value]
    }),
  )
}

function patchNamed(model: Model, name: string): Patch {
  const declared = model.declared.patches ?? []
  const found = declared.find((patch) => patch.name === name)
  if (found) return found
  throw unknownName(
    `model ${model.name}`,
    'patch',
    name,
    declared.map((patch) => patch.name),
  )
}

/** Runs the author's code, so that what it throws names the place. */
function callingAuthor<T>(where: string, call: () => T): T {
  try {
    return call()
  } catch (cause) {
    if (cause instanceof Mistake) throw cause
    const at = cause instanceof Error ? cause : undefined
    throw new Mistake(where, cause instanceof Error ? cause.message : String(cause), undefined, { cause, at })
  }
}

function initialStates(
  model: Model,
  shape: Shape,
  parameters: Readonly<Record<string, Arg>>,
  patches: readonly Patch[],
): readonly unknown[] {
  const made = callingAuthor(`model ${model.name}, initial`, () => model.declared.initial(parameters))
  const states = Array.isArray(made) ? (made as readonly unknown[]) : [made]
  if (states.length === 0) throw new Mistake(`model ${model.name}`, 'there is no initial state', 'return at least one')
  return states.map((state) => {
    const wrong = misfit(shape, state)
    if (!wrong) return initialAfter(model, shape, state, patches)
    throw new Mistake(`model ${model.name}, initial state`, spellMisfit(wrong), undefined, { path: ['initial'] })
  })
}

function refuseDuplicates(model: Model, parts: readonly Part[]): void {
  const seen = new Set<string>()
  const claim = (name: string): void => {
    if (!usable(name)) throw unusable(model, name)
    if (seen.has(name)) throw new Mistake(`model ${model.name}`, `'${name}' is declared twice`, 'rename one of them')
    seen.add(name)
  }
  for (const part of parts)
    placing(siteOf(part), () => {
      claim(part.kind === 'action' ? actionName(part) : part.name)
      for (const step of part.kind === 'thread' ? part.steps : [])
        placing(siteOf(step), () => {
          refuseReserved(`model ${model.name}, thread ${part.name}`, step)
          claim(`${part.name}.${step.name}`)
        })
      refuseUnknownActor(`model ${model.name}, ${part.kind} ${part.name}`, 'actor', part.declared.actor, model)
    })
}

function refuseReserved(where: string, { name }: Step): void {
  if (name === 'end')
    throw new Mistake(where, `a step is called 'end'`, 'that is where a thread is after its last step; rename it')
}

function refuseUnknownActor(where: string, what: string, actor: string, { declared: { actors } }: Model): void {
  if (!Object.hasOwn(actors, actor)) throw unknownName(where, what, actor, Object.keys(actors))
}

/** `actor.action` or `thread.step`: one dot at most. */
const usable = (name: string): boolean => /^[^\s./()]+(\.[^\s./()]+)?$/.test(name)

const unusable = (model: Model, name: string): Mistake =>
  new Mistake(`model ${model.name}`, `'${name}' is not a usable name`, 'no blanks, dots, slashes, parentheses')

/** @throws Mistake for a value that is bound twice: two transitions would have one name. */
function refuseAmbiguous(where: string, range: Range | undefined, bound: Args): void {
  for (const [name, given] of Object.entries(range ?? {})) {
    if (Object.hasOwn(bound, name))
      throw new Mistake(where, `'${name}' is bound by its thread already`, 'bind another name')
    const values = callingAuthor(where, () => valuesIn(given))
    const twice = values.find((value, i) => values.indexOf(value) !== i)
    if (twice !== undefined)
      throw new Mistake(where, `'${name}' ranges over ${String(twice)} twice`, 'name each value once')
  }
}

/** @throws Mistake for a guard or effect that would go on after it has returned. */
function refuseAsynchronous(where: string, { when, then }: Branch<unknown, Args>): void {
  for (const [what, code] of Object.entries({ guard: when, effect: then }))
    if (code && Object.prototype.toString.call(code) !== '[object Function]')
      throw new Mistake(where, `its ${what} is not a plain function`, 'it must be done when it returns: no async, no *')
}

function assemble(
  model: Model,
  parts: readonly Part[],
  fairness: Readonly<Record<string, Fairness>>,
): Pick<System, 'threads' | 'transitions'> {
  const threads: ThreadInstance[] = []
  const transitions: Transition[] = []
  const fairOf = (name: string, own: Fairness | undefined, actor: string): Fairness =>
    fairness[name] ?? own ?? model.declared.actors[actor]!.fair
  for (const part of parts) {
    if (part.kind === 'action') {
      const name = actionName(part)
      const fair = fairOf(name, part.declared.fair, part.declared.actor)
      const step = { name: part.name, declared: part.declared }
      push(model, transitions, step, {
        site: siteOf(part),
        name,
        actor: part.declared.actor,
        thread: -1,
        args: {},
        sets: {},
        fair,
        labels: ['end'],
      })
      continue
    }
    const labels = [...part.steps.map((step) => step.name), 'end']
    placing(siteOf(part), () => refuseAmbiguous(`model ${model.name}, thread ${part.name}`, part.declared.for, {}))
    const fair = fairOf(part.name, part.declared.fair, part.declared.actor)
    const sets = setsIn(part.declared.for)
    for (const args of combinations(part.declared.for)) {
      const thread = threads.length
      threads.push({ name: part.name + spelledArgs(args), actor: part.declared.actor, labels, fair, args, sets })
      for (const step of part.steps)
        push(model, transitions, step, {
          site: siteOf(step) ?? siteOf(part),
          name: `${part.name}.${step.name}`,
          actor: part.declared.actor,
          thread,
          args,
          sets,
          fair,
          labels,
        })
    }
  }
  if (transitions.length > mostTransitions)
    throw new Mistake(`model ${model.name}`, `${transitions.length} transitions`, `at most ${mostTransitions} fit`)
  refuseAlike(`model ${model.name}`, [...threads, ...transitions])
  return { threads, transitions: inSurroundings(threads, transitions, parts, conditionsOf(model)) }
}

interface Place {
  readonly site?: Site | undefined
  readonly name: string
  readonly actor: string
  readonly thread: number
  readonly args: Args
  readonly sets: Readonly<Record<string, string>>
  readonly fair: Fairness
  readonly labels: readonly string[]
}

/** Appends the transitions of one step at one place: one per combination of arguments and alternative. */
const push = (model: Model, transitions: Transition[], step: Step, place: Place): void =>
  placing(place.site, () => pushAt(model, transitions, step, place))

function pushAt(model: Model, transitions: Transition[], step: Step, place: Place): void {
  const { declared } = step
  const where = `model ${model.name}, step ${place.name}`
  const alternatives: readonly (readonly [string, Branch<unknown, Args>])[] = declared.either
    ? Object.entries(declared.either).map(([name, branch]) => [`${place.name}/${name}`, branch] as const)
    : [[place.name, {}]]
  if (alternatives.length === 0) throw new Mistake(where, 'has an empty either', 'name at least one alternative')
  refuseAmbiguous(where, declared.for, place.args)
  refuseAsynchronous(where, declared)
  for (const [spelling, branch] of alternatives) {
    if (!usable(spelling.slice(place.name.length + 1) || 'itself')) throw unusable(model, spelling)
    refuseAsynchronous(`model ${model.name}, step ${spelling}`, branch)
  }
  const from = place.thread < 0 ? 0 : place.labels.indexOf(step.name)
  const sets = { ...place.sets, ...setsIn(declared.for) }
  for (const own of combinations(declared.for)) {
    const args = { ...place.args, ...own }
    for (const [spelling, branch] of alternatives) {
      const goto = branch.goto ?? declared.goto
      const to = place.thread < 0 ? 0 : goto === undefined ? from + 1 : place.labels.indexOf(goto)
      if (to < 0) throw unknownName(where, 'step to go to', goto!, place.labels)
      const signals = branch.signals ?? declared.signals
      if (signals !== undefined) refuseUnknownActor(where, 'actor to signal', signals, model)
      transitions.push({
        index: transitions.length,
        name: spelling + spelledArgs(args),
        step: spelling,
        actor: place.actor,
        thread: place.thread,
        from,
        to,
        args,
        sets,
        guards: both(declared.when, branch.when),
        effects: both(declared.then, branch.then),
        fair: place.fair,
        origin: branch.origin ?? declared.origin,
        site: place.site,
        log: both(declared.log, branch.log),
        says: branch.says ?? declared.says,
        provoke: branch.provoke ?? declared.provoke,
        signals,
      })
    }
  }
}

const both = <T>(a: T | undefined, b: T | undefined): readonly T[] => [a, b].filter((x): x is T => x !== undefined)

/** `(0)` for `{ i: 0 }`, `(0,x)` for two arguments, nothing for none. */
export const spelledArgs = (args: Args): string =>
  Object.keys(args).length === 0 ? '' : `(${Object.values(args).join(',')})`

/** Every combination of the values that a `for` binds, in order. */
export function combinations(range: Range | undefined): readonly Args[] {
  return Object.entries(range ?? {}).reduce<readonly Args[]>(
    (made, [name, values]) => made.flatMap((args) => valuesIn(values).map((one) => ({ ...args, [name]: one }))),
    [{}],
  )
}

const setsIn = (range: Range | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(range ?? {}).flatMap(([name, values]) => {
      const set = setOf(values)
      return set === undefined ? [] : [[name, set] as const]
    }),
  )
