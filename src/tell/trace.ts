/** A counterexample as data: what happened, in whose lane, what it changed, where it comes from, what it prints. */

import { readFileSync } from 'node:fs'
import { Mistake } from '../write/mistake.js'
import type { Arg, Origin } from '../write/model.js'
import type { System } from '../write/system.js'
import type { Change } from '../search/reference.js'
import type { Verdict } from '../search/check.js'
import { replay, type Run } from '../search/run.js'

/** One field that a step changed. */
export interface FieldChange {
  /** `dev[0].used` */
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** One step of a trace. */
export interface TraceStep {
  /** `thread.step/alternative(args)` */
  readonly name: string
  readonly actor: string
  readonly origin: Origin
  readonly says: string | null
  readonly changes: readonly FieldChange[]
  /** Lines that a real machine would print here. */
  readonly log: readonly string[]
  /** The actor that it signals. */
  readonly signals: string | null
}

/** A trace, as printed, drawn and exchanged; `schema` names the format. */
export interface Trace {
  readonly schema: 'thawproof/trace@1'
  readonly protocol: string
  readonly instance: string | null
  readonly parameters: Readonly<Record<string, Arg>>
  readonly patches: readonly string[]
  readonly property: string
  readonly says: string
  readonly verdict: string
  readonly why: string | null
  /** Index of the initial state, and the state itself. */
  readonly initial: number
  readonly start: unknown
  readonly steps: readonly TraceStep[]
}

/** Tells a run as a trace. */
export function traceOf(system: System, instance: string | null, verdict: Verdict, run: Run): Trace {
  return {
    schema: 'thawproof/trace@1',
    protocol: system.model.name,
    instance,
    parameters: system.parameters,
    patches: system.patches,
    property: verdict.property,
    says: verdict.says,
    verdict: verdict.verdict,
    why: verdict.why ?? null,
    initial: run.initial,
    start: run.start.state,
    steps: run.steps.map(({ transition, changes }, i) => {
      const before = i === 0 ? run.start.state : run.steps[i - 1]!.after.state
      return {
        name: transition.name,
        actor: transition.actor,
        origin: transition.origin,
        says: transition.says ?? null,
        changes: changes.flatMap((change) => fieldChanges(before, change)),
        log: transition.log.flatMap((log) => (typeof log === 'string' ? [log] : log(before as never, transition.args))),
        signals: transition.signals ?? null,
      }
    }),
  }
}

function fieldChanges(before: unknown, { path, value }: Change): FieldChange[] {
  const old = path.reduce<unknown>((here, key) => (here as Record<string, unknown> | null | undefined)?.[key], before)
  return leaves(spellPath(path), old, value).filter(
    ({ before: a, after: b }) => JSON.stringify(a) !== JSON.stringify(b),
  )
}

/** A record that was replaced whole is told field by field. */
function leaves(field: string, before: unknown, after: unknown): FieldChange[] {
  if (!isRecord(before) || !isRecord(after)) return [{ field, before: before ?? null, after: after ?? null }]
  return Object.keys(after).flatMap((key) => leaves(field ? `${field}.${key}` : key, before[key], after[key]))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `['dev', 0, 'vq']` as `dev[0].vq`. */
export const spellPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (text, key) => (/^\d+$/.test(String(key)) ? `${text}[${key}]` : text ? `${text}.${key}` : String(key)),
    '',
  )

/** Reads a trace from a file. @throws Mistake for a file that is missing or not a trace. */
export function readTrace(file: string): Trace {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Mistake(file, 'cannot be read', 'name a trace written by `thawproof trace … --json`')
  }
  try {
    const trace = JSON.parse(text) as Partial<Trace>
    if (trace.schema === 'thawproof/trace@1' && Array.isArray(trace.steps)) return trace as Trace
  } catch (cause) {
    throw new Mistake(file, `is not JSON: ${(cause as Error).message}`, undefined, { cause })
  }
  throw new Mistake(file, 'is not a thawproof/trace@1', 'write one with `thawproof trace … --json`')
}

/** Follows a trace by its step names in a system; declarations may have been reordered since it was written. */
export function follow(system: System, trace: Trace): Run {
  const { run, stuck } = replay(
    system,
    trace.initial,
    trace.steps.map(({ name }) => name),
  )
  if (stuck)
    throw new Mistake(
      `trace of ${trace.property}, step ${run.steps.length + 1}`,
      `'${stuck.name}': ${stuck.why}`,
      'the model has changed since the trace was written; run `thawproof check` again',
    )
  return run
}
