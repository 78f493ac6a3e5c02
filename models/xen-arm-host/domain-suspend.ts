/** Dom0's half: Linux going down, the vPSCI handler of each version, and Dom0 at its resume entry. */

import { source, type Origin } from '../../src/index.js'
import { mayFail, runnable, step, thread, upcall, type State } from './state.js'

const suspendC = (symbol: string): Origin => source('xen/arch/arm/suspend.c', symbol)
const domainC = (symbol: string): Origin => source('xen/common/domain.c', symbol)
const linuxSuspend = (symbol: string): Origin => source('linux/kernel/power/suspend.c', symbol)

// Linux in Dom0.

/** Dom0 is awake while it stands here. */
const suspendDevices = step('suspend_devices', {
  origin: linuxSuspend('dpm_suspend_noirq'),
  says: 'Linux suspends its devices; disabling the backend’s interrupt masks its event channel.',
  when: (s) => s.left.attempts > 0,
  then: (d) => {
    d.left.attempts--
    d.port.masked = d.choice.masks
  },
})

const cpuOff = step('cpu_off', {
  origin: source('linux/kernel/cpu.c', 'freeze_secondary_cpus'),
  either: {
    leaves: {
      says: 'VCPU1 calls CPU_OFF; it is marked down and still on its way out.',
      then: (d) => void (d.dom0.vcpu1 = 'leaving'),
    },
    stays: { says: 'An operating system that breaks the rule and leaves VCPU1 on.' },
  },
})

const lastCheck = step('pm_wakeup_pending', {
  origin: linuxSuspend('suspend_enter'),
  either: {
    pending: { when: (s) => s.line[0]!.virtual, goto: 'resume_devices' },
    clear: { when: (s) => !s.line[0]!.virtual },
  },
})

// The vPSCI handler, on whatever CPU VCPU0 occupies.

const denyOnline = {
  when: (s: { readonly dom0: { readonly vcpu1: string } }) => s.dom0.vcpu1 === 'on',
  then: (d: State) => void (d.dom0.x0 = 'errno'),
  goto: 'denied',
  says: 'PSCI_DENIED: another VCPU of the caller is still online.',
} as const

const trap = step('system_suspend', {
  origin: source('xen/arch/arm/vpsci.c', 'do_psci_1_0_system_suspend'),
  either: {
    denied: denyOnline,
    accepted: { when: (s) => s.dom0.vcpu1 !== 'on', then: (d) => void (d.attempt = 'asked') },
  },
})

/**
 * V9 on: domain_psci_system_suspend_policy() finds out who is not parked before anything is changed, under a lock, and
 * asks host_system_suspend_allowed() whether PSCI, serial port, IOMMU and GIC of the platform can.
 */
const trapWithReadiness = step('system_suspend', {
  origin: source('xen/arch/arm/vpsci.c', 'do_psci_1_0_system_suspend'),
  either: {
    denied: denyOnline,
    not_ready: {
      when: (s) => s.dom0.vcpu1 !== 'on' && !ready(s),
      then: (d) => void (d.dom0.x0 = 'errno'),
      goto: 'denied',
      says: 'PSCI_DENIED: a domain has not parked itself.',
    },
    not_allowed: {
      when: (s) => s.dom0.vcpu1 !== 'on' && ready(s) && mayFail(s, 'platform'),
      then: (d) => {
        d.left.fault = 'spent'
        d.dom0.x0 = 'errno'
      },
      goto: 'denied',
      says: 'PSCI_DENIED: a driver of the platform cannot suspend.',
    },
    accepted: {
      when: (s) => s.dom0.vcpu1 !== 'on' && ready(s),
      then: (d) => void (d.attempt = 'asked'),
    },
  },
})

/** domain_in_suspend_state(): shut down, and for no other reason. */
const ready = (s: { readonly domU: { readonly parked: boolean; readonly dead: boolean } }): boolean =>
  s.domU.parked && !s.domU.dead

const resetImage = step('reset_image', {
  origin: suspendC('vcpu_suspend'),
  says: 'The registers are overwritten with those of the resume entry: nothing can be returned to the caller any more.',
  then: (d) => {
    d.dom0.pc = 'entry'
    d.dom0.x0 = 'context'
  },
})

const stopWatchdogs = (d: State): void => {
  if (d.dom0.watchdog === 'armed') d.dom0.watchdog = 'stopped'
}

const markParked = step('mark_parked', {
  origin: suspendC('domain_suspend'),
  says: 'The domain is marked as shut down for suspend; its watchdogs stop.',
  then: (d) => {
    d.dom0.parked = true
    stopWatchdogs(d)
  },
})

const pauseWatchdogs = step('pause_watchdogs', {
  origin: source('xen/common/schedule.c', 'watchdog_domain_suspend'),
  then: stopWatchdogs,
})

const block = step('vcpu_block', {
  origin: source('xen/common/schedule.c', 'vcpu_block_unless_event_pending'),
  says: 'Blocks VCPU0 unless an event is pending: the flag first, then the test.',
  then: (d) => void (d.dom0.blocked = !upcall(d)),
})

const parkDomain = step('domain_shutdown', {
  origin: source('xen/common/domain.c', 'domain_shutdown'),
  says: 'The domain is paused with reason suspend; nothing but domain_resume() runs it again.',
  then: (d) => {
    d.dom0.parked = true
    d.dom0.pause++
  },
})

const schedule = (d: State): void => void (d.tasklet = d.tasklet === 'running' ? 'again' : 'scheduled')

const queued = {
  then: (d: State) => {
    d.dom0.pause++
    schedule(d)
  },
  says: 'VCPU0 is paused without waiting and a tasklet is queued on CPU0.',
} as const

const continueOnCpu0 = step('handoff', {
  origin: domainC('continue_hypercall_on_cpu'),
  either: {
    queued,
    fails: {
      when: (s) => mayFail(s, 'handoff'),
      then: (d) => {
        d.left.fault = 'spent'
        d.attempt = 'failed'
      },
      says: '-ENOMEM: it is logged, and the handler goes on.',
      log: 'Failed to suspend, errno=-12',
      provoke: 'fail the xzalloc() of struct migrate_info',
    },
  },
})

const continueOrUnpark = step('handoff', {
  origin: domainC('continue_hypercall_on_cpu'),
  either: {
    queued,
    fails: {
      when: (s) => mayFail(s, 'handoff'),
      then: (d) => {
        d.left.fault = 'spent'
        d.attempt = 'none'
        d.dom0.parked = false
        d.dom0.pause--
        d.dom0.x0 = 'errno'
      },
      goto: 'denied',
      says: 'The domain is un-parked and the caller gets PSCI_DENIED.',
    },
  },
})

const scheduleTasklet = step('handoff', {
  origin: source('xen/common/tasklet.c', 'tasklet_schedule'),
  says: 'A tasklet that is running is run once more afterwards.',
  then: schedule,
})

const epilogue = step('epilogue', {
  origin: source('xen/arch/arm/vpsci.c', 'do_vpsci_0_2_call'),
  says: 'The handler’s PSCI_SUCCESS is written into x0.',
  then: (d) => void (d.dom0.x0 = 'zero'),
})

// Dom0 again.

/** VCPU0 is off its CPU while Dom0 stands here. */
const atEntry = (effect?: (d: State) => void) =>
  step('entry', {
    origin: source('linux/arch/arm64/kernel/sleep.S', 'cpu_resume'),
    says: 'VCPU0 of Dom0 is scheduled again.',
    when: (s) => runnable(s, 'dom0'),
    then: (d) => {
      d.attempt = 'none'
      d.dom0.pc = d.dom0.x0 = 'caller'
      effect?.(d)
    },
    goto: 'resume_devices',
  })

const rearm = (d: State): void => {
  d.dom0.parked = false
  if (d.dom0.watchdog === 'stopped') d.dom0.watchdog = 'armed'
}

const denied = step('denied', {
  origin: source('linux/drivers/firmware/psci/psci.c', 'psci_system_suspend'),
  says: 'The call returns an error, behind which Dom0 goes on.',
  then: (d) => void (d.dom0.pc = d.dom0.x0 = 'caller'),
})

const resumeDevices = step('resume_devices', {
  origin: linuxSuspend('dpm_resume_noirq'),
  says: 'Linux resumes its devices, unmasks the event channel and brings VCPU1 back.',
  then: (d) => {
    d.port.masked = false
    d.dom0.vcpu1 = 'on'
  },
  goto: 'suspend_devices',
})

const dom0 = { actor: 'dom0', says: 'VCPU0 of Dom0: Linux, and the vPSCI handler that its call traps into.' } as const

/** 2018: registers first, then the marks, then the hand-off, whatever comes of it. */
export const dom0V1 = thread(
  'dom0',
  dom0,
  suspendDevices,
  cpuOff,
  lastCheck,
  trap,
  resetImage,
  markParked,
  block,
  continueOnCpu0,
  epilogue,
  atEntry(rearm),
  denied,
  resumeDevices,
)

/** March 2025: only blocked; the registers are written at resume. */
export const dom0V3 = thread(
  'dom0',
  dom0,
  suspendDevices,
  cpuOff,
  lastCheck,
  trap,
  pauseWatchdogs,
  block,
  continueOnCpu0,
  atEntry(rearm),
  denied,
  resumeDevices,
)

/** August 2025: parked by domain_shutdown(), registers written once the hand-off has worked. */
export const dom0V5 = thread(
  'dom0',
  dom0,
  suspendDevices,
  cpuOff,
  lastCheck,
  trap,
  parkDomain,
  continueOrUnpark,
  resetImage,
  atEntry(),
  denied,
  resumeDevices,
)

/** September 2025 to April 2026: the resume context is recorded, the tasklet cannot be refused. */
export const dom0V6 = thread(
  'dom0',
  dom0,
  suspendDevices,
  cpuOff,
  lastCheck,
  trap,
  parkDomain,
  scheduleTasklet,
  atEntry(),
  denied,
  resumeDevices,
)

/** V10 and V11, May and June 2026. */
export const dom0V11 = thread(
  'dom0',
  dom0,
  suspendDevices,
  cpuOff,
  lastCheck,
  trapWithReadiness,
  parkDomain,
  scheduleTasklet,
  atEntry(),
  denied,
  resumeDevices,
)
