/** What must hold of two devices that are frozen in parallel. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-parallel.js'
import { templatesOver } from './templates.js'

const { requestServed, attemptTerminates, drainBeforeTeardown } = templatesOver(state)

const properties: Properties = [
  attemptTerminates({
    what: 'a sleep',
    name: 'sleep-ends',
    says: 'A sleep that begins comes to its end.',
    attempt: (s) => s.phase === 'suspending',
    ended: (s) => s.phase === 'running',
  }),
  attemptTerminates({
    what: 'holding rtnl_lock',
    name: 'lock-holder-goes-on',
    says: 'Whoever holds rtnl_lock lets it go.',
    attempt: (s) => s.rtnl === 'holder',
    ended: (s) => s.rtnl !== 'holder',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'removal-ends',
    says: 'The removal of a disk that was pulled out comes to an end.',
    attempt: (s, at) => s.unplugged && at.remove !== 'end',
    ended: (_s, at) => at.remove === 'end',
  }),
  requestServed({
    what: 'a request',
    name: 'request-ends',
    says: 'Every request ends, with data or an error.',
    queued: (s) => s.request.io === 'entered',
    served: (s) => s.request.io === 'none' || s.request.io === 'done',
  }),
  drainBeforeTeardown({
    what: 'the disk',
    name: 'nothing-in-the-ring-at-reset',
    says: 'The disk is reset with no request in its ring, unless it is gone.',
    teardown: 'blk.virtio_reset_device',
    inFlight: (s) => !s.unplugged && (s.request.io === 'in the ring' || s.request.holder === 'in the ring'),
  }),
]

export default properties
