/** What sleep operations must keep among themselves. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/single-flight.js'

const { always, step, possible, reachable } = propertiesOver(state)

const properties: Properties = [
  step('no-stale-request', 'A request from before a resume is not carried out after it.', {
    on: 'work.begin',
    holds: (before) => !before.stale,
  }),
  step(
    'single-flight',
    'An operation begins only when no other holds the lock, and stops machines only while it does.',
    {
      on: ['work.lock', 'work.stop-machines'],
      holds: (before, _, { step: taken }) => before.lock === (taken === 'work.stop-machines'),
    },
  ),
  always('ownership-returned', 'Between two operations the lock is free, no helper runs and no machine is stopped.', {
    when: (_, at) => at('work', 'begin'),
    holds: (s) => !s.lock && s.helper === 'idle' && !s.told,
  }),
  always('time-transparent', 'The clocks of all machines are right after a sleep.', (s) => s.clock === 'right'),
  possible('attempt-ends', 'Every operation can come to its end.', (_, at) => at('work', 'begin')),
  reachable('can-sleep', 'Some operation reaches the sleep.', (_, at) => at('work', 'sleep')),
]

export default properties
