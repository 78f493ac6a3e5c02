/** What must hold of pausing, saving and restoring a virtual machine under virtio. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-snapshot.js'
import { templatesOver } from './templates.js'

const { requestServed, stateMatchesHardware, accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  requestServed({
    what: 'an available buffer',
    name: 'kick-is-not-lost',
    says: 'A buffer that was made available is taken.',
    queued: (s) => s.buffer === 'avail',
    served: (s) => s.buffer !== 'avail',
  }),
  requestServed({
    what: 'a used buffer',
    name: 'interrupt-is-not-lost',
    says: 'A used buffer is seen by the driver.',
    queued: (s) => s.buffer === 'used',
    served: (s) => s.buffer !== 'used',
  }),
  stateMatchesHardware({
    what: 'a connection',
    name: 'connection-has-a-peer',
    says: 'Whenever the guest runs, a connection that it believes in has a peer.',
    claimed: (s) => s.vm === 'running' && s.connection.guest,
    actual: (s) => s.connection.peer,
  }),
  accessOnlyWhile({
    what: 'a queue',
    name: 'no-kick-of-an-absent-queue',
    says: 'The host does nothing for a queue that it has freed.',
    access: 'guest.virtqueue_kick/virtio_queue_notify',
    allowed: (s) => s.queue.host,
  }),
]

export default properties
