/** What must hold of virtio-console. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/console.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { requestServed, attemptTerminates, accessOnlyWhile, outcomeReal } = templatesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  accessOnlyWhile({
    what: 'the control queue',
    name: 'control-queue-exists',
    says: 'Nobody touches a control queue that the device does not have.',
    access: '*.virtqueue_disable_cb*',
    allowed: (s) => s.multiport,
  }),
  outcomeReal({
    what: 'the end of a file',
    name: 'no-spurious-end-of-file',
    says: 'A blocked reader is told that nobody is connected only when nobody is.',
    tell: 'reader.wait_event_freezable/eof',
    real: (s) => !s.host.open,
  }),
  requestServed({
    what: 'a blocked reader',
    name: 'reader-returns',
    says: 'A blocked reader returns when there is data for it, or nobody is connected.',
    queued: (s, at) =>
      at.reader !== undefined &&
      at.reader !== 'port_fops_read' &&
      s.tasks === 'running' &&
      s.sleeps === 0 &&
      (s.data || s.removed),
    served: (_s, at) => at.reader === 'port_fops_read',
  }),
  attemptTerminates({
    what: 'a sleep',
    name: 'sleep-begins',
    says: 'A sleep that is wanted begins: the freezer is not kept waiting.',
    attempt: (s, at) => s.tasks === 'running' && s.sleeps > 0 && (at.remove ?? 'device_lock') === 'device_lock',
    ended: (s, at) => s.tasks === 'frozen' || (at.remove ?? 'device_lock') !== 'device_lock',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'Unbinding the driver comes to an end.',
    attempt: (_s, at) => at.remove !== undefined && at.remove !== 'device_lock' && at.remove !== 'end',
    ended: (_s, at) => at.remove === 'end',
  }),
]

export default properties
