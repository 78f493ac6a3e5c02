/** What must hold of a guest that parks itself and of the interrupt that is to wake it. */

import { propertiesOver } from '../src/index.js'
import { state } from '../models/xen-guest-suspend.js'

const { always, step, reachable, leadsTo } = propertiesOver(state)

export default [
  step('starts-at-entry', 'A guest that parked itself goes on at its resume entry, not behind the call.', {
    on: 'guest.resumed',
    holds: (before) => before.pc === 'entry',
  }),
  always('context-used-once', 'A recorded context belongs to a parking that is still under way.', {
    when: (s) => s.context,
    holds: (s) => s.guest.parked,
  }),
  step('image-left-alone', 'A VCPU’s registers are written by the resume only while it is off its CPU.', {
    on: 'xl.*',
    when: (before, after) => before.pc !== after.pc,
    holds: (before) => !before.guest.onCpu,
  }),
  always('interrupt-not-lost', 'An event for the guest reaches it.', (s) => s.last !== 'lost'),
  always('no-spurious-wake', 'A guest is not woken by another guest’s event.', (s) => !s.spurious),
  reachable(
    'guest-comes-back',
    'A guest that parked itself can come back.',
    (s) => s.pc === 'entry' && !s.guest.paused,
  ),
  leadsTo('event-taken', 'An interrupt that is pending for a guest is taken in the end.', {
    from: (s) => s.line === 'virtual',
    to: (s) => s.line !== 'virtual',
  }),
  leadsTo('woken-guest-runs', 'A parked guest with an interrupt pending for it comes to run.', {
    from: (s) => s.guest.parked && s.line === 'virtual',
    to: (s) => s.guest.onCpu && !s.guest.parked,
  }),
]
