/** What must hold of virtio-blk. */

import { propertiesOver, type Properties } from '../src/index.js'
import { queues, state } from '../models/virtio/blk.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { step } = propertiesOver(state)
const { requestServed, attemptTerminates } = templatesOver(state)

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
  step('array-allocated-once', 'Restore allocates the array of queue pointers only when there is none.', {
    on: 'pm.init_vq/ok',
    holds: (before) => before.array !== 'valid',
  }),
  step('array-freed-once', 'Freeze frees an array that is allocated, or none.', {
    on: 'pm.kfree:vqs',
    holds: (before) => before.array !== 'dangling',
  }),
  step('works-confined', 'The configuration work does not run before DRIVER_OK, nor while the queues are gone.', {
    on: 'config_work.virtblk_update_capacity',
    holds: (before) => before.vqs === 'built' && (before.status === 'driver_ok' || before.status === 'reset'),
  }),
]

export default properties
