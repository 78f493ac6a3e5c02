/** What every virtio protocol must keep: the contract between driver, host and power management. */

import { record, type Property } from '../../src/index.js'
import { machine } from '../../models/virtio/machine.js'
import { templatesOver } from '../templates.js'

const { accessOnlyWhile, attemptTerminates, drainBeforeTeardown, noDeadlock, readyBeforeUse } = templatesOver(
  record(machine<string>()),
)

/** The question this project began with: S1 of a guest, whoever it is. */
export const noAccess = (...more: readonly string[]): Property =>
  accessOnlyWhile({
    what: 'a virtqueue',
    name: 'no-vq-access-after-del-vqs',
    says: 'From the deletion of the virtqueues until they are built again, nobody in the guest touches a virtqueue or what is freed with it.',
    access: ['*.virtqueue_*', '*/virtqueue_*', ...more],
    except: ['host'],
    allowed: (s) => s.vqs === 'built',
  })

/** Memory-safe where it is broken, but the work is lost. */
export const noSubmission = accessOnlyWhile({
  what: 'a virtqueue',
  name: 'no-submission-after-reset',
  says: 'Between a reset and the next DRIVER_OK nobody in the guest adds a buffer or kicks.',
  access: ['*.virtqueue_add*', '*.virtqueue_kick*', '*/virtqueue_add*'],
  relevant: (s) => s.vqs === 'built',
  allowed: (s) => s.status === 'driver_ok',
})

/** The host's half of the question. */
export const noStrayDma = accessOnlyWhile({
  what: 'a ring',
  name: 'no-dma-after-del-vqs',
  says: 'From the deletion of the virtqueues until they are built again, the host neither reads nor writes a ring.',
  access: 'host.virtqueue_*',
  allowed: (s) => s.vqs === 'built',
})

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
  readyBeforeUse({
    what: 'the device',
    name: 'driver-ok-first',
    says: 'Nobody kicks or waits for the device before DRIVER_OK.',
    use: on,
    ready: (s) => s.status === 'driver_ok',
    used: (s) => Object.values(s.queues).some(({ buffer }) => buffer !== 'guest'),
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
export const sleepEnds = noDeadlock({
  what: 'a sleep',
  name: 'sleep-ends',
  says: 'However a sleep goes, the machine can still come back to running tasks.',
  idle: (s, at) => s.tasks === 'running' && at.pm === 'freeze_processes',
})
