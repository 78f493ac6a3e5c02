/** What must hold of `enter_state`: the same as of the host suspend on Arm, where both have it. */

import { propertiesOver } from '../src/index.js'
import { devices, stages, state } from '../models/xen-x86-s3.js'

const { always, step, reachable, leadsTo } = propertiesOver(state)

const resumes = devices.map((device) => `enter_state.${device}_resume/resumed`)
const resumed = (name: string): (typeof devices)[number] =>
  devices.find((device) => name.startsWith(`enter_state.${device}_`)) ?? 'console'

export default [
  step('resume-only-suspended', 'Whatever device is resumed was suspended in this attempt.', {
    on: resumes,
    holds: (before, _, { name }) => before.stopped.includes(resumed(name)),
  }),
  step('unwind-in-reverse', 'Of the devices that are suspended, the last one is resumed first.', {
    on: resumes,
    when: (before, _, { name }) => before.stopped.includes(resumed(name)),
    holds: (before, _, { name }) => before.stopped[before.stopped.length - 1] === resumed(name),
  }),
  step('scheduler-before-domains', 'Domains are thawed on a scheduler that schedules.', {
    on: 'enter_state.thaw_domains',
    holds: (before) => !before.stopped.includes('scheduler'),
  }),
  always(
    'host-restored',
    'When the caller gets its status, everything is as before, and CPU1 up or known to be dead.',
    {
      when: (s) => s.status !== 'none',
      holds: (s) => s.sys === 'active' && s.stopped.length === 0 && s.cpu1 !== 'off',
    },
  ),
  always(
    'stop-order',
    'What is stopped is stopped in one order: domains, scheduler, CPUs, and interrupts before devices.',
    (s) => s.stopped.every((stage, i) => i === 0 || stages.indexOf(s.stopped[i - 1]!) < stages.indexOf(stage)),
  ),
  always(
    'sleeps-all-stopped',
    'While the machine sleeps, Xen knows it, and everything that enter_state() stops is stopped.',
    {
      when: (_, at) => at('enter_state', 'wakeup'),
      holds: (s) =>
        s.sys === 'suspend' &&
        stages.every((stage) => s.stopped.includes(stage) || (stage === 'cpus' && s.cpu1 === 'dead')),
    },
  ),
  always('state-matches', 'When the caller gets its status, whatever it is, Xen is as it was before the call.', {
    when: (s) => s.status !== 'none',
    holds: (s) => s.sys === 'active' && s.stopped.length === 0 && s.cpu1 === 'on',
  }),
  always('abort-reported', 'The caller is told success exactly if the machine slept.', {
    when: (s) => s.status !== 'none',
    holds: (s) => (s.status === 'zero') === (s.attempt === 'slept'),
  }),
  reachable('host-can-sleep', 'The machine can get to sleep.', (_, at) => at('enter_state', 'wakeup')),
  leadsTo('event-ends-sleep', 'A wake-up event that is not handled yet keeps the machine from sleeping on.', {
    from: (s, at) => at('enter_state', 'wakeup') && s.event !== 'none',
    to: (_, at) => !at('enter_state', 'wakeup'),
  }),
  leadsTo('attempt-returns', 'Every hypercall returns, unless the machine sleeps.', {
    from: (s) => s.attempt !== 'none',
    to: (s, at) => s.attempt === 'none' || at('enter_state', 'wakeup'),
  }),
]
