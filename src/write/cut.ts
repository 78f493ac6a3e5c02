/**
 * Cuts: a step in two, as if a lock were let go between two of its writes. What a model does in one step the code may do in
 * several; which verdicts need it to be one is where to look in the source for a lock that is held throughout.
 */

import { adopt } from './family.js'
import type { Shape } from './domain.js'
import type { Args, At, Branch, Part, Step, Thread } from './model.js'
import { instantiate, type System } from './system.js'

/** Where a system can be cut: at a step that has effects, or at one of its alternatives. */
export interface CutPoint {
  /** `thread.step` or `thread.step/alternative` */
  readonly target: string
  readonly thread: Thread
  readonly step: Step
  readonly alternative: string | undefined
}

type Effect = (draft: unknown, args: Args) => void
type Guard = (state: unknown, args: Args, at: At) => boolean
type Path = readonly string[]

/** The field in which a step that was begun keeps what it saw: `null` while none is. */
export const begun = 'begun'

/**
 * The steps and alternatives of threads that are not of the environment and do something themselves, in declaration order. A step that
 * chooses arguments of its own is left out, and so is what a step with alternatives does whichever is taken.
 */
export function cutPointsOf(system: System): readonly CutPoint[] {
  return system.parts.flatMap((part) => {
    if (part.kind === 'action' || system.actors[part.declared.actor]!.fair === 'none') return []
    return part.steps.flatMap((step): readonly CutPoint[] => {
      const { then, either, for: range } = step.declared
      const target = `${part.name}.${step.name}`
      if (range) return []
      if (!either) return then ? [{ target, thread: part, step, alternative: undefined }] : []
      return Object.entries(either).flatMap(([alternative, branch]) =>
        branch.then ? [{ target: `${target}/${alternative}`, thread: part, step, alternative }] : [],
      )
    })
  })
}

/**
 * The system with one step in two: the first goes as far as to its `after`th write, then others may run, then it goes on with what it had seen before and what is
 * there now. Where it writes no more than that it stays one, and so it does while another is begun.
 */
export function cutAt(system: System, { thread, step, alternative }: CutPoint, after: number): System {
  const at = thread.steps.indexOf(step)
  const next = thread.steps[at + 1]?.name ?? 'end'
  const rest = `${step.name}:rest`
  const { then, goto, either, ...head } = step.declared
  const branches: Readonly<Record<string, Branch<unknown, Args>>> = either ?? {
    whole: { ...(then && { then }), ...(goto !== undefined && { goto }) },
  }
  const name = alternative ?? 'whole'
  const branch = branches[name]!
  const effect = branch.then!
  const leads = branch.goto ?? goto ?? next
  const divides = dividing(effect, after)
  const open: Guard = branch.when ?? (() => true)
  const others = Object.entries(branches).map(
    ([key, one]) => [key, { ...one, goto: one.goto ?? goto ?? next }] as const,
  )
  const choices: Readonly<Record<string, Branch<unknown, Args>>> = {
    ...Object.fromEntries(others),
    [name]: { ...branch, goto: leads, when: (s, args, where) => open(s, args, where) && !divides(s, args) },
    [`${name}:begun`]: {
      when: (s, args, where) => open(s, args, where) && divides(s, args),
      then: beginning(effect, after),
      goto: rest,
    },
  }
  const first: Step = { name: step.name, declared: { ...head, ...(either && then && { then }), either: choices } }
  const second: Step = {
    name: rest,
    declared: { origin: step.declared.origin, then: ending(effect, after), goto: leads },
  }
  const steps = thread.steps.flatMap((one) => (one === step ? [first, second] : [one]))
  const parts = system.parts.map((part) => (part === thread ? { ...thread, steps } : part))
  // Who has begun the first step of a thread does not wait there any more; who has begun another is still at it.
  return withParts(system, at === 0 ? parts : parts.map((part) => asking(part, standing(thread.name, step.name, rest))))
}

/** Where threads stand, if one that stands at the rest of a step counts as being at that step. */
const standing =
  (thread: string, label: string, rest: string) =>
  (at: At): At =>
    Object.assign(
      (name: string, ...labels: readonly [string, ...string[]]) =>
        at(name, ...labels) || (name.split('(')[0] === thread && labels.includes(label) && at(name, rest)),
      { has: at.has },
    )

/** A part whose guards ask another where threads stand. */
function asking(part: Part, widened: (at: At) => At): Part {
  const guarded = <T extends { readonly when?: Guard | undefined }>(one: T): T =>
    one.when ? { ...one, when: (s: unknown, args: Args, at: At) => one.when!(s, args, widened(at)) } : one
  const whole = <T extends Branch<unknown, Args> & { readonly either?: Step['declared']['either'] }>(one: T): T => {
    const { either } = one
    if (!either) return guarded(one)
    return { ...guarded(one), either: Object.fromEntries(Object.entries(either).map(([k, way]) => [k, guarded(way)])) }
  }
  if (part.kind === 'action') return { ...part, declared: whole(part.declared) }
  return { ...part, steps: part.steps.map((one) => ({ ...one, declared: whole(one.declared) })) }
}

/** The system with other parts, and a place for what a step that was begun saw. */
function withParts(system: System, parts: readonly Part[]): System {
  const { model, parameters, fairness } = system
  const initials = system.initials.map((state) => ({ ...(state as object), [begun]: null }))
  const shape = (): Shape => {
    if (system.shape.kind !== 'record') return system.shape
    return { kind: 'record', fields: { ...system.shape.fields, [begun]: { kind: 'optional', of: system.shape } } }
  }
  const declared = { ...model.declared, parts: () => parts, initial: () => initials, patches: [] }
  return instantiate(adopt({ ...model, shape, declared }, model), { parameters, fairness })
}

/** Whether the effect writes more than so often in this state, and no other step is begun. */
const dividing =
  (effect: Effect, after: number) =>
  (state: unknown, args: Args): boolean => {
    const seen = state as Readonly<Record<string, unknown>>
    if (seen[begun] !== null) return false
    const copy = copied(seen)
    const course = new Course(copy, copy, Infinity)
    effect(course.view([]), args)
    return course.writes > after
  }

const beginning =
  (effect: Effect, after: number): Effect =>
  (draft, args) => {
    const now = draft as Record<string, unknown>
    const before = copied(now)
    const scratch = copied(now)
    effect(new Course(scratch, scratch, after, now).view([]), args)
    now[begun] = before
  }

const ending =
  (effect: Effect, after: number): Effect =>
  (draft, args) => {
    const now = draft as Record<string, unknown>
    const before = copied(now[begun] as Readonly<Record<string, unknown>>)
    effect(new Course(before, now, after).view([]), args)
    now[begun] = null
  }

/** One run of an effect: up to a number of writes it sees one state, and then another. */
class Course {
  /** Writes so far. */
  writes = 0

  /** `shared`: what the writes up to that number are done to as well. */
  constructor(
    private readonly first: Record<string, unknown>,
    private readonly second: Record<string, unknown>,
    private readonly after: number,
    private readonly shared?: Record<string, unknown>,
  ) {}

  /** A part of the state, whichever it is at the time of asking. */
  view(path: Path): unknown {
    const here = (): Record<string, unknown> => this.part(this.writes < this.after ? this.first : this.second, path)
    return new Proxy(Array.isArray(here()) ? [] : {}, {
      get: (_, key) => this.shown(Reflect.get(here(), key), path, key),
      set: (_, key, value) => this.write(path, key, value),
      has: (_, key) => Reflect.has(here(), key),
      deleteProperty: (_, key) => Reflect.deleteProperty(here(), key),
      ownKeys: () => Reflect.ownKeys(here()),
      getOwnPropertyDescriptor: (target, key) => {
        const found = Reflect.getOwnPropertyDescriptor(here(), key)
        return (
          found && { ...found, configurable: !Object.hasOwn(target, key), value: this.shown(found.value, path, key) }
        )
      },
    })
  }

  private shown(value: unknown, path: Path, key: string | symbol): unknown {
    return typeof value === 'object' && value !== null && typeof key === 'string' ? this.view([...path, key]) : value
  }

  private write(path: Path, key: string | symbol, value: unknown): boolean {
    const early = this.writes < this.after
    this.writes++
    const plain = copyOf(value)
    if (early && this.shared) Reflect.set(this.part(this.shared, path), key, plain)
    return Reflect.set(this.part(early ? this.first : this.second, path), key, copyOf(plain))
  }

  private part(root: Record<string, unknown>, path: Path): Record<string, unknown> {
    return path.reduce((here, key) => here[key] as Record<string, unknown>, root)
  }
}

/** A state as plain objects, without what a step that was begun saw. */
function copied(state: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(state).filter(([key]) => key !== begun)
  return Object.fromEntries(kept.map(([key, value]) => [key, copyOf(value)]))
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)]))
}
