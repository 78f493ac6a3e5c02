/** What a pause owes: it ends, nobody gives up, and a guest that runs again has the right time. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/vmm-pause.js'

const { always, possible, step } = propertiesOver(state)

const properties: Properties = (parameters) => [
  ...kernelProperties(model, { parameters }),
  possible('pause-ends', 'What the VMM does can always come to its end.', (_, at) => at('vmm', 'end')),
  ...(parameters.what === 'activation'
    ? [always('no-timeout', 'No migration is given up because a virtual CPU does not answer.', (s) => !s.gaveUp)]
    : []),
  ...(parameters.what === 'clock'
    ? [
        step('guest-has-its-time', 'A guest runs only after its clock was restored.', {
          on: 'vcpu.start_vcpu:KVM_RUN',
          holds: (before) => before.clock === 'restored',
        }),
      ]
    : []),
]

export default properties
