/** What is owed to processes that were to be frozen: afterwards they run. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/session-freeze.js'

const { always, leadsTo, reachable } = propertiesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  always('nobody-left-frozen', 'When the sleep is over no process of the user is frozen, or asked to be.', {
    when: (_, at) => at('sleep', 'end'),
    holds: (s) => !s.slice.freezing && !s.slice.frozen.reader && !s.slice.frozen.server,
  }),
  leadsTo('answered', 'Who asks the file system gets an answer, at the latest after the sleep.', {
    from: (s) => s.asked,
    to: (s) => s.answered,
  }),
  reachable('can-freeze', 'All of them can be frozen.', (s) => s.slice.frozen.reader && s.slice.frozen.server),
]

export default properties
