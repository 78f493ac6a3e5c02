/** What must hold of the SUSPEND handshake. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio-suspend.js'

const { always, step, leadsTo } = propertiesOver(state)

const properties: Properties = [
  always('suspended-is-suspended', 'While the driver believes the device to be suspended, it is.', {
    when: (s) => s.believes === 'suspended',
    holds: (s) => s.device === 'suspended',
  }),
  step(
    'no-buffer-while-suspending',
    'From the request to suspend until the device runs again the driver makes no buffer available.',
    {
      on: ['worker.virtqueue_add', 'worker.napi_poll/virtqueue_add'],
      holds: (before) => before.believes === 'running',
    },
  ),
  step('suspended-device-is-silent', 'A suspended device consumes nothing and notifies nobody.', {
    on: ['device.take', 'device.finish'],
    holds: (before) => before.device !== 'suspended',
  }),
  leadsTo('suspend-ends', 'A request to suspend ends: suspended and resumed, or reset.', {
    from: (s) => s.believes === 'asked',
    to: (s) => s.believes === 'running',
  }),
]

export default properties
