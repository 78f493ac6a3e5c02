/** What a page says of the source: which functions each thread reads, and what it passes over, with the reasons. */

import {
  atOf,
  functionNamed,
  kindOf,
  type Generation,
  type Root,
  type SourceMapping,
} from '../../match/source/mapping.js'
import { code, prose, table } from './markdown.js'

/** The section of a protocol whose threads are held against C; nothing without a mapping. */
export function heldParts(protocol: string, mapping: SourceMapping | undefined): string[] {
  if (!mapping) return []
  const { roots, unread = {}, without } = mapping
  if (without !== undefined) return ['## Held against the source', `Against none: ${prose(without)}.`]
  const stands = standing(roots)
  return [
    '## Held against the source',
    `${code(`thawproof source check ${protocol} --tree DIR`)} compares order and branches of these functions with the thread, both ways; guards and effects it does not compare. What whole trees say: \`specs/source/README.md\`.`,
    ...table(
      ['Function', 'Thread', 'From', 'To', 'Read'],
      roots.map((root) => [functionText(root), threadText(root), code(root.begins), endsText(root), readText(root)]),
    ),
    ...(roots.length > 0
      ? ['What these functions do and the threads pass over, and what the steps need no call for:']
      : []),
    ...table(['What', 'Why', 'Where'], passedOver(mapping)),
    ...(stands.length > 0 ? ['In which function each step stands, and what stands there:'] : []),
    ...table(['Step', 'In', 'There'], stands),
    ...table(
      ['Thread', 'Why it is held against no function'],
      Object.entries(unread).map(([thread, why]) => [code(thread), prose(why)]),
    ),
  ]
}

function functionText(root: Root): string {
  const { path, name } = functionNamed(root.function)
  return `${code(name)} of ${code(path)}${kindOf(root) === 'linux' ? '' : ` (${kindOf(root)})`}`
}

const threadText = ({ thread, parameters = {}, patches = [], generations = [] }: Root): string =>
  [
    code(thread),
    ...Object.entries(parameters).map(([name, value]) => code(`${name}=${value}`)),
    ...patches.map((name) => code(`+${name}`)),
    ...generations.map(generationText),
  ].join(' ')

const generationText = ({ from, before, patches }: Generation): string =>
  [
    ...patches.map((name) => code(`+${name}`)),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(before === undefined ? [] : [`before ${before}`]),
  ].join(' ')

const endsText = ({ ends }: Root): string =>
  ends
    .map(
      (end) => code(atOf(end)) + (typeof end === 'string' || end.returns === 'any' ? '' : ` returning ${end.returns}`),
    )
    .join(', ')

function readText({ function: own, read, elsewhere, since }: Root): string {
  if (!read) return ''
  const newer = since === undefined ? '' : `; since ${since}`
  const at = prose(elsewhere === undefined ? read.at + newer : `${read.at}: ${elsewhere}`)
  const inner = Object.keys(read.functions)
    .filter((name) => name !== own)
    .map((name) => code(functionNamed(name).name))
  return inner.length === 0 ? at : `${at}, with ${inner.join(', ')}`
}

/** Where each step is: the function that was read, and the call or the assignment in it. */
function standing(roots: readonly Root[]): readonly (readonly string[])[] {
  const rows = new Map<string, readonly string[]>()
  for (const { thread, read } of roots)
    for (const [spelled, { steps = {} }] of Object.entries(read?.functions ?? {}))
      for (const [step, there] of Object.entries(steps)) {
        const row = [code(`${thread}.${step}`), code(functionNamed(spelled).name), code(there)]
        rows.set(row.join(), row)
      }
  return [...rows.values()]
}

/** One row for each thing that is passed over for one reason, with the functions in which it is. */
function passedOver({ ignores = {}, roots }: SourceMapping): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly what: string; readonly why: string; readonly where: Set<string> }>()
  const take = (what: string, why: string, where: string): void => {
    const key = `${what}\0${why}`
    const row = rows.get(key) ?? { what, why, where: new Set<string>() }
    row.where.add(where)
    rows.set(key, row)
  }
  for (const [what, why] of Object.entries(ignores)) take(`${code(what)} is passed over`, why, 'all')
  for (const root of roots) {
    const where = code(functionNamed(root.function).name)
    for (const [what, why] of Object.entries(root.ignores ?? {})) take(`${code(what)} is passed over`, why, where)
    for (const [what, { is, why }] of Object.entries(root.assumes ?? {}))
      take(`${code(what)} is ${is ? 'true' : 'false'}`, why, where)
    for (const [what, why] of Object.entries(root.once ?? {})) take(`${code(what)} goes round once`, why, where)
    for (const [what, why] of Object.entries(root.constant ?? {})) take(`${code(what)} does not change`, why, where)
    for (const [what, why] of Object.entries(root.silent ?? {})) take(`the step ${code(what)} has no call`, why, where)
    for (const { in: side, after, then, why } of root.differs ?? [])
      take(`only in the ${side}: after ${code(after)} comes ${code(then)}`, why, where)
  }
  return [...rows.values()].map(({ what, why, where }) => [what, prose(why), [...where].join(', ')])
}
