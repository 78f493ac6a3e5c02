/** What must hold of virtio-vsock. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-vsock.js'
import * as contract from './virtio/contract.js'
import { templatesOver } from './templates.js'

const { requestServed, stateMatchesHardware, stateAgrees, serviceResumes } = templatesOver(state)

const properties: Properties = [
  contract.noAccess(),
  contract.noSubmission,
  contract.noStrayDma,
  requestServed({
    what: 'a packet',
    name: 'queued-packet-leaves',
    says: 'Awake, a packet that was queued is handed to the host or dropped.',
    queued: (s) => s.tasks === 'running' && s.sleeps === 0 && s.queued,
    served: (s) => !s.queued,
  }),
  stateAgrees({
    what: 'the receive buffers',
    name: 'buffers-counted',
    says: 'While the queues run, the driver counts as many receive buffers as there are.',
    settled: (s) => s.running,
    one: (s) => s.rxBufNr,
    other: (s) => s.posted,
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
