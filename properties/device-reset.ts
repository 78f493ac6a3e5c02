/** What a reset must leave, and what it must take with it. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/device-reset.js'

const { always, possible } = propertiesOver(state)

const properties: Properties = [
  always(
    'state-restored',
    'While the machine runs, driver and device agree about the ring.',
    (s, { host }) => host === 'reset' || host === 'resume' || s.driver === s.device,
  ),
  always('no-access-between', 'Nothing is written to pages that are not there.', (s) => !s.stray),
  possible('lock-comes-back', 'The lock of the file is free again and again.', (s) => s.lock === 'free'),
]

export default properties
