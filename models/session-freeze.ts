/**
 * The processes of a user, frozen over a sleep by systemd-sleep: src/core/cgroup.c and src/sleep/sleep.c of systemd 258, with kernel/cgroup/freezer.c
 * and fs/fuse/dev.c of Linux 7.3.4.
 */

import { bool, environment, over, record, source, system } from '../src/index.js'
import { atRest, cgroupFreezer, kernelOver } from '../src/kernel.js'

export const state = record({
  /** user.slice: a process that uses a file system, and the process that serves it. */
  slice: cgroupFreezer('reader', 'server'),
  asked: bool(),
  answered: bool(),
})
const { model, thread, call, does, set, patch, edit } = over(state)
const { slice } = kernelOver(state)
const fuse = (symbol: string) => source('fs/fuse/dev.c', symbol)
const action = source('src/core/cgroup.c', 'unit_cgroup_freezer_action')
const thaw = 'sleep.unit_cgroup_freezer_action:cgroup_do_freeze:slice'
const signal = source('kernel/signal.c', 'get_signal')

export default model('session-freeze', {
  question: 'Do the processes of a user run again after a sleep for which they were to be frozen?',
  actors: {
    sleep: system('systemd-sleep, and systemd for it'),
    session: system('processes of the user'),
    user: environment('what the user does'),
  },
  initial: () => ({ ...atRest(state), asked: false, answered: false }),
  parts: () => [
    thread(
      'sleep',
      { actor: 'sleep' },
      call(action, slice.freezeTimeout({ goto: 'run:execute' })),
      call(source('src/sleep/sleep.c', 'run'), does('execute', { says: 'the machine sleeps, and wakes up' })),
      call(action, slice.thaw),
    ),
    thread(
      'reader',
      { actor: 'session', says: 'waits for an answer where no signal reaches it' },
      call(
        fuse('request_wait_answer'),
        does('idle', {
          either: { signal: { when: (s) => s.slice.freezing, goto: 'get_signal:do_freezer_trap:slice' }, asks: {} },
        }),
        set({ asked: true }),
        does('answer', { when: (s) => s.answered, then: (d) => void (d.answered = false) }),
      ),
      call(signal, slice.tryToFreeze, does('again', { goto: 'request_wait_answer:idle' })),
    ),
    thread(
      'server',
      { actor: 'session' },
      call(
        fuse('fuse_dev_do_read'),
        does('wait', {
          either: {
            signal: { when: (s) => s.slice.freezing, goto: 'get_signal:do_freezer_trap:slice' },
            request: { when: (s) => s.asked, then: (d) => void (d.asked = false) },
          },
        }),
      ),
      call(fuse('fuse_dev_do_write'), set({ answered: true })),
      call(signal, slice.tryToFreeze, does('again', { goto: 'fuse_dev_do_read:wait' })),
    ),
  ],
  patches: [
    patch('thawed-if-frozen', {
      kind: 'era',
      says: 'A slice is thawed only if cgroup.events says that it is frozen as a whole.',
      reference: 'before 85d00912c0fa',
      edits: [
        edit.before(
          thaw,
          call(
            action,
            does('unit_freezer_state_kernel', {
              either: {
                frozen: { when: (s) => s.slice.frozen.reader && s.slice.frozen.server },
                running: { when: (s) => !s.slice.frozen.reader || !s.slice.frozen.server, goto: 'end' },
              },
            }),
          ),
        ),
      ],
    }),
    patch('never-thawed', { kind: 'fault', says: 'Nobody thaws the slice.', edits: [edit.remove(thaw)] }),
    patch('never-asked', {
      kind: 'fault',
      says: 'Nobody asks the slice to freeze.',
      edits: [edit.remove('sleep.unit_cgroup_freezer_action:cgroup_freeze:slice')],
    }),
    patch('never-answers', {
      kind: 'fault',
      says: 'The server of the file system is stuck.',
      edits: [edit.replace('server.fuse_dev_do_write:answered=true', { then: () => {} })],
    }),
  ],
  resting: () => false,
  abstractions: [
    'One slice with two processes and no units below it; systemd walks through them and does the same to each.',
    'The time limit of FreezeUnit is long: it is over only when nothing else goes on. The machine sleeps all the same, as systemd-sleep does.',
  ],
})
