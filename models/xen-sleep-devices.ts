/**
 * What Xen itself keeps running, and must stop and start again around its own sleep: timers, console, watchdog.
 *
 * Sources: xen/arch/x86/acpi/power.c (enter_state), time.c and hpet.c, xen/drivers/char/ns16550.c, serial.c and console.c of xen.git
 * c447b7308b (August 2026), read line by line, and the commits that are cited.
 */

import {
  bool,
  env,
  environment,
  int,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  cycles: parameter(int(1, 3), 1, 'how many times the host sleeps'),
}

export const state = ({ cycles }: { readonly cycles: number }) =>
  record({
    /** The timer of CPU 0 (TSC deadline), and a periodic software timer: armed, stopped, or killed for good. */
    deadline: oneOf('armed', 'off'),
    periodic: oneOf('armed', 'stopped', 'killed'),
    /** The serial port: set up, and whether its bridge has power and decodes it. */
    uart: oneOf('on', 'off'),
    power: bool(),
    /** The interrupt of the HPET's channel is requested: suspend does not release it. */
    irq: bool(),
    /** The last message of Dom0, which the test controller waits for: in Dom0, in Xen's buffer, on the wire. */
    message: oneOf('none', 'in Dom0', 'buffered', 'sent'),
    console: oneOf('buffered', 'synchronous'),
    watchdog: bool(),
    /** The watchdog found a CPU stuck that was only printing. */
    alarm: bool(),
    /** The periodic timer touched a port that was off. */
    touchedOff: bool(),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const power = 'xen/arch/x86/acpi/power.c'
const uartFile = 'xen/drivers/char/ns16550.c'
const consoleFile = 'xen/drivers/char/console.c'
const script = env('a test script in Dom0 (automation/scripts/qubes-x86_64.sh)')

/** Between local_irq_save() and local_irq_restore(), where CPU 0 runs no softirq and so no software timer. */
const interruptsOff = [
  'stop_timer',
  'ns16550_suspend',
  'iommu_suspend',
  'asleep',
  '__hpet_setup_msi_irq',
  'ns16550_resume',
  'set_timer',
  'console_end_sync',
  'watchdog_enable',
] as const

export default model('xen-sleep-devices', {
  question: 'Is everything that Xen keeps running stopped before it may not run, and started again after?',
  parameters,
  actors: {
    xen: system('enter_state(), on CPU 0'),
    timer: system('software timers'),
    watchdog: system('the NMI watchdog'),
    dom0: system('the first domain: it asks for sleep, and its ACPI code gives devices their power back'),
    controller: environment('the test controller, which wakes the machine when it reads the message'),
  },
  initial: ({ cycles }) => ({
    deadline: 'armed',
    periodic: 'armed',
    uart: 'on',
    power: true,
    irq: true,
    message: 'none',
    console: 'buffered',
    watchdog: true,
    alarm: false,
    touchedOff: false,
    cycles,
  }),
  parts: () => [
    thread(
      'enter_state',
      { actor: 'xen' },
      step('request', {
        origin: script,
        says: 'the script prints its message; Dom0 went through its own resume before it runs',
        when: (s) => s.cycles > 0 && s.power,
        then: (d) => {
          d.cycles--
          d.message = 'in Dom0'
        },
      }),
      step('sync', {
        origin: script,
        says: 'sync /dev/stdout; sleep 5: the message has left Dom0 before sleep is asked for',
        then: (d) => void (d.message = 'buffered'),
      }),
      step('freeze_domains', { origin: source('xen/common/domain.c', 'freeze_domains') }),
      step('disable_nonboot_cpus', {
        origin: source('xen/common/cpu.c', 'disable_nonboot_cpus'),
        either: {
          ok: {},
          fails: { says: 'a CPU that does not go down: nothing was stopped yet', goto: 'enable_nonboot_cpus' },
        },
      }),
      step('watchdog_disable', {
        origin: source('xen/arch/x86/nmi.c', 'watchdog_disable'),
        then: (d) => void (d.watchdog = false),
      }),
      step('console_start_sync', {
        origin: source('xen/drivers/char/serial.c', 'serial_start_sync'),
        says: 'sends what is in Xen’s buffer; from here on printing is slow, and does not let other work run',
        then: (d) => {
          d.console = 'synchronous'
          if (d.message === 'buffered') d.message = 'sent'
        },
      }),
      step('stop_timer', {
        origin: source('xen/common/timer.c', 'stop_timer'),
        says: 'the timers of cpufreq, of the serial port (in ns16550_suspend) and of the calibration (in time_suspend)',
        then: (d) => void (d.periodic = 'stopped'),
      }),
      step('ns16550_suspend', {
        origin: source(uartFile, 'ns16550_suspend'),
        says: 'console_suspend(): the port is not used from here on; of one on PCI the command register is kept',
        then: (d) => void (d.uart = 'off'),
      }),
      step('iommu_suspend', {
        origin: source('xen/drivers/passthrough/iommu.c', 'iommu_suspend'),
        says: 'of what device_power_down() calls, the one that can fail',
        either: {
          ok: {},
          fails: { says: 'device_power_up(SAVED_IOAPIC), and -EIO', goto: '__hpet_setup_msi_irq' },
        },
      }),
      step('asleep', {
        origin: source(power, 'acpi_enter_sleep_state'),
        says: 'timers are lost; the controller wakes the machine when it has read the message',
        when: (s) => s.message === 'sent',
        then: (d) => {
          d.deadline = 'off'
          d.message = 'none'
        },
        either: {
          'firmware-restores': {},
          'power-lost': {
            says: 'the bridge of the serial port is left to the operating system',
            then: (d) => void (d.power = false),
          },
        },
      }),
      step('__hpet_setup_msi_irq', {
        origin: source('xen/arch/x86/hpet.c', '__hpet_setup_msi_irq'),
        says: 'time_resume(), hpet_broadcast_resume(): the message of an interrupt that is requested still is written again',
      }),
      step('ns16550_resume', {
        origin: source(uartFile, 'ns16550_resume'),
        says: 'if its bridge has no power yet, a timer looks again, a bounded number of times',
        either: {
          on: { when: (s) => s.power, then: (d) => void (d.uart = 'on') },
          later: { when: (s) => !s.power },
        },
      }),
      step('set_timer', {
        origin: source('xen/common/timer.c', 'set_timer'),
        says: 'a stopped timer can be armed again, a killed one cannot',
        then: (d) => {
          if (d.periodic === 'stopped') d.periodic = 'armed'
        },
      }),
      step('console_end_sync', {
        origin: source(consoleFile, 'console_end_sync'),
        then: (d) => void (d.console = 'buffered'),
      }),
      step('watchdog_enable', {
        origin: source('xen/arch/x86/nmi.c', 'watchdog_enable'),
        then: (d) => void (d.watchdog = true),
      }),
      step('enable_nonboot_cpus', {
        origin: source('xen/common/cpu.c', 'enable_nonboot_cpus'),
        says: 'who waits for a CPU looks at softirqs meanwhile (__cpu_up): timers may run',
      }),
      step('thaw_domains', { origin: source('xen/common/domain.c', 'thaw_domains') }),
      step('raise_softirq', {
        origin: source(power, 'enter_state'),
        says: 'raise_softirq(TIMER_SOFTIRQ), which programs the timer of CPU 0 for whatever is due next',
        then: (d) => void (d.deadline = 'armed'),
        goto: 'request',
      }),
    ),
    action('poll', {
      actor: 'timer',
      origin: source(uartFile, 'ns16550_delayed_resume'),
      says: 'initialises a port that has power again; otherwise the poll of the running port',
      when: (s, _, at) =>
        s.periodic === 'armed' && s.deadline === 'armed' && !at('enter_state', ...interruptsOff) && s.power,
      then: (d) => void (d.uart = 'on'),
    }),
    action('fire', {
      actor: 'watchdog',
      origin: source('xen/arch/x86/nmi.c', 'nmi_watchdog_tick'),
      says: 'a CPU that prints synchronously looks stuck',
      when: (s) => s.watchdog && s.console === 'synchronous' && !s.alarm,
      then: (d) => void (d.alarm = true),
    }),
    action('acpi', {
      actor: 'dom0',
      origin: source('drivers/acpi/sleep.c', 'acpi_suspend_enter'),
      says: 'Dom0 goes on and restores the bridge of the serial port',
      when: (s, _, at) => !s.power && at('enter_state', 'raise_softirq', 'request'),
      then: (d) => void (d.power = true),
    }),
  ],
  patches: [
    patch('deadline-not-armed', {
      kind: 'era',
      says: 'lapic_resume() restores the initial count and not the TSC deadline, and nobody programs it; the idle loop used to hide it.',
      reference: 'before 757abedabb',
      edits: [edit.replace('enter_state.raise_softirq', { then: () => {} })],
    }),
    patch('timer-killed', {
      kind: 'era',
      says: 'time_suspend() kills the calibration timer, and the set_timer() of time_resume() is ignored.',
      reference: 'before 2d670d258b',
      edits: [edit.replace('enter_state.stop_timer', { then: (d) => void (d.periodic = 'killed') })],
    }),
    patch('timer-runs-on', {
      kind: 'era',
      says: 'The periodic timer is not stopped while its owner is suspended.',
      reference: 'before 7c7a202cce and cdffe59f08',
      edits: [
        edit.remove('enter_state.stop_timer'),
        edit.replace('timer.poll', {
          when: (s, _, at) => s.periodic === 'armed' && s.deadline === 'armed' && !at('enter_state', ...interruptsOff),
          then: (d) => {
            d.touchedOff ||= d.uart === 'off'
            if (d.power) d.uart = 'on'
          },
        }),
      ],
    }),
    patch('watchdog-last', {
      kind: 'era',
      says: 'The console becomes synchronous while the watchdog still watches.',
      reference: 'before 5e08f5f56c',
      edits: [edit.move('enter_state.watchdog_disable', { after: 'enter_state.console_start_sync' })],
    }),
    patch('no-flush', {
      kind: 'era',
      says: 'The script asks for sleep with its last message still in Dom0.',
      reference: 'before df43b54590',
      edits: [edit.remove('enter_state.sync')],
    }),
    patch('uart-spins', {
      kind: 'era',
      says: 'A port without power is set up, and its poll, which comes while CPUs are waited for, reads 0xff until Dom0 gives it power; Dom0 runs only later.',
      reference: 'before 6e96c186d2',
      edits: [
        edit.replace('enter_state.ns16550_resume/later', { then: (d) => void (d.uart = 'on') }),
        edit.replace('enter_state.enable_nonboot_cpus', {
          either: {
            spins: {
              says: '__ns16550_poll(): there seems to be something to read, for ever',
              when: (s) => s.periodic === 'armed' && s.uart === 'on' && !s.power,
              goto: 'enable_nonboot_cpus',
            },
            done: { when: (s) => s.periodic !== 'armed' || s.uart === 'off' || s.power },
          },
        }),
      ],
    }),
    patch('irq-requested-again', {
      kind: 'era',
      says: 'hpet_setup_msi_irq() requests the interrupt although suspend did not release it, fails, and legacy broadcast is used for ever.',
      reference: 'before f2cc804445',
      edits: [
        edit.replace('enter_state.__hpet_setup_msi_irq', {
          either: { requested: { then: (d) => void (d.irq = true) } },
        }),
      ],
    }),
    patch('irq-released', {
      kind: 'fault',
      says: 'Suspend releases the interrupt of the HPET, whose handler resume looks up.',
      edits: [
        edit.replace('enter_state.stop_timer', {
          then: (d) => {
            d.periodic = 'stopped'
            d.irq = false
          },
        }),
      ],
    }),
    patch('message-lost', {
      kind: 'fault',
      says: 'Nothing is printed at all.',
      edits: [
        edit.replace('enter_state.request', { then: (d) => void d.cycles-- }),
        edit.replace('enter_state.sync', { then: () => {} }),
      ],
    }),
  ],
  resting: (s, at) => at('enter_state', 'request') && s.cycles === 0,
  abstractions: [
    'The controller is the only one who wakes the machine.',
    'The software timers of the serial port, of cpufreq and of the calibration are one, stopped and armed where that of the serial port is: cpufreq’s is stopped before and armed after, the calibration’s the other way round.',
    'ns16550_delayed_resume() looks a hundred times, 10 ms apart, and then sets the port up all the same: Dom0 gives it its power in time.',
    'What is printed while the console is taken away (console_suspend to console_resume) is thrown away there; nothing is printed here. serial_start_sync() finds its port.',
    'That set_timer() may raise the softirq by itself, if its timer is due first, is left out: nobody counts on it.',
  ],
})
