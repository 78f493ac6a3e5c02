/** What must hold between a suspend and everybody who uses xenstore. */

import { state } from '../models/xenbus-locks/state.js'
import { propertiesOver, type Properties, type Property } from '../src/index.js'
import { templatesOver } from './templates.js'

const { always, possible, step, leadsTo } = propertiesOver(state)
const { setUpOnce } = templatesOver(state)

/** The labels of the suspend thread at which it may own locks of its own. */
const holding = ['lock_requests', 'lock_responses', 'hypercall', 'returns', 'release'] as const

const locked: readonly Property[] = [
  always('lock-balance', 'The suspender owns a xenbus lock only from xs_suspend to xs_resume.', (s, at) =>
    [s.transactionLock, s.responseLock, at('suspend', 'read_reply') ? 'free' : s.requestLock].every(
      (owner) => owner !== 'suspender' || at('suspend', ...holding),
    ),
  ),
  always(
    'whole-messages',
    'A domain is suspended with no request on the ring, no message read by half and no transaction of a driver open.',
    {
      when: (s) => s.domain === 'suspended',
      holds: (s) => s.message === 'none' && !s.halfRead && !s.transactions.driver,
    },
  ),
  always(
    'no-transaction-left',
    'A transaction that its owner has ended is not counted any more.',
    (s, at) =>
      (!at('driver', 'begin') || !s.transactions.driver) &&
      s.transactions.user === (at('user', 'transaction_end') ? 1 : 0),
  ),
  setUpOnce({
    what: 'a work item',
    name: 'no-reinitialisation-of-a-queued-work',
    says: 'The work item that resumes a frontend is not initialised while it is queued.',
    setup: 'suspend.INIT_WORK',
    present: (s) => s.work === 'queued',
  }),
  possible('requests-answered', 'Every request to xenstore can still be answered.', {
    when: (s) => s.message !== 'none',
    holds: (s) => s.message === 'none',
  }),
  step('one-at-a-time', 'A request is sent only when none is under way, and its sender goes on only with the reply.', {
    on: ['*.xs_talkv', '*.read_reply', 'suspend.xenbus_dev_resume/asks_xenstored'],
    holds: (before, _, { step: taken }) => before.message === (taken.endsWith('read_reply') ? 'delivered' : 'none'),
  }),
  possible('suspend-returns', 'A suspend that was begun can still end, and what it has deferred be done.', {
    when: (s, at) => !at('suspend', 'freeze_processes') || s.work === 'queued',
    holds: (s, at) => at('suspend', 'freeze_processes') && s.work === 'idle',
  }),
]

/** What is on the way, and how many users that is. */
const under = (s: { readonly asked: Readonly<Record<string, string>> }): number =>
  Object.values(s.asked).filter((asked) => asked !== 'none').length

const counted: readonly Property[] = [
  always(
    'lock-balance',
    'The suspender owns a xenbus lock only from xs_suspend to xs_resume.',
    (s, at) => s.responseLock !== 'suspender' || at('suspend', 'hypercall', 'returns', 'release'),
  ),
  always(
    'whole-messages',
    'A domain is suspended with no request on the ring, no message read by half and no transaction of a driver open.',
    {
      when: (s) => s.domain === 'suspended',
      holds: (s) => under(s) === 0 && !s.halfRead && s.users === 0,
    },
  ),
  always(
    'users-are-counted',
    'Whoever is under way is counted, and nobody else: requests, and transactions of the kernel.',
    (s, at) =>
      s.users ===
      under(s) +
        ['driver-first', 'driver-second'].filter((who) => at(who, 'wait-started', 'transaction_end', 'wait-ended'))
          .length,
  ),
  possible('requests-answered', 'Every request to xenstore can still be answered.', {
    when: (s) => under(s) > 0,
    holds: (s) => under(s) === 0,
  }),
  possible('suspend-returns', 'A suspend that was begun can still end.', {
    when: (_, at) => !at('suspend', 'freeze_processes'),
    holds: (_, at) => at('suspend', 'freeze_processes'),
  }),
  leadsTo('suspend-gets-in', 'A suspend that waits for requests comes to its turn, however many there are.', {
    from: (_, at) => at('suspend', 'wait_event'),
    to: (_, at) => at('suspend', 'lock_responses'),
  }),
]

const properties: Properties = ({ requests }) => (requests === 'counted' ? counted : locked)

export default properties
