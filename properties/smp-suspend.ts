/** What the suspend of a guest with several CPUs owes to everybody in it. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/smp-suspend.js'

/** The CPUs of an HVM guest that spin while it is suspended, as many as there may be. */
const others = ['ap_suspend(1)', 'ap_suspend(2)']

const { always, step, eventually, leadsTo } = propertiesOver(state)

const properties: Properties = [
  eventually('suspend-ends', 'A suspend comes to its end.', (_, at) => at('suspend', 'end')),
  leadsTo('cpu-comes-up', 'A CPU that somebody wants back comes up.', {
    from: (s) => s.wanted,
    to: (s) => !s.wanted,
  }),
  leadsTo('disk-connects', 'A disk that is being attached is connected in the end.', {
    from: (s) => s.disk === 'connecting',
    to: (s) => s.disk === 'connected',
  }),
  step('one-cpu-suspends', 'A PV guest is suspended only while no CPU but the first is online.', {
    on: 'suspend.HYPERVISOR_suspend/alone',
    holds: (before) => before.cpu1 === 'offline',
  }),
  step(
    'ready-at-hypercall',
    'The domain is suspended with xenstore locked and every other CPU of an HVM guest spinning.',
    {
      on: 'suspend.HYPERVISOR_suspend/*',
      holds: (before, _, { at }) => before.xenbus === 'suspend' && !others.some((cpu) => at(cpu, 'enter')),
    },
  ),
  always('everyone-back', 'When the suspend is over, xenstore answers, every CPU is back and none spins.', {
    when: (_, at) => at('suspend', 'end'),
    holds: (s) =>
      s.xenbus === 'free' && s.cpu1 === 'online' && !s.spin && s.spinning === 0 && s.hypercallPage === 'ready',
  }),
  always('hypercall-page-alone', 'No CPU is about to make a hypercall while the hypercall page is set up.', {
    when: (s) => s.hypercallPage === 'being set up',
    holds: (_, at) => !others.some((cpu) => at(cpu, 'HYPERVISOR_yield')),
  }),
]

export default properties
