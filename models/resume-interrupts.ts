/**
 * What the resume of a Linux guest on Xen needs of interrupts: a tick for whoever sleeps, and an order of the locks that it
 * shares with the interrupt of its network device.
 *
 * Sources: Linux 7.3.4, drivers/xen/manage.c (xen_suspend, do_suspend), arch/x86/xen/suspend.c (xen_vcpu_notify_restore),
 * kernel/time/timekeeping.c (timekeeping_resume), drivers/net/xen-netfront.c (xennet_disconnect_backend, xennet_poll), kernel/irq/pm.c; and
 * what is older.
 */

import { bool, env, environment, oneOf, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

const parameters = {
  sleeper: parameter(oneOf('first', 'other'), 'other', 'the CPU that the callback sleeps on, and whose tick is meant'),
}

export const state = record({
  /** The hypercall returned in a new domain, whose event channels are new and masked. */
  fresh: bool(),
  deviceInterrupts: bool(),
  timerInterrupt: bool(),
  /** The tick device of the CPU; without it no timer of the kernel expires. */
  tick: bool(),
  asleep: bool(),
  rxLock: oneOf('free', 'resume', 'poll'),
  txLock: oneOf('free', 'resume', 'poll'),
  /** The rings of netfront are connected. */
  ring: bool(),
  /** Its interrupt is bound. */
  bound: bool(),
  packet: bool(),
})

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)

const manage = 'drivers/xen/manage.c'
const netfront = 'drivers/net/xen-netfront.c'

const suspend = (sleeper: 'first' | 'other') =>
  thread(
    'do_suspend',
    // Ticket locks: who waits for one gets it, however often it is taken.
    { actor: 'guest', fair: 'strong' },
    step('dpm_suspend_end', {
      origin: source('kernel/irq/pm.c', 'suspend_device_irqs'),
      then: (d) => void (d.deviceInterrupts = false),
    }),
    step('xen_arch_suspend', {
      origin: source('arch/x86/xen/suspend.c', 'xen_arch_suspend'),
      says: 'every CPU suspends its tick',
      then: (d) => void (d.tick = false),
    }),
    step('xen_suspend', {
      origin: source(manage, 'xen_suspend'),
      either: {
        new_domain: {
          says: 'every event channel is bound anew and stays masked until its interrupt is resumed',
          then: (d) => {
            d.fresh = true
            d.timerInterrupt = false
          },
        },
        cancelled: { then: (d) => void (d.fresh = false) },
      },
    }),
    step('syscore_resume', {
      origin: source('kernel/irq/pm.c', 'irq_pm_syscore_resume'),
      says: 'interrupts that are flagged so are resumed early: the timer',
      then: (d) => void (d.timerInterrupt = true),
    }),
    step('tick_resume', {
      origin: source('kernel/time/timekeeping.c', 'timekeeping_resume'),
      says: 'the first CPU has its tick back with syscore_resume()',
      then: (d) => {
        if (sleeper === 'first') d.tick = true
      },
    }),
    step('xen_arch_resume', {
      origin: source('arch/x86/xen/suspend.c', 'xen_arch_resume'),
      says: 'xen_vcpu_notify_restore(): every other CPU resumes its tick',
      then: (d) => void (d.tick = true),
    }),
    step('dpm_resume_start', {
      origin: source('drivers/base/power/main.c', 'dpm_resume_noirq'),
      says: 'callbacks, before device interrupts are resumed; what they need may sleep',
      either: {
        sleeps: {
          provoke: 'a callback that waits with a timeout, msleep or schedule_timeout',
          then: (d) => void (d.asleep = true),
        },
        does_not_sleep: {},
      },
    }),
    step('schedule_timeout', {
      origin: source('kernel/time/sleep_timeout.c', 'schedule_timeout'),
      when: (s) => !s.asleep,
    }),
    step('resume_device_irqs', {
      origin: source('kernel/irq/pm.c', 'resume_device_irqs'),
      then: (d) => {
        d.deviceInterrupts = true
        d.timerInterrupt = true
      },
    }),
    step('dpm_resume_end', {
      origin: source('drivers/base/power/main.c', 'dpm_resume'),
      either: {
        RESTORE: { when: (s) => s.fresh },
        THAW: { when: (s) => !s.fresh, says: 'the network device is not touched', goto: 'dpm_suspend_end' },
      },
    }),
    step('unbind_from_irqhandler', {
      origin: source(netfront, 'xennet_disconnect_backend'),
      says: 'no lock of the queue is taken',
      then: (d) => void (d.bound = false),
    }),
    step('napi_synchronize', {
      origin: source(netfront, 'xennet_disconnect_backend'),
      says: 'a poll that runs is waited for',
      when: (_, __, at) => at('xennet_poll', 'lock_rx'),
    }),
    step('rings_gone', {
      origin: source(netfront, 'xennet_disconnect_backend'),
      then: (d) => {
        d.ring = false
        if (d.txLock === 'resume') d.txLock = 'free'
        if (d.rxLock === 'resume') d.rxLock = 'free'
      },
    }),
    step('xennet_connect', {
      origin: source(netfront, 'xennet_connect'),
      says: 'new rings and their interrupt, when the backend is ready for them',
      then: (d) => {
        d.ring = true
        d.bound = true
      },
      goto: 'dpm_suspend_end',
    }),
  )

const poll = thread(
  'xennet_poll',
  { actor: 'softirq', fair: 'strong' },
  step('lock_rx', {
    origin: source(netfront, 'xennet_poll'),
    when: (s) => s.packet && s.deviceInterrupts && s.bound && s.ring && s.rxLock === 'free',
    then: (d) => void (d.rxLock = 'poll'),
  }),
  step('lock_tx', {
    origin: source(netfront, 'xennet_interrupt'),
    says: 'the interrupt comes while the poll runs, and collects what was sent',
    when: (s) => s.txLock === 'free',
    then: (d) => void (d.txLock = 'poll'),
  }),
  step('xennet_tx_buf_gc', {
    origin: source(netfront, 'xennet_tx_buf_gc'),
    then: (d) => {
      d.txLock = 'free'
      d.rxLock = 'free'
      d.packet = false
    },
    goto: 'lock_rx',
  }),
)

const lockRx = step('lock_rx', {
  origin: source(netfront, 'xennet_disconnect_backend'),
  when: (s) => s.rxLock === 'free',
  then: (d) => void (d.rxLock = 'resume'),
})
const lockTx = step('lock_tx', {
  origin: source(netfront, 'xennet_disconnect_backend'),
  when: (s) => s.txLock === 'free',
  then: (d) => void (d.txLock = 'resume'),
})

/** The disconnect of 2007: two locks, and the interrupt stays bound. */
const disconnectWith = (one: typeof lockRx, other: typeof lockRx) => [
  edit.replace('do_suspend.unbind_from_irqhandler', { says: 'not yet', then: () => {} }),
  edit.remove('do_suspend.napi_synchronize'),
  edit.before('do_suspend.rings_gone', one, other),
]

export default model('resume-interrupts', {
  question: 'May the resume of a device sleep, and take the locks of its own interrupt, and still come to its end?',
  actors: {
    guest: system('the suspend thread of the guest'),
    timer: system('the timer interrupt'),
    softirq: system('another CPU, which polls the network device'),
    backend: environment('netback, which sends packets'),
  },
  parameters,
  initial: () => ({
    fresh: false,
    deviceInterrupts: true,
    timerInterrupt: true,
    tick: true,
    asleep: false,
    rxLock: 'free',
    txLock: 'free',
    ring: true,
    bound: true,
    packet: false,
  }),
  parts: ({ sleeper }) => [
    suspend(sleeper),
    poll,
    action('tick', {
      actor: 'timer',
      origin: source('arch/x86/xen/time.c', 'xen_timer_interrupt'),
      signals: 'guest',
      when: (s) => s.asleep && s.timerInterrupt && s.tick,
      then: (d) => void (d.asleep = false),
    }),
    action('packet', {
      actor: 'backend',
      origin: env('a packet comes in'),
      signals: 'softirq',
      when: (s) => !s.packet && s.ring,
      then: (d) => void (d.packet = true),
    }),
  ],
  patches: [
    patch('before-8d5999df3531', {
      kind: 'era',
      says: 'The interrupt of the timer is resumed with those of devices.',
      reference: '8d5999df3531 (2013)',
      edits: [
        edit.replace('do_suspend.syscore_resume', { says: 'the timer is not among those resumed', then: () => {} }),
      ],
    }),
    patch('linux-5.8', {
      kind: 'era',
      says: 'The CPUs but the first resume their ticks only after dpm_resume_start.',
      reference: 'torvalds/linux 00ed905a drivers/xen/manage.c',
      edits: [edit.move('do_suspend.xen_arch_resume', { after: 'do_suspend.resume_device_irqs' })],
    }),
    patch('locks-of-2007', {
      kind: 'era',
      says: 'netfront disconnects with the locks of its queue held, receive lock first, instead of waiting for the poll.',
      reference: 'xen.git 31fa3c4208 (2007)',
      edits: disconnectWith(lockRx, lockTx),
    }),
    patch('before-31fa3c4208', {
      kind: 'era',
      says: 'netfront takes the transmit lock first when it disconnects, and the receive lock first when it polls.',
      reference: 'before xen.git 31fa3c4208 (2007)',
      edits: disconnectWith(lockTx, lockRx),
    }),
    patch('tick-goes-on', {
      kind: 'fault',
      says: 'The tick is not suspended.',
      edits: [edit.replace('do_suspend.xen_arch_suspend', { says: 'the tick goes on', then: () => {} })],
    }),
    patch('poll-not-awaited', {
      kind: 'fault',
      says: 'The rings go while a poll may still run.',
      edits: [edit.remove('do_suspend.napi_synchronize')],
    }),
  ],
  abstractions: [
    'What sleeps before device interrupts are resumed is one step of no name: the commits do not tell who it was.',
    'The network device is polled on another CPU than the one that resumes; that softirqs are off while the receive lock is held, the second half of the netfront fix, is taken for granted.',
    'Tasks, devices and xenbus are left out: no interrupt depends on them.',
    'A packet that waits while the rings are set up anew is polled afterwards; in truth it is lost, as networks may.',
  ],
})
