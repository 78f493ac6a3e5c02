/** Steps that are made where they are put: they know their thread, and the function that calls them. */

import { Mistake } from './mistake.js'
import type { Args, At, Branch, Frozen, Origin, Step, StepOver } from './model.js'

/** Where steps are put. */
export interface Put {
  /** The name of the thread, without arguments. */
  readonly thread: string
  /** Whether the thread is only one: it has no arguments. */
  readonly single?: boolean
  /** The function that calls them. */
  readonly from?: Origin
}

declare const bound: unique symbol

/** Makes steps of a thread over a state where it is put. */
export interface Piece<S> {
  (put: Put): readonly Step[]
  /** Tells it from a step. */
  readonly makesSteps: true
  /** It is a function: what leaves it goes to whatever comes behind. */
  readonly encloses?: boolean
  readonly [bound]?: (state: S) => void
}

/** What a thread over a state is made of. */
export type Placeable<S, A = never> = StepOver<S, A> | Piece<S>

/** A piece. */
export const piece = <S>(make: (put: Put) => readonly Step[]): Piece<S> =>
  Object.assign((put: Put) => make(put), { makesSteps: true } as const)

/** Where a step goes that leaves the function around it; no label, because it cannot be spelled as one. */
export const leaves = '<return>'

/** The steps of some pieces, one behind the other; what leaves one of them goes to the next. */
export function stepsAt(put: Put, parts: readonly (Step | Piece<never>)[]): readonly Step[] {
  const made = parts.map((part) => (typeof part === 'function' ? part(put) : [part]))
  return made.flatMap((steps, i) => {
    const next = made.slice(i + 1).flat()[0]?.name
    const part = parts[i]
    return next !== undefined && typeof part === 'function' && part.encloses
      ? steps.map((one) => left(one, next))
      : steps
  })
}

/** The steps of a thread as a whole, or put in front of a label: nothing leaves further than that. */
export const landed = (steps: readonly Step[], next: string): readonly Step[] => steps.map((one) => left(one, next))

/** A step whose ways are changed. */
function changing(step: Step, change: (way: Branch<unknown, Args>) => Branch<unknown, Args>): Step {
  const { either } = step.declared
  const declared = {
    ...step.declared,
    ...change(step.declared),
    ...(either && { either: Object.fromEntries(Object.entries(either).map(([name, way]) => [name, change(way)])) }),
  }
  return { ...step, declared }
}

const goesTo = (step: Step, to: string): boolean =>
  [step.declared, ...Object.values(step.declared.either ?? {})].some(({ goto }) => goto === to)

const left = (step: Step, next: string): Step =>
  goesTo(step, leaves) ? changing(step, (way) => (way.goto === leaves ? { ...way, goto: next } : way)) : step

/** The name of a function as a label: what labels may not hold becomes a line. */
const spelled = ({ kind, ...origin }: Origin): string => {
  const name = kind === 'source' ? (origin as { symbol: string }).symbol : (origin as { says: string }).says
  return name.replace(/^[\s./()]+|[\s./()]+$/g, '').replace(/[\s./()]+/g, '_')
}

const calling = (from: Origin, { kind, ...to }: Origin): Origin => {
  if (from.kind !== 'source' || kind !== 'source') return from
  const { file, symbol } = to as { file: string; symbol: string }
  return symbol === from.symbol ? from : { ...from, calls: { file, symbol } }
}

/**
 * The steps of one function: each is called `function:step`, comes from that function (and knows what it calls there), and goes to
 * labels of the same function by their short names.
 */
export function calledFrom<S>(from: Origin, parts: readonly Placeable<S>[]): Piece<S> {
  const made = piece<S>((put) => {
    const steps = stepsAt({ ...put, from }, parts)
    const own = new Set(steps.map(({ name }) => name))
    const name = (label: string): string => `${spelled(from)}:${label}`
    return steps.map((step) => {
      const renamed = changing(step, (way) => ({
        ...way,
        ...(way.goto !== undefined && own.has(way.goto) && { goto: name(way.goto) }),
      }))
      return {
        ...renamed,
        name: name(step.name),
        declared: { ...renamed.declared, origin: calling(from, step.declared.origin) },
      }
    })
  })
  return Object.assign(made, { encloses: true })
}

/** A step that comes from the function around it. @throws Mistake where there is none. */
export const within = <S>(name: string, declared: Omit<Step['declared'], 'origin'>): Piece<S> =>
  piece(({ thread, from }) => {
    if (from) return [{ name, declared: { ...declared, origin: from } }]
    throw new Mistake(
      `thread ${thread}, step ${name}`,
      'has no origin',
      `put it into call(source('file.c', 'function'), …)`,
    )
  })

type Condition<S> = (state: Frozen<S>, args: Args, at: At) => boolean

/** A check that leaves the function around it. */
export const leaving = <S>(name: string, when: Condition<S>): Piece<S> => {
  const asked = when as Condition<unknown>
  return within(name, {
    either: {
      returns: { when: asked, goto: leaves },
      goes_on: { when: (state, args, at) => !asked(state as Frozen<S>, args, at) },
    },
  })
}

/** One way of a choice that may be waited on once it was chosen. */
export interface Chosen<S> extends Branch<S, Args> {
  /** What is waited for behind the choice, and nothing else any more. */
  readonly wait?: Condition<S>
}

/** A choice of the function around it, each way with what it then waits for: `name`, and `name:way` where it waits. */
export const choosing = <S>(name: string, ways: Readonly<Record<string, Chosen<S>>>): Piece<S> => {
  const all = Object.entries(ways)
  const either = all.map(([way, { wait, goto, ...rest }]) => [
    way,
    { ...rest, goto: wait ? `${name}:${way}` : (goto ?? leaves) },
  ])
  const choice = within(name, { either: Object.fromEntries(either) as Record<string, Branch<unknown, Args>> })
  const waits = all.flatMap(([way, { wait, goto = leaves }]) =>
    wait ? [within(`${name}:${way}`, { when: wait as Condition<unknown>, goto })] : [],
  )
  const made = piece<S>((put) => [choice, ...waits].flatMap((one) => one(put)))
  return Object.assign(made, { encloses: true })
}

/** A step that writes values into fields. */
export const writing = <S>(fields: Readonly<Record<string, unknown>>): Piece<S> =>
  within(
    Object.entries(fields)
      .map(([field, value]) => `${field}=${String(value)}`)
      .join(','),
    { then: (draft) => void Object.assign(draft as object, fields) },
  )

/** A step under another name; several under that name and their own. */
export function renamed<S>(name: string, part: Placeable<S>): Piece<S> {
  const made = piece<S>((put) => {
    const steps = stepsAt(put, [part])
    const called = ({ name: own }: Step): string => (steps.length === 1 ? name : `${name}:${own}`)
    const names = new Map(steps.map((step) => [step.name, called(step)]))
    return steps.map((step) => ({
      ...changing(step, (way) => ({
        ...way,
        ...(way.goto !== undefined && { goto: names.get(way.goto) ?? way.goto }),
      })),
      name: called(step),
    }))
  })
  return Object.assign(made, { encloses: typeof part === 'function' && part.encloses === true })
}
