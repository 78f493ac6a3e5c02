/** What must hold of virtio-net. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio/net.js'
import * as contract from './virtio/contract.js'

const { always, step, possible } = propertiesOver(state)

const properties: Properties = [
  contract.noAccess('refill.napi_disable'),
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('*.virtqueue_detach_unused_buf', '*.virtnet_del_vqs'),
  contract.buffersOwnedOnce,
  contract.driverOkFirst('pm.virtnet_open', 'user.virtnet_open'),
  contract.sleepEnds,
  possible(
    'packets-flow-again',
    'With the interface up after a sleep, a packet can still be handed to the host; losing those in the ring is allowed.',
    {
      when: (s) => s.tasks === 'running' && s.up && s.present && s.status === 'driver_ok' && s.sleeps === 0,
      holds: (s) => s.queues.tx.buffer === 'host',
    },
  ),
  possible('receive-refills', 'With the interface up after a sleep, the receive ring can still be filled.', {
    when: (s) => s.tasks === 'running' && s.up && s.present && s.status === 'driver_ok' && s.sleeps === 0,
    holds: (s) => s.queues.rx.buffer === 'host',
  }),
  step(
    'xdp-balanced',
    'The interface is closed only with its xdp queues registered, and they are freed only without.',
    {
      on: ['user.virtnet_close', 'pm.virtnet_del_vqs'],
      holds: (before, _after, { name }) => (before.xdp === 'registered') === (name === 'user.virtnet_close'),
    },
  ),
  always('failed-restore-is-quiet', 'After a restore that failed nothing of the device is left running.', {
    when: (s) => s.status === 'failed',
    holds: (s) => s.vqs === 'deleted' && s.napi === 'off',
  }),
  possible('rx-filter-agrees', 'After a sleep the device comes to filter as the guest wants.', {
    when: (s) => s.rxMode.wanted && s.tasks === 'running' && s.status === 'driver_ok' && s.present && s.sleeps === 0,
    holds: (s) => s.rxMode.host,
  }),
]

export default properties
