/**
 * Random models with something planted in one state that is drawn: a cheat has to be found, and what only looks like one must change
 * nothing; what tells members apart must not be believed alike; and in which order steps are declared must not matter.
 */

import assert from 'node:assert/strict'
import { check, type Outcome } from '../src/search/check.js'
import type { Watch } from '../src/search/expander.js'
import { explore } from '../src/search/explore.js'
import { Mistake } from '../src/write/mistake.js'
import type { At } from '../src/write/model.js'
import { propertiesOver, type Property } from '../src/write/property.js'
import { instantiate, type System, type Transition } from '../src/write/system.js'
import { same, sure } from './compared.js'
import { predicate, written, type Description, type Test } from './plain-models.js'

type State = Record<string, unknown>
type Code = (state: State) => unknown

const none: Watch = { states: [], steps: [], collects: [] }

/** A state as text, whatever the order of its fields. */
const told = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )

/** The lists, arrays and records of a state. */
function composites(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(composites)]
}

/** Where in a state something is done. */
const chosen = <T>(all: readonly T[], pick: number): T => all[pick % all.length]!

const log: unknown[] = []
const table = new Map<unknown, unknown>()
const box: { kept?: unknown } = {}
const constant = new Map([['a', 1]])
const later = (() => Promise.resolve(true)).bind(undefined)
class Counter {
  private calls = 0
  next(): number {
    return this.calls++
  }
}
const counter = new Counter()

/** What an effect must not do. */
const badEffects: Readonly<Record<string, (pick: number) => Code>> = {
  'a stray': (pick) => (d) =>
    void Object.assign(chosen(composites(d), pick), { [chosen(['-1', '1.5', 'x', 'spare'], pick >> 3)]: 1 }),
  'a hole or a missing field': (pick) => (d) => {
    const owner = chosen(composites(d), pick)
    const [key] = Object.keys(owner)
    if (key === undefined) Object.assign(owner, { '-1': 0 })
    else Reflect.deleteProperty(owner, key)
  },
  'a returned state': () => (d) => ({ ...d }),
  'a promise': () => () => later(),
  'a BigInt': (pick) => (d) => void (d[chosen(Object.keys(d), pick)] = 1n),
  'a class': (pick) => (d) => void (d[chosen(Object.keys(d), pick)] = new Counter()),
  'a list that grows': () => (d) => void log.push(told(d)),
  'a kept state': () => (d) => void Object.assign(box, { kept: d }),
  'a counter': () => () => void counter.next(),
}

/** What neither a guard nor a predicate must answer or do. */
const badAnswers: Readonly<Record<string, () => Code>> = {
  'a vague answer': () => () => 1,
  'no answer': () => () => undefined,
  'a promised answer': () => () => later(),
  'a table that grows': () => (s) => (table.set(table.size, told(s)), true),
  'a list that grows': () => () => log.push(1) > 0,
}

/** What an effect may well do. */
const goodEffects: Readonly<Record<string, (pick: number) => Code>> = {
  'a field put back': (pick) => (d) => {
    const owner = chosen(composites(d), pick) as State
    const [key] = Object.keys(owner)
    if (key === undefined || Array.isArray(owner)) return
    const kept = owner[key]
    Reflect.deleteProperty(owner, key)
    owner[key] = kept
  },
  'a stray taken away': (pick) => (d) => {
    const owner = chosen(composites(d), pick)
    Object.assign(owner, { x: 1 })
    Reflect.deleteProperty(owner, 'x')
  },
  'nothing deleted': (pick) => (d) => void Reflect.deleteProperty(chosen(composites(d), pick), '99'),
  'a zero of another sign': () => (d) => {
    for (const owner of composites(d) as State[])
      for (const key of Object.keys(owner)) if (owner[key] === 0) owner[key] = -0
  },
  'another object of the same': (pick) => (d) => {
    const key = chosen(Object.keys(d), pick)
    d[key] = structuredClone(d[key])
  },
  'a table that is asked': () => () => void constant.get('a'),
  'a table of its own': () => (d) => void new Map(Object.entries(d)).set('x', 1),
}

const verdicts = ({ verdicts: all, states, transitions }: Outcome): unknown => [
  states,
  transitions,
  all.map(({ property, verdict, run }) => [property, verdict, run?.steps.length]),
]

/** What a check says: its verdicts, or that the model is at fault. */
async function said(system: System, properties: readonly Property[]): Promise<{ fault: string } | { found: unknown }> {
  try {
    const outcome = await check(system, properties)
    const fault = outcome.fault?.fault.message ?? outcome.verdicts.find(({ why }) => why?.includes('is at fault'))?.why
    return fault === undefined ? { found: verdicts(outcome) } : { fault }
  } catch (error) {
    if (error instanceof Mistake) return { fault: error.message }
    throw error
  }
}

const planted = (system: System, index: number, change: (one: Transition) => Partial<Transition>): System => ({
  ...system,
  transitions: system.transitions.map((one) => (one.index === index ? { ...one, ...change(one) } : one)),
})

/** Plants one thing in a model. Returns whether there was a place for it. */
export async function examinePlants(description: Description, tests: readonly Test[], pick: number): Promise<boolean> {
  const system = instantiate(written(description))
  const graph = await explore(system, none, { keepEdges: true, maxStates: 2000 })
  if (graph.cut || graph.transitions === 0) return false
  const edge = pick % graph.transitions
  const by = graph.edges!.by.at(edge)
  const from = graph.edges!.first.flat().findLastIndex((first) => first <= edge)
  const target = told(graph.expander.stateOf(from).state)
  const holds = predicate(description, tests[0]!) as (state: unknown, at: At) => boolean
  const claim = propertiesOver({ shape: description.shape }).always('p', 'It is so.', holds)
  const plain = await said(system, [claim])
  assert('found' in plain, 'the model itself is at fault')
  /** What an effect does, and after it in one state something more. */
  const also =
    (code: Code) =>
    ({ effects }: Transition): Pick<Transition, 'effects'> => ({
      effects: [
        (draft, args) => {
          const here = told(draft) === target
          for (const effect of effects) effect(draft, args)
          return (here ? code(draft as State) : undefined) as undefined
        },
      ],
    })
  const found = async (what: string, changed: System, property: Property = claim): Promise<void> =>
    sure('fault' in (await said(changed, [property])), `not found: ${what} in ${target}`)

  const [badEffect, bad] = chosen(Object.entries(badEffects), pick >> 2)
  await found(badEffect, planted(system, by, also(bad(pick))))
  const [badAnswer, make] = chosen(Object.entries(badAnswers), pick >> 3)
  const answer = make()
  const asked = (state: unknown): unknown => (told(state) === target ? answer(state as State) : true)
  await found(
    badAnswer,
    planted(system, by, ({ guards }) => ({ guards: [asked as never, ...guards] })),
  )
  await found(badAnswer, system, propertiesOver({ shape: description.shape }).always('p', 'It is so.', asked as never))

  const [goodEffect, good] = chosen(Object.entries(goodEffects), pick >> 4)
  const changed = planted(system, by, also(good(pick)))
  same(await said(changed, [claim]), plain, `it is not at fault: ${goodEffect} in ${target}`)
  return true
}

/** Ways of asking that a trial may not see through. */
const smuggled: readonly ((state: unknown) => unknown)[] = [
  (state) => structuredClone(state),
  (state) => JSON.parse(JSON.stringify(state)) as unknown,
  (state) => Object.fromEntries(Object.entries(state as object)),
  (state) => Object.defineProperties({}, Object.getOwnPropertyDescriptors(state as object)),
  (state) => Object.assign({}, state),
]

/** What tells members apart, asked in ways that a trial may not see through, is told apart. */
export async function examineSmuggling(description: Description, tests: readonly Test[], pick: number): Promise<void> {
  const { always } = propertiesOver({ shape: description.shape })
  const holds = predicate(description, tests[0]!) as (state: unknown, at: At) => boolean
  const through = chosen(smuggled, pick)
  const claim = always('p', 'It is so.', (state, at) => holds(through(state), at))
  const made = (): System => instantiate(written(description))
  const plain = await check(made(), [claim], { symmetry: false })
  same(verdicts(await check(made(), [claim])), verdicts(plain), 'orbits by what is smuggled')
  const reduced = await check(made(), [claim], { reduce: true })
  const told = ({ verdicts: all }: Outcome): readonly string[] => all.map(({ verdict }) => verdict)
  same(told(reduced), told(plain), 'stubborn sets by what is smuggled')
}
