/** What the suspend of a guest with several CPUs owes to everybody in it. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/smp-suspend.js'

const { always, step, eventually, leadsTo } = propertiesOver(state)

const properties: Properties = [
  eventually('suspend-ends', 'A suspend comes to its end.', (_, { suspend }) => suspend === 'end'),
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
      holds: (before, _, { at }) =>
        before.xenbus === 'suspend' &&
        Object.entries(at).every(([name, label]) => !name.startsWith('ap_suspend') || label !== 'enter'),
    },
  ),
  always('everyone-back', 'When the suspend is over, xenstore answers, every CPU is back and none spins.', {
    when: (_, { suspend }) => suspend === 'end',
    holds: (s) =>
      s.xenbus === 'free' && s.cpu1 === 'online' && !s.spin && s.spinning === 0 && s.hypercallPage === 'ready',
  }),
  always('hypercall-page-alone', 'No CPU is about to make a hypercall while the hypercall page is set up.', {
    when: (s) => s.hypercallPage === 'being set up',
    holds: (_, at) => !Object.values(at).includes('HYPERVISOR_yield'),
  }),
]

export default properties
