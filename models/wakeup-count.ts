/**
 * The wake-up counter: how user space and the kernel agree that no wake-up event is lost on the way to sleep.
 *
 * Sources: drivers/base/power/wakeup.c, drivers/base/power/runtime.c, kernel/power/process.c and suspend.c of Linux 7.3.4.
 */

import { bool, env, environment, int, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

const parameters = {
  events: parameter(int(0, 3), 2, 'how many wake-up events there may be'),
  cycles: parameter(int(1, 2), 1, 'how many times user space asks for sleep'),
  siblings: parameter(int(0, 1), 0, 'how many runtime-resume requests a sibling device may queue'),
}

interface Choice {
  readonly events: number
  readonly cycles: number
  readonly siblings: number
}

export const state = ({ events, cycles, siblings }: Choice) =>
  record({
    /** The two halves of combined_event_count: events registered so far, and events being processed. */
    count: int(0, events + siblings),
    active: int(0, events),
    /** saved_count and events_check_enabled. */
    saved: int(0, events + siblings),
    armed: bool(),
    /** pm_abort_suspend: raised by a hard event, or by a wake-up interrupt once its line is armed; the next freeze forgets it. */
    abort: bool(),
    /** Wake-up interrupt lines are armed: their handlers do not run any more, they only raise the flag. */
    lines: bool(),
    /** What user space read, and what really happened: events that it has not handled yet. */
    read: int(0, events + siblings),
    unhandled: int(0, events),
    /** A runtime-resume request in the work queue, which is frozen during sleep. */
    queued: bool(),
    left: int(0, events),
    siblings: int(0, siblings),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const file = 'drivers/base/power/wakeup.c'

/** What the armed check looks at. */
const counted = (s: Readonly<State>): boolean => s.armed && (s.count !== s.saved || s.active > 0)

/** pm_wakeup_pending(). */
const pending = (s: Readonly<State>): boolean => counted(s) || s.abort

/** It says yes; the check is disarmed by what it counted, not by an abort (wakeup.c:877-882). */
const woken = (goto: string) => ({
  when: pending,
  then: (d: State) => {
    if (counted(d)) d.armed = false
  },
  goto,
})

const test = (name: string, symbol: string, where: string, goto: string) =>
  step(name, { origin: source(where, symbol), either: { clear: { when: (s) => !pending(s) }, woken: woken(goto) } })

export default model('wakeup-count', {
  question: 'Can the machine fall asleep on a wake-up event that nobody has handled?',
  parameters,
  actors: {
    user: system('the task that decides to sleep, and the kernel on its behalf'),
    source: environment('wake-up sources'),
    device: environment('other devices, which use runtime PM'),
  },
  initial: ({ events, siblings, cycles }) => ({
    count: 0,
    active: 0,
    saved: 0,
    armed: false,
    abort: false,
    lines: false,
    read: 0,
    unhandled: 0,
    queued: false,
    left: events,
    siblings,
    cycles,
  }),
  parts: () => [
    thread(
      'sleep',
      { actor: 'user' },
      step('read', {
        origin: source(file, 'pm_get_wakeup_count'),
        says: 'the read of wakeup_count blocks while events are being processed',
        when: (s) => s.cycles > 0 && s.active === 0,
        then: (d) => void (d.read = d.count),
      }),
      step('process', {
        origin: env('user space handles every event that it knows of'),
        then: (d) => void (d.unhandled = 0),
      }),
      step('write', {
        origin: source(file, 'pm_save_wakeup_count'),
        says: 'the number is written back: accepted only if nothing was registered and nothing is in progress',
        either: {
          accepted: {
            when: (s) => s.count === s.read && s.active === 0,
            then: (d) => {
              d.saved = d.read
              d.armed = true
            },
          },
          refused: {
            when: (s) => s.count !== s.read || s.active > 0,
            then: (d) => void (d.armed = false),
            goto: 'read',
          },
        },
      }),
      step('freeze_processes', {
        origin: source('kernel/power/process.c', 'freeze_processes'),
        says: 'pm_wakeup_clear() forgets an abort that was raised before',
        then: (d) => {
          d.cycles--
          d.abort = false
        },
      }),
      step('try_to_freeze_tasks', {
        origin: source('kernel/power/process.c', 'try_to_freeze_tasks'),
        says: 'whether a wake-up is pending is asked only as long as somebody has not frozen',
        either: { clear: {}, woken: woken('over') },
      }),
      step('device_suspend', {
        origin: source('drivers/base/power/main.c', 'device_suspend'),
        says: 'pm_runtime_barrier() resumes a device for which a request is queued, and reports nothing',
        then: (d) => void (d.queued = false),
      }),
      test('pm_wakeup_pending', 'device_suspend', 'drivers/base/power/main.c', 'disarm'),
      step('suspend_device_irqs', {
        origin: source('kernel/irq/pm.c', 'suspend_device_irqs'),
        says: 'wake-up interrupts are armed: from here on they raise the abort flag',
        then: (d) => void (d.lines = true),
      }),
      test('suspend_enter', 'suspend_enter', 'kernel/power/suspend.c', 'resume_device_irqs'),
      step('asleep', {
        origin: env('the machine sleeps until an event wakes it'),
        when: (s) => s.abort || s.left === 0,
      }),
      step('resume_device_irqs', {
        origin: source('kernel/irq/pm.c', 'resume_device_irqs'),
        says: 'the handlers of the interrupts that came meanwhile run now, and user space hears of them',
        then: (d) => void (d.lines = false),
      }),
      step('disarm', {
        origin: source('kernel/power/suspend.c', 'enter_state'),
        says: 'events_check_enabled = false; an attempt that was given up while tasks froze does not come here and leaves it armed',
        then: (d) => void (d.armed = false),
      }),
      step('over', {
        origin: source('kernel/power/process.c', 'thaw_processes'),
        says: 'the thawed work queue does what is queued; an abort stays raised',
        then: (d) => void (d.queued = false),
        goto: 'read',
      }),
    ),
    action('pm_stay_awake', {
      actor: 'source',
      origin: source(file, 'wakeup_source_activate'),
      says: 'an event begins: it is in progress until it is registered; with lines armed, from a timer or an interrupt that is never suspended',
      when: (s, _, at) => s.left > 0 && !at('sleep', 'asleep'),
      then: (d) => {
        d.left--
        d.active++
        d.unhandled++
      },
      either: {
        soft: {},
        hard: {
          origin: source(file, 'pm_system_wakeup'),
          says: 'an event that aborts whether or not the check is armed',
          then: (d) => void (d.abort = true),
        },
      },
    }),
    action('pm_relax', {
      actor: 'source',
      origin: source(file, 'wakeup_source_deactivate'),
      says: 'one atomic addition takes it from in progress to registered',
      when: (s) => s.active > 0,
      then: (d) => {
        d.active--
        d.count++
      },
    }),
    action('wake_irq', {
      actor: 'source',
      origin: source('kernel/irq/pm.c', 'irq_pm_handle_wakeup'),
      when: (s) => s.left > 0 && s.lines && !s.abort,
      then: (d) => {
        d.left--
        d.abort = true
      },
    }),
    action('rpm_resume_sibling', {
      actor: 'device',
      origin: source('drivers/base/power/runtime.c', 'rpm_resume'),
      says: 'a device turns a shared power resource on, which queues resume requests for those that share it',
      when: (s, _, at) => s.siblings > 0 && !s.queued && at('sleep', 'device_suspend'),
      then: (d) => {
        d.siblings--
        d.queued = true
      },
    }),
  ],
  patches: [
    patch('lines-stay-armed', {
      kind: 'fault',
      says: 'Nobody disarms the wake-up interrupts again.',
      edits: [edit.replace('sleep.resume_device_irqs', { says: 'the lines stay armed', then: () => {} })],
    }),
    patch('no-write', {
      kind: 'fault',
      says: 'User space does not write the number back: nothing arms the check.',
      edits: [edit.remove('sleep.write')],
    }),
    patch('write-checks-count-only', {
      kind: 'fault',
      says: 'The write looks at the registered events and not at those in progress, and so does the check.',
      edits: [
        edit.replace('sleep.write/accepted', { when: (s) => s.count === s.read }),
        edit.replace('sleep.write/refused', { when: (s) => s.count !== s.read }),
        ...['pm_wakeup_pending', 'suspend_enter'].map((name) =>
          edit.replace(`sleep.${name}/clear`, { when: (s) => !(s.armed && s.count !== s.saved) && !s.abort }),
        ),
        ...['try_to_freeze_tasks', 'pm_wakeup_pending', 'suspend_enter'].map((name) =>
          edit.replace(`sleep.${name}/woken`, { when: (s) => (s.armed && s.count !== s.saved) || s.abort }),
        ),
      ],
    }),
    patch('process-then-read', {
      kind: 'fault',
      says: 'User space handles the events first and reads the number afterwards.',
      edits: [edit.move('sleep.process', { before: 'sleep.read' })],
    }),
    patch('lines-armed-before-freeze', {
      kind: 'fault',
      says: 'A wake-up interrupt may raise the abort flag before the freezer clears it.',
      edits: [
        edit.move('sleep.suspend_device_irqs', { before: 'sleep.freeze_processes' }),
        edit.replace('sleep.try_to_freeze_tasks/woken', { goto: 'resume_device_irqs' }),
        edit.replace('sleep.pm_wakeup_pending/woken', { goto: 'resume_device_irqs' }),
        edit.replace('source.wake_irq', {
          then: (d) => {
            d.left--
            d.abort = true
            d.unhandled++
          },
        }),
      ],
    }),
    patch('always-pending', {
      kind: 'fault',
      says: 'The last test always finds an event pending.',
      edits: [
        edit.replace('sleep.suspend_enter/clear', { when: () => false }),
        edit.replace('sleep.suspend_enter/woken', { when: () => true }),
      ],
    }),
    patch('barrier-waits', {
      kind: 'fault',
      says: 'pm_runtime_barrier() waits for a queued request instead of carrying it out: the work queue is frozen.',
      edits: [edit.replace('sleep.device_suspend', { when: (s) => !s.queued })],
    }),
    patch('request-is-event', {
      kind: 'era',
      says: 'pm_runtime_barrier() takes any queued resume request for a wake-up event.',
      reference: 'before e3eb6e8fba65',
      edits: [
        edit.replace('sleep.device_suspend', {
          then: (d) => {
            if (d.queued) d.count++
            d.queued = false
          },
        }),
      ],
    }),
    patch('driver-relies-on-request', {
      kind: 'era',
      says: 'A driver queues a resume request for its wake-up and signals no event, for the barrier will; but the work may have begun by then.',
      reference: 'before e3eb6e8fba65',
      edits: [
        edit.replace('source.pm_stay_awake', {
          when: (s, _, at) => s.left > 0 && !at('sleep', 'asleep') && !s.queued,
          then: (d) => {
            d.left--
            d.unhandled++
            d.queued = true
          },
        }),
        edit.add(
          action('pm_runtime_work', {
            actor: 'device',
            origin: source('drivers/base/power/runtime.c', 'pm_runtime_work'),
            says: 'the request is taken from the queue just before the freezer stops it',
            when: (s, _, at) => s.queued && !at('sleep', 'device_suspend') && !s.lines,
            then: (d) => void (d.queued = false),
          }),
        ),
      ],
    }),
  ],
  resting: (s, at) => (at('sleep', 'read') || at('sleep', 'process')) && s.cycles === 0,
  abstractions: [
    'The two 16-bit halves of the counter are two small integers that do not wrap: 2^16 events between a read and a write are not modelled.',
    'An event that comes while wake-up lines are armed is handled after the resume; it is not counted as unhandled.',
    'A hard event is one step: wakeup_source_activate() and pm_system_wakeup() are two atomic additions, and whoever looks between them sees it in the count, or, if nothing is armed, an event that has not quite happened.',
    'An abort that is taken back (pm_system_cancel_wakeup(), of ACPI in s2idle) is left out; so is the sleep s2idle, which pm-core has. The tests of the late and noirq phases, of CPUs going down and of syscore_suspend() are later than that of device_suspend() and before the last: one stands for them.',
  ],
})
