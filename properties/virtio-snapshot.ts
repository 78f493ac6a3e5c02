/** What must hold of pausing, saving and restoring a virtual machine under virtio. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/virtio-snapshot.js'

const { always, step, leadsTo } = propertiesOver(state)

const properties: Properties = [
  leadsTo('kick-is-not-lost', 'A buffer that was made available is taken.', {
    from: (s) => s.buffer === 'avail',
    to: (s) => s.buffer !== 'avail',
  }),
  leadsTo('interrupt-is-not-lost', 'A used buffer is seen by the driver.', {
    from: (s) => s.buffer === 'used',
    to: (s) => s.buffer !== 'used',
  }),
  always('connection-has-a-peer', 'Whenever the guest runs, a connection that it believes in has a peer.', {
    when: (s) => s.vm === 'running' && s.connection.guest,
    holds: (s) => s.connection.peer,
  }),
  step('no-kick-of-an-absent-queue', 'The host does nothing for a queue that it has freed.', {
    on: 'guest.virtqueue_kick/virtio_queue_notify',
    holds: (before) => before.queue.host,
  }),
]

export default properties
