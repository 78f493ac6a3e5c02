/**
 * How virtio-blk stops its queue for suspend: quiesce, freeze, or both, and what each choice breaks.
 *
 * Sources: drivers/block/virtio_blk.c and block/blk-mq.c of Linux 7.3.4, which the base is; 4ce6e2db00de, 7678abee0867, and the
 * bisection of 13 December 2024 that followed it.
 */

import {
  bool,
  each,
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

const cpus = ['cpu0', 'cpu1'] as const

const parameters = {
  requests: parameter(int(1, 3), 2, 'how many requests tasks may submit'),
  cycles: parameter(int(1, 2), 1, 'how many attempts to sleep'),
  wakeups: parameter(int(0, 1), 1, 'how many wake-up events there may be'),
  contexts: parameter(oneOf('per CPU', 'one'), 'per CPU', 'the hardware contexts of the queue'),
}

interface Choice {
  readonly requests: number
  readonly cycles: number
  readonly wakeups: number
}

export const state = ({ requests, cycles, wakeups }: Choice) =>
  record({
    /** blk_mq_freeze_queue(): nobody enters the queue. */
    frozen: bool(),
    /** blk_mq_quiesce_queue(): nothing is dispatched from it. */
    quiesced: bool(),
    /** The virtqueues exist. */
    live: bool(),
    /** Requests that are allocated and not dispatched, and requests in the ring, per hardware context. */
    held: each(cpus, int(0, 1)),
    ring: each(cpus, int(0, 1)),
    /** Requests that were in a ring when it was deleted: nobody will ever complete them. */
    lost: int(0, 2),
    cpu1: bool(),
    /** BLK_MQ_S_INACTIVE of the context of CPU 1: no request is allocated in it. */
    inactive: bool(),
    wakeup: bool(),
    wakeups: int(0, wakeups),
    budget: int(0, requests),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const driver = 'drivers/block/virtio_blk.c'
const core = 'block/blk-mq.c'

/** The last request of a task on this CPU was served. */
const free =
  (s: { readonly held: Readonly<Record<string, number>>; readonly ring: Readonly<Record<string, number>> }) =>
  (cpu: string): boolean =>
    s.held[cpu] === 0 && s.ring[cpu] === 0

const unfreeze = step('blk_mq_unfreeze_queue', {
  origin: source('include/linux/blk-mq.h', 'blk_mq_unfreeze_queue'),
  then: (d) => void (d.frozen = false),
})

export default model('block-quiesce', {
  question: 'How must a block driver stop its queue, so that no request is lost and nobody waits for ever?',
  parameters,
  actors: {
    pm: system('the task that suspends the machine'),
    block: system('the block layer'),
    device: system('the device: completes what is in a ring'),
    task: environment('tasks and kernel threads that do I/O'),
    source: environment('wake-up sources'),
  },
  initial: ({ requests, cycles, wakeups }) => ({
    frozen: false,
    quiesced: false,
    live: true,
    held: { cpu0: 0, cpu1: 0 },
    ring: { cpu0: 0, cpu1: 0 },
    lost: 0,
    cpu1: true,
    inactive: false,
    wakeup: false,
    wakeups,
    budget: requests,
    cycles,
  }),
  parts: ({ contexts }) => [
    thread(
      'pm',
      { actor: 'pm' },
      step('virtblk_freeze', {
        origin: source(driver, 'virtblk_freeze'),
        when: (s) => s.cycles > 0,
        then: (d) => {
          d.cycles--
          d.wakeup = false
        },
      }),
      step('blk_freeze_queue_start', {
        origin: source(core, 'blk_freeze_queue_start'),
        then: (d) => void (d.frozen = true),
      }),
      step('blk_mq_freeze_queue_wait', {
        origin: source(core, 'blk_mq_freeze_queue_wait'),
        says: 'every request that entered has been completed',
        when: (s) => cpus.every(free(s)),
      }),
      step('blk_mq_quiesce_queue', {
        origin: source(core, 'blk_mq_quiesce_queue_nowait'),
        then: (d) => void (d.quiesced = true),
      }),
      unfreeze,
      step('virtio_reset_device', {
        origin: source(driver, 'virtblk_freeze'),
        says: 'the device is reset and the virtqueues are deleted, with whatever is in them',
        then: (d) => {
          d.lost += d.ring.cpu0 + d.ring.cpu1
          d.ring.cpu0 = d.ring.cpu1 = 0
          d.live = false
        },
      }),
      step('bio_queue_enter', {
        origin: source('block/blk.h', 'bio_queue_enter'),
        says: 'the suspend callback of another device enters the queue, in the very thread that suspends',
        when: (s) => !s.frozen,
      }),
      contexts === 'one'
        ? step('blk_mq_hctx_notify_offline', {
            origin: source(core, 'blk_mq_hctx_has_online_cpu'),
            says: 'CPU 1 goes down: its context has another CPU that is online, so nobody waits',
            then: (d) => void (d.cpu1 = false),
            goto: 'sleep',
          })
        : step('blk_mq_hctx_notify_offline', {
            origin: source(core, 'blk_mq_hctx_notify_offline'),
            says: 'CPU 1, the last of its context, is about to go down: no request is allocated in that context any more',
            then: (d) => void (d.inactive = true),
          }),
      step('blk_mq_hctx_has_requests', {
        origin: source(core, 'blk_mq_hctx_has_requests'),
        either: {
          none: {
            says: 'the last request of the context is gone, and so is CPU 1',
            when: (s) => free(s)('cpu1'),
            then: (d) => void (d.cpu1 = false),
          },
          woken: {
            says: 'pm_wakeup_pending(): the context is active again, -EBUSY, and the attempt is undone',
            origin: source(core, 'blk_mq_hctx_notify_offline'),
            when: (s) => !free(s)('cpu1') && s.wakeup,
            then: (d) => void (d.inactive = false),
            goto: 'cpu1-up',
          },
        },
      }),
      step('sleep', { origin: env('the machine sleeps and is woken') }),
      step('cpu1-up', {
        origin: source(core, 'blk_mq_hctx_notify_online'),
        then: (d) => {
          d.cpu1 = true
          d.inactive = false
        },
      }),
      step('virtblk_restore', {
        origin: source(driver, 'virtblk_restore'),
        then: (d) => void (d.live = true),
      }),
      step('blk_mq_unquiesce_queue', {
        origin: source(core, 'blk_mq_unquiesce_queue'),
        then: (d) => void (d.quiesced = false),
        goto: 'virtblk_freeze',
      }),
    ),
    action('submit', {
      actor: 'task',
      for: { cpu: cpus },
      origin: source(core, 'blk_mq_alloc_request'),
      says: 'a task allocates a request; in a context that is inactive it gives the tag back, and tries again where it runs then',
      when: (s, { cpu }) => !s.frozen && s.budget > 0 && free(s)(cpu) && (cpu === 'cpu0' || (s.cpu1 && !s.inactive)),
      then: (d, { cpu }) => {
        d.budget--
        d.held[cpu]++
      },
    }),
    action('dispatch', {
      actor: 'block',
      for: { cpu: cpus },
      origin: source(core, 'blk_mq_dispatch_rq_list'),
      when: (s, { cpu }) => s.held[cpu] > 0 && !s.quiesced,
      then: (d, { cpu }) => {
        d.held[cpu]--
        d.ring[cpu]++
      },
    }),
    action('complete', {
      actor: 'device',
      for: { cpu: cpus },
      origin: source(driver, 'virtblk_done'),
      when: (s, { cpu }) => s.live && s.ring[cpu] > 0,
      then: (d, { cpu }) => void d.ring[cpu]--,
    }),
    action('pm_system_wakeup', {
      actor: 'source',
      origin: source('drivers/base/power/wakeup.c', 'pm_system_wakeup'),
      when: (s, _, at) => s.wakeups > 0 && !at('pm', 'virtblk_freeze'),
      then: (d) => {
        d.wakeups--
        d.wakeup = true
      },
    }),
  ],
  patches: [
    patch('quiesce-only', {
      kind: 'era',
      says: 'The queue is only quiesced: what is in the ring stays there.',
      reference: 'before 4ce6e2db00de',
      edits: [
        edit.remove('pm.blk_freeze_queue_start'),
        edit.remove('pm.blk_mq_freeze_queue_wait'),
        edit.remove('pm.blk_mq_unfreeze_queue'),
      ],
    }),
    patch('frozen-all-along', {
      kind: 'era',
      says: 'The queue is frozen instead, from suspend to resume.',
      reference: '4ce6e2db00de, before 7678abee0867',
      edits: [
        edit.remove('pm.blk_mq_quiesce_queue'),
        edit.remove('pm.blk_mq_unfreeze_queue'),
        edit.before('pm.blk_mq_unquiesce_queue', unfreeze),
      ],
    }),
    patch('quiesced-not-waited', {
      kind: 'fix',
      says: 'Nobody waits for requests of a queue that is quiesced: none of them is with the device, and the resume dispatches them.',
      reference: 'a proposal of ours',
      edits: [
        edit.replace('pm.blk_mq_hctx_has_requests/none', { when: (s) => s.quiesced || free(s)('cpu1') }),
        edit.replace('pm.blk_mq_hctx_has_requests/woken', {
          when: (s) => !s.quiesced && !free(s)('cpu1') && s.wakeup,
        }),
      ],
    }),
    patch('drained-only', {
      kind: 'fault',
      says: 'The queue is drained and not quiesced: what is allocated later is put into a deleted virtqueue.',
      edits: [edit.remove('pm.blk_mq_quiesce_queue')],
    }),
    patch('cpu-forgotten', {
      kind: 'fault',
      says: 'CPU 1 is not brought up again.',
      edits: [edit.remove('pm.cpu1-up')],
    }),
    patch('no-sleep', {
      kind: 'fault',
      says: 'CPU 1 refuses to go down.',
      edits: [edit.replace('pm.blk_mq_hctx_has_requests/none', { when: () => false })],
    }),
  ],
  resting: (s, at) => at('pm', 'virtblk_freeze') && s.cycles === 0,
  abstractions: [
    'One request per hardware context at a time: more would wait for the same things.',
    'A task whose allocation on CPU 1 is given up is moved to CPU 0 (blk_mq_get_tag, msleep): that is the other instance of the same action.',
    'In a frozen queue blk_mq_hctx_notify_offline does not look for requests (percpu_ref_tryget): there are none.',
    'The test of wake-up events before each CPU (freeze_secondary_cpus) is in hotplug-ladder. Only CPU 1 goes down, once.',
    'A restore that finds no memory for its queues leaves the queue quiesced: virtio-blk. A reset of the device (virtblk_reset_prepare) uses the same pair, with CPUs that stay.',
  ],
})
