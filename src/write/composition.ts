/** Patches together: in one order whatever order they are named in, with conflicts found before anything is changed. */

import { produce } from 'immer'
import { misfit, spellMisfit, type Shape } from './domain.js'
import { Mistake } from './mistake.js'
import type { Edit, Model, Part, Patch, Step } from './model.js'
import { actionName, applied, editedStep } from './patch.js'
import { siteOf } from './site.js'

/**
 * The parts after the given patches. Eras are applied first, then the others, each in the order in which the model declares them, but one
 * that edits what another puts in comes after that: so their order in a choice means nothing.
 * @throws Mistake for a target that does not exist, or two patches of which it would matter which one is first.
 */
export function patched(model: Model, parts: readonly Part[], patches: readonly Patch[]): readonly Part[] {
  const ordered = arranged(model, patches)
  ordered.forEach((patch, i) => {
    for (const earlier of ordered.slice(0, i)) refuseConflict(model, parts, ordered, earlier, patch)
  })
  return ordered.reduce((now, patch) => applied(model.name, now, patch), parts)
}

/**
 * An initial state after the given patches.
 * @throws Mistake for two that would leave another one in the other order, for a change that throws, or that leaves the domain.
 */
export function initialAfter(model: Model, shape: Shape, state: unknown, patches: readonly Patch[]): unknown {
  const changing = arranged(model, patches).filter(({ edits }) => edits.some(({ kind }) => kind === 'initially'))
  changing.forEach((second, i) => {
    for (const first of changing.slice(0, i)) {
      // What a fix says of an older kernel holds of that, whatever this set before.
      if (first.kind === 'era' && second.kind !== 'era') continue
      const [one, other] = [
        [first, second],
        [second, first],
      ].map((two) => two.reduce<unknown>((now, patch) => initially(model, now, patch), state))
      const field = Object.keys(one as object).find((key) => !alike(one![key as never], other![key as never]))
      if (field !== undefined) throw conflict(model, first, second, `both change ${field} in the initial state`)
    }
  })
  return changing.reduce<unknown>((now, patch) => {
    const changed = initially(model, now, patch)
    const wrong = misfit(shape, changed)
    if (!wrong) return changed
    const at = siteOf(patch.edits.find(({ kind }) => kind === 'initially')) ?? siteOf(patch)
    throw new Mistake(`model ${model.name}, initial state`, spellMisfit(wrong), undefined, { at })
  }, state)
}

/** An initial state as a patch has it. */
const initially = (model: Model, state: unknown, { name, edits }: Patch): unknown =>
  edits.reduce<unknown>((now, edit) => {
    if (edit.kind !== 'initially') return now
    try {
      return produce(now, (draft: unknown) => void edit.change(draft))
    } catch (cause) {
      const [what, at] = cause instanceof Error ? [cause.message, cause] : [String(cause), siteOf(edit)]
      throw new Mistake(`${model.name}, patch ${name}, initial state`, what, undefined, { cause, at })
    }
  }, state)

/** Patches in the order in which they are applied. @throws Mistake if one is named twice, or two want to be after each other. */
export function arranged(model: Model, patches: readonly Patch[]): readonly Patch[] {
  const twice = patches.find((patch, i) => patches.some((other, j) => j < i && other.name === patch.name))
  if (twice)
    throw new Mistake(model.name, `patch '${twice.name}' is applied twice`, 'name each patch once', {
      word: twice.name,
    })
  const declared = (model.declared.patches ?? []).map(({ name }) => name)
  const rank = ({ name, kind }: Patch): number => declared.indexOf(name) + (kind === 'era' ? 0 : declared.length)
  const left = [...patches].sort((a, b) => rank(a) - rank(b))
  const ordered: Patch[] = []
  while (left.length > 0) {
    const next = left.findIndex((patch) => !left.some((other) => other !== patch && needs(patch, other)))
    if (next < 0) throw conflict(model, left[0]!, left[1]!, 'each edit what the other puts in')
    ordered.push(...left.splice(next, 1))
  }
  return ordered
}

/** Whether a patch edits what another puts in, or puts in again. */
function needs(patch: Patch, other: Patch): boolean {
  const own = namesIn(patch)
  const put = new Set(namesIn(other))
  return patch.edits.some((edit) => targetsOf(edit).some((target) => put.has(target) && !own.includes(target)))
}

/** The threads, steps and actions that a patch puts in. */
const namesIn = ({ edits }: Patch): readonly string[] =>
  edits.flatMap((edit) => {
    if (edit.kind === 'add' && edit.part.kind === 'action') return [actionName(edit.part)]
    if (edit.kind === 'add' && edit.part.kind === 'thread')
      return [edit.part.name, ...edit.part.steps.map(({ name }) => `${edit.part.name}.${name}`)]
    if (edit.kind !== 'before' && edit.kind !== 'after') return []
    const [thread] = edit.target.split('.')
    return edit.steps.map(({ name }) => `${thread}.${name}`)
  })

/** The steps and actions that an edit must find. */
function targetsOf(edit: Edit): readonly string[] {
  if (edit.kind === 'add' || edit.kind === 'initially') return []
  const to = edit.kind === 'move' ? Object.values(edit.to as Readonly<Record<string, string>>) : []
  return [edit.target.split('/')[0]!, ...to]
}

/** @throws Mistake if two patches edit the same, or would give another model in the other order. */
function refuseConflict(
  model: Model,
  parts: readonly Part[],
  all: readonly Patch[],
  first: Patch,
  second: Patch,
): void {
  for (const edit of second.edits)
    if (first.edits.some((taken) => collide(taken, edit) && !buildsUpon(first, taken, edit)))
      throw conflict(model, first, second, `both edit ${editedStep(edit)}`)
  if (needs(second, first)) return
  const base = all
    .filter((patch) => patch !== first && patch !== second && (needs(first, patch) || needs(second, patch)))
    .reduce((now, patch) => attempt(() => applied(model.name, now, patch)) ?? now, parts)
  const inOrder = (...two: readonly Patch[]): readonly Part[] | undefined =>
    attempt(() => two.reduce((now, patch) => applied(model.name, now, patch), base))
  const [one, other] = [inOrder(first, second), inOrder(second, first)]
  // What fails in both orders fails when they are applied, and says why.
  if (!one && !other) return
  const differing = one && other ? differenceIn(one, other) : 'what the later one edits is gone then'
  if (differing !== undefined)
    throw conflict(model, first, second, `are another model when their order is the other: ${differing}`)
}

const conflict = (model: Model, first: Patch, second: Patch, why: string): Mistake =>
  new Mistake(
    model.name,
    `patches '${first.name}' and '${second.name}' ${why}`,
    'apply one of them, or write a patch that does what both mean together',
    { at: siteOf(second), word: second.name },
  )

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof Mistake) return undefined
    throw error
  }
}

/** Whether the order of two edits could matter. */
function collide(a: Edit, b: Edit): boolean {
  const [first, second] = [editedStep(a), editedStep(b)]
  if (first === undefined || second === undefined) return false
  // The head of a thread and its steps are apart.
  if (a.kind === 'head' || b.kind === 'head')
    return first === second || (a.kind === 'head' ? b : a).kind === 'add' ? within(first, second) : false
  if (inserts(a) && inserts(b)) return a.kind === b.kind && first === second
  if (inserts(a)) return displaces(b) && within(first, second)
  if (inserts(b)) return displaces(a) && within(second, first)
  return within(first, second) || within(second, first)
}

/** Whether an edit works inside a thread that the earlier patch itself put there: then it is applied to that one. */
function buildsUpon({ edits }: Patch, taken: Edit, edit: Edit): boolean {
  const thread = editedStep(taken)
  const own = edits.some((one) => one.kind === 'add' && editedStep(one) === thread)
  return own && editedStep(edit) !== thread
}

const inserts = ({ kind }: Edit): boolean => kind === 'before' || kind === 'after'

/** A step that is replaced stays where it is. */
const displaces = ({ kind }: Edit): boolean => kind !== 'replace'

/** Whether a target is another one, or a part of it. */
const within = (part: string, whole: string): boolean =>
  part === whole || part.startsWith(`${whole}/`) || part.startsWith(`${whole}.`)

/** The first thing in which two lists of parts differ, whatever the order of the parts: `t.c, goto`; undefined if there is none. */
function differenceIn(one: readonly Part[], other: readonly Part[]): string | undefined {
  const named = (parts: readonly Part[]): ReadonlyMap<string, Part> =>
    new Map(parts.map((part) => [part.kind === 'action' ? actionName(part) : part.name, part]))
  const [a, b] = [named(one), named(other)]
  const names = [...a.keys(), ...[...b.keys()].filter((name) => !a.has(name))]
  const differing = names.find((name) => !alike(a.get(name), b.get(name)))
  if (differing === undefined) return undefined
  const [x, y] = [a.get(differing), b.get(differing)]
  if (x?.kind !== 'thread' || y?.kind !== 'thread') return differing
  if (!alike(x.declared, y.declared)) return `the head of ${differing}`
  const labels = ({ steps }: { readonly steps: readonly Step[] }): string => steps.map(({ name }) => name).join(', ')
  if (labels(x) !== labels(y)) return `the steps of ${differing}: ${labels(x)}, or ${labels(y)}`
  const at = x.steps.findIndex((step, i) => !alike(step, y.steps[i]))
  const [was, is] = [x.steps[at]!, y.steps[at]!]
  const field = Object.keys({ ...was.declared, ...is.declared }).find(
    (key) => !alike(was.declared[key as 'when'], is.declared[key as 'when']),
  )
  return `${field} of ${differing}.${was.name}`
}

/** Whether two pieces of a model are the same: functions if they are one. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && alike(a[key as keyof object], b[key as keyof object]))
  )
}
