/** What must hold of virtio-console. */

import type { At, Properties } from '../src/index.js'
import { state } from '../models/virtio/console.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  accessOnlyWhile,
  attemptTerminates,
  comesToAgree,
  drainBeforeTeardown,
  everyExitCompletes,
  everyoneBack,
  invisibleToOthers,
  outcomeReal,
  readyAtCommit,
  requestServed,
} = templatesOver(state)

/** Whether the driver is bound, and not about to be unbound. */
const bound = (at: At): boolean => !at.has('remove') || at('remove', 'device_lock')

/** Whether the control work is at a message: it returns the buffer afterwards. */
const handling = (at: At): boolean => at.has('control_work') && !at('control_work', 'control_work_handler')

const properties: Properties = [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf', '*.remove_vqs'),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  contract.initialisedInOrder('driver'),
  contract.driverOkFirst('pm.fill_queue', 'pm.virtqueue_add:PORT_READY'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.init_vqs'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.imageWrittenByLiveDevices(),
  contract.removedIsGone(),
  drainBeforeTeardown({
    what: 'a virtqueue',
    name: 'queues-empty-when-deleted',
    says: 'When the queues are deleted no buffer and no data is left in them: the driver has taken all back.',
    teardown: '*.remove_vqs',
    inFlight: (s) => s.data || Object.values(s.queues).some(({ buffer }) => buffer !== 'guest'),
  }),
  readyAtCommit({
    what: 'the control queue',
    name: 'callbacks-off-when-deleted',
    says: 'Freeze deletes the queues only when no callback of the control queue is wanted any more.',
    commit: 'pm.remove_vqs',
    ready: (s) => !s.multiport || !s.callbacks,
  }),
  everyoneBack({
    what: 'the device',
    name: 'awake-as-before',
    says: 'While tasks run and the driver is bound, the device is DRIVER_OK, is bus master and has its queues, changes are delivered, the control queue has a buffer for the host, or the control work has it in hand, its callbacks are wanted, and no image is left in memory.',
    idle: (s, at) => s.tasks === 'running' && bound(at),
    running: [
      (s) => s.status === 'driver_ok' && s.busMaster,
      (s) => s.vqs === 'built' && s.known && !s.broken,
      (s) => s.config.enabled && !s.config.pending,
      (s, at) => !s.multiport || (s.callbacks && (s.queues.control_in.buffer !== 'guest' || handling(at))),
      (s) => !s.image,
    ],
  }),
  comesToAgree({
    what: 'the host end of the port',
    name: 'host-end-known',
    says: 'After a sleep the driver comes to know whether the host end of its port is open.',
    settled: (s, at) => s.multiport && s.tasks === 'running' && s.sleeps === 0 && bound(at),
    one: (s) => s.connected,
    other: (s) => s.host.open,
  }),
  accessOnlyWhile({
    what: 'the queue of control messages',
    name: 'message-through-empty-queue',
    says: 'A control message finds its queue empty: the host has taken the one before, whose memory is used again.',
    access: ['pm.virtqueue_add:PORT_READY', 'control_work.virtqueue_add'],
    relevant: (s) => s.vqs === 'built' && !s.broken,
    allowed: (s) => s.queues.control_out.buffer === 'guest',
  }),
  everyExitCompletes({
    what: 'an answer of the host',
    name: 'message-is-taken',
    says: 'Whoever waits for the host to take a control message does not wait for ever.',
    waiting: (_s, at) => at('control_work', 'virtqueue_get_buf:answer'),
    signalled: (_s, at) => !at('control_work', 'virtqueue_get_buf:answer'),
  }),
  accessOnlyWhile({
    what: 'the control queue',
    name: 'control-queue-exists',
    says: 'Nobody touches a control queue that the device does not have.',
    access: '*.virtqueue_disable_cb*',
    allowed: (s) => s.multiport,
  }),
  outcomeReal({
    what: 'the end of a file',
    name: 'no-spurious-end-of-file',
    says: 'A blocked reader is told that nobody is connected only when nobody is, or the port is unplugged.',
    tell: ['reader.wait_event_freezable/eof', 'reader.wait_event_freezable/unplugged'],
    real: (s) => !s.host.open || s.removed,
  }),
  invisibleToOthers({
    what: 'a read',
    name: 'data-is-read-once',
    says: 'A read that returns data takes what is there, and takes it once.',
    operation: 'reader.wait_event_freezable/data',
    result: (s) => s.data,
    expected: (s) => !s.data,
  }),
  invisibleToOthers({
    what: 'closing a port',
    name: 'close-discards-data',
    says: 'Closing a port discards what was not read, through a queue that is there: whoever opens the port next does not read it.',
    operation: 'user.port_fops_release',
    result: (s) => s.data,
    expected: (s) => s.data && s.removed,
  }),
  requestServed({
    what: 'a blocked reader',
    name: 'reader-returns',
    says: 'A blocked reader returns when there is data for it, or nobody is connected.',
    queued: (s, at) =>
      at.has('reader') &&
      !at('reader', 'port_fops_read') &&
      s.tasks === 'running' &&
      s.sleeps === 0 &&
      (s.data || s.removed),
    served: (_s, at) => at('reader', 'port_fops_read'),
  }),
  attemptTerminates({
    what: 'a sleep',
    name: 'sleep-begins',
    says: 'A sleep that is wanted begins: the freezer is not kept waiting.',
    attempt: (s, at) => s.tasks === 'running' && s.sleeps > 0 && (!at.has('remove') || at('remove', 'device_lock')),
    ended: (s, at) => s.tasks === 'frozen' || (at.has('remove') && !at('remove', 'device_lock')),
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'Unbinding the driver comes to an end.',
    attempt: (_s, at) => at.has('remove') && !at('remove', 'device_lock') && !at('remove', 'end'),
    ended: (_s, at) => at('remove', 'end'),
  }),
]

export default properties
