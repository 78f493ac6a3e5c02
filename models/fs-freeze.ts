/**
 * File systems that suspend freezes and thaws, while users freeze some of them for reasons of their own.
 *
 * Source: the review of a file-system auto-freeze series, linux-fsdevel, May 2023.
 */

import {
  array,
  bool,
  env,
  environment,
  int,
  over,
  parameter,
  record,
  source,
  system,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  filesystems: parameter(int(1, 4), 3, 'how many file systems'),
  cycles: parameter(int(1, 2), 2, 'how many attempts to sleep'),
  failures: parameter(int(0, 2), 1, 'how many file systems may refuse to freeze'),
  changes: parameter(int(0, 4), 2, 'how often users freeze or thaw a file system'),
}

interface Choice {
  readonly filesystems: number
  readonly cycles: number
  readonly failures: number
  readonly changes: number
}

export const state = ({ filesystems, cycles, failures, changes }: Choice) =>
  record({
    fs: array(
      filesystems,
      record({
        /** Who holds it frozen: FREEZE_HOLDER_USERSPACE, FREEZE_HOLDER_KERNEL. */
        user: bool(),
        kernel: bool(),
        /** What really happened: suspend froze it in this attempt, and what the user wants of it. */
        ours: bool(),
        wanted: bool(),
      }),
    ),
    /** The file system at hand. */
    next: int(0, filesystems),
    cycles: int(0, cycles),
    failures: int(0, failures),
    changes: int(0, changes),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'fs/super.c'
const undo = (d: State): void => {
  const fs = d.fs[d.next]!
  fs.kernel = false
  fs.ours = false
}

export default model('fs-freeze', {
  question: 'Does the end of an attempt thaw exactly the file systems that the attempt froze?',
  parameters,
  actors: {
    pm: system('the task that suspends the machine'),
    user: environment('users who freeze file systems, for a snapshot say'),
  },
  initial: ({ filesystems, cycles, failures, changes }) => ({
    fs: Array.from({ length: filesystems }, () => ({ user: false, kernel: false, ours: false, wanted: false })),
    next: 0,
    cycles,
    failures,
    changes,
  }),
  parts: ({ filesystems }) => [
    thread(
      'pm',
      { actor: 'pm' },
      step('fs_suspend_freeze', {
        origin: source(file, 'fs_suspend_freeze'),
        when: (s) => s.cycles > 0,
        then: (d) => {
          d.cycles--
          d.next = filesystems
        },
      }),
      step('freeze_super', {
        origin: source(file, 'freeze_super'),
        says: 'the last mounted first',
        either: {
          ok: {
            when: (s) => s.next > 0,
            then: (d) => {
              const fs = d.fs[--d.next]!
              fs.kernel = true
              fs.ours = true
            },
            goto: 'freeze_super',
          },
          fails: { when: (s) => s.next > 0 && s.failures > 0, then: (d) => void d.failures--, goto: 'thaw_super' },
          done: { when: (s) => s.next === 0 },
        },
      }),
      step('sleep', { origin: env('the machine sleeps and is woken') }),
      step('thaw_super', {
        origin: source(file, 'thaw_super'),
        says: 'the undo starts at the last one that was frozen, and takes back the freeze of the kernel only',
        either: {
          ok: {
            when: (s) => s.next < filesystems,
            then: (d) => {
              undo(d)
              d.next++
            },
            goto: 'thaw_super',
          },
          done: { when: (s) => s.next === filesystems, then: (d) => void (d.next = 0), goto: 'fs_suspend_freeze' },
        },
      }),
    ),
    action('fifreeze', {
      actor: 'user',
      for: { i: Array.from({ length: filesystems }, (_, i) => i) },
      origin: source('fs/ioctl.c', 'ioctl_fsfreeze'),
      when: (s, { i }, at) => at('pm', 'fs_suspend_freeze') && s.changes > 0 && !s.fs[i]!.user,
      then: (d, { i }) => {
        d.changes--
        d.fs[i]!.user = d.fs[i]!.wanted = true
      },
    }),
    action('fithaw', {
      actor: 'user',
      for: { i: Array.from({ length: filesystems }, (_, i) => i) },
      origin: source('fs/ioctl.c', 'ioctl_fsthaw'),
      when: (s, { i }, at) => at('pm', 'fs_suspend_freeze') && s.changes > 0 && s.fs[i]!.user,
      then: (d, { i }) => {
        d.changes--
        d.fs[i]!.user = d.fs[i]!.wanted = false
      },
    }),
  ],
  patches: [
    patch('one-freeze-flag', {
      kind: 'era',
      says: 'A file system is frozen or not, whoever did it: suspend skips what is frozen already, and thaws whatever is frozen.',
      reference: 'the auto-freeze series as reviewed in May 2023, without freeze holders',
      edits: [
        edit.replace('pm.freeze_super/ok', {
          then: (d) => {
            const fs = d.fs[--d.next]!
            if (fs.user) return
            fs.kernel = true
            fs.ours = true
          },
        }),
        edit.replace('pm.thaw_super/ok', {
          then: (d) => {
            d.fs[d.next]!.user = false
            undo(d)
            d.next++
          },
        }),
      ],
    }),
    patch('undo-from-the-first', {
      kind: 'era',
      says: 'The undo of a failed attempt walks over all file systems, not only over those that were frozen.',
      reference: 'the auto-freeze series as reviewed in May 2023',
      edits: [
        edit.replace('pm.freeze_super/fails', {
          then: (d) => {
            d.failures--
            d.next = 0
          },
        }),
      ],
    }),
    patch('no-undo', {
      kind: 'fault',
      says: 'A failed attempt leaves what it froze.',
      edits: [
        edit.replace('pm.freeze_super/fails', {
          then: (d) => {
            d.failures--
            d.next = 0
          },
          goto: 'fs_suspend_freeze',
        }),
      ],
    }),
    patch('thaw-waits', {
      kind: 'fault',
      says: 'Thaw waits for the user to thaw first.',
      edits: [edit.replace('pm.thaw_super/ok', { when: (s) => s.next < s.fs.length && !s.fs[s.next]!.user })],
    }),
    patch('first-refuses', {
      kind: 'fault',
      says: 'The last file system always refuses.',
      edits: [edit.replace('pm.freeze_super/ok', { when: () => false })],
    }),
  ],
  resting: (s, at) => at('pm', 'fs_suspend_freeze') && s.cycles === 0,
  abstractions: [
    'Users act between attempts: suspend freezes file systems after user space, so nobody changes them during one.',
  ],
})
