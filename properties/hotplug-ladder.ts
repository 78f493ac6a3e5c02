/** What CPU hotplug must keep, from whatever rung a CPU turns round. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/hotplug-ladder.js'

const { always, step, reachable, possible } = propertiesOver(state)

const properties: Properties = ({ rungs }) => {
  const online = (cpu: { readonly rung: number }): boolean => cpu.rung === rungs
  return [
    always(
      'state-matches-hardware',
      'On a CPU that counts as online everything works that the software believes in.',
      (s) => s.cpu.every((cpu) => !online(cpu) || cpu.works.every((works, k) => works && cpu.claim[k])),
    ),
    always('area-while-online', 'A CPU that runs has its per-CPU area.', (s) =>
      s.cpu.every((cpu) => cpu.rung === 0 || cpu.area),
    ),
    always(
      'setup-matches-teardown',
      'No consistency check stops the machine: what is set up, kept and torn down fits the way that a CPU goes.',
      (s) => !s.crashed,
    ),
    always('timers-back', 'Between two requests the timers of every CPU that is online run on it.', {
      when: (s) => s.mode === 'none',
      holds: (s) => s.cpu.every((cpu) => !online(cpu) || cpu.timers === 'own'),
    }),
    always(
      'everyone-back',
      'Between two requests every CPU is online, parked, or all the way down and reported as failed.',
      {
        when: (s) => s.mode === 'none',
        holds: (s) => s.cpu.every((cpu) => online(cpu) || cpu.parked !== 'no' || (cpu.failed && cpu.rung === 0)),
      },
    ),
    step('abort-scope', 'A pending wake-up stops the removal of CPUs only for suspend.', {
      on: 'hotplug.freeze_secondary_cpus/aborted',
      holds: (before) => before.mode === 'suspend',
    }),
    always('ready-at-commit', 'The machine sleeps, or another kernel starts, only when every CPU is down.', {
      when: (s, at) => at('hotplug', 'offline') && s.mode !== 'unplug',
      holds: (s) => s.cpu.every(({ rung }) => rung === 0),
    }),
    step('kexec-goes-through', 'CPUs that are taken down for kexec do not come back.', {
      on: 'hotplug.thaw_secondary_cpus',
      holds: (before) => before.mode !== 'kexec',
    }),
    possible(
      'request-ends',
      'Every request can come to its end, after which, unless another kernel runs, there may be another.',
      (s, at) => s.crashed || at('hotplug', 'request') || (at('hotplug', 'end') && s.mode === 'kexec'),
    ),
    reachable('can-go-offline', 'All CPUs can be taken down.', (s) => s.cpu.every(({ rung }) => rung === 0)),
  ]
}

export default properties
