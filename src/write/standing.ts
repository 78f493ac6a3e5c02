/** Asking where threads stand: names are looked up, so that a misspelt one is a mistake and never a silent no. */

import { familyOf } from './family.js'
import { Mistake, suggestion, unknownName } from './mistake.js'
import type { At, Model, Standing } from './model.js'
import type { System } from './system.js'

/** The threads of a system by name, and what other variants of its model have besides. */
export class Threads {
  private readonly own: ReadonlyMap<string, ReadonlySet<string>>

  constructor(
    private readonly model: Model,
    threads: System['threads'],
  ) {
    this.own = new Map(threads.map(({ name, labels }) => [name, new Set(labels)]))
  }

  /** Whether this system has a thread, and a label in it. @throws Mistake if no variant has it. */
  has = (thread: string, label?: string): boolean => {
    if (label !== undefined) {
      this.insist(thread, label)
      return this.own.get(thread)?.has(label) === true
    }
    if (this.own.has(thread)) return true
    const { threads } = familyOf(this.model)
    if (threads.has(thread)) return false
    throw unknownName(this.where(), 'thread', thread, [...new Set([...this.own.keys(), ...threads.keys()])])
  }

  /** @throws Mistake for a label that the thread has in no variant, and for a thread that no variant has. */
  insist(thread: string, label: string): void {
    const own = this.own.get(thread)
    if (own?.has(label) || (own === undefined && !this.has(thread) && label === 'end')) return
    const elsewhere = familyOf(this.model).threads.get(thread)
    if (elsewhere?.has(label)) return
    const labels = [...new Set([...(own ?? []), ...(elsewhere ?? [])])]
    throw new Mistake(this.where(), `thread ${thread} has no label '${label}'`, suggestion(label, labels))
  }

  private where = (): string => `model ${this.model.name}`
}

const known = new WeakMap<System, Threads>()

/** The threads of a system. */
export function threadsOf(system: System): Threads {
  let threads = known.get(system)
  if (!threads) known.set(system, (threads = new Threads(system.model, system.threads)))
  return threads
}

/** Asks where the threads of a system stand, given as data. */
export const asking = (system: System, standing: Standing): At =>
  askingBy(threadsOf(system), (thread) => standing[thread])

/** Asks a function where threads stand; it is undefined where there is no such thread. */
export function askingBy(threads: Threads, labelOf: (thread: string) => string | undefined): At {
  const at = (thread: string, ...labels: readonly string[]): boolean => {
    if (labels.length === 0)
      throw new Mistake(`at('${thread}')`, 'no label is named', `name one: at('${thread}', 'end')`)
    for (const label of labels) threads.insist(thread, label)
    return threads.has(thread) && labels.includes(labelOf(thread)!)
  }
  return Object.assign(at, { has: threads.has })
}
