/** What nested stops must keep. */

import { propertiesOver, type Properties } from '../src/index.js'
import type { At } from '../src/write/model.js'
import { state } from '../models/stop-counters.js'

const { always, possible, reachable } = propertiesOver(state)

const isIdle = (_: unknown, at: At): boolean =>
  ['hibernate', 'scsi_target_quiesce', 'nvme_start_freeze'].some((first) => Object.values(at).includes(first))

const properties: Properties = [
  always(
    'counter-balanced',
    'Nothing is started more often than it was stopped, and between two attempts nothing is stopped.',
    (s, at) => s.thing.every(({ depth }) => depth >= 0 && (!isIdle(s, at) || depth === 0)),
  ),
  always('stop-holds', 'What somebody wants stopped is stopped.', (s) =>
    s.thing.every(({ depth, outer, inner }) => depth > 0 || !(outer || inner)),
  ),
  possible('work-goes-on', 'Everything can be started again.', (s) => s.thing.every(({ depth }) => depth <= 0)),
  reachable('can-stop', 'Something is stopped.', (s) => s.thing.every(({ depth }) => depth > 0)),
]

export default properties
