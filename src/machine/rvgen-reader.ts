/** DOT for `rvgen`, read strictly: what that reader takes in silence, and makes something else of, is refused here with its line. */

import { Mistake } from '../write/mistake.js'
import { isName } from './event.js'
import type { Deterministic } from './minimal.js'

/** An automaton as the text has it; the first state is the initial one, the others come in the order of the text. */
export interface ReadDot {
  readonly automaton: Deterministic
  readonly names: readonly string[]
}

interface Token {
  readonly kind: 'name' | 'text' | 'sign'
  readonly text: string
  readonly line: number
}

interface Node {
  readonly line: number
  readonly attributes: Readonly<Record<string, string>>
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
  readonly label: string | undefined
}

const init = '__init_'

/** Reads an automaton. @throws Mistake with the line, for all that rvgen refuses, and for all that it takes and makes something else of. */
export function readRvgenDot(text: string, file: string): ReadDot {
  const { nodes, edges } = new Reader(tokensOf(text, file), file).read()
  const refuse = (line: number, what: string, next?: string): never => {
    throw new Mistake(`${file}:${line}`, what, next)
  }
  const initial = initialOf(nodes, edges, refuse)
  const states = [initial, ...[...nodes.keys()].filter((name) => name !== initial && !name.startsWith(init))]
  for (const name of states) {
    const { line, attributes } = nodes.get(name)!
    if (!isName(name)) refuse(line, `'${name}' cannot be a name in C`, 'letters, digits and _')
    if (attributes.label !== undefined && attributes.label !== name)
      refuse(
        line,
        `state '${name}' is labelled '${attributes.label}'`,
        'rvgen takes the label where states are listed: make them alike',
      )
  }
  if (!states.some((name) => ['doublecircle', 'ellipse'].includes(nodes.get(name)!.attributes.shape ?? '')))
    refuse(1, 'no state is final', 'give the initial one the shape doublecircle')
  const rows = rowsOf(edges, states, refuse)
  const events = new Set(rows.flatMap((row) => [...row.keys()]))
  for (const name of states)
    if (events.has(name)) refuse(nodes.get(name)!.line, `'${name}' is a state and an event: both become one name in C`)
  return { automaton: { states: rows }, names: states }
}

type Refuse = (line: number, what: string, next?: string) => never

function initialOf(nodes: ReadonlyMap<string, Node>, edges: readonly Edge[], refuse: Refuse): string {
  const marks = [...nodes.keys()].filter((name) => name.startsWith(init))
  if (marks.length === 0) refuse(1, 'no initial state', `declare a node "${init}STATE" with an edge to STATE`)
  if (marks.length > 1) refuse(nodes.get(marks[1]!)!.line, `two initial states: ${marks.join(', ')}`)
  const [mark] = marks
  const initial = mark!.slice(init.length)
  if (!nodes.has(initial)) refuse(nodes.get(mark!)!.line, `'${initial}', the initial state, is not declared`)
  const leads = edges.filter(({ from, to }) => from === mark || to === mark)
  if (leads.length !== 1 || leads[0]!.to !== initial)
    refuse(leads[1]?.line ?? nodes.get(mark!)!.line, `"${mark!}" must have one edge, to "${initial}"`)
  return initial
}

function rowsOf(edges: readonly Edge[], states: readonly string[], refuse: Refuse): readonly Map<string, number>[] {
  const rows = states.map(() => new Map<string, number>())
  const seen = new Set<string>()
  for (const { from, to, line, label } of edges) {
    if (from.startsWith(init)) continue
    for (const end of [from, to])
      if (!states.includes(end))
        refuse(line, `state '${end}' is not declared`, 'the C that rvgen writes would not compile')
    if (seen.has(`${from} ${to}`))
      refuse(
        line,
        `a second edge from '${from}' to '${to}'`,
        'rvgen keeps one of them: write one edge, label = "a\\nb"',
      )
    seen.add(`${from} ${to}`)
    if (label === undefined || label === '')
      refuse(line, `the edge from '${from}' to '${to}' has no label`, 'label it with its events')
    const row = rows[states.indexOf(from)]!
    for (const event of label.split(/\\n/).map((one) => one.trim())) {
      if (!isName(event))
        refuse(
          line,
          `'${event}' cannot be an event`,
          'a name in C; clocks and guards are no part of a deterministic automaton',
        )
      if (row.has(event))
        refuse(
          line,
          row.get(event) === states.indexOf(to)
            ? `event '${event}' is named twice`
            : `event '${event}' leads from '${from}' to two states`,
          'rvgen keeps one of them: the automaton must be deterministic',
        )
      row.set(event, states.indexOf(to))
    }
  }
  return rows
}

function tokensOf(text: string, file: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  const pattern =
    /(?<space>\s+)|(?<text>"[^"\n]*")|(?<name>[A-Za-z_]\w*|-?(?:\.\d+|\d+(?:\.\d*)?))|(?<sign>->|[{}[\];,=])/y
  while (at < text.length) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) {
      const rest = text.slice(at).split('\n')[0]!
      throw new Mistake(
        `${file}:${line}`,
        `'${rest.slice(0, 20)}' is not understood`,
        /^(\/[/*]|#)/.test(rest) ? 'rvgen knows no comments' : 'put names that are not plain words in quotes',
      )
    }
    const { space, text: quoted, name } = match.groups!
    if (space === undefined)
      tokens.push(
        quoted !== undefined
          ? { kind: 'text', text: quoted.slice(1, -1), line }
          : { kind: name === undefined ? 'sign' : 'name', text: match[0], line },
      )
    line += match[0].split('\n').length - 1
    at = pattern.lastIndex
  }
  return tokens
}

/** The statements of a digraph; default attributes hold to the end of their braces. */
class Reader {
  private at = 0
  private readonly nodes = new Map<string, Node>()
  private readonly edges: Edge[] = []

  constructor(
    private readonly tokens: readonly Token[],
    private readonly file: string,
  ) {}

  read(): { readonly nodes: ReadonlyMap<string, Node>; readonly edges: readonly Edge[] } {
    for (const word of ['digraph', 'state_automaton', '{']) this.take(word)
    this.statements({})
    this.take('}')
    if (this.at < this.tokens.length) this.refuse(`'${this.next!.text}' behind the end`)
    return { nodes: this.nodes, edges: this.edges }
  }

  private get next(): Token | undefined {
    return this.tokens[this.at]
  }

  private refuse(what: string, next?: string): never {
    const line = (this.next ?? this.tokens[this.tokens.length - 1])?.line ?? 1
    throw new Mistake(`${this.file}:${line}`, what, next)
  }

  private take(text: string): void {
    if (this.next?.text !== text || this.next.kind === 'text')
      this.refuse(`wants '${text}', has ${this.next ? `'${this.next.text}'` : 'nothing'}`)
    this.at++
  }

  private takes(text: string): boolean {
    const has = this.next?.kind !== 'text' && this.next?.text === text
    if (has) this.at++
    return has
  }

  private word(): Token {
    const token = this.next
    if (token === undefined || token.kind === 'sign') this.refuse(`wants a name, has '${token?.text ?? 'nothing'}'`)
    this.at++
    return token
  }

  private statements(outer: Readonly<Record<string, string>>): void {
    let defaults = outer
    while (this.next && !(this.next.kind === 'sign' && this.next.text === '}')) {
      if (this.takes('{')) {
        this.statements(defaults)
        this.take('}')
      } else {
        const word = this.word()
        if (word.kind === 'name' && word.text === 'node') defaults = { ...defaults, ...this.attributes() }
        else if (this.takes('=')) this.word()
        else if (this.takes('->')) this.edge(word)
        else this.node(word, { ...defaults, ...this.attributes() })
      }
      this.takes(';')
    }
  }

  private edge({ text: from, line }: Token): void {
    const { text: to } = this.word()
    if (this.next?.text === '->') this.refuse('an edge over several states', 'one edge for each')
    this.edges.push({ from, to, line, label: this.attributes().label })
  }

  private node({ text: name, line }: Token, attributes: Readonly<Record<string, string>>): void {
    const known = this.nodes.get(name)
    // A name alone only refers to it.
    if (known === undefined && Object.keys(attributes).length === 0)
      this.refuse(`node '${name}' has no attributes`, 'declare it first: {node [shape = circle] "NAME"}')
    this.nodes.set(name, { line: known?.line ?? line, attributes: { ...attributes, ...known?.attributes } })
  }

  private attributes(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {}
    while (this.takes('['))
      while (!this.takes(']')) {
        const { text: key } = this.word()
        this.take('=')
        const value = this.word()
        found[key] = value.text
        this.takes(',')
        this.takes(';')
      }
    return found
  }
}
