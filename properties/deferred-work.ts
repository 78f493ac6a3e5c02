/** What deferred work must keep: it acts on a live device, in its own cycle, and suspend does not wait for it in vain. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/deferred-work.js'

const { always, step, possible, reachable } = propertiesOver(state)

const properties: Properties = [
  step('drain-before-teardown', 'Deferred work runs only on a device that is active.', {
    on: ['work.hub_post_resume', 'work.mmc_rescan'],
    holds: (before) => before.device === 'active',
  }),
  always('counter-balanced', 'A reference is dropped only after it was taken.', (s) => s.usage >= 0),
  always('no-stale-request', 'When the device is suspended, no work of this cycle is left for the next.', {
    when: (s) => s.device === 'suspended',
    holds: (s) => s.work === 'none',
  }),
  possible(
    'attempt-ends',
    'Every attempt can come to its end.',
    (_, at) => at.hub === 'hub_suspend' || at.mmc === 'freeze_processes',
  ),
  reachable('can-sleep', 'The device can be suspended.', (s) => s.device === 'suspended'),
]

export default properties
