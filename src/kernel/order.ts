/** Two promises that concern several locks at once: one order for all, and no circle of threads that wait for each other. */

import { bool, record } from '../write/domain.js'
import type { Placed } from '../write/family.js'
import type { Act, At } from '../write/model.js'
import { propertiesOver, type Property } from '../write/property.js'
import { holders, holds, isBusy, type Named } from './looks.js'

const { always, observer } = propertiesOver(record({}))

/** A pair of locks as the name of a field. */
const pair = (first: string, second: string): string => `${first}__${second}`

/** No run takes two locks in both orders; what is only tried does not count. */
export function lockOrder(takes: readonly Placed[]): readonly Property[] {
  const byThread = new Map<string, Set<string>>()
  for (const { thread, act } of takes) byThread.set(thread, (byThread.get(thread) ?? new Set()).add(act.field))
  const fields = [...new Set([...byThread.values()].filter((own) => own.size > 1).flatMap((own) => [...own]))]
  if (fields.length < 2) return []
  const pairs = fields.flatMap((a) => fields.filter((b) => a !== b).map((b) => [a, b] as const))
  const things = new Map(takes.map(({ act }) => [act.field, act as Named]))
  const acts = new Map(takes.map(({ step, act }) => [step, act]))
  return [
    observer<Record<string, boolean>>('lock-order', 'No two locks are taken in both orders.', {
      state: record(Object.fromEntries(pairs.map(([a, b]) => [pair(a, b), bool()]))),
      initial: Object.fromEntries(pairs.map(([a, b]) => [pair(a, b), false])),
      on: [...acts.keys()],
      next: (own, before, after, { step, name }) => {
        const { field } = acts.get(step.split('/')[0]!)!
        const who = name.slice(0, name.indexOf('.')) + (/\([^()]*\)$/.exec(name)?.[0] ?? '')
        const lock = things.get(field)!
        if (holds(before, lock, who) || !holds(after, lock, who)) return
        for (const other of fields)
          if (other !== field && holds(before, things.get(other)!, who)) own[pair(other, field)] = true
      },
      wrong: (own) => pairs.some(([a, b]) => own[pair(a, b)] && own[pair(b, a)]),
    }),
  ]
}

/** No threads wait for each other in a circle: for locks that the next one holds, for callbacks, for ends. */
export function waitCycle(
  takes: readonly Placed[],
  waits: readonly Placed[],
  runners: (act: Act) => readonly string[],
): readonly Property[] {
  const edges = [
    ...takes.map((one) => ({ ...one, whom: (state: unknown) => holders(state, one.act) })),
    ...waits
      .map((one) => ({ one, targets: runners(one.act) }))
      .filter(({ targets }) => targets.length > 0)
      .map(({ one, targets }) => ({
        ...one,
        whom: (state: unknown) => (one.act.thing === 'thread' || isBusy(state, one.act) ? targets : []),
      })),
  ]
  const threads = [...new Set(edges.map(({ thread }) => thread))]
  // A circle needs two things that are waited for.
  if (threads.length < 2 || new Set(edges.map(({ act }) => act.field)).size < 2) return []
  const next = (state: unknown, at: At, thread: string): readonly string[] =>
    edges.flatMap((edge) =>
      edge.thread === thread && at(edge.thread, edge.label) ? edge.whom(state).filter((one) => one !== thread) : [],
    )
  const reaches = (state: unknown, at: At, from: string, goal: string, left: number): boolean =>
    left > 0 &&
    next(state, at, from).some((one) => one === goal || (one !== from && reaches(state, at, one, goal, left - 1)))
  return [
    always('no-wait-cycle', 'No threads wait for each other in a circle.', (state, at) =>
      threads.every((one) => !reaches(state, at, one, one, threads.length)),
    ),
  ]
}
