/** The states of a trace, rebuilt from its start and its changes, as flat lists of fields. */

import { pathIn, spellPath } from './text.js'
import type { Trace } from './trace.js'

/** A field and its value. */
export type Field = readonly [field: string, value: unknown]

/** The fields of a value in order; an array of scalars counts as one. */
export function fieldsOf(value: unknown, path: readonly (string | number)[] = []): readonly Field[] {
  if (typeof value !== 'object' || value === null) return [[spellPath(path), value]]
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return [[spellPath(path), value]]
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, i) => [i, item] as const)
    : Object.entries(value)
  if (entries.length === 0) return [[spellPath(path), value]]
  return entries.flatMap(([key, inner]) => fieldsOf(inner, [...path, key]))
}

/** The value of a field, `dev[0].used`; undefined if there is none. */
export const valueIn = (state: unknown, field: string): unknown =>
  pathIn(field).reduce<unknown>((here, key) => (here as Record<string, unknown> | null | undefined)?.[key], state)

/** The fields after the first `taken` steps of a trace. */
export const afterStep = (trace: Trace, taken: number): readonly Field[] => fieldsOf(stateAfter(trace, taken))

/** The state after the first `taken` steps of a trace. */
export function stateAfter(trace: Trace, taken: number): unknown {
  return trace.steps
    .slice(0, taken)
    .flatMap(({ changes }) => changes)
    .reduce((state, { field, after }) => withField(state, pathIn(field), after), trace.start)
}

function withField(value: unknown, [key, ...rest]: readonly (string | number)[], fresh: unknown): unknown {
  if (key === undefined) return fresh
  const inner = withField((value as Record<string | number, unknown> | null)?.[key], rest, fresh)
  if (Array.isArray(value)) return Object.assign([...(value as unknown[])], { [key]: inner })
  return { ...(value as object), [key]: inner }
}
