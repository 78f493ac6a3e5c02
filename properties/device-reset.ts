/** What a reset must leave, and what it must take with it. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/device-reset.js'
import { templatesOver } from './templates.js'

const { always, possible } = propertiesOver(state)
const { stateAgrees } = templatesOver(state)

const properties: Properties = [
  stateAgrees({
    what: 'the ring',
    name: 'state-restored',
    says: 'While the machine runs, driver and device agree about the ring.',
    settled: (s) => s.ready,
    one: (s) => s.driver,
    other: (s) => s.device,
  }),
  always('no-access-between', 'Nothing is written to pages that are not there.', (s) => !s.stray),
  possible('lock-comes-back', 'The lock of the file is free again and again.', (s) => s.lock === 'free'),
]

export default properties
