/** What deferred work must keep: it acts on a live device, in its own cycle, and suspend does not wait for it in vain. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/deferred-work.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = ({ what }) => [
  accessOnlyWhile({
    what: 'the device',
    name: 'drain-before-teardown',
    says: 'Deferred work runs only on a device that is active.',
    access: ['work.hub_post_resume', 'work.mmc_rescan'],
    allowed: (s) => s.device === 'active',
  }),
  always('counter-balanced', 'A reference is dropped only after it was taken.', (s) => s.usage >= 0),
  // A rescan may be pending while the machine sleeps: its queue is frozen.
  ...(what === 'hub'
    ? [
        always('no-stale-request', 'When the hub is suspended, no work of this cycle is left for the next.', {
          when: (s) => s.device === 'suspended',
          holds: (s) => s.work === 'none',
        }),
      ]
    : [
        always('rescan-follows', 'A machine that runs again after a sleep looks for its card, or has done so.', {
          when: (s, at) => s.users === 'frozen' && at('mmc', 'thaw_processes'),
          holds: (s) => s.work === 'queued',
        }),
      ]),
  possible(
    'attempt-ends',
    'Every attempt can come to its end, with user tasks running again.',
    (s, at) => s.users === 'running' && (at('hub', 'hub_suspend') || at('mmc', 'suspend_prepare')),
  ),
  reachable('can-sleep', 'The device can be suspended.', (s) => s.device === 'suspended'),
]

export default properties
