/** What a resume may count on as to interrupts, and what interrupts may count on. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/resume-interrupts.js'
import { templatesOver } from './templates.js'

const { leadsTo, step } = propertiesOver(state)
const { accessOnlyWhile } = templatesOver(state)

const properties: Properties = [
  leadsTo('suspend-ends', 'A suspend that was begun ends, in this domain or in a new one.', {
    from: (_, at) => !at('do_suspend', 'dpm_suspend_end'),
    to: (_, at) => at('do_suspend', 'dpm_suspend_end'),
  }),
  leadsTo('sleeper-wakes', 'Who sleeps during a resume is woken by the timer.', {
    from: (s) => s.asleep,
    to: (s) => !s.asleep,
  }),
  leadsTo('packet-polled', 'A packet that has come in is taken from the ring.', {
    from: (s) => s.packet,
    to: (s) => !s.packet,
  }),
  step('quiet-hypercall', 'The hypercall is made with device interrupts off and the tick suspended.', {
    on: 'do_suspend.xen_suspend',
    holds: (before) => !before.deviceInterrupts && !before.tick,
  }),
  accessOnlyWhile({
    what: 'a ring',
    name: 'ring-connected',
    says: 'A poll that has begun works on a ring that is connected, to its end.',
    access: 'xennet_poll.xennet_tx_buf_gc',
    allowed: (s) => s.ring,
  }),
]

export default properties
