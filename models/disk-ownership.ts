/**
 * Who owns the disks when a live migration is cancelled or fails, in QEMU.
 *
 * Sources: migration/migration.c and block.c of QEMU, from fe904ea824 (2016) to the single owner flag of December 2024.
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
}

interface Choice {
  readonly attempts: number
  readonly failures: number
}

export const state = ({ attempts, failures }: Choice) =>
  record({
    /** The source's machine, whether it ran when the migration began, and whether the source owns the disks. */
    vm: oneOf('running', 'paused'),
    ran: bool(),
    source: bool(),
    /** The destination: waiting for data, loaded and stopped, or running; and whether it owns the disks. */
    peer: oneOf('waiting', 'loaded', 'running'),
    destination: bool(),
    status: oneOf('none', 'active', 'cancelling', 'cancelled', 'failed', 'completed'),
    attempts: int(0, attempts),
    failures: int(0, failures),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'migration/migration.c'

const origin = (symbol: string) => source(file, symbol)
const concluded: readonly State['status'][] = ['none', 'cancelled', 'failed']

/** The disks come back and, if it ran before, the machine runs again. */
const restart = (d: State): void => {
  d.source = true
  if (d.ran) d.vm = 'running'
}

/** The machine runs again, and nobody looks after the disks. */
const restartOnly = (d: State): void => {
  if (d.ran) d.vm = 'running'
}

const mayFail = (s: Readonly<State>): boolean => s.failures > 0

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
  parts: () => [
    thread(
      'migrate',
      { actor: 'migration' },
      step('qmp_migrate', {
        origin: origin('qmp_migrate'),
        when: (s) => s.attempts > 0 && concluded.includes(s.status),
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
          fails: {
            says: 'the connection breaks',
            when: mayFail,
            then: (d) => void d.failures--,
            goto: 'finish-failed',
          },
        },
      }),
      step('vm_stop_force_state', {
        origin: origin('migration_stop_vm'),
        then: (d) => void (d.vm = 'paused'),
      }),
      step('bdrv_inactivate_all', {
        origin: source('block.c', 'bdrv_inactivate_all'),
        either: {
          ok: { when: (s) => s.source, then: (d) => void (d.source = false) },
          already: { says: 'the flag says that they are given up already', when: (s) => !s.source },
          fails: {
            says: 'a flush fails: the disks are kept',
            when: (s) => s.source && mayFail(s),
            then: (d) => void d.failures--,
            goto: 'finish-failed',
          },
        },
      }),
      step('qemu_savevm_state_complete', {
        origin: source('migration/savevm.c', 'qemu_savevm_state_complete_precopy'),
        says: 'the device state goes out, after which the destination has everything',
        either: {
          ok: { then: (d) => void (d.peer = 'loaded') },
          fails: { when: mayFail, then: (d) => void d.failures--, goto: 'finish-failed' },
        },
      }),
      step('await_return_path', {
        origin: origin('close_return_path_on_source'),
        either: {
          ok: {},
          fails: {
            says: 'the destination reports an error after it was given everything',
            when: mayFail,
            then: (d) => void d.failures--,
            goto: 'finish-late-failure',
          },
        },
      }),
      step('migration_completion', {
        origin: origin('migration_completion'),
        says: 'a compare-and-swap from active to completed decides between the migration and its cancellation',
        either: {
          completed: { when: (s) => s.status === 'active', then: (d) => void (d.status = 'completed'), goto: 'end' },
          cancelled: { when: (s) => s.status === 'cancelling', goto: 'finish-cancelled' },
        },
      }),
      step('finish-failed', {
        origin: origin('migration_iteration_finish'),
        then: (d) => {
          restart(d)
          d.status = 'failed'
        },
        goto: 'qmp_migrate',
      }),
      step('finish-late-failure', {
        origin: origin('migration_iteration_finish'),
        then: (d) => {
          restart(d)
          d.status = 'failed'
        },
        goto: 'qmp_migrate',
      }),
      step('finish-cancelled', {
        origin: origin('migration_iteration_finish'),
        then: (d) => {
          restart(d)
          d.status = 'cancelled'
        },
        goto: 'qmp_migrate',
      }),
    ),
    action('migrate_cancel', {
      actor: 'management',
      origin: origin('qmp_migrate_cancel'),
      when: (s) => s.status === 'active',
      then: (d) => void (d.status = 'cancelling'),
    }),
    action('cont', {
      actor: 'management',
      origin: env('the management starts the destination once the source has reported "completed"'),
      when: (s) => s.status === 'completed' && s.peer === 'loaded',
      then: (d) => {
        d.peer = 'running'
        d.destination = true
      },
    }),
  ],
  patches: [
    patch('kept-down-after-failure', {
      kind: 'era',
      says: 'A migration that fails after the disks were given up restarts the machine without them.',
      reference: 'before fe904ea824',
      edits: [
        edit.replace('migrate.finish-failed', {
          then: (d) => {
            restartOnly(d)
            d.status = 'failed'
          },
        }),
      ],
    }),
    patch('kept-down-after-cancel', {
      kind: 'era',
      says: 'A migration that is cancelled after the disks were given up restarts the machine without them.',
      reference: 'before 1d2acc3162',
      edits: [
        edit.replace('migrate.finish-cancelled', {
          then: (d) => {
            restartOnly(d)
            d.status = 'cancelled'
          },
        }),
      ],
    }),
    patch('kept-down-after-late-failure', {
      kind: 'era',
      says: 'A failure that the destination reports late restarts the machine without its disks.',
      reference: 'before 6dab4c93ec',
      edits: [
        edit.replace('migrate.finish-late-failure', {
          then: (d) => {
            restartOnly(d)
            d.status = 'failed'
          },
        }),
      ],
    }),
    patch('taken-back-only-to-run', {
      kind: 'era',
      says: 'The disks come back only when the machine is restarted, so a paused one keeps none.',
      reference: 'before the owner flag of December 2024',
      edits: (['failed', 'late-failure', 'cancelled'] as const).map((exit) =>
        edit.replace(`migrate.finish-${exit}`, {
          then: (d) => {
            if (d.ran) restart(d)
            d.status = exit === 'cancelled' ? 'cancelled' : 'failed'
          },
        }),
      ),
    }),
    patch('inactivated-twice', {
      kind: 'era',
      says: 'bdrv_inactivate_all() is called whether or not the disks were given up before.',
      reference: 'before the owner flag of December 2024; issue 2395',
      edits: [
        edit.replace('migrate.bdrv_inactivate_all/ok', { when: () => true }),
        edit.remove('migrate.bdrv_inactivate_all/already'),
      ],
    }),
    patch('destination-starts-itself', {
      kind: 'fault',
      says: 'The destination starts as soon as it has everything, without waiting for the outcome at the source.',
      edits: [edit.replace('management.cont', { when: (s) => s.peer === 'loaded' })],
    }),
    patch('always-restarted', {
      kind: 'fault',
      says: 'After a failure the machine is started whether or not it ran before.',
      edits: [
        edit.replace('migrate.finish-failed', {
          then: (d) => {
            d.source = true
            d.vm = 'running'
            d.status = 'failed'
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
      says: 'A cancellation during completion is not looked for.',
      edits: [edit.remove('migrate.migration_completion/cancelled')],
    }),
    patch('cancel-overtaken', {
      kind: 'fault',
      says: 'Completion stores its status without looking whether the migration was cancelled.',
      edits: [edit.replace('migrate.migration_completion/completed', { when: () => true })],
    }),
    patch('cancelled-for-nothing', {
      kind: 'fault',
      says: 'Completion takes the exit of a cancellation although nobody cancelled.',
      edits: [edit.replace('migrate.migration_completion/cancelled', { when: () => true })],
    }),
    patch('never-converges', {
      kind: 'fault',
      says: 'The migration is never complete.',
      edits: [edit.replace('migrate.migration_completion/completed', { when: () => false })],
    }),
  ],
  resting: (s, at) => at('migrate', 'end') || (at('migrate', 'qmp_migrate') && s.attempts === 0),
  abstractions: [
    'Precopy only. All disks are one: they are given up and taken back together.',
    'A second migration goes to a fresh destination.',
  ],
})
