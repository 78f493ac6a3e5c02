/** A PCI device that user space lets sleep while it is still being set up: drivers/pci/pci.c, bus.c and pci-driver.c of Linux 7.3.4. */

import { bool, environment, oneOf, over, record, source, system } from '../src/index.js'
import { activeDevice, kernelOver, runtimePM } from '../src/kernel.js'

export const state = record({
  dev: runtimePM({ disabled: 1 }),
  /** The base address registers of the device, and what of them was saved last. */
  bars: oneOf('unassigned', 'assigned'),
  saved: oneOf('unassigned', 'assigned'),
  /** Its power/control is there. */
  visible: bool(),
})
const { model, thread, call, does, set, patch, edit } = over(state)
const { dev } = kernelOver(state)
const bus = source('drivers/pci/bus.c', 'pci_bus_add_device')
const enable = 'scan.pci_bus_add_device:pm_runtime_enable:dev'

const save = does('pci_save_state', { then: (d) => void (d.saved = d.bars) })
const restore = does('pci_restore_state', { then: (d) => void (d.bars = d.saved) })

export default model('pci-init', {
  question: 'Can a PCI device lose what it was set up with because user space lets it sleep too early?',
  actors: { scan: system('who scans the bus'), user: environment('udev, which writes power/control') },
  initial: () => ({
    dev: { ...activeDevice, disabled: 1 },
    bars: 'unassigned',
    saved: 'unassigned',
    visible: false,
  }),
  parts: () => [
    thread(
      'scan',
      { actor: 'scan' },
      call(source('drivers/pci/pci.c', 'pci_pm_init'), dev.getNoresume),
      call(source('drivers/base/core.c', 'device_add'), set({ visible: true })),
      call(source('drivers/pci/setup-bus.c', 'pci_assign_unassigned_bus_resources'), set({ bars: 'assigned' })),
      call(bus, save, dev.enable),
      call(source('drivers/pci/pci-driver.c', 'local_pci_probe'), dev.getSync(restore), does('probe')),
    ),
    thread(
      'udev',
      { actor: 'user', while: (s) => s.visible },
      call(source('drivers/base/power/runtime.c', 'pm_runtime_allow'), dev.putSync(save)),
      call(source('drivers/base/power/runtime.c', 'pm_runtime_forbid'), dev.getSync(restore)),
    ),
  ],
  patches: [
    patch('enabled-early', {
      kind: 'era',
      says: 'Runtime PM is enabled as soon as the device was found.',
      reference: 'before 51c0996dadae',
      edits: [edit.move(enable, { after: 'scan.pci_pm_init:pm_runtime_get_noresume:dev' })],
    }),
    patch('never-enabled', {
      kind: 'fault',
      says: 'It is not enabled at all.',
      edits: [edit.remove(enable)],
    }),
    patch('not-restored', {
      kind: 'fault',
      says: 'Its resume leaves the device as the sleep has left it.',
      edits: [edit.replace('scan.local_pci_probe:pci_restore_state', { then: (d) => void (d.bars = 'unassigned') })],
    }),
  ],
  resting: (_, at) => at('scan', 'end'),
  abstractions: [
    'A sleep takes nothing from the registers by itself; what its resume writes back does.',
    'pm_runtime_forbid() is a reference that is held from the start; power/control is written twice, auto and on.',
  ],
})
