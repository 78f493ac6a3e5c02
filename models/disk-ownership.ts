/**
 * Who owns the disks when a live migration is cancelled or fails, in QEMU.
 *
 * Source: migration/migration.c (migration_cancel, migration_completion_precopy, migration_switchover_prepare, migration_completion,
 * migration_completion_end, migration_iteration_finish, process_incoming_migration_bh), migration/block-active.c and block.c of QEMU 10.0.13;
 * for its history the same files from fe904ea824 (2016) on. BQL is QEMU's big lock.
 */

import {
  bool,
  env,
  environment,
  int,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  attempts: parameter(int(1, 3), 2, 'how many migrations the management starts'),
  failures: parameter(int(0, 2), 1, 'how many steps may fail'),
  starts: parameter(oneOf('running', 'paused'), 'running', 'whether the machine runs when it is migrated'),
  pauses: parameter(bool(), true, 'pause-before-switchover, which libvirt asks for'),
  autostart: parameter(bool(), false, 'whether the destination was started without -S, and runs once it is loaded'),
}

/** The states from which migration_cancel() goes to cancelling. */
const underWay = ['active', 'pre-switchover', 'device'] as const

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

const { model, thread, step, action, patch, edit } = over(state)
const file = 'migration/migration.c'

const origin = (symbol: string) => source(file, symbol)
/** migration_is_running(). */
const isRunning = (s: { readonly status: State['status'] }): boolean =>
  s.status !== 'none' && s.status !== 'cancelled' && s.status !== 'failed' && s.status !== 'completed'

/** The destination takes the disks and runs. */
const start = (d: State): void => {
  d.peer = 'running'
  d.destination = true
}

/** What the migration is called in the end. */
const conclude = (d: State): void => {
  d.status = d.status === 'cancelling' ? 'cancelled' : 'failed'
}

/** If it ran before, the machine runs again, with or without disks. */
const restartWithout = (d: State): void => {
  if (d.ran) d.vm = 'running'
  conclude(d)
}

/** migration_iteration_finish(): the disks come back, and the machine is as it was. */
const restart = (d: State): void => {
  d.source = true
  restartWithout(d)
}

/** FAILED is stored, unless the migration is being cancelled. */
const publish = (d: State): void => {
  if (d.status !== 'cancelling') d.status = 'failed'
}

const mayFail = (s: Readonly<State>): boolean => s.failures > 0
const fail = (d: State): void => void d.failures--

/** An exit of migration_iteration_finish(): bdrv_activate_all() fails on an image that somebody else has locked. */
const exit = {
  ok: { when: (s: Readonly<State>) => !s.destination, then: restart },
  locked: {
    says: 'the destination has the images locked: the error is printed and not looked at',
    when: (s: Readonly<State>) => s.destination,
    then: restartWithout,
  },
}

export default model('disk-ownership', {
  question: 'Does exactly one QEMU own the disks, wherever a migration is cancelled or fails?',
  parameters,
  actors: {
    migration: system('the migration thread of the source'),
    management: environment('libvirt, or whoever starts, cancels and concludes migrations'),
    peer: system('the QEMU at the destination'),
  },
  initial: ({ attempts, failures, starts }) => ({
    vm: starts,
    ran: false,
    source: true,
    peer: 'waiting',
    destination: false,
    status: 'none',
    attempts,
    failures,
  }),
  parts: ({ pauses, autostart }) => [
    thread(
      'migrate',
      { actor: 'migration' },
      step('qmp_migrate', {
        origin: origin('qmp_migrate'),
        when: (s) => s.attempts > 0 && !isRunning(s),
        then: (d) => {
          d.attempts--
          d.status = 'active'
          d.ran = d.vm === 'running'
          d.peer = 'waiting'
        },
      }),
      step('migration_iteration_run', {
        origin: origin('migration_iteration_run'),
        either: {
          converged: { when: (s) => s.status === 'active' },
          cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
          fails: { says: 'the connection breaks', when: mayFail, then: fail, goto: 'publish-failed' },
        },
      }),
      step('migration_stop_vm', {
        origin: origin('migration_stop_vm'),
        says: 'takes the BQL and stops the machine',
        either: {
          ok: { then: (d) => void (d.vm = 'paused') },
          fails: {
            says: 'vm_stop_force_state() cannot flush the disks of the machine that it has stopped',
            when: mayFail,
            then: (d) => {
              fail(d)
              d.vm = 'paused'
            },
            goto: 'publish-failed',
          },
        },
      }),
      step('migration_switchover_prepare', {
        origin: origin('migration_switchover_prepare'),
        says: 'under the BQL',
        either: {
          ok: {
            when: (s) => s.status === 'active',
            then: (d) => void (d.status = pauses ? 'pre-switchover' : 'device'),
          },
          cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
        },
      }),
      ...(pauses
        ? [
            step('pause_sem', {
              origin: origin('migration_switchover_prepare'),
              says: 'the BQL is dropped until the management says migrate-continue, or cancels',
              either: {
                continued: { when: (s) => s.status === 'pre-switchover', then: (d) => void (d.status = 'device') },
                cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
              },
            }),
          ]
        : []),
      step('bdrv_inactivate_all', {
        origin: source('block.c', 'bdrv_inactivate_all'),
        either: {
          ok: { when: (s) => s.source, then: (d) => void (d.source = false) },
          already: {
            says: 'nodes that are inactive are passed over (until 2025 a flag said so)',
            when: (s) => !s.source,
          },
          fails: {
            says: 'a flush fails: the disks are kept',
            when: (s) => s.source && mayFail(s),
            then: fail,
            goto: 'publish-failed',
          },
        },
      }),
      step('qemu_savevm_state_complete', {
        origin: source('migration/savevm.c', 'qemu_savevm_state_complete_precopy'),
        says: 'the device state goes out, after which the destination has everything; then the BQL is dropped',
        either: {
          ok: { then: (d) => void (d.peer = 'loaded') },
          fails: { when: mayFail, then: fail, goto: 'publish-failed' },
        },
      }),
      step('await_return_path', {
        origin: origin('close_return_path_on_source'),
        either: {
          ok: {},
          fails: {
            says: 'the destination reports an error after it was given everything',
            when: mayFail,
            then: fail,
            goto: 'publish-late-failure',
          },
        },
      }),
      step('migration_completion', {
        origin: origin('migration_completion'),
        says: 'the last look, without the BQL: qemu_file_get_error() of a channel that migration_cancel() shuts down',
        either: {
          ok: { when: (s) => s.status !== 'cancelling' },
          cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
        },
      }),
      step('migration_completion_end', {
        origin: origin('migration_completion_end'),
        says: 'takes the BQL and goes to COMPLETED from whatever state it finds',
        either: { completed: { then: (d) => void (d.status = 'completed'), goto: 'end' } },
      }),
      step('publish-failed', {
        origin: origin('migration_completion'),
        says: 'at its label fail, or in migration_detect_error(), and without the BQL',
        then: publish,
      }),
      step('finish-failed', {
        origin: origin('migration_iteration_finish'),
        says: 'under the BQL; migration_cleanup() follows in a bottom half',
        either: exit,
        goto: 'qmp_migrate',
      }),
      step('publish-late-failure', { origin: origin('migration_completion'), then: publish }),
      step('finish-late-failure', { origin: origin('migration_iteration_finish'), either: exit, goto: 'qmp_migrate' }),
      step('finish-cancelled', {
        origin: origin('migration_iteration_finish'),
        says: 'CANCELLED is stored by migration_cleanup(), after the disks are back',
        either: exit,
        goto: 'qmp_migrate',
      }),
    ),
    action('migrate_cancel', {
      actor: 'management',
      origin: origin('migration_cancel'),
      says: 'needs the BQL, which the migration thread keeps from the stop of the machine to the last device, but for the pause',
      when: (s, _, at) =>
        underWay.some((status) => status === s.status) &&
        !at('migrate', 'migration_switchover_prepare') &&
        !at('migrate', 'bdrv_inactivate_all') &&
        !at('migrate', 'qemu_savevm_state_complete'),
      then: (d) => void (d.status = 'cancelling'),
    }),
    autostart
      ? action('process_incoming_migration_bh', {
          actor: 'peer',
          origin: origin('process_incoming_migration_bh'),
          says: 'once everything is loaded, and the source has released its locks of the images',
          when: (s) => s.peer === 'loaded' && !s.source,
          then: start,
        })
      : action('cont', {
          actor: 'management',
          origin: env('the management starts the destination once the source has reported "completed"'),
          when: (s) => s.status === 'completed' && s.peer === 'loaded',
          then: start,
        }),
  ],
  patches: [
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
  ],
  resting: (s, at) => at('migrate', 'end') || (at('migrate', 'qmp_migrate') && s.attempts === 0),
  abstractions: [
    'Precopy only, without COLO. All disks are one: they are given up and taken back together, so an inactivation that stops half-way keeps them all.',
    'Images are locked by their owner (file-posix), and bdrv_activate_all() fails on nothing else.',
    'A second migration goes to a fresh destination, and begins when the first has come to its end: that qmp_migrate() may wipe the state under a thread that has published FAILED and not finished is said on the page of findings.',
    'Shutting the channel down belongs to the step that sets CANCELLING, so that whoever looks for an error of the channel looks for a cancellation.',
  ],
})

/** The same edit at all three exits. */
function exits<T>(change: (name: 'finish-failed' | 'finish-late-failure' | 'finish-cancelled') => T): T[] {
  return (['finish-failed', 'finish-late-failure', 'finish-cancelled'] as const).map(change)
}
