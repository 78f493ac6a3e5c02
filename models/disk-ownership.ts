/**
 * Who owns the disks when a live migration is cancelled or fails, in QEMU.
 *
 * Source: migration/migration.c (migration_cancel, migration_completion_precopy, migration_switchover_prepare, migration_completion,
 * migration_completion_end, migration_iteration_finish, process_incoming_migration_bh), migration/block-active.c and block.c of QEMU 10.0.13;
 * for its history the same files from fe904ea824 (2016) on. BQL is QEMU's big lock.
 */

import { bool, env, environment, int, oneOf, parameter, source, system } from '../src/index.js'
import { patches } from './disk-ownership/patches.js'
import { restart, restartWithout, underWay, words, type State } from './disk-ownership/state.js'

const parameters = {
  attempts: parameter(int(1, 3), 2, 'how many migrations the management starts'),
  failures: parameter(int(0, 2), 1, 'how many steps may fail'),
  starts: parameter(oneOf('running', 'paused'), 'running', 'whether the machine runs when it is migrated'),
  pauses: parameter(bool(), true, 'pause-before-switchover, which libvirt asks for'),
  autostart: parameter(bool(), false, 'whether the destination was started without -S, and runs once it is loaded'),
}

const { model, thread, step, action } = words
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
  patches,
  resting: (s, at) => at('migrate', 'end') || (at('migrate', 'qmp_migrate') && s.attempts === 0),
  abstractions: [
    'Precopy only, without COLO. All disks are one: they are given up and taken back together, so an inactivation that stops half-way keeps them all.',
    'Images are locked by their owner (file-posix), and bdrv_activate_all() fails on nothing else.',
    'A second migration goes to a fresh destination, and begins when the first has come to its end: that qmp_migrate() may wipe the state under a thread that has published FAILED and not finished is said on the page of findings.',
    'Shutting the channel down belongs to the step that sets CANCELLING, so that whoever looks for an error of the channel looks for a cancellation.',
  ],
})
