/** What must hold of netfront's queues. */

import { state } from '../models/netfront-queues.js'
import { propertiesOver } from '../src/index.js'

const { always, possible } = propertiesOver(state)

export default [
  always('no-null-ring', 'Polling uses no ring that is gone.', (s) => s.oops !== 'NULL ring'),
  always('no-null-queues', 'Removing the device stops no queue that is gone.', (s) => s.oops !== 'NULL queues'),
  always(
    'all-or-nothing',
    'A carrier means queues and rings; whoever can be polled has rings, unless a resume holds the tasks.',
    (s, at) =>
      (!s.carrier || (s.rings && s.queues === 'some')) &&
      (s.rings || s.napi === 'off' || !at('netfront_resume', 'netif_device_detach')),
  ),
  possible('reconnects', 'A device that is not removed can always be connected again.', {
    when: (_, at) => at('xennet_remove', 'idle'),
    holds: (s) => s.carrier,
  }),
]
