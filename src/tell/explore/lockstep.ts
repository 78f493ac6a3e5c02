/** One schedule in two variants of a model: how far the other one can follow, and where they first differ. */

import { endOf, startOf, type Run } from '../../search/run.js'
import type { System } from '../../write/system.js'
import { fieldsOf } from '../states.js'
import type { Reason } from './choices.js'
import { oneFurther } from './schedule.js'

/** One row of two runs beside each other. */
export type Pace =
  /** Before the first step. */
  | { readonly kind: 'start'; readonly name: string }
  /** Both take it. */
  | { readonly kind: 'both'; readonly name: string }
  /** The other variant has no such step, and goes on without it. */
  | { readonly kind: 'only here'; readonly name: string }
  /** The other variant takes a step that this one does not have, in front of the step that both have. */
  | { readonly kind: 'only there'; readonly name: string }
  /** The other variant takes an alternative of the same step that this one does not have. */
  | { readonly kind: 'instead'; readonly name: string; readonly instead: string }
  /** The other variant has the step and cannot take it. */
  | { readonly kind: 'cannot'; readonly name: string; readonly reason: Reason }

/** Two runs in lock step. */
export interface Lockstep {
  readonly rows: readonly Row[]
  /** The run of the other variant, as far as it came. */
  readonly there: Run
  /** The first row in which one takes a step that the other does not; null if in none. */
  readonly first: number | null
  /** The first row behind which their states differ in a field that both have; null if in none. */
  readonly firstState: number | null
}

/** A row, with how many steps each has taken behind it, and the fields in which their states differ. */
export type Row = Pace & {
  readonly here: number
  readonly there: number
  readonly fields: readonly { readonly field: string; readonly here: unknown; readonly there: unknown }[]
}

/** Steps of its own that the other variant may take in front of one that both have. */
const most = 16

/** Has another variant follow a run. @throws RangeError if it has no such initial state. */
export function lockstep(run: Run, system: System): Lockstep {
  const own = new Set(run.system.transitions.map(({ name }) => name))
  const rows: Row[] = []
  let there = startOf(system, Math.min(run.initial, system.initials.length - 1))
  let here: Run = { ...run, steps: [] }
  const push = (pace: Pace): void => {
    const counts = { here: here.steps.length, there: there.steps.length }
    rows.push({ ...pace, ...counts, fields: fieldsThatDiffer(here, there) })
  }
  push({ kind: 'start', name: 'the start' })
  for (const [i, { transition }] of run.steps.entries()) {
    const { name } = transition
    here = { ...run, steps: run.steps.slice(0, i + 1) }
    const thread = run.system.threads[transition.thread]?.name
    const [ahead, inserted] = caughtUp(there, name, own, thread)
    for (const one of inserted) {
      there = one
      push({ kind: 'only there', name: one.steps.at(-1)!.transition.name })
    }
    if (!('kind' in ahead)) {
      there = ahead
      push({ kind: 'both', name })
      continue
    }
    const other = ofItsOwn(there, own, thread, baseOf(name))
    if (other) {
      there = other
      push({ kind: 'instead', name, instead: other.steps.at(-1)!.transition.name })
    } else if (ahead.kind === 'absent') push({ kind: 'only here', name })
    else {
      push({ kind: 'cannot', name, reason: ahead })
      break
    }
  }
  const rowOf = (is: (row: Row) => boolean): number | null => {
    const row = rows.findIndex(is)
    return row < 0 ? null : row
  }
  return {
    rows,
    there,
    first: rowOf(({ kind }) => kind !== 'both' && kind !== 'start'),
    firstState: rowOf(({ fields }) => fields.length > 0),
  }
}

const baseOf = (name: string): string => name.replace(/[/(].*/, '')

/** Takes a step, if need be behind steps of the same thread that the first variant does not have: those come with it. */
function caughtUp(
  there: Run,
  name: string,
  own: ReadonlySet<string>,
  thread: string | undefined,
): readonly [ahead: Run | Reason, inserted: readonly Run[]] {
  const first = oneFurther(there, name)
  if (!('kind' in first) || first.kind === 'absent') return [first, []]
  const inserted: Run[] = []
  for (let here = ofItsOwn(there, own, thread); here && inserted.length < most; here = ofItsOwn(here, own, thread)) {
    inserted.push(here)
    const next = oneFurther(here, name)
    if (!('kind' in next)) return [next, inserted]
  }
  return [first, []]
}

/** The run with the step that a thread takes next there, if the first variant has none of that name and it can be taken. */
function ofItsOwn(there: Run, own: ReadonlySet<string>, thread: string | undefined, base?: string): Run | undefined {
  if (thread === undefined) return undefined
  const { system } = there
  const at = endOf(there).at[thread]
  for (const one of system.transitions) {
    const of = system.threads[one.thread]
    if (!of || of.name !== thread || of.labels[one.from] !== at || own.has(one.name)) continue
    if (base !== undefined && baseOf(one.name) !== base) continue
    const next = oneFurther(there, one.name)
    if (!('kind' in next)) return next
  }
  return undefined
}

/** Variants may differ in what their states are made of: only what both have is compared. */
function fieldsThatDiffer(here: Run, there: Run): Row['fields'] {
  const other = new Map(fieldsOf(endOf(there).state))
  return fieldsOf(endOf(here).state).flatMap(([field, value]) => {
    if (!other.has(field) || JSON.stringify(value) === JSON.stringify(other.get(field))) return []
    return [{ field, here: value, there: other.get(field) }]
  })
}
