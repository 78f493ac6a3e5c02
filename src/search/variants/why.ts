/** Why a run breaks a property, by what would have avoided it: the same steps in another order, and a guard that waits. */

import { Mistake } from '../../write/mistake.js'
import type { Properties } from '../../write/property.js'
import type { System, Transition } from '../../write/system.js'
import { check, propertiesFor, type Outcome, type Verdict } from '../check.js'
import type { SearchOptions } from '../explore.js'
import { Hunt, visible, type Trail } from '../walk/hunt.js'
import type { SystemState } from '../reference.js'
import type { Run } from '../run.js'

/** A step put off, with what its thread does next: the same steps in this other order break nothing. */
export interface Move {
  /** Numbers of the step that is put off and of the one that it comes after, from 1. */
  readonly step: number
  readonly behind: number
  readonly name: string
  readonly behindName: string
}

/** A guard that would have stopped the run: the step waits while a field has a value, or a thread stands somewhere. */
export interface Wait {
  readonly name: string
  /** `dev[0].used`, or `at waiter` for where a thread stands. */
  readonly field: string
  readonly value: unknown
  /** Properties that are violated with the guard and not without it: it helps, but is no fix. */
  readonly breaks: readonly string[]
}

/** The counterfactuals of a violation. */
export interface Why {
  readonly verdict: Verdict & { readonly run: Run }
  /** The nearest moves first. */
  readonly moves: readonly Move[]
  /** Guards under which a complete search finds the property to hold; those that break nothing else first. */
  readonly waits: readonly Wait[]
  /** How many guards were tried. */
  readonly tried: number
}

/** Guards that are tried, each by a search of its own, and the states that all of them together may take. */
const mostGuards = 400
const mostStates = 2_000_000

/**
 * Explains the shortest counterexample of one property.
 * @throws Mistake if the property is not violated, or has no run that ends.
 */
export async function why(
  system: System,
  properties: Properties,
  name: string,
  options: SearchOptions = {},
): Promise<Why> {
  const original = await check(system, properties, options)
  const verdict = original.verdicts.find(({ property }) => property === name)!
  const { run, kind } = verdict
  const where = `why ${system.model.name}, ${name}`
  if (!run)
    throw new Mistake(where, `its verdict is ${verdict.verdict}: there is no run to explain`, 'choose a violated claim')
  if (run.loop !== undefined || !visible(kind) || kind === 'cancel' || kind === 'in-domain')
    throw new Mistake(where, 'its run cannot be told in another order', 'thawproof trace shows what it turns on')
  const hunt = new Hunt(system, propertiesFor(system, properties), (one) => one === name)
  const guards = await guardsOf(system, properties, original, name, run, options)
  return { verdict: { ...verdict, run }, moves: movesOf(hunt, run), ...guards }
}

/** Every step put off behind every later one, together with what its thread does until then, if nothing breaks then. */
function movesOf(hunt: Hunt, { steps, initial }: Run): Move[] {
  const found: Move[] = []
  const name = (i: number): string => steps[i]!.transition.name
  for (let near = 1; near < steps.length; near++)
    for (let i = 0; i + near < steps.length; i++) {
      const j = i + near
      const { thread } = steps[i]!.transition
      const own = steps.map(
        ({ transition }, at) => at === i || (at > i && at <= j && thread >= 0 && transition.thread === thread),
      )
      if (own[j]) continue
      const all = [...steps.keys()]
      const others = all.slice(0, j + 1).filter((at) => !own[at])
      const order = [...others, ...all.filter((at) => own[at]), ...all.slice(j + 1)]
      const trail = strictly(hunt, initial, order.map(name))
      if (trail && !hunt.judge(trail)) found.push({ step: i + 1, behind: j + 1, name: name(i), behindName: name(j) })
    }
  return found
}

/** The trail that takes exactly these steps, or undefined if one of them cannot be taken. */
function strictly({ terrain }: Hunt, initial: number, names: readonly string[]): Trail | undefined {
  const ids = [terrain.initials[initial]!]
  const by: number[] = []
  for (const name of names) {
    const { taken, to } = terrain.at(ids.at(-1)!)
    const i = taken.findIndex((index) => terrain.system.transitions[index]!.name === name)
    if (i < 0) return undefined
    by.push(taken[i]!)
    ids.push(to[i]!)
  }
  return { ids, by }
}

/** A guard to try: wherever it is true, the step waits. */
interface Candidate {
  readonly transition: Transition
  readonly field: string
  readonly value: unknown
  readonly read: (here: SystemState) => unknown
}

async function guardsOf(
  system: System,
  properties: Properties,
  original: Outcome,
  name: string,
  run: Run,
  options: SearchOptions,
): Promise<{ readonly waits: readonly Wait[]; readonly tried: number }> {
  const waits: Wait[] = []
  const all = propertiesFor(system, properties)
  const one = all.filter((property) => property.name === name)
  const most = Math.min(mostGuards, Math.ceil(mostStates / original.states))
  const guarded = candidates(run).slice(0, most)
  for (const { transition, field, value, read } of guarded) {
    const held = waiting(system, transition, (here) => read(here) !== value)
    const limits = { ...options, maxStates: original.states * 4 }
    const alone = await check(held, one, limits)
    // A guard that stops a step for good is no answer.
    const stops = alone.unfired.some((step) => !original.unfired.includes(step))
    const judged = alone.verdicts.find(({ property }) => property === name)!.verdict
    if (!alone.complete || judged !== 'holds' || stops) continue
    const whole = await check(held, all, limits)
    const breaks = violated(whole).filter((other) => !violated(original).includes(other))
    waits.push({ name: transition.name, field, value, breaks })
    if (waits.filter(({ breaks: more }) => more.length === 0).length === enough) break
  }
  return { waits: waits.sort((a, b) => a.breaks.length - b.breaks.length), tried: guarded.length }
}

/** Guards that break nothing else after which no more are looked for. */
const enough = 3

const violated = ({ verdicts }: Outcome): string[] =>
  verdicts.filter(({ verdict }) => verdict === 'violated').map(({ property }) => property)

/** For every step of the run, the last first: what it saw of what the run changes, its own thread's place aside. */
function candidates({ system, start, steps }: Run): Candidate[] {
  const states = [start, ...steps.map(({ after }) => after)]
  const moving = readers(start).filter(([, read]) => states.some((here) => read(here) !== read(start)))
  const found = new Map<string, Candidate>()
  for (const [i, { transition }] of [...steps.entries()].reverse())
    for (const [field, read] of moving) {
      const value = read(states[i]!)
      const key = `${transition.name} ${field} ${JSON.stringify(value)}`
      const own = field === `at ${system.threads[transition.thread]?.name}`
      if (!own && !found.has(key)) found.set(key, { transition, field, value, read })
    }
  return [...found.values()]
}

/** Every scalar of a state and every thread's place, by name. */
function readers({ state, at }: SystemState): [string, (here: SystemState) => unknown][] {
  const places = Object.keys(at).map<[string, (here: SystemState) => unknown]>((thread) => [
    `at ${thread}`,
    (here) => here.at[thread],
  ])
  return [
    ...scalars(state, []).map<[string, (here: SystemState) => unknown]>((path) => [
      spelled(path),
      (here) =>
        path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], here.state),
    ]),
    ...places,
  ]
}

const spelled = (path: readonly string[]): string =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), '')

function scalars(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => scalars(inner, [...path, key]))
}

/** The system with one more guard on one step. */
const waiting = (system: System, { name }: Transition, guard: (here: SystemState) => boolean): System => ({
  ...system,
  transitions: system.transitions.map((one) =>
    one.name === name ? { ...one, guards: [...one.guards, (state, _, at) => guard({ state, at })] } : one,
  ),
})
