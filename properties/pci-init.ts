/** What the set-up of a PCI device owes: nothing half done is saved, and its driver finds what was set up. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/pci-init.js'

const { always, reachable, step } = propertiesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  step('saved-when-set-up', 'A device that goes to sleep saves registers that were assigned.', {
    on: 'udev.pm_runtime_allow:pci_save_state',
    holds: (before) => before.bars === 'assigned',
  }),
  always('set-up-for-its-driver', 'A driver finds the registers assigned.', {
    when: (_, at) => at('scan', 'local_pci_probe:probe', 'end'),
    holds: (s) => s.bars === 'assigned',
  }),
  reachable('can-sleep', 'The device can sleep.', (s) => s.dev.status === 'suspended'),
]

export default properties
