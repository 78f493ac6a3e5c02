/** What must hold of virtio-net. */

import type { At, Frozen, Properties } from '../src/index.js'
import { state, type Net } from '../models/virtio/net.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  comesToAgree,
  drainBeforeTeardown,
  everyoneBack,
  failureIsQuiet,
  noDeadlock,
  releasedOnce,
  serviceResumes,
  stateMatchesHardware,
} = templatesOver(state)

const inUse = (s: Frozen<Net>): boolean =>
  s.tasks === 'running' && s.up && s.present && s.status === 'driver_ok' && s.sleeps === 0

/** Whether the driver is being unbound, or was. */
const leaving = (at: At): boolean => at.has('remove') && !at('remove', 'device_lock')

/** Whether the driver is being bound. */
const arriving = (at: At): boolean => at.has('probe') && !at('probe', 'end')

const properties: Properties = ({ traffic }) => [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('*.virtqueue_detach_unused_buf*', '*.virtnet_del_vqs*'),
  contract.buffersOwnedOnce,
  contract.driverOkFirst('pm.virtnet_open', 'user.virtnet_open'),
  contract.awakeAsBeforeWhile((at) => !arriving(at) && !leaving(at)),
  contract.imageWrittenByLiveDevices(),
  contract.initialisedInOrder('core'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.init_vqs'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.removedIsGone(),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  serviceResumes({
    what: 'the transmit queue',
    name: 'packets-flow-again',
    says: 'With the interface up after a sleep, packets are handed to the host; losing those in the ring is allowed.',
    inUse: (s) => traffic !== 'receive' && inUse(s),
    serves: (s) => s.queues.tx.buffer === 'host',
  }),
  serviceResumes({
    what: 'the receive queue',
    name: 'receive-refills',
    says: 'With the interface up after a sleep, the receive ring is filled again and again.',
    inUse: (s) => traffic !== 'transmit' && inUse(s),
    serves: (s) => s.queues.rx.buffer === 'host',
  }),
  stateMatchesHardware({
    what: 'the receive ring',
    name: 'receive-ring-has-one-user',
    says: 'NAPI polls only while it is scheduled, and the refill work fills the receive ring only while NAPI is off: a virtqueue has no lock of its own.',
    claimed: (_s, at) => !at('poll', 'virtnet_poll') || at('refill', 'virtqueue_add'),
    actual: (s, at) =>
      at('poll', 'virtnet_poll') ? s.napi === 'off' : s.napi === 'scheduled' && !at('refill', 'virtqueue_add'),
  }),
  stateMatchesHardware({
    what: 'an available buffer',
    name: 'available-is-announced',
    says: 'While the device works it has been told of every buffer that is available, or somebody is about to: nobody kicks a second time.',
    claimed: (s) => s.status === 'driver_ok' && s.known,
    actual: ({ queues: { rx, tx } }, at) =>
      (rx.buffer !== 'avail' || rx.kicked) && (tx.buffer !== 'avail' || tx.kicked || at('xmit', 'virtqueue_kick')),
  }),
  noDeadlock({
    what: 'NAPI',
    name: 'poll-can-rest',
    says: 'However much there was to poll, NAPI can still come to rest.',
    idle: (s) => s.napi !== 'scheduled',
  }),
  drainBeforeTeardown({
    what: 'a ring',
    name: 'buffers-taken-back',
    says: 'A ring is freed only when every buffer has been taken back from it: others are never freed.',
    teardown: '*.virtnet_del_vqs*',
    inFlight: (s) => s.vqs === 'built' && (s.queues.rx.buffer !== 'guest' || s.queues.tx.buffer !== 'guest'),
  }),
  stateMatchesHardware({
    what: 'byte queue limits',
    name: 'in-flight-is-in-the-ring',
    says: 'What byte queue limits count as in flight is in the transmit ring.',
    claimed: (s) => s.bql,
    actual: (s) => s.queues.tx.buffer !== 'guest',
  }),
  releasedOnce({
    what: 'the xdp registration',
    name: 'xdp-balanced',
    says: 'The interface is closed only with its xdp queues registered, and they are freed only without.',
    release: 'user.virtnet_close',
    over: 'pm.virtnet_del_vqs*',
    held: (s) => s.xdp === 'registered',
  }),
  everyoneBack({
    what: 'the interface',
    name: 'interface-as-before',
    says: 'Between sleeps the interface is there, with its CPU notifier and its receive filter, and if it is up, everything of it runs.',
    idle: (s, at) =>
      s.tasks === 'running' &&
      at('pm', 'freeze_processes') &&
      s.status === 'driver_ok' &&
      !leaving(at) &&
      !arriving(at),
    running: [
      (s) => s.present && s.notifier && s.rxMode.gate,
      (s) => (s.xdp === 'registered') === s.up,
      (s, at) => (s.napi !== 'off' || at('refill', 'virtqueue_add')) === s.up,
    ],
  }),
  failureIsQuiet({
    what: 'the device',
    name: 'failed-restore-is-quiet',
    says: 'After a restore that failed nothing of the device is left running.',
    failed: (s) => s.status === 'failed',
    left: [(s) => s.vqs === 'built', (s) => s.napi !== 'off'],
  }),
  comesToAgree({
    what: 'the receive filter',
    name: 'rx-filter-agrees',
    says: 'After a sleep the device comes to filter as the guest wants.',
    settled: (s, at) => inUse(s) && s.rxMode.wanted && !leaving(at),
    one: (s) => s.rxMode.host,
    other: (s) => s.rxMode.wanted,
  }),
]

export default properties
