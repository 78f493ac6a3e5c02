/** What must hold when several privileged domains may park and resume each other. */

import { propertiesOver } from '../src/index.js'
import { backend, isControl, leaving, names, state } from '../models/xen-arm-control.js'

const { always, reachable, leadsTo } = propertiesOver(state)

export default [
  always('somebody-can-resume', 'While the host is up and nobody is parking, some control domain is awake.', {
    when: (s, at) => s.host === 'up' && names.every((_, i) => !leaving(at, i)),
    holds: (s) => s.dom.some(({ parked }, i) => isControl(s, i) && !parked),
  }),
  always('no-live-client', 'While the host is up, a domain that is parked has no client that is not.', {
    when: (s) => s.host === 'up' && s.dom[backend(s)]!.parked,
    holds: (s) => s.dom[2]!.parked,
  }),
  always('sleeps-only-when-ready', 'The host sleeps only while every domain is parked.', {
    when: (s) => s.host === 'asleep',
    holds: (s) => s.dom.every(({ parked }) => parked),
  }),
  reachable('host-can-sleep', 'The machine can get to sleep.', (s) => s.host === 'asleep'),
  leadsTo('request-served', 'A request is served, unless the machine goes to sleep.', {
    from: (s) => s.ring === 'queued',
    to: (s) => s.ring === 'empty' || s.host === 'asleep',
  }),
  leadsTo('backend-resumed', 'A parked domain with backends is resumed, unless the machine goes to sleep.', {
    from: (s) => s.dom[backend(s)]!.parked,
    to: (s) => !s.dom[backend(s)]!.parked || s.host === 'asleep',
  }),
  leadsTo('attempt-ends', 'Every attempt ends, asleep or with the requester resumed.', {
    from: (s) => s.host === 'requested',
    to: (s) => s.host === 'asleep' || s.host === 'up',
  }),
]
