/** What must hold of virtio-balloon. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-balloon.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { stateAgrees, comesToAgree, serviceResumes } = templatesOver(state)

const awake = (s: { readonly tasks: string; readonly sleeps: number }): boolean =>
  s.tasks === 'running' && s.sleeps === 0

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  stateAgrees({
    what: 'the pages in the balloon',
    name: 'owners-agree',
    says: 'Between two messages guest and host agree on the pages in the balloon.',
    settled: (s, at) =>
      s.tasks === 'running' && at.pm === 'freeze_processes' && s.message === 'none' && s.status === 'driver_ok',
    one: (s) => s.actual,
    other: (s) => s.hostActual,
  }),
  comesToAgree({
    what: 'the size of the balloon',
    name: 'target-reached',
    says: 'Awake, the balloon comes to the size that the host wants.',
    settled: awake,
    one: (s) => s.actual,
    other: (s) => s.target,
  }),
  serviceResumes({
    what: 'the balloon',
    name: 'value-remembered',
    says: 'After the last sleep the balloon comes back to the size that it had before.',
    inUse: awake,
    serves: (s) => s.actual === 1,
  }),
]

export default properties
