/** What Xen must keep of its own devices and timers over a sleep. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/xen-sleep-devices.js'

const { always, step, possible, reachable } = propertiesOver(state)

const properties: Properties = [
  always(
    'timers-rearmed',
    'Between two sleeps every timer is armed, the watchdog too, the console is buffered and the HPET has its interrupt.',
    {
      when: (_, at) => at('enter_state', 'request'),
      holds: (s) => s.deadline === 'armed' && s.periodic === 'armed' && s.watchdog && s.console === 'buffered' && s.irq,
    },
  ),
  always(
    'no-access-between',
    'No timer touches a device, or is armed to do so, between its suspend and its resume, and none is on without power.',
    (s, at) =>
      !s.touchedOff &&
      (s.uart === 'off' || s.power) &&
      (s.periodic !== 'armed' ||
        !at('enter_state', 'iommu_suspend', 'asleep', '__hpet_setup_msi_irq', 'ns16550_resume')),
  ),
  always('no-false-alarm', 'The watchdog does not fire because of the console.', (s) => !s.alarm),
  step(
    'drain-before-teardown',
    'The serial port is turned off only when nothing is left to print, and nothing is buffered any more.',
    {
      on: 'enter_state.ns16550_suspend',
      holds: (before) => (before.message === 'none' || before.message === 'sent') && before.console === 'synchronous',
    },
  ),
  step('setup-matches-teardown', 'An interrupt is requested only if nobody has, and set up only if somebody has.', {
    on: 'enter_state.__hpet_setup_msi_irq',
    holds: (before, _, { step }) => before.irq === !step.endsWith('/requested'),
  }),
  possible('resume-ends', 'The machine can always come back.', (_, at) => at('enter_state', 'request')),
  possible('console-back', 'The serial port can always be had again.', (s) => s.uart === 'on' && s.power),
  reachable(
    'can-sleep',
    'The machine sleeps, and is woken.',
    (s, at) => at('enter_state', 'set_timer') && s.deadline === 'off',
  ),
]

export default properties
