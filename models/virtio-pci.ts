/**
 * The virtio core and its PCI transport under a driver with an event queue and a request queue: reset, the status
 * handshake, interrupts, shutdown, surprise removal. The base is the transport of Linux 7.3.4.
 */

import { bool, int, over, parameter } from '../src/index.js'
import * as virtio from './virtio/machine.js'
import * as pci from './virtio/pci.js'
import { driver_ok, rested } from './virtio/pm.js'

const { model, patch, edit } = over(pci.state)

const legacyLists = [
  'driver_freeze',
  'driver_freeze:drain',
  'vp_reset',
  'vp_modern_get_status',
  'vp_synchronize_vectors',
  'virtqueue_detach_unused_buf',
  'vp_del_vqs',
  'init_vqs',
  'virtio_device_ready',
  'driver_restore',
  'recreate_objects',
].map((name) => edit.remove(`pm.${name}`))
const handshakeSteps = [
  'virtio_reset_device:restore',
  'virtio_add_status:ACKNOWLEDGE',
  'virtio_add_status:DRIVER',
  'virtio_features_ok',
]

const patches = [
  patch('reset-posted-unflushed', {
    kind: 'era',
    says: 'Reset is one write that may still be under way, and waits for no handler.',
    reference: 'before e6af578c5305, 2011',
    edits: [edit.remove('pm.vp_modern_get_status'), edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('reset-posted', {
    kind: 'fault',
    says: 'Reset waits for handlers, but not for the device: half of e6af578c5305.',
    edits: [edit.remove('pm.vp_modern_get_status')],
  }),
  patch('reset-unflushed', {
    kind: 'era',
    says: 'Reset waits for the device, but not for handlers: the other half, and what virtio-mmio does.',
    reference: 'vm_reset in drivers/virtio/virtio_mmio.c of 7.3.4',
    edits: [edit.remove('pm.vp_synchronize_vectors')],
  }),
  patch('all-ones-end-the-reset', {
    kind: 'fix',
    says: 'Reset stops waiting for a device that answers with all ones: it is gone.',
    reference: 'virtio_pci_modern: avoid infinite loop in vp_reset() on invalid status, 2026; not in 7.3.4',
    edits: [
      edit.replace('remove.vp_modern_get_status', {
        when: (s) => !s.posted || s.unplugged,
        then: (d) => void (d.posted = false),
      }),
    ],
  }),
  patch('status-sequence-missing', {
    kind: 'era',
    says: 'Restore builds, fills and kicks with status 0, and writes the saved status last.',
    reference: 'before 6fbc198cf623, 2014',
    edits: [
      ...handshakeSteps.map((name) => edit.remove(`pm.${name}`)),
      edit.remove('pm.virtio_device_ready'),
      edit.after('pm.driver_restore', driver_ok),
    ],
  }),
  patch('features-ok-missing', {
    kind: 'era',
    says: 'Restore does not set FEATURES_OK.',
    reference: 'before stable commit 30683a8cce80',
    edits: [edit.remove('pm.virtio_features_ok')],
  }),
  patch('kick-before-ready', {
    kind: 'era',
    says: 'Restore kicks before DRIVER_OK.',
    reference: 'before 52c9cf1ac3d3 and 3569db593081, 2014',
    edits: [edit.move('pm.virtio_device_ready', { after: 'pm.driver_restore' })],
  }),
  patch('broken-until-ready', {
    kind: 'era',
    says: 'Hardening: queues are built broken, interrupts before DRIVER_OK are dropped.',
    reference: 'virtio: harden vring IRQ, 2022; off by default since c346dae4f3fb',
    edits: [
      edit.replace('pm.init_vqs', {
        then: (d) => {
          virtio.build(d)
          d.broken = true
        },
      }),
    ],
  }),
  patch('broken-until-ready-kick-first', {
    kind: 'era',
    says: 'The same hardening with a driver that kicks before DRIVER_OK.',
    reference: 'virtio: harden vring IRQ, 2022; off by default since c346dae4f3fb',
    edits: [
      edit.replace('pm.init_vqs', {
        then: (d) => {
          virtio.build(d)
          d.broken = true
        },
      }),
      edit.move('pm.virtio_device_ready', { after: 'pm.driver_restore' }),
    ],
  }),
  patch('shutdown-leaves-device', {
    kind: 'era',
    says: 'Shutdown and kexec leave the device running.',
    reference: 'before 8bd2fa086a04, 2025',
    edits: ['virtio_break_device', 'vp_synchronize_vectors', 'vp_reset', 'vp_modern_get_status'].map((name) =>
      edit.remove(`shutdown.${name}`),
    ),
  }),
  patch('reset-hooks', {
    kind: 'fix',
    says: 'Before a function-level reset the driver freezes, and restores after it, as virtio-blk does.',
    reference:
      'virtblk_reset_prepare and virtblk_reset_done in drivers/block/virtio_blk.c of 7.3.4; no other driver has them',
    edits: [edit.before('flr.pcie_flr', ...pci.reset_prepare), edit.after('flr.pcie_flr', ...pci.reset_done)],
  }),
  patch('wait-ignores-broken', {
    kind: 'era',
    says: 'The waiter looks only for its answer, not at whether the queue is broken.',
    reference: 'drivers/gpu/drm/virtio with 8bd2fa086a04, thread of 2025; virtio-blk with 43bb40c5b926',
    edits: [edit.replace('io.wait_event', { when: (s) => s.completed })],
  }),
  patch('no-callbacks', {
    kind: 'era',
    says: 'The transport has no PM callbacks: nothing is frozen, nothing restored.',
    reference: 'virtio-mmio before ed7ac37fde33, 2022',
    edits: [...legacyLists, ...handshakeSteps.map((name) => edit.remove(`pm.${name}`))],
  }),
  patch('objects-not-recreated', {
    kind: 'era',
    says: 'The driver believes that the device still has its objects.',
    reference: 'threads of 2023 and 2024 on freeze_mode, No_Soft_Reset and SUSPEND',
    edits: [edit.remove('pm.recreate_objects')],
  }),
  patch('always-reset-on-resume', {
    kind: 'era',
    says: 'The driver keeps its queues over the sleep; the core resets the device on resume all the same.',
    reference: 'patch of November 2024: let the driver ask for the reset',
    edits: [
      ...legacyLists,
      edit.replace('pm.virtio_features_ok', {
        then: (d) => {
          // The rings stay where they are, and the driver tells the device so.
          d.status = 'driver_ok'
          d.known = true
          for (const q of ['event', 'request'] as const) d.queues[q].kicked = d.queues[q].buffer === 'avail'
        },
      }),
    ],
  }),
  patch('reset-may-fail', {
    kind: 'fix',
    says: 'A reset that takes too long is given up; freeze returns an error and the driver goes on.',
    reference: 'proposal to make reset fallible, 2021',
    edits: [
      edit.replace('pm.vp_modern_get_status', {
        when: () => true,
        either: {
          done: { when: (s) => !s.posted },
          timeout: {
            when: (s) => s.posted,
            then: (d) => {
              d.posted = false
              d.open = true
              virtio.add(d, 'event')
              virtio.kick(d, 'event')
              d.image = false
              d.config.enabled = true
            },
            goto: 'thaw_processes',
          },
        },
      }),
    ],
  }),
  patch('changes-at-once', {
    kind: 'era',
    says: 'A configuration change reaches the driver at any time, also during a sleep.',
    reference: 'before 22b7050a024d, 2014',
    edits: [edit.replace('pm.virtio_config_core_disable', { then: () => undefined })],
  }),
  patch('queues-not-deleted', {
    kind: 'fault',
    says: 'Freeze resets and leaves the queues where they are; restore builds them once more.',
    edits: [edit.remove('pm.vp_del_vqs')],
  }),
  patch('buffers-not-taken-back', {
    kind: 'fault',
    says: 'Freeze deletes the queues with the buffers that are in them.',
    edits: [edit.remove('pm.virtqueue_detach_unused_buf')],
  }),
  patch('answer-not-forgotten', {
    kind: 'fault',
    says: 'Whoever was answered once takes that for the answer to its next request.',
    edits: [edit.replace('io.wait_event', { then: () => undefined })],
  }),
  patch('shutdown-not-flushed', {
    kind: 'fault',
    says: 'Shutdown does not wait for handlers before it resets.',
    edits: [edit.remove('shutdown.vp_synchronize_vectors')],
  }),
  patch('rings-kept-at-removal', {
    kind: 'fault',
    says: 'Removal leaves the rings behind.',
    edits: [edit.remove('remove.vp_del_vqs')],
  }),
  patch('gate-left-open', {
    kind: 'fault',
    says: 'The driver does not stop its submitters.',
    edits: [edit.remove('pm.driver_freeze'), edit.remove('pm.driver_freeze:drain')],
  }),
  patch('no-reset', {
    kind: 'fault',
    says: 'Freeze does not reset.',
    edits: [edit.remove('pm.vp_reset'), edit.remove('pm.vp_synchronize_vectors')],
  }),
]

export default model('virtio-pci', {
  question:
    'What must reset, the status handshake and shutdown wait for, so that device and driver never meet half-way?',
  parameters: {
    strict: parameter(bool(), true, 'the host ignores kicks before DRIVER_OK, and DRIVER_OK without FEATURES_OK'),
    sleeps: parameter(int(1, 3), 2, 'how often the machine may go to sleep'),
    msix: parameter(bool(), true, 'message-signalled interrupts; otherwise one line'),
    keeps: parameter(bool(), false, 'the machine never loses power: suspend to RAM, or cancelled hibernation'),
    requests: parameter(bool(), true, 'a thread sends requests'),
    surprise: parameter(bool(), false, 'the device may be pulled out'),
    kexec: parameter(bool(), false, 'another kernel may be started'),
    flr: parameter(bool(), false, 'the function may be reset while tasks run'),
  },
  actors: { ...virtio.actors, worker: { says: 'kernel threads that use the device', fair: 'weak' } },
  initial: ({ strict, sleeps, msix }) => ({
    ...virtio.live({ event: 'avail', request: 'guest' }, { strict, sleeps }),
    posted: false,
    msix,
    open: true,
    completed: false,
    object: { guest: true, host: true },
    unplugged: false,
    owner: 'this kernel',
  }),
  parts: ({ keeps, requests, surprise, kexec, flr }) => [
    pci.pm(keeps),
    ...(kexec ? [pci.shutdown] : []),
    ...(surprise ? [pci.remove] : []),
    ...(flr ? [pci.flr] : []),
    ...(requests ? [pci.io] : []),
    pci.irq,
    pci.device_reset,
    ...(surprise ? [pci.unplug] : []),
    virtio.virtqueue_pop('event', 'request'),
    virtio.virtqueue_push('event', 'request'),
  ],
  patches,
  resting: (s, at) =>
    (rested(s, at) && (!at.has('flr') || at('flr', 'pci_dev_lock', 'end'))) ||
    at('shutdown', 'end') ||
    at('remove', 'end'),
  abstractions: [
    'One driver stands for all: an event queue that the host fills, a request queue that a thread waits on, and one object that the host keeps.',
    'A device that was pulled out answers nothing; sleep is not tried after that.',
    'The next kernel begins when this one ends; what it does is not modelled, only that the memory is its own.',
    'Features are one bit: negotiated or not. That the device refuses them, that its driver had failed before (dev->failed), and the administration queue are left out.',
    'CONFIG_VIRTIO_HARDEN_NOTIFICATION, which breaks the queues before every reset, is off.',
  ],
})
