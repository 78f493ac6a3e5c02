/**
 * A CPU is taken offline while it is about to sleep in its idle loop: check, then sleep.
 *
 * Source: xen/arch/x86/domain.c (idle_loop) and xen/arch/x86/acpi/cpu_idle.c, 55120309ed (2010).
 */

import { bool, env, int, oneOf, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

const parameters = {
  ticks: parameter(int(0, 3), 1, 'how many other interrupts may wake the CPU'),
}

export const state = ({ ticks }: { readonly ticks: number }) =>
  record({
    /** What the rest of the machine wants of the CPU. */
    online: bool(),
    /** Interrupts are enabled on the CPU; one is pending for it; it is in a sleep state. */
    irqs: bool(),
    pending: bool(),
    power: oneOf('awake', 'asleep', 'off'),
    ticks: int(0, ticks),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'xen/arch/x86/acpi/cpu_idle.c'

export default model('idle-offline', {
  question: 'Can a CPU sleep through the order to go offline?',
  parameters,
  actors: {
    idle: system('the idle loop of the CPU'),
    hotplug: system('the CPU that takes it offline'),
    device: system('other interrupts'),
  },
  initial: ({ ticks }) => ({ online: true, irqs: true, pending: false, power: 'awake', ticks }),
  parts: () => [
    thread(
      'idle_loop',
      { actor: 'idle' },
      step('local_irq_disable', { origin: source(file, 'acpi_processor_idle'), then: (d) => void (d.irqs = false) }),
      step('cpu_is_haltable', {
        origin: source('xen/arch/x86/domain.c', 'idle_loop'),
        says: 'the CPU sleeps only if it is online and nothing is to be done',
        either: {
          halt: { when: (s) => s.online },
          die: { when: (s) => !s.online, goto: 'play_dead' },
        },
      }),
      step('safe_halt', {
        origin: source(file, 'acpi_idle_do_entry'),
        says: 'interrupts are enabled and the CPU sleeps in one act; a pending interrupt wakes it at once',
        then: (d) => {
          d.power = 'asleep'
          d.irqs = true
        },
      }),
      step('wake', {
        origin: env('an interrupt wakes the CPU, and its handler runs'),
        when: (s) => s.pending,
        then: (d) => {
          d.power = 'awake'
          d.pending = false
        },
        goto: 'local_irq_disable',
      }),
      step('play_dead', { origin: source('xen/arch/x86/domain.c', 'play_dead'), then: (d) => void (d.power = 'off') }),
    ),
    thread(
      'cpu_down',
      { actor: 'hotplug' },
      step('clear_online', {
        origin: source('xen/arch/x86/smpboot.c', '__cpu_disable'),
        then: (d) => void (d.online = false),
      }),
      step('send_ipi', {
        origin: source('xen/common/cpu.c', 'cpu_down'),
        says: 'the CPU is woken so that it notices',
        signals: 'idle',
        then: (d) => void (d.pending = true),
      }),
      step('__cpu_die', {
        origin: source('xen/arch/x86/smpboot.c', '__cpu_die'),
        says: 'it waits until the CPU is off',
        when: (s) => s.power === 'off',
      }),
    ),
    action('handle', {
      actor: 'idle',
      origin: source('xen/arch/x86/irq.c', 'do_IRQ'),
      says: 'with interrupts on the handler runs before anything else; it has nothing to do',
      when: (s) => s.pending && s.irqs && s.power === 'awake',
      then: (d) => void (d.pending = false),
    }),
    action('tick', {
      actor: 'device',
      origin: env('some other interrupt'),
      when: (s) => s.ticks > 0 && !s.pending && s.power !== 'off',
      then: (d) => {
        d.ticks--
        d.pending = true
      },
    }),
  ],
  patches: [
    patch('check-with-irqs-on', {
      kind: 'era',
      says: 'The CPU looks whether it is online with interrupts enabled, and sleeps afterwards.',
      reference: 'before 55120309ed',
      edits: [edit.remove('idle_loop.local_irq_disable')],
    }),
    patch('no-ipi', {
      kind: 'fault',
      says: 'The CPU is not woken.',
      edits: [edit.remove('cpu_down.send_ipi')],
    }),
    patch('no-wait-for-death', {
      kind: 'fault',
      says: 'Nobody waits until the CPU is off.',
      edits: [edit.replace('cpu_down.__cpu_die', { when: () => true })],
    }),
    patch('never-halts', {
      kind: 'fault',
      says: 'The CPU polls and never sleeps.',
      edits: [edit.replace('idle_loop.cpu_is_haltable/halt', { goto: 'cpu_is_haltable' })],
    }),
  ],
  resting: (_, at) => at('cpu_down', 'end'),
  abstractions: ['The interrupt that takes the CPU offline does nothing itself: the idle loop notices.'],
})
