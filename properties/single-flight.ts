/** What sleep operations must keep among themselves. */

import { propertiesOver, type Properties, type Property } from '../src/index.js'
import { state } from '../models/single-flight.js'

const { always, step, possible, reachable } = propertiesOver(state)

const guest: readonly Property[] = [
  step('no-stale-request', 'Work from before a resume is not carried out after it.', {
    on: 'suspend.__shutdown_handler',
    holds: (before) => !before.stale,
  }),
  step('asked-once', 'The domain is suspended only for a request that was taken.', {
    on: 'suspend.__do_suspend',
    holds: (before) => before.shuttingDown,
  }),
  possible('asked-again', 'As long as somebody may ask, the domain can be suspended.', {
    when: (s) => s.requests > 0,
    holds: (_, at) => at('suspend', 'shutting_down'),
  }),
  reachable('can-suspend', 'The domain can be suspended.', (_, at) => at('suspend', 'shutting_down')),
]

const toolstack: readonly Property[] = [
  always('single-flight', 'Two tools never suspend the same domain.', (_, at) =>
    [0, 1].some((t) => !at(`tool(${t})`, 'suspend') && !at(`tool(${t})`, 'unlink')),
  ),
  always('lock-has-the-name', 'A tool suspends the domain only with a lock on the file that has the name.', (s, at) =>
    s.tool.every(({ fd, locked }, t) => !at(`tool(${t})`, 'suspend') || (fd === 'current' && locked)),
  ),
  possible('lock-comes-back', 'Whatever died, a tool can get the lock again.', (_, at) => at('tool(0)', 'unlink')),
]

const host: readonly Property[] = [
  always(
    'ownership-returned',
    'Between two operations none is in progress, no helper runs and no machine is stopped.',
    {
      when: (_, at) => at('sleep', 'begin'),
      holds: (s) => !s.inProgress && s.helper === 'idle' && !s.told,
    },
  ),
  always('time-transparent', 'The clocks of all machines are right after a sleep.', (s) => s.clock === 'right'),
  possible('attempt-ends', 'Every operation can come to its end.', (_, at) => at('sleep', 'begin')),
  reachable('can-sleep', 'Some operation reaches the sleep.', (_, at) => at('sleep', 'sleep')),
]

const properties: Properties = ({ what }) => ({ guest, toolstack, host })[what as 'guest' | 'toolstack' | 'host']

export default properties
