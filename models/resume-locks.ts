/**
 * A guest that resumes its devices one after the other, and a kernel thread that holds the lock of one and waits for another.
 *
 * Sources: drivers/xen/manage.c, drivers/base/power/main.c and drivers/usb/core/hub.c of Linux 7.3.4; manage.c before 61a734d305e1
 * (2014) as a variant.
 */

import { bool, int, oneOf, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

export const state = record({
  /** Tasks that can be frozen are. */
  frozen: bool(),
  /** The lock of the USB device, which khubd takes and so do its suspend and resume. */
  usbLock: oneOf('free', 'khubd'),
  usb: oneOf('active', 'suspended'),
  disk: oneOf('active', 'suspended'),
  /** How often the domain is still suspended. */
  suspends: int(0, 2),
})

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, patch, edit } = over(state)

const manage = 'drivers/xen/manage.c'
const hub = 'drivers/usb/core/hub.c'
const core = 'drivers/base/power/main.c'

const khubd = thread(
  'khubd',
  { actor: 'khubd', says: 'looks after the ports of USB hubs' },
  step('usb_lock_device', {
    origin: source(hub, 'hub_event'),
    says: 'its work queue is freezable (usb_hub_wq): the one place at which it can be frozen lies before it',
    when: (s) => !s.frozen && s.usbLock === 'free',
    then: (d) => void (d.usbLock = 'khubd'),
  }),
  step('kmalloc', {
    origin: source('drivers/usb/core/usb.c', 'usb_alloc_dev'),
    says: 'hub_port_connect() allocates the device that was plugged in',
    either: {
      at_once: { goto: 'usb_unlock_device' },
      no_memory: {
        says: 'no memory is free: a page is written to the disk first',
        provoke: 'memory pressure while a USB device is plugged in',
      },
    },
  }),
  step('folio_wait_writeback', {
    origin: source('mm/page-writeback.c', 'folio_wait_writeback'),
    when: (s) => s.disk === 'active',
  }),
  step('usb_unlock_device', {
    origin: source(hub, 'hub_event'),
    then: (d) => void (d.usbLock = 'free'),
    goto: 'usb_lock_device',
    signals: 'xenwatch',
  }),
)

const usb_resume = step('usb_resume', {
  origin: source(core, 'device_resume'),
  says: 'the core takes the lock of the device',
  when: (s) => s.usbLock === 'free',
  then: (d) => void (d.usb = 'active'),
})

const blkfront_resume = step('blkfront_resume', {
  origin: source('drivers/block/xen-blkfront.c', 'blkfront_resume'),
  then: (d) => void (d.disk = 'active'),
  signals: 'khubd',
})

const do_suspend = (usbFirst: boolean) =>
  thread(
    'xenwatch',
    { actor: 'xenwatch', says: 'do_suspend' },
    step('freeze_kernel_threads', {
      origin: source(manage, 'do_suspend'),
      when: (s, _, at) => s.suspends > 0 && at('khubd', 'usb_lock_device'),
      then: (d) => {
        d.frozen = true
        d.suspends--
      },
    }),
    step('usb_suspend', {
      origin: source(core, 'device_suspend'),
      says: 'the core takes the lock of the device',
      when: (s) => s.usbLock === 'free',
      then: (d) => void (d.usb = 'suspended'),
    }),
    step('HYPERVISOR_suspend', {
      origin: source(manage, 'xen_suspend'),
      says: 'until then a disk works; in the new domain it has no backend before its resume',
      then: (d) => void (d.disk = 'suspended'),
    }),
    ...(usbFirst ? [usb_resume, blkfront_resume] : [blkfront_resume, usb_resume]),
    step('thaw_processes', {
      origin: source(manage, 'do_suspend'),
      then: (d) => void (d.frozen = false),
      goto: 'freeze_kernel_threads',
      signals: 'khubd',
    }),
  )

export default model('resume-locks', {
  question:
    'Can the resume of a guest wait for a lock whose holder waits for a device that the resume has not reached?',
  parameters: {
    order: parameter(oneOf('usb first', 'disk first'), 'usb first', 'which device is resumed first'),
  },
  actors: {
    xenwatch: system('the thread that suspends and resumes'),
    khubd: system('a kernel thread that can be frozen'),
  },
  initial: () => ({ frozen: false, usbLock: 'free', usb: 'active', disk: 'active', suspends: 2 }),
  parts: ({ order }) => [khubd, do_suspend(order === 'usb first')],
  resting: (s, at) => s.suspends === 0 && at('xenwatch', 'freeze_kernel_threads'),
  patches: [
    patch('frozen-only-with-preempt', {
      kind: 'era',
      says: 'A kernel without CONFIG_PREEMPT does not freeze its tasks for a suspend of the domain.',
      reference: 'before 61a734d305e1 (2014)',
      edits: [
        edit.replace('xenwatch.freeze_kernel_threads', {
          when: (s) => s.suspends > 0,
          then: (d) => void d.suspends--,
          says: 'nobody is frozen',
        }),
      ],
    }),
    patch('lock-ignored', {
      kind: 'fault',
      says: 'The resume of the USB device does not take its lock.',
      edits: [edit.replace('xenwatch.usb_resume', { when: () => true })],
    }),
    patch('usb-left-on', {
      kind: 'fault',
      says: 'The USB device is left out of the suspend.',
      edits: [edit.remove('xenwatch.usb_suspend')],
    }),
    patch('disk-not-resumed', {
      kind: 'fault',
      says: 'The disk is left out of the resume.',
      edits: [edit.remove('xenwatch.blkfront_resume')],
    }),
    patch('frozen-with-the-lock', {
      kind: 'fault',
      says: 'khubd is frozen wherever it stands, the lock in its hand.',
      edits: [
        edit.replace('xenwatch.freeze_kernel_threads', { when: (s) => s.suspends > 0 }),
        edit.replace('khubd.kmalloc', { when: (s) => !s.frozen }),
        edit.replace('khubd.folio_wait_writeback', { when: (s) => !s.frozen && s.disk === 'active' }),
        edit.replace('khubd.usb_unlock_device', { when: (s) => !s.frozen }),
      ],
    }),
  ],
  abstractions: [
    'khubd is the work queue usb_hub_wq by now; freeze_kernel_threads() waits until its work is over.',
    'do_suspend() freezes tasks first, then kernel threads: what matters here is the second. One that fails to freeze ends the suspend before a device is touched.',
    'In 7.3.4 dpm_suspend_start() restricts allocations as well, so that none begins to wait for a disk until dpm_resume_end(); an older wait still can. That is left out, since it would hide what freezing does.',
    'One USB device and one disk stand for all; their suspend and resume are one step each.',
    'The suspend callback of the disk does nothing: it works until the domain is suspended. What was in flight is the business of xen-pv-guest.',
    'The domain is suspended twice and comes back; a suspend that fails resumes the same devices in the same order.',
  ],
})
