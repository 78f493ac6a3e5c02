/** What must hold of the small virtio drivers. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio/drivers.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { always, step, possible, reachable } = propertiesOver(state)
const { everyExitCompletes } = templatesOver(state)

const properties: Properties = ({ driver }) => [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  step('works-confined', 'A work reaches the device only while its queues exist.', {
    on: 'config_work.virtcrypto_update_status',
    holds: (before) => before.vqs === 'built',
  }),
  step('no-reinitialisation-of-a-queued-work', 'A work that is queued is not initialised again.', {
    on: 'pm.INIT_WORK*',
    holds: (before) => !before.work,
  }),
  possible('event-arrives', 'After a sleep the host can still deliver an event.', {
    when: (s) => (driver === 'input' || driver === 'scsi') && s.tasks === 'running' && s.sleeps === 0,
    holds: (s) => s.queues.q.buffer === 'host',
  }),
  everyExitCompletes({
    what: 'an answer of the device',
    name: 'waiter-returns',
    says: 'Awake, whoever waits for a flush gets an answer or an error.',
    waiting: (s, at) => at.flush === 'wait_event:done' && s.tasks === 'running' && s.sleeps === 0,
    signalled: (_s, at) => at.flush !== 'wait_event:done',
  }),
  reachable('sleep-is-had', 'The machine can sleep at all.', (_s, at) => at.pm === 'swsusp_arch_suspend'),
  always(
    'device-state-agrees',
    'Whenever the driver uses it, the host has the objects that the guest believes it has.',
    {
      when: (s) => (driver === 'gpu' ? s.open : driver === 'mem' && s.tasks === 'running'),
      holds: (s) => s.object.host === s.object.guest,
    },
  ),
]

export default properties
