/** What a checkpoint must keep: other people's stops, other people's processes, and its own word. */

import { propertiesOver, type Properties } from '../src/index.js'
import { patience, state } from '../models/criu-freeze.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible } = propertiesOver(state)
const { stateAgrees } = templatesOver(state)

const properties: Properties = ({ foreign }) => [
  stateAgrees({
    what: 'the freeze of the group',
    name: 'foreign-stop-preserved',
    says: 'After the checkpoint the group is frozen if and only if it was frozen before.',
    settled: (_, at) => at('dump', 'return') || at('dump', 'end'),
    one: (s) => s.group,
    other: () => foreign,
  }),
  always('freeze-before-enumeration', 'Only tasks of the group are seized.', (s) => !s.strangerSeized),
  always('error-reported', 'A checkpoint that failed does not report success.', {
    when: (s) => s.result === 'ok',
    holds: (s) => !s.failed,
  }),
  always('bounded-wait', 'The freezer is asked again no more often than configured.', (s) => s.asked <= patience),
  possible('attempt-ends', 'Every checkpoint can come to its end.', (_, at) => at('dump', 'end')),
  reachable(
    'can-succeed',
    'Some checkpoint succeeds, with the device paused and a task of the group in it.',
    (s) => s.result === 'ok' && !s.failed && s.paused && s.listed.some((listed, i) => listed && s.task[i] === 'in'),
  ),
]

export default properties
