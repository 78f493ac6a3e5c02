/** Positions in a log: which lines have been printed. Lines of one group come in any order, groups one after the other. */

/** The lines of a log, and their order. */
export interface Order {
  /** How many lines there are. */
  readonly lines: number
  /** The group of each line, never decreasing: lines of one group may have been printed in any order. Absent: each is its own. */
  readonly groups?: readonly number[]
}

/** Lines of one group whose orders are all tried; of a larger one, the rest keeps the order of the log. */
const widest = 12

/** The positions that were reached, by number. */
export class Positions {
  /** Nothing has been printed. */
  readonly start: number
  private readonly first: readonly number[]
  /** For each position, the group that is being printed and which of its lines have been. */
  private readonly known: { readonly from: number; readonly done: number; readonly next: readonly number[] }[] = []
  private readonly numbers = new Map<string, number>()
  private readonly successors: Map<number, number>[] = []

  constructor(private readonly order: Order) {
    this.first = blocks(order)
    this.start = this.numbered(0, 0)
  }

  /** How many lines have been printed. */
  printed(position: number): number {
    const { from, done } = this.known[position]!
    return from + bits(done)
  }

  /** The lines that may come next. */
  next(position: number): readonly number[] {
    return this.known[position]!.next
  }

  /** The position after one of those. */
  with(position: number, line: number): number {
    const known = this.successors[position]!.get(line)
    if (known !== undefined) return known
    const { from, done } = this.known[position]!
    const now = done | (1 << (line - from))
    const to = this.first[this.blockOf(from) + 1]!
    const number = bits(now) === to - from ? this.numbered(to, 0) : this.numbered(from, now)
    this.successors[position]!.set(line, number)
    return number
  }

  /** The lines that were printed between two positions, in the order of the log. */
  between(before: number, after: number): readonly number[] {
    const lines: number[] = []
    const [a, b] = [this.known[before]!, this.known[after]!]
    const has = ({ from, done }: typeof a, line: number): boolean =>
      line < from || (line - from < 31 && (done & (1 << (line - from))) !== 0)
    for (let line = a.from; line < Math.min(this.order.lines, b.from + widest); line++)
      if (has(b, line) && !has(a, line)) lines.push(line)
    return lines
  }

  private blockOf(from: number): number {
    let [low, high] = [0, this.first.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.first[middle]! < from) low = middle + 1
      else high = middle
    }
    return low
  }

  private numbered(from: number, done: number): number {
    const key = `${from} ${done}`
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const to = this.first[this.blockOf(from) + 1] ?? from
    const next: number[] = []
    for (let line = from; line < to; line++) if ((done & (1 << (line - from))) === 0) next.push(line)
    this.successors.push(new Map())
    this.numbers.set(key, this.known.length)
    return this.known.push({ from, done, next }) - 1
  }
}

/** Where each run of lines without an order begins, and behind them the end. */
function blocks({ lines, groups }: Order): readonly number[] {
  const first: number[] = []
  for (let line = 0; line < lines; line++) {
    const begun = first.at(-1)
    const same = groups !== undefined && begun !== undefined && groups[line] === groups[begun] && line - begun < widest
    if (!same) first.push(line)
  }
  return [...first, lines]
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
