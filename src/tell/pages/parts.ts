/** What a page says of the parts of a model: threads with their steps, actions, state variables, edits. */

import { spell, type Shape } from '../../write/domain.js'
import { valuesIn, type Action, type Branch, type Edit, type Patch, type Step, type Thread } from '../../write/model.js'
import { actionName, editedStep } from '../../write/patch.js'
import type { System } from '../../write/system.js'
import type { Spec } from '../spec.js'
import { shown } from '../text.js'
import { originText } from './browser.js'
import { linked } from './citation.js'
import { code, prose, table } from './markdown.js'

/** What the links of a page rest on: the trees of commits, and where functions are shown. */
export interface Ground {
  readonly trees: ReadonlyMap<string, string>
  readonly sources: Spec['sources']
  /** How a thread is drawn: a block of Mermaid text, which code hosts draw, unless said otherwise. */
  readonly drawn: (thread: Thread) => string
}

/** One thread: what it is, its flow, and its steps with what they abstract. */
export function threadParts(thread: Thread, ground: Ground): string[] {
  const { declared, steps } = thread
  const bound = Object.entries(declared.for ?? {}).map(([name, values]) => `${name} in ${valuesIn(values).join(', ')}`)
  const once = bound.length > 0 ? ` One for each ${prose(bound.join('; '))}.` : ''
  return [
    `${declared.says ? `${prose(declared.says)} ` : ''}Actor: ${code(declared.actor)}.${once}`,
    ...(steps.length > 1 ? [ground.drawn(thread)] : []),
    ...stepTable(steps, (step) => step.name, ground),
  ]
}

/** Steps as a table, their alternatives below them. */
function stepTable(steps: readonly Step[], nameOf: (step: Step) => string, { sources }: Ground): string[] {
  const rows = steps.flatMap((step) => {
    const { declared } = step
    const own = [code(nameOf(step)), originText(declared.origin, sources), told(declared)]
    const ways = Object.entries(declared.either ?? {}).map(([name, branch]) => [
      `  ⤷ ${code(name)}`,
      branch.origin ? originText(branch.origin, sources) : '',
      told(branch),
    ])
    return [own, ...ways]
  })
  return table(['Step', 'Origin', 'What it is'], rows)
}

function told({
  says,
  log,
  signals,
  provoke,
  goto,
}: Pick<Branch<never, never>, 'says' | 'goto' | 'signals' | 'provoke'> & {
  readonly log?: unknown
}): string {
  return [
    says ? prose(says) : '',
    goto ? `→ ${code(goto)}` : '',
    signals ? `signals ${code(signals)}` : '',
    typeof log === 'string' ? `prints ${code(log)}` : log === undefined ? '' : 'prints what depends on the state',
    provoke ? `*To provoke it:* ${prose(provoke)}` : '',
  ]
    .filter((text) => text !== '')
    .join('<br>')
}

/** Actions as a table: they have no place in a thread. */
export const actionParts = (actions: readonly Action[], ground: Ground): string[] =>
  stepTable(
    actions.map((action) => ({ name: actionName(action), declared: action.declared })),
    ({ name }) => name,
    ground,
  )

/** The state variables: each scalar, or each array of them, with its domain and where it starts. */
export function stateParts({ shape, initials }: System): string[] {
  const rows = variables(shape, '').map(({ field, of, keys }) => {
    const values = [...new Set(initials.map((state) => shown(valueIn(state, keys))))]
    return [code(field), code(spell(of)), values.length > 3 ? `${values.length} values` : values.map(code).join(', ')]
  })
  return table(['Variable', 'Domain', 'At first'], rows)
}

interface Variable {
  readonly field: string
  readonly of: Shape
  /** Leads to it in a state; `*` for every item. */
  readonly keys: readonly string[]
}

function variables(shape: Shape, path: string, keys: readonly string[] = []): Variable[] {
  if (shape.kind === 'record')
    return Object.entries(shape.fields).flatMap(([name, of]) =>
      variables(of, path ? `${path}.${name}` : name, [...keys, name]),
    )
  if (shape.kind === 'array' && shape.of.kind === 'record')
    return variables(shape.of, `${path}[0…${shape.length - 1}]`, [...keys, '*'])
  return [{ field: path, of: shape, keys }]
}

/** The value of a variable; of every item, if they differ. */
function valueIn(state: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return state
  if (key !== '*') return valueIn((state as Record<string, unknown>)[key], rest)
  const all = (state as readonly unknown[]).map((item) => valueIn(item, rest))
  return all.every((one) => JSON.stringify(one) === JSON.stringify(all[0])) ? all[0] : all
}

/** The heading of a patch, which links lead to. */
export const patchHeading = ({ name, kind }: Patch): string => `Patch ${code(name)} (${kind})`

/** A patch: what it says, what it rests on, its edits. */
export function patchParts(patch: Patch, ground: Ground): string[] {
  const { says, reference, edits } = patch
  return [
    `### ${patchHeading(patch)}`,
    prose(says) + (reference ? ` Reference: ${linked(reference, ground.trees)}.` : ''),
    edits.map((edit) => `- ${editText(edit, ground)}`).join('\n'),
  ]
}

const stepNames = (steps: readonly Step[], { sources }: Ground): string =>
  steps.map(({ name, declared }) => `${code(name)} (${originText(declared.origin, sources)})`).join(', ')

function editText(edit: Edit, ground: Ground): string {
  const target = code(editedStep(edit) ?? '')
  switch (edit.kind) {
    case 'before':
    case 'after':
      return `${edit.kind} ${target}: ${stepNames(edit.steps, ground)}`
    case 'replace':
      return `in ${target}, replace ${fieldsText(edit.fields)}`
    case 'head':
      return `in the thread ${target}, replace ${fieldsText(edit.fields)}`
    case 'remove':
      return `remove ${target}`
    case 'move':
      return `move ${target} ${'before' in edit.to ? `before ${code(edit.to.before)}` : `after ${code(edit.to.after)}`}`
    case 'add':
      return edit.part.kind === 'thread'
        ? `add the thread ${target}: ${stepNames(edit.part.steps, ground)}`
        : `add ${target}`
    case 'initially':
      return 'change the initial state'
  }
}

/** Which fields of a step are replaced, in words. */
function fieldsText(fields: object): string {
  const words: Readonly<Record<string, string>> = {
    when: 'the guard',
    then: 'the effect',
    goto: 'the goto',
    log: 'what it prints',
    either: 'the alternatives',
    origin: 'the origin',
    says: 'the sentence',
    provoke: 'how to provoke it',
    signals: 'whom it signals',
    for: 'what it ranges over',
    fair: 'the fairness',
    actor: 'the actor',
    while: 'what all of it waits for',
    startsFreely: 'whether anything makes it begin',
    lastResort: 'whether it is a last resort',
    logOnEntry: 'what it prints before it waits',
  }
  return Object.keys(fields)
    .map((name) => words[name] ?? name)
    .join(', ')
}
