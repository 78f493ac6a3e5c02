/**
 * Xen on x86: `enter_state` and its unwinding idiom, for comparison with the host suspend on Arm.
 *
 * Source: xen/arch/x86/acpi/power.c of xen.git c447b7308b (August 2026).
 */

import {
  env,
  environment,
  int,
  list,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type Frozen,
  type Origin,
  type ValueOf,
} from '../src/index.js'

/** The devices in the order of `device_power_down()`. */
export const devices = ['console', 'time', 'i8259A', 'ioapic', 'iommu', 'lapic'] as const
type Device = (typeof devices)[number]

/** Everything that `enter_state()` stops, in its order. */
export const stages = ['domains', 'scheduler', 'cpus', 'hvm', 'watchdog', 'console_sync', 'irqs', ...devices] as const
type Stage = (typeof stages)[number]

export const state = record({
  sys: oneOf('active', 'suspend', 'resume'),
  /** What is stopped now, in the order in which it was stopped. */
  stopped: list(13, oneOf(...stages)),
  /** `enum dev_power_saved`: the device that failed, or `all`; where `device_power_up()` enters its switch. */
  saved: oneOf(...devices, 'all'),
  cpu1: oneOf('on', 'off', 'dead'),
  /** What became of the present attempt; `none` while the caller is not in its hypercall. */
  attempt: oneOf('none', 'asked', 'slept', 'failed'),
  /** The status that `enter_state()` leaves for the caller. */
  status: oneOf('none', 'zero', 'errno'),
  /** The wake-up event of Dom0: raised, then taken by Xen while the ACPI status stays set until Dom0 has handled it. */
  event: oneOf('none', 'raised', 'taken'),
  left: record({ attempts: int(0, 2), wakeups: int(0, 2), fault: oneOf('spent', 'anything', 'cpus', ...devices) }),
})

export type State = ValueOf<typeof state>
type Seen = Frozen<State>

const { model, thread, step, action, patch, edit } = over(state)

const powerC = (symbol: string): Origin => source('xen/arch/x86/acpi/power.c', symbol)
const enter = powerC('enter_state')

const isStopped = (s: Seen, stage: Stage): boolean => s.stopped.includes(stage)

function started(d: State, stage: Stage): void {
  const at = d.stopped.indexOf(stage)
  if (at >= 0) d.stopped.splice(at, 1)
}

const stop = (name: string, stage: Stage, origin: Origin) =>
  step(name, { origin, then: (d) => void d.stopped.push(stage) })

const start = (name: string, stage: Stage, origin: Origin) => step(name, { origin, then: (d) => started(d, stage) })

const mayFail = (s: Seen, place: State['left']['fault']): boolean =>
  s.left.fault === place || s.left.fault === 'anything'

/** Only the IOMMU's driver can refuse today: the others return 0, though device_power_down() looks. */
const deviceDown = (device: Device) => {
  // void, so that there is no branch.
  if (device === 'ioapic') return stop('ioapic_suspend', device, source('xen/arch/x86/io_apic.c', 'ioapic_suspend'))
  return step(`${device}_suspend`, {
    origin: powerC('device_power_down'),
    either: {
      done: { then: (d) => void d.stopped.push(device) },
      fails: {
        when: (s) => mayFail(s, device),
        says: 'device_power_down() returns the stage it did not get beyond.',
        then: (d) => {
          d.saved = device
          d.left.fault = 'spent'
          d.attempt = 'failed'
          d.sys = 'resume'
        },
        goto: 'device_power_up',
      },
    },
  })
}

/** Whether the switch of `device_power_up(saved)` falls through this device: it was stopped before the one that failed. */
const fallsThrough = (s: Seen, device: Device): boolean =>
  s.saved === 'all' || devices.indexOf(device) < devices.indexOf(s.saved)

const deviceUp = (device: Device) =>
  step(`${device}_resume`, {
    origin: powerC('device_power_up'),
    either: {
      resumed: { when: (s) => fallsThrough(s, device), then: (d) => started(d, device) },
      not_reached: { when: (s) => !fallsThrough(s, device) },
    },
  })

const caller = thread(
  'dom0',
  { actor: 'dom0', says: 'VCPU0 of Dom0, in a platform hypercall: it is not parked and has no resume entry.' },
  step('enter_acpi_sleep', {
    origin: source('xen/arch/x86/platform_hypercall.c', 'do_platform_op'),
    says: 'continue_hypercall_on_cpu(0, enter_state_helper): VCPU0 waits in its hypercall.',
    when: (s) => s.left.attempts > 0 && s.event === 'none',
    then: (d) => {
      d.left.attempts--
      d.attempt = 'asked'
      d.saved = 'all'
    },
    signals: 'cpu0',
  }),
  step('hypercall', {
    origin: source('xen/common/domain.c', 'continue_hypercall_tasklet_handler'),
    says: 'The hypercall returns the status of enter_state() to the place that called it.',
    when: (s) => s.status !== 'none',
    then: (d) => {
      d.status = 'none'
      d.attempt = 'none'
    },
    goto: 'enter_acpi_sleep',
  }),
)

const enterState = thread(
  'enter_state',
  { actor: 'cpu0', says: 'The tasklet on CPU0.' },
  step('begin', {
    origin: enter,
    when: (s) => s.attempt === 'asked' && s.status === 'none',
    then: (d) => void (d.sys = 'suspend'),
  }),
  stop('freeze_domains', 'domains', source('xen/common/domain.c', 'freeze_domains')),
  stop('scheduler_disable', 'scheduler', source('xen/common/sched/core.c', 'scheduler_disable')),
  step('disable_nonboot_cpus', {
    origin: source('xen/common/cpu.c', 'disable_nonboot_cpus'),
    either: {
      down: {
        when: (s) => s.cpu1 === 'on',
        then: (d) => {
          d.cpu1 = 'off'
          d.stopped.push('cpus')
        },
      },
      none_left: { when: (s) => s.cpu1 === 'dead' },
      refuses: {
        when: (s) => s.cpu1 === 'on' && mayFail(s, 'cpus'),
        then: (d) => {
          d.left.fault = 'spent'
          d.attempt = 'failed'
          d.sys = 'resume'
        },
        goto: 'enable_nonboot_cpus',
      },
    },
  }),
  stop('hvm_cpu_down', 'hvm', source('xen/arch/x86/include/asm/hvm/hvm.h', 'hvm_cpu_down')),
  stop('watchdog_disable', 'watchdog', source('xen/arch/x86/nmi.c', 'watchdog_disable')),
  stop('console_start_sync', 'console_sync', source('xen/drivers/char/console.c', 'console_start_sync')),
  stop('local_irq_save', 'irqs', enter),
  ...devices.map(deviceDown),
  step('sleep', {
    origin: powerC('acpi_enter_sleep_state'),
    says: 'With the wake-up status set, the machine wakes at once.',
  }),
  step('wakeup', {
    origin: source('xen/arch/x86/boot/wakeup.S', 'wakeup_start'),
    when: (s) => s.event !== 'none',
    then: (d) => {
      d.attempt = 'slept'
      d.sys = 'resume'
    },
  }),
  step('device_power_up', {
    origin: powerC('device_power_up'),
    says: 'A switch on the last stage reached, without breaks.',
  }),
  ...[...devices].reverse().map(deviceUp),
  start('console_end_sync', 'console_sync', source('xen/drivers/char/console.c', 'console_end_sync')),
  start('watchdog_enable', 'watchdog', source('xen/arch/x86/nmi.c', 'watchdog_enable')),
  start('local_irq_restore', 'irqs', enter),
  start('hvm_cpu_up', 'hvm', source('xen/arch/x86/include/asm/hvm/hvm.h', 'hvm_cpu_up')),
  step('enable_nonboot_cpus', {
    origin: source('xen/common/cpu.c', 'enable_nonboot_cpus'),
    either: {
      up: {
        when: (s) => isStopped(s, 'cpus'),
        then: (d) => {
          d.cpu1 = 'on'
          started(d, 'cpus')
        },
      },
      dead: {
        when: (s) => isStopped(s, 'cpus') && mayFail(s, 'cpus'),
        says: 'CPU1 does not come back; it is logged.',
        then: (d) => {
          d.left.fault = 'spent'
          d.cpu1 = 'dead'
          started(d, 'cpus')
        },
      },
      none_down: { when: (s) => !isStopped(s, 'cpus') },
    },
  }),
  start('scheduler_enable', 'scheduler', source('xen/common/sched/core.c', 'scheduler_enable')),
  start('thaw_domains', 'domains', source('xen/common/domain.c', 'thaw_domains')),
  step('finish', {
    origin: enter,
    says: 'SYS_STATE_active, pm_lock released, the status is left for the caller.',
    then: (d) => {
      d.sys = 'active'
      d.status = d.attempt === 'slept' ? 'zero' : 'errno'
    },
    goto: 'begin',
  }),
)

const events = [
  action('raise', {
    actor: 'device',
    origin: env('a wake-up device of Dom0 raises its event'),
    when: (s) => s.left.wakeups > 0 && s.event === 'none',
    then: (d) => {
      d.left.wakeups--
      d.event = 'raised'
    },
  }),
  action('do_IRQ', {
    actor: 'irq',
    origin: source('xen/arch/x86/irq.c', 'do_IRQ'),
    says: 'Xen takes the interrupt and sends Dom0 an event; the ACPI status bit stays set.',
    when: (s) => s.event === 'raised' && !isStopped(s, 'irqs'),
    then: (d) => void (d.event = 'taken'),
  }),
  action('handle', {
    actor: 'dom0',
    origin: source('linux/drivers/acpi/acpica/evevent.c', 'acpi_ev_fixed_event_detect'),
    when: (s) => s.event === 'taken' && s.attempt === 'none',
    then: (d) => void (d.event = 'none'),
  }),
]

export default model('xen-x86-s3', {
  question: 'Does the x86 idiom, one number that says how far the suspend came, resume exactly what was suspended?',
  parameters: {
    attempts: parameter(int(1, 2), 2, 'how often Dom0 asks for S3'),
    wakeups: parameter(int(0, 2), 2, 'how many wake-up events the environment raises'),
    fault: parameter(oneOf('spent', 'anything', 'cpus', ...devices), 'anything', 'what may go wrong, once'),
  },
  actors: {
    dom0: system('VCPU0 of Dom0'),
    cpu0: system('Xen on CPU0'),
    irq: system('Xen taking interrupts'),
    device: environment('wake-up devices'),
  },
  initial: ({ attempts, wakeups, fault }): State => ({
    sys: 'active',
    stopped: [],
    saved: 'all',
    cpu1: 'on',
    attempt: 'none',
    status: 'none',
    event: 'none',
    left: { attempts, wakeups, fault },
  }),
  parts: () => [caller, enterState, ...events],
  patches: [
    patch('scheduler-first', {
      kind: 'fault',
      says: 'The scheduler is disabled before the domains are frozen.',
      edits: [edit.move('enter_state.scheduler_disable', { before: 'enter_state.freeze_domains' })],
    }),
    patch('fault-resumes-the-failed', {
      kind: 'fault',
      says: 'device_power_down() returns the stage behind the one that failed, so that the switch resumes it too.',
      edits: [
        edit.replace('enter_state.iommu_suspend/fails', {
          then: (d) => {
            d.saved = 'lapic'
            d.left.fault = 'spent'
            d.attempt = 'failed'
            d.sys = 'resume'
          },
        }),
      ],
    }),
    patch('fault-break', {
      kind: 'fault',
      says: 'A break ends the switch of device_power_up() in front of the timer.',
      edits: [edit.remove('enter_state.time_resume'), edit.remove('enter_state.console_resume')],
    }),
    patch('fault-swapped', {
      kind: 'fault',
      says: 'The IOMMU is resumed in front of the local APIC.',
      edits: [edit.move('enter_state.iommu_resume', { before: 'enter_state.lapic_resume' })],
    }),
    patch('fault-no-latch', {
      kind: 'fault',
      says: 'The wake-up status is cleared when Xen takes the interrupt, instead of when Dom0 has handled it.',
      edits: [edit.replace('enter_state.wakeup', { when: (s) => s.event === 'raised' })],
    }),
    patch('fault-no-freeze', {
      kind: 'fault',
      says: 'Domains are not frozen.',
      edits: [edit.remove('enter_state.freeze_domains')],
    }),
    patch('fault-thaws-first', {
      kind: 'fault',
      says: 'Domains are thawed in front of the scheduler, and the status is left before system_state is active again.',
      edits: [
        edit.move('enter_state.thaw_domains', { before: 'enter_state.scheduler_enable' }),
        edit.replace('enter_state.finish', {
          then: (d) => void (d.status = d.attempt === 'slept' ? 'zero' : 'errno'),
        }),
      ],
    }),
    patch('fault-success-always', {
      kind: 'fault',
      says: 'The status of a failed attempt is dropped.',
      edits: [
        edit.replace('enter_state.finish', {
          then: (d) => {
            d.sys = 'active'
            d.status = 'zero'
          },
        }),
      ],
    }),
    patch('fault-always-refuses', {
      kind: 'fault',
      says: 'The console refuses to suspend whenever it is asked.',
      edits: [edit.remove('enter_state.console_suspend/done')],
    }),
    patch('fault-no-return', {
      kind: 'fault',
      says: 'The continuation forgets its caller.',
      edits: [edit.replace('enter_state.finish', { then: (d) => void (d.sys = 'active') })],
    }),
  ],
  resting: (_, at) => (at('dom0', 'enter_acpi_sleep') && at('enter_state', 'begin')) || at('enter_state', 'wakeup'),
  abstractions: [
    'pm_lock is left out: CPU0 runs one tasklet at a time, so that nobody ever finds it taken.',
    'cpufreq, the DMAR tables and the wake vector are set and reset in the same breath as HVM. An hvm_cpu_up() that fails is a BUG(), and CPU features that are gone a panic(): nothing is left to unwind.',
    'A hypercall that another VCPU has continued on CPU1 is left out: it is queued there before freeze_domains() returns, and stop_machine queues its tasklet for CPU1 behind it, so it is done before CPU1 goes down.',
    'One device of each kind, one non-boot CPU, one wake-up event.',
    'Dom0 asks for S3 only with no event of its own pending, which its own last check has seen.',
  ],
})
