/** Four prisoners and a room with two switches: one of them counts. */

import { array, bool, env, environment, int, over, propertiesOver, record } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const state = record({ a: bool(), b: bool(), switched: array(3, int(0, 2)), count: int(0, 7) })
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('the warden leads somebody into the room')

const prison = model('prisoners', {
  question: 'When the counter speaks up, has everybody been in the room?',
  actors: { warden: environment('chooses who goes') },
  initial: () => [false, true].flatMap((a) => [false, true].map((b) => ({ a, b, switched: [0, 0, 0], count: 0 }))),
  parts: () => [
    action('counter', {
      actor: 'warden',
      origin,
      then: (d) => {
        if (d.a) {
          d.a = false
          d.count++
        } else d.b = !d.b
      },
    }),
    action('other', {
      actor: 'warden',
      origin,
      for: { i: upTo(3) },
      then: (d, { i }) => {
        if (!d.a && d.switched[i]! < 2) {
          d.a = true
          d.switched[i]!++
        } else d.b = !d.b
      },
    }),
  ],
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Prisoners, 4',
    source: 'tlaplus/Examples Prisoners, re-run with TLC: 214 distinct, 860 generated from 4 initial states, depth 14',
    model: prison,
    properties: [
      always('all-were-there', 'Whoever is counted as having been there was there.', {
        when: (s) => s.count === 6,
        holds: (s) => s.switched.every((times) => times > 0),
      }),
    ],
    states: 214,
    transitions: 856,
    depth: 13,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'all-were-there': 'holds' },
  },
]
