/**
 * One sleep operation at a time: requests that come twice, a lock whose holder dies, a helper that hangs.
 *
 * Sources: the reboot and suspend work of early xenlinux (2005), the lock file of Xen's hotplug scripts (2014), and the
 * script with which Qubes OS stops all machines before the host sleeps (2019 to 2022).
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
  requests: parameter(int(1, 3), 2, 'how often a request comes in; a watch may fire twice for one'),
  crashes: parameter(int(0, 1), 1, 'how often the process that does the work may die'),
}

interface Choice {
  readonly requests: number
  readonly crashes: number
}

export const state = ({ requests, crashes }: Choice) =>
  record({
    queued: int(0, requests),
    /** A queued request is from before the last resume. */
    stale: bool(),
    lock: bool(),
    helper: oneOf('idle', 'running', 'hung'),
    /** Whether the machines were told of the sleep, and whether their clocks are right. */
    told: bool(),
    clock: oneOf('right', 'behind'),
    requests: int(0, requests),
    crashes: int(0, crashes),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const script = env('52qubes-pause-vms, before the host sleeps')

export default model('single-flight', {
  question: "Can sleep operations get into each other's way, or block the next one for ever?",
  parameters,
  actors: {
    work: system('the process that carries a sleep operation out'),
    helper: environment('the helper that stops all machines'),
    user: environment('whoever asks for sleep'),
    kernel: system('the kernel, when a process dies'),
  },
  initial: ({ requests, crashes }) => ({
    queued: 0,
    stale: false,
    lock: false,
    helper: 'idle',
    told: false,
    clock: 'right',
    requests,
    crashes,
  }),
  parts: () => [
    thread(
      'work',
      { actor: 'work' },
      step('begin', {
        origin: source('drivers/xen/core/reboot.c', 'shutdown_handler'),
        when: (s) => s.queued > 0,
        then: (d) => void d.queued--,
      }),
      step('lock', {
        origin: source('tools/hotplug/Linux/locking.sh', 'claim_lock'),
        when: (s) => !s.lock,
        then: (d) => void (d.lock = true),
      }),
      step('stop-machines', {
        origin: script,
        says: 'all machines are suspended, not merely paused',
        then: (d) => {
          d.helper = 'running'
          d.told = true
        },
      }),
      step('wait-for-helper', {
        origin: script,
        either: {
          done: { when: (s) => s.helper === 'idle' },
          timeout: {
            says: 'a helper that does not come back is killed, and the attempt given up',
            when: (s) => s.helper === 'hung',
            then: (d) => void (d.helper = 'idle'),
            goto: 'resume-machines',
          },
          dies: {
            says: 'the process dies, and its helper with it',
            when: (s) => s.crashes > 0,
            then: (d) => {
              d.crashes--
              d.helper = 'idle'
            },
            goto: 'died',
          },
        },
      }),
      step('sleep', {
        origin: env('the host sleeps for a while'),
        then: (d) => {
          if (!d.told) d.clock = 'behind'
          if (d.queued > 0) d.stale = true
        },
      }),
      step('resume-machines', {
        origin: script,
        says: 'machines that were told set their clocks',
        then: (d) => {
          d.helper = 'idle'
          d.told = false
        },
      }),
      step('unlock', {
        origin: source('tools/hotplug/Linux/locking.sh', 'release_lock'),
        then: (d) => void (d.lock = false),
        goto: 'begin',
      }),
      step('died', {
        origin: source('fs/locks.c', 'locks_remove_file'),
        says: 'a lock on a descriptor goes with the process',
        then: (d) => {
          d.lock = false
          d.told = false
        },
        goto: 'begin',
      }),
    ),
    action('finish', {
      actor: 'helper',
      origin: script,
      when: (s) => s.helper === 'running',
      either: {
        done: { then: (d) => void (d.helper = 'idle') },
        hangs: { says: 'a machine does not answer', then: (d) => void (d.helper = 'hung') },
      },
    }),
    action('request', {
      actor: 'user',
      origin: source('drivers/xen/core/reboot.c', 'shutdown_handler'),
      says: 'the watch fires; the work is queued only if none is pending or running',
      when: (s, _, at) => s.requests > 0 && s.queued === 0 && at('work', 'begin'),
      then: (d) => {
        d.requests--
        d.queued++
      },
    }),
  ],
  patches: [
    patch('queued-whenever', {
      kind: 'era',
      says: 'The work is queued whenever the watch fires, also while it runs.',
      reference: 'before d4a37a51af',
      edits: [edit.replace('user.request', { when: (s) => s.requests > 0 })],
    }),
    patch('lock-file', {
      kind: 'era',
      says: 'The lock is a file, which stays when its owner dies.',
      reference: 'before 7b0360b761',
      edits: [edit.replace('work.died', { then: (d) => void (d.told = false) })],
    }),
    patch('no-timeout', {
      kind: 'era',
      says: 'Nothing ends the wait for a helper that hangs: the operation is in progress for ever.',
      reference: 'Qubes OS before the answer to issue 4806',
      edits: [edit.remove('work.wait-for-helper/timeout')],
    }),
    patch('paused-only', {
      kind: 'era',
      says: 'Machines are paused and not told of the sleep.',
      reference: 'Qubes OS before core-admin pull request 473',
      edits: [edit.replace('work.stop-machines', { then: (d) => void (d.helper = 'running') })],
    }),
    patch('two-workers', {
      kind: 'fault',
      says: 'The lock is not waited for.',
      edits: [edit.replace('work.lock', { when: () => true }), edit.remove('work.unlock')],
    }),
    patch('always-hangs', {
      kind: 'fault',
      says: 'The helper hangs every time.',
      edits: [
        edit.replace('helper.finish', { either: { hangs: { then: (d) => void (d.helper = 'hung') } } }),
        edit.remove('work.wait-for-helper/dies'),
      ],
    }),
  ],
  resting: (s, at) => at('work', 'begin') && s.queued === 0 && s.requests === 0,
  abstractions: [
    'Three sources are one model because they are one shape: a queue, a lock, a helper, and the sleep in between.',
  ],
})
