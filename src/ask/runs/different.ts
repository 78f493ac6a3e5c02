/** Runs in a state graph that differ essentially: in their last step, or in the order of steps that do not commute. */

import { reversed, type FlatEdges } from '../../search/graph.js'
import { contains, foata, staysFirst, type Commuting } from './orders.js'

/** A graph, where runs in it begin and arrive, and how many of them are wanted. */
export interface Question {
  readonly flat: FlatEdges
  readonly states: number
  /** The states 0 … starts-1 are the initial ones, as far as they differ. */
  readonly starts: number
  readonly arrivals: Uint8Array
  readonly number: number
}

/** A run by the indices of its transitions. */
export interface Way {
  readonly initial: number
  readonly word: readonly number[]
}

/** Places that are looked at before it is given up to look for more runs, and steps that a run may have more than the shortest. */
const patience = 150_000
const longer = 16

/**
 * Ways to the arrivals, a shortest one first; then for each other last step a shortest way that ends with it; then others by length. No way
 * passes an arrival before its end. Linear in the edges for those, up to {@link patience} places for the others.
 */
export function different(question: Question, order: Commuting): { words: readonly Way[]; givenUp?: true } {
  const { number, arrivals, starts } = question
  for (let initial = 0; initial < starts; initial++) if (arrivals[initial]) return { words: [{ initial, word: [] }] }
  const told: Way[] = []
  const known = new Set<string>()
  const tell = (way: Way): void => {
    const form = `${way.initial} ${JSON.stringify(foata(way.word, order))}`
    if (!known.has(form)) told.push(way)
    known.add(form)
  }
  for (const way of byLastStep(question).slice(0, number)) tell(way)
  if (told.length === 0 || told.length >= number) return { words: told }
  const search = new Ordered(question, order)
  for (const way of search.ways(told[0]!.word.length)) {
    if (!told.some((one) => one.initial === way.initial && contains(way.word, one.word, order))) tell(way)
    if (told.length >= number) break
  }
  const words = told.toSorted((a, b) => a.word.length - b.word.length)
  return { words, ...(search.spent && told.length < number && { givenUp: true as const }) }
}

/** For each transition that leads to an arrival a shortest way that ends with it, shortest first. */
function byLastStep({ flat: { first, target, by }, states, starts, arrivals }: Question): readonly Way[] {
  const parent = new Int32Array(states).fill(-2)
  const through = new Int32Array(states)
  const queue: number[] = []
  for (let id = 0; id < starts && id < states; id++) {
    parent[id] = -1
    queue.push(id)
  }
  const wayTo = (id: number, last: number): Way => {
    const word = [last]
    let here = id
    for (; parent[here]! >= 0; here = parent[here]!) word.push(through[here]!)
    return { initial: here, word: word.reverse() }
  }
  const ways = new Map<number, Way>()
  for (let head = 0; head < queue.length; head++) {
    const id = queue[head]!
    for (let edge = first[id]!; edge < (first[id + 1] ?? 0); edge++) {
      const [to, step] = [target[edge]!, by[edge]!]
      if (arrivals[to]) {
        if (!ways.has(step)) ways.set(step, wayTo(id, step))
      } else if (parent[to] === -2) {
        parent[to] = id
        through[to] = step
        queue.push(to)
      }
    }
  }
  return [...ways.values()].toSorted((a, b) => a.word.length - b.word.length)
}

/** Ways by their length, of those that come to the same only one. */
class Ordered {
  /** Whether there may be longer ones, or others that were not come to. */
  spent = false
  private left = patience
  /** Steps from each state to an arrival at the least; -1 where none is reached. */
  private readonly ahead: Int32Array

  constructor(
    private readonly question: Question,
    private readonly order: Commuting,
  ) {
    this.ahead = stepsAhead(question)
  }

  *ways(shortest: number): Generator<Way> {
    for (let length = shortest; length <= shortest + longer && this.left > 0; length++) {
      this.spent = false
      for (let initial = 0; initial < this.question.starts; initial++) yield* this.from(initial, initial, [], length)
      if (this.isDone()) return
    }
  }

  private isDone = (): boolean => !this.spent

  private *from(initial: number, id: number, word: readonly number[], length: number): Generator<Way> {
    const { flat, arrivals } = this.question
    if (this.left-- <= 0) return void (this.spent = true)
    if (arrivals[id]) {
      if (word.length === length) yield { initial, word }
      return
    }
    for (let edge = flat.first[id]!; edge < (flat.first[id + 1] ?? 0); edge++) {
      const [to, step] = [flat.target[edge]!, flat.by[edge]!]
      const ahead = this.ahead[to]!
      if (ahead < 0 || !staysFirst(word, step, this.order)) continue
      if (word.length + 1 + ahead > length) this.spent = true
      else yield* this.from(initial, to, [...word, step], length)
    }
  }
}

function stepsAhead({ flat, states, arrivals }: Question): Int32Array {
  const { first, target: source } = reversed(states, flat)
  const ahead = new Int32Array(states).fill(-1)
  const queue: number[] = []
  for (let id = 0; id < states; id++)
    if (arrivals[id]) {
      ahead[id] = 0
      queue.push(id)
    }
  for (let head = 0; head < queue.length; head++) {
    const id = queue[head]!
    for (let edge = first[id]!; edge < first[id + 1]!; edge++) {
      const before = source[edge]!
      if (ahead[before] === -1) {
        ahead[before] = ahead[id]! + 1
        queue.push(before)
      }
    }
  }
  return ahead
}
