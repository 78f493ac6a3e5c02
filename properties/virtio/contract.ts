/** What every virtio protocol must keep: the contract between driver, host and power management. */

import { record, type At, type Frozen, type Property } from '../../src/index.js'
import { machine, type Machine } from '../../models/virtio/machine.js'
import { templatesOver } from '../templates.js'

const {
  accessOnlyWhile,
  actsOnlyWhile,
  attemptTerminates,
  drainBeforeTeardown,
  everyoneBack,
  noDeadlock,
  readyAtCommit,
  readyBeforeUse,
  setUpOnce,
  stateMatchesHardware,
} = templatesOver(record(machine<string>()))

/** Whether a step moved a buffer or rang a doorbell. */
const moved = ({ queues: one }: Frozen<Machine>, { queues: other }: Frozen<Machine>): boolean =>
  Object.keys(one).some((q) => one[q]!.buffer !== other[q]!.buffer || one[q]!.kicked !== other[q]!.kicked)

/** The question this project began with: S1 of a guest, whoever it is and whatever its step is called. */
export const noAccess = actsOnlyWhile({
  what: 'a virtqueue',
  name: 'no-vq-access-after-del-vqs',
  says: 'From the deletion of the virtqueues until they are built again, nobody in the guest touches a virtqueue or what is freed with it.',
  acted: moved,
  noted: (s) => s.misuse.deleted,
  except: ['host'],
})

/** Memory-safe where it is broken, but the work is lost. */
export const noSubmission = actsOnlyWhile({
  what: 'a virtqueue',
  name: 'no-submission-after-reset',
  says: 'Between a reset and the next DRIVER_OK nobody in the guest adds a buffer or kicks.',
  acted: moved,
  noted: (s) => s.misuse.reset,
  except: ['host'],
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
  idle: (s, at) => s.tasks === 'running' && at('pm', 'freeze_processes'),
})

/**
 * What a restore promises, as one state. Source: `virtio_device_restore` of drivers/virtio/virtio.c, and
 * Documentation/driver-api/pm/devices.rst: after thaw or restore a device works as before the freeze.
 */
export const awakeAsBefore = everyoneBack({
  what: 'the device',
  name: 'awake-as-before',
  says: 'While tasks run, unless a restore has failed, the device is DRIVER_OK, is bus master and has its queues, changes are delivered, and no image is left in memory.',
  idle: (s) => s.tasks === 'running' && s.status !== 'failed',
  running: [
    (s) => s.status === 'driver_ok' && s.busMaster,
    (s) => s.vqs === 'built' && s.known && !s.broken,
    (s) => s.config.enabled && !s.config.pending,
    (s) => !s.image,
  ],
})

/** Where the thread of power management stands in the handshake, and what has come before. */
const handshake = [
  ['virtio_add_status:ACKNOWLEDGE', 'reset', 'deleted'],
  ['virtio_add_status:DRIVER', 'acknowledge', 'deleted'],
  ['virtio_features_ok', 'driver', 'deleted'],
  ['virtio_device_ready', 'features_ok', 'built'],
] as const

/** Where the core sets DRIVER_OK for a driver that has not done so itself. */
const byTheCore = ['virtio_add_status:DRIVER_OK', 'features_ok', 'built'] as const

/** Source: virtio 1.3, section 3.1.1; 6fbc198cf623. @param sets who sets DRIVER_OK: always the driver, or in some versions the core. */
export const initialisedInOrder = (sets: 'driver' | 'core'): Property => {
  const places = sets === 'core' ? [...handshake, byTheCore] : handshake
  return stateMatchesHardware({
    what: 'the initialisation of the device',
    name: 'initialised-in-order',
    says: 'Restore resets the device and goes through ACKNOWLEDGE, DRIVER, FEATURES_OK, the queues and DRIVER_OK in this order, without leaving one out.',
    claimed: (_s, at) => places.some(([label]) => at('pm', label)),
    actual: (s, at) => places.some(([label, status, vqs]) => at('pm', label) && s.status === status && s.vqs === vqs),
  })
}

/** Source: virtio 1.3, section 3.3.1: a queue is not live when it is taken away; here, none is gone that the device knows. */
export const noLiveQueueWithoutRing = stateMatchesHardware({
  what: 'a virtqueue',
  name: 'no-live-queue-without-ring',
  says: 'A device that has the addresses of rings was not reset, and the rings are there.',
  claimed: (s) => s.known,
  actual: (s) => s.vqs === 'built',
})

/** Steps that build the queues; `on` names them. Source: `vp_find_vqs`, which takes vectors and rings anew. */
export const queuesBuiltOnce = (...on: readonly string[]): Property =>
  setUpOnce({
    what: 'the virtqueues',
    name: 'queues-built-once',
    says: 'Virtqueues are built only where there are none: those of before the sleep were deleted.',
    setup: on,
    present: (s) => s.vqs === 'built',
  })

/** Source: 22b7050a024d, 2014: changes that arrive during freeze and restore are deferred. */
export const changesHeldBack = stateMatchesHardware({
  what: 'a configuration change',
  name: 'config-changes-held-back',
  says: 'Configuration changes are delivered to the driver only while its device is DRIVER_OK and its queues are there.',
  claimed: (s) => s.config.enabled,
  actual: (s) => s.status === 'driver_ok' && s.vqs === 'built',
})

/** Source: Documentation/driver-api/pm/devices.rst, `freeze`: a quiesced device generates neither interrupts nor DMA. */
export const quietAtSnapshot = readyAtCommit({
  what: 'memory',
  name: 'quiet-at-snapshot',
  says: 'When the image is made the device has been reset, or has failed and knows no ring, is not bus master, and no interrupt is pending or being handled.',
  commit: 'pm.swsusp_arch_suspend',
  ready: (s) =>
    (s.status === 'reset' || (s.status === 'failed' && !s.known)) && !s.busMaster && !s.irq.pending && !s.irq.running,
})

/** The thaw of hibernation is there for this. Source: `hibernate` of kernel/power/hibernate.c. */
export const imageWrittenByLiveDevices = (): Property =>
  readyAtCommit({
    what: 'the device',
    name: 'image-written-by-live-devices',
    says: 'The image that is written was made in this sleep, and by then the device works again: a disk is needed to write it.',
    commit: 'pm.power_down/poweroff',
    ready: (s) => s.image && s.busMaster && s.status === 'driver_ok' && s.vqs === 'built' && s.known,
  })

/** {@link awakeAsBefore}, of a device whose driver may be bound and unbound. */
export const awakeAsBeforeWhile = (bound: (at: At) => boolean): Property => {
  if (awakeAsBefore.kind !== 'always') return awakeAsBefore
  const { when: awake } = awakeAsBefore
  const when: typeof awake = (s, at) => bound(at) && (awake?.(s, at) ?? true)
  return { ...awakeAsBefore, when }
}

/** Source: virtio 1.3, section 3.3.1, and what the next driver of the device expects to find. */
export const removedIsGone = (): Property =>
  stateMatchesHardware({
    what: 'removal',
    name: 'removed-is-gone',
    says: 'A device whose driver was unbound has been reset, knows no ring, and no ring is left.',
    claimed: (_s, at) => at('remove', 'end'),
    actual: (s) => s.status === 'reset' && !s.known && s.vqs === 'deleted',
  })
