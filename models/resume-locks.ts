/**
 * A guest that resumes its devices one after the other, and a kernel thread that holds the lock of one and waits for another.
 *
 * Sources: drivers/xen/manage.c, drivers/base/power/main.c and drivers/usb/core/hub.c of Linux 7.3.4; manage.c before 61a734d305e1
 * (2014) as a variant.
 */

import { environment, env, int, oneOf, over, parameter, record, source, system } from '../src/index.js'
import { atRest, kernelOver, mutex, work, workqueue } from '../src/kernel.js'

export const state = record({
  /** usb_hub_wq, and the work item of a hub. */
  wq: workqueue({ freezable: true }),
  event: work('khubd'),
  /** The lock of the USB device, which khubd takes, and the core for its suspend and resume. */
  usbLock: mutex('khubd', 'xenwatch'),
  usb: oneOf('active', 'suspended'),
  disk: oneOf('active', 'suspended'),
  /** How often the domain is still suspended. */
  suspends: int(0, 2),
})

const { model, thread, step, action, call, does, set, as, patch, edit } = over(state)
const { wq, event, usbLock } = kernelOver(state)
const manage = 'drivers/xen/manage.c'
const core = (symbol: string) => source('drivers/base/power/main.c', symbol)

const khubd = event.worker(
  'khubd',
  { actor: 'khubd', on: wq, says: 'looks after the ports of USB hubs' },
  call(
    source('drivers/usb/core/hub.c', 'hub_event'),
    as('usb_lock_device', usbLock.lock),
    does('kmalloc', {
      says: 'hub_port_connect() allocates the device that was plugged in',
      either: {
        at_once: { goto: 'usb_unlock_device' },
        no_memory: {
          says: 'no memory is free: a page is written to the disk first',
          provoke: 'memory pressure while a USB device is plugged in',
        },
      },
    }),
    does('folio_wait_writeback', { when: (s) => s.disk === 'active' }),
    as('usb_unlock_device', usbLock.unlock),
  ),
)

const usb_resume = call(core('device_resume'), usbLock.lock, as('usb_resume', set({ usb: 'active' })), usbLock.unlock)
const blkfront_resume = call(
  source('drivers/block/xen-blkfront.c', 'blkfront_resume'),
  does('connect', { then: (d) => void (d.disk = 'active'), signals: 'khubd' }),
)

const do_suspend = (usbFirst: boolean) =>
  thread(
    'xenwatch',
    { actor: 'xenwatch', says: 'do_suspend' },
    step('shutdown_handler', {
      origin: source(manage, 'do_suspend'),
      when: (s) => s.suspends > 0,
      then: (d) => void d.suspends--,
    }),
    call(source(manage, 'do_suspend'), wq.freeze),
    call(core('device_suspend'), usbLock.lock, as('usb_suspend', set({ usb: 'suspended' })), usbLock.unlock),
    step('HYPERVISOR_suspend', {
      origin: source(manage, 'xen_suspend'),
      says: 'until then a disk works; in the new domain it has no backend before its resume',
      then: (d) => void (d.disk = 'suspended'),
    }),
    ...(usbFirst ? [usb_resume, blkfront_resume] : [blkfront_resume, usb_resume]),
    call(source(manage, 'do_suspend'), wq.thaw, does('again', { goto: 'shutdown_handler' })),
  )

export default model('resume-locks', {
  question:
    'Can the resume of a guest wait for a lock whose holder waits for a device that the resume has not reached?',
  parameters: {
    order: parameter(oneOf('usb first', 'disk first'), 'usb first', 'which device is resumed first'),
  },
  actors: {
    xenwatch: system('the thread that suspends and resumes'),
    khubd: system('a work queue that can be frozen'),
    user: environment('plugs things in'),
  },
  initial: () => ({ ...atRest(state), usb: 'active', disk: 'active', suspends: 2 }),
  parts: ({ order }) => [
    khubd,
    do_suspend(order === 'usb first'),
    action('plug', {
      actor: 'user',
      origin: env('a device is plugged into a hub'),
      when: (s) => s.event.queued === 'idle',
      then: (d) => {
        d.event.queued = 'pending'
        d.event.pool = true
      },
    }),
  ],
  resting: (s, at) => s.suspends === 0 && at('xenwatch', 'shutdown_handler'),
  patches: [
    patch('frozen-only-with-preempt', {
      kind: 'era',
      says: 'A kernel without CONFIG_PREEMPT does not freeze its tasks for a suspend of the domain.',
      reference: 'before 61a734d305e1 (2014)',
      edits: ['freeze_workqueues_begin', 'freeze_workqueues_busy'].map((one) =>
        edit.remove(`xenwatch.do_suspend:${one}:wq`),
      ),
    }),
    patch('lock-ignored', {
      kind: 'fault',
      says: 'The resume of the USB device does not take its lock.',
      edits: ['lock', 'unlock'].map((one) => edit.remove(`xenwatch.device_resume:mutex_${one}:usbLock`)),
    }),
    patch('usb-left-on', {
      kind: 'fault',
      says: 'The USB device is left out of the suspend.',
      edits: [edit.remove('xenwatch.device_suspend:usb_suspend')],
    }),
    patch('disk-not-resumed', {
      kind: 'fault',
      says: 'The disk is left out of the resume.',
      edits: [edit.remove('xenwatch.blkfront_resume:connect')],
    }),
    patch('frozen-with-the-lock', {
      kind: 'fault',
      says: 'khubd is frozen wherever it stands, the lock in its hand.',
      edits: [
        edit.remove('xenwatch.do_suspend:freeze_workqueues_busy:wq'),
        edit.head('khubd', { while: (s) => !s.wq.frozen }),
      ],
    }),
  ],
  abstractions: [
    'khubd was a kernel thread, and is the work queue usb_hub_wq by now; freeze_kernel_threads() waits until its work is over.',
    'do_suspend() freezes tasks first, then kernel threads: what matters here is the second. One that fails to freeze ends the suspend before a device is touched.',
    'In 7.3.4 dpm_suspend_start() restricts allocations as well, so that none begins to wait for a disk until dpm_resume_end(); an older wait still can. That is left out, since it would hide what freezing does.',
    'One USB device and one disk stand for all; their suspend and resume are one step each.',
    'The suspend callback of the disk does nothing: it works until the domain is suspended. What was in flight is the business of xen-pv-guest.',
    'The domain is suspended twice and comes back; a suspend that fails resumes the same devices in the same order.',
  ],
})
