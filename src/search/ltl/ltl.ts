/** The judge of temporal logic: the product of a graph with the automaton of the opposite, searched for a fair run. */

import { formulaFrom, atomsOf, type Formula } from '../../write/formula.js'
import { Mistake } from '../../write/mistake.js'
import type { Ltl } from '../../write/property.js'
import { asking } from '../../write/standing.js'
import { automatonFor, type Automaton } from './buchi.js'
import { Splitter } from '../liveness/scc.js'
import type { Subgraph } from '../liveness/fair-components.js'
import { Vector, type FlatEdges } from '../graph.js'
import { conclude, type BehaviourGraph } from '../liveness/liveness.js'
import { guarded } from '../reference.js'
import { loopStates, statesOf, type Run } from '../run.js'
import { breaks, mostSignals, PastMemory, signalsIn } from './past-ltl.js'
import type { Found } from '../verdict.js'

/** The most nodes that a product may have. */
const mostNodes = 1 << 26

/** Judges a formula, given for each of its atoms, in the order of {@link atomsOf}, the states that satisfy it. */
export function decideLtl(field: BehaviourGraph, property: Ltl, satisfying: readonly (readonly number[])[]): Found {
  const { cut } = field.graph
  if (cut?.limit === 'fault') return { verdict: 'unknown', why: cut.says }
  const formula = readFormula(property)
  const subgraph = arenaOfFormula(field, formula, false, satisfying)
  if (!subgraph)
    return { verdict: 'unknown', why: `the product with the formula's automaton has more than ${mostNodes} nodes` }
  const found = conclude(
    field,
    field.settle(subgraph, () => 0),
    (run) => {
      if (!breaksFormula(property, run)) throw new Error(`the reference execution does not confirm ${property.name}`)
      return 'a run breaks it'
    },
  )
  if (found.verdict !== 'holds') return found
  const premise = premiseOf(formula)
  const signals = new PastMemory(formula)
  return premise !== undefined && !labelsOf(field, satisfying).some((label) => signals.look(label, 0).value(premise))
    ? { verdict: 'vacuous', why: 'no reachable state satisfies its premise' }
    : found
}

/** The atoms that are so in each state, as bits. */
function labelsOf({ graph }: BehaviourGraph, satisfying: readonly (readonly number[])[]): Int32Array {
  const labels = new Int32Array(graph.states)
  satisfying.forEach((ids, atom) => ids.forEach((id) => (labels[id]! |= 1 << atom)))
  return labels
}

/** Where fair runs make a formula true, or false; its starts are all at depth 0. Undefined if that is too large. */
export function arenaOfFormula(
  field: BehaviourGraph,
  formula: Formula,
  positive: boolean,
  satisfying: readonly (readonly number[])[],
): Subgraph | undefined {
  const signals = new PastMemory(formula)
  const automaton = automatonFor(formula, positive, signals.signalOf)
  const product = new Product(field, labelsOf(field, satisfying), signals, automaton)
  return product.build() ? product.subgraph() : undefined
}

/** The formula of a property, and that its premise comes about, if it has one: what a run shows that is no empty example. */
export function shownFormula(property: Ltl): Formula {
  const formula = readFormula(property)
  const premise = premiseOf(formula)
  return premise === undefined ? formula : { op: '&', left: formula, right: { op: 'F', of: premise } }
}

/** The formula of a property, read and checked. */
export function readFormula({ name, formula, atoms }: Ltl): Formula {
  const read = formulaFrom(formula, Object.keys(atoms), `property ${name}`)
  const signals = signalsIn(read)
  if (signals <= mostSignals) return read
  throw new Mistake(
    `property ${name}`,
    `its formula has ${signals} atoms and operators that look back, and may have ${mostSignals}`,
    'put what is asked together into fewer atoms, or say it by several properties',
  )
}

/** The atoms whose states decide a property, in the order in which {@link decideLtl} wants them. */
export const atomsIn = (property: Ltl): string[] => atomsOf(readFormula(property))

/** What has to be so for a formula to say anything: the left of `G(… -> …)`, if it neither looks ahead nor back. */
function premiseOf(formula: Formula): Formula | undefined {
  const inner = typeof formula === 'object' && formula.op === 'G' ? formula.of : formula
  if (typeof inner !== 'object' || inner.op !== '->') return undefined
  const still = (part: Formula): boolean =>
    typeof part !== 'object' ||
    ('of' in part
      ? part.op === '!' && still(part.of)
      : ['&', '|', '->', '<->'].includes(part.op) && still(part.left) && still(part.right))
  return inner !== formula && still(inner.left) ? inner.left : undefined
}

/** Whether the formula of a property, or another one of its atoms, is false of a whole run, by its states in the reference execution. */
export function breaksFormula(property: Ltl, run: Run, formula = readFormula(property)): boolean {
  const states = statesOf(run)
  const names = atomsOf(formula)
  const label = ({ state, at }: (typeof states)[number]): number =>
    names.reduce((bits, name, i) => {
      const holds = guarded(property.name, `atom ${name}`, () =>
        property.atoms[name]!(state as never, asking(run.system, at)),
      )
      return holds ? bits | (1 << i) : bits
    }, 0)
  const stem = (run.loop === undefined ? states.slice(0, -1) : states.slice(0, run.loop)).map(label)
  const loop = (run.loop === undefined ? states.slice(-1) : loopStates(run)).map(label)
  return breaks(formula, stem, loop)
}

/** The product: its nodes are a state, what the signals remember, and a state of the automaton. */
class Product {
  private readonly states = new Vector()
  private readonly memories = new Vector()
  private readonly qs = new Vector()
  private readonly first = new Vector()
  private readonly target = new Vector()
  private readonly by = new Vector()
  private index = new Int32Array(1 << 12)
  private roots = 0
  private readonly stutters = new Map<string, boolean>()

  constructor(
    private readonly field: BehaviourGraph,
    private readonly labels: Int32Array,
    private readonly signals: PastMemory,
    private readonly automaton: Automaton,
  ) {}

  /** Builds it breadth-first; false if it is too large. */
  build(): boolean {
    const { field, automaton, labels, signals } = this
    const { edges } = field
    const { expanded } = field.graph
    for (const id of field.initials()) if (id < expanded) for (const q of automaton.initial) this.enter(id, 0, q)
    this.roots = this.states.length
    for (let node = 0; node < this.states.length; node++) {
      if (this.states.length > mostNodes) return false
      this.first.push(this.target.length)
      const state = this.states.at(node)
      const { memory, q } = this.restOf(node)
      const later = signals.look(labels[state]!, memory).memory
      for (let edge = edges.first[state]!; edge < edges.first[state + 1]!; edge++) {
        const to = edges.target[edge]!
        if (to >= expanded) continue
        for (const next of automaton.next[q]!) {
          const entered = this.enter(to, later, next)
          if (entered < 0) continue
          this.target.push(entered)
          this.by.push(edges.by[edge]!)
        }
      }
    }
    this.first.push(this.target.length)
    return true
  }

  subgraph(): Subgraph {
    const { automaton } = this
    const size = this.states.length
    const edges: FlatEdges = { first: this.first.flat(), target: this.target.flat(), by: this.by.flat() }
    const meets = automaton.accept.map((set) =>
      Uint8Array.from({ length: size }, (_, node) => Number(set[this.restOf(node).q])),
    )
    const stops = Uint8Array.from({ length: size }, (_, node) => Number(this.acceptsStop(node)))
    const starts = Int32Array.from({ length: this.roots }, (_, node) => node)
    const inside = new Uint8Array(size).fill(1)
    return this.field.subgraph({ edges, states: this.states.flat(), starts, inside, meets, stops })
  }

  private restOf(node: number): { memory: number; q: number } {
    return { memory: this.memories.at(node), q: this.qs.at(node) }
  }

  /** The node's number, or -1 if the automaton may not be in `q` with what is seen. */
  private enter(state: number, memory: number, q: number): number {
    const { automaton } = this
    const { seen } = this.signals.look(this.labels[state]!, memory)
    if (!admits(automaton, q, seen)) return -1
    let slot = this.slotOf(state, memory, q)
    for (; this.index[slot] !== 0; slot = (slot + 1) % this.index.length) {
      const node = this.index[slot]! - 1
      if (this.states.at(node) === state && this.memories.at(node) === memory && this.qs.at(node) === q) return node
    }
    this.states.push(state)
    this.memories.push(memory)
    this.qs.push(q)
    this.index[slot] = this.states.length
    if (this.states.length * 2 > this.index.length) this.reindex()
    return this.states.length - 1
  }

  private slotOf(state: number, memory: number, q: number): number {
    const rest = Math.imul(memory, this.automaton.next.length) + q
    const mixed = Math.imul(Math.imul(state, 0x9e3779b1) ^ rest, 0x85ebca6b)
    return (mixed ^ (mixed >>> 15)) & (this.index.length - 1)
  }

  private reindex(): void {
    this.index = new Int32Array(this.index.length * 2)
    for (let node = 0; node < this.states.length; node++) {
      let slot = this.slotOf(this.states.at(node), this.memories.at(node), this.qs.at(node))
      while (this.index[slot] !== 0) slot = (slot + 1) % this.index.length
      this.index[slot] = node + 1
    }
  }

  /** Whether the automaton accepts if the state of a node stays for ever. */
  private acceptsStop(node: number): boolean {
    const label = this.labels[this.states.at(node)]!
    const { memory, q } = this.restOf(node)
    const key = `${label} ${memory} ${q}`
    const known = this.stutters.get(key)
    if (known !== undefined) return known
    const answer = accepts(this.automaton, this.signals, [label], [{ label, memory, q }]) === true
    this.stutters.set(key, answer)
    return answer
  }
}

const admits = ({ must, mustNot }: Automaton, q: number, seen: number): boolean =>
  (seen & must[q]!) === must[q] && (seen & mustNot[q]!) === 0

/** What an automaton was entered with: a label, what was remembered before it, and its state. */
interface Entered {
  readonly label: number
  readonly memory: number
  readonly q: number
}

/** Whether an automaton accepts some endless sequence of the given labels, from one of these on; undefined if that is too much to ask. */
function accepts(
  automaton: Automaton,
  signals: PastMemory,
  labels: readonly number[],
  starts: readonly Entered[],
  most = Infinity,
): boolean | undefined {
  const nodes = [...starts]
  const numbers = new Map<string, number>()
  const number = (node: Entered): number => {
    const key = `${node.label} ${node.memory} ${node.q}`
    const known = numbers.get(key) ?? nodes.push(node) - 1
    numbers.set(key, known)
    return known
  }
  nodes.forEach(({ label, memory, q }, i) => numbers.set(`${label} ${memory} ${q}`, i))
  const first: number[] = [0]
  const target: number[] = []
  for (let from = 0; from < nodes.length; from++) {
    const here = nodes[from]!
    const { memory } = signals.look(here.label, here.memory)
    for (const label of labels) {
      const { seen } = signals.look(label, memory)
      for (const q of automaton.next[here.q]!) if (admits(automaton, q, seen)) target.push(number({ label, memory, q }))
    }
    first.push(target.length)
    if (nodes.length > most || target.length > 8 * most) return undefined
  }
  const flat = { first: Int32Array.from(first), target: Int32Array.from(target), by: new Int32Array(target.length) }
  const splitter = new Splitter(flat, new Int32Array(nodes.length).fill(1), 1)
  const { nodes: members, bounds } = splitter.split(Int32Array.from(starts.keys()), 1, nodes.length)
  return bounds.slice(1).some((end, i) => {
    const component = members.subarray(bounds[i], end)
    return automaton.accept.every((set) => component.some((node) => set[nodes[node]!.q]))
  })
}

/** What a formula remembers and waits for can be in more ways than are worth asking. */
const patience = 10_000

/**
 * Whether a formula is true of every endless sequence of some labels: bits of its atoms, in the order of {@link atomsIn}. False also
 * where that takes more than some thousand memories of what was.
 */
export function isValid(property: Ltl, labels: readonly number[]): boolean {
  const formula = readFormula(property)
  const signals = new PastMemory(formula)
  const automaton = automatonFor(formula, false, signals.signalOf)
  const starts = labels.flatMap((label) =>
    automaton.initial
      .filter((q) => admits(automaton, q, signals.look(label, 0).seen))
      .map((q) => ({ label, memory: 0, q })),
  )
  return accepts(automaton, signals, labels, starts, patience) === false
}
