/** What a migration must keep: one owner of the disks, one outcome, and a source that is whole after a failure. */

import { propertiesOver, type Properties } from '../src/index.js'
import { state } from '../models/disk-ownership/state.js'
import { templatesOver } from './templates.js'

const { always, step, reachable, possible } = propertiesOver(state)
const { releasedOnce, failureIsQuiet, outcomeReal } = templatesOver(state)

const properties: Properties = [
  always('one-owner', 'At most one QEMU owns the disks.', (s) => !(s.source && s.destination)),
  always(
    'run-needs-ownership',
    'A machine runs only where the disks are owned.',
    (s) => (s.vm === 'paused' || s.source) && (s.peer !== 'running' || s.destination),
  ),
  always('ownership-returned', 'After a migration that failed or was cancelled the source owns the disks.', {
    when: (s) => s.status === 'failed' || s.status === 'cancelled',
    holds: (s) => s.source,
  }),
  releasedOnce({
    what: 'the ownership of the disks',
    name: 'give-up-once',
    says: 'Disks are given up only by their owner.',
    release: 'migrate.bdrv_inactivate_all/ok',
    held: (s) => s.source,
  }),
  failureIsQuiet({
    what: 'a migration',
    name: 'single-outcome',
    says: 'A cancellation that is acknowledged never leaves the destination running.',
    failed: (s) => s.status === 'cancelled',
    left: [(s) => s.peer === 'running'],
  }),
  step('cancel-wins', 'A migration that is being cancelled ends as cancelled, whatever it was about to do.', {
    on: 'migrate.*',
    holds: (before, after) =>
      before.status !== 'cancelling' || after.status === 'cancelling' || after.status === 'cancelled',
  }),
  step(
    'given-up-in-device',
    'Disks are given up only in the state device: after the management has agreed, if it is asked.',
    {
      on: 'migrate.bdrv_inactivate_all/ok',
      holds: (before) => before.status === 'device',
    },
  ),
  outcomeReal({
    what: 'a cancellation',
    name: 'cancelled-only-if-asked',
    says: 'A migration ends as cancelled only if somebody cancelled it.',
    tell: 'migrate.finish-cancelled',
    real: (s) => s.status === 'cancelling',
  }),
  step('paused-stays-paused', 'A machine that was paused is not running after a migration that failed.', {
    on: 'migrate.finish-*',
    holds: (before, after) => after.vm === 'paused' || before.ran,
  }),
  step('runs-again', 'A machine that ran, and whose disks nobody else has, runs again after a migration that failed.', {
    on: 'migrate.finish-*/ok',
    holds: (before, after) => after.vm === 'running' || !before.ran,
  }),
  always(
    'complete-means-loaded',
    'A migration that is reported as completed has left the destination with everything.',
    {
      when: (s) => s.status === 'completed',
      holds: (s) => s.peer !== 'waiting' && !s.source,
    },
  ),
  possible(
    'attempt-ends',
    'Every migration can come to its end, after which, unless it has completed, the next may begin.',
    (s, at) => at('migrate', 'qmp_migrate') || (at('migrate', 'end') && s.status === 'completed'),
  ),
  reachable(
    'can-complete',
    'Some migration completes, and the machine runs at the destination.',
    (s) => s.peer === 'running',
  ),
]

export default properties
