/** What must hold of pauses around a freeze and a thaw of all domains. */

import { propertiesOver } from '../src/index.js'
import { allFrozen, state } from '../models/xen-domain-freeze.js'
import { templatesOver } from './templates.js'

const { always, reachable, step } = propertiesOver(state)
const { readyBeforeUse, noWorkAfterFreeze } = templatesOver(state)

export default [
  always(
    'pause-counts-balanced',
    'Outside of freeze and thaw a domain’s pause count is what its holders hold, and Dom0 is not held.',
    {
      when: (_, at) => at('freeze', 'begin'),
      holds: (s) => s.dom[0]!.held === 0 && s.dom.every(({ exists, pause, held }) => !exists || pause === held),
    },
  ),
  always('never-negative', 'No domain is unpaused more often than it was paused.', (s) =>
    s.dom.every(({ pause }) => pause >= 0),
  ),
  readyBeforeUse({
    what: 'a domain',
    name: 'starts-when-built',
    says: 'A domain does not run before its builder lets it.',
    use: 'dom1.run',
    ready: (s) => s.dom[1]!.built,
  }),
  noWorkAfterFreeze({
    what: 'a domain',
    name: 'held-does-not-run',
    says: 'A domain that somebody has paused does not run.',
    own: 'dom1.run',
    frozen: (s) => s.dom[1]!.held > 0,
  }),
  step('paused-does-not-build', 'A domain that is paused builds nothing.', {
    on: 'build.*',
    holds: (before) => before.dom[before.builder]!.pause === 0,
  }),
  always('all-are-frozen', 'At the end of the freeze every domain is paused.', {
    when: (_, at) => allFrozen(at),
    holds: (s) => s.dom.every(({ exists, pause }) => !exists || pause > 0),
  }),
  reachable('is-built-and-runs', 'The new domain comes to run.', (s) => s.dom[1]!.built && s.dom[1]!.pause === 0),
]
