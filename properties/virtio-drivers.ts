/** What must hold of the small virtio drivers. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/drivers.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { everyExitCompletes, accessOnlyWhile, setUpOnce, canSucceed, stateAgrees, serviceResumes } = templatesOver(state)

const properties: Properties = ({ driver }) => [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  accessOnlyWhile({
    what: 'the device',
    name: 'works-confined',
    says: 'A work reaches the device only while its queues exist.',
    access: 'config_work.virtcrypto_update_status',
    allowed: (s) => s.vqs === 'built',
  }),
  setUpOnce({
    what: 'a work',
    name: 'no-reinitialisation-of-a-queued-work',
    says: 'A work that is queued is not initialised again.',
    setup: 'pm.INIT_WORK*',
    present: (s) => s.work,
  }),
  serviceResumes({
    what: 'the event queue',
    name: 'event-arrives',
    says: 'After a sleep the host comes again and again to hold a buffer for the next event.',
    inUse: (s) => (driver === 'input' || driver === 'scsi') && s.tasks === 'running' && s.sleeps === 0,
    serves: (s) => s.queues.q.buffer === 'host',
  }),
  everyExitCompletes({
    what: 'an answer of the device',
    name: 'waiter-returns',
    says: 'Awake, whoever waits for a flush gets an answer or an error.',
    waiting: (s, at) => at.flush === 'wait_event:done' && s.tasks === 'running' && s.sleeps === 0,
    signalled: (_s, at) => at.flush !== 'wait_event:done',
  }),
  canSucceed({
    what: 'a sleep',
    name: 'sleep-is-had',
    says: 'The machine can sleep at all.',
    succeeded: (_s, at) => at.pm === 'swsusp_arch_suspend',
  }),
  stateAgrees({
    what: 'the objects of the device',
    name: 'device-state-agrees',
    says: 'Whenever the driver uses it, the host has the objects that the guest believes it has.',
    settled: (s) => (driver === 'gpu' ? s.open : driver === 'mem' && s.tasks === 'running'),
    one: (s) => s.object.host,
    other: (s) => s.object.guest,
  }),
]

export default properties
