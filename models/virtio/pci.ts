/** A virtio PCI device under a driver with an event queue and a request queue: its state, and who acts on it. */

import { bool, env, oneOf, over, record, source, type At, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'
import {
  handshake,
  hibernation,
  pci_disable_device,
  pci_enable_device,
  virtio_config_core_disable,
  virtio_config_core_enable,
} from './pm.js'

/** The machine with an event queue and a request queue, and what the transport adds. */
export const state = record({
  ...virtio.machine('event', 'request'),
  /** A reset was written that the device has not seen. */
  posted: bool(),
  /** Interrupts: message-signalled, or a line, which no read back from the device pushes in order. */
  msix: bool(),
  /** The driver lets requests in and refills. */
  open: bool(),
  completed: bool(),
  /** What the driver believes the device to hold, and what it holds. */
  object: record({ guest: bool(), host: bool() }),
  unplugged: bool(),
  /** Whose memory the rings lie in. */
  owner: oneOf('this kernel', 'the next'),
})

/** A state of it. */
export type Pci = ValueOf<typeof state>

const { thread, step, action } = over(state)
const core = 'drivers/virtio/virtio.c'
const modern = 'drivers/virtio/virtio_pci_modern.c'
const common = 'drivers/virtio/virtio_pci_common.c'
const driver = 'drivers/virtio/virtio_input.c'

/** Neither shutdown nor removal has begun. */
const awake = (at: At): boolean =>
  (!at.has('shutdown') || at('shutdown', 'device_shutdown')) &&
  (!at.has('remove') || at('remove', 'pciehp_handle_presence'))

const freeze_gate = step('driver_freeze', {
  origin: source(driver, 'virtinput_freeze'),
  then: (d) => void (d.open = false),
  says: 'The driver stops its submitters.',
})

const freeze_drain = step('driver_freeze:drain', {
  origin: source(driver, 'virtinput_freeze'),
  when: (_s, _, at) => !at.has('io') || at('io', 'submit'),
  says: 'It waits for the requests under way.',
})

const write_reset = step('vp_reset', {
  origin: source(modern, 'vp_reset'),
  then: (d) => void (d.posted = true),
  signals: 'host',
})

const poll_reset = step('vp_modern_get_status', {
  origin: source(modern, 'vp_reset'),
  when: (s) => !s.posted,
  says: 'Reads the status until it is 0.',
})

/** With MSI-X the deletion reads back from the device, which pushes a posted reset out. */
const vp_del_vqs = step('vp_del_vqs', {
  origin: source(common, 'vp_del_vqs'),
  when: (s) => !s.irq.running,
  then: (d) => {
    if (d.posted && d.msix) apply(d)
    d.vqs = 'deleted'
    d.irq.pending = false
  },
})

export const apply = (d: Pci): void => {
  d.posted = false
  virtio.forget(d)
  d.object.host = false
}

/** A strict device refuses DRIVER_OK without FEATURES_OK. */
const virtio_device_ready = step('virtio_device_ready', {
  origin: source('include/linux/virtio_config.h', 'virtio_device_ready'),
  then: (d) => {
    if (d.status === 'features_ok' || !d.strict) d.status = 'driver_ok'
    d.broken = false
  },
  signals: 'host',
})

const driver_restore = step('driver_restore', {
  origin: source(driver, 'virtinput_restore'),
  then: (d) => {
    d.open = true
    virtio.add(d, 'event')
    virtio.kick(d, 'event')
  },
  says: 'The event queue is filled and kicked, requests are let in.',
  signals: 'host',
})

const recreate = step('recreate_objects', {
  origin: source('drivers/gpu/drm/virtio/virtgpu_object.c', 'virtio_gpu_object_restore_all'),
  then: (d) => void (d.object.host = true),
})

const freeze = [
  freeze_gate,
  freeze_drain,
  write_reset,
  poll_reset,
  virtio.vp_synchronize_vectors,
  virtio.virtqueue_detach_unused_buf,
  vp_del_vqs,
]

const restore = [
  virtio.init_vqs('init_vqs', driver, 'virtinput_init_vqs'),
  virtio_device_ready,
  recreate,
  driver_restore,
]

export const pm = (keeps: boolean) =>
  thread(
    'pm',
    { actor: 'pm' },
    ...hibernation<Pci>({
      settled: (at, s) => awake(at) && !s.unplugged && (!at.has('flr') || at('flr', 'pci_dev_lock', 'end')),
      reset: apply,
      freeze,
      restore,
      ...(keeps ? {} : { lost: (d) => void (d.object.host = false) }),
      keeps,
    }),
  )

export const io = thread(
  'io',
  { actor: 'worker', says: 'a kernel thread that sends a request and waits for the answer' },
  step('submit', { origin: source(driver, 'virtinput_send_status'), when: (s) => s.open && !s.broken && !s.unplugged }),
  step('virtqueue_add', {
    origin: source('drivers/virtio/virtio_ring.c', 'virtqueue_add'),
    then: (d) => {
      virtio.add(d, 'request')
      virtio.kick(d, 'request')
    },
    signals: 'host',
  }),
  step('wait_event', {
    origin: source('include/linux/wait.h', 'wait_event'),
    when: (s) => s.completed || s.broken,
    then: (d) => void (d.completed = false),
    goto: 'submit',
    says: 'Waits for the answer, or until the queue is broken.',
  }),
)

export const irq = thread(
  'irq',
  { actor: 'irq' },
  step('vring_interrupt', {
    origin: source('drivers/virtio/virtio_ring.c', 'vring_interrupt'),
    when: (s) => s.irq.pending && s.vqs === 'built',
    then: (d) => void (d.irq.pending = false),
    either: {
      handled: { when: (s) => !s.broken, then: (d) => void (d.irq.running = true) },
      dropped: { when: (s) => s.broken, goto: 'vring_interrupt' },
    },
  }),
  step('virtqueue_get_buf', {
    origin: source(driver, 'virtinput_recv_events'),
    then: (d) => {
      d.irq.running = false
      if (virtio.getBuf(d, 'request')) d.completed = true
      if (virtio.getBuf(d, 'event') && d.open) {
        virtio.add(d, 'event')
        virtio.kick(d, 'event')
      }
    },
    goto: 'vring_interrupt',
    signals: 'worker',
  }),
)

export const shutdown = thread(
  'shutdown',
  { actor: 'pm', says: 'kexec' },
  step('device_shutdown', {
    origin: source('drivers/base/core.c', 'device_shutdown'),
    when: (s, _, at) => s.tasks === 'running' && at('pm', 'freeze_processes') && awake(at),
  }),
  step('virtio_break_device', {
    origin: source(core, 'virtio_dev_shutdown'),
    then: (d) => void (d.broken = true),
  }),
  virtio.vp_synchronize_vectors,
  write_reset,
  poll_reset,
  step('machine_kexec', {
    origin: source('kernel/kexec_core.c', 'kernel_kexec'),
    then: (d) => void (d.owner = 'the next'),
  }),
)

/** A function-level reset that root asks for, `/sys/bus/pci/devices/…/reset`, of a driver without `reset_prepare`. */
export const flr = thread(
  'flr',
  { actor: 'pm', says: 'a function-level reset, while tasks run' },
  step('pci_dev_lock', {
    origin: source('drivers/pci/pci.c', 'pci_reset_function'),
    when: (s, _, at) => s.tasks === 'running' && at('pm', 'freeze_processes') && awake(at),
  }),
  step('pcie_flr', {
    origin: source('drivers/pci/pci.c', 'pcie_flr'),
    then: apply,
    signals: 'host',
    says: 'virtio_device_reset_prepare has said -EOPNOTSUPP, and the reset goes on: the device forgets everything.',
  }),
)

/** What virtio-blk does around a function-level reset: the same as around a sleep. */
export const reset_prepare = [virtio_config_core_disable, ...freeze, pci_disable_device]
export const reset_done = [pci_enable_device, ...handshake<Pci>(apply), ...restore, virtio_config_core_enable<Pci>()]

export const remove = thread(
  'remove',
  { actor: 'pm', says: 'the handler of a device that was pulled out' },
  step('pciehp_handle_presence', {
    origin: source('drivers/pci/hotplug/pciehp_ctrl.c', 'pciehp_handle_presence_or_link_change'),
    when: (s, _, at) => s.unplugged && s.tasks === 'running' && at('pm', 'freeze_processes') && awake(at),
  }),
  step('virtio_break_device', {
    origin: source(common, 'virtio_pci_remove'),
    then: (d) => void (d.broken = true),
  }),
  step('unregister', {
    origin: source(core, 'unregister_virtio_device'),
    when: (_s, _, at) => !at.has('io') || at('io', 'submit'),
    then: (d) => void (d.open = false),
    says: 'Waits for the requests under way.',
  }),
  write_reset,
  step('vp_modern_get_status', {
    origin: source(modern, 'vp_reset'),
    when: (s) => !s.posted,
    says: 'Reads the status until it is 0; a device that is gone answers with all ones.',
  }),
  vp_del_vqs,
)

/** The device sees the reset that was written. */
export const device_reset = action('device_reset', {
  actor: 'host',
  origin: source('hw/virtio/virtio.c', 'virtio_reset'),
  when: (s) => s.posted && !s.unplugged,
  then: apply,
})

/** The device is pulled out. */
export const unplug = action('unplug', {
  actor: 'host',
  origin: env('the device is pulled out'),
  when: (s) => !s.unplugged && s.tasks === 'running',
  then: (d) => {
    d.unplugged = true
    d.known = false
  },
})
