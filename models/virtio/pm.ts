/** The sleep of a machine: tasks frozen, the driver's freeze, the snapshot, then thaw or power cycle and restore. */

import { env, over, record, source, type At } from '../../src/index.js'
import type { StepOver } from '../../src/write/model.js'
import { forget, machine, type Machine } from './machine.js'

const { step } = over(record(machine<string>()))

const hibernate = 'kernel/power/hibernate.c'
const core = 'drivers/virtio/virtio.c'
const pci = 'drivers/virtio/virtio_pci_common.c'

/** Freezes user tasks and freezable workqueues: those that are not in the middle of something. */
export const freeze_processes = <S extends Machine>(settled: (at: At, state: S) => boolean = () => true) =>
  step('freeze_processes', {
    origin: source('kernel/power/process.c', 'freeze_processes'),
    when: (s: Machine, _, at) => s.sleeps > 0 && settled(at, s as S),
    then: (d) => {
      d.tasks = 'frozen'
      d.sleeps--
    },
    log: 'Freezing user space processes',
  })

/** From here on a configuration change is remembered, not delivered. */
export const virtio_config_core_disable = step('virtio_config_core_disable', {
  origin: source(core, 'virtio_config_core_disable'),
  then: (d) => void (d.config.enabled = false),
})

/** The last step of `virtio_pci_freeze`: bus mastering ends, the device can reach memory no more. */
export const pci_disable_device = step('pci_disable_device', {
  origin: source(pci, 'virtio_pci_freeze'),
  then: (d) => void (d.busMaster = false),
})

/** All CPUs but one are taken down: after the drivers' freeze, before the snapshot. */
export const freeze_secondary_cpus = step('freeze_secondary_cpus', {
  origin: source(hibernate, 'create_image'),
})

/**
 * The snapshot. The same code goes on twice: at once, to write the image or to cancel, and after the power cycle, when
 * the host has forgotten everything; `lost` is what else it forgets.
 */
export const swsusp_arch_suspend = <S extends Machine>(lost: (draft: S) => void = () => undefined, keeps = false) =>
  step('swsusp_arch_suspend', {
    origin: source(hibernate, 'create_image'),
    either: {
      thaw: {
        says: 'The image is taken, or sleep was cancelled: thaw with the host as it was.',
        then: (d) => void (d.image = true),
      },
      ...(!keeps && {
        restore: {
          says: 'The machine was off; the boot kernel has loaded the image and jumped into it.',
          origin: env('the power goes off and comes back'),
          then: (d: Machine) => {
            forget(d)
            d.image = false
            lost(d as S)
          },
          log: 'Hibernation image restored successfully.',
        },
      }),
    },
  })

/** The CPUs come back, before any driver's thaw or restore. */
export const thaw_secondary_cpus = step('thaw_secondary_cpus', {
  origin: source(hibernate, 'create_image'),
})

/** The first step of `virtio_pci_restore`. */
export const pci_enable_device = step('pci_enable_device', {
  origin: source(pci, 'virtio_pci_restore'),
  then: (d) => void (d.busMaster = true),
})

const status = (value: 'acknowledge' | 'driver', name: string) =>
  step(`virtio_add_status:${name}`, {
    origin: source(core, 'virtio_device_restore'),
    then: (d) => void (d.status = value),
  })

/** The status handshake of `virtio_device_restore` up to the driver's own restore. */
export const handshake = <S extends Machine>(reset: (draft: S) => void = forget) => [
  step('virtio_reset_device:restore', {
    origin: source(core, 'virtio_device_restore'),
    then: (d) => reset(d as S),
    signals: 'host',
  }),
  status('acknowledge', 'ACKNOWLEDGE'),
  status('driver', 'DRIVER'),
  step('virtio_features_ok', {
    origin: source(core, 'virtio_features_ok'),
    then: (d) => void (d.status = 'features_ok'),
  }),
]

/** The core sets DRIVER_OK if the driver's restore did not. */
export const driver_ok = step('virtio_add_status:DRIVER_OK', {
  origin: source(core, 'virtio_device_restore'),
  then: (d) => void (d.status = 'driver_ok'),
  signals: 'host',
})

/** Delivers the change that was remembered, if there was one. */
export const virtio_config_core_enable = <S extends Machine>(changed: (draft: S) => void = () => undefined) =>
  step('virtio_config_core_enable', {
    origin: source(core, 'virtio_config_core_enable'),
    then: (d) => {
      d.config.enabled = true
      if (d.config.pending) changed(d as S)
      d.config.pending = false
    },
  })

/** After a thaw the image is written and the drivers are frozen once more, with tasks still frozen; or life goes on. */
export const power_down = step('power_down', {
  origin: source(hibernate, 'power_down'),
  either: {
    poweroff: {
      when: (s) => s.image && s.sleeps > 0,
      then: (d) => {
        d.image = false
        d.sleeps--
      },
      goto: 'virtio_config_core_disable',
    },
    awake: { then: (d) => void (d.image = false) },
  },
})

/** User tasks and freezable workqueues run again, also after a restore that failed. */
export const thaw_processes = step('thaw_processes', {
  origin: source('kernel/power/process.c', 'thaw_processes'),
  then: (d) => void (d.tasks = 'running'),
  goto: 'freeze_processes',
  log: 'Restarting tasks ... done.',
})

/** A restore that failed: the core only marks the device, the sleep goes on to its end. */
export const failed = step('virtio_add_status:FAILED', {
  origin: source(core, 'virtio_device_restore'),
  then: (d) => {
    d.status = 'failed'
    d.image = false
  },
  goto: 'thaw_processes',
})

/** What a driver brings to a sleep; the two lists read like its `freeze` and `restore`. */
export interface Driver<S extends Machine> {
  /** Whether user tasks and the driver core let a sleep begin. */
  readonly settled?: (at: At, state: S) => boolean
  readonly freeze: readonly StepOver<S, unknown>[]
  readonly restore: readonly StepOver<S, unknown>[]
  /** A step of `restore` goes to `virtio_add_status:FAILED`. */
  readonly mayFail?: boolean
  /** The power stays on: every sleep ends in a thaw. */
  readonly keeps?: boolean
  /** What its CPU-hotplug callback does, in place of the plain steps. */
  readonly cpus?: { readonly down: StepOver<S, unknown>; readonly up: StepOver<S, unknown> }
  /** What the host forgets while it is off, beyond the queues. */
  readonly lost?: (draft: S) => void
  /** What a reset makes the device forget. Default: the status and the queues. */
  readonly reset?: (draft: S) => void
  /** The driver's `config_changed`. */
  readonly changed?: (draft: S) => void
}

/** The steps of the PM thread around a driver's freeze and restore. */
export const hibernation = <S extends Machine>(driver: Driver<S>): readonly StepOver<S, unknown>[] => [
  freeze_processes(driver.settled),
  virtio_config_core_disable,
  ...driver.freeze,
  pci_disable_device,
  driver.cpus?.down ?? freeze_secondary_cpus,
  swsusp_arch_suspend(driver.lost, driver.keeps),
  driver.cpus?.up ?? thaw_secondary_cpus,
  pci_enable_device,
  ...handshake(driver.reset),
  ...driver.restore,
  virtio_config_core_enable(driver.changed),
  power_down,
  thaw_processes,
  ...(driver.mayFail ? [failed] : []),
]

/** Nothing more has to happen once the machine is awake for good. */
export const rested = (s: { readonly sleeps: number }, at: At): boolean =>
  s.sleeps === 0 && at('pm', 'freeze_processes')
