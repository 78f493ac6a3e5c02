/**
 * System sleep of Linux: suspend to memory or to idle and hibernation, from the request to the wake-up, and back from
 * any stage.
 *
 * Sources: drivers/base/power/main.c, kernel/power/suspend.c, kernel/power/hibernate.c, kernel/power/process.c and
 * drivers/base/power/wakeup.c of Linux 7.3.4.
 */

import { env, environment, source, system } from '../src/index.js'
import { commit, finish, idle, request, restore, restrict } from './pm-core/attempt.js'
import { deviceSteps, ownDevice, wake } from './pm-core/device.js'
import { patches } from './pm-core/patches.js'
import { functions, graphOf, parameters, words, type Graph, type SeenState } from './pm-core/state.js'
import { complete, prepare, walkSteps, walks } from './pm-core/walk.js'

const { model, thread, step, action } = words

/** Where the walk down leads to. */
const firstOf = {
  mem: 'suspend_disable_secondary_cpus',
  s2idle: 's2idle_loop',
  disk: 'suspend_disable_secondary_cpus',
} as const

/** Runtime-suspended at first, if it may be and everything that needs it is. */
const startsLow = (graph: Graph, i: number): boolean =>
  (graph.direct[i]! || graph.smart[i]!) && graph.subordinates[i]!.every((j) => startsLow(graph, j))

export default model('pm-core', {
  question: 'From whatever stage an attempt to sleep is aborted, is exactly what was done undone, in order?',
  parameters,
  actors: {
    core: system('the PM core, in the context of the task that asked for sleep'),
    worker: system('the asynchronous calls, one per device'),
    runtime: environment('runtime PM: users of a device'),
    device: environment('wake-up sources'),
  },
  initial: (choice) => {
    const graph = graphOf(choice)
    return {
      dev: graph.all.map((i) => ({
        on: { registered: true, prepared: false, suspended: false, late: false, noirq: false },
        flag: { suspend: false, late: false, noirq: false },
        open: { prepare: 0, suspend: 0, late: 0, noirq: 0 },
        direct: false,
        must: false,
        low: startsLow(graph, i),
        held: false,
        disabled: 0,
        completed: false,
        started: false,
        queued: false,
        stopped: 'no',
      })),
      cursor: 0,
      call: 'nothing',
      error: false,
      message: 'suspend',
      undo: 'resume',
      notified: false,
      frozen: 'none',
      cpus: 'all',
      irqs: true,
      syscore: false,
      gfp: 0,
      result: 'fine',
      slept: false,
      image: 'none',
      armed: false,
      event: false,
      abort: false,
      latched: false,
      cycles: choice.cycles,
      wakeups: choice.wakeups,
      failures: choice.failures,
    }
  },
  parts: (choice) => {
    const graph = graphOf(choice)
    const workers = graph.all.filter((i) => graph.async[i])
    const sleepers = graph.all.filter((i) => graph.direct[i] || graph.smart[i])
    return [
      thread(
        'pm',
        { actor: 'core', says: 'pm_suspend() or hibernate(), to the end of the attempt' },
        ...request(choice),
        prepare(graph, choice.sleep),
        ...restrict(choice.sleep),
        ...walkSteps(graph, walks.slice(0, 3), firstOf[choice.sleep]),
        ...commit(choice),
        ...walkSteps(graph, walks.slice(3), firstOf[choice.sleep]),
        restore(choice.sleep),
        complete(),
        ...finish(choice),
      ),
      ...(workers.length === 0
        ? []
        : [
            thread(
              'async',
              { actor: 'worker', for: { i: workers }, says: 'async_suspend(), async_resume() and siblings' },
              step('idle', {
                origin: source('kernel/async.c', 'async_run_entry_fn'),
                when: (s, { i }) => s.dev[i]!.queued,
                then: (d, { i }) => void (d.dev[i]!.queued = false),
                either: Object.fromEntries(
                  functions.map((call) => [call, { when: (s: SeenState) => s.call === call, goto: call }]),
                ),
              }),
              ...deviceSteps(graph, { who: ownDevice, isAsync: true, then: () => ({ done: 'idle' }) }),
            ),
          ]),
      ...(sleepers.length === 0
        ? []
        : [
            action('pm_runtime_resume', {
              actor: 'runtime',
              for: { i: sleepers },
              origin: source('drivers/base/power/runtime.c', '__pm_runtime_resume'),
              says: 'somebody uses the device, or another driver needs it while it suspends',
              when: (s, { i }) =>
                s.dev[i]!.low && [i, ...graph.superiors[i]!].every((j) => !s.dev[j]!.low || s.dev[j]!.disabled === 0),
              then: (d, { i }) => wake(d, graph, i),
            }),
            action('pm_runtime_suspend', {
              actor: 'runtime',
              for: { i: sleepers },
              origin: source('drivers/base/power/runtime.c', '__pm_runtime_suspend'),
              says: 'nobody uses the device, and nothing that needs it is active',
              when: (s, { i }, at) =>
                at('pm', idle) && !s.dev[i]!.low && graph.subordinates[i]!.every((j) => s.dev[j]!.low),
              then: (d, { i }) => void (d.dev[i]!.low = true),
            }),
          ]),
      action('pm_wakeup_event', {
        actor: 'device',
        origin: source('drivers/base/power/wakeup.c', 'pm_wakeup_dev_event'),
        says: 'with interrupts on the event is counted; with interrupts off it stays pending in hardware',
        when: (s, _, at) => s.wakeups > 0 && !at('pm', idle, 'asleep') && !s.event && !s.latched,
        then: (d) => {
          d.wakeups--
          if (d.irqs) d.event = true
          else d.latched = true
        },
      }),
      action('pm_system_wakeup', {
        actor: 'device',
        origin: source('drivers/base/power/wakeup.c', 'pm_system_wakeup'),
        says: 'a hard event: it aborts although nobody armed the check',
        when: (s, _, at) => s.wakeups > 0 && !at('pm', idle, 'asleep') && !s.event && !s.latched && s.irqs,
        then: (d) => {
          d.wakeups--
          d.event = true
          d.abort = true
        },
      }),
      action('wake', {
        actor: 'device',
        origin: env('a wake-up source wakes the sleeping machine'),
        when: (s, _, at) => at('pm', 'asleep') && !s.latched,
        then: (d) => {
          d.latched = true
          if (d.irqs) d.event = d.abort = true
        },
      }),
    ]
  },
  patches,
  resting: (s, at) => at('pm', idle) && s.cycles === 0,
  abstractions: [
    'The wake-up counter is one bit, "an event was registered since user space armed the check": the handshake that makes it so is the protocol wakeup-count.',
    'A callback is one step: what waits for it waits for the completion that follows it, so no other device can tell when inside the callback its hardware changed.',
    'dpm_list_mtx is not modelled: every step that holds it is one atomic step. The inline call under it is the protocol async-schedule.',
    'Platform hooks are left out: by their contract (include/linux/suspend.h) end() follows a begin() that failed, and finish() a prepare(), so there is nothing to unwind exactly. So are consoles, suspend_device_irqs, wake interrupts, freezing of file systems (fs-freeze), and what a test level skips.',
    'An error of the power-off descent is -EBUSY or -EAGAIN, or another one: both are tried. What the machine restores after a power_down() that goes on all the same is the state that the ordinary power-off leaves.',
    'Suspend to idle is left only for a wake-up: interrupts that make the loop turn once more change nothing.',
    'Syscore devices, wake-up devices and devices that come or go during sleep are left out; PM_POST notifiers cannot fail.',
    'The restored world of hibernation starts in the state of the snapshot: in both, every device went through all stages, so one state stands for both. The boot kernel is one step.',
  ],
})
