/** What must hold of virtio-net. */

import type { Frozen, Properties } from '../src/index.js'
import { state, type Net } from '../models/virtio/net.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { serviceResumes, releasedOnce, failureIsQuiet, comesToAgree } = templatesOver(state)

const inUse = (s: Frozen<Net>): boolean =>
  s.tasks === 'running' && s.up && s.present && s.status === 'driver_ok' && s.sleeps === 0

const properties: Properties = [
  contract.noAccess('refill.napi_disable'),
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('*.virtqueue_detach_unused_buf*', '*.virtnet_del_vqs*'),
  contract.buffersOwnedOnce,
  contract.driverOkFirst('pm.virtnet_open', 'user.virtnet_open'),
  contract.sleepEnds,
  contract.sleepEndsInTime,
  serviceResumes({
    what: 'the transmit queue',
    name: 'packets-flow-again',
    says: 'With the interface up after a sleep, packets are handed to the host; losing those in the ring is allowed.',
    inUse,
    serves: (s) => s.queues.tx.buffer === 'host',
  }),
  serviceResumes({
    what: 'the receive queue',
    name: 'receive-refills',
    says: 'With the interface up after a sleep, the receive ring is filled again and again.',
    inUse,
    serves: (s) => s.queues.rx.buffer === 'host',
  }),
  releasedOnce({
    what: 'the xdp registration',
    name: 'xdp-balanced',
    says: 'The interface is closed only with its xdp queues registered, and they are freed only without.',
    release: 'user.virtnet_close',
    over: 'pm.virtnet_del_vqs*',
    held: (s) => s.xdp === 'registered',
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
    settled: (s) => s.rxMode.wanted && s.tasks === 'running' && s.status === 'driver_ok' && s.present && s.sleeps === 0,
    one: (s) => s.rxMode.host,
    other: (s) => s.rxMode.wanted,
  }),
]

export default properties
