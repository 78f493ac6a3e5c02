/** What work items of a UFS host owe: they touch it only while it has clocks, and go on after a sleep. */

import { propertiesOver, type Properties } from '../src/index.js'
import { kernelProperties } from '../src/kernel.js'
import model, { state } from '../models/ufs-suspend.js'
import { templatesOver } from './templates.js'

const { leadsTo, reachable } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  ...kernelProperties(model),
  accessOnlyWhile({
    what: 'the host',
    name: 'access-only-with-clocks',
    says: 'Work items touch the host only while its clocks run.',
    access: ['rtc.ufshcd_rtc_work:ufshcd_update_rtc', 'eeh.ufshcd_exception_event_handler:ufshcd_get_ee_status'],
    allowed: (s) => s.clocks === 'on',
  }),
  leadsTo('clock-goes-on', 'After an attempt to sleep the update of the clock is queued again.', {
    from: (_, at) => at('pm', 'end'),
    to: (s) => s.rtc.queued !== 'idle',
  }),
  reachable('can-sleep', 'The clocks can be gated.', (s) => s.clocks === 'gated'),
]

export default properties
