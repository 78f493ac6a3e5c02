/** What must hold of two devices that are frozen in parallel. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio-parallel.js'

const { step, leadsTo } = propertiesOver(state)

const properties: Properties = [
  leadsTo('sleep-ends', 'A sleep that begins comes to its end.', {
    from: (s) => s.phase === 'suspending',
    to: (s) => s.phase === 'running',
  }),
  leadsTo('lock-holder-goes-on', 'Whoever holds rtnl_lock lets it go.', {
    from: (s) => s.rtnl === 'holder',
    to: (s) => s.rtnl !== 'holder',
  }),
  leadsTo('removal-ends', 'The removal of a disk that was pulled out comes to an end.', {
    from: (s, at) => s.unplugged && at.remove !== 'end',
    to: (_s, at) => at.remove === 'end',
  }),
  leadsTo('request-ends', 'Every request ends, with data or an error.', {
    from: (s) => s.request.io === 'entered',
    to: (s) => s.request.io === 'none' || s.request.io === 'done',
  }),
  step('nothing-in-the-ring-at-reset', 'The disk is reset with no request in its ring, unless it is gone.', {
    on: 'blk.virtio_reset_device',
    holds: (before) =>
      before.unplugged || (before.request.io !== 'in the ring' && before.request.holder !== 'in the ring'),
  }),
]

export default properties
