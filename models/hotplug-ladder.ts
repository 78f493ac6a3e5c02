/**
 * CPUs that leave and come back, rung by rung: for suspend, for unplug that may be cancelled half-way, for kexec.
 *
 * Sources: kernel/cpu.c (cpuhp states, freeze_secondary_cpus) and kernel/time/hrtimer.c of Linux 7.3.4; xen/common/cpu.c of
 * c447b7308b, and the per-CPU resources that Xen keeps or frees around its own suspend.
 */

import { env, environment, over, source, system } from '../src/index.js'
import { patches } from './hotplug-ladder/patches.js'
import { comesUp, cpuAt, down, isOnline, mayFail, outOfMask, parameters, state, up } from './hotplug-ladder/state.js'

export { state }

const { model, thread, step, action } = over(state)
const file = 'kernel/cpu.c'

export default model('hotplug-ladder', {
  question: 'Is a CPU that comes back, from whatever rung, what the software believes it is?',
  parameters,
  actors: {
    hotplug: system('the CPU hotplug core'),
    rcu: system('deferred freeing'),
    device: environment('wake-up sources'),
  },
  initial: (choice) => ({
    cpu: Array.from({ length: choice.cpus }, (_, i) => cpuAt(choice, i === choice.cpus - 1)),
    at: 0,
    mode: 'none',
    wakeup: false,
    crashed: false,
    cycles: choice.cycles,
    failures: choice.failures,
    wakeups: choice.wakeups,
  }),
  parts: ({ cpus, stateful }) => [
    thread(
      'hotplug',
      { actor: 'hotplug' },
      step('request', {
        origin: env('suspend, an unplug by user space, or kexec'),
        for: { mode: ['suspend', 'unplug', 'kexec'] },
        when: (s) => s.cycles > 0 && !s.crashed,
        then: (d, { mode }) => {
          d.cycles--
          d.mode = mode
          d.at = 0
          d.wakeup = false
          for (const cpu of d.cpu) if (cpu.parked !== 'no') cpu.parked = mode === 'suspend' ? 'due' : 'done'
        },
      }),
      step('freeze_secondary_cpus', {
        origin: source(file, 'freeze_secondary_cpus'),
        either: {
          aborted: {
            says: 'a wake-up is pending, and this is a suspend',
            when: (s) => s.mode === 'suspend' && s.wakeup,
            goto: 'thaw_secondary_cpus',
          },
          next: {
            says: 'for a reboot or kexec the loop is that of smp_shutdown_nonboot_cpus(), which asks for no wake-up',
            when: (s) => s.at < cpus && (s.mode !== 'unplug' || s.at === 0) && !(s.mode === 'suspend' && s.wakeup),
            goto: 'cpuhp_down',
          },
          done: {
            when: (s) => (s.at === cpus || (s.mode === 'unplug' && s.at > 0)) && !(s.mode === 'suspend' && s.wakeup),
            goto: 'offline',
          },
        },
      }),
      step('cpuhp_down', {
        origin: source(file, 'cpuhp_invoke_callback_range'),
        either: {
          rung: {
            when: (s) => s.cpu[s.at]!.rung > 0,
            then: (d) => {
              d.cpu[d.at]!.failed = false
              down(d, stateful)
            },
            goto: 'cpuhp_down',
          },
          bottom: { when: (s) => s.cpu[s.at]!.rung === 0, then: (d) => void d.at++, goto: 'freeze_secondary_cpus' },
          cancelled: {
            says: 'the unplug is given up half-way: the CPU turns round where it is',
            when: (s) => s.mode === 'unplug' && s.cpu[s.at]!.rung > 0 && !isOnline(s.cpu[s.at]!),
            goto: 'cpuhp_up',
          },
          fails: {
            says: 'a callback of the CPU’s own thread fails: what was torn down is set up again',
            when: (s) => s.mode !== 'kexec' && s.failures > 0 && mayFail(s.cpu[s.at]!.rung - 1, stateful),
            then: (d) => void d.failures--,
          },
        },
      }),
      step('cpuhp_undo', {
        origin: source(file, 'cpuhp_reset_state'),
        either: {
          rung: { when: (s) => !isOnline(s.cpu[s.at]!), then: (d) => up(d), goto: 'cpuhp_undo' },
          stays: {
            says: 'that fails as well: a warning, and the CPU stays where it is',
            origin: source(file, 'cpuhp_thread_fun'),
            when: (s) => s.failures > 0 && !isOnline(s.cpu[s.at]!),
            then: (d) => {
              d.failures--
              d.cpu[d.at]!.failed = true
            },
            goto: 'thaw_secondary_cpus',
          },
          top: { when: (s) => isOnline(s.cpu[s.at]!), goto: 'thaw_secondary_cpus' },
        },
      }),
      step('offline', {
        origin: env(
          'the machine sleeps and wakes; or the CPU is out, and is plugged in again; or another kernel starts',
        ),
        either: {
          back: { when: (s) => s.mode !== 'kexec', goto: 'thaw_secondary_cpus' },
          rebooted: { when: (s) => s.mode === 'kexec', goto: 'end' },
        },
      }),
      step('thaw_secondary_cpus', {
        origin: source(file, 'thaw_secondary_cpus'),
        either: {
          next: {
            when: (s) => s.cpu.some(comesUp),
            then: (d) => void (d.at = d.cpu.findIndex(comesUp)),
            goto: 'cpuhp_up',
          },
          done: {
            when: (s) => !s.cpu.some(comesUp),
            then: (d) => {
              d.mode = 'none'
              d.at = 0
              d.wakeup = false
            },
            goto: 'request',
          },
        },
      }),
      step('cpuhp_up', {
        origin: source(file, 'cpuhp_invoke_callback_range'),
        either: {
          'area-allocated': {
            says: 'after a barrier, so that no freeing of the old area is under way',
            when: (s) => s.cpu[s.at]!.rung === 0 && !s.cpu[s.at]!.freeing && !s.cpu[s.at]!.area,
            then: (d) => {
              d.cpu[d.at]!.area = true
              up(d)
            },
            goto: 'cpuhp_up',
          },
          'area-kept': {
            when: (s) => s.cpu[s.at]!.rung === 0 && !s.cpu[s.at]!.freeing && s.cpu[s.at]!.area,
            then: (d) => up(d),
            goto: 'cpuhp_up',
          },
          rung: {
            when: (s) => s.cpu[s.at]!.rung > 0 && !isOnline(s.cpu[s.at]!) && !outOfMask(s.cpu[s.at]!),
            then: (d) => up(d),
            goto: 'cpuhp_up',
          },
          'not-in-mask': {
            says: 'it knows the mask of its APIC cluster, and is not in it: an assertion stops the machine',
            origin: source('xen/arch/x86/genapic/x2apic.c', 'init_apic_ldr_x2apic_cluster'),
            when: (s) => outOfMask(s.cpu[s.at]!),
            then: (d) => void (d.crashed = true),
            goto: 'request',
          },
          fails: {
            says: 'the interrupt controller or another part of it does not come up: it goes down again and is reported',
            when: (s) => s.failures > 0 && !isOnline(s.cpu[s.at]!) && mayFail(s.cpu[s.at]!.rung, stateful),
            then: (d) => {
              d.failures--
              d.cpu[d.at]!.failed = true
            },
            goto: 'cpuhp_rollback',
          },
          top: { when: (s) => isOnline(s.cpu[s.at]!) && s.cpu[s.at]!.parked === 'no', goto: 'thaw_secondary_cpus' },
          parked: {
            says: 'a CPU that was not in use before the suspend goes down again',
            origin: source('xen/common/cpu.c', 'enable_nonboot_cpus'),
            when: (s) => isOnline(s.cpu[s.at]!) && s.cpu[s.at]!.parked === 'due',
            goto: 'cpuhp_rollback',
          },
        },
      }),
      step('cpuhp_rollback', {
        origin: source(file, 'cpuhp_reset_state'),
        either: {
          rung: { when: (s) => s.cpu[s.at]!.rung > 0, then: (d) => down(d, stateful), goto: 'cpuhp_rollback' },
          stays: {
            says: 'that fails as well: a warning, and the CPU stays where it is',
            origin: source(file, 'cpuhp_thread_fun'),
            when: (s) => s.failures > 0 && s.cpu[s.at]!.failed && mayFail(s.cpu[s.at]!.rung - 1, stateful),
            then: (d) => void d.failures--,
            goto: 'thaw_secondary_cpus',
          },
          bottom: { when: (s) => s.cpu[s.at]!.rung === 0, goto: 'thaw_secondary_cpus' },
        },
      }),
    ),
    action('free', {
      actor: 'rcu',
      for: { i: Array.from({ length: cpus }, (_, i) => i) },
      origin: source('xen/common/percpu.c', '_free_percpu_area'),
      when: (s, { i }) => s.cpu[i]!.freeing,
      then: (d, { i }) => {
        d.cpu[i]!.freeing = false
        d.cpu[i]!.area = false
      },
    }),
    action('wakeup', {
      actor: 'device',
      origin: source('include/linux/pm_wakeup.h', 'pm_wakeup_event'),
      when: (s) => s.wakeups > 0 && s.mode !== 'none',
      then: (d) => {
        d.wakeups--
        d.wakeup = true
      },
    }),
  ],
  patches,
  resting: (s, at) => at('hotplug', 'end') || s.crashed || (at('hotplug', 'request') && s.cycles === 0),
  abstractions: [
    'A rung stands for a group of cpuhp states. Rung 0 is the one that makes the per-CPU area (CPUHP_*_PREPARE), the stateful one stands for hrtimers and the tick, the highest for what runs on the CPU itself.',
    'One CPU moves at a time, as under cpu_hotplug_lock.',
    'Callbacks fail only above the stateful rung, in the hotplug thread of the CPU (CPUHP_AP_ONLINE_IDLE and later). STARTING and DYING must not fail (cpuhp_invoke_callback_range_nofail); an error of a DEAD callback is a WARN in _cpu_down(), and nobody acts on it; one of a PREPARE callback leaves the CPU down, where it was.',
    'On the way to kexec a callback that fails is a BUG_ON in smp_shutdown_nonboot_cpus(), behind which nothing is left to unwind.',
    'The state that user space gives a CPU as its target is the unplug that is given up half-way; a way up that fails there goes all the way down, where the kernel goes back to where it turned round. Xen tells the others of a CPU that did not come back (CPU_RESUME_FAILED): nothing here depends on it.',
    'Linux and Xen are one ladder: the errors differ in the resource, not in the shape.',
    'Of the APIC cluster only what one CPU knows of its mask is kept, and of the pools only whether a CPU is in one; who else is in it does not matter to the errors.',
  ],
})
