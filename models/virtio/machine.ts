/**
 * The virtio machine that every driver's protocol is composed from: the device's status byte, virtqueues of one buffer
 * each, the host that serves them, interrupts, configuration changes. A protocol adds its driver's own state and actors.
 */

import {
  bool,
  each,
  env,
  environment,
  int,
  oneOf,
  over,
  record,
  source,
  system,
  type ValueOf,
} from '../../src/index.js'

/** Where the one buffer of a virtqueue is, and whether the host was told to look. */
const queue = record({ buffer: oneOf('guest', 'avail', 'host', 'used'), kicked: bool() })

/** The state of the machine with the named virtqueues, as fields of a protocol's `record`. */
export const machine = <const Q extends string>(...queues: readonly Q[]) => ({
  tasks: oneOf('running', 'frozen'),
  /** Times the machine may still go to sleep. */
  sleeps: int(0, 3),
  /** The image of this hibernation is in memory: the thaw under way is only there to write it. */
  image: bool(),
  status: oneOf('reset', 'acknowledge', 'driver', 'features_ok', 'driver_ok', 'failed'),
  /** The host ignores kicks before DRIVER_OK; a lenient one starts to work on the first kick. */
  strict: bool(),
  busMaster: bool(),
  /** The guest's virtqueue objects and rings. */
  vqs: oneOf('built', 'deleted'),
  /** The device has the rings' addresses and may read and write them. */
  known: bool(),
  broken: bool(),
  queues: each(queues, queue),
  irq: record({ pending: bool(), running: bool() }),
  config: record({ enabled: bool(), pending: bool() }),
  /**
   * What the acts below have noted, by whatever step they were done: a virtqueue was touched while there was none; a buffer was
   * added, or the doorbell rung, between a reset and DRIVER_OK. Nothing depends on it but properties.
   */
  misuse: record({ deleted: bool(), reset: bool() }),
})

const any = record(machine<string>())
const { step, action } = over(any)

/** Any protocol's state, as far as the machine knows it. */
export type Machine = ValueOf<typeof any>

/** A machine that runs, with the given buffers posted. */
export const live = <const Q extends string>(
  buffers: Readonly<Record<Q, 'guest' | 'avail'>>,
  choice: { readonly strict: boolean; readonly sleeps: number },
) => ({
  tasks: 'running' as const,
  sleeps: choice.sleeps,
  image: false,
  status: 'driver_ok' as const,
  strict: choice.strict,
  busMaster: true,
  vqs: 'built' as const,
  known: true,
  broken: false,
  queues: Object.fromEntries(
    Object.entries(buffers).map(([name, buffer]) => [name, { buffer, kicked: buffer === 'avail' }]),
  ) as Record<Q, { buffer: 'guest' | 'avail'; kicked: boolean }>,
  irq: { pending: false, running: false },
  config: { enabled: true, pending: false },
  misuse: { deleted: false, reset: false },
})

/** The lanes that every protocol has. */
export const actors = {
  pm: system('the power-management core and the callbacks it calls'),
  host: environment('the device as the host implements it'),
  irq: system('the interrupt handler, on another CPU'),
}

/** Whether the device works on its queues. */
export const working = (s: Machine): boolean =>
  s.status === 'driver_ok' || (!s.strict && s.status !== 'reset' && s.status !== 'failed')

/** The guest reads or writes a virtqueue, or memory that is freed together with it. Every other act of the guest does this too. */
export const touch = (d: Machine): void => {
  if (d.vqs === 'deleted') d.misuse.deleted = true
}

/** The guest adds a buffer or rings the doorbell; on a queue that is marked broken `virtqueue_add` fails and nothing is rung. */
export const submit = (d: Machine): void => {
  touch(d)
  if (d.vqs === 'built' && !d.broken && d.status !== 'driver_ok') d.misuse.reset = true
}

/** Puts a buffer on a ring and says whether there was room; on one that is full, broken or freed, nothing that lasts. */
export const add = (d: Machine, q: string): boolean => {
  submit(d)
  const room = d.vqs === 'built' && !d.broken && d.queues[q]!.buffer === 'guest'
  if (room) d.queues[q]!.buffer = 'avail'
  return room
}

/** Rings the doorbell: a device that has no ring, or is strict and not told DRIVER_OK, does not remember it. */
export const kick = (d: Machine, q: string): void => {
  submit(d)
  if (d.known && !d.broken && working(d)) d.queues[q]!.kicked = true
}

/** Takes a used buffer back; says whether there was one. */
export const getBuf = (d: Machine, q: string): boolean => {
  touch(d)
  const there = d.vqs === 'built' && d.queues[q]!.buffer === 'used'
  if (there) d.queues[q]!.buffer = 'guest'
  return there
}

/** The device forgets everything: by a reset, or because the host was off. */
export const forget = (d: Machine): void => {
  d.status = 'reset'
  d.known = false
  for (const name of Object.keys(d.queues)) {
    const one = d.queues[name]!
    one.kicked = false
    if (one.buffer === 'host') one.buffer = 'avail'
  }
}

const core = 'drivers/virtio/virtio.c'
const pci = 'drivers/virtio/virtio_pci_common.c'
const ring = 'drivers/virtio/virtio_ring.c'

/** Writes 0 to the status and waits until it reads 0. What handlers do meanwhile is not waited for. */
export const virtio_reset_device = step('virtio_reset_device', {
  origin: source(core, 'virtio_reset_device'),
  then: forget,
  signals: 'host',
})

/** Waits for every interrupt that is pending or being handled. */
export const vp_synchronize_vectors = step('vp_synchronize_vectors', {
  origin: source(pci, 'vp_synchronize_vectors'),
  when: (s) => !s.irq.pending && !s.irq.running,
})

/** Takes back the buffers that the device did not use. */
export const virtqueue_detach_unused_buf = step('virtqueue_detach_unused_buf', {
  origin: source(ring, 'virtqueue_detach_unused_buf'),
  then: (d) => Object.keys(d.queues).forEach((q) => takeBack(d, q)),
})

/** Takes one buffer back; one that the device holds it goes on holding. */
export const takeBack = (d: Machine, q: string): void => {
  touch(d)
  if (d.queues[q]!.buffer !== 'host') d.queues[q]!.buffer = 'guest'
}

/**
 * Frees vectors and rings. `free_irq` and the lock of the dispatch list wait for a running handler, so the ring itself
 * is safe from its own handler; a modern device is not told, it keeps the addresses unless it was reset.
 */
export const del_vqs = (name: string, file: string, symbol = name) =>
  step(name, {
    origin: source(file, symbol),
    when: (s: Machine) => !s.irq.running,
    then: (d) => {
      d.vqs = 'deleted'
      d.irq.pending = false
    },
  })

/** Builds the rings and tells the device where they are. */
export const init_vqs = (name: string, file: string, symbol = name) =>
  step(name, { origin: source(file, symbol), then: build })

/** The effect of {@link init_vqs}. */
export const build = (d: Machine): void => {
  d.vqs = 'built'
  d.known = true
  d.broken = false
  for (const name of Object.keys(d.queues)) {
    d.queues[name]!.buffer = 'guest'
    d.queues[name]!.kicked = false
  }
}

/** Sets DRIVER_OK: from here on the device works. */
export const virtio_device_ready = step('virtio_device_ready', {
  origin: source('include/linux/virtio_config.h', 'virtio_device_ready'),
  then: (d) => void (d.status = 'driver_ok'),
  signals: 'host',
})

/** Marks the queues broken: adding fails, callbacks are ignored, loops that test it end. The host is not told. */
export const virtio_break_device = step('virtio_break_device', {
  origin: source(ring, 'virtio_break_device'),
  then: (d) => void (d.broken = true),
})

/** The host takes an available buffer of a queue that was kicked. It looks at nothing but what it was told. */
export const virtqueue_pop = <const Q extends string>(...queues: readonly Q[]) =>
  action('virtqueue_pop', {
    actor: 'host',
    for: { q: queues },
    origin: source('hw/virtio/virtio.c', 'virtqueue_pop'),
    when: (s, { q }) => reaches(s) && s.queues[q]!.kicked && (s.queues[q]!.buffer === 'avail' || s.vqs === 'deleted'),
    then: (d, { q }) => {
      d.queues[q]!.kicked = false
      if (d.vqs === 'built') d.queues[q]!.buffer = 'host'
    },
  })

/** The host returns a buffer and interrupts. */
export const virtqueue_push = <const Q extends string>(...queues: readonly Q[]) =>
  action('virtqueue_push', {
    actor: 'host',
    for: { q: queues },
    origin: source('hw/virtio/virtio.c', 'virtqueue_push'),
    when: (s, { q }) => reaches(s) && s.queues[q]!.buffer === 'host',
    then: (d, { q }) => {
      d.queues[q]!.buffer = 'used'
      if (d.vqs === 'built') d.irq.pending = true
    },
    signals: 'irq',
  })

/** Whether the device can reach the rings: it knows them, may master the bus, and works. */
const reaches = (s: Machine): boolean => s.known && s.busMaster && working(s)

/** The interrupt arrives on some CPU; its vector is gone once the queues are. */
export const vring_interrupt = step('vring_interrupt', {
  origin: source(ring, 'vring_interrupt'),
  when: (s) => s.irq.pending && s.vqs === 'built',
  then: (d) => {
    d.irq.pending = false
    d.irq.running = true
  },
})

/**
 * The administrator changes the device's configuration. The device says so only from DRIVER_OK on, and not at all if it changes while it is
 * reset; the core calls the driver, or remembers the change.
 */
export const config_change = <S extends Machine>(
  changed: (draft: S) => void,
  silently: (draft: S) => void = () => undefined,
) =>
  action('config_change', {
    actor: 'host',
    origin: env('the administrator changes the configuration of the device'),
    then: (d) => {
      silently(d as S)
      if (d.status !== 'driver_ok') return
      if (d.config.enabled) changed(d as S)
      else d.config.pending = true
    },
  })
