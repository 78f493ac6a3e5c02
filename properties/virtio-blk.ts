/** What must hold of virtio-blk. */

import type { Properties } from '../src/index.js'
import { queues, state } from '../models/virtio/blk.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { requestServed, attemptTerminates, setUpOnce, releasedOnce, accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  ...queues.map((q) =>
    requestServed({
      what: 'a block request',
      name: `request-${q}-completes`,
      says: 'Every request that the disk has accepted is completed or ends with an error.',
      queued: (_s, at) => at[`io-${q}`] !== undefined && at[`io-${q}`] !== 'blk_queue_enter',
      served: (_s, at) => at[`io-${q}`] === 'blk_queue_enter',
    }),
  ),
  requestServed({
    what: 'a configuration change',
    name: 'config-change-delivered',
    says: 'A configuration change that comes during a sleep is delivered to the driver after it.',
    queued: (s) => s.config.pending,
    served: (s) => s.configWork,
  }),
  attemptTerminates({
    what: 'holding rtnl_lock',
    name: 'lock-holder-goes-on',
    says: 'Whoever holds rtnl_lock lets it go.',
    attempt: (s) => s.rtnl === 'writer',
    ended: (s) => s.rtnl !== 'writer',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'Unbinding the driver comes to an end.',
    attempt: (_s, at) => at.remove !== undefined && at.remove !== 'device_lock' && at.remove !== 'end',
    ended: (_s, at) => at.remove === 'end',
  }),
  setUpOnce({
    what: 'the array of queue pointers',
    name: 'array-allocated-once',
    says: 'Restore allocates the array of queue pointers only when there is none.',
    setup: 'pm.init_vq/ok',
    present: (s) => s.array === 'valid',
  }),
  releasedOnce({
    what: 'the array of queue pointers',
    name: 'array-freed-once',
    says: 'Freeze frees an array that is allocated, or none.',
    release: 'pm.kfree:vqs',
    held: (s) => s.array !== 'dangling',
  }),
  accessOnlyWhile({
    what: 'the device',
    name: 'works-confined',
    says: 'The configuration work does not run before DRIVER_OK, nor while the queues are gone.',
    access: 'config_work.virtblk_update_capacity',
    allowed: (s) => s.vqs === 'built' && (s.status === 'driver_ok' || s.status === 'reset'),
  }),
]

export default properties
