/**
 * The freezer: tasks that stop by themselves, sleepers that are frozen where they are, and those who wake them anyway.
 *
 * Sources: kernel/freezer.c, kernel/power/process.c, mm/oom_kill.c and kernel/umh.c of Linux 7.3.4.
 */

import {
  array,
  bool,
  env,
  environment,
  int,
  member,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type At,
  type Frozen,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  tasks: parameter(int(1, 3), 2, 'how many tasks there are'),
  events: parameter(int(0, 3), 2, 'how many times a sleeping task may be woken by what it waits for'),
  victims: parameter(int(0, 1), 1, 'how many tasks the OOM killer may choose'),
  cycles: parameter(int(1, 2), 1, 'how many attempts to sleep'),
}

interface Choice {
  readonly tasks: number
  readonly events: number
  readonly victims: number
  readonly cycles: number
}

/** The tasks are all alike. */
const task = (tasks: number) => member('task', tasks)

export const state = ({ tasks, events, victims, cycles }: Choice) =>
  record({
    task: array(
      task(tasks),
      record({
        is: oneOf('running', 'sleeping', 'frozen', 'dead'),
        /** The state it was frozen in. */
        saved: oneOf('running', 'sleeping'),
        /** Its sleep may be turned into being frozen: TASK_FREEZABLE. */
        freezable: bool(),
        victim: bool(),
      }),
    ),
    freezing: bool(),
    oomKiller: bool(),
    /** usermodehelper_disabled: no helper may be started. */
    helpersOff: bool(),
    devices: oneOf('on', 'off'),
    /** A user-mode helper's completion: on the waiter's stack, and the helper's pointer to it. */
    onStack: bool(),
    pointer: bool(),
    completed: bool(),
    events: int(0, events),
    victims: int(0, victims),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const process = 'kernel/power/process.c'
const umh = 'kernel/umh.c'

/** running_helpers: from the start of call_usermodehelper_exec() until it returns. */
const helperRuns = (at: At): boolean => !at('waiter', 'call_usermodehelper_exec', 'end')

const victimsGone = (s: Frozen<State>): boolean => s.task.every((task) => !task.victim || task.is === 'dead')

/** freeze_task() has nothing to wait for: it is frozen, or gone, or not asked to freeze, as a victim of the OOM killer is not. */
const settled = ({ is, victim }: Frozen<State>['task'][number]): boolean => is === 'frozen' || is === 'dead' || victim

export default model('freezer', {
  question: 'Does nobody run between freeze and thaw, and does everybody go on afterwards as if nothing had been?',
  parameters,
  actors: {
    pm: system('the task that suspends the machine'),
    task: system('user tasks and freezable kernel threads'),
    oom: environment('the OOM killer'),
    helper: system('a user-mode helper and the task that waits for it'),
    world: environment('what sleeping tasks wait for'),
  },
  initial: ({ tasks, events, victims, cycles }) => ({
    task: Array.from({ length: tasks }, () => ({
      is: 'running' as const,
      saved: 'running' as const,
      freezable: true,
      victim: false,
    })),
    freezing: false,
    oomKiller: true,
    helpersOff: false,
    devices: 'on',
    onStack: false,
    pointer: false,
    completed: false,
    events,
    victims,
    cycles,
  }),
  parts: ({ tasks }) => {
    const i = task(tasks)
    return [
      thread(
        'pm',
        { actor: 'pm' },
        step('usermodehelper_disable', {
          origin: source(umh, '__usermodehelper_disable'),
          says: 'the first thing freeze_processes() does: no new helper',
          when: (s) => s.cycles > 0,
          then: (d) => {
            d.cycles--
            d.helpersOff = true
          },
        }),
        step('running_helpers', {
          origin: source(umh, '__usermodehelper_disable'),
          either: {
            none: { when: (_, __, at) => !helperRuns(at) },
            timeout: {
              says: 'a helper runs for more than 5 s: -EAGAIN',
              when: (_, __, at) => helperRuns(at),
              then: (d) => void (d.helpersOff = false),
              goto: 'usermodehelper_disable',
            },
          },
        }),
        step('freeze_processes', {
          origin: source(process, 'freeze_processes'),
          then: (d) => void (d.freezing = true),
        }),
        step('try_to_freeze_tasks', {
          origin: source(process, 'try_to_freeze_tasks'),
          either: {
            frozen: { when: (s) => s.task.every(settled) },
            timeout: {
              says: 'somebody does not freeze within 20 s, or a wake-up ends the wait',
              when: (s) => !s.task.every(settled),
              goto: 'thaw_processes',
            },
          },
        }),
        step('oom_killer_disable', {
          origin: source('mm/oom_kill.c', 'oom_killer_disable'),
          says: 'no new victims; then it waits for those already chosen',
          then: (d) => void (d.oomKiller = false),
        }),
        step('oom_victims-wait', {
          origin: source('mm/oom_kill.c', 'oom_killer_disable'),
          either: {
            done: { when: victimsGone },
            timeout: {
              says: 'a victim does not die within 20 s: the killer is enabled again, -EBUSY',
              when: (s) => !victimsGone(s),
              then: (d) => void (d.oomKiller = true),
              goto: 'thaw_processes',
            },
          },
        }),
        step('dpm_suspend', {
          origin: source('drivers/base/power/main.c', 'dpm_suspend'),
          then: (d) => void (d.devices = 'off'),
        }),
        step('dpm_resume', {
          origin: source('drivers/base/power/main.c', 'dpm_resume'),
          says: 'the machine slept and was woken',
          then: (d) => void (d.devices = 'on'),
        }),
        step('thaw_processes', {
          origin: source(process, 'thaw_processes'),
          says: 'every task goes on in the state in which it was frozen',
          then: (d) => {
            d.freezing = false
            d.oomKiller = true
            d.helpersOff = false
            for (const task of d.task) if (task.is === 'frozen') task.is = task.saved
          },
          goto: 'usermodehelper_disable',
        }),
      ),
      action('try_to_freeze', {
        actor: 'task',
        for: { i },
        origin: source('kernel/freezer.c', '__refrigerator'),
        says: 'a running task stops at a safe place; a freezable sleeper is frozen without being run',
        when: (s, { i }) => {
          const task = s.task[i]!
          return s.freezing && !task.victim && (task.is === 'running' || (task.is === 'sleeping' && task.freezable))
        },
        then: (d, { i }) => {
          const task = d.task[i]!
          task.saved = task.is === 'sleeping' ? 'sleeping' : 'running'
          task.is = 'frozen'
        },
      }),
      action('work', {
        actor: 'task',
        for: { i },
        origin: env('a task runs'),
        when: (s, { i }) => s.task[i]!.is === 'running',
        either: {
          on: {},
          sleeps: { when: (s, { i }) => !s.task[i]!.victim, then: (d, { i }) => void (d.task[i]!.is = 'sleeping') },
          dies: { when: (s, { i }) => s.task[i]!.victim, then: (d, { i }) => void (d.task[i]!.is = 'dead') },
        },
      }),
      action('event', {
        actor: 'world',
        for: { i },
        origin: env('what a sleeping task waits for happens; a frozen one finds it when it goes on'),
        when: (s, { i }) => s.events > 0 && s.task[i]!.is === 'sleeping',
        then: (d, { i }) => {
          d.events--
          d.task[i]!.is = 'running'
        },
      }),
      action('oom_kill', {
        actor: 'oom',
        for: { i },
        origin: source('mm/oom_kill.c', 'mark_oom_victim'),
        says: 'the victim is thawed so that it can die',
        when: (s, { i }) => s.victims > 0 && s.oomKiller && s.task[i]!.is !== 'dead',
        then: (d, { i }) => {
          d.victims--
          d.task[i]!.victim = true
          d.task[i]!.is = 'running'
        },
      }),
      thread(
        'waiter',
        { actor: 'helper', says: 'a task that runs a user-mode helper and waits for it' },
        step('call_usermodehelper_exec', {
          origin: source(umh, 'call_usermodehelper_exec'),
          says: 'the completion lies on the stack, the helper gets a pointer to it',
          when: (s) => !s.helpersOff,
          then: (d) => {
            d.onStack = true
            d.pointer = true
          },
        }),
        step('wait_for_completion_state', {
          origin: source(umh, 'call_usermodehelper_exec'),
          either: {
            done: { when: (s) => s.completed, goto: 'return' },
            interrupted: { says: 'a signal ends the wait', when: (s) => !s.completed },
          },
        }),
        step('umh_complete-xchg', {
          origin: source(umh, 'call_usermodehelper_exec'),
          says: 'whoever takes the pointer first decides',
          either: {
            taken: { when: (s) => s.pointer, then: (d) => void (d.pointer = false), goto: 'return' },
            late: { says: 'the helper is about to use the completion', when: (s) => !s.pointer },
          },
        }),
        step('wait_for_completion', {
          origin: source(umh, 'call_usermodehelper_exec'),
          when: (s) => s.completed,
        }),
        step('return', {
          origin: source(umh, 'call_usermodehelper_exec'),
          says: 'the stack frame is gone',
          then: (d) => void (d.onStack = false),
        }),
      ),
      thread(
        'umh',
        { actor: 'helper', says: 'the helper, when it is done' },
        step('umh_complete', {
          origin: source(umh, 'umh_complete'),
          either: {
            takes: {
              when: (s, _, at) => !at('waiter', 'call_usermodehelper_exec') && s.pointer,
              then: (d) => void (d.pointer = false),
            },
            nobody: {
              says: 'the waiter has left',
              when: (s, _, at) => !at('waiter', 'call_usermodehelper_exec') && !s.pointer,
              goto: 'end',
            },
          },
        }),
        step('complete', { origin: source(umh, 'umh_complete'), then: (d) => void (d.completed = true) }),
      ),
    ]
  },
  patches: [
    patch('killer-left-on', {
      kind: 'era',
      says: 'The OOM killer is not disabled, and nobody waits for its victims.',
      reference: 'before the waiting disable of 2015',
      edits: [edit.remove('pm.oom_killer_disable'), edit.remove('pm.oom_victims-wait')],
    }),
    patch('victims-not-awaited', {
      kind: 'fault',
      says: 'The OOM killer is disabled, but a victim that was thawed before may still run.',
      edits: [edit.remove('pm.oom_victims-wait')],
    }),
    patch('thaw-wakes-everybody', {
      kind: 'era',
      says: 'Every frozen task is woken on thaw, also one that slept.',
      reference: 'f5d39b020809 (2022), before the report of August 2023',
      edits: [
        edit.replace('pm.thaw_processes', {
          then: (d) => {
            d.freezing = false
            d.oomKiller = true
            d.helpersOff = false
            for (const task of d.task) if (task.is === 'frozen') task.is = 'running'
          },
        }),
      ],
    }),
    patch('idle-sleep-not-freezable', {
      kind: 'era',
      says: 'Task 0 sleeps in an idle state that the freezer neither freezes nor wakes.',
      reference: '9b8a8e5e8129, discussed in 2024',
      edits: [
        edit.initially((d) => {
          d.task[0]!.freezable = false
          d.task[0]!.is = 'sleeping'
        }),
      ],
    }),
    patch('waiter-just-leaves', {
      kind: 'era',
      says: 'A waiter whose wait ends early returns without taking the pointer back.',
      reference: 'before eedeb787ebb5',
      edits: [
        edit.replace('waiter.wait_for_completion_state/interrupted', { goto: 'return' }),
        edit.remove('waiter.umh_complete-xchg'),
        edit.remove('waiter.wait_for_completion'),
      ],
    }),
    patch('no-thaw', {
      kind: 'fault',
      says: 'The end of the attempt forgets the frozen tasks.',
      edits: [
        edit.replace('pm.thaw_processes', {
          then: (d) => {
            d.freezing = false
            d.oomKiller = true
            d.helpersOff = false
          },
        }),
      ],
    }),
    patch('helpers-not-awaited', {
      kind: 'fault',
      says: 'No new helper is started, and those that run are not waited for.',
      edits: [edit.remove('pm.running_helpers')],
    }),
    patch('waiter-never-released', {
      kind: 'fault',
      says: 'The helper takes the pointer and does not complete.',
      edits: [edit.replace('umh.complete', { then: () => {} })],
    }),
  ],
  resting: (s, at) => at('pm', 'usermodehelper_disable') && s.cycles === 0 && at('waiter', 'end') && at('umh', 'end'),
  abstractions: [
    'One phase of the freezer stands for user space and kernel threads. Tasks are alike; what they do is one action that may touch a device.',
    "The waiter of the helper is itself not frozen here: its wait may end early for any signal, the freezer's among them.",
  ],
})
