/** Dining philosophers twice: with a monitor that hands out both forks at once, and with an ordered pair of forks. */

import { array, bool, env, int, over, parameter, propertiesOver, record, system } from '../../src/index.js'
import { upTo, type Oracle } from './oracle.js'

const origin = env('a philosopher')
const parameters = { N: parameter(int(2, 8), 4, 'philosophers') }
const actors = { table: system('the philosophers') }

const monitored = ({ N }: { N: number }) => record({ forks: array(N, int(0, 2)) })

function monitor() {
  const { model, thread, step } = over(monitored)
  return model('philosophers-monitor', {
    question: 'Does everybody who eats have two forks?',
    parameters,
    actors,
    initial: ({ N }) => ({ forks: upTo(N).map(() => 2) }),
    parts: ({ N }) => {
      const neighbours = (i: number): number[] => [(i + N - 1) % N, (i + 1) % N]
      return [
        thread(
          'phil',
          { actor: 'table', for: { i: upTo(N) } },
          step('think', { origin, either: { on: { goto: 'think' }, done: {} } }),
          step('take', {
            origin,
            either: {
              both: {
                when: (s, { i }) => s.forks[i] === 2,
                then: (d, { i }) => neighbours(i).forEach((j) => d.forks[j]!--),
              },
              wait: { when: (s, { i }) => s.forks[i] !== 2, goto: 'take' },
            },
          }),
          step('eat', { origin, either: { on: { goto: 'eat' }, done: {} } }),
          step('release', {
            origin,
            then: (d, { i }) => neighbours(i).forEach((j) => d.forks[j]!++),
            goto: 'think',
          }),
        ),
      ]
    },
  })
}

const ordered = ({ N }: { N: number }) => record({ taken: array(N, bool()) })

function order() {
  const { model, thread, step } = over(ordered)
  return model('philosophers-order', {
    question: 'Do neighbours never eat together, and does nobody starve by deadlock?',
    parameters,
    actors,
    initial: ({ N }) => ({ taken: upTo(N).map(() => false) }),
    parts: ({ N }) => {
      const first = (i: number): number => (i === N - 1 ? 0 : i)
      const second = (i: number): number => (i === N - 1 ? N - 1 : i + 1)
      return [
        thread(
          'phil',
          { actor: 'table', for: { i: upTo(N) } },
          step('think', { origin }),
          step('hungry', {
            origin,
            when: (s, { i }) => !s.taken[first(i)],
            then: (d, { i }) => void (d.taken[first(i)] = true),
          }),
          step('one', {
            origin,
            when: (s, { i }) => !s.taken[second(i)],
            then: (d, { i }) => void (d.taken[second(i)] = true),
          }),
          step('eat', { origin, then: (d, { i }) => void (d.taken[second(i)] = false) }),
          step('release', { origin, then: (d, { i }) => void (d.taken[first(i)] = false), goto: 'think' }),
        ),
      ]
    },
  })
}

const two = propertiesOver(monitored).always(
  'two-forks',
  'Both forks of everybody who eats are there for him.',
  (s, at) => s.forks.every((free, i) => !at(`phil(${i})`, 'eat') || free === 2),
)

const apart = propertiesOver(ordered).always('apart', 'Neighbours do not eat together.', (s, at) =>
  s.taken.every((_, i) => !at(`phil(${i})`, 'eat') || !at(`phil(${(i + 1) % s.taken.length})`, 'eat')),
)

const clean = { 'no-deadlock': 'holds', 'in-domain': 'holds' } as const

export const oracles: readonly Oracle[] = [
  ...[
    [3, 32, 144],
    [4, 112, 672],
    [5, 352, 2640],
    [6, 1152, 10368],
  ].map(([N, states, transitions]) => ({
    name: `Dining philosophers with a monitor, N=${N}`,
    source: `Murphi ex/others/dp4.m, re-run with Rumur: ${states} states, ${transitions} rules fired`,
    model: monitor(),
    properties: [two],
    parameters: { N: N! },
    states: states!,
    transitions: transitions!,
    verdicts: { ...clean, 'two-forks': 'holds' as const },
  })),
  {
    name: 'Dining philosophers with ordered forks, N=8',
    source: 'the comparison model for SPIN, Rumur and TLC: 125,440 states, 837,904 transitions',
    model: order(),
    properties: [apart],
    parameters: { N: 8 },
    states: 125440,
    transitions: 837904,
    verdicts: { ...clean, apart: 'holds' },
  },
]
