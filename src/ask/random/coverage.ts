/** What random runs have touched: steps and alternatives taken, values that fields have had. */

import { cardinality, scalarsOf, type Shape } from '../../write/domain.js'
import type { System } from '../../write/system.js'
import type { RunJudge, Trail } from './run-judge.js'

/** Of how many there are, how many were met. */
export interface Share {
  readonly met: number
  readonly all: number
}

/** What was covered. */
export interface Covered {
  readonly steps: Share
  /** Steps and alternatives that no run took. */
  readonly untaken: readonly string[]
  /** Values of all fields of at most 64 values; fields at different positions of one array or list are one. */
  readonly values: Share
  /** Fields that had only some of their values, with those that are missing. */
  readonly missing: readonly { readonly field: string; readonly values: readonly string[] }[]
}

/** What was met, as plain data: steps, and values by field. */
export interface Met {
  readonly steps: readonly string[]
  readonly values: readonly (readonly [field: string, values: readonly string[]])[]
}

/** Fields with more values than this are not counted: nobody expects to see them all. */
const countable = 64

/** Collects while runs are walked; every state is read once. */
export class Coverage {
  private readonly taken = new Set<string>()
  private readonly values = new Map<string, Set<string>>()
  private readonly read = new WeakMap<RunJudge, Set<number>>()

  constructor(private readonly system: System) {}

  add(judge: RunJudge, { ids, by }: Trail): void {
    const { transitions } = judge.graph.system
    for (const index of by) this.taken.add(transitions[index]!.step)
    const read = this.read.get(judge) ?? new Set<number>()
    this.read.set(judge, read)
    for (const id of ids) {
      if (read.has(id)) continue
      read.add(id)
      this.note(this.system.shape, judge.graph.expander.stateOf(id).state, '')
    }
  }

  /** What was met so far. */
  met(): Met {
    return { steps: [...this.taken], values: [...this.values].map(([field, values]) => [field, [...values]]) }
  }

  /** Adds what was met elsewhere. */
  take({ steps, values }: Met): void {
    for (const step of steps) this.taken.add(step)
    for (const [field, met] of values) this.values.set(field, new Set([...(this.values.get(field) ?? []), ...met]))
  }

  covered(): Covered {
    const steps = [...new Set(this.system.transitions.map(({ step }) => step))]
    const untaken = steps.filter((step) => !this.taken.has(step))
    const fields = leavesOf(this.system.shape, '').map(({ field, values }) => {
      const met = this.values.get(field) ?? new Set<string>()
      return { field, all: values.length, values: values.filter((value) => !met.has(value)) }
    })
    const all = fields.reduce((sum, field) => sum + field.all, 0)
    const missing = fields.filter(({ values }) => values.length > 0)
    return {
      steps: { met: steps.length - untaken.length, all: steps.length },
      untaken,
      values: { met: all - missing.reduce((sum, { values }) => sum + values.length, 0), all },
      missing: missing.map(({ field, values }) => ({ field, values })),
    }
  }

  private note(shape: Shape, value: unknown, field: string): void {
    switch (shape.kind) {
      case 'record':
        for (const [name, of] of Object.entries(shape.fields))
          this.note(of, (value as Record<string, unknown>)[name], below(field, name))
        return
      case 'array':
      case 'list':
        for (const one of value as readonly unknown[]) this.note(shape.of, one, `${field}[]`)
        return
      default: {
        const met = this.values.get(field) ?? new Set()
        this.values.set(field, met.add(JSON.stringify(value)))
        if (shape.kind === 'optional' && value !== null && cardinality(shape) === undefined)
          this.note(shape.of, value, field)
      }
    }
  }
}

const below = (field: string, name: string): string => (field ? `${field}.${name}` : name)

/** The scalar fields of a shape with all their values, as text. */
function leavesOf(shape: Shape, field: string): { readonly field: string; readonly values: readonly string[] }[] {
  switch (shape.kind) {
    case 'record':
      return Object.entries(shape.fields).flatMap(([name, of]) => leavesOf(of, below(field, name)))
    case 'array':
    case 'list':
      return leavesOf(shape.of, `${field}[]`)
    default: {
      const all = cardinality(shape)
      if (all === undefined) return shape.kind === 'optional' ? leavesOf(shape.of, field) : []
      return all > countable ? [] : [{ field, values: scalarsOf(shape).map((value) => JSON.stringify(value)) }]
    }
  }
}
