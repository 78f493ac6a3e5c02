/**
 * Pausing a virtual machine while its virtual CPUs are busy. Cloud Hypervisor of 2025 and 2026 (vmm/src/cpu.rs, vm.rs, device_manager.rs), and, for
 * its end, bhyve of FreeBSD (sys/dev/vmm/vmm_dev.c at 012895d5be9d, sys/amd64/vmm/vmm.c).
 */

import { bool, oneOf, over, parameter, record, source, system } from '../src/index.js'
import { atRest, kernelOver, kick, mutex, waitqueue } from '../src/kernel.js'

export const state = record({
  kvm: kick(),
  manager: mutex('vmm', 'vcpu'),
  hlt: waitqueue('vcpu'),
  /** What the VMM asks for, and what the virtual CPU answers. */
  signalled: bool(),
  interrupted: bool(),
  paused: bool(),
  /** The activation of a device: asked for by the guest, dropped, done. */
  activation: oneOf('none', 'asked', 'dropped', 'done'),
  owner: oneOf('loop', 'worker'),
  gaveUp: bool(),
  clock: oneOf('stale', 'restored'),
})
const { model, thread, call, does, set, as, patch, edit } = over(state)
const { kvm, manager, hlt } = kernelOver(state)
const rs = (file: string, symbol: string) => source(`vmm/src/${file}.rs`, symbol)
const cpu = (symbol: string) => rs('cpu', symbol)

const running = { vmm: system('the thread of the VMM'), vcpu: system('a virtual CPU'), loop: system('the event loop') }

/** The loop of a virtual CPU: park if that is asked for, else run the guest until it is kicked. */
const vcpuLoop = (inGuest: readonly Parameters<typeof call>[1][] = []) =>
  thread(
    'vcpu',
    { actor: 'vcpu' },
    call(
      cpu('start_vcpu'),
      does('pause_signalled', {
        either: { yes: { when: (s) => s.signalled }, no: { when: (s) => !s.signalled, goto: 'run' } },
      }),
      set({ interrupted: true }),
      set({ paused: true }),
      does('park', { when: (s) => !s.signalled }),
      does('unparked', {
        then: (d) => {
          d.interrupted = false
          d.paused = false
        },
      }),
      does('run'),
      ...inGuest,
      kvm.run,
      does('loop', { goto: 'pause_signalled' }),
    ),
  )

const pauseOnce = (name: string) =>
  as(
    name,
    call(
      cpu('pause'),
      set({ signalled: true }),
      kvm.kick,
      does('wait_until_signal_acknowledged', {
        either: {
          acknowledged: { when: (s) => s.interrupted },
          again: {
            says: 'every 10 ms',
            when: (s) => !s.interrupted && s.kvm.inside && !s.kvm.kicked,
            goto: 'pthread_kill:kvm',
          },
        },
      }),
      does('wait_paused', { when: (s) => s.paused }),
    ),
  )
const resumeOnce = call(cpu('resume'), set({ signalled: false }), does('wait_resumed', { when: (s) => !s.paused }))

/** Two pauses of a running guest. */
const vcpu = () => [vcpuLoop(), thread('vmm', { actor: 'vmm' }, pauseOnce('first'), resumeOnce, pauseOnce('second'))]

/** A pause while the guest plugs a CPU in: the access goes to the CPU manager. */
const hotplug = () => [
  vcpuLoop([call(rs('cpu', 'CpuManager_bus_write'), manager.lock, manager.unlock)]),
  thread('vmm', { actor: 'vmm' }, call(rs('vm', 'Vm::pause'), manager.lock, manager.unlock, pauseOnce('cpus'))),
]

/** A live migration while the guest activates a device. */
const activation = () => [
  thread(
    'vcpu',
    { actor: 'vcpu' },
    call(source('virtio-devices/src/transport/pci_device.rs', 'write_bar'), set({ activation: 'asked' })),
    call(rs('vm', 'mmio_write'), does('barrier', { when: (s) => s.activation === 'done' })),
    call(cpu('start_vcpu'), does('pause_signalled', { when: (s) => s.signalled }), set({ paused: true })),
  ),
  thread(
    'loop',
    { actor: 'loop' },
    call(
      rs('lib', 'control_loop'),
      does('ActivateVirtioDevices', {
        says: 'the loop has a handle of its own',
        when: (s) => s.activation === 'asked',
        then: (d) => void (d.activation = 'done'),
      }),
    ),
  ),
  thread(
    'vmm',
    { actor: 'vmm' },
    call(
      rs('lib', 'vm_send_migration'),
      set({ owner: 'worker' }),
      set({ signalled: true }),
      does('wait_paused', {
        either: {
          paused: { when: (s) => s.paused },
          timeout: { when: (s) => !s.paused, lastResort: true, then: (d) => void (d.gaveUp = true) },
        },
      }),
      set({ owner: 'loop' }),
    ),
  ),
]

/** A resume after a restore: the clock of KVM is set. */
const clock = () => [
  thread(
    'vcpu',
    { actor: 'vcpu' },
    call(cpu('start_vcpu'), does('park', { when: (s) => !s.signalled }), does('KVM_RUN')),
  ),
  thread('vmm', { actor: 'vmm' }, call(rs('vm', 'Vm::resume'), set({ clock: 'restored' }), set({ signalled: false }))),
]

/** bhyve: a virtual CPU that sleeps in HLT, and the end of its machine. */
const bhyve = (symbol: string) => source('sys/amd64/vmm/vmm.c', symbol)
const destroy = () => [
  thread(
    'vcpu',
    { actor: 'vcpu' },
    call(
      bhyve('vm_handle_hlt'),
      hlt.wait((s) => s.signalled),
      set({ paused: true }),
    ),
  ),
  thread(
    'vmm',
    { actor: 'vmm' },
    call(bhyve('vm_suspend'), set({ signalled: true }), hlt.wake),
    call(
      source('sys/dev/vmm/vmm_dev.c', 'vmmdev_lookup_and_destroy'),
      does('destroy_dev', {
        says: 'waits until no thread of a virtual CPU is in the driver any more',
        when: (s) => s.paused,
      }),
    ),
  ),
]

const machines = { vcpu, hotplug, activation, clock, destroy }

export default model('vmm-pause', {
  question: 'Does a pause of a virtual machine come to its end, whatever its virtual CPUs are doing?',
  parameters: {
    what: parameter(
      oneOf('vcpu', 'hotplug', 'activation', 'clock', 'destroy'),
      'vcpu',
      'two pauses; one during a hotplug, or an activation; a resume after a restore; the end of a machine',
    ),
  },
  actors: running,
  initial: ({ what }) => ({
    ...atRest(state),
    signalled: what === 'clock',
    interrupted: false,
    paused: false,
    activation: 'none',
    owner: 'loop',
    gaveUp: false,
    clock: 'stale',
  }),
  parts: ({ what }) => machines[what](),
  patches: [
    patch('resume-does-not-wait', {
      kind: 'era',
      says: 'A resume clears the answers of the virtual CPUs itself, and does not wait for them.',
      reference: 'before cloud-hypervisor pull request 7397 (d39b56544)',
      edits: [
        edit.replace('vmm.resume:wait_resumed', {
          when: () => true,
          then: (d) => void (d.paused = false),
        }),
        edit.replace('vcpu.start_vcpu:unparked', { then: (d) => void (d.interrupted = false) }),
      ],
    }),
    patch('kicked-once', {
      kind: 'era',
      says: 'The signal is sent once: before KVM_RUN it is lost.',
      reference: 'before cloud-hypervisor pull request 7459 (e023efce3)',
      edits: ['first', 'second'].map((one) => edit.remove(`vmm.${one}:pause:wait_until_signal_acknowledged/again`)),
    }),
    patch('manager-held', {
      kind: 'era',
      says: 'The CPU manager is locked until every virtual CPU is paused, or, since 8092, the virtual CPU itself: the same for one.',
      reference: 'cloud-hypervisor before pull request 8210; 8092 (6d01695e5) changes which lock',
      edits: [edit.move('vmm.Vm::pause:mutex_unlock:manager', { after: 'vmm.Vm::pause:cpus:pause:wait_paused' })],
    }),
    patch('activation-dropped', {
      kind: 'era',
      says: 'The event loop has no machine while a worker owns it, and drops the activation.',
      reference: 'cloud-hypervisor before 4d727c489',
      edits: [
        edit.replace('loop.control_loop:ActivateVirtioDevices', {
          then: (d) => void (d.activation = d.owner === 'loop' ? 'done' : 'dropped'),
        }),
      ],
    }),
    patch('clock-after-cpus', {
      kind: 'era',
      says: 'The virtual CPUs are resumed before the clock of KVM is set.',
      reference: 'cloud-hypervisor issue 7930 of 2026',
      edits: [edit.move('vmm.Vm::resume:clock=restored', { after: 'vmm.Vm::resume:signalled=false' })],
    }),
    patch('hlt-not-woken', {
      kind: 'era',
      says: 'A machine is destroyed without being suspended: a virtual CPU that sleeps in HLT is not woken, and nothing tells it to leave.',
      reference: 'before vm_suspend(VM_SUSPEND_DESTROY), reviews.freebsd.org diff 159869 of 2025',
      edits: [edit.remove('vmm.vm_suspend:signalled=true'), edit.remove('vmm.vm_suspend:__wake_up:hlt')],
    }),
  ],
  resting: (_, at) => at('vmm', 'end'),
  abstractions: [
    'One virtual CPU: what is asked of several is asked of each in turn.',
    'vm_handle_hlt() wakes every second and looks whether the machine is suspended: one wait here. Its guest sleeps with interrupts off, and hw.vmm.halt_detection is 0; with 1 such a guest counts as shut down.',
    'What follows destroy_dev() (vcpu_lock_all, vm_destroy) waits for nobody that is left, and is left out.',
  ],
})
