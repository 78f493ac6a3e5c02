/** Stateright's two small examples: a counter that two threads increment without a lock, and a pair of processes. */

import { array, env, int, member, oneOf, over, propertiesOver, record, system } from '../../src/index.js'
import type { Oracle } from './oracle.js'

const origin = env('a thread')

const two = member('thread', 2)
const counted = record({ shared: int(0, 2), local: array(two, int(0, 2)) })

function counter() {
  const { model, thread, step } = over(counted)
  return model('shared-counter', {
    question: 'Does the counter count the threads that are done?',
    actors: { thread: system('increments') },
    initial: () => ({ shared: 0, local: [0, 0] }),
    parts: () => [
      thread(
        't',
        { actor: 'thread', for: { i: two } },
        step('read', { origin, then: (d, { i }) => void (d.local[i] = d.shared) }),
        step('write', { origin, then: (d, { i }) => void (d.shared = d.local[i]! + 1) }),
      ),
    ],
    resting: (_, at) => at('t(0)', 'end') && at('t(1)', 'end'),
  })
}

const fin = propertiesOver(counted).always(
  'fin',
  'The counter equals the number of threads that are done.',
  (s, at) => s.shared === ['t(0)', 't(1)'].filter((name) => at(name, 'end')).length,
)

const running = record({ is: array(two, oneOf('loading', 'running', 'paused')) })

function pair() {
  const { model, action } = over(running)
  return model('process-pair', {
    question: 'How many states do two independent processes have?',
    actors: { process: system('loads, runs, pauses') },
    initial: () => ({ is: ['loading' as const, 'loading' as const] }),
    parts: () => [
      action('go-on', {
        actor: 'process',
        origin,
        for: { i: two },
        then: (d, { i }) => void (d.is[i] = d.is[i] === 'running' ? 'paused' : 'running'),
      }),
    ],
  })
}

const loaded = propertiesOver(running).step('loaded-once', 'A process that has loaded never loads again.', {
  when: (before) => before.is.some((is) => is !== 'loading'),
  holds: (before, after) => before.is.every((is, i) => is === 'loading' || after.is[i] !== 'loading'),
})

export const oracles: readonly Oracle[] = [
  {
    name: 'Unlocked counter, 2 threads',
    source:
      'Stateright examples/increment.rs: 13 states, 8 under symmetry, "fin" violated; by hand in 4 steps: read, read, write, write',
    model: counter(),
    properties: [fin],
    states: 13,
    orbits: 8,
    depth: 4,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', fin: 4 },
  },
  {
    name: 'Process pair',
    source:
      'Stateright src/checker/dfs.rs: 9 states, 6 under symmetry; 18 transitions by hand, one for each process in each state',
    model: pair(),
    properties: [loaded],
    states: 9,
    orbits: 6,
    transitions: 18,
    depth: 4,
    verdicts: { 'no-deadlock': 'holds', 'in-domain': 'holds', 'loaded-once': 'holds' },
  },
]
