/** What a thermal zone owes when it is removed: nothing of it is used or left behind. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/thermal-zone.js'

const { leadsTo, possible } = propertiesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  possible('zone-can-go', 'A zone can always be removed.', (s) => s.zone === 'freed'),
  leadsTo('polls-again', 'A zone that is not removed polls again after the sleep.', {
    from: (s, at) => at('pm', 'end') && !s.exiting,
    to: (s) => s.exiting || (s.ready && s.poll.queued === 'delayed'),
  }),
]

export default properties
