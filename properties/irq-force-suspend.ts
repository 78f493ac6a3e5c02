/** What a forced suspend owes to the handlers of its device: none touches it meanwhile. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/irq-force-suspend.js'
import { templatesOver } from './templates.js'

const { leadsTo } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  accessOnlyWhile({
    what: 'the codec',
    name: 'access-only-while-active',
    says: 'The handler reads registers only while the device is active.',
    access: 'handler.regmap_irq_thread:read_irq_data',
    allowed: (s) => s.dev.status === 'active',
  }),
  leadsTo('handled-again', 'After the resume an interrupt that is pending is handled.', {
    from: (s, at) => at('pm', 'end') && s.line.pending,
    to: (s) => !s.line.pending,
  }),
]

export default properties
