/** Two systems of one model held against each other: the edits that make one of the other, step by step. */

import { isDeepStrictEqual } from 'node:util'
import type { Action, Branch, Origin, Part, Step } from './model.js'
import { patched } from './composition.js'
import { actionName } from './patch.js'
import type { System } from './system.js'

/** A line of a difference: only in the second, only in the first, in both but not alike, or the same in both. */
export type Sign = '+' | '-' | '~' | ' '

/** One thing that a step says or does, by the name that its declaration has for it: `when`, `then`, `goto`. */
export interface FieldDifference {
  readonly sign: '+' | '-'
  readonly field: string
  readonly text: string
}

/** A step in a difference, or an alternative of one. */
export interface StepDifference {
  readonly sign: Sign
  /** `thread.step`, `actor.action`, or `/alternative`. */
  readonly name: string
  readonly origin: Origin
  /** Whether it is in both, but at another place among its neighbours: then it goes and comes. */
  readonly moved: boolean
  /** Of a step that is new or not alike; the rest of it is the same. */
  readonly fields: readonly FieldDifference[]
  /** Its alternatives that are not the same in both. */
  readonly ways: readonly StepDifference[]
}

/** The steps of a thread of which some are not alike, in program order; or an action. */
export interface PartDifference {
  readonly name: string
  readonly actor: string
  readonly steps: readonly StepDifference[]
}

/** What the edits are, and whether code was only compared by its text, since other parameters make all of it anew. */
export interface Difference {
  readonly parts: readonly PartDifference[]
  readonly byText: boolean
}

/** The edits that lead from one system to another of the same model; linear in the steps but for those of one thread. */
export function differenceOf(a: System, b: System): Difference {
  const byText = !isDeepStrictEqual(a.parameters, b.parameters)
  // Unless the author's code makes its parts once for both, no two functions of theirs are the same.
  const [before, after] = byText ? [a.parts, b.parts] : sharing(a, b)
  const alike = (x: unknown, y: unknown): boolean =>
    typeof x === 'function' && typeof y === 'function'
      ? x === y || (byText && String(x) === String(y))
      : isDeepStrictEqual(x, y)
  const names = [...new Set([...before, ...after].map(nameOf))]
  const parts = names.flatMap((name) => {
    const [old, fresh] = [before, after].map((parts) => parts.find((part) => nameOf(part) === name))
    const steps = aligned(stepsOf(old), stepsOf(fresh), alike)
    if (steps.every(({ sign }) => sign === ' ')) return []
    return [{ name, actor: (fresh ?? old)!.declared.actor, steps }]
  })
  return { parts, byText }
}

function sharing({ model, parameters, patches }: System, b: System): readonly [readonly Part[], readonly Part[]] {
  const parts = model.declared.parts(parameters)
  const chosen = (names: readonly string[]): readonly Part[] =>
    patched(
      model,
      parts,
      names.map((name) => model.declared.patches!.find((patch) => patch.name === name)!),
    )
  return [chosen(patches), chosen(b.patches)]
}

const nameOf = (part: Part): string => (part.kind === 'action' ? actionName(part) : part.name)

const stepsOf = (part: Part | undefined): readonly Step[] =>
  part === undefined ? [] : part.kind === 'action' ? [asStep(part)] : part.steps.map((step) => within(part.name, step))

const within = (thread: string, step: Step): Step => ({ ...step, name: `${thread}.${step.name}` })
const asStep = (action: Action): Step => ({ name: actionName(action), declared: action.declared })

/** Two lists of steps side by side, by a longest common subsequence of names; a step that has moved goes and comes. */
function aligned(a: readonly Step[], b: readonly Step[], alike: Alike): StepDifference[] {
  const common = a.map(() => b.map(() => 0))
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] = a[i]!.name === b[j]!.name ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const steps: StepDifference[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [old, fresh] = [a[i], b[j]]
    if (old && fresh && old.name === fresh.name) {
      steps.push(changed(old, fresh, alike))
      i++
      j++
    } else if (old && (!fresh || at(i + 1, j) >= at(i, j + 1))) {
      steps.push({ ...only('-', old), moved: b.some(({ name }) => name === old.name) })
      i++
    } else {
      const from = a.find(({ name }) => name === fresh!.name)
      steps.push(from ? { ...changed(from, fresh!, alike), sign: '+', moved: true } : only('+', fresh!))
      j++
    }
  }
  return steps
}

type Alike = (x: unknown, y: unknown) => boolean

/** A step, or an alternative with the origin of its step. */
type Told = Pick<Step, 'name'> & { readonly declared: Branch<unknown, never> & { readonly origin: Origin } }

const waysOf = ({ declared }: Told | Step): readonly Told[] =>
  Object.entries((declared as Step['declared']).either ?? {}).map(([name, branch]) => ({
    name: `/${name}`,
    declared: { origin: declared.origin, ...branch },
  }))

/** What of a step is new is told in full; what is gone, by its name. */
function only(sign: '+' | '-', step: Told | Step): StepDifference {
  const fields = [...fieldsOf(step)].map(([field, value]) => ({ sign, field, text: textOf(value) }))
  const { name, declared } = step
  const full = sign === '+'
  return {
    sign,
    name,
    origin: declared.origin,
    moved: false,
    fields: full ? fields : [],
    ways: full ? waysOf(step).map((way) => only(sign, way)) : [],
  }
}

function changed(old: Told | Step, fresh: Told | Step, alike: Alike): StepDifference {
  const [before, after] = [fieldsOf(old), fieldsOf(fresh)]
  const fields = [...new Set([...before.keys(), ...after.keys()])].flatMap((field): FieldDifference[] => {
    const [was, is] = [before.get(field), after.get(field)]
    if (alike(was, is)) return []
    const [gone, come] = [was, is].map((value) => (value === undefined ? undefined : textOf(value)))
    if (gone === come) return [{ sign: '+', field, text: `${come!} (written alike, with other values)` }]
    return [
      ...(gone === undefined ? [] : [{ sign: '-', field, text: gone } as const]),
      ...(come === undefined ? [] : [{ sign: '+', field, text: come } as const]),
    ]
  })
  const [from, to] = [waysOf(old), waysOf(fresh)]
  const ways = [...to, ...from.filter(({ name }) => !to.some((one) => one.name === name))].map((way) => {
    const [was, is] = [from, to].map((all) => all.find(({ name }) => name === way.name))
    return was && is ? changed(was, is, alike) : only(is ? '+' : '-', way)
  })
  const unlike = ways.filter(({ sign }) => sign !== ' ')
  const sign = fields.length + unlike.length === 0 ? ' ' : '~'
  return { sign, name: fresh.name, origin: fresh.declared.origin, moved: false, fields, ways: unlike }
}

/** What a step says and does, by name; its name, origin and alternatives are told apart. */
function fieldsOf({ declared }: Told | Step): ReadonlyMap<string, unknown> {
  const told = Object.entries(declared).filter(
    ([field, value]) => value !== undefined && !['actor', 'either'].includes(field),
  )
  return new Map(told)
}

/** Code as its author wrote it, without the margin; anything else as it reads. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'function') return originText(value as Partial<Record<string, string>>) ?? JSON.stringify(value)
  const [first, ...rest] = String(value).split('\n')
  const margin = Math.min(...rest.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return [first, ...rest.map((line) => line.slice(margin))].join('\n')
}

const originText = ({ kind, file, symbol, says }: Partial<Record<string, string>>): string | undefined =>
  kind === 'source' ? `${symbol} in ${file}` : kind === 'env' ? says : undefined
