/**
 * The other CPUs of a guest that suspends: xenlinux takes them down, its drivers for HVM guests let them spin.
 *
 * Sources: xen.git linux-2.6-xen-sparse/drivers/xen/core/{cpu_hotplug,machine_reboot}.c of 2007 and
 * unmodified_drivers/linux-2.6/platform-pci/machine_reboot.c of 2008, before and after the commits that the patches name.
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

export const state = record({
  /** The second CPU of a PV guest. */
  cpu1: oneOf('online', 'offline'),
  /** `lock_cpu_hotplug`, which `__cpu_up` takes too. */
  hotplugLock: oneOf('free', 'suspend', 'hotplug'),
  workqueueMutex: oneOf('free', 'hotplug'),
  /** The `suspend_mutex` of xenbus, taken for writing: nobody else reaches xenstore. */
  xenbus: oneOf('free', 'suspend'),
  /** Somebody wants the second CPU back, and may still want so so often. */
  wanted: bool(),
  wishes: int(0, 1),
  /** The program in user space that learns of a CPU that goes, and the disk that it is paged in from. */
  helper: oneOf('idle', 'running', 'paging'),
  disk: oneOf('connecting', 'connected'),
  /** What lets the CPUs of an HVM guest spin, how many do, and the lock around the hypercall page. */
  spin: bool(),
  spinning: int(0, 2),
  readers: int(0, 2),
  writer: bool(),
  hypercallPage: oneOf('ready', 'being set up'),
})

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const hotplug = 'drivers/xen/core/cpu_hotplug.c'
const reboot = 'drivers/xen/core/machine_reboot.c'
const hvm = 'drivers/xen/platform-pci/machine_reboot.c'

const lockXenbus = {
  origin: source('drivers/xen/xenbus/xenbus_xs.c', 'xs_suspend'),
  then: (d: State): void => void (d.xenbus = 'suspend'),
}

const unlockXenbus = (d: State): void => void (d.xenbus = 'free')

const pvSuspend = thread(
  'suspend',
  { actor: 'suspend' },
  step('cpu_down', {
    origin: source(hotplug, 'smp_suspend'),
    signals: 'helper',
    when: (s) => s.hotplugLock === 'free' && s.workqueueMutex === 'free',
    then: (d) => {
      if (d.cpu1 === 'online') d.helper = 'running'
      d.cpu1 = 'offline'
    },
  }),
  step('helper_returns', { origin: source('kernel/cpu.c', 'cpu_down'), when: (s) => s.helper === 'idle' }),
  step('flush_workqueue', {
    origin: source('kernel/workqueue.c', 'flush_workqueue'),
    says: 'the suspend of a driver flushes a workqueue, which takes the mutex for a moment',
    when: (s) => s.workqueueMutex === 'free',
  }),
  step('xs_suspend', lockXenbus),
  step('HYPERVISOR_suspend', {
    origin: source(reboot, '__xen_suspend'),
    says: 'preemption is off: what is looked at stays so',
    either: {
      alone: { when: (s) => s.cpu1 === 'offline' },
      joined: {
        says: 'another CPU has come back: xenbus_suspend_cancel, and all over again',
        when: (s) => s.cpu1 === 'online',
        then: unlockXenbus,
        goto: 'cpu_down',
      },
    },
  }),
  step('xenbus_resume', { origin: source('drivers/xen/xenbus/xenbus_probe.c', 'xenbus_resume'), then: unlockXenbus }),
  step('cpu_up', {
    origin: source(hotplug, 'smp_resume'),
    when: (s) => s.hotplugLock === 'free' && s.workqueueMutex === 'free',
    then: (d) => void (d.cpu1 = 'online'),
  }),
)

/** Somebody else who brings the CPU up, and what user space and a disk have to do with it. */
const pvOthers = (wish: 'once' | 'again and again') => [
  thread(
    'cpu_up',
    { actor: 'hotplug', says: 'vcpu_hotplug in a thread of its own, or a write to sysfs' },
    step('CPU_UP_PREPARE', {
      origin: source('kernel/workqueue.c', 'workqueue_cpu_callback'),
      when: (s) => s.wanted && s.workqueueMutex === 'free',
      then: (d) => void (d.workqueueMutex = 'hotplug'),
    }),
    step('__cpu_up', {
      origin: source('kernel/cpu.c', 'cpu_up'),
      when: (s) => s.hotplugLock === 'free',
      then: (d) => {
        d.hotplugLock = 'hotplug'
        d.cpu1 = 'online'
      },
    }),
    step('CPU_ONLINE', {
      origin: source('kernel/workqueue.c', 'workqueue_cpu_callback'),
      then: (d) => {
        d.hotplugLock = 'free'
        d.workqueueMutex = 'free'
        d.wanted = false
      },
      goto: 'CPU_UP_PREPARE',
    }),
  ),
  action('wants_cpu', {
    actor: 'admin',
    origin: env('cpu/1/availability changes in xenstore, or somebody writes to the file online'),
    signals: 'hotplug',
    when: (s, _, at) => s.wishes > 0 && !s.wanted && s.cpu1 === 'offline' && !at('suspend', 'end'),
    then: (d) => {
      d.wanted = true
      if (wish === 'once') d.wishes--
    },
  }),
  action('runs', {
    actor: 'helper',
    origin: env('the hotplug script of user space'),
    when: (s) => s.helper === 'running',
    either: {
      in_memory: { then: (d) => void (d.helper = 'idle') },
      faults: {
        says: 'a page of it is not in memory',
        provoke: 'memory pressure before the suspend',
        then: (d) => void (d.helper = 'paging'),
      },
    },
  }),
  action('paged_in', {
    actor: 'helper',
    origin: env('the page comes from the disk'),
    when: (s) => s.helper === 'paging' && s.disk === 'connected',
    then: (d) => void (d.helper = 'idle'),
  }),
  action('connect', {
    actor: 'blkfront',
    // The semaphore queues who waits: a reader gets in, however often it is taken for writing.
    fair: 'strong',
    origin: source('drivers/xen/blkfront/blkfront.c', 'backend_changed'),
    says: 'a disk that is just being attached talks to xenstore',
    when: (s) => s.xenbus === 'free' && s.disk === 'connecting',
    then: (d) => void (d.disk = 'connected'),
  }),
]

const hvmSuspend = (cpus: number) =>
  thread(
    'suspend',
    { actor: 'suspend' },
    step('xs_suspend', lockXenbus),
    step('initiate_ap_suspend', { origin: source(hvm, '__xen_suspend'), then: (d) => void (d.spin = true) }),
    step('nr_spinning', { origin: source(hvm, '__xen_suspend'), when: (s) => s.spinning === cpus }),
    step('HYPERVISOR_suspend', {
      origin: source(hvm, 'bp_suspend'),
      either: {
        resumed: { then: (d) => void (d.hypercallPage = 'being set up') },
        cancelled: { goto: 'do_spin' },
      },
    }),
    step('platform_pci_resume', {
      origin: source(hvm, 'platform_pci_resume'),
      says: 'sets the hypercall page up anew',
      then: (d) => void (d.hypercallPage = 'ready'),
    }),
    step('do_spin', { origin: source(hvm, '__xen_suspend'), then: (d) => void (d.spin = false) }),
    step('none_spinning', { origin: source(hvm, '__xen_suspend'), when: (s) => s.spinning === 0 }),
    step('xenbus_resume', { origin: source('drivers/xen/xenbus/xenbus_probe.c', 'xenbus_resume'), then: unlockXenbus }),
  )

const spinningCpus = (cpus: number) =>
  thread(
    'ap_suspend',
    { actor: 'cpu', for: { cpu: Array.from({ length: cpus }, (_, i) => i + 1) } },
    step('enter', { origin: source(hvm, 'ap_suspend'), when: (s) => s.spin, then: (d) => void d.spinning++ }),
    step('do_spin', {
      origin: source(hvm, 'ap_suspend'),
      says: 'spins, and looks again',
      when: (s) => !s.spin,
      then: (d) => void d.spinning--,
    }),
  )

/** The loop of a spinning CPU before d24bdba9b9, with the lock or, as a fault of ours, without. */
const yields = (locks: boolean) => [
  edit.replace('ap_suspend.do_spin', {
    either: {
      done: { when: (s) => !s.spin, then: (d) => void d.spinning--, goto: 'end' },
      read_lock: { when: (s) => s.spin && !s.writer, then: (d) => void (locks && d.readers++) },
    },
    when: () => true,
    then: () => {},
  }),
  edit.after(
    'ap_suspend.do_spin',
    step('HYPERVISOR_yield', {
      origin: source(hvm, 'ap_suspend'),
      then: (d) => void (locks && d.readers--),
      goto: 'do_spin',
    }),
  ),
]

export default model('smp-suspend', {
  question: 'Does the suspend of a guest with several CPUs come to its end, whatever these CPUs are about?',
  parameters: {
    guest: parameter(oneOf('PV', 'HVM'), 'PV', 'whether the other CPUs are taken down or left spinning'),
    wish: parameter(
      oneOf('once', 'again and again'),
      'once',
      'how often somebody brings the second CPU of a PV guest up',
    ),
    cpus: parameter(int(1, 2), 2, 'how many other CPUs an HVM guest has'),
  },
  actors: {
    suspend: system('the thread that suspends'),
    hotplug: system('a thread that brings a CPU up'),
    cpu: system('another CPU of an HVM guest'),
    blkfront: system('the block driver, which attaches a disk'),
    helper: system('the hotplug script in user space'),
    admin: environment('whoever wants CPUs: the toolstack through xenstore, or root in the guest'),
  },
  initial: ({ guest }) => ({
    cpu1: 'online',
    hotplugLock: 'free',
    workqueueMutex: 'free',
    xenbus: 'free',
    wanted: false,
    wishes: 1,
    helper: 'idle',
    disk: guest === 'PV' ? 'connecting' : 'connected',
    spin: false,
    spinning: 0,
    readers: 0,
    writer: false,
    hypercallPage: 'ready',
  }),
  parts: ({ guest, wish, cpus }) =>
    guest === 'PV' ? [pvSuspend, ...pvOthers(wish)] : [hvmSuspend(cpus), spinningCpus(cpus)],
  resting: (s, at) => at('suspend', 'end') && !s.wanted && s.disk === 'connected' && s.helper === 'idle',
  patches: [
    patch('before-ed372f4e41', {
      kind: 'era',
      says: 'The CPU hotplug lock is held from the last CPU that goes down until after the resume.',
      reference: 'xen.git ed372f4e41 (2007)',
      edits: [
        edit.after(
          'suspend.helper_returns',
          step('lock_cpu_hotplug', {
            origin: source(hotplug, 'smp_suspend'),
            when: (s) => s.hotplugLock === 'free',
            either: {
              alone: { when: (s) => s.cpu1 === 'offline', then: (d) => void (d.hotplugLock = 'suspend') },
              joined: { when: (s) => s.cpu1 === 'online', goto: 'cpu_down' },
            },
          }),
        ),
        edit.remove('suspend.HYPERVISOR_suspend/joined'),
        edit.replace('suspend.xenbus_resume', {
          then: (d) => {
            d.xenbus = 'free'
            d.hotplugLock = 'free'
          },
        }),
      ],
    }),
    patch('before-fd8719a931', {
      kind: 'era',
      says: 'xenbus is locked first, and stays so while the other CPUs are taken down.',
      reference: 'xen.git fd8719a931 (2006)',
      edits: [
        edit.move('suspend.xs_suspend', { before: 'suspend.cpu_down' }),
        edit.replace('suspend.HYPERVISOR_suspend/joined', { says: 'another CPU has come back: again', then: () => {} }),
      ],
    }),
    patch('before-d24bdba9b9', {
      kind: 'era',
      says: 'A CPU that spins yields by hypercall, under a lock that keeps it off the hypercall page while that is set up.',
      reference: 'xen.git d24bdba9b9 (2008)',
      edits: [
        ...yields(true),
        edit.replace('suspend.HYPERVISOR_suspend/resumed', { then: () => {} }),
        edit.before(
          'suspend.platform_pci_resume',
          step('write_lock', {
            origin: source(hvm, 'bp_suspend'),
            when: (s) => s.readers === 0,
            then: (d) => {
              d.writer = true
              d.hypercallPage = 'being set up'
            },
          }),
        ),
        edit.replace('suspend.platform_pci_resume', {
          then: (d) => {
            d.hypercallPage = 'ready'
            d.writer = false
          },
        }),
      ],
    }),
    patch('yield-without-lock', {
      kind: 'fault',
      says: 'A CPU that spins yields by hypercall, and no lock keeps it off the hypercall page.',
      edits: yields(false),
    }),
    patch('xenbus-not-locked', {
      kind: 'fault',
      says: 'xenstore stays open for everybody during the suspend.',
      edits: [edit.replace('suspend.xs_suspend', { then: () => {} })],
    }),
    patch('cpu-forgotten', {
      kind: 'fault',
      says: 'The second CPU is not brought up again.',
      edits: [edit.remove('suspend.cpu_up')],
    }),
    patch('looks-only-once', {
      kind: 'fault',
      says: 'Nobody looks again, after xenbus_suspend, whether another CPU has come back.',
      edits: [
        edit.replace('suspend.HYPERVISOR_suspend/alone', { when: () => true }),
        edit.remove('suspend.HYPERVISOR_suspend/joined'),
      ],
    }),
  ],
  abstractions: [
    'The commit that gave up the hotplug lock names the two locks, not who takes the workqueue mutex under the first; here a driver does that flushes a workqueue. Any other taker waits at the same place.',
    'The commit that moved the xenbus lock says that hotplug code in user space may page from a disk; that cpu_down waits for this code is what its deadlock rests on, and is taken from there.',
    'cpu_down takes and releases its locks in one step: it takes them in the order of cpu_up, under a mutex of both.',
    'A PV guest has two CPUs and one disk, and suspends once: everything is afterwards as before.',
    'The slow path is modelled. A domain with several CPUs may be suspended fast (fast_suspend): xenbus_suspend(), then stop_machine_run(), so that no CPU goes down and no hotplug lock is in play.',
    'A CPU that cannot be taken down, which ends the suspend, and a suspend that is cancelled do not change who holds which lock.',
  ],
})
