/** What the recovery of a modem owes: it is over before the device sleeps, and comes if it is needed. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/mhi-recovery.js'
import { templatesOver } from './templates.js'

const { always, leadsTo, possible } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  accessOnlyWhile({
    what: 'the modem',
    name: 'recovered-only-awake',
    says: 'The recovery touches the modem only while that is powered, or is being resumed.',
    access: ['recovery.mhi_pci_recovery_work:pci_restore_state', 'recovery.mhi_pci_recovery_work:mhi_sync_power_up'],
    allowed: (s) => s.powered || !s.suspended,
  }),
  leadsTo('sleep-ends', 'A suspend that has begun ends, and so does its resume.', {
    from: (s) => s.suspended,
    to: (_, at) => at('pm', 'end'),
  }),
  always(
    'awake-after-sleep',
    'After the resume the core has let go of the lock, and the modem is powered and counts as awake.',
    {
      when: (_, at) => at('pm', 'end'),
      holds: (s) => s.lock !== 'pm' && s.powered && !s.suspended,
    },
  ),
  possible('watched', 'After the resume the modem can always come to work and be watched again.', {
    when: (_, at) => at('pm', 'end'),
    holds: (s) => s.alive && s.health.armed,
  }),
  possible('comes-back', 'A modem that died before the sleep can always be made to answer again.', {
    when: (_, at) => at('pm', 'device_suspend:mutex_lock:lock'),
    holds: (s) => s.alive,
  }),
]

export default properties
