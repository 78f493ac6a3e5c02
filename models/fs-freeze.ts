/**
 * File systems that suspend freezes and thaws, while others hold some of them frozen for reasons of their own.
 *
 * Source: fs/super.c (freeze_super, thaw_super_locked, may_freeze, may_unfreeze, filesystems_freeze, filesystems_thaw) and
 * kernel/power/suspend.c (suspend_prepare, suspend_finish) of Linux 7.3.4, which hibernation calls in the same way; and for its history the
 * review of an earlier series, linux-fsdevel, May 2023.
 */

import {
  array,
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
  filesystems: parameter(int(1, 4), 2, 'how many file systems'),
  all: parameter(
    bool(),
    true,
    '/sys/power/freeze_filesystems: whether suspend freezes them at all; off unless somebody writes it (kernel/power/main.c)',
  ),
  cycles: parameter(int(1, 2), 2, 'how many attempts to sleep'),
  failures: parameter(int(0, 2), 1, 'how often a file system refuses to freeze, or tasks do'),
  changes: parameter(int(0, 4), 2, 'how often users or a scrub freeze or thaw a file system'),
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
        /** s_writers.freeze_ucount: a user's freeze does not nest. */
        ucount: int(0, 1),
        /** s_writers.freeze_kcount: the scrub's, and suspend's on top of it. */
        kcount: int(0, 2),
        /** s_writers.freeze_owner. */
        owner: oneOf('nobody', 'suspend'),
        /** What really happened: suspend froze it in this attempt; and what the others want of it. */
        ours: bool(),
        wanted: bool(),
        scrubbed: bool(),
      }),
    ),
    /** The file system at hand, in the order in which they were mounted. */
    next: int(0, filesystems),
    tasks: oneOf('running', 'frozen'),
    /** WARN_ON_ONCE in may_unfreeze(). */
    warned: bool(),
    cycles: int(0, cycles),
    failures: int(0, failures),
    changes: int(0, changes),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>
type Filesystem = State['fs'][number]

const { model, thread, step, action, patch, edit } = over(state)
const file = 'fs/super.c'

const isFrozen = (fs: { readonly ucount: number; readonly kcount: number }): boolean => fs.ucount + fs.kcount > 0

/** freeze_super() by suspend, where may_freeze() lets it: nobody but suspend is ever an owner. */
function hold(fs: Filesystem): void {
  fs.kcount++
  fs.owner = 'suspend'
  fs.ours = true
}

/** What is left to do once may_unfreeze() said yes to suspend: fs/super.c, thaw_super_locked. */
function release(fs: Filesystem): void {
  fs.kcount--
  fs.owner = 'nobody'
  fs.ours = false
}

/** What may_unfreeze() asserts of a frozen file system, before it asks by whom it is frozen: that the kernel has frozen it. */
const isForeign = (fs: { readonly ucount: number; readonly kcount: number }): boolean =>
  fs.ucount > 0 && fs.kcount === 0

export default model('fs-freeze', {
  question: 'Does the end of an attempt thaw exactly the file systems that the attempt froze?',
  parameters,
  actors: {
    pm: system('the task that suspends the machine'),
    user: environment('users who freeze file systems, for a snapshot say'),
    scrub: environment('the kernel’s own scrub of a file system, which freezes it for a moment'),
  },
  initial: ({ filesystems, cycles, failures, changes }) => ({
    fs: Array.from({ length: filesystems }, () => ({
      ucount: 0,
      kcount: 0,
      owner: 'nobody' as const,
      ours: false,
      wanted: false,
      scrubbed: false,
    })),
    next: 0,
    tasks: 'running' as const,
    warned: false,
    cycles,
    failures,
    changes,
  }),
  parts: ({ filesystems, all }) => {
    const each = { i: Array.from({ length: filesystems }, (_, i) => i) }
    const may = (s: { readonly tasks: string; readonly changes: number }): boolean =>
      s.tasks === 'running' && s.changes > 0
    return [
      thread(
        'pm',
        { actor: 'pm' },
        step('filesystems_freeze', {
          origin: source(file, 'filesystems_freeze'),
          says: 'users still run: suspend_prepare() freezes file systems before tasks',
          when: (s) => s.cycles > 0,
          then: (d) => {
            d.cycles--
            d.next = filesystems
          },
        }),
        step('freeze_super', {
          origin: source(file, 'freeze_super'),
          says: 'the last mounted first; what one of them answers is not looked at',
          either: {
            ...(all && {
              ok: {
                when: (s) => s.next > 0 && s.fs[s.next - 1]!.owner === 'nobody',
                then: (d) => hold(d.fs[--d.next]!),
                goto: 'freeze_super',
              },
              busy: {
                says: 'may_freeze() finds an owner: -EBUSY, which nobody looks at',
                when: (s) => s.next > 0 && s.fs[s.next - 1]!.owner !== 'nobody',
                then: (d) => void d.next--,
                goto: 'freeze_super',
              },
              fails: {
                says: 'freeze_fs() of the file system returns an error',
                when: (s) => s.next > 0 && s.failures > 0 && !isFrozen(s.fs[s.next - 1]!),
                then: (d) => {
                  d.failures--
                  d.next--
                },
                goto: 'freeze_super',
              },
            }),
            ...(!all && {
              passed_over: {
                says: 'without FS_POWER_FREEZE: all but efivarfs',
                when: (s) => s.next > 0,
                then: (d) => void d.next--,
                goto: 'freeze_super',
              },
            }),
            done: { when: (s) => s.next === 0 },
          },
        }),
        step('suspend_freeze_processes', {
          origin: source('kernel/power/power.h', 'suspend_freeze_processes'),
          either: {
            ok: { then: (d) => void (d.tasks = 'frozen') },
            fails: { when: (s) => s.failures > 0, then: (d) => void d.failures--, goto: 'filesystems_thaw' },
          },
        }),
        step('sleep', { origin: env('the machine sleeps and is woken') }),
        step('suspend_thaw_processes', {
          origin: source('kernel/power/power.h', 'suspend_thaw_processes'),
          says: 'users run before file systems are thawed',
          then: (d) => void (d.tasks = 'running'),
        }),
        step('filesystems_thaw', { origin: source(file, 'filesystems_thaw'), then: (d) => void (d.next = 0) }),
        step('thaw_super', {
          origin: source(file, 'thaw_super'),
          says: 'every file system that can be frozen, the first mounted first',
          either: {
            ok: {
              says: 'what is not frozen, or not by suspend, is left as it is',
              when: (s) => s.next < filesystems && !isForeign(s.fs[s.next]!),
              then: (d) => {
                const fs = d.fs[d.next++]!
                if (fs.owner === 'suspend') release(fs)
              },
              goto: 'thaw_super',
            },
            warns: {
              says: 'WARN_ON_ONCE(freeze_kcount == 0) in may_unfreeze()',
              when: (s) => s.next < filesystems && isForeign(s.fs[s.next]!),
              then: (d) => {
                d.warned = true
                d.next++
              },
              goto: 'thaw_super',
            },
            done: { when: (s) => s.next === filesystems, then: (d) => void (d.next = 0), goto: 'filesystems_freeze' },
          },
        }),
      ),
      action('fifreeze', {
        actor: 'user',
        for: each,
        origin: source('fs/ioctl.c', 'ioctl_fsfreeze'),
        when: (s, { i }) => may(s) && s.fs[i]!.ucount === 0,
        then: (d, { i }) => {
          d.changes--
          d.fs[i]!.ucount++
          d.fs[i]!.wanted = true
        },
      }),
      action('fithaw', {
        actor: 'user',
        for: each,
        origin: source('fs/ioctl.c', 'ioctl_fsthaw'),
        when: (s, { i }) => may(s) && s.fs[i]!.ucount > 0,
        then: (d, { i }) => {
          d.changes--
          d.fs[i]!.ucount--
          d.fs[i]!.wanted = false
        },
      }),
      action('xchk_fscounters_freeze', {
        actor: 'scrub',
        for: each,
        origin: source('fs/xfs/scrub/fscounters.c', 'xchk_fscounters_freeze'),
        says: 'FREEZE_HOLDER_KERNEL without an owner: refused while the kernel has it frozen',
        when: (s, { i }) => may(s) && s.fs[i]!.kcount === 0,
        then: (d, { i }) => {
          d.changes--
          d.fs[i]!.kcount++
          d.fs[i]!.scrubbed = true
        },
      }),
      action('xchk_fscounters_cleanup', {
        actor: 'scrub',
        for: each,
        origin: source('fs/xfs/scrub/fscounters.c', 'xchk_fscounters_cleanup'),
        says: 'may_unfreeze() keeps it from taking the last reference, if that is suspend’s',
        when: (s, { i }) =>
          may(s) && s.fs[i]!.scrubbed && s.fs[i]!.kcount > 0 && !(s.fs[i]!.kcount === 1 && s.fs[i]!.owner !== 'nobody'),
        then: (d, { i }) => {
          d.changes--
          d.fs[i]!.kcount--
          d.fs[i]!.scrubbed = false
        },
      }),
    ]
  },
  patches: [
    patch('owner-before-count', {
      kind: 'fix',
      says: 'may_unfreeze() asks who holds the exclusive freeze before it asserts that the kernel holds one: a file system that suspend did not freeze is passed over.',
      reference: 'a proposal of ours',
      edits: [
        edit.remove('pm.thaw_super/warns'),
        edit.replace('pm.thaw_super/ok', { when: (s) => s.next < s.fs.length }),
      ],
    }),
    patch('series-of-2023', {
      kind: 'era',
      says: 'A file system is frozen or not, whoever did it: suspend skips what is frozen already, a failure ends the walk, and the undo thaws whatever is frozen.',
      reference: 'the auto-freeze series as reviewed in May 2023; a later design was merged',
      edits: [
        edit.replace('pm.freeze_super/ok', {
          when: (s) => s.next > 0,
          then: (d) => {
            const fs = d.fs[--d.next]!
            if (!isFrozen(fs)) hold(fs)
          },
        }),
        edit.replace('pm.freeze_super/fails', { goto: 'filesystems_thaw' }),
        edit.remove('pm.thaw_super/warns'),
        edit.replace('pm.thaw_super/ok', {
          when: (s) => s.next < s.fs.length,
          then: (d) => {
            const fs = d.fs[d.next++]!
            fs.ucount = 0
            fs.kcount = 0
            fs.owner = 'nobody'
            fs.ours = false
          },
        }),
      ],
    }),
    patch('no-undo', {
      kind: 'fault',
      says: 'An attempt that ends because tasks do not freeze leaves the file systems frozen.',
      edits: [edit.replace('pm.suspend_freeze_processes/fails', { goto: 'filesystems_freeze' })],
    }),
    patch('owner-stays', {
      kind: 'fault',
      says: 'The owner is not forgotten with the last reference: the next attempt finds it, and freezes nothing.',
      edits: [
        edit.remove('pm.thaw_super/warns'),
        edit.replace('pm.thaw_super/ok', {
          when: (s) => s.next < s.fs.length,
          then: (d) => {
            const fs = d.fs[d.next++]!
            if (fs.owner !== 'suspend' || fs.kcount === 0) return
            fs.kcount--
            fs.ours = false
          },
        }),
      ],
    }),
    patch('tasks-run', {
      kind: 'fault',
      says: 'Tasks are not frozen: users go on while the machine sleeps.',
      edits: [edit.replace('pm.suspend_freeze_processes/ok', { then: () => undefined })],
    }),
    patch('last-refuses', {
      kind: 'fault',
      says: 'No file system can be frozen: no attempt sleeps with all of them frozen.',
      edits: [
        edit.replace('pm.freeze_super/ok', {
          then: (d) => void d.next--,
        }),
      ],
    }),
    patch('thaw-waits', {
      kind: 'fault',
      says: 'Thaw waits for the user to thaw first.',
      edits: [
        edit.remove('pm.thaw_super/warns'),
        edit.replace('pm.thaw_super/ok', { when: (s) => s.next < s.fs.length && s.fs[s.next]!.ucount === 0 }),
      ],
    }),
    patch('thaw-takes-any', {
      kind: 'fault',
      says: 'Thaw takes a reference of the kernel without asking whose it is.',
      edits: [
        edit.remove('pm.thaw_super/warns'),
        edit.replace('pm.thaw_super/ok', {
          when: (s) => s.next < s.fs.length,
          then: (d) => {
            const fs = d.fs[d.next++]!
            if (fs.kcount > 0) release(fs)
          },
        }),
      ],
    }),
  ],
  resting: (s, at) => at('pm', 'filesystems_freeze') && s.cycles === 0,
  abstractions: [
    'One file system at a time is frozen or thawed in one step: s_umount is held over may_freeze() and may_unfreeze(), and nobody else looks between.',
    'Writers who wait in sb_start_write(), and tasks that cannot be frozen because of them, are the failures of suspend_freeze_processes(): they do not change who holds what.',
    'Mounting and unmounting during an attempt are left out: the walks hold an active reference, and a file system that comes late was not frozen.',
    'FREEZE_MAY_NEST (block devices) is left out: it counts, like a user’s freeze, and is never an owner.',
    'Hibernation freezes and thaws by the same two functions (kernel/power/hibernate.c).',
  ],
})
