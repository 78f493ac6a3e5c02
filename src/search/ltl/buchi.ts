/** From temporal logic to automata. */

import type { Formula } from '../../write/formula.js'

/**
 * A generalised Büchi automaton that reads valuations of signals (bits of an integer). A state may be entered with a valuation
 * that has all bits of `must` and none of `mustNot`. A run is accepted if it is infinite and meets every set again and again.
 */
export interface Automaton {
  readonly must: readonly number[]
  readonly mustNot: readonly number[]
  readonly initial: readonly number[]
  readonly next: readonly (readonly number[])[]
  /** For each set, which states belong to it. */
  readonly accept: readonly (readonly boolean[])[]
}

/** A formula in negation normal form: only literals are negated, only X, U and R look ahead. */
type Normal =
  | { readonly op: 'true' | 'false' }
  | { readonly op: 'literal'; readonly signal: number; readonly positive: boolean }
  | { readonly op: 'X'; readonly of: Normal }
  | { readonly op: '&' | '|' | 'U' | 'R'; readonly left: Normal; readonly right: Normal }

const truth: Normal = { op: 'true' }
const falsehood: Normal = { op: 'false' }

/** What a subformula that is not looked into stands for: an atom, or something that looks back. */
export type SignalOf = (part: Formula) => number | undefined

/** Negation normal form; `positive: false` negates. */
function normal(given: Formula, positive: boolean, signalOf: SignalOf): Normal {
  if (typeof given === 'boolean') return given === positive ? truth : falsehood
  const signal = signalOf(given)
  if (signal !== undefined) return { op: 'literal', signal, positive }
  if (typeof given === 'string') throw new Error(`no signal for ${given}`)
  const same = (part: Formula): Normal => normal(part, positive, signalOf)
  const negated = (part: Formula): Normal => normal(part, !positive, signalOf)
  switch (given.op) {
    case '!':
      return negated(given.of)
    case 'X':
      return { op: 'X', of: same(given.of) }
    case 'F':
      return join(positive ? 'U' : 'R', positive ? truth : falsehood, same(given.of))
    case 'G':
      return join(positive ? 'R' : 'U', positive ? falsehood : truth, same(given.of))
    case '&':
    case '|':
      return join((given.op === '&') === positive ? '&' : '|', same(given.left), same(given.right))
    case '->':
      return join(positive ? '|' : '&', negated(given.left), same(given.right))
    case '<->': {
      // Equal: both or neither; unequal: exactly one.
      const plain = (part: Formula, yes: boolean): Normal => normal(part, yes, signalOf)
      return join(
        '|',
        join('&', plain(given.left, true), plain(given.right, positive)),
        join('&', plain(given.left, false), plain(given.right, !positive)),
      )
    }
    case 'U':
    case 'R':
      return join((given.op === 'U') === positive ? 'U' : 'R', same(given.left), same(given.right))
    case 'W': {
      // a W b = b R (a | b), and its opposite is !b U (!a & !b).
      const [left, right] = [same(given.left), same(given.right)]
      return join(positive ? 'R' : 'U', right, join(positive ? '|' : '&', left, right))
    }
    default:
      throw new Error(`${given.op} looks back and has no signal`)
  }
}

/** Joins two formulas, and simplifies where a constant decides. */
function join(op: '&' | '|' | 'U' | 'R', left: Normal, right: Normal): Normal {
  if (right.op === 'true' && op !== '&') return truth
  if (right.op === 'false' && op !== '|') return falsehood
  if (op === '&' && left.op === 'true') return right
  if (op === '&' && right.op === 'true') return left
  if (op === '|' && left.op === 'false') return right
  if (op === '|' && right.op === 'false') return left
  if (op === '&' && left.op === 'false') return falsehood
  if (op === '|' && left.op === 'true') return truth
  return { op, left, right }
}

/** A node of the tableau: what it has to fulfil, what it fulfils, what its successors have to, and where it comes from. */
interface Node {
  readonly incoming: Set<number>
  readonly open: readonly number[]
  readonly old: readonly number[]
  readonly next: readonly number[]
}

/** Where the edges into the initial states come from. */
const start = -1

/**
 * Translates a formula, or its opposite, into an automaton. Source: R. Gerth, D. Peled, M. Y. Vardi and P. Wolper, Simple on-the-fly
 * automatic verification of linear temporal logic (PSTV 1995). The number of states is at most exponential in the formula's size.
 */
export function automatonFor(given: Formula, positive: boolean, signalOf: SignalOf): Automaton {
  const tableau = new Tableau()
  tableau.expand({
    incoming: new Set([start]),
    open: [tableau.number(normal(given, positive, signalOf))],
    old: [],
    next: [],
  })
  const { nodes, formulas } = tableau
  const literals = (node: Node, positive: boolean): number =>
    node.old.reduce((bits, id) => {
      const one = formulas[id]!
      return one.op === 'literal' && one.positive === positive ? bits | (1 << one.signal) : bits
    }, 0)
  const untils = formulas.flatMap((one, id) => (one.op === 'U' ? [{ id, goal: tableau.number(one.right) }] : []))
  return {
    must: nodes.map((node) => literals(node, true)),
    mustNot: nodes.map((node) => literals(node, false)),
    initial: nodes.flatMap(({ incoming }, i) => (incoming.has(start) ? [i] : [])),
    next: nodes.map((_, from) => nodes.flatMap(({ incoming }, to) => (incoming.has(from) ? [to] : []))),
    accept: untils.map(({ id, goal }) => nodes.map(({ old }) => !old.includes(id) || old.includes(goal))),
  }
}

class Tableau {
  readonly nodes: Node[] = []
  readonly formulas: Normal[] = []
  private readonly numbers = new Map<string, number>()
  private readonly known = new Map<string, number>()

  /** Equal formulas have equal numbers. */
  number(one: Normal): number {
    const key =
      'left' in one
        ? `${one.op} ${this.number(one.left)} ${this.number(one.right)}`
        : 'of' in one
          ? `X ${this.number(one.of)}`
          : JSON.stringify(one)
    const found = this.numbers.get(key)
    if (found !== undefined) return found
    const id = this.formulas.push(one) - 1
    this.numbers.set(key, id)
    return id
  }

  expand(node: Node): void {
    const [id, ...open] = node.open
    if (id === undefined) {
      this.complete(node)
      return
    }
    if (node.old.includes(id)) {
      this.expand({ ...node, open })
      return
    }
    const one = this.formulas[id]!
    const old = [...node.old, id].sort((a, b) => a - b)
    const also = (now: readonly Normal[], later: readonly number[] = []): void =>
      this.expand({
        incoming: new Set(node.incoming),
        open: [...open, ...now.map((part) => this.number(part))],
        old,
        next: [...new Set([...node.next, ...later])].sort((a, b) => a - b),
      })
    switch (one.op) {
      case 'false':
        return
      case 'true':
        return also([])
      case 'literal': {
        const opposite = this.number({ ...one, positive: !one.positive })
        return node.old.includes(opposite) ? undefined : also([])
      }
      case 'X':
        return also([], [this.number(one.of)])
      case '&':
        return also([one.left, one.right])
      case '|':
        also([one.left])
        return also([one.right])
      case 'U':
        also([one.left], [id])
        return also([one.right])
      case 'R':
        also([one.right], [id])
        return also([one.left, one.right])
    }
  }

  private complete(node: Node): void {
    const key = `${node.old.join()};${node.next.join()}`
    const known = this.known.get(key)
    if (known !== undefined) {
      for (const from of node.incoming) this.nodes[known]!.incoming.add(from)
      return
    }
    const own = this.nodes.push(node) - 1
    this.known.set(key, own)
    this.expand({ incoming: new Set([own]), open: node.next, old: [], next: [] })
  }
}
