/** What a checkpoint must keep: other people's stops, other people's processes, and its own word. */

import { propertiesOver, type Properties } from '../src/index.js'
import { patience, state } from '../models/criu-freeze.js'

const { always, possible, reachable } = propertiesOver(state)

const properties: Properties = ({ foreign }) => [
  always('foreign-stop-preserved', 'After the checkpoint the group is frozen if and only if it was frozen before.', {
    when: (_, { dump }) => dump === 'return' || dump === 'end',
    holds: (s) => s.group === foreign,
  }),
  always('freeze-before-enumeration', 'Only tasks of the group are seized.', (s) => !s.strangerSeized),
  always('error-reported', 'A checkpoint that failed does not report success.', {
    when: (s) => s.result === 'ok',
    holds: (s) => !s.failed,
  }),
  always('bounded-wait', 'The freezer is asked again no more often than configured.', (s) => s.asked <= patience),
  possible('attempt-ends', 'Every checkpoint can come to its end.', (_, { dump }) => dump === 'end'),
  reachable('can-succeed', 'Some checkpoint succeeds.', (s) => s.result === 'ok' && !s.failed),
]

export default properties
