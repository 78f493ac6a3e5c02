/** What must hold of netfront's queues. */

import { state } from '../models/netfront-queues.js'
import { propertiesOver } from '../src/index.js'

const { always, possible } = propertiesOver(state)

export default [
  always('no-null-ring', 'Polling uses no ring that is gone.', (s) => s.oops !== 'NULL ring'),
  always('no-null-queues', 'Removing the device stops no queue that is gone.', (s) => s.oops !== 'NULL queues'),
  possible('reconnects', 'The device can always be connected again, or is removed.', (s) => s.carrier || s.removed),
]
