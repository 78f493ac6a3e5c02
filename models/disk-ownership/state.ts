/** The state of a migration and of the disks, and what the exits of the migration thread do with them. */

import { bool, int, oneOf, over, record, type ValueOf } from '../../src/index.js'

/** The states from which migration_cancel() goes to cancelling. */
export const underWay = ['active', 'pre-switchover', 'device'] as const

export const state = ({ attempts, failures }: { readonly attempts: number; readonly failures: number }) =>
  record({
    /** The source's machine, whether it ran when the migration began, and whether the source owns the disks. */
    vm: oneOf('running', 'paused'),
    ran: bool(),
    source: bool(),
    /** The destination: waiting for data, loaded and stopped, or running; and whether it owns the disks. */
    peer: oneOf('waiting', 'loaded', 'running'),
    destination: bool(),
    /** MigrationState.state; failing is a proposal. */
    status: oneOf('none', ...underWay, 'cancelling', 'cancelled', 'failing', 'failed', 'completed'),
    attempts: int(0, attempts),
    failures: int(0, failures),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

export const words = over(state)

/** What the migration is called in the end. */
export const conclude = (d: State): void => {
  d.status = d.status === 'cancelling' ? 'cancelled' : 'failed'
}

/** If it ran before, the machine runs again, with or without disks. */
export const restartWithout = (d: State): void => {
  if (d.ran) d.vm = 'running'
  conclude(d)
}

/** migration_iteration_finish(): the disks come back, and the machine is as it was. */
export const restart = (d: State): void => {
  d.source = true
  restartWithout(d)
}
