/** What deferred work must keep: it acts on a live device, in its own cycle, and suspend does not wait for it in vain. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/deferred-work.js'
import { templatesOver } from './templates.js'

const { always, reachable, possible } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = ({ what }) => [
  ...kernelProperties(model, { parameters: { what } }),
  accessOnlyWhile({
    what: 'the device',
    name: 'drain-before-teardown',
    says: 'Deferred work runs only on a device that is active.',
    access: [
      'post.hub_post_resume:pm_runtime_put_noidle:hub',
      'shared.hub_post_resume:pm_runtime_put_noidle:hub',
      'rescan.mmc_rescan:mmc_rescan_try_freq',
    ],
    allowed: (s) => s.device === 'active',
  }),
  // A rescan may be pending while the machine sleeps: its queue is frozen.
  ...(what === 'hub'
    ? [
        always('no-stale-request', 'When the hub is suspended, no work of this cycle is left for the next.', {
          when: (s) => s.device === 'suspended',
          holds: (s) => s.post.queued === 'idle' && !s.post.running.post,
        }),
      ]
    : [
        always('rescan-follows', 'A machine that runs again after a sleep looks for its card, or has done so.', {
          when: (_, at) => at('mmc', 'thaw_processes:thaw_workqueues:wq'),
          holds: (s) => s.rescan.queued !== 'idle',
        }),
      ]),
  possible(
    'attempt-ends',
    'Every attempt can come to its end, with user tasks running again.',
    (s, at) => !s.users.freezing && (at('hub', 'suspend_prepare') || at('mmc', 'suspend_prepare')),
  ),
  reachable('can-sleep', 'The device can be suspended.', (s) => s.device === 'suspended'),
]

export default properties
