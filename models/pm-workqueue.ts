/**
 * The queue of runtime PM over a system sleep: pm_wq and system_freezable_wq of Linux 7.3.4 (kernel/power/main.c, block/blk-core.c,
 * drivers/usb/core/hcd.c, hub.c).
 */

import { bool, environment, oneOf, over, parameter, record, source, system } from '../src/index.js'
import { activeDevice, atRest, kernelOver, runtimePM, work, workqueue } from '../src/kernel.js'

export const state = record({
  pm_wq: workqueue({ freezable: true }),
  system_wq: workqueue({ freezable: true }),
  disk: runtimePM(),
  wakeup: work('hcd_resume_work'),
  hub: oneOf('active', 'suspended'),
  /** The interrupt URB of the root hub, and whether it was submitted while it was. */
  urb: bool(),
  twice: bool(),
})
const { model, thread, call, does, set, patch, edit } = over(state)
const { pm_wq, system_wq, disk, wakeup } = kernelOver(state)
const main = (symbol: string) => source('drivers/base/power/main.c', symbol)
const usb = (file: string, symbol: string) => source(`drivers/usb/core/${file}.c`, symbol)

const submit = does('usb_submit_urb', {
  then: (d) => {
    d.twice = d.urb
    d.urb = true
  },
})
const activate = call(usb('hub', 'hub_activate'), submit, set({ hub: 'active' }))
const resume = (on: typeof pm_wq) =>
  wakeup.worker(
    'hcd_resume_work',
    { actor: 'work', on },
    call(
      usb('hcd', 'hcd_resume_work'),
      does('usb_remote_wakeup', {
        either: {
          suspended: { when: (s) => s.hub === 'suspended' },
          active: { when: (s) => s.hub === 'active', goto: 'worker_done:wakeup' },
        },
      }),
      activate,
    ),
  )
const io = call(
  source('block/blk-core.c', 'blk_queue_enter'),
  disk.requestResume,
  does('wait', { when: (s) => s.disk.status === 'active' }),
)

export default model('pm-workqueue', {
  question: 'Which work may run while the machine falls asleep?',
  parameters: { late: parameter(bool(), false, 'whether the request comes when runtime PM is already disabled') },
  actors: {
    pm: system('suspend and resume'),
    work: system('work queues'),
    hub: environment('a device behind the root hub that asks for a wake-up'),
  },
  initial: () => ({
    ...atRest(state),
    disk: { ...activeDevice, status: 'suspended' },
    hub: 'active',
    urb: true,
    twice: false,
  }),
  parts: ({ late }) => [
    thread(
      'pm',
      { actor: 'pm' },
      call(source('kernel/power/process.c', 'freeze_kernel_threads'), system_wq.freeze),
      call(usb('hub', 'hub_suspend'), set({ urb: false }), set({ hub: 'suspended' })),
      ...(late
        ? [call(main('device_suspend_late'), disk.disable), call(main('dpm_suspend_late'), io)]
        : [call(main('dpm_suspend'), io)]),
      ...(late ? [call(main('device_resume_early'), disk.enable)] : []),
      call(
        usb('hub', 'hub_resume'),
        does('dpm_resume', {
          either: {
            suspended: { when: (s) => s.hub === 'suspended' },
            active: {
              says: 'a remote wake-up was faster, and the system resume of the hub does not know',
              when: (s) => s.hub === 'active',
            },
          },
        }),
        activate,
      ),
      call(source('kernel/power/process.c', 'thaw_processes'), system_wq.thaw),
    ),
    disk.worker({ actor: 'work', name: 'pm_runtime_work', on: pm_wq }, { resume: [] }),
    resume(system_wq),
    thread(
      'hub',
      { actor: 'hub', while: (s) => s.hub === 'suspended' },
      call(usb('hcd', 'usb_hcd_resume_root_hub'), wakeup.queue),
    ),
  ],
  patches: [
    patch('pm-wq-frozen', {
      kind: 'era',
      says: 'pm_wq is frozen with the other freezable queues.',
      reference: 'before 4fb352df14de',
      edits: [edit.after('pm.freeze_kernel_threads:freeze_workqueues_busy:system_wq', pm_wq.freeze)],
    }),
    patch('resumed-before-late', {
      kind: 'fix',
      says: 'Ours: who may ask for a disk in late suspend resumes it before.',
      edits: [
        edit.before('pm.device_suspend_late:__pm_runtime_disable:disk', call(main('device_suspend'), disk.getSync())),
      ],
    }),
    patch('wakeup-on-pm-wq', {
      kind: 'era',
      says: 'The wake-up of a root hub is queued on pm_wq.',
      reference: 'before the usb fix of March 2026',
      edits: [edit.remove('hcd_resume_work'), edit.add(resume(pm_wq))],
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'The suspend that waits for a request is one thread with it: who writes back while devices are suspended is not asked.',
    'The machine does not sleep: an attempt that is cancelled after its devices were suspended shows the same.',
  ],
})
