/** What callbacks owe: what they use is there, and it can go in the end. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/callback-lifetime.js'

const { possible } = propertiesOver(state)

const properties: Properties = (parameters) => [
  ...kernelProperties(model, { parameters }),
  possible('object-can-go', 'The object can always be freed in the end.', (s) => s.object === 'freed'),
]

export default properties
