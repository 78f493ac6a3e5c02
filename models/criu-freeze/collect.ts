/** The state of a checkpoint, and the two ways in which CRIU stops a tree: by the freezer of its group, or task by task. */

import {
  array,
  bool,
  int,
  member,
  oneOf,
  over,
  parameter,
  record,
  source,
  type Frozen,
  type ValueOf,
} from '../../src/index.js'

/** The parameters of the model. */
export const parameters = {
  tasks: parameter(int(1, 3), 2, 'how many tasks the group has'),
  mode: parameter(
    oneOf('freezer', 'interrupt'),
    'freezer',
    'whether the group is frozen, or its tasks are interrupted',
  ),
  device: parameter(
    oneOf('none', 'gpu'),
    'none',
    'a device whose helper runs code in the tree, which has to take a step',
  ),
  foreign: parameter(oneOf('thawed', 'freezing', 'frozen'), 'thawed', 'the state of the group before the checkpoint'),
  final: parameter(oneOf('running', 'killed'), 'running', 'what becomes of the tree after a checkpoint that succeeded'),
}

interface Choice {
  readonly tasks: number
}

/** How often the freezer is asked again before the checkpoint gives up. */
export const patience = 2

/** The tasks are all alike. */
export const task = (tasks: number) => member('task', tasks)

/** The state: the group, its tasks, and what the checkpoint knows of them. */
export const state = ({ tasks }: Choice) =>
  record({
    group: oneOf('thawed', 'freezing', 'frozen'),
    /** origin_freezer_state: nothing yet (FREEZER_ERROR), or one of two. */
    before: oneOf('unknown', 'thawed', 'frozen'),
    /** A task is in the group, has exited, or has exited and its number belongs to a stranger. */
    task: array(task(tasks), oneOf('in', 'exited', 'stranger')),
    listed: array(task(tasks), bool()),
    /** Whoever has the number is held by ptrace. */
    held: array(task(tasks), bool()),
    /** A device was paused through a helper that runs code in the tree. */
    paused: bool(),
    /** Every task was written to the image. */
    dumped: bool(),
    asked: int(0, 3 * patience),
    failed: bool(),
    killed: bool(),
    result: oneOf('none', 'ok', 'error'),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>
type Seen = Frozen<State>

const { step } = over(state)
const file = 'criu/seize.c'
const origin = (symbol: string) => source(file, symbol)

/** The checkpoint has failed, and says so. */
export const fail = (d: State): void => {
  d.failed = true
  d.result = 'error'
}

/** Where every failure goes. */
export const finish = 'cr_dump_finish'
const unreadable = {
  says: 'the state of the group cannot be read',
  then: fail,
  goto: finish,
} as const

/** Whether the tree can take a step. */
const mayStep = (s: Seen): boolean => s.group === 'thawed' && !s.held.includes(true)

/** Devices are paused, before or after something else. */
export const pause = step('PAUSE_DEVICES', {
  origin: source('plugins/cuda/cuda_plugin.c', 'cuda_plugin_pause_devices'),
  says: 'the helper pauses the device; for that the tree has to take a step',
  either: {
    paused: { when: mayStep, then: (d) => void (d.paused = true) },
    timeout: { when: (s) => !mayStep(s), then: fail, goto: finish },
  },
})

/** Who is listed and has exited since. */
const gone = (s: Seen): boolean => s.task.some((task, i) => s.listed[i] && task === 'exited')

const list = (d: State): void => {
  d.listed = d.task.map((task, i) => task === 'in' && !d.held[i])
}

const seizeListed = (d: State): void =>
  d.listed.forEach((listed, i) => {
    if (listed && d.task[i] !== 'exited') d.held[i] = true
  })

/** collect_pstree() with the freezer. */
export const byFreezer = [
  step('get_freezer_state', {
    origin: origin('freeze_processes'),
    either: {
      thawed: { when: (s) => s.group === 'thawed', then: (d) => void (d.before = 'thawed') },
      stopped: {
        says: 'somebody else has frozen it, or is about to: it is taken as it is',
        when: (s) => s.group !== 'thawed',
        then: (d) => void (d.before = 'frozen'),
        goto: 'seize_cgroup_tree',
      },
      unreadable,
    },
  }),
  step('freezer_write_state', {
    origin: origin('freezer_write_state'),
    then: (d) => void (d.group = 'freezing'),
  }),
  step('freeze_processes', {
    origin: origin('freeze_processes'),
    says: 'the group is asked every 100 ms whether it has frozen',
    either: {
      frozen: { when: (s) => s.group === 'frozen' },
      'ask-again': {
        when: (s) => s.group === 'freezing' && s.asked < patience,
        then: (d) => void d.asked++,
        goto: 'freeze_processes',
      },
      'gives-up': {
        when: (s) => s.group === 'freezing' && s.asked === patience,
        then: fail,
        goto: 'freezer_write_state-thawed',
      },
      unreadable: { ...unreadable, says: 'the state cannot be read: the way out undoes nothing' },
    },
  }),
  step('seize_cgroup_tree', {
    origin: origin('seize_cgroup_tree'),
    says: 'the tasks of the group are read',
    then: list,
  }),
  step('compel_interrupt_task', {
    origin: source('compel/src/lib/infect.c', 'compel_interrupt_task'),
    either: {
      ok: { when: (s) => !gone(s) || s.before === 'frozen', then: seizeListed },
      'task-gone': {
        says: 'one of a group that we have frozen has exited: the list is made again',
        when: (s) => gone(s) && s.before !== 'frozen',
        goto: 'seize_cgroup_tree',
      },
    },
  }),
  step('freezer_write_state-thawed', {
    origin: origin('freeze_processes'),
    says: 'the group is thawed; its tasks, if they were seized, are held by ptrace',
    either: {
      seized: { when: (s) => !s.failed, then: (d) => void (d.group = 'thawed') },
      failed: { when: (s) => s.failed, then: (d) => void (d.group = 'thawed'), goto: finish },
    },
  }),
]

/** collect_pstree() in interrupt-only mode. */
export const byInterrupt = [
  step('prepare_freezer_for_interrupt_only_mode', {
    origin: origin('prepare_freezer_for_interrupt_only_mode'),
    says: 'a group that somebody else has frozen is thawed; the freezer is not used',
    either: {
      ok: {
        then: (d) => {
          d.before = d.group === 'thawed' ? 'thawed' : 'frozen'
          d.group = 'thawed'
        },
      },
      unreadable,
    },
  }),
  pause,
  step('collect_children', {
    origin: origin('collect_children'),
    says: 'the children in /proc that are not held yet, pass after pass until there are none',
    either: {
      more: { when: (s) => s.task.some((task, i) => task === 'in' && !s.held[i]), then: list },
      done: { when: (s) => s.task.every((task, i) => task !== 'in' || s.held[i]), goto: 'dump_one_task' },
    },
  }),
  step('compel_interrupt_task', {
    origin: source('compel/src/lib/infect.c', 'compel_interrupt_task'),
    says: 'whoever has one of these numbers now is interrupted',
    then: seizeListed,
  }),
  step('compel_wait_task', {
    origin: source('compel/src/lib/infect.c', 'compel_wait_task'),
    says: 'a task that is nobody’s child here is let go: "Task pid reused while suspending"',
    then: (d) => void (d.held = d.held.map((held, i) => held && d.task[i] !== 'stranger')),
    goto: 'collect_children',
  }),
]
