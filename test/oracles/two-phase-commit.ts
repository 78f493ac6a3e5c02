/** Two-phase commit: a manager collects the votes of N resources; messages stay for ever. */

import {
  array,
  bool,
  env,
  environment,
  int,
  member,
  oneOf,
  over,
  parameter,
  propertiesOver,
  record,
} from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const parameters = { N: parameter(int(1, 7), 3, 'resources') }

const resource = (N: number) => member('resource', N)

const state = ({ N }: { N: number }) =>
  record({
    manager: oneOf('init', 'committed', 'aborted'),
    /** Told to commit, told to abort: broadcasts that were sent. */
    commit: bool(),
    abort: bool(),
    r: array(
      resource(N),
      record({ is: oneOf('working', 'prepared', 'committed', 'aborted'), voted: bool(), counted: bool() }),
    ),
  })

const { model, action } = over(state)
const { always, reachable } = propertiesOver(state)
const origin = env('the protocol')

const commit = model('two-phase-commit', {
  question: 'Do all resources decide the same?',
  parameters,
  actors: { manager: environment('decides'), resource: environment('votes and obeys') },
  initial: ({ N }) => ({
    manager: 'init' as const,
    commit: false,
    abort: false,
    r: upTo(N).map(() => ({ is: 'working' as const, voted: false, counted: false })),
  }),
  parts: ({ N }) => {
    const each = { origin, for: { i: resource(N) } }
    return [
      action('count', {
        actor: 'manager',
        ...each,
        when: (s, { i }) => s.manager === 'init' && s.r[i]!.voted,
        then: (d, { i }) => void (d.r[i]!.counted = true),
      }),
      action('commit', {
        actor: 'manager',
        origin,
        when: (s) => s.manager === 'init' && s.r.every(({ counted }) => counted),
        then: (d) => {
          d.manager = 'committed'
          d.commit = true
        },
      }),
      action('abort', {
        actor: 'manager',
        origin,
        when: (s) => s.manager === 'init',
        then: (d) => {
          d.manager = 'aborted'
          d.abort = true
        },
      }),
      action('prepare', {
        actor: 'resource',
        ...each,
        when: (s, { i }) => s.r[i]!.is === 'working',
        then: (d, { i }) => {
          d.r[i]!.is = 'prepared'
          d.r[i]!.voted = true
        },
      }),
      action('give-up', {
        actor: 'resource',
        ...each,
        when: (s, { i }) => s.r[i]!.is === 'working',
        then: (d, { i }) => void (d.r[i]!.is = 'aborted'),
      }),
      action('hear-commit', {
        actor: 'resource',
        ...each,
        when: (s) => s.commit,
        then: (d, { i }) => void (d.r[i]!.is = 'committed'),
      }),
      action('hear-abort', {
        actor: 'resource',
        ...each,
        when: (s) => s.abort,
        then: (d, { i }) => void (d.r[i]!.is = 'aborted'),
      }),
    ]
  },
})

const properties = [
  always(
    'consistent',
    'No resource commits while another aborts.',
    (s) => !(s.r.some(({ is }) => is === 'committed') && s.r.some(({ is }) => is === 'aborted')),
  ),
  reachable('can-commit', 'All may commit.', (s) => s.r.every(({ is }) => is === 'committed')),
]

const verdicts = { 'no-deadlock': 'holds', 'in-domain': 'holds', consistent: 'holds', 'can-commit': 'holds' } as const

export const oracles: readonly Oracle[] = [
  { N: 2, states: 56, orbits: 34 },
  { N: 3, states: 288, generated: 1146, levels: 11, orbits: 80 },
  { N: 4, states: 1568, orbits: 166 },
  { N: 5, states: 8832, generated: 58146, levels: 17, orbits: 314 },
  { N: 6, states: 50816, orbits: 553 },
  { N: 7, states: 296448, generated: 2744706, levels: 23, orbits: 920 },
].map(({ N, states, generated, levels, orbits }) => ({
  name: `Two-phase commit, ${N} resources`,
  source: `tlaplus/Examples TwoPhase, re-run with TLC, with and without SYMMETRY: ${states} distinct, ${orbits} orbits`,
  model: commit,
  properties,
  parameters: { N },
  states,
  orbits,
  ...(generated !== undefined && { transitions: generated - 1, depth: levels - 1 }),
  verdicts,
}))
