/** What stopping virtual CPUs must keep. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/vcpu-pause.js'
import { templatesOver } from './templates.js'

const { always, step, reachable, possible } = propertiesOver(state)
const { stateAgrees } = templatesOver(state)

const properties: Properties = [
  step('no-work-after-freeze', 'Nobody looks at a paused virtual CPU while it still runs.', {
    on: 'control.access',
    holds: (before) => before.vcpu.every(({ paused, running }) => paused === 0 || !running),
  }),
  stateAgrees({
    what: 'interrupts',
    name: 'wakeup-not-lost',
    says: 'An interrupt that was raised and not delivered is pending.',
    one: (s) => s.vcpu.map(({ pending }) => pending),
    other: (s) => s.vcpu.map(({ raised }) => raised),
  }),
  always('counter-balanced', 'Between two stops no virtual CPU is paused.', {
    when: (_, at) => at('control', 'domain_pause') || at('control', 'end'),
    holds: (s) => s.vcpu.every(({ paused }) => paused === 0),
  }),
  possible('attempt-ends', 'Every stop can come to its end.', (_, at) => at('control', 'domain_pause', 'end')),
  possible('interrupts-delivered', 'Every interrupt that was raised can still be delivered.', (s) =>
    s.vcpu.every(({ raised }) => raised === 0),
  ),
  reachable('can-access', 'A domain can be stopped.', (_, at) => at('control', 'access')),
]

export default properties
