/** What must hold of the virtio core and its PCI transport. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio/pci.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { always, step, possible } = propertiesOver(state)
const { attemptTerminates, everyExitCompletes } = templatesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noStrayDma,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf'),
  contract.buffersOwnedOnce,
  contract.driverOkFirst('pm.driver_restore'),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  possible('event-arrives', 'After a sleep the host can still deliver an event.', {
    when: (s, at) =>
      s.tasks === 'running' && at.pm === 'freeze_processes' && s.sleeps === 0 && !s.unplugged && !s.broken,
    holds: (s, at) =>
      s.queues.event.buffer === 'host' || s.unplugged || (at.shutdown ?? 'device_shutdown') !== 'device_shutdown',
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
  step('no-dma-after-kexec', 'Once the next kernel owns the memory, the device reaches no ring of this one.', {
    on: ['host.virtqueue_pop', 'host.virtqueue_push'],
    holds: (before) => before.owner === 'this kernel',
  }),
  always('device-state-agrees', 'Whenever tasks run, the device has the objects that the driver believes it has.', {
    when: (s, at) =>
      s.tasks === 'running' && at.pm === 'freeze_processes' && (at.shutdown ?? 'device_shutdown') === 'device_shutdown',
    holds: (s) => s.object.host === s.object.guest,
  }),
  always('state-kept', 'While its driver has not let go of it, a device keeps its state also during a sleep.', {
    when: (s) => s.open && s.tasks === 'frozen',
    holds: (s) => s.object.host,
  }),
]

export default properties
