/** What asynchronous resume must keep when calls cannot be scheduled. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/async-schedule.js'

const { always, possible, step } = propertiesOver(state)

const resumed = (s: { readonly dev: readonly { readonly resumed: boolean }[] }): number =>
  s.dev.filter((dev) => dev.resumed).length

const properties: Properties = [
  always('dependency-order', 'No device is resumed before its supplier.', (s) =>
    s.dev.every(({ resumed }, i) => !resumed || i === 0 || s.dev[i - 1]!.resumed),
  ),
  always('everyone-back', 'When resume returns, every device is resumed.', {
    when: (_, at) => at('pm', 'end'),
    holds: (s) => s.dev.every(({ resumed }) => resumed),
  }),
  always('list-locked', 'The PM core walks its list only with the mutex of the list held.', {
    when: (_, at) => at('pm', 'dpm_async_with_cleanup') || at('pm', 'dpm_async_fn'),
    holds: (s) => s.mutex === -1,
  }),
  step('resumed-once', 'A device is resumed once.', {
    on: ['pm.device_resume', 'pm.inline-call', 'async.device_resume'],
    holds: (before, after) => resumed(after) === resumed(before) + 1,
  }),
  possible('resume-ends', 'Resume can always come to its end.', (_, at) => at('pm', 'end')),
]

export default properties
