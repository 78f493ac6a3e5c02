/** What must hold of the small virtio drivers. */

import type { Frozen, Properties } from '../src/index.js'
import { state, type Small } from '../models/virtio/drivers.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  everyExitCompletes,
  everyoneBack,
  accessOnlyWhile,
  drainBeforeTeardown,
  setUpOnce,
  canSucceed,
  readyBeforeUse,
  requestServed,
  stateAgrees,
  stateMatchesHardware,
  serviceResumes,
} = templatesOver(state)

const awake = (s: Frozen<Small>): boolean => s.tasks === 'running' && s.sleeps === 0

/** What lets users in, by driver; virtio-mem has none while it sleeps, virtio-scsi shuts nobody out but those of its disks. */
const usedBy = (s: Frozen<Small>, driver: unknown, requests: unknown): boolean =>
  driver === 'rng' ? s.registered : driver !== 'mem' && (driver !== 'scsi' || requests === true) && s.open

/** Of a disk behind virtio-scsi. */
const diskDrained = drainBeforeTeardown({
  what: 'a virtqueue',
  name: 'no-buffer-left-in-ring',
  says: 'Freeze deletes the queue of a disk only when no request is in it: what is left in it is lost.',
  teardown: 'pm.vp_del_vqs',
  inFlight: (s) => s.queues.q.buffer !== 'guest',
})

const properties: Properties = ({ driver, requests }) => [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  contract.awakeAsBefore,
  contract.initialisedInOrder('core'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.*init_vq*', 'pm.probe_common', 'pm.virtscsi_init', 'pm.virtio_gpu_find_vqs'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf', 'pm.vp_del_vqs'),
  everyoneBack({
    what: 'the users of the driver',
    name: 'in-use-again',
    says: 'While tasks run, those who use the device may: its queue is open to them, and it is registered with those who would use it.',
    idle: (s) => s.tasks === 'running',
    running: [(s) => s.open, (s) => s.registered && !s.removed],
  }),
  stateMatchesHardware({
    what: 'the use of the device',
    name: 'in-use-only-with-queue',
    says: 'Whoever uses the device is let in only while its queue is there.',
    claimed: (s) => usedBy(s, driver, requests),
    actual: (s) => s.vqs === 'built',
  }),
  readyBeforeUse({
    what: 'the device',
    name: 'opened-after-driver-ok',
    says: 'Restore lets the users of the device in only after DRIVER_OK.',
    use: 'pm.*',
    ready: (s) => s.status === 'driver_ok' || usedBy(s, driver, requests),
    used: (s) => usedBy(s, driver, requests),
  }),
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
    inUse: (s) => (driver === 'input' || (driver === 'scsi' && !requests)) && s.tasks === 'running' && s.sleeps === 0,
    serves: (s) => s.queues.q.buffer === 'host',
  }),
  serviceResumes({
    what: 'the request queue',
    name: 'requests-flow-again',
    says: 'After a sleep the host is asked again and again: for random numbers, for a flush, for a commit, for a block.',
    inUse: (s) =>
      (['rng', 'pmem', 'gpu'].includes(String(driver)) || (driver === 'scsi' && requests === true)) && awake(s),
    serves: (s) => s.queues.q.buffer === 'host',
  }),
  accessOnlyWhile({
    what: 'the answer of the device',
    name: 'asked-with-no-answer-left',
    says: 'Who asks the device and waits begins with an empty queue, and with no answer to an earlier request.',
    access: ['hwrng.virtqueue_add', 'flush.pmem_lock/virtqueue_add'],
    allowed: (s) => s.queues.q.buffer === 'guest' && !s.completed,
  }),
  ...(driver === 'scsi' && requests === true ? [diskDrained] : []),
  requestServed({
    what: 'a work',
    name: 'work-runs',
    says: 'Awake, a work that is queued runs, and comes to rest.',
    queued: (s) => s.work && awake(s),
    served: (s) => !s.work,
  }),
  requestServed({
    what: 'a configuration change',
    name: 'config-change-delivered',
    says: 'A configuration change that comes during a sleep is delivered to the driver after it.',
    queued: (s) => s.config.pending,
    served: (s) => s.work,
  }),
  everyExitCompletes({
    what: 'an answer of the device',
    name: 'waiter-returns',
    says: 'Awake, whoever waits for a flush or a block gets an answer or an error.',
    waiting: (s, at) => (at('flush', 'wait_event:done') || at('request', 'scsi_done')) && awake(s),
    signalled: (_s, at) => !at('flush', 'wait_event:done') && !at('request', 'scsi_done'),
  }),
  canSucceed({
    what: 'a sleep',
    name: 'sleep-is-had',
    says: 'The machine can sleep at all.',
    succeeded: (_s, at) => at('pm', 'swsusp_arch_suspend'),
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
