/** What must hold of the virtio core and its PCI transport. */

import type { At, Properties } from '../src/index.js'
import { state } from '../models/virtio/pci.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  attemptTerminates,
  everyExitCompletes,
  accessOnlyWhile,
  drainBeforeTeardown,
  everyoneBack,
  outcomeReal,
  readyAtCommit,
  readyBeforeUse,
  serviceResumes,
  stateAgrees,
  stateMatchesHardware,
} = templatesOver(state)

/** Neither shutdown nor removal has begun, and no reset of the function is under way. */
const bound = (at: At): boolean =>
  (!at.has('shutdown') || at('shutdown', 'device_shutdown')) &&
  (!at.has('remove') || at('remove', 'pciehp_handle_presence')) &&
  (!at.has('flr') || at('flr', 'pci_dev_lock', 'end'))

const properties: Properties = [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf', 'flr.virtqueue_detach_unused_buf'),
  contract.buffersOwnedOnce,
  readyBeforeUse({
    what: 'the device',
    name: 'driver-ok-first',
    says: 'Nobody kicks, waits for the device, or creates objects in it before DRIVER_OK.',
    use: ['pm', 'flr'].flatMap((thread) => [`${thread}.driver_restore`, `${thread}.recreate_objects`]),
    ready: (s) => s.status === 'driver_ok',
    used: (s) => s.object.host || s.queues.event.buffer !== 'guest' || s.queues.request.buffer !== 'guest',
  }),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  serviceResumes({
    what: 'the event queue',
    name: 'event-arrives',
    says: 'After a sleep the host comes again and again to hold a buffer for the next event.',
    inUse: (s, at) =>
      s.tasks === 'running' &&
      at('pm', 'freeze_processes') &&
      s.sleeps === 0 &&
      !s.unplugged &&
      !s.broken &&
      (!at.has('shutdown') || at('shutdown', 'device_shutdown')),
    serves: (s) => s.queues.event.buffer === 'host',
  }),
  everyExitCompletes({
    what: 'an answer of the device',
    name: 'waiter-returns',
    says: 'Whoever waits for an answer of the device gets one, or an error.',
    waiting: (_s, at) => at('io', 'wait_event'),
    signalled: (_s, at) => !at('io', 'wait_event'),
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'The removal of a device that was pulled out comes to an end.',
    attempt: (_s, at) => at('remove', 'unregister'),
    ended: (_s, at) => at('remove', 'end'),
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
      s.tasks === 'running' &&
      at('pm', 'freeze_processes') &&
      (!at.has('shutdown') || at('shutdown', 'device_shutdown')) &&
      (!at.has('flr') || at('flr', 'pci_dev_lock', 'end')),
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
  contract.initialisedInOrder('core'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.init_vqs', 'flr.init_vqs'),
  everyoneBack({
    what: 'the device',
    name: 'awake-as-before',
    says: 'While tasks run, the device, unless it was pulled out or shut down, is DRIVER_OK, is bus master and has its queues, changes are delivered, requests are let in, and no image is left in memory.',
    idle: (s, at) => s.tasks === 'running' && bound(at) && !s.unplugged,
    running: [
      (s) => s.status === 'driver_ok' && s.busMaster,
      (s) => s.vqs === 'built' && s.known && !s.broken,
      (s) => s.config.enabled && !s.config.pending,
      (s) => s.open && !s.image,
    ],
  }),
  stateMatchesHardware({
    what: 'a configuration change',
    name: 'config-changes-held-back',
    says: 'During a sleep configuration changes are delivered to the driver only while its device is DRIVER_OK and its queues are there.',
    claimed: (s) => s.tasks === 'frozen' && s.config.enabled,
    actual: (s) => s.status === 'driver_ok' && s.vqs === 'built',
  }),
  readyAtCommit({
    what: 'memory',
    name: 'quiet-at-snapshot',
    says: 'When the image is made that the machine is restored from, the device has been reset, is not bus master, and no interrupt is pending or being handled.',
    commit: 'pm.swsusp_arch_suspend/restore',
    ready: (s) => s.status === 'reset' && !s.busMaster && !s.irq.pending && !s.irq.running,
  }),
  contract.imageWrittenByLiveDevices(),
  drainBeforeTeardown({
    what: 'a virtqueue',
    name: 'no-buffer-left-in-ring',
    says: 'Freeze deletes a virtqueue only when the driver has all its buffers: what is left in it is lost.',
    teardown: ['pm.vp_del_vqs', 'flr.vp_del_vqs'],
    inFlight: (s) => s.queues.event.buffer !== 'guest' || s.queues.request.buffer !== 'guest',
  }),
  outcomeReal({
    what: 'an answer',
    name: 'answer-is-to-this-request',
    says: 'Whoever waits for an answer goes on with the answer to its own request, or with an error.',
    tell: 'io.wait_event',
    real: (s) => s.queues.request.buffer === 'guest' || s.broken,
  }),
  stateMatchesHardware({
    what: 'removal',
    name: 'removed-is-gone',
    says: 'When the driver of a device that was pulled out is unbound, no request is let in, and no ring is left that somebody knows.',
    claimed: (_s, at) => at('remove', 'end'),
    actual: (s) => !s.open && !s.known && s.vqs === 'deleted',
  }),
  attemptTerminates({
    what: 'shutdown',
    name: 'shutdown-ends',
    says: 'A shutdown that is asked for comes to its end, and the next kernel begins.',
    attempt: (s, at) => at.has('shutdown') && s.owner === 'this kernel',
    ended: (s) => s.owner === 'the next',
  }),
  accessOnlyWhile({
    what: 'the device',
    name: 'no-kick-after-shutdown',
    says: 'Once shutdown has reset the device, no handler of a queue that was not broken is still at work: it would kick a device that was reset.',
    access: 'irq.virtqueue_get_buf',
    relevant: (_s, at) => at.has('shutdown') && !at('shutdown', 'device_shutdown'),
    allowed: (s) => !s.posted && s.status !== 'reset',
  }),
]

export default properties
