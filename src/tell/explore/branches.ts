/** The runs that a reader has made, side by side, each with what was undone: nothing is lost by trying something else. */

import type { CancelPlan } from '../../write/cancel.js'
import { movedTo, type Schedule } from './schedule.js'

/** A run as it was at some time, and how many of its steps are shown as taken. */
export interface Position {
  readonly schedule: Schedule
  readonly step: number
}

/** One run, with what can be undone and redone. */
export interface Branch {
  readonly id: number
  readonly now: Position
  readonly past: readonly Position[]
  readonly future: readonly Position[]
  /** Cancels of this plan are among its steps. */
  readonly plan?: CancelPlan<unknown>
}

/** All of them, and which one is looked at. */
export interface Branches {
  readonly all: readonly Branch[]
  readonly current: number
}

/** One run. */
export const beginning = (schedule: Schedule, step = schedule.names.length): Branches => ({
  all: [{ id: 1, now: { schedule, step: Math.min(step, schedule.names.length) }, past: [], future: [] }],
  current: 1,
})

/** The run that is looked at. */
export const currentOf = ({ all, current }: Branches): Branch => all.find(({ id }) => id === current)!

const changed = (branches: Branches, change: (branch: Branch) => Branch): Branches => ({
  ...branches,
  all: branches.all.map((one) => (one.id === branches.current ? change(one) : one)),
})

/** The run as it is to be, with a way back to what it was. */
export const edited = (branches: Branches, schedule: Schedule, step: number): Branches =>
  changed(branches, ({ past, now, ...rest }) => ({
    ...rest,
    past: [...past, now],
    now: { schedule, step },
    future: [],
  }))

/** Shows so many steps as taken; what comes behind stays. */
export const shownAt = (branches: Branches, step: number): Branches =>
  changed(branches, (one) => {
    const within = Math.max(0, Math.min(step, one.now.schedule.names.length))
    return { ...one, now: { ...one.now, step: within } }
  })

/** A run of its own, beside the others. */
export function added(branches: Branches, schedule: Schedule, step: number, plan?: CancelPlan<unknown>): Branches {
  const id = Math.max(...branches.all.map((one) => one.id)) + 1
  const branch = { id, now: { schedule, step }, past: [], future: [], ...(plan && { plan }) }
  return { all: [...branches.all, branch], current: id }
}

/**
 * Takes steps where the run is shown. If the run goes on otherwise from there, it stays as it is, and another one begins with what both share.
 */
export function taken(branches: Branches, names: readonly string[]): Branches {
  const { now, plan } = currentOf(branches)
  const { schedule, step } = now
  const rest = schedule.names.slice(step)
  if (names.every((name, i) => rest[i] === name)) return shownAt(branches, step + names.length)
  const next = { ...schedule, names: [...schedule.names.slice(0, step), ...names] }
  return rest.length === 0
    ? edited(branches, next, step + names.length)
    : added(branches, next, step + names.length, plan)
}

/** Takes away what comes behind the step that is shown; if nothing does, that step. */
export function shortened(branches: Branches): Branches {
  const { schedule, step } = currentOf(branches).now
  const end = step < schedule.names.length ? step : Math.max(0, step - 1)
  if (end === schedule.names.length) return branches
  return edited(branches, { ...schedule, names: schedule.names.slice(0, end) }, end)
}

/** Takes a step at another place; the step stays the one that is shown. */
export const moved = (branches: Branches, from: number, to: number): Branches =>
  edited(branches, movedTo(currentOf(branches).now.schedule, from, to), to + 1)

/** One edit back. */
export const undone = (branches: Branches): Branches =>
  changed(branches, (one) => {
    const before = one.past.at(-1)
    return before ? { ...one, now: before, past: one.past.slice(0, -1), future: [one.now, ...one.future] } : one
  })

/** One edit forward again. */
export const redone = (branches: Branches): Branches =>
  changed(branches, (one) => {
    const [next, ...rest] = one.future
    return next ? { ...one, now: next, past: [...one.past, one.now], future: rest } : one
  })

/** Looks at another run. */
export const selected = (branches: Branches, id: number): Branches =>
  branches.all.some((one) => one.id === id) ? { ...branches, current: id } : branches

/** Without the run that is looked at, unless it is the only one. */
export function closed({ all, current }: Branches): Branches {
  if (all.length === 1) return { all, current }
  const at = all.findIndex(({ id }) => id === current)
  const left = all.toSpliced(at, 1)
  return { all: left, current: left[Math.max(0, at - 1)]!.id }
}
