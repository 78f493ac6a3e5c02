/** Makes a found run shorter: exhaustive search around it, for shortcuts back to it and for nearer violations. */

import type { BrokenRun, RunJudge, Trail } from './run-judge.js'

/** A catch that no search around it makes shorter. */
export interface Shortened {
  readonly found: BrokenRun
  /** Whether everything nearer was searched: no shorter run breaks the property. */
  readonly shortest: boolean
}

/** States that one search may look at: from the start, and from any other state of the run. */
const budget = { start: 100_000, elsewhere: 5_000 }

/** Shortens until nothing changes. Breadth-first searches from every state of the run, each within a budget. */
export function shorten(judge: RunJudge, given: BrokenRun): Shortened {
  let found = given
  for (let from = 0; from < found.trail.by.length;) {
    const { better, whole } = detour(judge, found, from)
    if (from === 0 && !better && whole) return { found, shortest: true }
    found = better ?? found
    from = better ? 0 : from + 1
  }
  return { found, shortest: found.trail.by.length === 0 }
}

interface Detour {
  /** A shorter catch of the same property. */
  readonly better?: BrokenRun
  /** Whether every state nearer than the end of the run was looked at, and each by itself tells whether it is a catch. */
  readonly whole: boolean
}

function detour(judge: RunJudge, { suspect, trail }: BrokenRun, from: number): Detour {
  const most = from === 0 ? budget.start : budget.elsewhere
  const search = new Front(judge, trail, from)
  const position = new Map(trail.ids.map((id, i) => [id, i]))
  let best: BrokenRun | undefined
  const propose = (proposal: Trail): void => {
    const shorter = proposal.by.length < (best?.trail.by.length ?? trail.by.length)
    const judged = shorter ? judge.broken(proposal, suspect) : undefined
    if (judged && judged.trail.by.length < (best ?? { trail }).trail.by.length) best = judged
  }
  for (const { id, depth } of search.states()) {
    if (from + depth >= (best ?? { trail }).trail.by.length) break
    if (search.size > most) return { ...(best && { better: best }), whole: false }
    const place = judge.graph.at(id)
    const here = place.breaks.length > 0 ? judge.here(place, suspect) : undefined
    if (here || judge.endsAt(suspect, id)) propose(search.trailTo(id))
    const rejoined = position.get(id)
    if (rejoined !== undefined && rejoined > from + depth) {
      const { ids, by } = search.trailTo(id)
      propose({ ids: [...ids, ...trail.ids.slice(rejoined + 1)], by: [...by, ...trail.by.slice(rejoined)] })
    }
  }
  return { ...(best && { better: best }), whole: judge.local(suspect) }
}

/** A breadth-first search that starts on a trail: at its start, from every initial state. */
class Front {
  private readonly parents = new Map<number, { readonly before: number; readonly by: number; readonly depth: number }>()

  constructor(
    private readonly judge: RunJudge,
    private readonly trail: Trail,
    private readonly from: number,
  ) {
    const starts = from === 0 ? judge.graph.initials : [trail.ids[from]!]
    for (const id of starts) this.parents.set(id, { before: -1, by: -1, depth: 0 })
  }

  get size(): number {
    return this.parents.size
  }

  *states(): Generator<{ readonly id: number; readonly depth: number }> {
    for (const [id, { depth }] of this.parents) {
      yield { id, depth }
      const { taken, to } = this.judge.graph.at(id)
      for (let i = 0; i < to.length; i++)
        if (!this.parents.has(to[i]!)) this.parents.set(to[i]!, { before: id, by: taken[i]!, depth: depth + 1 })
    }
  }

  trailTo(id: number): Trail {
    const ids = [id]
    const by: number[] = []
    for (let step = this.parents.get(id)!; step.before >= 0; step = this.parents.get(step.before)!) {
      ids.unshift(step.before)
      by.unshift(step.by)
    }
    const head = { ids: this.trail.ids.slice(0, this.from), by: this.trail.by.slice(0, this.from) }
    return { ids: [...head.ids, ...ids], by: [...head.by, ...by] }
  }
}
