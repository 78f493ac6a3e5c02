/** What every virtio protocol must keep: the contract between driver, host and power management. */

import { propertiesOver, record, type Property } from '../../src/index.js'
import { machine } from '../../models/virtio/machine.js'
import { templatesOver } from '../templates.js'

const { step, possible } = propertiesOver(record(machine<string>()))
const { attemptTerminates, drainBeforeTeardown } = templatesOver(record(machine<string>()))

/** The question this project began with: S1 of a guest, whoever it is. */
export const noAccess = (...more: readonly string[]): Property =>
  step(
    'no-vq-access-after-del-vqs',
    'From the deletion of the virtqueues until they are built again, nobody in the guest touches a virtqueue or what is freed with it.',
    {
      on: ['*.virtqueue_*', '*/virtqueue_*', ...more],
      when: (_before, _after, { actor }) => actor !== 'host',
      holds: (before) => before.vqs === 'built',
    },
  )

/** Memory-safe where it is broken, but the work is lost. */
export const noSubmission = step(
  'no-submission-after-reset',
  'Between a reset and the next DRIVER_OK nobody in the guest adds a buffer or kicks.',
  {
    on: ['*.virtqueue_add*', '*.virtqueue_kick*', '*/virtqueue_add*'],
    when: (before) => before.vqs === 'built',
    holds: (before) => before.status === 'driver_ok',
  },
)

/** The host's half of the question. */
export const noStrayDma = step(
  'no-dma-after-del-vqs',
  'From the deletion of the virtqueues until they are built again, the host neither reads nor writes a ring.',
  { on: 'host.virtqueue_*', holds: (before) => before.vqs === 'built' },
)

/** What reset is to flush. */
export const handlersExcluded = (...on: readonly string[]): Property =>
  drainBeforeTeardown({
    what: 'a virtqueue',
    name: 'no-handler-while-buffers-return',
    says: 'From the time reset has returned no interrupt is pending and no handler is running, until the device is ready again.',
    teardown: on,
    inFlight: (s) => s.irq.running || s.irq.pending,
  })

/** A buffer has one owner. */
export const buffersOwnedOnce = drainBeforeTeardown({
  what: 'a virtqueue',
  name: 'buffers-owned-once',
  says: 'The driver takes back only buffers that the device does not hold.',
  teardown: '*.virtqueue_detach_unused_buf',
  inFlight: (s) => s.status !== 'reset' && Object.values(s.queues).some(({ buffer }) => buffer === 'host'),
})

/** Steps that kick or wait for the device; `on` names them. */
export const driverOkFirst = (...on: readonly string[]): Property =>
  step('driver-ok-first', 'Nobody kicks or waits for the device before DRIVER_OK.', {
    on,
    holds: (before, after) =>
      before.status === 'driver_ok' || Object.keys(after.queues).every((q) => after.queues[q]!.buffer === 'guest'),
  })

/** The same as a promise: what it needs of the host is told by the fairness it is given. */
export const sleepEndsInTime = attemptTerminates({
  what: 'a sleep',
  name: 'sleep-ends-in-time',
  says: 'Every sleep that begins comes to its end, given what is assumed of the host.',
  attempt: (s) => s.tasks === 'frozen',
  ended: (s) => s.tasks === 'running',
})

/** Freeze, thaw and restore come to an end. */
export const sleepEnds = possible(
  'sleep-ends',
  'However a sleep goes, the machine can still come back to running tasks.',
  (s, at) => s.tasks === 'running' && at.pm === 'freeze_processes',
)
