/** What must hold of virtio-blk. */

import type { At, Properties } from '../src/index.js'
import { queues, state } from '../models/virtio/blk.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  comesToAgree,
  requestServed,
  attemptTerminates,
  setUpOnce,
  releasedOnce,
  accessOnlyWhile,
  everyoneBack,
  inFlightFate,
  outcomeReal,
  setupMatchesTeardown,
} = templatesOver(state)

/** The threads whose requests go through a queue. */
const submitters = { r0: ['io-r0'], r1: ['io-r1', 'writer'] } as const

/** Whether a submitter has no request under way. */
const ended = (at: At, who: string): boolean =>
  !at.has(who) || at(who, 'blk_queue_enter') || (who === 'writer' && at(who, 'rtnl_lock', 'rtnl_unlock'))

/** Whether the driver is bound, and its function not being reset. */
const bound = (at: At): boolean =>
  (!at.has('remove') || at('remove', 'device_lock')) && (!at.has('flr') || at('flr', 'pci_dev_save_and_disable', 'end'))

const properties: Properties = [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('pm.flush_work:config_work', 'flr.flush_work:config_work', '*.vp_del_vqs'),
  contract.awakeAsBeforeWhile(bound),
  contract.initialisedInOrder('driver'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('*.init_vq/ok'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.removedIsGone(),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  ...queues.map((q) =>
    requestServed({
      what: 'a block request',
      name: `request-${q}-completes`,
      says: 'Every request that the disk has accepted is completed or ends with an error.',
      queued: (_s, at) => at.has(`io-${q}`) && !at(`io-${q}`, 'blk_queue_enter'),
      served: (_s, at) => at(`io-${q}`, 'blk_queue_enter'),
    }),
  ),
  ...queues.map((q) =>
    inFlightFate({
      what: 'a block request',
      name: `request-${q}-is-not-forged`,
      says: 'A request is completed once, and only after the disk has served it.',
      accept: submitters[q].map((who) => `${who}.virtqueue_add`),
      effect: `host.virtqueue_push(${q})`,
      complete: submitters[q].map((who) => `${who}.wait_for_completion`),
      fail: [],
      idle: (_s, at) => submitters[q].every((who) => ended(at, who)),
    }),
  ),
  outcomeReal({
    what: 'an I/O error',
    name: 'no-needless-error',
    says: 'A request ends with an error only if the disk could not be restored: a sleep is no reason.',
    tell: '*.blk_mq_dispatch_rq_list/error',
    real: (s) => s.dying,
  }),
  everyoneBack({
    what: 'the requests',
    name: 'requests-let-through',
    says: 'Between sleeps whoever submits a request gets in and is dispatched, or is answered with an error.',
    idle: (s, at) =>
      s.tasks === 'running' &&
      at('pm', 'freeze_processes') &&
      (!at.has('remove') || at('remove', 'device_lock')) &&
      (!at.has('flr') || at('flr', 'pci_dev_save_and_disable', 'end')),
    running: [(s) => !s.frozen, (s) => s.dispatch === 'on' || s.dying],
  }),
  requestServed({
    what: 'a configuration change',
    name: 'config-change-delivered',
    says: 'A configuration change that comes during a sleep is delivered to the driver after it, unless it is unbound.',
    queued: (s) => s.config.pending,
    served: (s, at) => s.configWork || (at.has('remove') && !at('remove', 'device_lock')),
  }),
  comesToAgree({
    what: 'the capacity',
    name: 'capacity-known',
    says: 'After a sleep the guest comes to know the capacity that the disk has, also if it changed meanwhile.',
    settled: (s, at) =>
      s.tasks === 'running' &&
      s.sleeps === 0 &&
      s.status === 'driver_ok' &&
      (!at.has('remove') || at('remove', 'device_lock')),
    one: (s) => s.resized.guest,
    other: (s) => s.resized.host,
  }),
  attemptTerminates({
    what: 'holding rtnl_lock',
    name: 'lock-holder-goes-on',
    says: 'Whoever holds rtnl_lock lets it go.',
    attempt: (s) => s.rtnl === 'writer',
    ended: (s) => s.rtnl !== 'writer',
  }),
  setupMatchesTeardown({
    what: 'rtnl_lock',
    name: 'lock-held-by-one',
    says: 'rtnl_lock is taken only while it is free, and let go only while it is held.',
    setup: ['writer.rtnl_lock', 'pm.virtnet_freeze:rtnl_lock'],
    teardown: ['writer.rtnl_unlock', 'pm.virtnet_freeze:rtnl_unlock'],
    present: (s) => s.rtnl !== 'free',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'remove-ends',
    says: 'Unbinding the driver comes to an end.',
    attempt: (_s, at) => at.has('remove') && !at('remove', 'device_lock') && !at('remove', 'end'),
    ended: (_s, at) => at('remove', 'end'),
  }),
  setUpOnce({
    what: 'the array of queue pointers',
    name: 'array-allocated-once',
    says: 'Restore allocates the array of queue pointers only when there is none.',
    setup: '*.init_vq/ok',
    present: (s) => s.array === 'valid',
  }),
  releasedOnce({
    what: 'the array of queue pointers',
    name: 'array-freed-once',
    says: 'Freeze frees an array that is allocated, or none.',
    release: '*.kfree:vqs',
    held: (s) => s.array !== 'dangling',
  }),
  accessOnlyWhile({
    what: 'the device',
    name: 'works-confined',
    says: 'The configuration work does not run before DRIVER_OK, nor while the queues are gone.',
    access: 'config_work.virtblk_update_capacity',
    allowed: (s) => s.vqs === 'built' && (s.status === 'driver_ok' || s.status === 'reset'),
  }),
]

export default properties
