/** What must hold of a host that follows Dom0 to sleep. */

import { propertiesOver, type At, type Frozen } from '../src/index.js'
import { routed, stages, state, upcall, type Stage, type State } from '../models/xen-arm-host/state.js'
import { stateMatchesCall } from './xen-arm-host/identity.js'

type Seen = Frozen<State>

const { always, step, reachable, leadsTo } = propertiesOver(state)

const asleep = (at: At): boolean => at('host', 'hyp_resume')
const dom0Awake = (at: At): boolean => at('dom0', 'suspend_devices')

/** Nobody is suspending anything: the tasklet waits for work and there is none. */
const noAttempt = (s: Seen, at: At): boolean => s.tasklet === 'idle' && at('host', 'wait')

/** Dom0 is off its CPU and nothing in Xen is about to change that. */
const stranded = (s: Seen, at: At): boolean =>
  at('dom0', 'entry') && noAttempt(s, at) && (s.dom0.blocked || s.dom0.pause > 0)

/** Which stage a step of the host undoes. */
const undoes: Readonly<Record<string, Stage>> = {
  scheduler_on: 'scheduler',
  'cpus_up/up': 'cpus',
  'cpus_up/dead': 'cpus',
  time_resume: 'timer',
  irqs_on: 'irqs',
  gic_resume: 'gic',
  console_resume: 'console',
  console_async: 'console_sync',
  iommu_resume: 'iommu',
  thaw_dom0: 'domains',
}
const undoing = Object.keys(undoes).map((name) => `host.${name}`)
const undone = (name: string): Stage => undoes[name.slice('host.'.length)] ?? stages[0]

export default [
  // What Xen says of itself.
  step('frozen-domains-do-not-run', 'Between the end of the freeze and the start of the thaw no guest executes.', {
    on: ['dom0.*', 'domU.*', 'vcpu1.*', 'toolstack.*'],
    holds: (before) => !before.stopped.includes('domains'),
  }),
  always(
    'pause-counts-balanced',
    'When no attempt is under way, a domain is paused exactly if it is parked by a pause.',
    {
      when: (s, at) => noAttempt(s, at) && dom0Awake(at),
      holds: (s) => s.dom0.pause === 0 && s.domU.pause <= (s.domU.parked ? 1 : 0),
    },
  ),
  step('resume-only-suspended', 'Whatever is resumed was suspended in this attempt.', {
    on: undoing,
    holds: (before, _, { name }) => before.stopped.includes(undone(name)),
  }),
  step('unwind-in-reverse', 'Of the things that are suspended, the last one is resumed first.', {
    on: undoing,
    when: (before, _, { name }) => before.stopped.includes(undone(name)),
    holds: (before, _, { name }) => before.stopped[before.stopped.length - 1] === undone(name),
  }),
  always(
    'host-restored',
    'After an attempt the system is active, with scheduler, interrupts, timer, console and IOMMU as before, and CPU1 up or known to be dead.',
    {
      when: (s, at) => s.attempt !== 'none' && at('host', 'finish'),
      holds: (s) => s.sys === 'active' && s.stopped.length === 0 && s.cpu1 !== 'off',
    },
  ),
  step('one-attempt-at-a-time', 'A host suspend begins only while the system is active.', {
    on: 'host.set_suspend',
    holds: (before) => before.sys === 'active',
  }),
  always(
    'no-sleep-on-pending',
    'The machine never sleeps while a wake-up is pending that will not wake it: accepted by Xen and undelivered, or routed to a CPU that is off.',
    {
      when: (_, at) => asleep(at),
      holds: (s) =>
        !s.line.some((line, i) => line.virtual || (line.physical === 'pending' && !routed(s, i))) && !upcall(s),
    },
  ),
  step('interrupt-not-lost', 'A pending interrupt stays pending until Xen has taken it.', {
    when: (before) => before.line.some(({ physical }) => physical === 'pending'),
    holds: (before, after) =>
      before.line.every(({ physical }, i) => physical !== 'pending' || after.line[i]!.physical !== 'none'),
  }),
  step(
    'resume-context',
    'Dom0 finds either an error behind the call with its registers intact, or its resume entry with the context id in x0.',
    {
      on: ['dom0.entry', 'dom0.denied'],
      holds: ({ dom0 }, _, { name }) =>
        name === 'dom0.denied'
          ? dom0.pc === 'caller' && dom0.x0 === 'errno'
          : dom0.pc === 'entry' && dom0.x0 === 'context',
    },
  ),
  step('abort-reported', 'Dom0 starts at its resume entry only if the machine slept; else the call returns an error.', {
    on: 'dom0.entry',
    holds: (before) => before.attempt === 'slept',
  }),
  step('image-left-alone', 'While Dom0 is off its CPU only the resume of Dom0 writes its registers.', {
    on: 'host.*',
    holds: ({ dom0 }, { dom0: now }, { name }) =>
      name === 'host.resume_dom0' || (dom0.pc === now.pc && dom0.x0 === now.x0),
  }),
  always('nobody-dies-frozen', 'No domain is shut down because of time it spent frozen.', (s) => !s.domU.dead),
  always('sleeps-only-when-ready', 'The host sleeps only while every DomU has parked itself.', {
    when: (_, at) => asleep(at),
    holds: (s) => s.domU.parked || s.domU.dead,
  }),
  always(
    'sleeps-all-stopped',
    'While the machine sleeps, domains, timer, interrupts, GIC, console and CPU1 are stopped.',
    {
      when: (_, at) => asleep(at),
      holds: (s) =>
        s.cpu1 !== 'on' &&
        (['domains', 'timer', 'irqs', 'gic', 'console'] as const).every((stage) => s.stopped.includes(stage)),
    },
  ),
  step('refusal-parks-nobody', 'An attempt that policy refuses has not parked its caller.', {
    on: [
      'dom0.system_suspend/denied',
      'dom0.system_suspend/not_ready',
      'dom0.system_suspend/not_allowed',
      'host.check_parked/busy',
    ],
    holds: (before) => !before.dom0.parked,
  }),
  always('dom0-not-stranded', 'Dom0 never stays off its CPU on a host that runs and attempts nothing.', {
    when: (s, at) => noAttempt(s, at),
    holds: (s, at) => !stranded(s, at),
  }),
  step('dom0-before-domU', 'Between a wake-up and the first step of Dom0 no DomU executes.', {
    on: 'domU.*',
    holds: (before) => before.attempt !== 'slept',
  }),
  step('one-vcpu-at-entry', 'When VCPU0 starts at the resume entry, no other VCPU of Dom0 executes guest code.', {
    on: 'dom0.entry',
    holds: ({ dom0 }) => dom0.vcpu1 !== 'on',
  }),

  // The claim of the patch, taken literally.
  always(
    'state-matches',
    'After system_suspend() returns, whatever its status, Xen is as it was before the call: devices, CPUs, interrupt routes, pause counts.',
    {
      when: (s, at) => s.attempt !== 'none' && at('host', 'finish'),
      holds: (s) =>
        s.sys === 'active' &&
        s.stopped.length === 0 &&
        s.cpu1 === 'on' &&
        s.route !== 'moved' &&
        s.domU.pause <= (s.domU.parked ? 1 : 0),
    },
  ),
  stateMatchesCall,
  step(
    'failure-as-if-never-called',
    'If Xen did not suspend, Dom0 goes on as if the call had never been made: behind it, with its own registers.',
    {
      on: ['dom0.entry', 'dom0.denied'],
      when: (before) => before.attempt !== 'slept',
      holds: ({ dom0 }) => dom0.pc === 'caller' && (dom0.x0 === 'errno' || dom0.x0 === 'caller'),
    },
  ),

  // What must happen in the end.
  reachable('host-can-sleep', 'The machine can get to sleep.', (_, at) => asleep(at)),
  leadsTo('attempt-ends', 'Every attempt ends, asleep or aborted.', {
    from: (s) => s.attempt === 'asked',
    to: (s, at) => s.attempt !== 'asked' || asleep(at),
  }),
  leadsTo('wake-resumes-dom0', 'After a wake-up, whoever it was for, Dom0 comes to run.', {
    from: (s) => s.attempt === 'slept',
    to: (_, at) => dom0Awake(at),
  }),
  leadsTo('aborted-caller-runs', 'After an aborted attempt Dom0 comes to run.', {
    from: (s) => s.attempt === 'failed',
    to: (_, at) => dom0Awake(at),
  }),
  leadsTo('request-served', 'A request in the ring is served, unless the machine goes to sleep.', {
    from: (s) => s.ring === 'queued',
    to: (s, at) => s.ring !== 'queued' || asleep(at) || s.domU.dead,
  }),
  leadsTo('interrupt-handled', 'The domain that an interrupt belongs to handles it, unless the machine sleeps.', {
    from: (s) => s.line.some(({ physical }) => physical !== 'none'),
    to: (s, at) => s.line.every(({ physical }) => physical === 'none') || asleep(at) || s.domU.dead,
  }),
  leadsTo('watchdog-kept', 'When Dom0 runs again, a watchdog that it had armed is armed, unless the machine sleeps.', {
    from: (s, at) => s.dom0.watchdog !== 'unused' && dom0Awake(at),
    to: (s, at) => s.dom0.watchdog === 'armed' || asleep(at),
  }),
]
