/** Mutual exclusion for two: Peterson's algorithm and Dekker's, as threads. */

import { array, bool, env, member, over, propertiesOver, record, system } from '../../src/index.js'
import type { Oracle } from './oracle.js'

const two = member('process', 2)
const state = record({ wants: array(two, bool()), turn: two })
const { model, thread, step } = over(state)
const { always, possible } = propertiesOver(state)
const origin = env('one of the two')
const actors = { process: system('wants in') }
const both = { actor: 'process', for: { i: two } } as const

const peterson = model('peterson', {
  question: 'Is only one of two in its critical section?',
  actors,
  initial: () => [0, 1].map((turn) => ({ wants: [false, false], turn })),
  parts: () => [
    thread(
      'p',
      both,
      step('ask', { origin, then: (d, { i }) => void (d.wants[i] = true) }),
      step('yield', { origin, then: (d, { i }) => void (d.turn = i) }),
      step('wait', {
        origin,
        either: {
          in: { when: (s, { i }) => !s.wants[1 - i] || s.turn === 1 - i },
          spin: { when: (s, { i }) => s.wants[1 - i]! && s.turn === i, goto: 'wait' },
        },
      }),
      step('critical', { origin }),
      step('leave', { origin, then: (d, { i }) => void (d.wants[i] = false), goto: 'ask' }),
    ),
  ],
})

/** In the form of `ex/mux/dek.m`, whose wait ends when the turn is still the other's. */
const dekker = model('dekker', {
  question: 'Is only one of two in its critical section?',
  actors,
  initial: () => ({ wants: [false, false], turn: 0 }),
  parts: () => [
    thread(
      'p',
      both,
      step('lock', { origin, then: (d, { i }) => void (d.wants[i] = true) }),
      step('look', {
        origin,
        either: {
          free: { when: (s, { i }) => !s.wants[1 - i], goto: 'critical' },
          busy: { when: (s, { i }) => s.wants[1 - i]! },
        },
      }),
      step('whose-turn', {
        origin,
        either: {
          mine: { when: (s, { i }) => s.turn === i, goto: 'look' },
          other: { when: (s, { i }) => s.turn !== i },
        },
      }),
      step('unlock', { origin, then: (d, { i }) => void (d.wants[i] = false) }),
      step('wait', {
        origin,
        either: {
          on: { when: (s, { i }) => s.turn !== i },
          spin: { when: (s, { i }) => s.turn === i, goto: 'wait' },
        },
      }),
      step('lock-again', { origin, then: (d, { i }) => void (d.wants[i] = true), goto: 'look' }),
      step('critical', { origin }),
      step('leave', {
        origin,
        then: (d, { i }) => {
          d.wants[i] = false
          d.turn = 1 - i
        },
        goto: 'lock',
      }),
    ),
  ],
})

const exclusive = always('exclusive', 'Only one is in its critical section.', (_, at) =>
  ['p(0)', 'p(1)'].some((name) => !at(name, 'critical')),
)

const properties = [
  exclusive,
  possible('first-can-enter', 'The first can always get in again.', (_, at) => at('p(0)', 'critical')),
]

const verdicts = {
  'no-deadlock': 'holds',
  'in-domain': 'holds',
  exclusive: 'holds',
  'first-can-enter': 'holds',
} as const

export const oracles: readonly Oracle[] = [
  {
    name: 'Peterson',
    source: 'Murphi ex/mux/2_peterson.m: 26 states, 52 rules fired, re-run with Rumur',
    model: peterson,
    properties,
    states: 26,
    transitions: 52,
    // A property that names one of them tells them apart, so this is no search of orbits.
    verdicts,
  },
  {
    name: 'Dekker',
    source: 'Murphi ex/mux/dek.m, re-run with Rumur: 100 states, 200 rules fired',
    model: dekker,
    properties,
    states: 100,
    transitions: 200,
    // A process that waits while the other leaves waits for ever in this form; found by hand as well: the first goes
    // through and asks again while the second is inside, finds it is not its turn, and then the second leaves.
    verdicts: { ...verdicts, 'first-can-enter': 11 },
  },
  {
    name: 'Peterson, by orbits',
    source: 'the same with exhaustive symmetry reduction: 13 states, re-run with Rumur',
    model: peterson,
    properties: [exclusive],
    states: 26,
    transitions: 52,
    orbits: 13,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', exclusive: 'holds' },
  },
]
