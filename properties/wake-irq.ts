/** What the end of a wake-up interrupt owes: it is freed, and once. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/wake-irq.js'

const { eventually } = propertiesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  eventually('freed-in-the-end', 'What nobody has attached any more is freed.', (s) => s.wirq === 'freed'),
]

export default properties
