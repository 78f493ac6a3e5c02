/** Everything that any variant of a model is made of: the names that its code may speak of, whatever was chosen. */

import { scalarsOf, type Shape } from './domain.js'
import type { Act, Args, Model, Part, Step } from './model.js'
import { actionName } from './patch.js'
import { combinations, spelledArgs } from './system.js'

/** The names of all variants: threads by instance, and what selectors may name. */
export interface Family {
  /** Labels by thread instance, `tx(0)`; `end` among them. */
  readonly threads: ReadonlyMap<string, ReadonlySet<string>>
  /** Every step, alternative and action, without arguments and with them. */
  readonly steps: ReadonlySet<string>
  /** What steps do to things that have words of their own, by thread instance. */
  readonly acts: readonly Placed[]
  /** The state of each. */
  readonly shapes: readonly Shape[]
}

/** An act, and where it stands. */
export interface Placed {
  readonly act: Act
  /** `tx(0)`. */
  readonly thread: string
  readonly label: string
  /** `tx.label`. */
  readonly step: string
}

const families = new WeakMap<Model, Family>()

/** The family of a model; made when it is asked for first. */
export function familyOf(model: Model): Family {
  let family = families.get(model)
  if (!family) families.set(model, (family = gathered(model)))
  return family
}

/** A model that is made from another, as a mutant is, has its family: what other variants of that one have may still be asked. */
export function adopt(model: Model, from: Model): Model {
  families.set(model, familyOf(from))
  return model
}

/** The fields that a record at a path has in any variant; keys of arrays and lists are indices. */
export const fieldsOfFamily = (model: Model, keys: readonly string[]): ReadonlySet<string> =>
  new Set(shapesAt(model, keys).flatMap((shape) => (shape.kind === 'record' ? Object.keys(shape.fields) : [])))

/** The words that a field at a path takes in any variant. */
export const wordsOfFamily = (model: Model, keys: readonly string[]): ReadonlySet<string> =>
  new Set(shapesAt(model, keys).flatMap((shape) => (shape.kind === 'oneOf' ? shape.names : [])))

/** What stands at a path in the variants of a model, where it is there. */
function shapesAt(model: Model, keys: readonly string[]): readonly Shape[] {
  return familyOf(model).shapes.flatMap((shape) => {
    let here: Shape | undefined = shape
    for (const key of keys) here = here && within(here, key)
    while (here?.kind === 'optional') here = here.of
    return here ? [here] : []
  })
}

/** The shape of what a key leads to: a field, an element, either also of what may be absent; undefined if there is nothing. */
export function within(shape: Shape, key: string | number): Shape | undefined {
  switch (shape.kind) {
    case 'record':
      return shape.fields[key]
    case 'array':
    case 'list':
      return shape.of
    case 'optional':
      return within(shape.of, key)
    default:
      return undefined
  }
}

/** Beyond so many combinations of parameters, they are varied one and two at a time. */
const mostCombinations = 512

/** The acts of the variants with these parameters, or of all. */
export const actsOf = (model: Model, parameters?: Choice): readonly Placed[] =>
  parameters ? gathered(model, [parameters]).acts : familyOf(model).acts

function gathered(model: Model, chosen: readonly Choice[] = choices(model)): Family {
  const found = new Gathering()
  const shapes = new Set<string>()
  for (const parameters of chosen) {
    const shape = quietly(() => model.shape(parameters))
    const spelled = JSON.stringify(shape)
    if (shape && !shapes.has(spelled)) found.shapes.push(shape)
    shapes.add(spelled)
    const parts = quietly(() => model.declared.parts(parameters as never))
    parts?.forEach((part) => found.part(part))
  }
  for (const { edits } of model.declared.patches ?? [])
    for (const edit of edits) {
      if (edit.kind === 'add') found.part(edit.part)
      else if (edit.kind === 'before' || edit.kind === 'after') found.stepsOf(edit.target.split('.')[0]!, edit.steps)
      else if (edit.kind === 'replace') found.replaced(edit.target, edit.fields)
    }
  return found
}

/** What a model cannot be made with is no variant of it. */
function quietly<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

type Choice = Readonly<Record<string, unknown>>

/** Combinations of parameters' values: all of them, or those near the defaults. */
function choices(model: Model): readonly Choice[] {
  const declared = Object.entries(model.declared.parameters ?? {})
  const defaults: Choice = Object.fromEntries(declared.map(([name, { default: byDefault }]) => [name, byDefault]))
  const ranges = declared.map(([name, { domain, default: byDefault }]) => {
    const all = scalarsOf(domain.shape)
    return [name, all.length > 0 && all.length <= 64 ? all : [byDefault, all[0], all.at(-1)]] as const
  })
  const vary = (from: readonly Choice[], [name, values]: (typeof ranges)[number]): Choice[] =>
    from.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value })))
  const product = ranges.reduce((n, [, values]) => n * values.length, 1)
  if (product <= mostCombinations) return ranges.reduce<readonly Choice[]>(vary, [defaults])
  const singly = ranges.flatMap((one) => vary([defaults], one))
  const inPairs = ranges.flatMap((one, i) => ranges.slice(i + 1).flatMap((other) => vary(vary([defaults], one), other)))
  return [...singly, ...inPairs.slice(0, mostCombinations)]
}

class Gathering implements Family {
  readonly threads = new Map<string, Set<string>>()
  readonly steps = new Set<string>()
  readonly shapes: Shape[] = []
  readonly acts: Placed[] = []
  private readonly spelledActs = new Set<string>()

  /** The arguments of every instance of a thread, by its name. */
  private readonly instances = new Map<string, readonly Args[]>()

  part(part: Part): void {
    if (part.kind === 'action') return this.step(actionName(part), part, [{}])
    const instances = quietly(() => combinations(part.declared.for)) ?? []
    const known = this.instances.get(part.name) ?? []
    const spelled = new Set(known.map(spelledArgs))
    this.instances.set(part.name, [...known, ...instances.filter((args) => !spelled.has(spelledArgs(args)))])
    this.stepsOf(part.name, part.steps, instances)
  }

  /** Steps of a thread, in whatever order. */
  stepsOf(thread: string, steps: readonly Step[], instances: readonly Args[] = this.instances.get(thread) ?? []): void {
    for (const args of instances) {
      const name = thread + spelledArgs(args)
      const labels = this.threads.get(name) ?? new Set(['end'])
      this.threads.set(name, labels)
      for (const step of steps) {
        labels.add(step.name)
        this.placed(name, thread, step)
      }
    }
    for (const step of steps) this.step(`${thread}.${step.name}`, step, instances)
  }

  private placed(instance: string, thread: string, { name: label, act }: Step): void {
    if (!act) return
    const placed: Placed = { act, thread: instance, label, step: `${thread}.${label}` }
    const spelled = JSON.stringify(placed)
    if (!this.spelledActs.has(spelled)) this.acts.push(placed)
    this.spelledActs.add(spelled)
  }

  /** What an edit puts over a step: alternatives and arguments of its own. */
  replaced(target: string, fields: Partial<Step['declared']>): void {
    const [thread, name] = target.split(/[./]/)
    const instances = this.instances.get(thread!) ?? [{}]
    if (fields.either || fields.for) this.step(`${thread}.${name}`, { declared: fields }, instances)
  }

  private step(
    name: string,
    { declared }: { readonly declared: Partial<Step['declared']> },
    instances: readonly Args[],
  ): void {
    const alternatives = Object.keys(declared.either ?? {}).map((alternative) => `${name}/${alternative}`)
    for (const spelling of [name, ...alternatives]) {
      this.steps.add(spelling)
      for (const outer of instances)
        for (const own of quietly(() => combinations(declared.for)) ?? [])
          this.steps.add(spelling + spelledArgs({ ...outer, ...own }))
    }
  }
}
