/** What must hold of virtio-balloon. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio-balloon.js'
import * as contract from './virtio/contract.js'

const { always, leadsTo } = propertiesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  always('owners-agree', 'Between two messages guest and host agree on the pages in the balloon.', {
    when: (s, at) =>
      s.tasks === 'running' && at.pm === 'freeze_processes' && s.message === 'none' && s.status === 'driver_ok',
    holds: (s) => s.actual === s.hostActual,
  }),
  leadsTo('target-reached', 'Awake, the balloon comes to the size that the host wants.', {
    from: (s) => s.tasks === 'running' && s.sleeps === 0 && s.actual !== s.target,
    to: (s) => s.actual === s.target,
  }),
  leadsTo('value-remembered', 'After the last sleep the balloon comes back to the size that it had before.', {
    from: (s) => s.tasks === 'running' && s.sleeps === 0,
    to: (s) => s.actual === 1,
  }),
]

export default properties
