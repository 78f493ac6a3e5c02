/**
 * Work that resume puts off, and the next suspend that comes before it is done.
 *
 * Two parts of Linux 7.3.4: the delayed post-resume work of a USB hub (drivers/usb/core/hub.c: hub_activate, hub_quiesce, hub_post_resume), and
 * the rescan of an MMC host (drivers/mmc/core: mmc_schedule_delayed_work, mmc_host_class_prepare, mmc_host_class_complete).
 */

import { env, environment, int, oneOf, over, parameter, record, source, system } from '../src/index.js'
import {
  activeDevice,
  delayedWork,
  freezer,
  idleWork,
  kernelOver,
  mutex,
  runtimePM,
  thawed,
  workqueue,
} from '../src/kernel.js'

const things = {
  /** The lock and the references of the hub; its post-resume work, and that of its initialisation, which once did both. */
  lock: mutex('hub', 'init'),
  hub: runtimePM(),
  post: delayedWork('post'),
  init: delayedWork('init', 'post'),
  /** User tasks do I/O; the host of the card is claimed by one of them, or by the rescan, which is queued on system_freezable_wq. */
  users: freezer('io'),
  claim: mutex('io', 'rescan'),
  rescan: delayedWork('rescan'),
  wq: workqueue({ freezable: true }),
}
export const state = ({ cycles }: { readonly cycles: number }) =>
  record({ ...things, device: oneOf('active', 'suspended'), cycles: int(0, cycles) })

const { model, thread, step, call, does, set, patch, edit } = over(state)
const { lock, hub, post, init, users, claim, rescan, wq } = kernelOver(state, things)
const hubFile = 'drivers/usb/core/hub.c'
const mmcFile = 'drivers/mmc/core/core.c'
const fn = (symbol: string) => source(hubFile, symbol)
const core = (symbol: string) => source('drivers/base/power/main.c', symbol)
const process = (symbol: string) => source('kernel/power/process.c', symbol)
const sleeps = call(env('asleep'), set({ device: 'suspended' }))
const wakes = set({ device: 'active' })

/** An attempt to sleep, again and again. */
const attempt = step('suspend_prepare', {
  origin: source('kernel/power/suspend.c', 'suspend_prepare'),
  when: (s) => s.cycles > 0,
  then: (d) => void d.cycles--,
})
const again = does('again', { goto: 'suspend_prepare' })

const ofHub = () => [
  thread(
    'hub',
    { actor: 'pm', says: 'suspend and resume of a hub' },
    attempt,
    call(core('device_suspend'), lock.lock, call(fn('hub_quiesce'), post.flush), sleeps, lock.unlock),
    call(
      core('device_resume'),
      lock.lock,
      call(fn('hub_activate'), wakes, hub.getNoresume, post.queueDelayed),
      lock.unlock,
      again,
    ),
  ),
  post.worker('post', { actor: 'work' }, call(fn('hub_post_resume'), hub.putNoidle)),
  init.worker('init', { actor: 'work' }, call(fn('hub_init_func2'), lock.lock, does('hub_activate'), lock.unlock)),
]

const ofCard = () => [
  thread(
    'mmc',
    { actor: 'pm', says: 'suspend of a machine with a card in a slot' },
    attempt,
    call(process('freeze_processes'), users.freeze),
    call(process('freeze_kernel_threads'), wq.freeze),
    sleeps,
    call(source('drivers/mmc/core/host.c', 'mmc_host_class_complete'), wakes, rescan.queueDelayed),
    call(process('thaw_processes'), wq.thaw, users.thaw, again),
  ),
  rescan.worker(
    'rescan',
    { actor: 'work', on: wq },
    call(source(mmcFile, 'mmc_rescan'), claim.lock, does('mmc_rescan_try_freq'), claim.unlock),
  ),
  thread(
    'io',
    { actor: 'user', says: 'reads from the card without pause, and lets go when it is to freeze' },
    call(
      source(mmcFile, '__mmc_claim_host'),
      claim.lock,
      does('read', { either: { more: { goto: 'read' }, freezes: { when: (s) => s.users.freezing } } }),
      claim.unlock,
      users.tryToFreeze,
      does('again', { goto: 'mutex_lock:claim' }),
    ),
  ),
]

const quiesce = 'hub.device_suspend:hub_quiesce'
const activate = 'hub.device_resume:hub_activate'
const flushed = [`${quiesce}:flush_delayed_work:post`, `${quiesce}:__flush_work_barrier:post`]

export default model('deferred-work', {
  question: 'What becomes of work that a resume has put off when the next suspend comes first?',
  parameters: {
    what: parameter(oneOf('hub', 'mmc'), 'hub', 'the post-resume work of a hub, or the rescan of a card reader'),
    cycles: parameter(int(1, 3), 2, 'how many attempts to sleep'),
  },
  actors: {
    pm: system('suspend and resume'),
    work: system('work queues'),
    user: environment('user tasks'),
  },
  initial: ({ what, cycles }) => ({
    lock: 'free',
    hub: activeDevice,
    post: idleWork('post'),
    // The hub was just found, and is still being set up.
    init: { ...idleWork('init', 'post'), queued: what === 'hub' ? 'delayed' : 'idle' },
    users: thawed('io'),
    claim: 'free',
    rescan: idleWork('rescan'),
    wq: { frozen: false, active: 0 },
    device: 'active',
    cycles,
  }),
  parts: ({ what }) => (what === 'hub' ? ofHub() : ofCard()),
  patches: [
    patch('hub-no-flush', {
      kind: 'era',
      says: 'The suspend of the hub leaves the post-resume work queued.',
      reference: 'before a49e1e2e785f',
      edits: flushed.map((one) => edit.remove(one)),
    }),
    patch('hub-put-before-get', {
      kind: 'era',
      says: 'The work is queued before its reference is taken.',
      reference: 'before a49e1e2e785f',
      edits: [
        edit.move(`${activate}:pm_runtime_get_noresume:hub`, { after: `${activate}:queue_delayed_work_on:post` }),
      ],
    }),
    patch('hub-flush-shared', {
      kind: 'era',
      says: 'The post-resume work is done by the item of the initialisation, whose function is changed: that is flushed, with the lock held that initialisation needs.',
      reference: 'a49e1e2e785f, before 9bd9c8026341',
      edits: [
        edit.before(flushed[0]!, call(fn('hub_quiesce'), init.flush)),
        ...flushed.map((one) => edit.remove(one)),
        edit.before(
          `${activate}:queue_delayed_work_on:post`,
          call(fn('hub_activate'), init.init('post'), init.queueDelayed),
        ),
        edit.remove(`${activate}:queue_delayed_work_on:post`),
        edit.add(init.worker('post', { actor: 'work', name: 'shared' }, call(fn('hub_post_resume'), hub.putNoidle))),
      ],
    }),
    patch('mmc-wait-before-freeze', {
      kind: 'era',
      says: 'The suspend notifier waits for the rescan before user space is frozen.',
      reference: 'before 17a17bf50612',
      edits: [edit.after('mmc.suspend_prepare', call(source(mmcFile, 'mmc_pm_notify'), rescan.cancelSync))],
    }),
    patch('queue-not-frozen', {
      kind: 'fault',
      says: 'The rescan is queued where nothing freezes it.',
      edits: ['freeze_workqueues_begin', 'freeze_workqueues_busy'].map((one) =>
        edit.remove(`mmc.freeze_kernel_threads:${one}:wq`),
      ),
    }),
    patch('never-suspends', {
      kind: 'fault',
      says: 'The flush never ends.',
      edits: [edit.replace(flushed[1]!, { when: () => false })],
    }),
  ],
  resting: (s, at) => s.cycles === 0 && (at('hub', 'suspend_prepare') || at('mmc', 'suspend_prepare')),
  abstractions: [
    "A user task that does I/O without pause is one that never releases the host before it is frozen: whether it would is the scheduler's luck.",
    'hub_quiesce() runs with the lock of the device held by the PM core, as hub_activate() takes it for the initialisation.',
  ],
})
