/** One attempt to sleep but for the device walks: from the wake-up count to the point of no return, and the way out. */

import { env, source } from '../../src/index.js'
import { hibernated, snapshotSteps, writeImage } from './hibernate.js'
import { fail, mayFail, wakeupPending, woken, words, type Choice, type SeenState } from './state.js'

const { step } = words
const suspendFile = 'kernel/power/suspend.c'
const hibernateFile = 'kernel/power/hibernate.c'

/** Where the thread stands between two attempts. */
export const idle = 'wakeup_count_show'

/** From the request to the first device callback. */
export const request = ({ sleep }: Choice) => [
  step(idle, {
    origin: source('kernel/power/main.c', 'wakeup_count_show'),
    says: 'user space reads the wake-up count and handles what it knows of',
    when: (s) => s.cycles > 0,
    then: (d) => {
      d.cycles--
      d.event = false
    },
  }),
  step('wakeup_count_store', {
    origin: source('kernel/power/main.c', 'wakeup_count_store'),
    says: 'it writes the number back, which arms the check unless an event was registered in between',
    either: {
      accepted: { when: (s) => !s.event, then: (d) => void (d.armed = true) },
      refused: { when: (s) => s.event, then: (d) => void (d.result = 'error'), goto: 'over' },
    },
  }),
  sleep === 'disk'
    ? step('hibernate', {
        origin: source(hibernateFile, 'hibernate'),
        says: 'in_suspend is 0 until memory is copied, so whatever is undone before is undone with RESTORE',
        then: (d) => {
          d.message = 'freeze'
          d.undo = 'restore'
        },
      })
    : step('pm_suspend', {
        origin: source(suspendFile, 'pm_suspend'),
        then: (d) => {
          d.message = 'suspend'
          d.undo = 'resume'
        },
      }),
  step('pm_notifier_call_chain', {
    origin: source('kernel/power/main.c', 'pm_notifier_call_chain_robust'),
    either: {
      ok: { then: (d) => void (d.notified = true) },
      fails: {
        says: 'the chain tells those already called that the attempt is over',
        when: mayFail,
        then: fail,
        goto: 'over',
      },
    },
  }),
  step('freeze_processes', {
    origin: source('kernel/power/process.c', 'freeze_processes'),
    says: 'pm_wakeup_clear() forgets hard events of the past first',
    either: {
      ok: {
        when: (s) => !(s.armed && s.event),
        then: (d) => {
          d.abort = false
          d.frozen = 'user'
        },
      },
      woken: {
        when: (s) => s.armed && s.event,
        then: (d) => {
          d.abort = false
          woken(d)
        },
        goto: 'notify-post',
      },
      fails: {
        says: 'a task does not freeze within 20 s',
        log: 'Freezing user space processes failed after 20.000 seconds (1 tasks refusing to freeze, wq_busy=0):',
        provoke: 'a task that sleeps uninterruptibly on a file system whose server does not answer',
        when: mayFail,
        then: fail,
        goto: 'notify-post',
      },
    },
  }),
  ...(sleep === 'disk' ? [] : [freezeKernelThreads('thaw_processes')]),
]

/** hibernation_snapshot() freezes kernel threads only after dpm_prepare(), and has devices to complete if that fails. */
function freezeKernelThreads(otherwise: string) {
  return step('freeze_kernel_threads', {
    origin: source('kernel/power/process.c', 'freeze_kernel_threads'),
    either: {
      ok: { when: (s) => !wakeupPending(s), then: (d) => void (d.frozen = 'all') },
      woken: { when: wakeupPending, then: woken, goto: otherwise },
      fails: {
        says: 'it thaws kernel threads itself; user space is left to the caller',
        when: mayFail,
        then: fail,
        goto: otherwise,
      },
    },
  })
}

/** Between dpm_prepare() and the first callback that suspends. */
export const restrict = (sleep: Choice['sleep']) => [
  ...(sleep === 'disk'
    ? [
        step('hibernate_preallocate_memory', {
          origin: source('kernel/power/snapshot.c', 'hibernate_preallocate_memory'),
          either: { ok: {}, fails: { when: mayFail, then: fail, goto: 'dpm_complete' } },
        }),
        freezeKernelThreads('dpm_complete'),
      ]
    : []),
  step('pm_restrict_gfp_mask', {
    origin: source('kernel/power/main.c', 'pm_restrict_gfp_mask'),
    says: 'counted; in dpm_suspend_start(), and once more before that in hibernation_snapshot()',
    then: (d) => void d.gfp++,
  }),
]

export const restore = (sleep: Choice['sleep']) =>
  step('pm_restore_gfp_mask', {
    origin: source('kernel/power/main.c', 'pm_restore_gfp_mask'),
    says: 'in dpm_resume_end(), whether or not dpm_suspend_start() got as far as to restrict',
    either: {
      restored: { when: (s) => !keepsMask(s, sleep), then: (d) => void (d.gfp = Math.max(0, d.gfp - 1)) },
      ...(sleep === 'disk' && {
        kept: { says: 'the image is still to be written', when: (s: SeenState) => keepsMask(s, sleep) },
      }),
    },
  })

const keepsMask = (s: SeenState, sleep: Choice['sleep']): boolean =>
  sleep === 'disk' && s.message === 'freeze' && s.image === 'made'

/** From the last device callback to the point of no return, and its mirror. */
export const commit = ({ sleep }: Choice) => (sleep === 's2idle' ? idling : descent(sleep))

const descent = (sleep: 'mem' | 'disk') => [
  step('suspend_disable_secondary_cpus', {
    origin: source('kernel/cpu.c', 'freeze_secondary_cpus'),
    either: {
      ok: { when: (s) => !wakeupPending(s), then: (d) => void (d.cpus = 'boot') },
      woken: { when: wakeupPending, then: woken, goto: 'suspend_enable_secondary_cpus' },
      fails: {
        says: 'a CPU does not go offline',
        when: mayFail,
        then: fail,
        goto: 'suspend_enable_secondary_cpus',
      },
    },
  }),
  step('local_irq_disable', {
    origin: source(suspendFile, 'arch_suspend_disable_irqs'),
    then: (d) => void (d.irqs = false),
  }),
  step('syscore_suspend', {
    origin: source('drivers/base/syscore.c', 'syscore_suspend'),
    either: {
      ok: { then: (d) => void (d.syscore = true) },
      fails: {
        says: 'it undid itself: there is no syscore_resume',
        when: mayFail,
        then: fail,
        goto: 'local_irq_enable',
      },
    },
  }),
  step('pm_wakeup_pending', {
    origin: source(suspendFile, 'suspend_enter'),
    says: 'the last test, with one CPU and interrupts off',
    either: {
      clear: { when: (s) => !wakeupPending(s) },
      woken: {
        says: 'create_image() goes to Power_up with error still 0; suspend_enter() and hibernation_platform_enter() set it',
        when: wakeupPending,
        then: (d) => {
          d.armed = false
          if (d.message !== 'freeze') d.result = 'busy'
        },
        goto: 'syscore_resume',
      },
    },
  }),
  ...(sleep === 'mem' ? [enter] : snapshotSteps),
  step('asleep', {
    origin: env('the machine sleeps'),
    when: (s) => s.latched,
    then: (d) => {
      d.slept = true
      if (sleep === 'disk') hibernated(d)
    },
    says: sleep === 'mem' ? 'a wake-up' : 'the boot kernel quiesces its devices, loads the image, and jumps into it',
  }),
  step('syscore_resume', {
    origin: source('drivers/base/syscore.c', 'syscore_resume'),
    then: (d) => void (d.syscore = false),
  }),
  step('local_irq_enable', {
    origin: source(suspendFile, 'arch_suspend_enable_irqs'),
    says: 'what stayed pending in hardware is delivered now',
    then: (d) => {
      d.irqs = true
      if (d.latched) d.event = true
      d.latched = false
    },
  }),
  step('suspend_enable_secondary_cpus', {
    origin: source('kernel/cpu.c', 'thaw_secondary_cpus'),
    then: (d) => void (d.cpus = 'all'),
  }),
]

const enter = step('suspend_ops-enter', {
  origin: source(suspendFile, 'suspend_enter'),
  says: 'the point of no return',
  either: {
    sleeps: { when: (s) => !s.latched },
    refused: {
      says: 'something is pending in hardware',
      when: (s) => s.latched,
      then: (d) => void (d.result = 'busy'),
      goto: 'syscore_resume',
    },
  },
})

/** Suspend to idle: no CPU, interrupt or syscore stage; it ends when a wake-up is pending (suspend.c:130-156). */
const idling = [
  step('s2idle_loop', {
    origin: source(suspendFile, 's2idle_loop'),
    either: {
      wakes: {
        says: 'suspend_enter() returns 0: it was asleep, however briefly',
        when: wakeupPending,
        then: (d) => {
          d.armed = false
          d.slept = true
        },
        goto: 'dpm_resume_noirq',
      },
      idles: { when: (s) => !wakeupPending(s) },
    },
  }),
  step('s2idle_enter', {
    origin: source(suspendFile, 's2idle_enter'),
    says: 'looks once more under s2idle_lock, which pm_system_wakeup() takes as well',
    either: {
      enters: { when: (s) => !wakeupPending(s) },
      pending: { when: wakeupPending, goto: 's2idle_loop' },
    },
  }),
  step('asleep', {
    origin: env('the CPUs are idle'),
    says: 's2idle_wake()',
    when: (s) => s.latched,
    then: (d) => {
      d.slept = true
      d.latched = false
    },
    goto: 's2idle_loop',
  }),
]

/** From the last device callback of the way up to the end of the attempt. */
export const finish = ({ sleep }: Choice) => [
  ...(sleep === 'disk' ? [writeImage] : [disarm]),
  step('thaw_processes', {
    origin: source('kernel/power/process.c', 'thaw_processes'),
    then: (d) => void (d.frozen = 'none'),
  }),
  step('notify-post', {
    origin: source('kernel/power/main.c', 'pm_notifier_call_chain'),
    then: (d) => void (d.notified = false),
  }),
  step('over', {
    origin: source('kernel/power/main.c', 'state_store'),
    says: 'user space is told how it went, and handles the events there were',
    then: (d) => {
      d.event = false
      d.error = false
      d.result = 'fine'
      d.slept = false
      d.undo = 'resume'
      d.message = 'suspend'
    },
    goto: idle,
  }),
]

const disarm = step('disarm', {
  origin: source(suspendFile, 'enter_state'),
  says: 'events_check_enabled = false, before anybody is thawed or told',
  then: (d) => void (d.armed = false),
})
