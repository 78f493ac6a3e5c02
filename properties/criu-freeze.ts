/** What a checkpoint must keep: other people's stops, other people's processes, and its own word. */

import { propertiesOver, type Properties } from '../src/index.js'
import { patience, state } from '../models/criu-freeze.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible } = propertiesOver(state)
const { stateAgrees } = templatesOver(state)

const properties: Properties = ({ foreign, device, final }) => [
  stateAgrees({
    what: 'the freeze of the group',
    name: 'foreign-stop-preserved',
    says: 'After the checkpoint the group, unless it was killed, is stopped if and only if it was before.',
    settled: (s, at) => at('dump', 'end') && !s.killed,
    one: (s) => s.group !== 'thawed',
    other: () => foreign !== 'thawed',
  }),
  always('freeze-before-enumeration', 'Only tasks of the group are seized, be it for a moment.', (s) =>
    s.task.every((task, i) => task !== 'stranger' || !s.held[i]),
  ),
  always('stranger-let-go', 'A stranger is not dumped.', {
    when: (_, at) => at('dump', 'dump_one_task'),
    holds: (s) => s.task.every((task, i) => task !== 'stranger' || !s.held[i]),
  }),
  always('all-held', 'Whoever is dumped is held: every task of the group that is there.', {
    when: (_, at) => at('dump', 'dump_one_task'),
    holds: (s) => s.task.every((task, i) => task !== 'in' || s.held[i]),
  }),
  always('error-reported', 'A checkpoint that failed does not report success.', {
    when: (s) => s.result === 'ok',
    holds: (s) => !s.failed,
  }),
  always('success-means-dumped', 'A checkpoint that reports success has dumped the tree.', {
    when: (s) => s.result === 'ok',
    holds: (s) => s.dumped,
  }),
  always('tree-as-asked', 'The tree is killed if that was asked for and the checkpoint succeeded, and never else.', {
    when: (_, at) => at('dump', 'end'),
    holds: (s) => s.killed === (final === 'killed' && s.result === 'ok'),
  }),
  always('bounded-wait', 'The freezer is asked again no more often than configured.', (s) => s.asked <= patience),
  possible('attempt-ends', 'Every checkpoint can come to its end.', (_, at) => at('dump', 'end')),
  reachable(
    'can-succeed',
    'Some checkpoint succeeds, with the device, if there is one, paused and a task of the group in it.',
    (s) =>
      s.result === 'ok' && !s.failed && (s.paused || device === 'none') && s.listed.some((_, i) => s.task[i] === 'in'),
  ),
]

export default properties
