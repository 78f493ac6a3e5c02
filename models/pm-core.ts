/**
 * System sleep of Linux: suspend to memory and hibernation, from the request to the wake-up, and back from any stage.
 *
 * Sources: drivers/base/power/main.c, kernel/power/suspend.c, kernel/power/hibernate.c, kernel/power/process.c and
 * drivers/base/power/wakeup.c, as of the asynchronous rework of 2025 (aa7a9275ab81, 443046d1ad66).
 */

import { env, environment, source, system } from '../src/index.js'
import { deviceSteps, ownDevice, wake } from './pm-core/device.js'
import { patches } from './pm-core/patches.js'
import {
  functions,
  graphOf,
  parameters,
  wakeupPending,
  words,
  type Choice,
  type Graph,
  type State,
} from './pm-core/state.js'
import { complete, prepare, walkSteps, walks } from './pm-core/walk.js'
import type { Frozen } from '../src/write/model.js'

const { model, thread, step, action } = words
const suspendFile = 'kernel/power/suspend.c'
const hibernateFile = 'kernel/power/hibernate.c'

const mayFail = (s: Frozen<State>): boolean => s.failures > 0
const fail = (d: State): void => void d.failures--
const woken = (d: State): void => void (d.armed = false)

/** Where the thread stands between two attempts. */
const idle = 'wakeup_count_show'

/** From the request to the first device callback. */
const request = ({ sleep }: Choice) => [
  step(idle, {
    origin: source('kernel/power/main.c', 'wakeup_count_show'),
    says: 'user space reads the wake-up count and handles what it knows of',
    when: (s) => s.cycles > 0,
    then: (d) => {
      d.cycles--
      d.event = false
    },
  }),
  step('wakeup_count_store', {
    origin: source('kernel/power/main.c', 'wakeup_count_store'),
    says: 'it writes the number back, which arms the check unless an event was registered in between',
    either: {
      accepted: { when: (s) => !s.event, then: (d) => void (d.armed = true) },
      refused: { when: (s) => s.event, goto: 'over' },
    },
  }),
  step(sleep === 'mem' ? 'pm_suspend' : 'hibernate', {
    origin: sleep === 'mem' ? source(suspendFile, 'pm_suspend') : source(hibernateFile, 'hibernate'),
    then: (d) => {
      d.message = sleep === 'mem' ? 'suspend' : 'freeze'
      d.undo = sleep === 'mem' ? 'resume' : 'recover'
    },
  }),
  step('pm_notifier_call_chain', {
    origin: source('kernel/power/main.c', 'pm_notifier_call_chain_robust'),
    either: {
      ok: { then: (d) => void (d.notified = true) },
      fails: {
        says: 'the chain tells those already called that the attempt is over',
        when: mayFail,
        then: fail,
        goto: 'over',
      },
    },
  }),
  step('freeze_processes', {
    origin: source('kernel/power/process.c', 'freeze_processes'),
    either: {
      ok: { when: (s) => !wakeupPending(s), then: (d) => void (d.frozen = 'user') },
      woken: { when: wakeupPending, then: woken, goto: 'notify-post' },
      fails: {
        says: 'a task does not freeze within 20 s',
        log: 'Freezing user space processes failed after 20.000 seconds (1 tasks refusing to freeze, wq_busy=0):',
        provoke: 'a task that sleeps uninterruptibly on a file system whose server does not answer',
        when: mayFail,
        then: fail,
        goto: 'notify-post',
      },
    },
  }),
  step('freeze_kernel_threads', {
    origin: source('kernel/power/process.c', 'freeze_kernel_threads'),
    either: {
      ok: { when: (s) => !wakeupPending(s), then: (d) => void (d.frozen = 'all') },
      woken: { when: wakeupPending, then: woken, goto: 'thaw_processes' },
      fails: {
        says: 'it thaws kernel threads itself; user space is left to the caller',
        when: mayFail,
        then: fail,
        goto: 'thaw_processes',
      },
    },
  }),
]

/** From the last device callback to the point of no return, and its mirror. */
const commit = ({ sleep }: Choice) => [
  step('suspend_disable_secondary_cpus', {
    origin: source('kernel/cpu.c', 'freeze_secondary_cpus'),
    either: {
      ok: { when: (s) => !wakeupPending(s), then: (d) => void (d.cpus = 'boot') },
      woken: { when: wakeupPending, then: woken, goto: 'suspend_enable_secondary_cpus' },
    },
  }),
  step('local_irq_disable', {
    origin: source(suspendFile, 'arch_suspend_disable_irqs'),
    then: (d) => void (d.irqs = false),
  }),
  step('syscore_suspend', {
    origin: source('drivers/base/syscore.c', 'syscore_suspend'),
    either: {
      ok: { then: (d) => void (d.syscore = true) },
      fails: {
        says: 'it undid itself: there is no syscore_resume',
        when: mayFail,
        then: fail,
        goto: 'local_irq_enable',
      },
    },
  }),
  step('pm_wakeup_pending', {
    origin: source(suspendFile, 'suspend_enter'),
    says: 'the last test, with one CPU and interrupts off',
    either: {
      clear: { when: (s) => !wakeupPending(s) },
      woken: { when: wakeupPending, then: woken, goto: 'syscore_resume' },
    },
  }),
  ...(sleep === 'mem' ? [enter] : [snapshot, powerOff]),
  step('asleep', {
    origin: env('the machine sleeps'),
    when: (s) => s.latched,
    then: (d) => {
      if (sleep === 'disk') boot(d)
    },
    says: sleep === 'mem' ? 'a wake-up' : 'the boot kernel quiesces its devices, loads the image, and jumps into it',
  }),
  step('syscore_resume', {
    origin: source('drivers/base/syscore.c', 'syscore_resume'),
    then: (d) => void (d.syscore = false),
  }),
  step('local_irq_enable', {
    origin: source(suspendFile, 'arch_suspend_enable_irqs'),
    says: 'what stayed pending in hardware is delivered now',
    then: (d) => {
      d.irqs = true
      if (d.latched) d.event = true
      d.latched = false
    },
  }),
  step('suspend_enable_secondary_cpus', {
    origin: source('kernel/cpu.c', 'thaw_secondary_cpus'),
    then: (d) => void (d.cpus = 'all'),
  }),
]

const enter = step('suspend_ops-enter', {
  origin: source(suspendFile, 'suspend_enter'),
  says: 'the point of no return',
  either: {
    sleeps: { when: (s) => !s.latched },
    refused: { says: 'something is pending in hardware', when: (s) => s.latched, goto: 'syscore_resume' },
  },
})

const snapshot = step('swsusp_arch_suspend', {
  origin: source(hibernateFile, 'create_image'),
  says: 'memory is copied, or, on the second descent, there is nothing to copy',
  either: {
    made: {
      when: (s) => s.message === 'freeze',
      then: (d) => {
        d.image = 'made'
        d.undo = 'thaw'
      },
      goto: 'syscore_resume',
    },
    fails: { when: (s) => s.message === 'freeze' && mayFail(s), then: fail, goto: 'syscore_resume' },
    none: { when: (s) => s.message === 'poweroff' },
  },
})

const powerOff = step('hibernation_ops-enter', {
  origin: source(hibernateFile, 'hibernation_platform_enter'),
  says: 'the point of no return',
  either: {
    off: { when: (s) => !s.latched },
    refused: { says: 'something is pending in hardware', when: (s) => s.latched, goto: 'syscore_resume' },
  },
})

/** The restored world: memory is as it was in the snapshot, all devices lost their power, the image is spent. */
function boot(d: State): void {
  for (const dev of d.dev) dev.stopped = 'reset'
  d.image = 'none'
  d.undo = 'restore'
}

/** From the last device callback of the way up to the end of the attempt. */
const finish = ({ sleep }: Choice) => [
  ...(sleep === 'disk' ? [writeImage] : []),
  step('thaw_processes', {
    origin: source('kernel/power/process.c', 'thaw_processes'),
    then: (d) => void (d.frozen = 'none'),
  }),
  step('notify-post', {
    origin: source('kernel/power/main.c', 'pm_notifier_call_chain'),
    then: (d) => void (d.notified = false),
  }),
  step('over', {
    origin: source('drivers/base/power/wakeup.c', 'pm_wakeup_clear'),
    says: 'the check is disarmed; user space handles the events there were',
    then: (d) => {
      d.armed = false
      d.event = false
      d.error = false
      d.undo = 'resume'
      d.message = 'suspend'
    },
    goto: idle,
  }),
]

const writeImage = step('swsusp_write', {
  origin: source(hibernateFile, 'hibernate'),
  either: {
    written: {
      says: 'then the devices go down again, now for power-off',
      when: (s) => s.image === 'made',
      then: (d) => {
        d.image = 'written'
        d.message = 'poweroff'
        d.undo = 'restore'
      },
      goto: 'dpm_prepare',
    },
    fails: {
      when: (s) => s.image === 'made' && mayFail(s),
      then: (d) => {
        fail(d)
        d.image = 'none'
      },
    },
    unmarked: {
      says: 'power-off was aborted: the image must not be honoured by the next boot',
      when: (s) => s.image === 'written',
      then: (d) => void (d.image = 'none'),
    },
    nothing: { when: (s) => s.image === 'none' },
  },
})

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
      image: 'none',
      armed: false,
      event: false,
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
        prepare(graph),
        ...walkSteps(graph, walks.slice(0, 3)),
        ...commit(choice),
        ...walkSteps(graph, walks.slice(3)),
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
                  functions.map((call) => [call, { when: (s: Frozen<State>) => s.call === call, goto: call }]),
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
              when: (s, { i }, { pm }) =>
                pm === idle && !s.dev[i]!.low && graph.subordinates[i]!.every((j) => s.dev[j]!.low),
              then: (d, { i }) => void (d.dev[i]!.low = true),
            }),
          ]),
      action('pm_wakeup_event', {
        actor: 'device',
        origin: source('drivers/base/power/wakeup.c', 'pm_wakeup_event'),
        says: 'with interrupts on the event is counted; with interrupts off it stays pending in hardware',
        when: (s, _, { pm }) => s.wakeups > 0 && pm !== idle && pm !== 'asleep' && !s.event && !s.latched,
        then: (d) => {
          d.wakeups--
          if (d.irqs) d.event = true
          else d.latched = true
        },
      }),
      action('wake', {
        actor: 'device',
        origin: env('a wake-up source wakes the sleeping machine'),
        when: (s, _, { pm }) => pm === 'asleep' && !s.latched,
        then: (d) => void (d.latched = true),
      }),
    ]
  },
  patches,
  resting: (s, { pm }) => pm === idle && s.cycles === 0,
  abstractions: [
    'The wake-up counter is one bit, "an event was registered since user space armed the check": the handshake that makes it so is the protocol wakeup-count.',
    'A callback is one step: what waits for it waits for the completion that follows it, so no other device can tell when inside the callback its hardware changed.',
    'dpm_list_mtx is not modelled: every step that holds it is one atomic step. The inline call under it is the protocol async-schedule.',
    'Syscore devices, wake-up devices and devices that come or go during sleep are left out; PM_POST notifiers cannot fail.',
    'The restored world of hibernation starts in the state of the snapshot: in both, every device went through all stages, so one state stands for both. The boot kernel is one step.',
  ],
})
