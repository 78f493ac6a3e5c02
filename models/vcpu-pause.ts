/**
 * Stopping virtual CPUs: to look at their state, from outside or from one of their own, and with interrupts pending.
 *
 * Sources: xen/common/domain.c of xen.git c447b7308b (2026): _domain_pause, domain_pause_except_self, domain_resume; the Arm guest suspend
 * series, V11 and V12 (2025).
 */

import {
  array,
  bool,
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
  vcpus: parameter(int(2, 3), 2, 'how many virtual CPUs the domain has'),
  caller: parameter(
    oneOf('outside', 'inside'),
    'outside',
    'who stops the domain: another one, or its own virtual CPU 0',
  ),
  interrupts: parameter(int(0, 2), 1, 'how many virtual interrupts may come in'),
  rounds: parameter(int(1, 2), 1, 'how often the domain is stopped'),
}

interface Choice {
  readonly vcpus: number
  readonly caller: 'outside' | 'inside'
  readonly interrupts: number
  readonly rounds: number
}

export const state = ({ vcpus, interrupts, rounds }: Choice) =>
  record({
    vcpu: array(
      vcpus,
      record({
        paused: int(0, 2),
        /** It is on a physical CPU at this moment. */
        running: bool(),
        /** Interrupts that are pending for it, as the hypervisor notes; and that were raised and not delivered. */
        pending: int(0, interrupts),
        raised: int(0, interrupts),
      }),
    ),
    interrupts: int(0, interrupts),
    rounds: int(0, rounds),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'xen/common/domain.c'

export default model('vcpu-pause', {
  question: 'Does a virtual CPU that is paused really stand still, and does it lose anything?',
  parameters,
  actors: {
    control: system('whoever stops the domain, looks at it, and lets it go on'),
    scheduler: system('the scheduler of the hypervisor'),
    device: environment('devices that raise virtual interrupts'),
  },
  initial: ({ vcpus, caller, interrupts, rounds }) => ({
    vcpu: Array.from({ length: vcpus }, (_, i) => ({
      paused: 0,
      running: caller === 'inside' && i === 0,
      pending: 0,
      raised: 0,
    })),
    interrupts,
    rounds,
  }),
  parts: ({ vcpus, caller }) => {
    const all = Array.from({ length: vcpus }, (_, i) => i)
    const others = caller === 'inside' ? all.slice(1) : all
    return [
      thread(
        'control',
        { actor: 'control' },
        step('domain_pause', {
          origin: source(file, caller === 'inside' ? 'domain_pause_except_self' : 'domain_pause'),
          says: 'one counter of the domain; one per virtual CPU if it is one of them that stops the others, and leaves itself out',
          when: (s) => s.rounds > 0,
          then: (d) => {
            d.rounds--
            for (const i of others) d.vcpu[i]!.paused++
          },
        }),
        step('vcpu_sleep_sync', {
          origin: source('xen/common/sched/core.c', 'vcpu_sleep_sync'),
          says: 'it waits until none of them is on a physical CPU',
          when: (s) => s.vcpu.every(({ paused, running }) => paused === 0 || !running),
        }),
        step('access', {
          origin: source('xen/arch/x86/domctl.c', 'arch_get_info_guest'),
          says: 'the state of the virtual CPUs is read, saved, or edited',
        }),
        step('domain_resume', {
          origin: source(file, 'domain_resume'),
          says: 'what is pending for a virtual CPU stays so',
        }),
        step('domain_unpause', {
          origin: source(file, 'domain_unpause'),
          then: (d) => {
            for (const i of others) d.vcpu[i]!.paused--
          },
          goto: 'domain_pause',
        }),
      ),
      action('schedule', {
        actor: 'scheduler',
        for: { i: others },
        origin: source('xen/common/sched/core.c', 'schedule'),
        either: {
          in: {
            when: (s, { i }) => !s.vcpu[i]!.running && s.vcpu[i]!.paused === 0,
            then: (d, { i }) => void (d.vcpu[i]!.running = true),
          },
          out: { when: (s, { i }) => s.vcpu[i]!.running, then: (d, { i }) => void (d.vcpu[i]!.running = false) },
        },
      }),
      action('raise', {
        actor: 'device',
        for: { i: all },
        origin: source('xen/arch/arm/vgic.c', 'vgic_inject_irq'),
        when: (s) => s.interrupts > 0,
        then: (d, { i }) => {
          d.interrupts--
          d.vcpu[i]!.pending++
          d.vcpu[i]!.raised++
        },
      }),
      action('deliver', {
        actor: 'scheduler',
        for: { i: all },
        origin: source('xen/arch/arm/gic-vgic.c', 'vgic_sync_to_lrs'),
        when: (s, { i }) => s.vcpu[i]!.running && s.vcpu[i]!.pending > 0,
        then: (d, { i }) => {
          d.vcpu[i]!.pending--
          d.vcpu[i]!.raised--
        },
      }),
    ]
  },
  patches: [
    patch('no-sync', {
      kind: 'fault',
      says: 'The counter is raised, and nobody waits until the virtual CPU is off its physical one: domain_pause_nosync(), where domain_pause() is meant.',
      edits: [edit.remove('control.vcpu_sleep_sync')],
    }),
    patch('pauses-itself', {
      kind: 'fault',
      says: 'A virtual CPU that stops its domain counts itself in, and waits until it does not run any more, which vcpu_pause() asserts that nobody does.',
      edits: [
        edit.replace('control.domain_pause', {
          then: (d) => {
            d.rounds--
            for (const vcpu of d.vcpu) vcpu.paused++
          },
        }),
      ],
    }),
    patch('resume-clears-pending', {
      kind: 'era',
      says: 'The resume clears the pending interrupts of the virtual CPU that it resumes (vgic_clear_pending_irqs(), as a CPU_ON does).',
      reference: 'the Arm guest suspend series before V12, August 2025',
      edits: [
        edit.replace('control.domain_resume', {
          then: (d) => void (d.vcpu[1]!.pending = 0),
        }),
      ],
    }),
    patch('resume-uses-current', {
      kind: 'era',
      says: 'The resume of virtual CPU 1 works on current, which is the caller, virtual CPU 0.',
      reference: 'the Arm guest suspend series before V12, August 2025',
      edits: [
        edit.replace('control.domain_resume', {
          then: (d) => void (d.vcpu[0]!.pending = 0),
        }),
      ],
    }),
    patch('never-unpaused', {
      kind: 'fault',
      says: 'The pause is never taken back.',
      edits: [edit.replace('control.domain_unpause', { then: () => {}, goto: 'end' })],
    }),
  ],
  resting: (s, at) => (at('control', 'domain_pause') && s.rounds === 0) || at('control', 'end'),
  abstractions: [
    'Two virtual CPUs of a domain that stop each other are left out: domain_pause_except_self() tries a mutex, and starts again (-ERESTART).',
    'A virtual CPU that is paused without the scheduler being told (domain_shutdown before b265978030) is left out: here a pause is always acted upon.',
    'The virtual CPU that calls is on its physical CPU all the time: it waits in the hypervisor, in its own context.',
  ],
})
