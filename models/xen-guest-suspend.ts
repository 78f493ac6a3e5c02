/** Xen on Arm: a guest parks itself by SYSTEM_SUSPEND, the toolstack resumes it, and a shared interrupt arrives. */

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

export const state = record({
  /** The calling VCPU: shut down for suspend, paused, and still on its physical CPU or not. */
  guest: record({ parked: bool(), paused: bool(), onCpu: bool() }),
  /** Its program counter: behind the call, or at the resume entry. */
  pc: oneOf('caller', 'entry'),
  /** The resume context that the call records for `arch_domain_resume()`. */
  context: bool(),
  /** The toolstack knows that the guest is parked. */
  notified: bool(),
  /** The guest's interrupt: asserted by the device, pending in the virtual GIC. */
  line: oneOf('idle', 'asserted', 'virtual'),
  /** Whether the device that shares the line has something for this guest, and whether the guest has seen it. */
  event: oneOf('none', 'for_guest', 'for_other'),
  /** What became of the last event for the guest. */
  last: oneOf('none', 'handled', 'lost'),
  /** Woken by an interrupt that turned out to be somebody else's. */
  spurious: bool(),
  left: record({ events: int(0, 2), suspends: int(0, 2) }),
})

export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const guest = thread(
  'guest',
  { actor: 'guest', says: 'The only VCPU of the guest that is left online.' },
  step('run', {
    origin: source('linux/kernel/power/suspend.c', 'suspend_enter'),
    says: 'The guest suspends itself, with no interrupt pending.',
    when: (s) => s.left.suspends > 0 && s.line !== 'virtual',
    then: (d) => void d.left.suspends--,
  }),
  step('domain_shutdown', {
    origin: source('xen/common/domain.c', 'domain_shutdown'),
    says: 'The domain is paused without waiting, and the toolstack is notified.',
    then: (d) => {
      d.guest.parked = d.guest.paused = true
      d.notified = true
    },
    signals: 'toolstack',
  }),
  step('record_context', {
    origin: source('xen/arch/arm/vpsci.c', 'do_psci_1_0_system_suspend'),
    says: 'The resume context, validated before, is recorded behind the parking.',
    then: (d) => void (d.context = true),
  }),
  step('schedule', {
    origin: source('xen/common/sched/core.c', 'vcpu_sleep_sync'),
    says: 'The VCPU leaves its physical CPU.',
    then: (d) => void (d.guest.onCpu = false),
  }),
  step('resumed', {
    origin: source('linux/arch/arm64/kernel/sleep.S', 'cpu_resume'),
    says: 'The VCPU runs again, wherever its program counter stands.',
    when: (s) => !s.guest.paused,
    then: (d) => {
      d.guest.onCpu = true
      d.pc = 'caller'
    },
    goto: 'run',
  }),
)

const xl = thread(
  'xl',
  { actor: 'toolstack', says: 'xl resume, in the control domain.' },
  step('wait', {
    origin: source('tools/xl/xl_vmcontrol.c', 'main_resume'),
    when: (s) => s.notified && s.guest.parked,
    then: (d) => void (d.notified = false),
  }),
  step('domain_pause', {
    origin: source('xen/common/domain.c', 'domain_resume'),
    says: 'domain_pause() waits until the VCPU is off its CPU.',
    when: (s) => !s.guest.onCpu,
  }),
  step('arch_domain_resume', {
    origin: source('xen/arch/arm/domain.c', 'arch_domain_resume'),
    says: 'A recorded context is applied and freed.',
    then: (d) => {
      if (!d.context) return
      d.context = false
      d.pc = 'entry'
    },
  }),
  step('domain_resume', {
    origin: source('xen/common/domain.c', 'domain_resume'),
    then: (d) => {
      d.guest.parked = d.guest.paused = false
    },
    goto: 'wait',
    signals: 'guest',
  }),
)

const interrupts = [
  action('raise', {
    actor: 'device',
    for: { event: ['for_guest', 'for_other'] },
    origin: env('the device raises the line that this guest shares with another one'),
    when: (s) => s.left.events > 0 && s.line === 'idle' && s.event === 'none',
    then: (d, { event }) => {
      d.left.events--
      d.event = event
      d.line = 'asserted'
    },
    signals: 'gic',
  }),
  action('vgic_inject_irq', {
    actor: 'gic',
    origin: source('xen/arch/arm/vgic.c', 'vgic_inject_irq'),
    says: 'The interrupt is injected into every guest that shares the line.',
    when: (s) => s.line === 'asserted',
    then: (d) => void (d.line = 'virtual'),
  }),
  action('handle_irq', {
    actor: 'guest',
    origin: source('linux/kernel/irq/handle.c', 'handle_irq_event'),
    when: (s, _, at) => at('guest', 'run') && s.line === 'virtual',
    then: (d) => {
      d.line = 'idle'
      if (d.event === 'for_guest') d.last = 'handled'
      d.event = 'none'
    },
  }),
]

export default model('xen-guest-suspend', {
  question:
    'Does a guest that parked itself come back at its resume entry, and does the interrupt that woke it reach it?',
  parameters: {
    events: parameter(int(0, 2), 2, 'how many events the shared device has'),
    suspends: parameter(int(1, 2), 2, 'how often the guest suspends itself'),
  },
  actors: {
    guest: system('the guest, and Xen on its behalf'),
    toolstack: system('xl in the control domain'),
    gic: system('Xen taking physical interrupts'),
    device: environment('a device that two guests share'),
  },
  initial: ({ events, suspends }): State => ({
    guest: { parked: false, paused: false, onCpu: true },
    pc: 'caller',
    context: false,
    notified: false,
    line: 'idle',
    event: 'none',
    last: 'none',
    spurious: false,
    left: { events, suspends },
  }),
  parts: () => [guest, xl, ...interrupts],
  patches: [
    patch('resume-nosync', {
      kind: 'era',
      says: 'V6 to V10 of the guest series: the resume does not wait until the VCPU is off its CPU.',
      reference: 'guest SYSTEM_SUSPEND sub-series, V6 to V10, changelogs',
      edits: [edit.remove('xl.domain_pause')],
    }),
    patch('clears-pending', {
      kind: 'era',
      says: 'V11 of the guest series: applying the context clears the VCPU’s pending interrupts.',
      reference: 'guest SYSTEM_SUSPEND sub-series, V11; removed in V12',
      edits: [
        edit.replace('xl.arch_domain_resume', {
          then: (d) => {
            if (!d.context) return
            d.context = false
            d.pc = 'entry'
            if (d.line !== 'virtual') return
            d.line = 'idle'
            if (d.event === 'for_guest') d.last = 'lost'
            d.event = 'none'
          },
        }),
      ],
    }),
    patch('wakes-on-interrupt', {
      kind: 'era',
      says: 'A vendor tree: an interrupt wakes a suspended guest, and a shared one wakes all.',
      reference: '33fa2c6a05 and neighbours, before the fix',
      edits: [
        edit.replace('xl.wait', {
          origin: source('xen/arch/arm/vgic.c', 'vgic_inject_irq'),
          says: 'The pending interrupt wakes the guest.',
          when: (s) => s.guest.parked && s.line === 'virtual',
          then: (d) => {
            d.notified = false
            d.spurious = d.event === 'for_other'
          },
        }),
      ],
    }),
    patch('skips-suspended', {
      kind: 'era',
      says: 'The same tree: a shared interrupt is not injected into guests that are suspended.',
      reference: '33fa2c6a05, marked as provisional',
      edits: [
        edit.replace('gic.vgic_inject_irq', {
          says: 'Injected into the guests that share the line and are not suspended.',
          then: (d) => {
            if (!d.guest.parked) {
              d.line = 'virtual'
              return
            }
            d.line = 'idle'
            if (d.event === 'for_guest') d.last = 'lost'
            d.event = 'none'
          },
        }),
      ],
    }),
    patch('injects-to-owner', {
      kind: 'fix',
      says: 'Xen asks the device whose event it is, and injects only there.',
      reference: 'derived',
      edits: [
        edit.replace('gic.vgic_inject_irq', {
          says: 'Injected into the guest that the event belongs to.',
          then: (d) => {
            d.line = d.event === 'for_guest' ? 'virtual' : 'idle'
            if (d.event === 'for_other') d.event = 'none'
          },
        }),
      ],
    }),
    patch('fault-no-resume', {
      kind: 'fault',
      says: 'The toolstack applies the context and forgets to unpause.',
      edits: [edit.replace('xl.domain_resume', { then: (d) => void (d.guest.parked = false) })],
    }),
  ],
  resting: (_, at) => at('guest', 'run') || at('guest', 'resumed'),
  abstractions: [
    'One VCPU: all others are off before the call, which the handler checks; that check is the protocol xen-arm-host’s.',
    'The toolstack resumes a guest it was told about, for whatever reason; why it does so is not modelled.',
    'The guest that shares the line is seen only by the events that belong to it.',
  ],
})
