/** What the idle loop must keep when its CPU is to go. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/idle-offline.js'

const { always, possible, reachable } = propertiesOver(state)

const properties: Properties = [
  always('wakeup-not-lost', 'A CPU that was told to go does not sleep without anything to wake it.', {
    when: (_, at) => at('cpu_down', '__cpu_die'),
    holds: (s) => s.power !== 'asleep' || s.pending,
  }),
  always(
    'dies-when-told',
    'A CPU is off only if it was told to go, and nobody believes so before it is.',
    (s, at) => (s.power !== 'off' || !s.online) && (!at('cpu_down', 'end') || s.power === 'off'),
  ),
  possible('cpu-dies', 'The CPU can always be taken offline.', (_, at) => at('cpu_down', 'end')),
  reachable('can-sleep', 'The CPU sleeps when it is idle.', (s) => s.power === 'asleep'),
]

export default properties
