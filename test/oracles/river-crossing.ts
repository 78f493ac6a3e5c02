/** Three missionaries and three cannibals, each with a name, and a boat for two. */

import { array, bool, env, environment, over, propertiesOver, record } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

/** People 0 to 2 are missionaries, 3 to 5 cannibals; true means across the river. */
const state = record({ boat: bool(), across: array(6, bool()) })
const { model, action } = over(state)
const { always } = propertiesOver(state)

type Reason = 'no-missionary' | 'not-outnumbered'

/** Why a bank is safe: TLC generates a successor for each reason that holds, so twice for an empty bank. */
const reasons: Record<Reason, (missionaries: number, cannibals: number) => boolean> = {
  'no-missionary': (missionaries) => missionaries === 0,
  'not-outnumbered': (missionaries, cannibals) => cannibals <= missionaries,
}

function safe(across: readonly boolean[], side: boolean, why: Reason): boolean {
  const count = (first: number): number => upTo(3).filter((i) => across[first + i] === side).length
  return reasons[why](count(0), count(3))
}

/** Everybody's side after the boat has taken the crew over. */
const moved = (across: readonly boolean[], crew: readonly number[]): boolean[] =>
  across.map((side, person) => (crew.includes(person) ? !side : side))

const crossing = (name: string, crew: readonly number[]) =>
  action(name, {
    actor: 'crew',
    origin: env('who takes the boat'),
    for: { here: ['no-missionary', 'not-outnumbered'], there: ['no-missionary', 'not-outnumbered'] },
    when: (s, { here, there }) => {
      if (crew.some((person) => s.across[person] !== s.boat)) return false
      const after = moved(s.across, crew)
      return safe(after, s.boat, here) && safe(after, !s.boat, there)
    },
    then: (d) => {
      d.across = moved(d.across, crew)
      d.boat = !d.boat
    },
  })

const river = model('river-crossing', {
  question: 'Can all six cross?',
  actors: { crew: environment('rows') },
  initial: () => ({ boat: false, across: upTo(6).map(() => false) }),
  parts: () => [
    ...upTo(6).map((a) => crossing(`alone-${a}`, [a])),
    ...upTo(6).flatMap((a) =>
      upTo(6)
        .filter((b) => a < b)
        .map((b) => crossing(`pair-${a}-${b}`, [a, b])),
    ),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Missionaries and cannibals',
    source:
      'tlaplus/Examples MissionariesAndCannibals, re-run with TLC: 64 distinct, 283 generated, depth 13; goal in 12 states',
    model: river,
    properties: [always('someone-stays', 'Somebody is left on the first bank.', (s) => s.across.includes(false))],
    states: 64,
    transitions: 282,
    depth: 12,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'someone-stays': 11 },
  },
]
