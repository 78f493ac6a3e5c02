/** What must hold of virtio-vsock. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio/vsock.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const {
  accessOnlyWhile,
  everyoneBack,
  readyBeforeUse,
  requestServed,
  stateMatchesHardware,
  stateAgrees,
  serviceResumes,
} = templatesOver(state)

/** From here to the reset of the sockets connections are given up: what comes in is not answered. */
const givesUp = [
  'synchronize_rcu',
  'virtio_vsock_reset_sock',
  'virtio_vsock_vqs_del:run',
  'virtio_reset_device',
  'vp_synchronize_vectors',
] as const

const properties: Properties = [
  contract.noAccess,
  contract.noSubmission,
  contract.noStrayDma,
  contract.handlersExcluded('pm.virtqueue_detach_unused_buf'),
  contract.buffersOwnedOnce,
  contract.sleepEnds,
  contract.sleepEndsInTime,
  contract.awakeAsBefore,
  contract.initialisedInOrder('driver'),
  contract.noLiveQueueWithoutRing,
  contract.queuesBuiltOnce('pm.virtio_find_vqs'),
  contract.changesHeldBack,
  contract.quietAtSnapshot,
  contract.imageWrittenByLiveDevices(),
  everyoneBack({
    what: 'the transport',
    name: 'transport-started',
    says: 'While tasks run the transport is published and its queues are started.',
    idle: (s) => s.tasks === 'running',
    running: [(s) => s.published, (s) => s.running],
  }),
  requestServed({
    what: 'a packet',
    name: 'queued-packet-leaves',
    says: 'Awake, a packet that was queued is handed to the host or dropped.',
    queued: (s) => s.tasks === 'running' && s.queued,
    served: (s) => !s.queued || s.tasks === 'frozen',
  }),
  serviceResumes({
    what: 'the transmit ring',
    name: 'packets-flow-again',
    says: 'After a sleep packets are handed to the host again and again.',
    inUse: (s) => s.tasks === 'running' && s.sleeps === 0,
    serves: (s) => s.queues.tx.buffer === 'host',
  }),
  readyBeforeUse({
    what: 'the transmit ring',
    name: 'no-packet-dropped',
    says: 'A packet is taken for sent only if the ring had room for it; otherwise it waits in the queue.',
    use: ['sender.virtio_transport_send_skb', 'send_work.virtqueue_add'],
    ready: (s) => s.vqs === 'deleted' || s.queues.tx.buffer === 'guest',
    used: (s) => !s.queued,
  }),
  accessOnlyWhile({
    what: 'the receive ring',
    name: 'replies-can-be-sent',
    says: 'Unless connections are being given up, a packet is received only when a reply to it can be sent.',
    access: ['rx_work.mutex_lock:rx_lock/run', 'rx_work.mutex_lock:rx_lock/no_memory'],
    relevant: (s, at) => s.received > 0 && !at('pm', ...givesUp),
    allowed: (s) => s.published,
  }),
  stateAgrees({
    what: 'the receive buffers',
    name: 'buffers-counted',
    says: 'While the queues run, the driver counts as many receive buffers as there are.',
    settled: (s) => s.running,
    one: (s) => s.rxBufNr,
    other: (s) => s.posted + s.received,
  }),
  serviceResumes({
    what: 'the receive ring',
    name: 'receive-goes-on',
    says: 'After a sleep the receive ring is filled again and again.',
    inUse: (s) => s.tasks === 'running' && s.sleeps === 0,
    serves: (s) => s.posted === 2 && s.status === 'driver_ok',
  }),
  stateMatchesHardware({
    what: 'a connection',
    name: 'sockets-agree',
    says: 'Whenever tasks run, a socket that believes to be connected has a peer.',
    claimed: (s) => s.tasks === 'running' && s.socket.guest,
    actual: (s) => s.socket.peer,
  }),
]

export default properties
