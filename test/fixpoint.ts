/** What a description means, by the definition: the least set of states that is closed under moves. */

import { misfit } from '../src/write/domain.js'
import type { Standing } from '../src/write/model.js'
import type { SystemState } from '../src/search/reference.js'
import { movesOf, startOf, type Description } from './plain-models.js'

/** Larger spaces are left out: the laws are about every kind of state and effect, not about size. */
const most = 120

/** A state of the whole system as text. */
export const key = ({ state, at }: SystemState): string => JSON.stringify([state, at])

/** The reachable states by the definition: the least set that holds the initial states and is closed under moves. */
export interface Fixpoint {
  /** The round in which each state was added: its distance from the initial states. */
  readonly round: ReadonlyMap<string, number>
  /** Every move that was made, from state to state. */
  readonly edges: readonly { readonly from: string; readonly by: string; readonly to: string }[]
  readonly transitions: number
  /** States in which a move is allowed that fails or leaves the domain. */
  readonly faulty: ReadonlySet<string>
}

/** The fixpoint of a description, or undefined if it is too large; broken off after the first round with a fault. */
export function fixpoint(description: Description): Fixpoint | undefined {
  const moves = movesOf(description)
  const round = new Map<string, number>()
  const faulty = new Set<string>()
  const edges: { from: string; by: string; to: string }[] = []
  let transitions = 0
  let fresh = description.initials.map((state) => key({ state, at: startOf(description) }))
  for (let rounds = 0; fresh.length > 0; rounds++) {
    fresh.forEach((text) => round.set(text, rounds))
    if (round.size > most) return undefined
    const next = new Set<string>()
    for (const text of new Set(fresh)) {
      const [state, at] = JSON.parse(text) as [unknown, Standing]
      for (const move of moves.filter(({ allowed }) => allowed(state, at))) {
        transitions++
        const after = move.after(state)
        if (after === undefined || misfit(description.shape, after)) faulty.add(text)
        else {
          const to = key({ state: after, at: move.atAfter(at) })
          edges.push({ from: text, by: move.name, to })
          next.add(to)
        }
      }
    }
    fresh = [...next].filter((text) => !round.has(text))
    if (faulty.size > 0) break
  }
  return { round, edges, transitions, faulty }
}
