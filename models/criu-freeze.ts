/**
 * A checkpoint of a process tree in user space: CRIU freezes a control group that somebody else may have frozen before,
 * or, with a plug-in that needs the tree to run, stops its tasks one by one.
 *
 * Source: criu/seize.c, criu/cr-dump.c, compel and the CUDA plug-in at 2cf8f13ca (criu-dev, November 2025, 4.2 and a few), which
 * the base is; history from c44683c13 (2016) to fddca67cc (2025).
 */

import { environment, over, source, system } from '../src/index.js'
import {
  byFreezer,
  byInterrupt,
  fail,
  finish,
  parameters,
  patience,
  pause,
  state,
  task,
} from './criu-freeze/collect.js'

export { patience, state }

const { model, thread, step, action, patch, edit } = over(state)
const origin = (symbol: string) => source('criu/seize.c', symbol)

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
    held: Array.from({ length: tasks }, () => false),
    paused: false,
    dumped: false,
    asked: 0,
    failed: false,
    killed: false,
    result: 'none',
  }),
  parts: ({ tasks, mode, device, final }) => [
    thread(
      'dump',
      { actor: 'criu' },
      step('prepare', {
        origin: source('criu/cr-dump.c', 'cr_dump_tasks'),
        either: {
          ok: {},
          fails: { says: 'something fails before the group is looked at', then: fail, goto: finish },
        },
      }),
      ...(mode === 'freezer'
        ? [...(device === 'gpu' ? [pause] : []), ...byFreezer]
        : byInterrupt.filter((step) => device === 'gpu' || step !== pause)),
      step('dump_one_task', {
        origin: source('criu/cr-dump.c', 'dump_one_task'),
        either: { ok: { then: (d) => void (d.dumped = true) }, fails: { then: fail } },
      }),
      step(finish, {
        origin: source('criu/cr-dump.c', 'cr_dump_finish'),
        either: {
          ok: {},
          fails: {
            says: 'arch_set_thread_regs() fails, which does something on s390 only: the function returns before anything is put back',
            then: fail,
            goto: 'return',
          },
        },
      }),
      step('pstree_switch_state', {
        origin: origin('pstree_switch_state'),
        either: {
          alive: {
            says: 'the group is frozen again if it was; the tasks are let go',
            origin: origin('freezer_restore_state'),
            when: (s) => s.failed || s.result === 'error' || final === 'running',
            then: (d) => {
              if (d.before === 'frozen') d.group = 'frozen'
              d.held = d.held.map(() => false)
            },
          },
          dead: {
            when: (s) => s.result === 'none' && !s.failed && final === 'killed',
            then: (d) => {
              d.killed = true
              d.held = d.held.map(() => false)
            },
          },
        },
      }),
      step('return', {
        origin: source('criu/cr-dump.c', 'cr_dump_finish'),
        says: 'what is still held is let go when the process ends',
        then: (d) => {
          if (d.result === 'none') d.result = 'ok'
          d.held = d.held.map(() => false)
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
      when: (s, { i }, at) => s.group !== 'frozen' && s.task[i] === 'in' && !s.held[i] && !at('dump', 'end'),
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
      says: 'Devices are paused when the tree has been frozen and is held, and the helper waits for the tree.',
      reference: '5f486d5ae, before 85050be66',
      edits: [edit.move('dump.PAUSE_DEVICES', { after: 'dump.freezer_write_state-thawed' })],
    }),
    patch('pause-before-thaw', {
      kind: 'era',
      says: 'Devices are paused before a group that somebody else has frozen is thawed.',
      reference: '4196268ee, before fddca67cc',
      edits: [edit.move('dump.PAUSE_DEVICES', { before: 'dump.prepare_freezer_for_interrupt_only_mode' })],
    }),
    patch('collect-while-freezing', {
      kind: 'era',
      says: 'The tasks are listed while the group is still freezing.',
      reference: 'before c44683c13 and 172f3e190',
      edits: [edit.remove('dump.freeze_processes')],
    }),
    patch('error-swallowed', {
      kind: 'era',
      says: 'The error of a check is overwritten with success.',
      reference: 'before ff9dbef90',
      edits: [edit.replace('dump.dump_one_task/fails', { then: (d) => void (d.failed = true) })],
    }),
    patch('patience-in-wrong-unit', {
      kind: 'era',
      says: 'The number of retries is too large by the factor between two units; here by three.',
      reference: 'before 82f4ecda6',
      edits: [
        edit.replace('dump.freeze_processes/ask-again', {
          when: (s) => s.group === 'freezing' && s.asked < 3 * patience,
        }),
        edit.replace('dump.freeze_processes/gives-up', {
          when: (s) => s.group === 'freezing' && s.asked === 3 * patience,
        }),
      ],
    }),
    patch('registers-restored', {
      kind: 'fix',
      says: 'Registers that cannot be set take the way out that freezes the group again.',
      reference: 'a proposal of ours',
      edits: [edit.replace('dump.cr_dump_finish/fails', { goto: 'pstree_switch_state' })],
    }),
    patch('unreadable-thaws', {
      kind: 'fix',
      says: 'A state that cannot be read while the group freezes takes the way out of a group that does not freeze.',
      reference: 'a proposal of ours',
      edits: [edit.replace('dump.freeze_processes/unreadable', { goto: 'freezer_write_state-thawed' })],
    }),
    patch('parent-not-asked', {
      kind: 'fault',
      says: 'Nobody asks whose child a task is that was interrupted.',
      edits: [edit.replace('dump.compel_wait_task', { then: () => {} })],
    }),
    patch('frozen-counts-as-held', {
      kind: 'fault',
      says: 'The tasks of a group that somebody else has frozen are not seized: they stand still already.',
      edits: [edit.replace('dump.get_freezer_state/stopped', { goto: 'freezer_write_state-thawed' })],
    }),
    patch('failed-killed', {
      kind: 'fault',
      says: 'A checkpoint that failed may kill the tree all the same.',
      edits: [edit.replace('dump.pstree_switch_state/dead', { when: () => true })],
    }),
    patch('never-gives-up', {
      kind: 'fault',
      says: 'The freezer never gets all tasks to stop, and the checkpoint never gives up.',
      edits: [
        edit.remove('kernel.frozen'),
        edit.remove('dump.freeze_processes/gives-up'),
        edit.remove('dump.freeze_processes/unreadable'),
      ],
    }),
    patch('never-frozen', {
      kind: 'fault',
      says: 'The freezer never gets all tasks to stop.',
      edits: [edit.remove('kernel.frozen')],
    }),
  ],
  resting: (_, at) => at('dump', 'end'),
  abstractions: [
    'A device is paused and never resumed: only the order of pausing and freezing is asked about.',
    'No task comes into being meanwhile: the five passes of collect_loop() are for those.',
    'cgroup v1 only: cgroupv1_freezer_kludges() writes FROZEN again now and then, and thaws for a moment, when the group does not freeze; the alarm of the time limit is the same way out as running out of attempts.',
    'Tasks of the group that are outside of the tree are held and let go with the others (freezer_wait_processes, freezer_detach). A task that is held does not exit: nobody kills it.',
    'With a group that is frozen the tree is walked while ptrace holds everybody: nothing is left to go wrong there but an error.',
  ],
})
