/** What must hold of the virtio core and its PCI transport. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/pci.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { attemptTerminates, everyExitCompletes, accessOnlyWhile, serviceResumes, stateAgrees, stateMatchesHardware } =
  templatesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noStrayDma,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf'),
  contract.buffersOwnedOnce,
  contract.driverOkFirst('pm.driver_restore'),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  serviceResumes({
    what: 'the event queue',
    name: 'event-arrives',
    says: 'After a sleep the host comes again and again to hold a buffer for the next event.',
    inUse: (s, at) =>
      s.tasks === 'running' &&
      at.pm === 'freeze_processes' &&
      s.sleeps === 0 &&
      !s.unplugged &&
      !s.broken &&
      (at.shutdown ?? 'device_shutdown') === 'device_shutdown',
    serves: (s) => s.queues.event.buffer === 'host',
  }),
  everyExitCompletes({
    what: 'an answer of the device',
    name: 'waiter-returns',
    says: 'Whoever waits for an answer of the device gets one, or an error.',
    waiting: (_s, at) => at.io === 'wait_event',
    signalled: (_s, at) => at.io !== 'wait_event',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'The removal of a device that was pulled out comes to an end.',
    attempt: (_s, at) => at.remove === 'unregister',
    ended: (_s, at) => at.remove === 'end',
  }),
  accessOnlyWhile({
    what: 'a ring',
    name: 'no-dma-after-kexec',
    says: 'Once the next kernel owns the memory, the device reaches no ring of this one.',
    access: ['host.virtqueue_pop', 'host.virtqueue_push'],
    allowed: (s) => s.owner === 'this kernel',
  }),
  stateAgrees({
    what: 'the objects of the device',
    name: 'device-state-agrees',
    says: 'Whenever tasks run, the device has the objects that the driver believes it has.',
    settled: (s, at) =>
      s.tasks === 'running' && at.pm === 'freeze_processes' && (at.shutdown ?? 'device_shutdown') === 'device_shutdown',
    one: (s) => s.object.host,
    other: (s) => s.object.guest,
  }),
  stateMatchesHardware({
    what: 'the state of a device',
    name: 'state-kept',
    says: 'While its driver has not let go of it, a device keeps its state also during a sleep.',
    claimed: (s) => s.open && s.tasks === 'frozen',
    actual: (s) => s.object.host,
  }),
]

export default properties
