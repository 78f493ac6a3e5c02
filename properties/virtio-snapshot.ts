/** What must hold of pausing, saving and restoring a virtual machine under virtio. */

import type { Properties } from '../src/index.js'
import { state } from '../models/virtio-snapshot.js'
import { templatesOver } from './templates.js'

const {
  requestServed,
  stateMatchesHardware,
  stateAgrees,
  accessOnlyWhile,
  noWorkAfterFreeze,
  attemptTerminates,
  inFlightFate,
  readyAtCommit,
} = templatesOver(state)

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
  stateAgrees({
    what: 'the queue',
    name: 'queues-agree',
    says: 'The host keeps a queue as long as the driver has it, and no longer.',
    one: (s) => s.queue.guest,
    other: (s) => s.queue.host,
  }),
  inFlightFate({
    what: 'a buffer',
    name: 'buffer-used-once',
    says: 'A buffer that the driver has added is taken once and used once, by whoever took it, before it is the driver’s again.',
    accept: 'guest.virtqueue_add',
    effect: 'worker.kick_evt/virtqueue_pop',
    complete: 'worker.complete',
    fail: [],
    idle: (s) => s.buffer === 'guest',
  }),
  requestServed({
    what: 'a buffer in progress',
    name: 'buffer-comes-back',
    says: 'A buffer that the worker has taken is used in the end.',
    queued: (s) => s.buffer === 'host',
    served: (s) => s.buffer !== 'host',
  }),
  noWorkAfterFreeze({
    what: 'the guest',
    name: 'paused-guest-is-still',
    says: 'A machine that is paused, or saved, executes nothing of the guest.',
    own: 'guest.*',
    frozen: (s) => s.vm !== 'running',
  }),
  noWorkAfterFreeze({
    what: 'the worker',
    name: 'saved-memory-is-still',
    says: 'Once memory is saved the worker changes nothing that the image would not have.',
    own: 'worker.*',
    frozen: (s) => s.vm === 'saved',
  }),
  accessOnlyWhile({
    what: 'an image',
    name: 'only-saved-is-restored',
    says: 'A machine is restored only from an image that was saved whole.',
    access: 'vmm.restore',
    allowed: (s) => s.vm === 'saved',
  }),
  readyAtCommit({
    what: 'a machine',
    name: 'only-paused-is-resumed',
    says: 'A machine is resumed only from a pause: one that was saved has been restored before.',
    commit: 'vmm.vcpu_run',
    ready: (s) => s.vm === 'paused',
  }),
  attemptTerminates({
    what: 'a request to pause',
    name: 'pause-begins',
    says: 'A machine that is to be paused is paused, busy as it may be.',
    attempt: (s) => s.pauses !== 'none',
    ended: (s) => s.vm === 'paused',
  }),
  attemptTerminates({
    what: 'a pause',
    name: 'pause-ends',
    says: 'A machine that was paused runs again: resumed, or restored, or because it could not be saved.',
    attempt: (s) => s.vm !== 'running',
    ended: (s) => s.vm === 'running',
  }),
]

export default properties
