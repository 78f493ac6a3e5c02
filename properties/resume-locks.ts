/** What must hold of locks that a resume takes. */

import type { Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/resume-locks.js'
import { templatesOver } from './templates.js'

const { attemptTerminates, requestServed, noWorkAfterFreeze, accessOnlyWhile, readyAtCommit, everyoneBack } =
  templatesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  attemptTerminates({
    what: 'a suspend',
    name: 'suspend-ends',
    says: 'A suspend that was begun ends, with the devices resumed.',
    attempt: (_, at) => !at('xenwatch', 'shutdown_handler'),
    ended: (_, at) => at('xenwatch', 'shutdown_handler'),
  }),
  requestServed({
    what: 'an allocation',
    name: 'allocation-succeeds',
    says: 'Who waits for memory gets it, whatever has to be written for it.',
    queued: (_, at) => at('khubd', 'hub_event:folio_wait_writeback'),
    served: (_, at) => !at('khubd', 'hub_event:folio_wait_writeback'),
  }),
  noWorkAfterFreeze({
    what: 'khubd',
    name: 'no-work-on-suspended-devices',
    says: 'While a device is suspended, no thread that can be frozen works.',
    own: 'khubd.*',
    frozen: (s) => s.usb === 'suspended' || s.disk === 'suspended',
  }),
  accessOnlyWhile({
    what: 'the USB device',
    name: 'usb-lock-respected',
    says: 'The USB device is suspended and resumed only with its lock held.',
    access: ['xenwatch.device_suspend:usb_suspend', 'xenwatch.device_resume:usb_resume'],
    allowed: (s) => s.usbLock === 'xenwatch',
  }),
  readyAtCommit({
    what: 'the domain',
    says: 'The domain is suspended only when the devices that need it are.',
    commit: 'xenwatch.HYPERVISOR_suspend',
    ready: (s) => s.usb === 'suspended',
  }),
  everyoneBack({
    what: 'the devices',
    idle: (_, at) => at('xenwatch', 'shutdown_handler'),
    running: [(s) => s.usb === 'active', (s) => s.disk === 'active', (s) => !s.wq.frozen],
  }),
]

export default properties
