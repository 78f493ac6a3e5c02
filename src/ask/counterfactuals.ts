/** Why a run breaks a property, by what would have avoided it: the same steps in another order, and a guard that waits. */

import { Mistake } from '../write/mistake.js'
import type { Kind, Properties } from '../write/property.js'
import type { Guard, System, Transition } from '../write/system.js'
import { check, propertiesFor, type Outcome, type Verdict } from '../search/check.js'
import type { SearchOptions } from '../search/explore.js'
import { toldRun } from './fewest-switches.js'
import { RunJudge, type Trail } from './random/run-judge.js'
import type { SystemState } from '../search/reference.js'
import { statesOf, type Run } from '../search/run.js'

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

/** A step of the run, by its number, or one that would come only after the run: then its number is null. */
export interface Mark {
  readonly step: number | null
  readonly name: string
}

/** The one step that has to run between two others for the violation to come about; a side may be open. */
export interface Window {
  readonly inside: Mark
  readonly after?: Mark
  readonly before?: Mark
}

/** The counterfactuals of a violation. */
export interface Why {
  readonly verdict: Verdict & { readonly run: Run }
  /** The nearest moves first. */
  readonly moves: readonly Move[]
  /** What the moves come to: on which step's place the violation depends; null if on none. */
  readonly window: Window | null
  /** Why no move was tried, if none was. */
  readonly fixed: string | null
  /** Guards under which a complete search finds the property to hold; those that break nothing else first. */
  readonly waits: readonly Wait[]
  /** How many guards were tried. */
  readonly tried: number
  /** How many of them were not decided: their searches grew beyond four times the states, or hit a limit. */
  readonly undecided: number
  /** Why no guard was tried, if that is because the search of the violation was not complete. */
  readonly cut: string | null
}

/** A limit was hit before there was a violation to explain. */
export class Unfinished extends Mistake {}

/** Guards that are tried, each by a search of its own, and the states that all of them together may take. */
const mostGuards = 400
const mostStates = 2_000_000

/**
 * Explains the shortest counterexample of one property: by the order of its steps, where the run ends and its order decides; and by
 * guards, for properties of every kind.
 * @throws Mistake if the property is not violated, or has no run; {@link Unfinished} if a limit was hit before one was found.
 */
export async function why(
  system: System,
  properties: Properties,
  name: string,
  options: SearchOptions = {},
): Promise<Why> {
  const original = await check(system, properties, options)
  const verdict = original.verdicts.find(({ property }) => property === name)!
  // The run that a trace shows.
  const run = toldRun(verdict)
  const { cut } = original
  const where = `why ${system.model.name}, ${name}`
  if (!run && cut && cut.limit !== 'fault')
    throw new Unfinished(where, `no violation was found before ${cut.says.replace(/^./, (sign) => sign.toLowerCase())}`)
  if (!run)
    throw new Mistake(where, `its verdict is ${verdict.verdict}: there is no run to explain`, 'choose a violated claim')
  const fixed = fixedBecause(verdict, run)
  const judge = new RunJudge(system, propertiesFor(system, properties), (one) => one === name)
  const moves = fixed === null ? movesOf(judge, run, final.includes(verdict.kind)) : []
  const guards = cut
    ? { waits: [], tried: 0, undecided: 0, cut: cut.says }
    : { ...(await guardsOf(system, properties, original, name, run, options)), cut: null }
  return { verdict: { ...verdict, run }, moves, window: windowOf(judge, run, moves), fixed, ...guards }
}

/** Why another order of the same steps tells nothing. */
function fixedBecause({ kind }: Verdict, { loop }: Run): string | null {
  if (loop !== undefined) return 'its run goes on for ever'
  if (ordered.includes(kind)) return null
  if (kind === 'in-domain') return 'its run ends where a step leaves its domain'
  if (kind === 'refinement') return 'each of its steps is held against a more abstract model'
  return 'its run may stop anywhere, so that no order of its steps decides'
}

/** The kinds that the order of a finite run's steps decides. */
const ordered: readonly Kind[] = ['always', 'step', 'possible', 'observer', 'cancel', 'no-deadlock']

/** Those that a run has broken for good when it ends, whatever could follow. */
const final: readonly Kind[] = ['always', 'step', 'observer']

/** The step on whose place the violation depends: with both sides known if there is such a one, the narrowest, an interrupt first. */
function windowOf(judge: RunJudge, run: Run, moves: readonly Move[]): Window | null {
  const mark = (step: number): Mark => ({ step, name: run.steps[step - 1]!.transition.name })
  const windows = run.steps.flatMap(({ transition }, i): (Window & { readonly rank: number })[] => {
    const here = i + 1
    const lower = moves.filter(({ behind }) => behind === here).map(({ step }) => step)
    const upper = moves.filter(({ step }) => step === here).map(({ behind }) => behind)
    if (lower.length + upper.length === 0) return []
    const [from, to] = [Math.max(...lower), Math.min(...upper)]
    const end = upper.length === 0 && here === run.steps.length ? closing(judge, run, from) : undefined
    const before = upper.length > 0 ? mark(to) : end
    const sides = (lower.length > 0 ? 1 : 0) + (before ? 1 : 0)
    const span = (lower.length > 0 ? here - from : 0) + (upper.length > 0 ? to - here : 0)
    return [
      {
        inside: mark(here),
        ...(lower.length > 0 && { after: mark(from) }),
        ...(before && { before }),
        rank: -1000 * sides - (transition.thread < 0 ? 500 : 0) + span,
      },
    ]
  })
  const best = windows.reduce<(typeof windows)[number] | undefined>(
    (a, b) => (a && a.rank <= b.rank ? a : b),
    undefined,
  )
  if (!best) return null
  const { rank, ...window } = best
  void rank
  return window
}

/** Steps beyond the run that are looked at for the end of a window. */
const beyond = 24

/** The first step that the thread of step `from` could go on with, instead of the run's last one, after which that one does no harm. */
function closing(judge: RunJudge, { initial, steps }: Run, from: number): Mark | undefined {
  const names = steps.map(({ transition }) => transition.name)
  const last = names.at(-1)!
  const { thread } = steps[from - 1]!.transition
  const ahead = names.slice(0, -1)
  for (let i = 0; i < beyond && thread >= 0; i++) {
    const trail = strictly(judge, initial, ahead)
    if (!trail || judge.broken(trail)) return undefined
    const { taken } = judge.graph.at(trail.ids.at(-1)!)
    const next = [...taken].map((index) => judge.graph.system.transitions[index]!).find((one) => one.thread === thread)
    if (!next) return undefined
    ahead.push(next.name)
    const late = strictly(judge, initial, [...ahead, last])
    if (!late || !judge.broken(late)) return { step: null, name: next.name }
  }
  return undefined
}

/**
 * Every step put off behind every later one, together with what its thread does until then, if nothing breaks then. Behind the last one,
 * and if the run ends for good, it need not be possible any more.
 */
function movesOf(judge: RunJudge, { steps, initial }: Run, ends: boolean): Move[] {
  const found: Move[] = []
  const name = (i: number): string => steps[i]!.transition.name
  const quiet = (order: readonly number[]): boolean => {
    const trail = strictly(judge, initial, order.map(name))
    return trail !== undefined && !judge.broken(trail)
  }
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
      const late = all.filter((at) => own[at])
      if (quiet([...others, ...late, ...all.slice(j + 1)]) || (ends && j === steps.length - 1 && quiet(others)))
        found.push({ step: i + 1, behind: j + 1, name: name(i), behindName: name(j) })
    }
  return found
}

/** The trail that takes exactly these steps, or undefined if one of them cannot be taken. */
function strictly({ graph }: RunJudge, initial: number, names: readonly string[]): Trail | undefined {
  const ids = [graph.initials[initial]!]
  const by: number[] = []
  for (const name of names) {
    const { taken, to } = graph.at(ids.at(-1)!)
    const i = taken.findIndex((index) => graph.system.transitions[index]!.name === name)
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
  /** Whether it is not so: the step may be taken. */
  readonly differs: Guard
}

async function guardsOf(
  system: System,
  properties: Properties,
  original: Outcome,
  name: string,
  run: Run,
  options: SearchOptions,
): Promise<Pick<Why, 'waits' | 'tried' | 'undecided'>> {
  const waits: Wait[] = []
  let [tried, undecided] = [0, 0]
  const all = propertiesFor(system, properties)
  const one = all.filter((property) => property.name === name)
  const most = Math.min(mostGuards, Math.ceil(mostStates / original.states))
  const guarded = candidates(system, run).slice(0, most)
  for (const { transition, field, value, differs } of guarded) {
    tried++
    const held = waiting(system, transition, differs)
    const limits = { ...options, maxSpace: original.states * 4 }
    const alone = await check(held, one, limits)
    // A guard that stops a step for good is no answer.
    const stops = alone.unfired.some((step) => !original.unfired.includes(step))
    const judged = alone.verdicts.find(({ property }) => property === name)!.verdict
    if (alone.cut && judged === 'unknown') undecided++
    if (!alone.complete || judged !== 'holds' || stops) continue
    const whole = await check(held, all, limits)
    // Of what was not decided nobody can say that it does not break.
    if (!whole.complete && !leavesDomain(whole)) {
      undecided++
      continue
    }
    const breaks = violated(whole).filter((other) => !violated(original).includes(other))
    waits.push({ name: transition.name, field, value, breaks })
    if (waits.filter(({ breaks: more }) => more.length === 0).length === enough) break
  }
  return { waits: waits.sort((a, b) => a.breaks.length - b.breaks.length), tried, undecided }
}

/** Guards that break nothing else after which no more are looked for. */
const enough = 3

const leavesDomain = (outcome: Outcome): boolean => violated(outcome).includes('in-domain')

const violated = ({ verdicts }: Outcome): string[] =>
  verdicts.filter(({ verdict }) => verdict === 'violated').map(({ property }) => property)

/**
 * For every step of the run, the last first, what code does before what nobody's code makes happen: what it saw of what the run
 * changes, its own thread's place aside. What an observer notes, or a cancel that the checker injects, is no place for a guard.
 */
function candidates(system: System, run: Run): Candidate[] {
  const { start, steps } = run
  const states = statesOf(run)
  const own = new Set(readers({ state: system.initials[0], at: start.at }).map(([field]) => field))
  const moving = readers(start).filter(
    ([field, read]) => own.has(field) && states.some((here) => read(here) !== read(start)),
  )
  const found = new Map<string, Candidate>()
  for (const [i, step] of [...steps.entries()].reverse()) {
    const transition = system.transitions.find(({ name }) => name === step.transition.name)
    if (!transition) continue
    for (const [field, read, thread] of moving) {
      const value = read(states[i]!)
      const key = `${transition.name} ${field} ${JSON.stringify(value)}`
      const itself = field === `at ${system.threads[transition.thread]?.name}`
      if (!itself && !found.has(key))
        found.set(key, { transition, field, value, differs: differing(read, value, thread) })
    }
  }
  const all = [...found.values()]
  const coded = all.filter(({ transition }) => transition.origin.kind === 'source')
  return [...coded, ...all.filter((one) => !coded.includes(one))]
}

const differing = (read: Reader[1], value: unknown, thread: string | undefined): Guard =>
  thread === undefined
    ? (state) => read({ state, at: {} }) !== value
    : (_state, _args, at) => !at(thread, value as string)

/** What is read, how, and whose place it is if it is one. */
type Reader = readonly [field: string, read: (here: SystemState) => unknown, thread?: string]

/** Every scalar of a state and every thread's place, by name. */
function readers({ state, at }: SystemState): readonly Reader[] {
  const places = Object.keys(at).map<Reader>((thread) => [`at ${thread}`, (here) => here.at[thread], thread])
  return [
    ...scalars(state, []).map<Reader>((path) => [
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
const waiting = (system: System, { name }: Transition, guard: Guard): System => ({
  ...system,
  transitions: system.transitions.map((one) => (one.name === name ? { ...one, guards: [...one.guards, guard] } : one)),
})
