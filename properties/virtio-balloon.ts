/** What must hold of virtio-balloon. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/balloon.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { accessOnlyWhile, noDeadlock, requestServed, stateAgrees, comesToAgree, serviceResumes } = templatesOver(state)

/** Steps that put a message for the host into the balloon's queue. */
const tellings = ['pm.leak_balloon/virtqueue_add', 'size_work.virtqueue_add', 'pm.fill_balloon/virtqueue_add']

const awake = (s: { readonly tasks: string; readonly sleeps: number }): boolean =>
  s.tasks === 'running' && s.sleeps === 0

const properties: Properties = [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  contract.awakeAsBefore,
  contract.initialisedInOrder('core'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.init_vqs'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.handlersExcluded('pm.del_vqs'),
  stateAgrees({
    what: 'the pages in the balloon',
    name: 'owners-agree',
    says: 'Between two messages, and while nobody is there to take an answer, guest and host agree on the pages in the balloon.',
    settled: (s, at) =>
      s.tasks === 'running' &&
      at('pm', 'freeze_processes') &&
      (s.queues.balloon.buffer === 'guest' || (at('size_work', 'update_balloon_size_func') && !s.sizeWork)) &&
      s.status === 'driver_ok',
    one: (s) => s.actual,
    other: (s) => s.hostActual,
  }),
  accessOnlyWhile({
    what: 'the balloon',
    name: 'told-only-of-changes',
    says: 'The host is told only of pages that change hands: freeze leaks what is in the balloon, the work resizes if the wanted size differs, or has been changed since it looked.',
    access: tellings,
    allowed: (s, at) =>
      at('pm', 'leak_balloon') ? s.actual > 0 : s.actual !== s.target || s.sizeWork || s.config.pending,
  }),
  accessOnlyWhile({
    what: 'the queue of the balloon',
    name: 'told-through-empty-queue',
    says: 'A message for the host finds its queue empty: the one before was answered, and the answer taken.',
    access: tellings,
    allowed: (s) => s.queues.balloon.buffer === 'guest',
  }),
  accessOnlyWhile({
    what: 'the queue of page reporting',
    name: 'reported-through-empty-queue',
    says: 'A report of free pages finds its queue empty: pages that were reported are not used before the host has returned the report.',
    access: 'report_work.virtqueue_add',
    allowed: (s) => s.queues.reporting.buffer === 'guest',
  }),
  requestServed({
    what: 'the size work',
    name: 'size-work-rests',
    says: 'Awake, the size work runs when it is queued, and is done when the size is right.',
    queued: (s) => awake(s) && s.sizeWork,
    served: (s) => !s.sizeWork && s.actual === s.target,
  }),
  requestServed({
    what: 'page reporting',
    name: 'reporting-rests',
    says: 'Awake, page reporting runs when it is queued, and is not queued by itself.',
    queued: (s) => awake(s) && s.reportWork,
    served: (s) => !s.reportWork,
  }),
  noDeadlock({
    what: 'a sleep',
    name: 'sleep-can-begin',
    says: 'Whatever the works do, a sleep that is wanted can still begin.',
    idle: (s) => s.tasks === 'frozen' || s.sleeps === 0,
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
