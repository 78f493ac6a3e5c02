/** What must hold of virtio-console. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio/console.js'
import * as contract from './virtio/contract.js'

const { step, leadsTo } = propertiesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  step('control-queue-exists', 'Nobody touches a control queue that the device does not have.', {
    on: '*.virtqueue_disable_cb*',
    holds: (before) => before.multiport,
  }),
  step('no-spurious-end-of-file', 'A blocked reader is told that nobody is connected only when nobody is.', {
    on: 'reader.wait_event_freezable/eof',
    holds: (before) => !before.host.open,
  }),
  leadsTo('reader-returns', 'A blocked reader returns when there is data for it, or nobody is connected.', {
    from: (s, at) =>
      at.reader !== undefined &&
      at.reader !== 'port_fops_read' &&
      s.tasks === 'running' &&
      s.sleeps === 0 &&
      (s.data || s.removed),
    to: (_s, at) => at.reader === 'port_fops_read',
  }),
  leadsTo('sleep-begins', 'A sleep that is wanted begins: the freezer is not kept waiting.', {
    from: (s, at) => s.tasks === 'running' && s.sleeps > 0 && (at.remove ?? 'device_lock') === 'device_lock',
    to: (s, at) => s.tasks === 'frozen' || (at.remove ?? 'device_lock') !== 'device_lock',
  }),
  leadsTo('remove-ends', 'Unbinding the driver comes to an end.', {
    from: (_s, at) => at.remove !== undefined && at.remove !== 'device_lock' && at.remove !== 'end',
    to: (_s, at) => at.remove === 'end',
  }),
]

export default properties
