/** The steps that `system_suspend` is made of: the stages on the way down, their counterparts, Dom0's resume. */

import { source, type Origin } from '../../src/index.js'
import { isStopped, mayFail, started, step, wakes, type Stage, type State } from './state.js'

const suspendC = (symbol: string): Origin => source('xen/arch/arm/suspend.c', symbol)
const consoleC = (symbol: string): Origin => source('xen/drivers/char/console.c', symbol)
const timeC = (symbol: string): Origin => source('xen/arch/arm/time.c', symbol)
const gicC = (symbol: string): Origin => source('xen/arch/arm/gic.c', symbol)
const iommuC = (symbol: string): Origin => source('xen/drivers/passthrough/iommu.c', symbol)
const cpuC = (symbol: string): Origin => source('xen/common/cpu.c', symbol)
const domainC = (symbol: string): Origin => source('xen/common/domain.c', symbol)
const schedC = (symbol: string): Origin => source('xen/common/sched/core.c', symbol)

const failed = (d: State): void => {
  d.left.fault = 'spent'
  d.attempt = 'failed'
  d.sys = 'resume'
}

// The way down.

const wait = (origin: Origin) =>
  step('wait', {
    origin,
    says: 'The tasklet runs on CPU0 once VCPU0 of Dom0 is off its CPU.',
    when: (s, _, at) => s.tasklet === 'scheduled' && at('dom0', 'entry'),
    then: (d) => void (d.tasklet = 'running'),
  })
export const waitContinuation = wait(domainC('continue_hypercall_tasklet_handler'))
export const waitTasklet = wait(suspendC('system_suspend'))

export const setSuspend = step('set_suspend', {
  origin: suspendC('system_suspend'),
  says: 'BUG_ON(system_state != SYS_STATE_active), then SYS_STATE_suspend.',
  then: (d) => void (d.sys = 'suspend'),
})

export const freezeDom0 = step('freeze_dom0', {
  origin: domainC('freeze_domains'),
  says: 'domain_pause() waits until no VCPU of Dom0 is on a CPU.',
  when: (s) => s.dom0.vcpu1 !== 'leaving',
  then: (d) => void d.dom0.pause++,
})

export const freezeDomU = step('freeze_domU', {
  origin: domainC('freeze_domains'),
  then: (d) => {
    d.domU.pause++
    d.stopped.push('domains')
  },
})

/** V8 looks with the scheduler off already. A domain that was shut down for another reason does not count as parked. */
export const checkParked = step('check_parked', {
  origin: suspendC('can_system_suspend'),
  says: 'The host may only sleep when every domain is shut down with reason suspend.',
  either: {
    ready: { when: (s) => s.domU.parked && !s.domU.dead },
    busy: {
      when: (s) => !s.domU.parked || s.domU.dead,
      then: (d) => {
        d.attempt = 'failed'
        d.sys = 'resume'
      },
      goto: 'scheduler_on',
      says: '-EBUSY: a domain has not parked itself.',
    },
  },
})

export const cpusDown = (routes: 'moves routes' | 'leaves routes') =>
  step('cpus_down', {
    origin: cpuC('disable_nonboot_cpus'),
    either: {
      down: {
        when: (s) => s.cpu1 === 'on',
        then: (d) => {
          d.cpu1 = 'off'
          d.stopped.push('cpus')
          if (routes === 'moves routes' && d.route === 'cpu1') d.route = 'moved'
        },
      },
      none_left: { when: (s) => s.cpu1 === 'dead', says: 'CPU1 did not come back the last time.' },
      refuses: { when: (s) => s.cpu1 === 'on' && mayFail(s, 'cpus_down'), then: failed, goto: 'rcu_barrier' },
    },
  })

const stop = (name: string, stage: Stage, origin: Origin) =>
  step(name, { origin, then: (d) => void d.stopped.push(stage) })

/** A stop that may be refused, and the label that the code then jumps to; none: it goes on as if nothing had happened. */
const tryStop = (name: string, stage: 'gic' | 'console' | 'iommu', origin: Origin, onFailure: string | undefined) =>
  step(name, {
    origin,
    either: {
      done: { then: (d) => void d.stopped.push(stage) },
      fails: {
        when: (s) => mayFail(s, stage),
        then: onFailure === undefined ? (d) => void (d.left.fault = 'spent') : failed,
        ...(onFailure !== undefined && { goto: onFailure }),
      },
    },
  })

export const schedulerOff = stop('scheduler_off', 'scheduler', schedC('scheduler_disable'))
export const timeSuspend = stop('time_suspend', 'timer', timeC('time_suspend'))
export const irqsOff = stop('irqs_off', 'irqs', suspendC('system_suspend'))
export const consoleSync = stop('console_sync', 'console_sync', consoleC('console_start_sync'))
export const gicSuspend = (onFailure?: string) => tryStop('gic_suspend', 'gic', gicC('gic_suspend'), onFailure)
export const consoleSuspend = (onFailure: string) =>
  tryStop('console_suspend', 'console', consoleC('console_suspend'), onFailure)
export const iommuSuspend = (onFailure: string) => tryStop('iommu_suspend', 'iommu', iommuC('iommu_suspend'), onFailure)

export const enterFirmware = step('psci_system_suspend', {
  origin: source('xen/arch/arm/psci.c', 'call_psci_system_suspend'),
  says: 'The machine sleeps; with something pending it wakes at once.',
  either: {
    sleeps: {
      then: (d) => {
        // The saved registers of the distributor do not include the pending ones: an edge goes with the power.
        if (d.choice.edge) for (const line of d.line) if (line.physical === 'pending') line.physical = 'none'
      },
    },
    refused: { when: (s) => mayFail(s, 'firmware'), then: failed, goto: 'set_resume' },
  },
})

// The way up.

/** Dom0 stands at the label of this step while the machine sleeps. */
export const hypResume = step('hyp_resume', {
  origin: source('xen/arch/arm/arm64/head.S', 'hyp_resume'),
  says: 'An interrupt wakes the machine.',
  when: wakes,
  then: (d) => void (d.attempt = 'slept'),
})

export const setResume = step('set_resume', {
  origin: suspendC('system_suspend'),
  then: (d) => void (d.sys = 'resume'),
})

const start = (name: string, stage: Stage, origin: Origin) => step(name, { origin, then: (d) => started(d, stage) })

export const schedulerOn = start('scheduler_on', 'scheduler', schedC('scheduler_enable'))
export const timeResume = start('time_resume', 'timer', timeC('time_resume'))
export const irqsOn = start('irqs_on', 'irqs', suspendC('system_suspend'))
export const consoleAsync = start('console_async', 'console_sync', consoleC('console_end_sync'))
export const gicResume = start('gic_resume', 'gic', gicC('gic_resume'))
export const consoleResume = start('console_resume', 'console', consoleC('console_resume'))
export const iommuResume = start('iommu_resume', 'iommu', iommuC('iommu_resume'))

export const rcuBarrier = step('rcu_barrier', {
  origin: source('xen/common/rcupdate.c', 'rcu_barrier'),
  says: 'Softirqs are processed: timers that ran out meanwhile fire.',
  then: (d) => {
    if (d.dom0.watchdog === 'due') d.dom0.watchdog = 'lost'
    if (d.domU.watchdog !== 'due') return
    d.domU.watchdog = 'lost'
    if (!d.domU.parked) d.domU.dead = true
  },
})

export const cpusUp = (routes: 'moves routes' | 'leaves routes') =>
  step('cpus_up', {
    origin: cpuC('enable_nonboot_cpus'),
    either: {
      up: {
        when: (s) => isStopped(s, 'cpus'),
        then: (d) => {
          d.cpu1 = 'on'
          started(d, 'cpus')
          if (routes === 'moves routes' && d.route === 'moved') d.route = 'cpu1'
        },
      },
      dead: {
        when: (s) => isStopped(s, 'cpus') && mayFail(s, 'cpus_up'),
        then: (d) => {
          d.left.fault = 'spent'
          d.cpu1 = 'dead'
          started(d, 'cpus')
        },
        says: 'CPU1 does not come back; it is logged and stays in frozen_cpus.',
        log: 'Error bringing CPU1 up',
      },
      none_down: { when: (s) => !isStopped(s, 'cpus') },
    },
  })

export const thawDom0 = step('thaw_dom0', {
  origin: domainC('thaw_domains'),
  then: (d) => {
    d.dom0.pause--
    started(d, 'domains')
  },
})

export const thawDomU = step('thaw_domU', { origin: domainC('thaw_domains'), then: (d) => void d.domU.pause-- })

export const setActive = step('set_active', {
  origin: suspendC('system_suspend'),
  then: (d) => void (d.sys = 'active'),
})

export const unblockDom0 = step('resume_dom0', {
  origin: schedC('vcpu_unblock'),
  says: 'Dom0 resumes after Xen, whoever woke the host.',
  then: (d) => void (d.dom0.blocked = false),
})

export const restoreDom0 = step('resume_dom0', {
  origin: suspendC('vcpu_resume'),
  says: 'The registers of the resume entry are written now, and VCPU0 is unblocked.',
  then: (d) => {
    d.dom0.pc = 'entry'
    d.dom0.x0 = 'context'
    d.dom0.blocked = false
  },
})

export const resumeDomain = step('resume_dom0', {
  origin: domainC('domain_resume'),
  then: (d) => {
    d.dom0.parked = false
    d.dom0.pause--
  },
})

export const resumeWithContext = step('resume_dom0', {
  origin: domainC('domain_resume'),
  says: 'arch_domain_resume() applies the recorded resume context, then the domain is unpaused.',
  then: (d) => {
    d.dom0.parked = false
    d.dom0.pause--
    d.dom0.pc = 'entry'
    d.dom0.x0 = 'context'
  },
})

const ended = (d: State): void => void (d.tasklet = d.tasklet === 'again' ? 'scheduled' : 'idle')

export const finishContinuation = step('finish', {
  origin: domainC('continue_hypercall_tasklet_handler'),
  says: 'The status goes into x0 of VCPU0, which is unpaused.',
  then: (d) => {
    d.dom0.x0 = d.attempt === 'slept' ? 'zero' : 'errno'
    d.dom0.pause--
    ended(d)
  },
  goto: 'wait',
})

export const finishTasklet = step('finish', { origin: suspendC('system_suspend'), then: ended, goto: 'wait' })
