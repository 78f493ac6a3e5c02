/** Who waits for whom: threads that cannot go on, what they wait for, who could bring it about, and the circles among them. */

import type { SystemState } from '../../search/reference.js'
import { endOf, type Run } from '../../search/run.js'
import type { System, Transition } from '../../write/system.js'
import { choicesIn, whyNot } from './choices.js'
import { writersOf } from './writers.js'

/** Something that a thread waits for: a field that would have to have one of these values for the step to be taken. */
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

/** A thread that cannot go on. */
export interface Waiting {
  readonly thread: string
  readonly label: string
  readonly awaits: readonly Awaited[]
  /** Whether it waits, by way of others that wait, for itself. */
  readonly inCircle: boolean
}

/** How the threads of a system stand after a run. */
export interface Waits {
  readonly waiting: readonly Waiting[]
  /** Threads in a circle, each waiting for the next and the last one for the first. */
  readonly circles: readonly (readonly string[])[]
  readonly running: readonly string[]
  readonly ended: readonly string[]
}

/** Who waits for whom after a run. */
export function waitsAfter(run: Run): Waits {
  const { system } = run
  const here = endOf(run)
  const { possible, blocked } = choicesIn(system, here)
  const ended = system.threads.filter(({ name }) => here.at[name] === 'end').map(({ name }) => name)
  const running = system.threads.filter((_, i) => possible.some(({ thread }) => thread === i)).map(({ name }) => name)
  const open = system.threads.filter(({ name }) => !ended.includes(name) && !running.includes(name))
  const waiting = open.map(({ name }) => ({
    thread: name,
    label: here.at[name]!,
    awaits: merged(
      blocked
        .filter(({ thread }) => system.threads[thread]?.name === name)
        .flatMap((transition) => awaitedBy(run, transition))
        // What the thread itself would do later, it does not do while it waits.
        .map((one) => ({ ...one, by: one.by.filter(({ who }) => who !== name) })),
    ),
  }))
  const names = waiting.map(({ thread }) => thread)
  const next = new Map(
    waiting.map(({ thread, awaits }) => {
      const all = new Set(awaits.flatMap(({ by }) => by.map(({ who }) => who)))
      return [thread, names.filter((name) => all.has(name))] as const
    }),
  )
  const circles = circlesIn(next)
  return {
    waiting: waiting.map((one) => ({ ...one, inCircle: circles.some((circle) => circle.includes(one.thread)) })),
    circles,
    running,
    ended,
  }
}

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
  return reason.causes.map(({ field, value, step, mends }) => ({
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
    .map((one) => ({ who: system.threads[one.thread]?.name ?? one.step.replace(/\/.*/, ''), step: one.name }))
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
