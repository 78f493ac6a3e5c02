/** What must hold of a frontend that resumes in a new domain. */

import { state } from '../models/xen-frontend-resume.js'
import { propertiesOver } from '../src/index.js'

const { always, step, possible } = propertiesOver(state)

export default [
  always('added-once', 'The driver adds its disk or interface to the system once.', (s) => s.added <= 1),
  always(
    'connected-has-ring',
    'A frontend that is connected has a ring.',
    (s) => s.resuming || s.connected !== 'connected' || s.ring !== null,
  ),
  always('added-before-connected', 'A device is connected only if its disk or interface was added.', {
    when: (s) => s.connected === 'connected',
    holds: (s) => s.added >= 1,
  }),
  always(
    'ring-agreement',
    'When both ends believe they are connected and the resume is over, they use the same ring.',
    (s) =>
      s.resuming ||
      s.connected !== 'connected' ||
      s.backend.node !== 'Connected' ||
      s.backend.ring === null ||
      s.backend.ring === s.ring,
  ),
  step('set-up-once', 'A ring is set up only where there is none.', {
    when: (before, after) => after.ring !== null && before.ring !== after.ring,
    holds: (before) => before.ring === null,
  }),
  step(
    'watch-after-reset',
    'No watch callback changes the device between the first step of its resume and the last of the driver’s.',
    {
      on: 'xenwatch.*',
      when: (before) => before.resuming,
      holds: (before, after) =>
        before.connected === after.connected && before.ring === after.ring && before.cached === after.cached,
    },
  ),
  step('notify-live-port', 'The driver notifies only event channels of the domain that it is in.', {
    on: 'user.notify_remote_via_irq',
    holds: (before) => before.port === 'live',
  }),
  possible(
    'reconnects',
    'The frontend can always come to be connected again.',
    (s) =>
      s.connected === 'connected' && s.backend.node === 'Connected' && s.ring !== null && s.backend.ring === s.ring,
  ),
]
