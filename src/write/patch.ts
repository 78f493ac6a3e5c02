/** A patch applied: a list of edits on a model's parts, in order. */

import { Mistake, unknownName } from './mistake.js'
import type { Action, Edit, Part, Patch, Step, Thread } from './model.js'
import { replacements } from './declaration.js'
import { landed } from './piece.js'
import { siteOf } from './site.js'
import { Where } from './want.js'
import { placing } from './word.js'

/** A step, or one alternative of it, or an action, as an edit names it. */
interface Target {
  readonly head: string
  readonly step?: string
  readonly alternative?: string
}

/** The parts after one patch. @throws Mistake for a target that does not exist, placed at the edit that names it. */
export function applied(model: string, parts: readonly Part[], patch: Patch): readonly Part[] {
  return patch.edits.reduce(
    (now, edit) => placing(siteOf(edit) ?? siteOf(patch), () => apply(now, edit, `${model}, patch ${patch.name}`)),
    parts,
  )
}

/** The step that an edit changes, without its alternative; `undefined` for edits of the initial state. */
export function editedStep(edit: Edit): string | undefined {
  if (edit.kind === 'initially') return undefined
  if (edit.kind === 'add') return edit.part.kind === 'thread' ? edit.part.name : actionName(edit.part)
  return edit.target
}

/** An action's full name, `actor.action`. */
export const actionName = (action: Action): string => `${action.declared.actor}.${action.name}`

function apply(parts: readonly Part[], edit: Edit, where: string): readonly Part[] {
  switch (edit.kind) {
    case 'initially':
      return parts
    case 'add':
      return [...parts, edit.part]
    case 'head':
      return changeHead(parts, edit, where)
    case 'remove':
      return remove(parts, edit.target, where)
    case 'replace':
      return replace(parts, edit, where)
    case 'before':
    case 'after':
      return insert(parts, edit.target, edit.kind, edit.steps, where)
    case 'move':
      return move(parts, edit.target, edit.to, where)
  }
}

function remove(parts: readonly Part[], target: string, where: string): readonly Part[] {
  if (parts.some((part) => part.kind === 'thread' && part.name === target))
    return parts.filter((part) => part.name !== target)
  const action = parts.find((part) => part.kind === 'action' && actionName(part) === target)
  if (action) return parts.filter((part) => part !== action)
  const { thread, at, alternative } = locate(parts, target, where)
  if (alternative === undefined) return swap(parts, thread, { ...thread, steps: leaving(thread, at) })
  const step = thread.steps[at]!
  const either = Object.fromEntries(Object.entries(step.declared.either ?? {}).filter(([name]) => name !== alternative))
  return withStep(parts, thread, at, { ...step, declared: { ...step.declared, either } })
}

/** The steps without one of them: whoever came to it, by `goto` or in program order, comes to where it went. */
function leaving(thread: Thread, at: number): readonly Step[] {
  const gone = thread.steps[at]!
  const ahead = thread.steps[at + 1]?.name ?? 'end'
  const { goto = ahead } = gone.declared
  const next = goto === gone.name ? ahead : goto
  return retarget(thread.steps, gone.name, next).flatMap((step, i) => {
    if (i === at) return []
    const jumps = i === at - 1 && next !== ahead && step.declared.goto === undefined
    return [jumps ? { ...step, declared: { ...step.declared, goto: next } } : step]
  })
}

function retarget(steps: readonly Step[], from: string, to: string): readonly Step[] {
  return steps.map((step) => {
    const { goto, either } = step.declared
    const declared = { ...step.declared }
    if (goto === from) Object.assign(declared, { goto: to })
    if (either)
      Object.assign(declared, {
        either: Object.fromEntries(
          Object.entries(either).map(([name, branch]) => [
            name,
            branch.goto === from ? { ...branch, goto: to } : branch,
          ]),
        ),
      })
    return { ...step, declared }
  })
}

function replace(parts: readonly Part[], edit: Edit & { kind: 'replace' }, where: string): readonly Part[] {
  const action = parts.find((part): part is Action => part.kind === 'action' && actionName(part) === edit.target)
  const fits = (kind: keyof typeof replacements): void =>
    replacements[kind].look(edit.fields, new Where(`${where}, ${edit.target}`))
  if (action) {
    fits('action')
    return swap(parts, action, { ...action, declared: { ...action.declared, ...edit.fields } })
  }
  const { thread, at, alternative } = locate(parts, edit.target, where)
  fits(alternative === undefined ? 'step' : 'alternative')
  const step = thread.steps[at]!
  if (alternative === undefined)
    return withStep(parts, thread, at, { ...step, declared: { ...step.declared, ...edit.fields } })
  const branch = { ...step.declared.either![alternative]!, ...edit.fields }
  return withStep(parts, thread, at, {
    ...step,
    declared: { ...step.declared, either: { ...step.declared.either, [alternative]: branch } },
  })
}

function changeHead(
  parts: readonly Part[],
  { target, fields }: Edit & { kind: 'head' },
  where: string,
): readonly Part[] {
  const threads = parts.filter((part): part is Thread => part.kind === 'thread')
  const thread = threads.find(({ name }) => name === target)
  if (!thread)
    throw unknownName(
      where,
      'thread',
      target,
      threads.map(({ name }) => name),
    )
  replacements.head.look(fields, new Where(`${where}, ${target}`))
  return swap(parts, thread, { ...thread, declared: { ...thread.declared, ...fields } })
}

function insert(
  parts: readonly Part[],
  target: string,
  side: 'before' | 'after',
  fresh: readonly Step[],
  where: string,
): readonly Part[] {
  const { thread, at } = locateStep(parts, target, where)
  const anchor = thread.steps[at]!
  const steps = side === 'before' && fresh[0] ? retarget(thread.steps, anchor.name, fresh[0].name) : thread.steps
  const cut = side === 'before' ? at : at + 1
  const put = landed(fresh, steps[cut]?.name ?? 'end')
  return swap(parts, thread, { ...thread, steps: [...steps.slice(0, cut), ...put, ...steps.slice(cut)] })
}

function move(
  parts: readonly Part[],
  target: string,
  to: { before: string } | { after: string },
  where: string,
): readonly Part[] {
  const { thread, at } = locateStep(parts, target, where)
  const step = thread.steps[at]!
  const without = swap(parts, thread, { ...thread, steps: leaving(thread, at) })
  const side = 'before' in to ? 'before' : 'after'
  const anchor = 'before' in to ? to.before : to.after
  if (parse(anchor).head !== thread.name)
    throw new Mistake(where, `cannot move ${target} to ${anchor}`, 'a step stays in its thread')
  return insert(without, anchor, side, [step], where)
}

function locateStep(parts: readonly Part[], target: string, where: string): { thread: Thread; at: number } {
  if (parts.some((part) => part.kind === 'action' && actionName(part) === target))
    throw new Mistake(where, `'${target}' is an action`, 'name a step: actions have no order', { word: target })
  const { thread, at, alternative } = locate(parts, target, where)
  if (alternative !== undefined)
    throw new Mistake(
      where,
      `'${target}' is an alternative`,
      `name the step: ${thread.name}.${thread.steps[at]!.name}`,
      {
        word: target,
      },
    )
  return { thread, at }
}

function locate(
  parts: readonly Part[],
  target: string,
  where: string,
): { thread: Thread; at: number; alternative: string | undefined } {
  const { head, step, alternative } = parse(target)
  const thread = parts.find((part): part is Thread => part.kind === 'thread' && part.name === head)
  const at = thread?.steps.findIndex((one) => one.name === step) ?? -1
  if (!thread || at < 0) throw unknownName(where, 'step or action', target, targetNames(parts))
  const either = thread.steps[at]!.declared.either
  if (alternative !== undefined && !(either && Object.hasOwn(either, alternative)))
    throw unknownName(where, `alternative of ${head}.${step}`, alternative, Object.keys(either ?? {}))
  return { thread, at, alternative }
}

function parse(target: string): Target {
  const match = /^([^./]+)(?:\.([^./]+)(?:\/(.+))?)?$/.exec(target)
  const [, head = target, step, alternative] = match ?? []
  return { head, ...(step !== undefined && { step }), ...(alternative !== undefined && { alternative }) }
}

/** Everything that an edit may name, in declaration order. */
export function targetNames(parts: readonly Part[]): string[] {
  return parts.flatMap((part) =>
    part.kind === 'action' ? [actionName(part)] : part.steps.map((step) => `${part.name}.${step.name}`),
  )
}

const swap = (parts: readonly Part[], old: Part, fresh: Part): readonly Part[] =>
  parts.map((part) => (part === old ? fresh : part))

const withStep = (parts: readonly Part[], thread: Thread, at: number, step: Step): readonly Part[] =>
  swap(parts, thread, { ...thread, steps: thread.steps.map((one, i) => (i === at ? step : one)) })
