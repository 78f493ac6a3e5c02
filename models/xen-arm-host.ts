/**
 * Xen on Arm: Dom0 goes to sleep, Xen follows, something wakes the machine.
 *
 * Not in the tree (xen.git c447b7308b, August 2026): V1 to V8 read in their authors’ repositories, V10 and V11 in mails.
 */

import { bool, env, environment, int, oneOf, parameter, source, system } from '../src/index.js'
import { dom0V1 } from './xen-arm-host/domain-suspend.js'
import { patches } from './xen-arm-host/patches.js'
import { action, faults, isStopped, model, routed, runnable, step, thread, type State } from './xen-arm-host/state.js'
import { hostV1 } from './xen-arm-host/system-suspend.js'

const parameters = {
  attempts: parameter(int(1, 2), 1, 'how often Dom0 goes to sleep'),
  wakeups: parameter(int(0, 3), 2, 'how many device interrupts the environment raises'),
  fault: parameter(oneOf(...faults), 'anything', 'what may go wrong, once: anything, or only this'),
  masks: parameter(bool(), true, 'whether Dom0 masks the backend’s event channel while it is suspended, as Linux does'),
  edge: parameter(bool(), false, 'whether device interrupts are edge-triggered'),
  route: parameter(oneOf('cpu0', 'cpu1'), 'cpu0', 'the physical CPU that the DomU’s device interrupt goes to'),
  parks: parameter(bool(), true, 'whether the DomU ever suspends itself'),
  watchdog: parameter(bool(), false, 'whether both domains have armed a watchdog'),
}

const vpsci = source('xen/arch/arm/vpsci.c', 'do_psci_1_0_system_suspend')

const domU = thread(
  'domU',
  { actor: 'domU', says: 'The frontend of the DomU, and the DomU’s own suspend.' },
  step('run', {
    origin: source('linux/drivers/block/xen-blkfront.c', 'blkif_queue_rq'),
    when: (s) => runnable(s, 'domU') && s.ring === 'empty',
    either: {
      submit: {
        says: 'A request goes into the ring; the doorbell notifies Dom0 only if the port is not masked.',
        then: (d) => {
          d.ring = 'queued'
          d.port.pending = true
          if (!d.port.masked) d.dom0.blocked = false
        },
        signals: 'dom0',
      },
      suspend: {
        origin: source('linux/kernel/power/suspend.c', 'suspend_enter'),
        when: (s) => s.choice.parks && !s.line[1]!.virtual,
        goto: 'system_suspend',
      },
    },
  }),
  step('await', {
    origin: source('linux/drivers/block/xen-blkfront.c', 'blkif_interrupt'),
    when: (s) => runnable(s, 'domU') && s.ring === 'served',
    then: (d) => void (d.ring = 'empty'),
    goto: 'run',
  }),
  step('system_suspend', {
    origin: vpsci,
    says: 'The DomU suspends itself: blocked until one of its interrupts arrives.',
    when: (s) => runnable(s, 'domU'),
    then: (d) => {
      d.domU.parked = true
      d.domU.blocked = !d.line[1]!.virtual
      if (d.domU.watchdog === 'armed') d.domU.watchdog = 'stopped'
    },
  }),
  step('parked', {
    origin: source('linux/arch/arm64/kernel/sleep.S', 'cpu_resume'),
    when: (s) => runnable(s, 'domU'),
    then: (d) => {
      d.domU.parked = false
      if (d.domU.watchdog === 'stopped') d.domU.watchdog = 'armed'
    },
    goto: 'run',
  }),
)

const vcpu1 = action('cpu_off', {
  actor: 'vcpu1',
  origin: source('xen/arch/arm/vpsci.c', 'do_psci_cpu_off'),
  says: 'VCPU1, already marked down, leaves its physical CPU.',
  when: (s) => s.dom0.vcpu1 === 'leaving',
  then: (d) => void (d.dom0.vcpu1 = 'down'),
})

const serve = action('serve', {
  actor: 'dom0',
  origin: source('linux/drivers/block/xen-blkback/blkback.c', 'xen_blkif_be_int'),
  when: (s, _, at) => at('dom0', 'suspend_devices') && s.ring === 'queued' && s.port.pending,
  then: (d) => {
    d.ring = 'served'
    d.port.pending = false
  },
  signals: 'domU',
})

const interrupts = [
  action('raise', {
    actor: 'device',
    for: { line: [0, 1] },
    origin: env('a device raises its interrupt; line 0 belongs to Dom0, line 1 to the DomU'),
    when: (s, { line }) => s.left.wakeups > 0 && s.line[line]!.physical === 'none' && !s.line[line]!.virtual,
    then: (d, { line }) => {
      d.left.wakeups--
      d.line[line]!.physical = 'pending'
    },
    signals: 'gic',
  }),
  action('do_IRQ', {
    actor: 'gic',
    for: { line: [0, 1] },
    origin: source('xen/arch/arm/irq.c', 'do_IRQ'),
    says: 'Xen acknowledges a guest’s interrupt: physically active, virtually pending; a blocked VCPU is woken.',
    when: (s, { line }) =>
      s.line[line]!.physical === 'pending' && routed(s, line) && !isStopped(s, 'irqs') && !isStopped(s, 'gic'),
    then: (d, { line }) => {
      d.line[line] = { physical: 'active', virtual: true }
      if (line === 0) d.dom0.blocked = false
      else d.domU.blocked = false
    },
  }),
  action('handle_irq', {
    actor: 'dom0',
    origin: source('linux/kernel/irq/handle.c', 'handle_irq_event'),
    when: (s, _, at) => at('dom0', 'suspend_devices') && s.line[0]!.virtual,
    then: (d) => void (d.line[0] = { physical: 'none', virtual: false }),
  }),
  action('handle_irq', {
    actor: 'domU',
    origin: source('linux/kernel/irq/handle.c', 'handle_irq_event'),
    when: (s, _, at) => at('domU', 'run', 'await') && runnable(s, 'domU') && s.line[1]!.virtual,
    then: (d) => void (d.line[1] = { physical: 'none', virtual: false }),
  }),
]

const deadline = action('deadline', {
  actor: 'time',
  for: { who: ['dom0', 'domU'] },
  origin: env('the deadline of an armed watchdog passes while the machine sleeps: the system counter goes on'),
  when: (s, { who }, at) => at('host', 'hyp_resume') && s[who].watchdog === 'armed',
  then: (d, { who }) => void (d[who].watchdog = 'due'),
})

const kick = action('kick', {
  actor: 'daemon',
  origin: source('tools/misc/xenwatchdogd.c', 'main'),
  says: 'The periodic SCHEDOP_watchdog of a daemon that is awake: domain_watchdog() sets the timer of a slot that is still in use.',
  when: (s, _, at) => at('dom0', 'suspend_devices') && s.dom0.watchdog === 'lost',
  then: (d) => void (d.dom0.watchdog = 'armed'),
})

const toolstack = action('domain_resume', {
  actor: 'toolstack',
  origin: source('xen/common/domain.c', 'domain_resume'),
  says: 'xl resume, run in Dom0.',
  when: (s, _, at) => at('dom0', 'suspend_devices') && s.domU.parked && s.domU.pause > 0,
  then: (d) => {
    d.domU.parked = false
    d.domU.pause--
  },
  signals: 'domU',
})

export default model('xen-arm-host', {
  question:
    'When Dom0 suspends and Xen puts the whole host to sleep: is everything as before afterwards, whatever failed, and does whoever woke the host find somebody to talk to?',
  parameters,
  actors: {
    dom0: system('VCPU0 of Dom0: Linux, the backends, and the vPSCI handler it traps into'),
    vcpu1: system('VCPU1 of Dom0'),
    cpu0: system('Xen on physical CPU 0: the tasklet that suspends the host'),
    gic: system('Xen taking physical interrupts'),
    domU: system('an ordinary guest with a frontend'),
    toolstack: system('xl in Dom0'),
    daemon: system('the watchdog daemon in Dom0'),
    device: environment('devices'),
    time: environment('the system counter'),
    rogue: environment('another privileged domain'),
  },
  initial: ({ attempts, wakeups, fault, masks, edge, route, parks, watchdog }): State => ({
    sys: 'active',
    stopped: [],
    cpu1: 'on',
    tasklet: 'idle',
    attempt: 'none',
    dom0: {
      blocked: false,
      pause: 0,
      parked: false,
      vcpu1: 'on',
      pc: 'caller',
      x0: 'caller',
      watchdog: watchdog ? 'armed' : 'unused',
    },
    domU: { blocked: false, pause: 0, parked: false, dead: false, watchdog: watchdog ? 'armed' : 'unused' },
    line: [
      { physical: 'none', virtual: false },
      { physical: 'none', virtual: false },
    ],
    route,
    port: { pending: false, masked: false },
    ring: 'empty',
    left: { attempts, wakeups, fault },
    choice: { masks, edge, parks },
  }),
  parts: () => [dom0V1, vcpu1, serve, hostV1, domU, ...interrupts, deadline, kick, toolstack],
  patches,
  resting: (s, at) => at('dom0', 'suspend_devices') || (at('host', 'hyp_resume') && s.left.wakeups === 0),
  abstractions: [
    'One non-boot CPU stands for all: they are taken down and brought back one after the other by the same loop, and frozen_cpus remembers each on its own.',
    'One device per class: each stage of the suspend is all or nothing, as its function is; what a driver leaves half done inside a failing stage is its own protocol.',
    'The firmware call is atomic: sleep, or be refused. With an interrupt pending it sleeps and wakes at once, which PSCI allows and no property tells apart from a short sleep.',
    'Time is a step: a deadline passes only while the machine sleeps, where all the time goes. The timer softirq fires what is due in rcu_barrier(), the first place behind time_resume() that processes softirqs.',
    'A DomU is one VCPU with one request in flight; a second request waits for the same doorbell.',
    'Dom0 handles interrupts and requests only outside of its own suspend and resume; what arrives between is handled as soon as it is awake.',
    'V10 and V11 enable CPU0’s errata workarounds again behind hyp_resume; if one cannot be, that is a BUG_ON, behind which there is nothing to unwind.',
    'That system_suspend() runs on CPU0 is taken for granted: CPU0 cannot be unplugged, so the check for it cannot fail.',
  ],
})
