/** What the wake-up counter is for: no event is slept through, and no attempt is given up without one. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/wakeup-count.js'

const { always, step, reachable, possible } = propertiesOver(state)

const properties: Properties = [
  always(
    'no-lost-wakeup',
    'The machine does not sleep while an event is registered, or in progress, and not handled.',
    {
      when: (_, at) => at('sleep', 'asleep'),
      holds: (s) => s.unhandled === 0,
    },
  ),
  step('no-spurious-abort', 'An attempt is aborted only if there was an event that user space has not handled.', {
    on: ['sleep.try_to_freeze_tasks/woken', 'sleep.pm_wakeup_pending/woken', 'sleep.suspend_enter/woken'],
    holds: (before) => before.unhandled > 0 || before.abort,
  }),
  // The check itself may stay armed: enter_state() does not disarm it when tasks did not freeze. The next write does.
  always('everyone-back', 'Between two attempts no line is armed and no request is queued.', {
    when: (_, at) => at('sleep', 'read'),
    holds: (s) => !s.lines && !s.queued,
  }),
  possible('attempt-ends', 'Every attempt can come to its end.', (_, at) => at('sleep', 'read', 'process')),
  reachable('can-sleep', 'Some attempt reaches the sleep state.', (_, at) => at('sleep', 'asleep')),
]

export default properties
