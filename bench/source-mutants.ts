/** Errors planted in C, and which of them a comparison with the models notices. */

import { sourceGraph, conform, type Conformance, type Question } from '../src/match/source/conformance.js'
import type { FlowEdge } from '../src/match/source/flow.js'
import { CFile } from '../src/match/source/c-file.js'
import type { Grammar } from '../src/match/source/grammar.js'
import type { Library, Tree } from '../src/match/source/tree.js'

/** What is planted; comments and layout are planted as well, and must not be noticed. */
export type Kind = 'lost call' | 'order' | 'label' | 'added exit' | 'condition' | 'comment'

/** One planted error, and what became of it. */
export interface Mutant {
  readonly protocol: string
  readonly root: string
  readonly kind: Kind
  /** `function:line` and what was changed there. */
  readonly what: string
  readonly noticed: boolean
}

interface Planted {
  readonly kind: Kind
  readonly path: string
  readonly what: string
  readonly lines: readonly string[]
}

/** How many of each kind are planted in one root. */
const each = 2

/** Plants errors in the functions that a root reads, and compares again. Only for a root that agrees. */
export async function mutantsOf(
  question: Question,
  before: Conformance,
  tree: Tree,
  library: Library,
  grammar: Grammar,
): Promise<readonly Mutant[]> {
  const graph = sourceGraph(question, tree, library)
  if (typeof graph === 'string') return []
  const edges = graph.flow.edges.flat()
  const planted: Planted[] = []
  for (const kind of ['lost call', 'order', 'label', 'added exit', 'condition', 'comment'] as const) {
    const made = before.functions.flatMap(({ path, name, line, end }) => {
      const lines = (tree.text(path) ?? '').split('\n')
      return changes(kind, lines, { name, line, end }, edges).map((one) => ({ kind, path, ...one }))
    })
    planted.push(...made.filter((one) => parses(grammar, one.lines)).slice(0, each))
  }
  const known = new Set(keys(before))
  const found: Mutant[] = []
  for (const { kind, path, what, lines } of planted) {
    const text = lines.join('\n')
    const changed: Tree = { name: tree.name, text: (asked) => (asked === path ? text : tree.text(asked)) }
    const after = await conform(question, changed, library)
    const noticed = after.outcome !== 'agrees' || keys(after).some((key) => !known.has(key))
    found.push({ protocol: question.mapping.protocol, root: before.root, kind, what, noticed })
  }
  return found
}

const keys = ({ deviations, unexplained }: Conformance): readonly string[] => [
  ...deviations.map((one) => `${one.in} ${one.after} ${one.then}`),
  ...unexplained.map(({ call }) => call),
]

const parses = (grammar: Grammar, lines: readonly string[]): boolean =>
  new CFile(grammar, lines.join('\n')).tooLarge.length === 0

interface Range {
  readonly name: string
  /** First and last line, from 1. */
  readonly line: number
  readonly end: number
}

interface Change {
  readonly what: string
  readonly lines: readonly string[]
}

/** A statement that is one call, on a line of its own. */
const plainCall = /^\s+(?:\w+\s*=\s*)?[\w>.-]+\(.*\);\s*(?:\/\*.*\*\/)?$/

/** Every change of one kind in a function, in the order of its lines. */
function changes(kind: Kind, lines: readonly string[], range: Range, edges: readonly FlowEdge[]): readonly Change[] {
  const inside = Array.from({ length: range.end - range.line + 1 }, (_, i) => range.line + i)
  const text = (line: number): string => lines[line - 1]!
  const seen = new Set(
    edges
      .filter(({ label, site }) => label !== undefined && site?.function === range.name)
      .map(({ site }) => site!.line),
  )
  const made = (line: number, what: string, ...replaced: readonly string[]): Change => ({
    what: `${range.name}:${line} ${what}`,
    lines: [...lines.slice(0, line - 1), ...replaced, ...lines.slice(line)],
  })
  const calls = inside.filter((line) => seen.has(line) && plainCall.test(text(line)))
  const labels = [...new Set(inside.flatMap((line) => /^\s*(\w+):\s*$/.exec(text(line))?.[1] ?? []))].filter(
    (label) => label !== 'default',
  )
  switch (kind) {
    case 'lost call':
      return calls.map((line) => made(line, `without ${text(line).trim()}`))
    case 'order':
      return calls
        .filter((line) => calls.includes(line + 1))
        .map((line) => ({
          what: `${range.name}:${line} behind ${text(line + 1).trim()}`,
          lines: [...lines.slice(0, line - 1), text(line + 1), text(line), ...lines.slice(line + 1)],
        }))
    case 'label':
      return inside.flatMap((line) => {
        const to = /^\s*goto (\w+);/.exec(text(line))?.[1]
        const other = labels.find((label) => label !== to)
        return to === undefined || other === undefined
          ? []
          : [made(line, `goto ${other} instead of ${to}`, text(line).replace(to, other))]
      })
    case 'added exit':
      return calls.map((line) => {
        const value = /\bvoid\b[^(]*\(/.test(lines.slice(range.line - 1, range.line + 1).join(' ')) ? '' : ' -EIO'
        return made(line, `with an exit behind it`, text(line), '\tif (unlikely(planted))', `\t\treturn${value};`)
      })
    case 'condition':
      return inside
        .filter((line) => seen.has(line - 1) && /^\s*if \((\w+)\)/.test(text(line)))
        .map((line) => made(line, 'turned round', text(line).replace(/if \((\w+)\)/, 'if (!$1)')))
    case 'comment':
      return calls.slice(0, 1).map((line) => made(line, 'with a comment', `\t/* planted */`, '', text(line)))
  }
}
