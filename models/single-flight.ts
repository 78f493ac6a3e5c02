/**
 * One sleep operation at a time: a request that comes twice, a lock whose holder dies, a helper that hangs.
 *
 * Sources: arch/xen/kernel/reboot.c of xenlinux at d4a37a51af (2005), tools/libs/guest/xg_suspend.c of xen.git c447b7308b with
 * 7b0360b761 (2013), and how Qubes OS stops all machines before the host sleeps: qubes/api/internal.py of qubes-core-admin 498444600d7a,
 * with the issues and the pull request that are cited (2019 to 2022).
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
  type Frozen,
  type ValueOf,
} from '../src/index.js'
import type { Part } from '../src/write/model.js'

const parameters = {
  what: parameter(
    oneOf('guest', 'toolstack', 'host'),
    'guest',
    'a guest that is asked to suspend, two tools that suspend one domain, or a host that stops its machines',
  ),
  requests: parameter(int(1, 3), 2, 'how often somebody asks'),
  crashes: parameter(int(0, 2), 1, 'how often a process may die'),
}

interface Choice {
  readonly requests: number
  readonly crashes: number
}

/** The two tools are alike. */
const tool = member('tool', 2)

export const state = ({ requests, crashes }: Choice) =>
  record({
    requests: int(0, requests),
    crashes: int(0, crashes),
    /** The guest: the node, events of its watch, what is under way, the work, and whether that is from before a resume. */
    control: oneOf('empty', 'suspend'),
    events: int(0, requests + 1),
    shuttingDown: bool(),
    work: bool(),
    stale: bool(),
    /** The lock file of a domain: whether it is there, and which file each tool has open and locked. */
    file: bool(),
    tool: array(tool, record({ fd: oneOf('none', 'current', 'removed'), locked: bool(), dead: bool() })),
    /** The host: whether a sleep is in progress, its helper, and the machines with their clocks. */
    inProgress: bool(),
    helper: oneOf('idle', 'running', 'hung'),
    told: bool(),
    clock: oneOf('right', 'behind'),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>
type Seen = Frozen<State>

const { model, thread, step, action, patch, edit } = over(state)
const reboot = 'arch/xen/kernel/reboot.c'
const lockFile = 'tools/libs/guest/xg_suspend.c'
const qubesd = (symbol: string) => source('qubes/api/internal.py', symbol)

const guest: readonly Part[] = [
  action('request', {
    actor: 'user',
    origin: env('the toolstack writes control/shutdown'),
    when: (s) => s.requests > 0,
    then: (d) => {
      d.requests--
      d.control = 'suspend'
      d.events++
    },
  }),
  thread(
    'xenwatch',
    { actor: 'work', says: 'the watch of control/shutdown' },
    step('shutdown_handler', {
      origin: source(reboot, 'shutdown_handler'),
      when: (s) => s.events > 0,
      then: (d) => void d.events--,
      either: {
        'under-way': {
          says: 'something is under way: the event is let go, though it may be a request',
          when: (s) => s.shuttingDown,
          goto: 'shutdown_handler',
        },
        empty: { when: (s) => !s.shuttingDown && s.control === 'empty', goto: 'shutdown_handler' },
        request: {
          says: 'the node is emptied, which is an event as well',
          when: (s) => !s.shuttingDown && s.control === 'suspend',
          then: (d) => {
            d.control = 'empty'
            d.events++
            d.shuttingDown = true
          },
        },
      },
    }),
    step('schedule_work', {
      origin: source(reboot, 'shutdown_handler'),
      then: (d) => void (d.work = true),
      goto: 'shutdown_handler',
    }),
  ),
  thread(
    'suspend',
    { actor: 'work', says: 'the work, and the thread that it starts' },
    step('__shutdown_handler', {
      origin: source(reboot, '__shutdown_handler'),
      when: (s) => s.work,
      then: (d) => void (d.work = false),
    }),
    step('__do_suspend', {
      origin: source(reboot, '__do_suspend'),
      says: 'the domain is suspended and resumed',
      then: (d) => void (d.stale = d.work),
    }),
    step('shutting_down', {
      origin: source(reboot, '__do_suspend'),
      says: 'nothing is under way',
      then: (d) => void (d.shuttingDown = false),
      goto: '__shutdown_handler',
    }),
  ),
]

/** Whether somebody else has the file locked that a tool has open. */
const lockedByOther = (s: Seen, t: number): boolean =>
  s.tool.some(({ fd, locked }, i) => i !== t && locked && fd === s.tool[t]!.fd)

const close = (d: State, t: number): void => {
  d.tool[t]!.fd = 'none'
  d.tool[t]!.locked = false
}

const toolstack: readonly Part[] = [
  thread(
    'tool',
    { actor: 'work', for: { t: tool }, says: 'a tool that suspends the domain, for a checkpoint for instance' },
    step('open', {
      origin: source(lockFile, 'lock_suspend_event'),
      says: 'the file is made if it is not there',
      then: (d, { t }) => {
        d.file = true
        d.tool[t]!.fd = 'current'
      },
    }),
    step('fcntl', {
      origin: source(lockFile, 'lock_suspend_event'),
      either: {
        locked: { when: (s, { t }) => !lockedByOther(s, t), then: (d, { t }) => void (d.tool[t]!.locked = true) },
        refused: {
          says: 'it does not wait: the attempt fails',
          when: (s, { t }) => lockedByOther(s, t),
          then: (d, { t }) => close(d, t),
          goto: 'open',
        },
      },
    }),
    step('stat', {
      origin: source(lockFile, 'lock_suspend_event'),
      says: 'is the file that was locked still the one that has the name?',
      either: {
        same: { when: (s, { t }) => s.tool[t]!.fd === 'current' },
        'another-one': {
          when: (s, { t }) => s.tool[t]!.fd !== 'current',
          then: (d, { t }) => close(d, t),
          goto: 'open',
        },
      },
    }),
    step('suspend', {
      origin: source(lockFile, 'xc_suspend_evtchn_init_exclusive'),
      either: {
        done: {},
        dies: {
          when: (s) => s.crashes > 0,
          then: (d, { t }) => {
            d.crashes--
            d.tool[t]!.dead = true
          },
          goto: 'born-again',
        },
      },
    }),
    step('unlink', {
      origin: source(lockFile, 'unlock_suspend_event'),
      then: (d) => {
        d.file = false
        for (const each of d.tool) if (each.fd === 'current') each.fd = 'removed'
      },
    }),
    step('close', { origin: source(lockFile, 'unlock_suspend_event'), then: (d, { t }) => close(d, t), goto: 'open' }),
    step('born-again', {
      origin: env('somebody starts the tool again'),
      when: (s, { t }) => !s.tool[t]!.dead,
      goto: 'open',
    }),
  ),
  action('filp_close', {
    actor: 'kernel',
    for: { t: tool },
    origin: source('fs/locks.c', 'locks_remove_posix'),
    says: 'the files of a process that died are closed, and with them its locks',
    when: (s, { t }) => s.tool[t]!.dead,
    then: (d, { t }) => {
      close(d, t)
      d.tool[t]!.dead = false
    },
  }),
]

const host: readonly Part[] = [
  thread(
    'sleep',
    { actor: 'work', says: 'systemd, which runs the script and sleeps' },
    step('begin', {
      origin: env('logind: refuses a request while a sleep is in progress'),
      when: (s) => s.requests > 0,
      then: (d) => {
        d.requests--
        d.inProgress = true
      },
    }),
    step('run_service', {
      origin: qubesd('suspend_pre'),
      says: 'each machine is told of the sleep, by a service that runs in it',
      then: (d) => void (d.helper = 'running'),
    }),
    step('wait_for', {
      origin: qubesd('suspend_pre'),
      either: {
        done: { when: (s) => s.helper === 'idle' },
        timeout: {
          says: 'after suspend_timeout a warning is logged, and nobody waits any more',
          when: (s) => s.helper === 'hung',
          then: (d) => void (d.helper = 'idle'),
        },
        dies: {
          says: 'whoever runs this dies, and the service with it',
          when: (s) => s.crashes > 0,
          then: (d) => void d.crashes--,
          goto: 'resume-machines',
        },
      },
    }),
    step('vm_suspend', {
      origin: qubesd('suspend_pre'),
      says: 'all machines are suspended, not merely paused',
      then: (d) => void (d.told = true),
    }),
    step('sleep', {
      origin: env('the host sleeps for a while'),
      then: (d) => {
        if (!d.told) d.clock = 'behind'
      },
    }),
    step('resume-machines', {
      origin: qubesd('suspend_post'),
      says: 'machines that were told set their clocks',
      then: (d) => {
        d.helper = 'idle'
        d.told = false
      },
    }),
    step('over', { origin: env('logind'), then: (d) => void (d.inProgress = false), goto: 'begin' }),
  ),
  action('finish', {
    actor: 'helper',
    origin: env('the service qubes.SuspendPreAll of a machine'),
    when: (s) => s.helper === 'running',
    either: {
      done: { then: (d) => void (d.helper = 'idle') },
      hangs: { says: 'a machine does not answer', then: (d) => void (d.helper = 'hung') },
    },
  }),
]

const parts = { guest, toolstack, host }

export default model('single-flight', {
  question: "Can sleep operations get into each other's way, or block the next one for ever?",
  parameters,
  actors: {
    work: system('whoever carries a sleep operation out'),
    helper: environment('the services in the machines, which are told of the sleep'),
    user: environment('whoever asks for sleep'),
    kernel: system('the kernel, when a process dies'),
  },
  initial: ({ requests, crashes }) => ({
    requests,
    crashes,
    control: 'empty',
    events: 0,
    shuttingDown: false,
    work: false,
    stale: false,
    file: false,
    tool: [0, 1].map(() => ({ fd: 'none' as const, locked: false, dead: false })),
    inProgress: false,
    helper: 'idle',
    told: false,
    clock: 'right',
  }),
  parts: ({ what }) => parts[what],
  patches: [
    patch('queued-whenever', {
      kind: 'era',
      says: 'The work is queued whenever the watch fires while something is under way.',
      reference: 'before d4a37a51af',
      edits: [edit.replace('xenwatch.shutdown_handler/under-way', { goto: 'schedule_work' })],
    }),
    patch('lock-file', {
      kind: 'era',
      says: 'The lock is the file itself, which stays when its owner dies.',
      reference: 'before 7b0360b761',
      edits: [
        edit.replace('tool.open', {
          either: {
            made: {
              when: (s) => !s.file,
              then: (d, { t }) => {
                d.file = true
                d.tool[t as number] = { fd: 'current', locked: true, dead: false }
              },
              goto: 'suspend',
            },
            refused: { when: (s) => s.file, goto: 'open' },
          },
          then: () => {},
        }),
        edit.remove('tool.fcntl'),
        edit.remove('tool.stat'),
      ],
    }),
    patch('no-timeout', {
      kind: 'era',
      says: 'Nothing ends the wait for a helper that hangs: the operation is in progress for ever.',
      reference: 'Qubes OS, issue 4806',
      edits: [edit.remove('sleep.wait_for/timeout')],
    }),
    patch('paused-only', {
      kind: 'era',
      says: 'Machines are paused and not told of the sleep.',
      reference: 'Qubes OS before core-admin pull request 473',
      edits: [edit.replace('sleep.vm_suspend', { then: () => {} })],
    }),
    patch('under-way-for-ever', {
      kind: 'fault',
      says: 'After a suspend something counts as under way for ever.',
      edits: [edit.replace('suspend.shutting_down', { then: () => {} })],
    }),
    patch('gives-up-early', {
      kind: 'fault',
      says: 'Every suspend fails before the domain is suspended, and returns without saying that nothing is under way any more.',
      edits: [edit.replace('suspend.__do_suspend', { goto: '__shutdown_handler' })],
    }),
    patch('name-not-looked-at', {
      kind: 'fault',
      says: 'Nobody looks whether the file that was locked has its name still: one that the owner before has removed is as good.',
      edits: [edit.remove('tool.stat')],
    }),
    patch('lock-kept', {
      kind: 'fault',
      says: 'A tool that has been refused nowhere keeps its lock for ever.',
      edits: [edit.replace('tool.suspend/done', { goto: 'suspend' })],
    }),
    patch('always-hangs', {
      kind: 'fault',
      says: 'The helper hangs every time.',
      edits: [edit.replace('helper.finish', { either: { hangs: { then: (d) => void (d.helper = 'hung') } } })],
    }),
    patch('machines-left-stopped', {
      kind: 'fault',
      says: 'After the sleep the machines stay stopped.',
      edits: [edit.replace('sleep.resume-machines', { then: (d) => void (d.helper = 'idle') })],
    }),
  ],
  resting: (s, at) =>
    at.has('suspend')
      ? at('suspend', '__shutdown_handler') && at('xenwatch', 'shutdown_handler') && s.events === 0 && !s.work
      : at.has('sleep') && at('sleep', 'begin') && s.requests === 0,
  abstractions: [
    'Three sources, of which each choice of the parameter is one: they share no code, only the question.',
    'The guest: a transaction of shutdown_handler() that has to begin again is one step. A request that comes while something is under way is let go with its event; the node keeps it until the next event, a second request for instance.',
    'The toolstack: an attempt that is refused is an error of that tool, and may be made again. A file that an error leaves behind (unlink or close that fail) is left out.',
    'The host: that machines which were suspended before are left so, and that one which cannot be suspended makes the call fail once all were tried, is left out, and so is what systemd does if the call fails.',
  ],
})
