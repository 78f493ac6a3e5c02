/** What a reset must leave, and what it must take with it. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/device-reset.js'
import { templatesOver } from './templates.js'

const { possible } = propertiesOver(state)
const { stateAgrees } = templatesOver(state)

const properties: Properties = ({ what }) => [
  ...kernelProperties(model, { parameters: { what } }),
  stateAgrees({
    what: 'the ring',
    name: 'state-restored',
    says: 'While the machine runs, driver and device agree about the ring.',
    settled: (s) => s.ready,
    one: (s) => s.driver,
    other: (s) => s.device,
  }),
  possible('lock-comes-back', 'The lock of the file is free again and again.', (s) => s.lock === 'free'),
]

export default properties
