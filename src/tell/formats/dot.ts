/** The state graph as DOT, for Graphviz: whole, or folded by what one wants to see of it. */

import { pathTo, type Graph } from '../../search/graph.js'
import type { SystemState } from '../../search/reference.js'
import { Mistake, unknownName } from '../../write/mistake.js'
import { fieldsOf } from '../states.js'
import { shown } from '../text.js'

/** What of a graph is drawn. */
export interface DotOptions {
  /** Fields, and `at THREAD`, that tell the nodes apart; none: every state is a node. */
  readonly by: readonly string[]
  /** The most nodes that are drawn, in breadth-first order. */
  readonly most: number
}

/** States that are drawn as one. */
interface Node {
  readonly label: string
  states: number
  readonly first: number
}

/** Writes a graph that was explored with its edges. @throws Mistake for a field that does not exist. */
export function dotOf(graph: Graph, { by, most }: DotOptions): string {
  const { expander, edges, states, expanded } = graph
  if (!edges) throw new Error('the graph was explored without its edges')
  const { nodes, of } = folded(graph, by)
  const arrows = new Map<string, Set<string>>()
  for (let id = 0; id < expanded; id++)
    for (let edge = edges.first.at(id); edge < edges.first.at(id + 1); edge++) {
      const [from, to] = [of[id]!, of[edges.target.at(edge)]!]
      // Steps within a node are what folding is to hide.
      if (from >= most || to >= most || (by.length > 0 && from === to)) continue
      const key = `${from} -> ${to}`
      arrows.set(key, (arrows.get(key) ?? new Set()).add(expander.system.transitions[edges.by.at(edge)]!.name))
    }
  const drawn = nodes.slice(0, most)
  const left = nodes.length - drawn.length
  const cut = graph.cut ? [`the search was cut: ${graph.cut.says}`] : []
  const notes = [...cut, ...(left > 0 ? [`${left} more nodes are not drawn`] : [])]
  return [
    `digraph ${quoted(expander.system.model.name)} {`,
    `  label=${quoted([`${states} states`, ...notes].join('\n'))}`,
    '  node [shape=box, style=rounded, fontname="monospace", fontsize=10]',
    '  edge [fontname="monospace", fontsize=9]',
    ...drawn.map(
      (node, i) => `  ${i} [label=${quoted(labelOf(node, by))}${isInitial(graph, node) ? ', penwidth=2' : ''}]`,
    ),
    ...[...arrows].map(([ends, names]) => `  ${ends} [label=${quoted(namesOf([...names]))}]`),
    '}',
  ].join('\n')
}

function folded(graph: Graph, by: readonly string[]): { nodes: readonly Node[]; of: Int32Array } {
  const nodes: Node[] = []
  const known = new Map<string, number>()
  const of = new Int32Array(graph.states)
  for (let id = 0; id < graph.states; id++) {
    const label = told(graph.expander.stateOf(id), by)
    const key = by.length === 0 ? String(id) : label
    const at = known.get(key) ?? nodes.push({ label, states: 0, first: id }) - 1
    known.set(key, at)
    nodes[at]!.states++
    of[id] = at
  }
  return { nodes, of }
}

/** What a node says of its states: the fields asked for, or where the threads stand. */
function told({ state, at }: SystemState, by: readonly string[]): string {
  const places = Object.entries(at).map(([thread, label]) => [`at ${thread}`, label] as const)
  if (by.length === 0) return places.map(([name, label]) => `${name}=${label}`).join('\n')
  const fields = new Map<string, unknown>([...fieldsOf(state), ...places])
  return by
    .map((name) => {
      if (!fields.has(name)) throw unknownName('--by', 'field', name, [...fields.keys()])
      return `${name}=${shown(fields.get(name))}`
    })
    .join('\n')
}

const labelOf = ({ label, states, first }: Node, by: readonly string[]): string =>
  by.length === 0 ? `#${first}${label && `\n${label}`}` : `${label}\n${states === 1 ? '1 state' : `${states} states`}`

const isInitial = ({ expander }: Graph, { first }: Node): boolean => pathTo(expander, first).length === 1

/** The names on an arrow: the first three. */
const namesOf = (names: readonly string[]): string =>
  [...names.slice(0, 3), ...(names.length > 3 ? [`and ${names.length - 3} more`] : [])].join('\n')

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`

/** What a user gives for {@link DotOptions.by}: `a,b.c,at suspend`. @throws Mistake for an empty name. */
export function fieldsGiven(text: string): readonly string[] {
  // A comma within a thread's arguments is none between fields.
  const names = text.split(/,(?![^(]*\))/).map((name) => name.trim())
  if (names.includes('')) throw new Mistake(`--by ${text}`, 'has an empty name', 'write names with commas between')
  return names
}
