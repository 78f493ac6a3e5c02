/** Small models as plain data: what they are, how they read in the vocabulary, and what they mean naively. */

import { member, type Shape } from '../src/write/domain.js'
import { environment, env, type Args, type At, type Model, type Standing } from '../src/write/model.js'
import { over } from '../src/write/vocabulary.js'

/** A place in the state: `['queue', 0, 'x']`; the index `'$i'` stands for the argument i. */
export interface Spot {
  readonly path: readonly (string | number)[]
  readonly shape: Shape
}

/** A condition on a state. What it asks of a place that does not exist just now is false. The value `'$i'` is the argument i. */
export type Test =
  | { readonly ask: 'equals'; readonly spot: Spot; readonly value: unknown }
  | { readonly ask: 'same'; readonly a: Spot; readonly b: Spot }
  | { readonly ask: 'longer'; readonly spot: Spot; readonly than: number }
  | { readonly ask: 'at'; readonly thread: number; readonly label: string }
  | { readonly ask: 'not'; readonly of: Test }
  | { readonly ask: 'and' | 'or'; readonly a: Test; readonly b: Test }

/** A change of a state. At a place that does not exist just now it does nothing. */
export type Statement =
  | { readonly act: 'set'; readonly spot: Spot; readonly value: unknown }
  | { readonly act: 'add'; readonly spot: Spot; readonly by: number; readonly wrap: boolean }
  | { readonly act: 'copy' | 'swap'; readonly a: Spot; readonly b: Spot }
  | { readonly act: 'push' | 'unshift'; readonly spot: Spot; readonly value: unknown; readonly careful: boolean }
  | { readonly act: 'shift' | 'pop' | 'reverse' | 'clear'; readonly spot: Spot }
  | { readonly act: 'if'; readonly test: Test; readonly body: readonly Statement[] }
  | { readonly act: 'fail' }

/** What a step is alone, or what one of its alternatives adds. */
export interface Way {
  readonly when: Test | undefined
  readonly then: readonly Statement[]
  readonly goto: number | undefined
}

/** A step of a thread, or an action: what it is alone, and what its alternatives add. */
export interface Doing extends Way {
  readonly either: readonly Way[]
}

/** A model before it is written in the vocabulary. */
export interface Description {
  readonly shape: Shape
  readonly initials: readonly unknown[]
  /** `twice`: one thread for each member i of the set `slot`. */
  readonly threads: readonly { readonly twice: boolean; readonly steps: readonly Doing[] }[]
  readonly actions: readonly { readonly twice: boolean; readonly doing: Doing }[]
  readonly resting: Test
}

const slot = member('slot', 2)

const label = (step: number, steps: number): string => (step < steps ? `s${step}` : 'end')

const argsOf = (twice: boolean): readonly Args[] => (twice ? [{ i: 0 }, { i: 1 }] : [{}])

/** The argument i, or 0 of what has none: only what is there is asked for. */
const mine = (args: Args): unknown => ('i' in args ? args.i : 0)

const spelled = (args: Args): string => ('i' in args ? `(${String(args.i)})` : '')

/** Asks where a thread stands. */
export type Where = (thread: string, label: string) => boolean

/** Asks a standing. */
export const standing =
  (places: Standing): Where =>
  (thread, label) =>
    places[thread] === label

/** A thread instance and its labels. */
export interface Place {
  readonly name: string
  readonly labels: readonly string[]
}

/** All thread instances of a description. */
const placesOf = ({ threads }: Description): readonly Place[] =>
  threads.flatMap(({ twice, steps }, t) => {
    const labels = [...steps.map((_, s) => `s${s}`), 'end']
    return argsOf(twice).map((args) => ({ name: `t${t}${spelled(args)}`, labels }))
  })

function locate(root: unknown, { path }: Spot, args: Args): { owner: never; key: never } | undefined {
  let owner: unknown = { root }
  let key: string | number = 'root'
  for (const segment of path) {
    owner = (owner as Record<string, unknown>)[key]
    key = segment === '$i' ? Number(mine(args)) : segment
    if (owner === null || (Array.isArray(owner) && owner.length <= Number(key))) return undefined
  }
  return { owner: owner as never, key: key as never }
}

const read = (root: unknown, spot: Spot, args: Args): unknown => {
  const place = locate(root, spot, args)
  return place && place.owner[place.key]
}

/** Whether a condition holds. */
export function asks(test: Test, state: unknown, args: Args, at: Where, places: readonly Place[]): boolean {
  const again = (inner: Test): boolean => asks(inner, state, args, at, places)
  switch (test.ask) {
    case 'equals':
      return JSON.stringify(read(state, test.spot, args)) === JSON.stringify(valued(test.value, args))
    case 'same':
      return JSON.stringify(read(state, test.a, args)) === JSON.stringify(read(state, test.b, args))
    case 'longer': {
      const found = read(state, test.spot, args)
      return Array.isArray(found) && found.length > test.than
    }
    case 'at': {
      const place = places[test.thread % places.length]
      return place !== undefined && place.labels.includes(test.label) && at(place.name, test.label)
    }
    case 'not':
      return !again(test.of)
    case 'and':
      return again(test.a) && again(test.b)
    case 'or':
      return again(test.a) || again(test.b)
  }
}

const valued = (value: unknown, args: Args): unknown => (value === '$i' ? mine(args) : value)

/** Asks where no thread stands. */
export const nowhere: Where = () => false

function perform(statement: Statement, draft: unknown, args: Args): void {
  switch (statement.act) {
    case 'fail':
      throw new Error('this effect fails')
    case 'if':
      if (asks(statement.test, draft, args, nowhere, [])) statement.body.forEach((one) => perform(one, draft, args))
      return
    case 'copy':
    case 'swap': {
      const a = locate(draft, statement.a, args)
      const b = locate(draft, statement.b, args)
      if (!a || !b) return
      const kept = a.owner[a.key]
      a.owner[a.key] = b.owner[b.key]
      if (statement.act === 'swap') b.owner[b.key] = kept
      return
    }
    default: {
      const place = locate(draft, statement.spot, args)
      const meant = 'value' in statement ? { ...statement, value: valued(statement.value, args) } : statement
      if (place) performAt(meant, place.owner, place.key)
    }
  }
}

function performAt(statement: Extract<Statement, { spot: Spot }>, owner: Record<string, unknown>, key: string): void {
  const { shape } = statement.spot
  if (statement.act === 'set') owner[key] = structuredClone(statement.value)
  else if (statement.act === 'add') {
    if (shape.kind !== 'int') throw new Error('only an int can be added to')
    const sum = (owner[key] as number) + statement.by
    owner[key] = statement.wrap ? shape.lo + ((sum - shape.lo) % (shape.hi - shape.lo + 1)) : sum
  } else {
    const items = owner[key] as unknown[] | null
    if (items === null) return
    if (statement.act === 'clear') items.length = 0
    else if (statement.act === 'push' || statement.act === 'unshift') {
      if (shape.kind === 'list' && statement.careful && items.length >= shape.capacity) return
      items[statement.act](structuredClone(statement.value))
    } else items[statement.act]()
  }
}

/** An action goes nowhere. */
const withoutGoto = (one: Doing): Doing => ({
  ...one,
  goto: undefined,
  either: one.either.map((way) => ({ ...way, goto: undefined })),
})

/** Writes a description in the vocabulary. */
export function written(description: Description): Model {
  const { shape, threads, actions, initials } = description
  const places = placesOf(description)
  const { model, thread, step, action } = over({ shape })
  const origin = env('a random model')
  const branch = ({ when, then, goto }: Way, steps: number) => ({
    ...(when && { when: (state: unknown, args: Args, at: At) => asks(when, state, args, at, places) }),
    ...(then.length > 0 && {
      then: (draft: unknown, args: Args) => then.forEach((statement) => perform(statement, draft, args)),
    }),
    ...(goto !== undefined && { goto: label(goto % (steps + 1), steps) }),
  })
  const doing = (one: Doing, steps: number) => ({
    origin,
    ...branch(one, steps),
    ...(one.either.length > 0 && {
      either: Object.fromEntries(one.either.map((way, i) => [`a${i}`, branch(way, steps)])),
    }),
  })
  return model('random', {
    question: 'Do all executions of it agree?',
    actors: { one: environment('does everything') },
    initial: () => structuredClone(initials) as Record<string, unknown>[],
    parts: () => [
      ...threads.map(({ twice, steps }, t) =>
        thread(
          `t${t}`,
          { actor: 'one', ...(twice && { for: { i: slot } }) },
          ...steps.map((one, s) => step<Args>(`s${s}`, doing(one, steps.length))),
        ),
      ),
      ...actions.map(({ twice, doing: one }, a) => {
        const range = twice && { for: { i: slot } }
        return action(`x${a}`, { actor: 'one', ...range, ...doing(withoutGoto(one), 0) })
      }),
    ],
    resting: (state, at) => asks(description.resting, state, {}, at, places),
  })
}

/** One way to go on, as the naive meaning has it. */
export interface Move {
  readonly name: string
  readonly allowed: (state: unknown, at: Standing) => boolean
  /** The state afterwards, or undefined if the effect fails. */
  readonly after: (state: unknown) => unknown
  readonly atAfter: (at: Standing) => Standing
}

/** Every move of a description, straight from the data. */
export function movesOf(description: Description): readonly Move[] {
  const places = placesOf(description)
  const make = (spelling: string, args: Args, ways: readonly Way[], go?: readonly [string, string, string]): Move => ({
    name: spelling + spelled(args),
    allowed: (state, at) =>
      (!go || at[go[0]] === go[1]) && ways.every(({ when }) => !when || asks(when, state, args, standing(at), places)),
    after: (state) => {
      const copy = structuredClone(state)
      try {
        ways.forEach(({ then }) => then.forEach((statement) => perform(statement, copy, args)))
      } catch {
        return undefined
      }
      // Through text, so that nothing stays shared between two places of the state.
      return JSON.parse(JSON.stringify(copy)) as unknown
    },
    atAfter: (at) => (go ? { ...at, [go[0]]: go[2] } : at),
  })
  const ofThreads = description.threads.flatMap(({ twice, steps }, t) =>
    argsOf(twice).flatMap((args) =>
      steps.flatMap((one, s) => {
        const to = (way?: Way): string => {
          const goto = way?.goto ?? one.goto
          return goto === undefined ? label(s + 1, steps.length) : label(goto % (steps.length + 1), steps.length)
        }
        const go = (way?: Way) => [`t${t}${spelled(args)}`, label(s, steps.length), to(way)] as const
        return one.either.length === 0
          ? [make(`t${t}.s${s}`, args, [one], go())]
          : one.either.map((way, a) => make(`t${t}.s${s}/a${a}`, args, [one, way], go(way)))
      }),
    ),
  )
  const ofActions = description.actions.flatMap(({ twice, doing }, x) =>
    argsOf(twice).flatMap((args) =>
      doing.either.length === 0
        ? [make(`one.x${x}`, args, [doing])]
        : doing.either.map((way, a) => make(`one.x${x}/a${a}`, args, [doing, way])),
    ),
  )
  return [...ofThreads, ...ofActions]
}

/** Where every thread of a description starts. */
export const startOf = (description: Description): Standing =>
  Object.fromEntries(placesOf(description).map(({ name }) => [name, 's0']))

/** A condition as a predicate of properties. */
export const predicate =
  (description: Description, test: Test) =>
  (state: unknown, at: Where): boolean =>
    asks(test, state, {}, at, placesOf(description))
