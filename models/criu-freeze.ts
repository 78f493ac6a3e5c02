/**
 * A checkpoint of a process tree in user space: CRIU freezes a control group that somebody else may have frozen before.
 *
 * Source: criu/seize.c, cgroup freezer, and the device plug-ins, from c44683c13 (2016) to fddca67cc (2025).
 */

import {
  array,
  bool,
  environment,
  int,
  member,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  tasks: parameter(int(1, 3), 2, 'how many tasks the group has'),
  foreign: parameter(oneOf('thawed', 'frozen'), 'thawed', 'the state of the group before the checkpoint'),
}

interface Choice {
  readonly tasks: number
}

/** How often the freezer is asked again before the checkpoint gives up. */
export const patience = 2

/** The tasks are all alike. */
const task = (tasks: number) => member('task', tasks)

export const state = ({ tasks }: Choice) =>
  record({
    group: oneOf('thawed', 'freezing', 'frozen'),
    /** What is remembered of the state before: nothing yet, or one of two. */
    before: oneOf('unknown', 'thawed', 'frozen'),
    /** A task is in the group, has exited, or has exited and its number belongs to a stranger. */
    task: array(task(tasks), oneOf('in', 'exited', 'stranger')),
    listed: array(task(tasks), bool()),
    strangerSeized: bool(),
    /** A device was paused through a helper that runs code in the tree. */
    paused: bool(),
    asked: int(0, 3 * patience),
    failed: bool(),
    result: oneOf('none', 'ok', 'error'),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'criu/seize.c'
const origin = (symbol: string) => source(file, symbol)

const fail = (d: State): void => {
  d.failed = true
  d.result = 'error'
}

export default model('criu-freeze', {
  question: 'Does a checkpoint, failed or not, leave a process tree as it found it, and touch nobody else?',
  parameters,
  actors: {
    criu: system('the checkpoint tool'),
    kernel: system('the cgroup freezer'),
    tree: environment('the tasks of the group'),
  },
  initial: ({ tasks, foreign }) => ({
    group: foreign,
    before: 'unknown',
    task: Array.from({ length: tasks }, () => 'in' as const),
    listed: Array.from({ length: tasks }, () => false),
    strangerSeized: false,
    paused: false,
    asked: 0,
    failed: false,
    result: 'none',
  }),
  parts: ({ tasks }) => [
    thread(
      'dump',
      { actor: 'criu' },
      step('prepare', {
        origin: source('criu/cr-dump.c', 'cr_dump_tasks'),
        either: {
          ok: {},
          fails: { says: 'something fails before the group is looked at', then: fail, goto: 'restore_freezer' },
        },
      }),
      step('get_freezer_state', {
        origin: origin('get_freezer_state'),
        then: (d) => void (d.before = d.group === 'thawed' ? 'thawed' : 'frozen'),
      }),
      step('thaw_foreign', {
        origin: origin('freeze_processes'),
        says: 'a group that somebody else has frozen is thawed for the helper',
        then: (d) => void (d.group = 'thawed'),
      }),
      step('PAUSE_DEVICES', {
        origin: source('plugins/cuda/cuda_plugin.c', 'cuda_plugin_pause_devices'),
        says: 'the helper pauses the device; for that the tree has to take a step',
        either: {
          paused: { when: (s) => s.group === 'thawed', then: (d) => void (d.paused = true) },
          timeout: { when: (s) => s.group !== 'thawed', then: fail, goto: 'restore_freezer' },
        },
      }),
      step('freezer_write_state', {
        origin: origin('freezer_write_state'),
        then: (d) => void (d.group = 'freezing'),
      }),
      step('freezer_wait_processes', {
        origin: origin('freezer_wait_processes'),
        either: {
          frozen: { when: (s) => s.group === 'frozen' },
          'ask-again': {
            when: (s) => s.group === 'freezing' && s.asked < patience,
            then: (d) => void d.asked++,
            goto: 'freezer_wait_processes',
          },
          'gives-up': {
            when: (s) => s.group === 'freezing' && s.asked === patience,
            then: fail,
            goto: 'restore_freezer',
          },
        },
      }),
      step('collect_children', {
        origin: origin('collect_children'),
        then: (d) => void (d.listed = d.task.map((task) => task === 'in')),
      }),
      step('seize', {
        origin: source('compel/src/lib/infect.c', 'compel_wait_task'),
        either: {
          ok: {
            when: (s) => s.task.every((task, i) => !s.listed[i] || task !== 'exited'),
            then: (d) => void (d.strangerSeized = d.task.some((task, i) => d.listed[i] && task === 'stranger')),
          },
          'task-gone': {
            says: 'the list is made again',
            when: (s) => s.task.some((task, i) => s.listed[i] && task === 'exited'),
            goto: 'collect_children',
          },
        },
      }),
      step('check', {
        origin: source('criu/cr-dump.c', 'dump_one_task'),
        either: { ok: {}, fails: { then: fail } },
      }),
      step('restore_freezer', {
        origin: origin('freezer_restore_state'),
        says: 'the group is put back into the state that is remembered; nothing, if none is',
        then: (d) => {
          if (d.before !== 'unknown') d.group = d.before
        },
      }),
      step('return', {
        origin: source('criu/cr-dump.c', 'cr_dump_finish'),
        then: (d) => {
          if (d.result === 'none') d.result = 'ok'
        },
      }),
    ),
    action('frozen', {
      actor: 'kernel',
      origin: source('kernel/cgroup/legacy_freezer.c', 'update_if_frozen'),
      says: 'all tasks of the group have stopped; some never do',
      when: (s) => s.group === 'freezing',
      then: (d) => void (d.group = 'frozen'),
    }),
    action('exit', {
      actor: 'tree',
      for: { i: task(tasks) },
      origin: source('kernel/exit.c', 'do_exit'),
      when: (s, { i }, at) => s.group !== 'frozen' && s.task[i] === 'in' && !at('dump', 'end'),
      then: (d, { i }) => void (d.task[i] = 'exited'),
    }),
    action('reuse', {
      actor: 'tree',
      for: { i: task(tasks) },
      origin: source('kernel/pid.c', 'alloc_pid'),
      says: 'a process outside of the group gets the number of one that exited',
      when: (s, { i }, at) => s.task[i] === 'exited' && !at('dump', 'end'),
      then: (d, { i }) => void (d.task[i] = 'stranger'),
    }),
  ],
  patches: [
    patch('default-is-frozen', {
      kind: 'era',
      says: 'The state that is remembered at first means "was frozen".',
      reference: 'before eb0dee408',
      edits: [edit.initially((d) => void (d.before = 'frozen'))],
    }),
    patch('freeze-then-pause', {
      kind: 'era',
      says: 'Devices are paused after the tree was frozen, and the helper waits for the tree.',
      reference: '5f486d5ae, before 85050be66',
      edits: [edit.move('dump.PAUSE_DEVICES', { after: 'dump.freezer_wait_processes' })],
    }),
    patch('foreign-not-thawed', {
      kind: 'era',
      says: 'A group that somebody else has frozen is not thawed for the helper.',
      reference: 'before fddca67cc',
      edits: [edit.remove('dump.thaw_foreign')],
    }),
    patch('collect-while-freezing', {
      kind: 'era',
      says: 'The tasks are listed while the group is still freezing.',
      reference: 'before c44683c13 and 172f3e190',
      edits: [edit.remove('dump.freezer_wait_processes')],
    }),
    patch('error-swallowed', {
      kind: 'era',
      says: 'The error of a check is overwritten with success.',
      reference: 'before ff9dbef90',
      edits: [edit.replace('dump.check/fails', { then: (d) => void (d.failed = true) })],
    }),
    patch('patience-in-wrong-unit', {
      kind: 'era',
      says: 'The number of retries is too large by the factor between two units; here by three.',
      reference: 'before 82f4ecda6',
      edits: [
        edit.replace('dump.freezer_wait_processes/ask-again', {
          when: (s) => s.group === 'freezing' && s.asked < 3 * patience,
        }),
        edit.replace('dump.freezer_wait_processes/gives-up', {
          when: (s) => s.group === 'freezing' && s.asked === 3 * patience,
        }),
      ],
    }),
    patch('never-gives-up', {
      kind: 'fault',
      says: 'The freezer never gets all tasks to stop, and the checkpoint never gives up.',
      edits: [edit.remove('kernel.frozen'), edit.remove('dump.freezer_wait_processes/gives-up')],
    }),
    patch('never-frozen', {
      kind: 'fault',
      says: 'The freezer never gets all tasks to stop.',
      edits: [edit.remove('kernel.frozen')],
    }),
  ],
  resting: (_, at) => at('dump', 'end'),
  abstractions: ['A device is paused and never resumed: only the order of pausing and freezing is asked about.'],
})
