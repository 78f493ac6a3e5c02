/**
 * Work that resume puts off, and the next suspend that comes before it is done.
 *
 * Two parts of Linux 7.3.4: the delayed post-resume work of a USB hub (drivers/usb/core/hub.c: hub_activate, hub_quiesce, hub_post_resume), and
 * the rescan of an MMC host (drivers/mmc/core: mmc_schedule_delayed_work, mmc_host_class_prepare, mmc_host_class_complete).
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
import type { Part } from '../src/write/model.js'

const parameters = {
  what: parameter(oneOf('hub', 'mmc'), 'hub', 'the post-resume work of a hub, or the rescan of a card reader'),
  cycles: parameter(int(1, 3), 2, 'how many attempts to sleep'),
}

interface Choice {
  readonly what: 'hub' | 'mmc'
  readonly cycles: number
}

export const state = ({ cycles }: Choice) =>
  record({
    device: oneOf('active', 'suspended'),
    work: oneOf('none', 'queued'),
    /** References on the device: taken when the work is queued, dropped by it. */
    usage: int(-1, cycles + 1),
    /** The other meaning of the hub's work item: initialisation, which needs the hub's lock. */
    init: bool(),
    locked: bool(),
    /** User tasks run and do I/O; the host is claimed by one of them. */
    users: oneOf('running', 'frozen'),
    claimed: bool(),
    /** system_freezable_wq. */
    queue: oneOf('running', 'frozen'),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const hubFile = 'drivers/usb/core/hub.c'
const mmcFile = 'drivers/mmc/core/core.c'
const mmcHost = 'drivers/mmc/core/host.c'

const hub: readonly Part[] = [
  thread(
    'hub',
    { actor: 'pm', says: 'suspend and resume of a hub' },
    step('hub_suspend', {
      origin: source(hubFile, 'hub_suspend'),
      says: 'the PM core holds the lock of the device, which the initialisation in hub_activate() takes too',
      when: (s) => s.cycles > 0,
      then: (d) => {
        d.cycles--
        d.locked = d.init
      },
    }),
    step('hub_quiesce', {
      origin: source(hubFile, 'hub_quiesce'),
      says: 'the post-resume work, an item of its own, is flushed: it is done, or waited for',
      when: (s) => s.work === 'none',
    }),
    step('suspended', {
      origin: env('the hub sleeps, and the machine with it'),
      then: (d) => void (d.device = 'suspended'),
    }),
    step('hub_resume', {
      origin: source(hubFile, 'hub_activate'),
      then: (d) => {
        d.device = 'active'
        d.locked = false
      },
    }),
    step('usb_autopm_get', {
      origin: source(hubFile, 'hub_activate'),
      says: 'the reference that the work will drop is taken first',
      then: (d) => void d.usage++,
    }),
    step('queue_delayed_work', {
      origin: source(hubFile, 'hub_activate'),
      then: (d) => void (d.work = 'queued'),
      goto: 'hub_suspend',
    }),
  ),
  action('hub_post_resume', {
    actor: 'work',
    origin: source(hubFile, 'hub_post_resume'),
    says: 'the delayed work drops the reference',
    when: (s) => s.work === 'queued',
    then: (d) => {
      d.work = 'none'
      d.usage--
    },
  }),
  action('hub_init', {
    actor: 'work',
    origin: source(hubFile, 'hub_init_func2'),
    says: 'the hub is to be initialised, or has been: that work needs the lock',
    when: (s) => !s.locked,
    then: (d) => void (d.init = !d.init),
  }),
]

const mmc: readonly Part[] = [
  thread(
    'mmc',
    { actor: 'pm', says: 'suspend of a machine with a card in a slot' },
    step('suspend_prepare', {
      origin: source('kernel/power/suspend.c', 'suspend_prepare'),
      when: (s) => s.cycles > 0,
      then: (d) => void d.cycles--,
    }),
    step('freeze_processes', {
      origin: source('kernel/power/process.c', 'freeze_processes'),
      then: (d) => void (d.users = 'frozen'),
    }),
    step('freeze_workqueues', {
      origin: source('kernel/power/process.c', 'freeze_kernel_threads'),
      says: 'and with them the queue of the rescan, system_freezable_wq: what is queued stays so over the sleep',
      then: (d) => void (d.queue = 'frozen'),
    }),
    step('suspended', {
      origin: env('the card sleeps, and the machine with it'),
      then: (d) => void (d.device = 'suspended'),
    }),
    step('mmc_resume', {
      origin: source(mmcHost, 'mmc_host_class_complete'),
      says: 'the end of the resume queues a rescan',
      then: (d) => {
        d.device = 'active'
        d.work = 'queued'
      },
    }),
    step('thaw_processes', {
      origin: source('kernel/power/process.c', 'thaw_processes'),
      then: (d) => {
        d.users = 'running'
        d.queue = 'running'
      },
      goto: 'suspend_prepare',
    }),
  ),
  action('mmc_rescan', {
    actor: 'work',
    origin: source(mmcFile, 'mmc_rescan'),
    says: 'the rescan claims the host',
    when: (s) => s.work === 'queued' && !s.claimed && s.queue === 'running',
    then: (d) => void (d.work = 'none'),
  }),
  action('io', {
    actor: 'user',
    origin: source(mmcFile, '__mmc_claim_host'),
    says: 'a user task reads from the card, again and again',
    when: (s) => s.users === 'running' && s.device === 'active',
    then: (d) => void (d.claimed = true),
  }),
  action('io-done', {
    actor: 'user',
    origin: source(mmcFile, 'mmc_release_host'),
    says: 'it lets go when it is frozen',
    when: (s) => s.claimed && s.users === 'frozen',
    then: (d) => void (d.claimed = false),
  }),
]

export default model('deferred-work', {
  question: 'What becomes of work that a resume has put off when the next suspend comes first?',
  parameters,
  actors: {
    pm: system('suspend and resume'),
    work: system('work queues'),
    user: environment('user tasks'),
  },
  initial: ({ cycles }) => ({
    device: 'active',
    work: 'none',
    usage: 0,
    init: false,
    locked: false,
    users: 'running',
    claimed: false,
    queue: 'running',
    cycles,
  }),
  parts: ({ what }) => (what === 'hub' ? hub : mmc),
  patches: [
    patch('hub-no-flush', {
      kind: 'era',
      says: 'The suspend of the hub leaves the post-resume work queued.',
      reference: 'before a49e1e2e785f',
      edits: [edit.remove('hub.hub_quiesce')],
    }),
    patch('hub-put-before-get', {
      kind: 'era',
      says: 'The work is queued before its reference is taken.',
      reference: 'before a49e1e2e785f',
      edits: [
        edit.replace('hub.usb_autopm_get', { goto: 'hub_suspend' }),
        edit.replace('hub.queue_delayed_work', { goto: 'usb_autopm_get' }),
        edit.replace('hub.hub_resume', { goto: 'queue_delayed_work' }),
      ],
    }),
    patch('hub-flush-shared', {
      kind: 'era',
      says: 'What is flushed is the work item that initialisation uses too, with the lock held that initialisation needs.',
      reference: 'a49e1e2e785f, before 9bd9c8026341',
      edits: [edit.replace('hub.hub_quiesce', { when: (s) => s.work === 'none' && !s.init })],
    }),
    patch('mmc-wait-before-freeze', {
      kind: 'era',
      says: 'The suspend notifier waits for the rescan before user space is frozen.',
      reference: 'before 17a17bf50612',
      edits: [
        edit.after(
          'mmc.suspend_prepare',
          step('mmc_pm_notify', {
            origin: source(mmcFile, 'mmc_pm_notify'),
            says: 'cancel_delayed_work_sync(): a rescan that runs is waited for',
            when: (s) => s.work === 'none',
          }),
        ),
      ],
    }),
    patch('queue-not-frozen', {
      kind: 'fault',
      says: 'The rescan is queued where nothing freezes it.',
      edits: [edit.replace('mmc.freeze_workqueues', { then: () => {} })],
    }),
    patch('never-suspends', {
      kind: 'fault',
      says: 'The flush never ends.',
      edits: [edit.replace('hub.hub_quiesce', { when: () => false })],
    }),
  ],
  resting: (s) => s.cycles === 0 && s.work === 'none',
  abstractions: [
    "A user task that does I/O without pause is one that never releases the host before it is frozen: whether it would is the scheduler's luck.",
    'The commits differ in which of two work items carries the post-resume work; here the item is shared or not by what the flush waits for.',
  ],
})
