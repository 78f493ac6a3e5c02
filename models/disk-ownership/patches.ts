/** Older and proposed forms of QEMU's migration, and planted errors. */

import { conclude, restart, restartWithout, words } from './state.js'

const { patch, edit } = words

/** The same edit at all three exits. */
function exits<T>(change: (name: 'finish-failed' | 'finish-late-failure' | 'finish-cancelled') => T): T[] {
  return (['finish-failed', 'finish-late-failure', 'finish-cancelled'] as const).map(change)
}

export const patches = [
  patch('swap-decides', {
    kind: 'fix',
    says: 'Completion is a compare-and-swap from the state that it looked at: a cancellation that came before wins.',
    reference: 'a proposal of ours; so it was in 2023 still (read at 99694362ee, 2017)',
    edits: [
      edit.replace('migrate.migration_completion_end', {
        either: {
          completed: {
            when: (s) => s.status !== 'cancelling',
            then: (d) => void (d.status = 'completed'),
            goto: 'end',
          },
          cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
        },
      }),
    ],
  }),
  patch('failing', {
    kind: 'fix',
    says: 'FAILED is published once the disks are back; until then the migration counts as running.',
    reference:
      'MIGRATION_STATUS_FAILING, qemu-devel, 22 December 2025; in May 2024 migration_completion_failed() took the disks back first',
    edits: (['publish-failed', 'publish-late-failure'] as const).map((label) =>
      edit.replace(`migrate.${label}`, {
        then: (d) => {
          if (d.status !== 'cancelling') d.status = 'failing'
        },
      }),
    ),
  }),
  patch('no-disks-no-start', {
    kind: 'fix',
    says: 'A machine whose disks do not come back is not started.',
    reference:
      'migration_iteration_finish() looks at the answer of migration_block_activate(), context of the mail of 22 December 2025',
    edits: exits((name) => edit.replace(`migrate.${name}/locked`, { then: conclude })),
  }),
  patch('kept-down-after-failure', {
    kind: 'era',
    says: 'A migration that fails after the disks were given up restarts the machine without them.',
    reference: 'before fe904ea824',
    edits: [edit.replace('migrate.finish-failed/ok', { then: restartWithout })],
  }),
  patch('kept-down-after-cancel', {
    kind: 'era',
    says: 'A migration that is cancelled after the disks were given up restarts the machine without them.',
    reference: 'before 1d2acc3162',
    edits: [edit.replace('migrate.finish-cancelled/ok', { then: restartWithout })],
  }),
  patch('kept-down-after-late-failure', {
    kind: 'era',
    says: 'A failure that the destination reports late restarts the machine without its disks.',
    reference: 'before 6dab4c93ec',
    edits: [edit.replace('migrate.finish-late-failure/ok', { then: restartWithout })],
  }),
  patch('taken-back-only-to-run', {
    kind: 'era',
    says: 'The disks come back only when the machine is restarted, so a paused one keeps none.',
    reference: 'before the series of December 2024',
    edits: exits((name) =>
      edit.replace(`migrate.${name}/ok`, { then: (d) => (d.ran ? restart(d) : restartWithout(d)) }),
    ),
  }),
  patch('inactivated-twice', {
    kind: 'era',
    says: 'bdrv_inactivate_all() is called whether or not the disks were given up before, and asserts that they were not.',
    reference: 'before the series of December 2024; issue 2395',
    edits: [
      edit.replace('migrate.bdrv_inactivate_all/ok', { when: () => true }),
      edit.remove('migrate.bdrv_inactivate_all/already'),
    ],
  }),
  patch('always-restarted', {
    kind: 'fault',
    says: 'After a failure the machine is started whether or not it ran before.',
    edits: [
      edit.replace('migrate.finish-failed/ok', {
        then: (d) => {
          restart(d)
          d.vm = 'running'
        },
      }),
    ],
  }),
  patch('failed-save-completes', {
    kind: 'fault',
    says: 'A device state that could not be sent is taken for sent.',
    edits: [edit.replace('migrate.qemu_savevm_state_complete/fails', { goto: 'await_return_path' })],
  }),
  patch('cancel-not-seen', {
    kind: 'fault',
    says: 'A cancellation that came while the destination was awaited ends the last look, and nothing follows.',
    edits: [edit.remove('migrate.migration_completion/cancelled')],
  }),
  patch('cancelled-for-nothing', {
    kind: 'fault',
    says: 'Completion takes the exit of a cancellation although nobody cancelled.',
    edits: [edit.replace('migrate.migration_completion/cancelled', { when: () => true })],
  }),
  patch('device-skipped', {
    kind: 'fault',
    says: 'The switchover begins without the state device: disks are given up while the migration is called active.',
    edits: [edit.replace('migrate.migration_switchover_prepare/ok', { then: () => undefined })],
  }),
  patch('left-stopped', {
    kind: 'fault',
    says: 'After a failure the disks come back, and nobody starts the machine again.',
    edits: exits((name) =>
      edit.replace(`migrate.${name}/ok`, {
        then: (d) => {
          d.source = true
          conclude(d)
        },
      }),
    ),
  }),
  patch('never-converges', {
    kind: 'fault',
    says: 'The migration is never complete.',
    edits: [edit.replace('migrate.migration_completion/ok', { when: () => false })],
  }),
  patch('locks-ignored', {
    kind: 'fault',
    says: 'The destination starts without a lock of the images.',
    edits: [edit.replace('peer.process_incoming_migration_bh', { when: (s) => s.peer === 'loaded' })],
  }),
]
