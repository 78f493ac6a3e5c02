/** What must hold of the SUSPEND handshake. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-suspend.js'
import { templatesOver } from './templates.js'

const { stateMatchesHardware, accessOnlyWhile, noWorkAfterFreeze, attemptTerminates } = templatesOver(state)

const properties: Properties = [
  stateMatchesHardware({
    what: 'the device',
    name: 'suspended-is-suspended',
    says: 'While the driver believes the device to be suspended, it is.',
    claimed: (s) => s.believes === 'suspended',
    actual: (s) => s.device === 'suspended',
  }),
  accessOnlyWhile({
    what: 'the queue',
    name: 'no-buffer-while-suspending',
    says: 'From the request to suspend until the device runs again the driver makes no buffer available.',
    access: ['worker.virtqueue_add', 'worker.napi_poll/virtqueue_add'],
    allowed: (s) => s.believes === 'running',
  }),
  noWorkAfterFreeze({
    what: 'the device',
    name: 'suspended-device-is-silent',
    says: 'A suspended device consumes nothing and notifies nobody.',
    own: ['device.take', 'device.finish'],
    frozen: (s) => s.device === 'suspended',
  }),
  attemptTerminates({
    what: 'a request to suspend',
    name: 'suspend-ends',
    says: 'A request to suspend ends: suspended and resumed, or reset.',
    attempt: (s) => s.believes === 'asked',
    ended: (s) => s.believes === 'running',
  }),
]

export default properties
