/** What stopping a block queue must keep: every request is served, and the attempt comes to its end. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/block-quiesce.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible, leadsTo } = propertiesOver(state)
const { accessOnlyWhile, drainBeforeTeardown } = templatesOver(state)

const properties: Properties = [
  drainBeforeTeardown({
    what: 'a virtqueue',
    says: 'Virtqueues are deleted only when no request is in them.',
    teardown: 'pm.virtio_reset_device',
    inFlight: (s) => s.ring.cpu0 + s.ring.cpu1 > 0,
  }),
  always('no-request-lost', 'No request is left without anybody to complete it.', (s) => s.lost === 0),
  accessOnlyWhile({
    what: 'a virtqueue',
    name: 'dispatch-to-live-queue',
    says: 'A request is put only into a virtqueue that exists.',
    access: 'block.dispatch',
    allowed: (s) => s.live,
  }),
  always(
    'ready-at-sleep',
    'When the machine sleeps, CPU 1 is down, the virtqueues are gone, and nothing is dispatched.',
    {
      when: (_, at) => at('pm', 'sleep'),
      holds: (s) => !s.cpu1 && !s.live && (s.quiesced || s.frozen),
    },
  ),
  always('everyone-back', 'Between two attempts CPU 1 runs and the queue takes and dispatches requests.', {
    when: (_, at) => at('pm', 'virtblk_freeze'),
    holds: (s) => s.cpu1 && s.live && !s.quiesced && !s.frozen,
  }),
  possible('attempt-ends', 'Every attempt to sleep can come to its end.', (_, at) => at('pm', 'virtblk_freeze')),
  leadsTo('attempt-returns', 'Every attempt comes to its end, whether or not the machine is woken.', {
    from: (_, at) => !at('pm', 'virtblk_freeze'),
    to: (_, at) => at('pm', 'virtblk_freeze'),
  }),
  possible('requests-served', 'Every request can still be served.', (s) =>
    [s.held, s.ring].every(({ cpu0, cpu1 }) => cpu0 + cpu1 === 0),
  ),
  reachable('can-sleep', 'Some attempt reaches the sleep state.', (_, at) => at('pm', 'sleep')),
]

export default properties
