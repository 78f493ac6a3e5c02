/** Finite automata over the steps of a thread, and whether every word of one is a word of another. */

/** An arrow; without a label it is taken unseen. */
export interface Arrow<Note = unknown> {
  readonly to: number
  readonly label?: string
  /** What is told of it. */
  readonly note?: Note
}

/** An automaton whose states are made when they are asked for; words end with one of the labels of {@link endings}. */
export interface Automaton<Note = unknown> {
  readonly start: number
  readonly arrows: (state: number) => readonly Arrow<Note>[]
}

/** A way that one automaton takes and the other cannot follow. */
export interface Difference<Note> {
  /** A shortest way to it. */
  readonly path: readonly Arrow<Note>[]
  /** The last label on that way, or undefined at the start. */
  readonly after: string | undefined
  /** The label that cannot be followed. */
  readonly then: string
  /** What could have been followed. */
  readonly expected: readonly string[]
  /** The arrow that cannot be followed. */
  readonly arrow: Arrow<Note>
}

/** What an automaton ends with. */
export const isEnding = (label: string): boolean => label.startsWith('returns')

interface Pair<Note> {
  readonly state: number
  readonly others: readonly number[]
  readonly last: string | undefined
  readonly parent: number
  readonly arrow: Arrow<Note> | undefined
}

/** How many pairs may be looked at before nothing is concluded. */
const mostPairs = 400_000

/** What is thrown when there are too many pairs. */
export class TooManyPaths extends Error {}

/**
 * Where the words of `one` leave those of `other`; none if every word of `one` is one of `other`. A label that repeats
 * counts once: one step may stand for a loop. Breadth-first over pairs of a state and a set of states, so that paths are
 * shortest; each difference is told once. @throws TooManyPaths beyond 400,000 pairs.
 */
export function differences<Note>(one: Automaton<Note>, other: Automaton): readonly Difference<Note>[] {
  const sets = new Sets(other)
  const queue: Pair<Note>[] = [
    { state: one.start, others: sets.closed([other.start], undefined), last: undefined, parent: -1, arrow: undefined },
  ]
  const seen = new Set<string>([keyOf(queue[0]!)])
  const found = new Map<string, Difference<Note>>()
  for (let i = 0; i < queue.length; i++) {
    const { state, others, last } = queue[i]!
    for (const arrow of one.arrows(state)) {
      const { label } = arrow
      const repeats = label === undefined || (label === last && !isEnding(label))
      const next = repeats ? others : sets.after(others, label, last)
      if (next.length === 0) {
        const key = `${last ?? ''}\0${label!}`
        if (!found.has(key))
          found.set(key, {
            path: pathTo(queue, i),
            after: last,
            then: label!,
            expected: sets.expected(others, last),
            arrow,
          })
        continue
      }
      if (label !== undefined && isEnding(label)) continue
      const pair = { state: arrow.to, others: next, last: repeats ? last : label, parent: i, arrow }
      const key = keyOf(pair)
      if (seen.has(key)) continue
      if (queue.length >= mostPairs) throw new TooManyPaths(`more than ${mostPairs} situations to compare`)
      seen.add(key)
      queue.push(pair)
    }
  }
  return [...found.values()]
}

const keyOf = <Note>({ state, others, last }: Pair<Note>): string => `${state}|${others.join(',')}|${last ?? ''}`

function pathTo<Note>(queue: readonly Pair<Note>[], at: number): readonly Arrow<Note>[] {
  const path: Arrow<Note>[] = []
  for (let pair = queue[at]!; pair.arrow; pair = queue[pair.parent]!) path.push(pair.arrow)
  return path.reverse()
}

/** Sets of states of an automaton: what it can be in after a word. */
class Sets {
  private readonly known = new Map<string, readonly number[]>()

  constructor(private readonly automaton: Automaton) {}

  /** What is reached unseen, or by repeating the last label. */
  closed(states: readonly number[], last: string | undefined): readonly number[] {
    const key = `${states.join(',')}|${last ?? ''}`
    const before = this.known.get(key)
    if (before) return before
    const reached = new Set(states)
    for (const state of reached)
      for (const { to, label } of this.automaton.arrows(state))
        if (label === undefined || (label === last && !isEnding(label))) reached.add(to)
    const made = [...reached].sort((a, b) => a - b)
    this.known.set(key, made)
    return made
  }

  after(states: readonly number[], label: string, last: string | undefined): readonly number[] {
    const key = `${states.join(',')}|${last ?? ''}>${label}`
    const before = this.known.get(key)
    if (before) return before
    const targets = new Set<number>()
    for (const state of states)
      for (const arrow of this.automaton.arrows(state)) if (arrow.label === label) targets.add(arrow.to)
    const made = this.closed(
      [...targets].sort((a, b) => a - b),
      label,
    )
    this.known.set(key, made)
    return made
  }

  expected(states: readonly number[], last: string | undefined): readonly string[] {
    const labels = states.flatMap((state) => this.automaton.arrows(state).map(({ label }) => label))
    return [
      ...new Set(labels.filter((label): label is string => label !== undefined && (label !== last || isEnding(label)))),
    ].sort()
  }
}
