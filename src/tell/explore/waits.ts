/** Who waits for whom: who cannot go on, what for, who could bring it about, and the circles among them. */

import type { SystemState } from '../../search/reference.js'
import { endOf, type Run } from '../../search/run.js'
import type { System, Transition } from '../../write/system.js'
import { falsePartsOf } from '../explanation.js'
import { choicesIn, whyNot, type Choices } from './choices.js'
import { writersOf } from './writers.js'

/** Something that is waited for: a field that would have to have one of these values for the step to be taken. */
export interface Awaited {
  /** The steps that wait for it. */
  readonly steps: readonly string[]
  readonly field: string
  readonly value: unknown
  readonly wanted: readonly unknown[]
  /** Number of the step of the run that last changed it, from 1; null if none did. */
  readonly since: number | null
  /** Who could bring it about, and by which step: threads and actions that can still come to it by control flow. */
  readonly by: readonly { readonly who: string; readonly step: string }[]
}

/** A thread, or an action that somebody waits for, that cannot go on. */
export interface Waiting {
  readonly who: string
  /** Where the thread stands; null for an action. */
  readonly label: string | null
  readonly awaits: readonly Awaited[]
  /** Whether it waits, by way of others that wait, for itself. */
  readonly inCircle: boolean
}

/** How the threads of a system stand after a run. */
export interface Waits {
  /** Threads first. */
  readonly waiting: readonly Waiting[]
  /** Those in a circle, each waiting for the next and the last one for the first. */
  readonly circles: readonly (readonly string[])[]
  readonly running: readonly string[]
  readonly ended: readonly string[]
}

/** Who waits for whom after a run. */
export function waitsAfter(run: Run): Waits {
  const { system } = run
  const here = endOf(run)
  const choices = choicesIn(system, here)
  const { possible } = choices
  const ended = system.threads.filter(({ name }) => here.at[name] === 'end').map(({ name }) => name)
  const running = system.threads.filter((_, i) => possible.some(({ thread }) => thread === i)).map(({ name }) => name)
  const open = system.threads.filter(({ name }) => !ended.includes(name) && !running.includes(name))
  const threads = open.map(({ name }) => ({ who: name, label: here.at[name]!, awaits: awaitsOf(run, choices, name) }))
  const all = [...threads, ...actionsBehind(run, choices, threads)]
  const names = all.map(({ who }) => who)
  const next = new Map(
    all.map(({ who, awaits }) => {
      const helping = new Set(awaits.flatMap(({ by }) => by.map((one) => one.who)))
      return [who, names.filter((name) => helping.has(name))] as const
    }),
  )
  const circles = circlesIn(next)
  return {
    waiting: all.map((one) => ({ ...one, inCircle: circles.some((circle) => circle.includes(one.who)) })),
    circles,
    running,
    ended,
  }
}

type Open = Omit<Waiting, 'inCircle'>

/** The actions that somebody waits for and that cannot happen, those that they wait for included. */
function actionsBehind(run: Run, choices: Choices, threads: readonly Open[]): readonly Open[] {
  const { system } = run
  const isStopped = (name: string): boolean =>
    choices.blocked.some((one) => ownerOf(system, one) === name) &&
    !choices.possible.some((one) => ownerOf(system, one) === name)
  const found = new Map<string, Open>(threads.map((one) => [one.who, one]))
  for (const { awaits } of found.values())
    for (const { who } of awaits.flatMap(({ by }) => by))
      if (!found.has(who) && isStopped(who)) found.set(who, { who, label: null, awaits: awaitsOf(run, choices, who) })
  return [...found.values()].slice(threads.length)
}

/** What a thread or an action waits for. What it would do later itself, it does not do while it waits. */
const awaitsOf = (run: Run, { blocked }: Choices, name: string): readonly Awaited[] =>
  merged(
    blocked
      .filter((one) => ownerOf(run.system, one) === name)
      .flatMap((transition) => awaitedBy(run, transition))
      .map((one) => ({ ...one, by: one.by.filter(({ who }) => who !== name) })),
  )

/** The thread of a transition, or the action that it is. */
const ownerOf = ({ threads }: System, { thread, step }: Transition): string =>
  threads[thread]?.name ?? step.replace(/\/.*/, '')

/** What several alternatives of a step wait for, once. */
function merged(all: readonly Awaited[]): readonly Awaited[] {
  const found = new Map<string, Awaited>()
  for (const one of all) {
    const key = JSON.stringify([one.field, one.wanted])
    const before = found.get(key)
    found.set(key, before ? { ...before, steps: [...before.steps, ...one.steps] } : one)
  }
  return [...found.values()]
}

function awaitedBy(run: Run, transition: Transition): readonly Awaited[] {
  const reason = whyNot(run, transition)
  if (reason.kind !== 'guard') return []
  const here = endOf(run)
  const causes = falsePartsOf(run, transition).flat()
  return causes.map(({ field, value, step, mends }) => ({
    steps: [transition.name],
    field,
    value,
    wanted: mends,
    since: step,
    by: helpers(run.system, here, field, mends),
  }))
}

/** Who could give a field one of some values, as far as threads can still come to that by control flow. */
export function helpers(
  system: System,
  here: SystemState,
  field: string,
  values: readonly unknown[],
): readonly { readonly who: string; readonly step: string }[] {
  if (values.length === 0) return []
  return writersOf(system, here, field, values)
    .filter((one) => isAhead(system, here, one))
    .map((one) => ({ who: ownerOf(system, one), step: one.name }))
}

/** Whether control flow leads a transition's thread from where it stands to the transition. */
function isAhead({ threads, transitions }: System, { at }: SystemState, { thread, from }: Transition): boolean {
  const own = threads[thread]
  if (!own) return true
  const seen = new Set([own.labels.indexOf(at[own.name]!)])
  for (const label of seen)
    for (const one of transitions) if (one.thread === thread && one.from === label) seen.add(one.to)
  return seen.has(from)
}

/** Circles in a small graph, each once, found from the first of its members in order; not every one where they share members. */
export function circlesIn(next: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = []
  const back = (from: string): readonly string[] | undefined => {
    const ways = new Map<string, readonly string[]>([[from, [from]]])
    for (const [one, way] of ways)
      for (const to of next.get(one) ?? []) {
        if (to === from) return way
        if (!ways.has(to)) ways.set(to, [...way, to])
      }
    return undefined
  }
  for (const from of next.keys()) {
    if (circles.some((circle) => circle.includes(from))) continue
    const circle = back(from)
    if (circle) circles.push(circle)
  }
  return circles
}
