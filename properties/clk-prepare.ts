/** What the prepare lock and runtime PM owe each other: nobody waits in vain. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/clk-prepare.js'

const { possible } = propertiesOver(state)

const properties: Properties = (parameters) => [
  ...kernelProperties(model, { parameters }),
  possible('boot-goes-on', 'Unused clocks can always be switched off in the end.', (_, at) => at('swapper', 'end')),
]

export default properties
