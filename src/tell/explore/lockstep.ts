/** One schedule in two variants of a model: how far the other one can follow, and where they first differ. */

import { endOf, type Run } from '../../search/run.js'
import type { System } from '../../write/system.js'
import { differences } from '../trace.js'
import type { Reason } from './choices.js'
import { oneFurther, startOf } from './schedule.js'

/** One row of two runs beside each other. */
export type Pace =
  /** Both take it. */
  | { readonly kind: 'both'; readonly name: string }
  /** The other variant has no such step, and goes on without it. */
  | { readonly kind: 'only here'; readonly name: string }
  /** The other variant takes a step that this one does not have, in front of the step that both have. */
  | { readonly kind: 'only there'; readonly name: string }
  /** The other variant has the step and cannot take it. */
  | { readonly kind: 'cannot'; readonly name: string; readonly reason: Reason }

/** Two runs in lock step. */
export interface Lockstep {
  readonly rows: readonly Row[]
  /** The run of the other variant, as far as it came. */
  readonly there: Run
  /** The first row in which the two differ, by step or by state; null if in none. */
  readonly first: number | null
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
  const others = new Set(system.transitions.map(({ name }) => name))
  const rows: Row[] = []
  let there = startOf(system, Math.min(run.initial, system.initials.length - 1))
  let here: Run = { ...run, steps: [] }
  const push = (pace: Pace): void => {
    const counts = { here: here.steps.length, there: there.steps.length }
    rows.push({ ...pace, ...counts, fields: fieldsThatDiffer(here, there) })
  }
  for (const [i, { transition }] of run.steps.entries()) {
    const { name } = transition
    const behind = { ...run, steps: run.steps.slice(0, i + 1) }
    if (!others.has(name)) {
      here = behind
      push({ kind: 'only here', name })
      continue
    }
    let next = oneFurther(there, name)
    for (let tries = 0; 'kind' in next && tries < most; tries++) {
      const inserted = insertedBefore(there, own, transition.thread < 0 ? undefined : nameOfThread(run, transition.thread))
      if (!inserted) break
      there = inserted
      push({ kind: 'only there', name: there.steps.at(-1)!.transition.name })
      next = oneFurther(there, name)
    }
    here = behind
    if ('kind' in next) {
      push({ kind: 'cannot', name, reason: next })
      break
    }
    there = next
    push({ kind: 'both', name })
  }
  const first = rows.findIndex(({ kind, fields }) => kind !== 'both' || fields.length > 0)
  return { rows, there, first: first < 0 ? null : first }
}

const nameOfThread = ({ system }: Run, thread: number): string => system.threads[thread]!.name

/** The run with the step that the same thread takes next there, if the other variant has none of that name and it can be taken. */
function insertedBefore(there: Run, own: ReadonlySet<string>, thread: string | undefined): Run | undefined {
  if (thread === undefined) return undefined
  const { system } = there
  const at = endOf(there).at[thread]
  for (const one of system.transitions) {
    const of = system.threads[one.thread]
    if (!of || of.name !== thread || of.labels[one.from] !== at || own.has(one.name)) continue
    const next = oneFurther(there, one.name)
    if (!('kind' in next)) return next
  }
  return undefined
}

function fieldsThatDiffer(here: Run, there: Run): Row['fields'] {
  const [a, b] = [endOf(here), endOf(there)]
  const { shape } = here.system
  return differences(shape, a.state, b.state, []).map(({ field, before, after }) => ({
    field,
    here: before,
    there: after,
  }))
}
