/** Chang and Roberts: on a one-way ring of three, the initiator with the least identity wins. */

import { array, bool, env, oneOf, over, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const N = 3
const state = record({
  initiator: array(N, bool()),
  is: array(N, oneOf('candidate', 'lost', 'won')),
  /** `inbox[i][id]`: a message with that identity waits at node i. */
  inbox: array(N, array(N, bool())),
})
const { model, thread, step } = over(state)
const { always } = propertiesOver(state)
const origin = env('a node of the ring')
const next = (i: number): number => (i + 1) % N

const ring = model('leader-election', {
  question: 'Does the least initiator win, and nobody else?',
  actors: { node: system('passes identities on') },
  initial: () =>
    upTo(8).map((n) => {
      const initiator = upTo(N).map((i) => ((n >> i) & 1) === 1)
      return {
        initiator,
        is: initiator.map((begins) => (begins ? ('candidate' as const) : ('lost' as const))),
        inbox: upTo(N).map(() => upTo(N).map(() => false)),
      }
    }),
  parts: () => [
    thread(
      'node',
      { actor: 'node', for: { i: upTo(N) } },
      step('begin', {
        origin,
        then: (d, { i }) => {
          if (d.initiator[i]) d.inbox[next(i)]![i] = true
        },
      }),
      step('receive', {
        origin,
        for: { id: upTo(N) },
        when: (s, { i, id }) => s.inbox[i]![id]!,
        then: (d, { i, id }) => {
          d.inbox[i]![id] = false
          if (d.is[i] !== 'lost' && id < i) d.is[i] = 'lost'
          else if (d.is[i] !== 'lost') {
            if (id === i) d.is[i] = 'won'
            return
          }
          d.inbox[next(i)]![id] = true
        },
        goto: 'receive',
      }),
    ),
  ],
  resting: (s) => s.inbox.every((waiting) => !waiting.includes(true)),
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Chang-Roberts, 3 nodes',
    source:
      'tlaplus/Examples chang_roberts, re-run with TLC: 137 distinct, 227 generated from 8 initial states, depth 10',
    model: ring,
    properties: [
      always('one-leader', 'A winner is the least initiator, and all others have lost.', {
        when: (s) => s.is.includes('won'),
        holds: (s) =>
          s.is.every(
            (is, i) =>
              is !== 'won' ||
              (s.initiator[i]! && upTo(N).every((j) => j === i || (s.is[j] === 'lost' && (!s.initiator[j] || j > i)))),
          ),
      }),
    ],
    states: 137,
    transitions: 227 - 8,
    depth: 9,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'one-leader': 'holds' },
  },
]
