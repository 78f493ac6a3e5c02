/** What must hold of netfront's queues. */

import { state } from '../models/netfront-queues.js'
import { propertiesOver } from '../src/index.js'

const { always, possible } = propertiesOver(state)

export default [
  always('no-null-ring', 'Polling uses no ring that is gone.', (s) => s.oops !== 'NULL ring'),
  always('no-null-queues', 'Removing the device stops no queue that is gone.', (s) => s.oops !== 'NULL queues'),
  always(
    'all-or-nothing',
    'A carrier means queues and rings; between disconnect and reconnect there are neither.',
    (s, at) =>
      s.carrier
        ? s.rings && s.queues === 'some' && s.napi === 'on'
        : !at('netfront_resume', 'netif_carrier_off') || (!s.rings && s.queues === 'none' && s.napi === 'off'),
  ),
  possible('reconnects', 'A device that is not removed can always be connected again.', {
    when: (s) => !s.removed,
    holds: (s) => s.carrier,
  }),
]
