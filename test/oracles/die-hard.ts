/** Two jugs of three and five gallons and a tap. */

import { env, environment, int, over, propertiesOver, record } from '../../src/index.js'
import type { Oracle } from './oracle.js'

const state = record({ small: int(0, 3), big: int(0, 5) })
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('someone at the tap')
const by = { actor: 'hero', origin }

const jugs = model('die-hard', {
  question: 'Can four gallons be measured?',
  actors: { hero: environment('fills, empties and pours') },
  initial: () => ({ small: 0, big: 0 }),
  parts: () => [
    action('fill-small', { ...by, then: (d) => void (d.small = 3) }),
    action('fill-big', { ...by, then: (d) => void (d.big = 5) }),
    action('empty-small', { ...by, then: (d) => void (d.small = 0) }),
    action('empty-big', { ...by, then: (d) => void (d.big = 0) }),
    action('small-to-big', {
      ...by,
      then: (d) => {
        const poured = Math.min(d.small, 5 - d.big)
        d.small -= poured
        d.big += poured
      },
    }),
    action('big-to-small', {
      ...by,
      then: (d) => {
        const poured = Math.min(d.big, 3 - d.small)
        d.big -= poured
        d.small += poured
      },
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Die Hard',
    source: 'tlaplus/Examples DieHard, re-run with TLC: 16 distinct, 97 generated, depth 8; big /= 4 fails in 7 states',
    model: jugs,
    properties: [always('never-four', 'The big jug never holds four gallons.', (s) => s.big !== 4)],
    states: 16,
    transitions: 96,
    depth: 7,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'never-four': 6 },
  },
]
