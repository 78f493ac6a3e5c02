/** What asynchronous resume must keep when calls cannot be scheduled. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/async-schedule.js'

const { always, possible } = propertiesOver(state)

const properties: Properties = [
  always('dependency-order', 'No device is resumed before its supplier.', (s) =>
    s.dev.every(({ resumed }, i) => !resumed || i === 0 || s.dev[i - 1]!.resumed),
  ),
  always('everyone-back', 'When resume returns, every device is resumed.', {
    when: (_, { pm }) => pm === 'end',
    holds: (s) => s.dev.every(({ resumed }) => resumed),
  }),
  possible('resume-ends', 'Resume can always come to its end.', (_, { pm }) => pm === 'end'),
]

export default properties
