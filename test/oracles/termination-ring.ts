/** Dijkstra's termination detection on a ring of three (EWD 840): a token collects stains. */

import { array, bool, env, int, over, propertiesOver, record, system, type ValueOf } from '../../src/index.js'
import type { Frozen } from '../../src/write/model.js'
import { upTo, type Oracle } from './oracle.js'

const N = 3
const state = record({ active: array(N, bool()), black: array(N, bool()), token: int(0, N - 1), stained: bool() })
type State = Frozen<ValueOf<typeof state>>
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('a node of the ring')

/** Why the token may go on: TLC generates a successor for each reason that holds. */
const reasons: Record<'passive' | 'black' | 'stained', (s: State, i: number) => boolean> = {
  passive: (s, i) => !s.active[i],
  black: (s, i) => s.black[i]!,
  stained: (s) => s.stained,
}

const bits = (n: number): boolean[] => upTo(N).map((i) => ((n >> i) & 1) === 1)

const ring = model('termination-ring', {
  question: 'When the first node sees a white token, is everybody passive?',
  actors: { node: system('computes and passes the token') },
  initial: () =>
    upTo(8).flatMap((active) =>
      upTo(8).flatMap((black) =>
        upTo(N).map((token) => ({ active: bits(active), black: bits(black), token, stained: true })),
      ),
    ),
  parts: () => [
    action('probe', {
      actor: 'node',
      origin,
      for: { why: ['stained', 'black'] },
      when: (s, { why }) => s.token === 0 && reasons[why](s, 0),
      then: (d) => {
        d.token = N - 1
        d.stained = false
        d.black[0] = false
      },
    }),
    action('pass', {
      actor: 'node',
      origin,
      for: { i: [1, 2], why: ['passive', 'black', 'stained'] },
      when: (s, { i, why }) => s.token === i && reasons[why](s, i),
      then: (d, { i }) => {
        d.token = i - 1
        d.stained ||= d.black[i]!
        d.black[i] = false
      },
    }),
    action('send', {
      actor: 'node',
      origin,
      for: { i: upTo(N), to: upTo(N) },
      when: (s, { i, to }) => i !== to && s.active[i]!,
      then: (d, { i, to }) => {
        d.active[to] = true
        if (to > i) d.black[i] = true
      },
    }),
    action('rest', {
      actor: 'node',
      origin,
      for: { i: upTo(N) },
      when: (s, { i }) => s.active[i]!,
      then: (d, { i }) => void (d.active[i] = false),
    }),
  ],
  resting: (s) => s.active.every((active) => !active),
})

export const oracles: readonly Oracle[] = [
  {
    name: 'EWD 840, 3 nodes',
    source: 'tlaplus/Examples ewd840, re-run with TLC: 302 distinct, 2,001 generated from 192 initial states, depth 9',
    model: ring,
    properties: [
      always('detected', 'What is detected as terminated has terminated.', {
        when: (s) => s.token === 0 && !s.stained && !s.black[0] && !s.active[0],
        holds: (s) => s.active.every((active) => !active),
      }),
    ],
    states: 302,
    transitions: 2001 - 192,
    depth: 8,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', detected: 'holds' },
  },
]
