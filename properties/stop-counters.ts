/** What nested stops must keep. */

import { propertiesOver, type Properties } from '../src/index.js'
import { isIdle, state } from '../models/stop-counters.js'

const { always, possible, reachable } = propertiesOver(state)

const properties: Properties = [
  always(
    'counter-balanced',
    'Nothing is started more often than it was stopped, and between two attempts nothing is stopped.',
    (s, at) => s.thing.every(({ depth }) => depth >= 0 && (!isIdle(at) || depth === 0)),
  ),
  always('stop-holds', 'What somebody wants stopped is stopped.', (s) =>
    s.thing.every(({ depth, outer, inner }) => depth > 0 || !(outer || inner)),
  ),
  possible('work-goes-on', 'Everything can be started again.', (s) => s.thing.every(({ depth }) => depth <= 0)),
  reachable('can-stop', 'Something is stopped.', (s) => s.thing.every(({ depth }) => depth > 0)),
]

export default properties
