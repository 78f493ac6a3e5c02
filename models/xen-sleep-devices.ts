/**
 * What Xen itself keeps running, and must stop and start again around its own sleep: timers, console, watchdog.
 *
 * Sources: xen/arch/x86/acpi/power.c (enter_state), xen/drivers/char/ns16550.c and console.c, xen/arch/x86/apic.c and
 * time.c, xen/drivers/cpufreq; 2010 to 2026.
 */

import { bool, environment, int, oneOf, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

const parameters = {
  cycles: parameter(int(1, 3), 1, 'how many times the host sleeps'),
}

export const state = ({ cycles }: { readonly cycles: number }) =>
  record({
    /** The one-shot deadline timer, and a periodic timer: armed, stopped, or killed for good. */
    deadline: oneOf('armed', 'off'),
    periodic: oneOf('armed', 'stopped', 'killed'),
    /** The serial port: with power, decoded by its bridge, and initialised. */
    uart: oneOf('on', 'off'),
    power: bool(),
    /** Its interrupt is requested: suspend does not release it. */
    irq: bool(),
    /** The last console message, "going to sleep", which the test controller waits for. */
    message: oneOf('none', 'buffered', 'sent'),
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

export default model('xen-sleep-devices', {
  question: 'Is everything that Xen keeps running stopped before it may not run, and started again after?',
  parameters,
  actors: {
    xen: system('enter_state(), on CPU 0'),
    timer: system('periodic timers'),
    watchdog: system('the NMI watchdog'),
    dom0: system('the first domain, whose ACPI code gives devices their power back'),
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
      step('freeze_domains', {
        origin: source(power, 'freeze_domains'),
        when: (s) => s.cycles > 0,
        then: (d) => {
          d.cycles--
          d.message = 'buffered'
        },
      }),
      step('watchdog_disable', {
        origin: source(power, 'enter_state'),
        then: (d) => void (d.watchdog = false),
      }),
      step('console_start_sync', {
        origin: source(consoleFile, 'console_start_sync'),
        says: 'from here on printing is slow, and does not let other work run',
        then: (d) => void (d.console = 'synchronous'),
      }),
      step('stop_timer', {
        origin: source('xen/common/timer.c', 'stop_timer'),
        says: 'the periodic timers of the serial port and of cpufreq',
        then: (d) => void (d.periodic = 'stopped'),
      }),
      step('console_flush', {
        origin: source(consoleFile, 'console_suspend'),
        then: (d) => void (d.message = 'sent'),
      }),
      step('ns16550_suspend', {
        origin: source(uartFile, 'ns16550_suspend'),
        then: (d) => void (d.uart = 'off'),
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
      step('lapic_resume', {
        origin: source('xen/arch/x86/apic.c', 'lapic_resume'),
        then: (d) => void (d.deadline = 'armed'),
      }),
      step('ns16550_resume', {
        origin: source(uartFile, 'ns16550_resume'),
        says: 'the port is polled for a bounded time; if its bridge has no power yet, a later poll initialises it',
        either: {
          on: { when: (s) => s.power, then: (d) => void (d.uart = 'on') },
          later: { when: (s) => !s.power },
        },
      }),
      step('setup_irq', {
        origin: source(uartFile, 'ns16550_setup_postirq'),
        says: 'an interrupt that is still requested is not requested again',
        either: {
          kept: { when: (s) => s.irq },
          requested: { when: (s) => !s.irq, then: (d) => void (d.irq = true) },
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
        origin: source(power, 'enter_state'),
        then: (d) => void (d.watchdog = true),
      }),
      step('thaw_domains', { origin: source(power, 'thaw_domains'), goto: 'freeze_domains' }),
    ),
    action('poll', {
      actor: 'timer',
      origin: source(uartFile, 'ns16550_poll'),
      says: 'the poll initialises a port that has power again, and otherwise reads it',
      when: (s, _, at) => s.periodic === 'armed' && !at('enter_state', 'asleep') && (s.uart === 'on' || s.power),
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
      when: (s, _, at) => !s.power && at('enter_state', 'freeze_domains'),
      then: (d) => void (d.power = true),
    }),
  ],
  patches: [
    patch('deadline-not-armed', {
      kind: 'era',
      says: 'Resume restores one timer register and not the deadline; the idle loop used to hide it.',
      reference: 'before 757abedabb',
      edits: [edit.remove('enter_state.lapic_resume')],
    }),
    patch('timer-killed', {
      kind: 'era',
      says: 'The periodic timer is killed on the way down, and the re-arming on the way up is ignored.',
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
          when: (s, _, at) => s.periodic === 'armed' && !at('enter_state', 'asleep'),
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
      says: 'The machine sleeps with its last message in the buffer.',
      reference: 'before df43b54590',
      edits: [edit.remove('enter_state.console_flush')],
    }),
    patch('uart-spins', {
      kind: 'era',
      says: 'The resume of the serial port spins until it answers, which takes Dom0, which runs only later.',
      reference: 'before 6e96c186d2',
      edits: [edit.replace('enter_state.ns16550_resume/later', { goto: 'ns16550_resume' })],
    }),
    patch('irq-requested-again', {
      kind: 'era',
      says: 'Resume requests the interrupt of the serial port although suspend did not release it.',
      reference: 'before f2cc804445',
      edits: [
        edit.remove('enter_state.setup_irq/kept'),
        edit.replace('enter_state.setup_irq/requested', { when: () => true }),
      ],
    }),
    patch('irq-released', {
      kind: 'fix',
      says: 'The other way to make the two agree: suspend releases the interrupt.',
      reference: 'our own',
      edits: [
        edit.replace('enter_state.ns16550_suspend', {
          then: (d) => {
            d.uart = 'off'
            d.irq = false
          },
        }),
      ],
    }),
    patch('message-lost', {
      kind: 'fault',
      says: 'Nothing is printed at all.',
      edits: [
        edit.replace('enter_state.freeze_domains', { then: (d) => void d.cycles-- }),
        edit.remove('enter_state.console_flush'),
      ],
    }),
  ],
  resting: (s, at) => at('enter_state', 'freeze_domains') && s.cycles === 0,
  abstractions: [
    'The controller is the only one who wakes the machine.',
    'The periodic timers of the serial port and of cpufreq are one.',
  ],
})
