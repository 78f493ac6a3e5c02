/** What the interrupt of a GPU owes: nothing while it is suspended, and everything after. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/panthor-irq.js'

const { always, leadsTo } = propertiesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  always('masked-while-suspended', 'While the driver takes the GPU for suspended, it cannot raise an interrupt.', {
    when: (s) => s.state === 'suspended',
    holds: (s) => !s.mask,
  }),
  leadsTo('unmasked-again', 'After the resume the GPU can raise interrupts again.', {
    from: (_, at) => at('pm', 'end'),
    to: (s) => s.mask,
  }),
]

export default properties
