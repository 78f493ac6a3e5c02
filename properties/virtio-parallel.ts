/** What must hold of two devices that are frozen in parallel. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/parallel.js'
import { templatesOver } from './templates.js'

const {
  requestServed,
  attemptTerminates,
  drainBeforeTeardown,
  everyoneBack,
  everyExitCompletes,
  ownershipExactlyOne,
  accessOnlyWhile,
  readyAtCommit,
  stateMatchesHardware,
  outcomeReal,
} = templatesOver(state)

const properties: Properties = [
  attemptTerminates({
    what: 'a sleep',
    name: 'sleep-ends',
    says: 'A sleep that begins comes to its end.',
    attempt: (s) => s.phase === 'suspending',
    ended: (s) => s.phase === 'running',
  }),
  attemptTerminates({
    what: 'holding rtnl_lock',
    name: 'lock-holder-goes-on',
    says: 'Whoever holds rtnl_lock lets it go.',
    attempt: (s) => s.rtnl === 'holder',
    ended: (s) => s.rtnl !== 'holder',
  }),
  attemptTerminates({
    what: 'removal',
    name: 'removal-ends',
    says: 'The removal of a disk that was pulled out comes to an end.',
    attempt: (s, at) => s.unplugged && !at('remove', 'end'),
    ended: (_s, at) => at('remove', 'end'),
  }),
  requestServed({
    what: 'a request',
    name: 'request-ends',
    says: 'Every request ends, with data or an error.',
    queued: (s) => s.request.io === 'entered' || s.request.io === 'in the ring',
    served: (s) => s.request.io === 'done',
  }),
  everyExitCompletes({
    what: 'the end of a request',
    name: 'waiter-returns',
    says: 'Whoever submits a request returns, and leaves none behind.',
    waiting: (s) => s.request.io !== 'none',
    signalled: (s) => s.request.io === 'none',
  }),
  outcomeReal({
    what: 'the end of a disk',
    name: 'error-only-if-gone',
    says: 'A request is refused, or fails, only if the disk is gone: nobody notices its sleep but by waiting.',
    tell: ['*.blk_queue_enter/refused', '*.virtqueue_add/fails', '*.virtqueue_add/dead'],
    real: (s) => s.unplugged && (s.broken || s.dead),
  }),
  requestServed({
    what: 'a request that rtnl_lock is held for',
    name: 'holder-request-ends',
    says: 'Every request of a holder of rtnl_lock ends, with data or an error.',
    queued: (s) => s.request.holder === 'entered' || s.request.holder === 'in the ring',
    served: (s) => s.request.holder === 'done',
  }),
  stateMatchesHardware({
    what: 'the holder',
    name: 'holder-waits-for-its-request',
    says: 'A holder of rtnl_lock that waits for its request has none under way when it goes on.',
    claimed: (_s, at) => at('holder', 'rtnl_unlock'),
    actual: (s) => s.request.holder === 'none',
  }),
  ownershipExactlyOne({
    what: 'rtnl_lock',
    name: 'rtnl-lock-excludes',
    says: 'Freeze closes the interface, and restore opens it, with rtnl_lock held; nobody lets it go who does not hold it.',
    parties: [
      { owns: (s) => s.rtnl === 'free' },
      {
        owns: (s) => s.rtnl === 'net',
        uses: (_s, at) => at('net', 'virtnet_close', 'rtnl_unlock', 'virtnet_open', 'rtnl_unlock:restore'),
      },
      { owns: (s) => s.rtnl === 'holder', uses: (_s, at) => at('holder', 'rtnl_unlock') },
    ],
  }),
  ownershipExactlyOne({
    what: 'the lock of the disk',
    name: 'device-lock-excludes',
    says: 'The disk is frozen, restored and unbound under its lock, one at a time.',
    parties: [
      { owns: (s) => s.deviceLock === 'free' },
      {
        owns: (s) => s.deviceLock === 'pm',
        uses: (_s, at) => !at('blk', 'device_lock', 'device_lock:resume', 'end'),
      },
      {
        owns: (s) => s.deviceLock === 'remove',
        uses: (_s, at) => at.has('remove') && !at('remove', 'device_lock', 'end'),
      },
    ],
  }),
  accessOnlyWhile({
    what: 'a virtqueue',
    name: 'no-vq-access-after-del-vqs',
    says: 'Nobody touches the virtqueue of a disk whose virtqueues are gone, broken or not.',
    access: ['*.virtqueue_add/added', '*.virtqueue_add/fails'],
    allowed: (s) => s.vqs.blk,
  }),
  accessOnlyWhile({
    what: 'the disk',
    name: 'only-bound-is-frozen',
    says: 'Freeze resets a disk that has a driver and its virtqueues.',
    access: 'blk.virtio_reset_device',
    allowed: (s) => s.vqs.blk,
  }),
  readyAtCommit({
    what: 'the machine',
    name: 'both-frozen-when-asleep',
    says: 'The machine sleeps only when both devices are frozen.',
    commit: 'dpm.dpm_resume',
    ready: (s) => s.phase === 'asleep' && !s.vqs.blk && !s.vqs.net,
  }),
  everyoneBack({
    what: 'both devices',
    name: 'awake-as-before',
    says: 'After the sleep both devices have their queues, unless the disk was removed, requests go through, and no lock of a callback is left.',
    idle: (_s, at) => at('dpm', 'end'),
    running: [
      (s) => s.vqs.net && s.rtnl !== 'net',
      (s, at) => s.vqs.blk !== at('remove', 'end'),
      (s, at) => at('remove', 'end') || (!s.quiesced && !s.frozen),
      (s) => s.deviceLock !== 'pm' && (s.unplugged || !s.broken),
    ],
  }),
  drainBeforeTeardown({
    what: 'the disk',
    name: 'nothing-in-the-ring-at-reset',
    says: 'The disk is reset with no request in its ring, unless it is gone.',
    teardown: 'blk.virtio_reset_device',
    inFlight: (s) => !s.unplugged && (s.request.io === 'in the ring' || s.request.holder === 'in the ring'),
  }),
]

export default properties
