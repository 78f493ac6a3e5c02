/** Transaction commit without messages: what two-phase commit implements. */

import { array, env, environment, oneOf, over, propertiesOver, record } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const state = record({ r: array(3, oneOf('working', 'prepared', 'committed', 'aborted')) })
const { model, action } = over(state)
const { always } = propertiesOver(state)
const each = { actor: 'resource', origin: env('a resource'), for: { i: upTo(3) } }

const commit = model('transaction-commit', {
  question: 'Do all resources decide the same?',
  actors: { resource: environment('prepares and decides') },
  initial: () => ({ r: upTo(3).map(() => 'working' as const) }),
  parts: () => [
    action('prepare', {
      ...each,
      when: (s, { i }) => s.r[i] === 'working',
      then: (d, { i }) => void (d.r[i] = 'prepared'),
    }),
    action('commit', {
      ...each,
      when: (s, { i }) => s.r[i] === 'prepared' && s.r.every((is) => is === 'prepared' || is === 'committed'),
      then: (d, { i }) => void (d.r[i] = 'committed'),
    }),
    action('abort', {
      ...each,
      when: (s, { i }) => (s.r[i] === 'working' || s.r[i] === 'prepared') && !s.r.includes('committed'),
      then: (d, { i }) => void (d.r[i] = 'aborted'),
    }),
  ],
  resting: (s) => s.r.every((is) => is === 'committed') || s.r.every((is) => is === 'aborted'),
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Transaction commit, 3 resources',
    source: 'tlaplus/Examples TCommit, re-run with TLC: 34 distinct, 94 generated, depth 7',
    model: commit,
    properties: [
      always(
        'consistent',
        'No resource commits while another aborts.',
        (s) => !(s.r.includes('committed') && s.r.includes('aborted')),
      ),
    ],
    states: 34,
    transitions: 93,
    depth: 6,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', consistent: 'holds' },
  },
]
