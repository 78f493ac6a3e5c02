/** `do_suspend` of a pvops kernel, as in Linux 7.3.4: one thread, inside xenwatch. */

import { source, type Origin } from '../../src/index.js'
import { blkbackChanged, disconnectVif, netbackChanged, replayWatches, reconnectVbd } from './frontends.js'
import { resumeLines, refusalLines } from './log.js'
import { action, step, thread, type DeviceName, type SeenState, type State } from './state.js'
import { guestIdle } from './toolstack.js'

/** Where the guest's suspend can be made to fail; `any`: anywhere, or nowhere. */
export const failures = ['none', 'freeze', 'start', 'end', 'stop', 'save', 'any'] as const
export type Failure = (typeof failures)[number]

const manage = 'drivers/xen/manage.c'
const doSuspend = source(manage, 'do_suspend')
const events = 'drivers/xen/events/events_base.c'

/** A `BUG()`: the thread dies where it stands, with whatever it holds. */
const dies = { log: 'kernel BUG at drivers/xen/events/events_base.c', goto: 'end' } as const

/** The way on if `cancelled` reads as `no` or as `yes`: garbage may read as either, and then keeps its value. */
const reads = (s: SeenState, value: 'no' | 'yes'): boolean => s.cancelled === value || s.cancelled === 'unset'

/** What `dpm_suspend_start` leaves suspended, walking the list backwards, before the refusing device stops it. */
const suspendDevices = (...names: readonly DeviceName[]) => ({
  then: (d: State): void => {
    for (const name of names) d.dev[name].pm = 'suspended'
  },
})

/** The suspend thread. `fails` tells which failures the environment may choose. */
export const doSuspendThread = (fails: (stage: Failure) => boolean) =>
  thread(
    'do_suspend',
    { actor: 'guest', says: 'runs as the callback of the watch on control/shutdown, so no other watch callback runs' },
    step('shutdown_handler', {
      origin: source(manage, 'shutdown_handler'),
      says: 'Reads the node and empties it: the acknowledgement.',
      signals: 'toolstack',
      when: (s) => s.control === 'suspend' && s.domain === 'running' && !s.shuttingDown,
      then: acknowledge,
    }),
    step('mutex_trylock', {
      origin: doSuspend,
      either: {
        ok: {
          says: 'Takes system_transition_mutex.',
          when: (s) => s.transition !== 'own',
          then: (d) => {
            d.transition = 'do_suspend'
          },
        },
        fails: {
          says: 'The guest is on its own way to sleep: the request, acknowledged already, is dropped.',
          when: (s) => s.transition === 'own',
          provoke: 'echo mem > /sys/power/state inside the guest, at the same time',
          log: 'xen:manage: do_suspend: failed to take system_transition_mutex',
          goto: 'out',
        },
      },
    }),
    step('freeze_processes', {
      origin: source('kernel/power/process.c', 'freeze_processes'),
      either: {
        ok: {
          then: (d) => {
            d.tasks = 'frozen'
          },
        },
        fails: {
          when: () => fails('freeze'),
          says: 'A task refuses; the freezer thaws the others itself.',
          provoke: 'a task in uninterruptible sleep for longer than freeze_timeout',
          log: 'xen:manage: do_suspend: freeze processes failed -16',
          goto: 'out_unlock',
        },
      },
    }),
    step('freeze_kernel_threads', {
      origin: source('kernel/power/process.c', 'freeze_kernel_threads'),
      either: {
        ok: {},
        fails: {
          when: () => fails('freeze'),
          says: 'A kernel thread refuses; only the kernel threads are thawed there, the tasks by do_suspend.',
          provoke: 'a freezable kernel thread or work item that does not come to rest within freeze_timeout',
          log: 'xen:manage: do_suspend: freeze kernel threads failed -16',
          goto: 'thaw_processes',
        },
      },
    }),
    step('dpm_suspend_start', {
      origin: source('drivers/base/power/main.c', 'dpm_suspend_start'),
      says: 'Prepares and suspends every device, last registered first. Frontends have no hook: only their status changes.',
      either: {
        ok: suspendDevices('vif', 'vbd'),
        device_behind_vif_refuses: {
          ...refusal(fails),
          says: 'A device registered after the frontends refuses: no frontend was suspended yet.',
        },
        device_before_vif_refuses: {
          ...refusal(fails),
          ...suspendDevices('vif'),
          says: 'A device between the two frontends refuses: vif is suspended.',
        },
        device_before_vbd_refuses: {
          ...refusal(fails),
          ...suspendDevices('vif', 'vbd'),
          says: 'A device registered before the frontends refuses: both are suspended.',
        },
      },
    }),
    step('xs_suspend', {
      origin: source('drivers/xen/xenbus/xenbus_xs.c', 'xs_suspend'),
      log: 'suspending xenstore...',
      then: (d) => {
        d.xsLocks = 'held'
      },
    }),
    step('dpm_suspend_end', {
      origin: source('drivers/base/power/main.c', 'dpm_suspend_end'),
      says: 'The late and noirq phases; on failure the PM core undoes them itself.',
      either: {
        ok: {
          then: (d) => {
            d.irqs = 'off'
            d.cancelled = 'yes'
          },
        },
        fails: {
          when: () => fails('end'),
          provoke: 'a freeze_late or freeze_noirq that returns an error, or a hard wake-up event (pm_system_wakeup)',
          log: 'dpm_suspend_end failed: -16',
          says: 'The error path sets si.cancelled = 0, although the domain never left.',
          then: (d) => {
            d.cancelled = 'no'
          },
          goto: 'out_resume',
        },
      },
    }),
    step('xen_suspend', {
      origin: source(manage, 'xen_suspend'),
      says: 'stop_machine on CPU 0, interrupts off, grant frames unmapped, HYPERVISOR_suspend.',
      either: {
        hypercall: {
          signals: 'toolstack',
          then: (d) => {
            d.domain = 'shutdown'
            d.hret = null
          },
        },
        stop_machine_fails: {
          when: () => fails('stop'),
          provoke: 'memory pressure or fault injection in stop_machine',
          log: 'failed to start xen_suspend: -12',
          goto: 'dpm_resume_start',
        },
        syscore_suspend_fails: {
          when: () => fails('stop'),
          provoke: 'a syscore_ops.suspend that returns an error',
          log: 'xen_suspend: system core suspend failed: -16',
          goto: 'dpm_resume_start',
        },
      },
    }),
    step('xen_arch_post_suspend', {
      origin: source('arch/x86/xen/suspend.c', 'xen_arch_post_suspend'),
      says: 'The hypercall returns: si.cancelled = its value; the grant frames are mapped.',
      when: (s) => s.domain === 'running',
      either: {
        cancelled: {
          when: (s) => s.hret === 1,
          then: (d) => {
            d.cancelled = 'yes'
          },
        },
        xen_irq_resume: {
          origin: source(events, 'xen_irq_resume'),
          says: 'A new domain: forgets every event channel and binds the VIRQs and IPIs anew.',
          when: (s) => s.hret !== 1 && s.channels === 'blank',
          then: (d) => {
            d.cancelled = 'no'
            d.channels = 'VIRQs'
          },
        },
        restore_cpu_virqs: {
          ...dies,
          origin: source(events, 'restore_cpu_virqs'),
          says: 'The hypervisor still has the old VIRQs bound: EVTCHNOP_bind_virq says -EEXIST, BUG().',
          when: (s) => s.hret !== 1 && s.channels !== 'blank',
          then: (d) => {
            d.cancelled = 'no'
          },
        },
      },
    }),
    step('dpm_resume_start', {
      origin: source('drivers/base/power/main.c', 'dpm_resume_start'),
      then: (d) => {
        d.irqs = 'on'
      },
    }),
    step('out_resume', {
      origin: doSuspend,
      signals: 'xenstored',
      either: {
        xs_resume: {
          origin: source('drivers/xen/xenbus/xenbus_xs.c', 'xs_resume'),
          says: 'Binds the xenstore port anew, releases the locks and registers every watch again; each fires once.',
          when: (s) => reads(s, 'no') && s.channels !== 'bound',
          then: (d) => {
            d.cancelled = 'no'
            d.channels = 'bound'
            d.xsLocks = 'free'
            replayWatches(d)
          },
        },
        rebind_evtchn_irq: {
          ...dies,
          origin: source(events, 'rebind_evtchn_irq'),
          says: 'xs_resume and xb_init_comms, to rebind a port that nobody unbound: BUG_ON(evtchn_to_info(evtchn)).',
          when: (s) => reads(s, 'no') && s.channels === 'bound',
          then: (d) => {
            d.cancelled = 'no'
          },
        },
        xs_suspend_cancel: {
          origin: source('drivers/xen/xenbus/xenbus_xs.c', 'xs_suspend_cancel'),
          says: 'Releases the locks, nothing else.',
          when: (s) => reads(s, 'yes'),
          then: (d) => {
            d.cancelled = 'yes'
            d.xsLocks = 'free'
          },
        },
      },
    }),
    resumeStep('vbd', 'blkfront_resume', source('drivers/block/xen-blkfront.c', 'blkfront_resume'), reconnectVbd),
    resumeStep('vif', 'netfront_resume', source('drivers/net/xen-netfront.c', 'netfront_resume'), disconnectVif),
    step('thaw_processes', {
      origin: source('kernel/power/process.c', 'thaw_processes'),
      then: (d) => {
        d.tasks = 'running'
      },
    }),
    step('out_unlock', {
      origin: doSuspend,
      says: 'Gives system_transition_mutex back.',
      then: (d) => {
        d.transition = 'free'
      },
    }),
    step('out', {
      origin: doSuspend,
      says: 'shutting_down = SHUTDOWN_INVALID; the watch callback returns.',
      then: suspendIsOver('unset'),
      goto: 'shutdown_handler',
    }),
  )

/** The handler takes the request. */
export function acknowledge(d: State): void {
  d.control = 'empty'
  d.shuttingDown = true
}

/** `do_suspend` returns; `cancelled` is what the next one's `si` starts as: whatever the stack holds, or what a repair sets. */
export const suspendIsOver = (cancelled: State['cancelled']) => (d: State) => {
  d.shuttingDown = false
  d.cancelled = cancelled
  d.hret = null
}

function refusal(fails: (stage: Failure) => boolean) {
  return {
    when: () => fails('start'),
    provoke:
      'a device whose freeze callback returns -EBUSY, such as vhci_hcd with a device attached, or a hard wake-up event',
    log: refusalLines,
    goto: 'dpm_resume_vbd',
  }
}

/** `dpm_resume_end` for one frontend: skipped unless it was suspended; THAW does nothing, RESTORE reconnects. */
function resumeStep(
  name: DeviceName,
  hook: 'blkfront_resume' | 'netfront_resume',
  origin: Origin,
  reconnect: (d: State) => void,
) {
  const suspended = (s: SeenState): boolean => s.dev[name].pm === 'suspended'
  return step(`dpm_resume_${name}`, {
    origin: source('drivers/base/power/main.c', 'device_resume'),
    either: {
      [hook]: {
        origin,
        says: 'RESTORE: ends the ring grants, sets up anew, asks the backend to connect.',
        signals: name === 'vbd' ? 'blkback' : 'netback',
        log: resumeLines(name, 'bus restore'),
        when: (s) => suspended(s) && reads(s, 'no'),
        then: (d) => {
          d.cancelled = 'no'
          d.dev[name].pm = 'on'
          reconnect(d)
        },
      },
      xenbus_dev_thaw: {
        origin: source('drivers/xen/xenbus/xenbus_probe.c', 'xenbus_dev_thaw'),
        says: 'THAW: nothing to do, the device goes on as it was.',
        log: resumeLines(name, 'bus thaw'),
        when: (s) => suspended(s) && reads(s, 'yes'),
        then: (d) => {
          d.cancelled = 'yes'
          d.dev[name].pm = 'on'
        },
      },
      skipped: { says: 'It was never suspended.', when: (s) => !suspended(s) },
    },
  })
}

/** What happens in the guest beside the suspend thread. */
export const guestActions = [
  action('blkback_changed', {
    actor: 'xenwatch',
    ...blkbackChanged,
    when: (s, _, at) => s.dev.vbd.watch && s.domain === 'running' && guestIdle(at),
  }),
  action('netback_changed', {
    actor: 'xenwatch',
    ...netbackChanged,
    signals: 'netback',
    when: (s, _, at) => s.dev.vif.watch && s.domain === 'running' && guestIdle(at),
  }),
  action('enter_state', {
    actor: 'pm',
    origin: source('kernel/power/suspend.c', 'enter_state'),
    says: 'The guest itself sets out for S3 or s2idle: takes system_transition_mutex.',
    provoke: 'echo mem > /sys/power/state inside the guest',
    when: (s) => s.s3 > 0 && s.domain === 'running' && s.tasks === 'running' && s.transition === 'free',
    then: (d) => {
      d.s3--
      d.transition = 'own'
    },
  }),
  // What two walks of the device list at once would do to each other is not told: the second half waits for do_suspend.
  action('suspend_devices_and_enter', {
    actor: 'pm',
    origin: source('kernel/power/suspend.c', 'suspend_devices_and_enter'),
    says: 'It sleeps and wakes up: the bus has no SUSPEND and RESUME hooks.',
    fair: 'weak',
    when: (s, _, at) => s.transition === 'own' && s.domain === 'running' && guestIdle(at),
    then: (d) => {
      d.transition = 'free'
    },
  }),
]
