/** An access of an HVM guest that a device model carries out, while the domain is being suspended and resumed. */

import { bool, int, oneOf, over, parameter, record, source, system } from '../src/index.js'

export const state = record({
  /** `d->is_shutting_down`, and how often the toolstack may still suspend the domain. */
  shuttingDown: bool(),
  suspends: int(0, 2),
  /** `v->defer_shutdown`: the vCPU has an access under way, so the domain does not stop yet. */
  deferring: bool(),
  /** `vio->suspended`: the access was not sent because the domain is shutting down. */
  suspended: bool(),
  /** The access in the page that Xen shares with the device model. */
  ioreq: oneOf('none', 'ready', 'response'),
  /** How often the device carried it out, and whether the guest's instruction is behind it. */
  executed: int(0, 3),
  retired: bool(),
})

const { model, thread, step, action, patch, edit } = over(state)

const emulate = 'xen/arch/x86/hvm/emulate.c'
const ioreq = 'xen/common/ioreq.c'
const domain = 'xen/common/domain.c'

export default model('emulated-io', {
  question:
    'Is an emulated access carried out exactly once, even if the domain is suspended and resumed in the middle of it?',
  parameters: {
    suspends: parameter(int(1, 2), 1, 'how often the domain is suspended and resumed'),
  },
  actors: {
    vcpu: system('the vCPU, in the guest or in Xen on its behalf'),
    device: system('the device model'),
    toolstack: system('whoever takes checkpoints of the domain'),
  },
  initial: ({ suspends }) => ({
    shuttingDown: false,
    suspends,
    deferring: false,
    suspended: false,
    ioreq: 'none',
    executed: 0,
    retired: false,
  }),
  parts: () => [
    thread(
      'vcpu',
      { actor: 'vcpu' },
      step('vmexit', {
        origin: source('xen/arch/x86/hvm/vmx/vmx.c', 'vmx_vmexit_handler'),
        says: 'The guest accesses the device; from here on Xen emulates the instruction.',
        when: (s) => !s.shuttingDown,
      }),
      step('ioreq_send', {
        origin: source(ioreq, 'ioreq_send'),
        either: {
          sent: {
            says: 'vcpu_start_shutdown_deferral succeeds: the access goes to the device model.',
            signals: 'device',
            when: (s) => !s.shuttingDown,
            then: (d) => {
              d.suspended = false
              d.deferring = true
              d.ioreq = 'ready'
            },
          },
          suspended: {
            says: 'The domain is shutting down already: nothing is sent.',
            when: (s) => s.shuttingDown,
            then: (d) => {
              d.suspended = true
            },
          },
        },
      }),
      step('hvmemul_do_io', {
        origin: source(emulate, 'hvmemul_do_io'),
        either: {
          keeps: { says: 'Sent: the instruction waits for its access.', when: (s) => !s.suspended },
          retries: {
            says: 'Not sent: the program counter stays where it is.',
            when: (s) => s.suspended,
            goto: 'hvm_wait_for_io',
          },
        },
      }),
      step('handle_hvm_io_completion', {
        origin: source(ioreq, 'vcpu_ioreq_handle_completion'),
        when: (s) => s.ioreq === 'response',
        then: (d) => {
          d.ioreq = 'none'
          d.deferring = false
          d.retired = true
        },
        goto: 'end',
      }),
      step('hvm_wait_for_io', {
        origin: source(ioreq, 'wait_for_io'),
        says: 'Before the vCPU enters the guest again, whatever is under way is waited for.',
        when: (s) => s.ioreq !== 'ready',
        then: (d) => {
          d.ioreq = 'none'
          d.deferring = false
        },
        goto: 'vmexit',
      }),
    ),
    action('cpu_handle_ioreq', {
      actor: 'device',
      origin: source('hw/xen/xen-hvm-common.c', 'cpu_handle_ioreq'),
      signals: 'vcpu',
      when: (s) => s.ioreq === 'ready',
      then: (d) => {
        d.ioreq = 'response'
        d.executed++
      },
    }),
    action('domain_shutdown', {
      actor: 'toolstack',
      origin: source(domain, 'domain_shutdown'),
      signals: 'vcpu',
      when: (s) => s.suspends > 0 && !s.shuttingDown,
      then: (d) => {
        d.suspends--
        d.shuttingDown = true
      },
    }),
    action('domain_resume', {
      actor: 'toolstack',
      origin: source(domain, 'domain_resume'),
      says: 'The domain has stopped, the checkpoint is taken, the domain goes on.',
      signals: 'vcpu',
      when: (s, _, at) => s.shuttingDown && !s.deferring && (at('vcpu', 'vmexit') || at('vcpu', 'end')),
      then: (d) => {
        d.shuttingDown = false
      },
    }),
  ],
  patches: [
    patch('before-b7e0d8978810', {
      kind: 'era',
      says: 'An access is tried again if the domain is shutting down by now, whether it was sent or not.',
      reference: 'xen.git b7e0d8978810 (2022)',
      edits: [
        edit.replace('vcpu.hvmemul_do_io/keeps', { when: (s) => !s.shuttingDown }),
        edit.replace('vcpu.hvmemul_do_io/retries', {
          says: 'The domain is shutting down: the program counter stays where it is.',
          when: (s) => s.shuttingDown,
        }),
      ],
    }),
    patch('before-bac0999325', {
      kind: 'era',
      says: 'A write that was dropped because the domain is shutting down counts as done.',
      reference: 'xen.git bac0999325 (2009)',
      edits: [
        edit.replace('vcpu.hvmemul_do_io/retries', {
          says: 'Nobody was told that nothing was sent: X86EMUL_OKAY.',
          then: (d) => {
            d.retired = true
          },
          goto: 'end',
        }),
      ],
    }),
    patch('silent-device-model', {
      kind: 'fault',
      says: 'The device model never answers.',
      edits: [edit.remove('device.cpu_handle_ioreq')],
    }),
  ],
  resting: (s, at) => at('vcpu', 'end') && !s.shuttingDown && s.suspends === 0,
  abstractions: [
    'One vCPU, one access, one device model.',
    'Reads and writes differ only before bac0999325, which is about writes; the model’s access is what each claim is about.',
    'The response that a retried access leaves behind is thrown away before the vCPU enters the guest.',
  ],
})
