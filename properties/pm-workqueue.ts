/** What a sleep owes to work that was queued: it is not waited for in vain, and does nothing twice. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/pm-workqueue.js'

const { always, leadsTo } = propertiesOver(state)

const properties: Properties = (parameters) => [
  ...kernelProperties(model, { parameters }),
  always('urb-submitted-once', 'The URB of a hub is submitted only while it is not.', (s) => !s.twice),
  leadsTo('attempt-ends', 'An attempt to sleep ends, with the queues running again.', {
    from: (s) => s.hub === 'suspended',
    to: (s, at) => at('pm', 'end') && !s.system_wq.frozen,
  }),
]

export default properties
