/** What system sleep must keep: the unwinding is exact, in order, complete, and no wake-up is lost. */

import { propertiesOver, type Properties } from '../src/index.js'
import type { At, Frozen } from '../src/write/model.js'
import { graphOf, lists, stages, state, type Choice, type State } from '../models/pm-core/state.js'

const { always, step, reachable, possible, leadsTo } = propertiesOver(state)

type Device = Frozen<State>['dev'][number]

const isIdle = (_: Frozen<State>, at: At): boolean => at('pm', 'wakeup_count_show')
const isAsleep = (_: Frozen<State>, at: At): boolean => at('pm', 'asleep')

/** How far down a device is; one that runtime PM suspended is all the way down. */
const depth = ({ low, open }: Device): number => (low ? 3 : open.suspend + open.late + open.noirq)

/** The way up that fits each way down; a device that lost its power must be set up anew. */
const fitting: Readonly<Record<Device['stopped'], readonly string[]>> = {
  no: [],
  suspend: ['resume'],
  freeze: ['thaw', 'recover'],
  poweroff: ['restore'],
  reset: ['restore'],
}

const properties: Properties = (parameters) => {
  const choice = parameters as unknown as Choice
  const { sleep } = choice
  const { all, superiors } = graphOf(choice)
  return [
    always(
      'unwind-exact',
      'A callback of the way up runs exactly once for each callback of the way down that succeeded.',
      (s) => s.dev.every(({ open }) => stages.every((stage) => open[stage] === 0 || open[stage] === 1)),
    ),
    always('reverse-order', 'A stage of a device is undone only after all deeper stages of it are.', (s) =>
      s.dev.every(({ open }) => open.noirq <= open.late && open.late <= open.suspend && open.suspend <= open.prepare),
    ),
    always(
      'dependency-order',
      'No device is in use while a parent or supplier of it is further down than itself.',
      (s) => all.every((b) => superiors[b]!.every((a) => depth(s.dev[b]!) >= depth(s.dev[a]!))),
    ),
    step('early-after-noirq', 'Early resume runs only on a device that is not runtime-suspended any more.', {
      on: ['pm.device_resume_early/ok', 'async.device_resume_early/ok'],
      holds: (before, _, { args }) => !before.dev[(args.i as number | undefined) ?? before.cursor]!.low,
    }),
    step('fitting-undo', 'A device is resumed with the message that fits how it was stopped.', {
      on: ['pm.device_resume/ok', 'async.device_resume/ok'],
      holds: (before, _, { args }) => {
        const { stopped } = before.dev[(args.i as number | undefined) ?? before.cursor]!
        return stopped === 'no' || fitting[stopped].includes(before.undo)
      },
    }),
    always('one-list', 'Every device is on exactly one list.', (s) =>
      s.dev.every(({ on }) => lists.filter((list) => on[list]).length === 1),
    ),
    always('no-stale-flag', 'Between two attempts no per-attempt flag of a device is set.', {
      when: isIdle,
      holds: (s) =>
        s.dev.every(
          ({ flag, direct, queued, started, on, stopped }) =>
            !flag.suspend &&
            !flag.late &&
            !flag.noirq &&
            !direct &&
            !queued &&
            !started &&
            on.registered &&
            stopped === 'no',
        ),
    }),
    always('callbacks-balanced', 'Between two attempts every callback of the way down was undone.', {
      when: isIdle,
      holds: (s) => s.dev.every(({ open }) => stages.every((stage) => open[stage] === 0)),
    }),
    always('runtime-pm-balanced', 'Runtime PM is enabled as often as it was disabled, and never before.', (s, at) =>
      s.dev.every(({ disabled }) => disabled >= 0 && !(isIdle(s, at) && disabled !== 0)),
    ),
    always(
      'everyone-back',
      'Between two attempts tasks, CPUs, interrupts, the gfp mask, notifier and syscore are as before.',
      {
        when: isIdle,
        holds: (s) =>
          s.frozen === 'none' &&
          s.cpus === 'all' &&
          s.irqs &&
          s.gfp === 0 &&
          !s.notified &&
          !s.syscore &&
          !s.event &&
          !s.error,
      },
    ),
    always('prepare-balanced', 'Between two attempts nothing that device_prepare() takes is held.', {
      when: isIdle,
      holds: (s) => s.dev.every(({ held }) => !held),
    }),
    always(
      'no-io-below-devices',
      'While a device is suspended, and until an image that was made is spent or given up, allocations do no I/O.',
      {
        when: (s) => s.dev.some(({ open }) => open.suspend > 0) || s.image !== 'none',
        holds: (s) => s.gfp > 0,
      },
    ),
    always('frozen-below-devices', 'While a device is suspended no user task runs.', (s) =>
      s.dev.every(({ open }) => open.suspend <= 0 || s.frozen !== 'none'),
    ),
    step('syscore-undone-once', 'syscore_resume() runs only after a syscore_suspend() that succeeded.', {
      on: 'pm.syscore_resume',
      holds: (before) => before.syscore,
    }),
    always(
      'ready-at-commit',
      'The machine sleeps only when drivers were notified and tasks and devices, and but for s2idle CPUs, interrupts and syscore, are all down; without power only when its image is written.',
      {
        when: isAsleep,
        holds: (s) =>
          (sleep !== 'disk' || s.image === 'written') &&
          s.notified &&
          s.frozen === 'all' &&
          (sleep === 's2idle' || (s.cpus === 'boot' && !s.irqs && s.syscore)) &&
          s.dev.every((dev) => depth(dev) === 3),
      },
    ),
    step('no-spurious-abort', 'An attempt is aborted for a wake-up only if there was a wake-up event.', {
      on: ['pm.*/woken', 'async.*/woken'],
      holds: (before) => before.event,
    }),
    always('no-lost-wakeup', 'The machine never sleeps while a wake-up event is registered and not handled.', {
      when: isAsleep,
      holds: (s) => !s.event || (sleep === 's2idle' && s.latched),
    }),
    step('honest-return', 'An attempt after which the machine never slept is not told as a success.', {
      on: 'pm.over',
      when: (before) => !before.slept,
      holds: (before) => before.result !== 'fine',
    }),
    always('image-not-stale', 'While user space runs there is no image that the next boot would honour.', {
      when: (s) => s.frozen === 'none',
      holds: (s) => s.image !== 'written',
    }),
    step('on-after-wakeup', 'A machine whose power-off was aborted for a wake-up is not switched off.', {
      on: 'pm.swsusp_write/*',
      when: (before) => before.image === 'written' && before.result === 'busy',
      holds: (_, after) => !after.slept,
    }),
    possible('attempt-ends', 'Every attempt can come to its end.', isIdle),
    leadsTo('attempt-terminates', 'Every attempt comes to its end, or to the sleep state.', {
      from: (s, at) => !isIdle(s, at),
      to: (s, at) => isIdle(s, at) || isAsleep(s, at),
    }),
    reachable('can-sleep', 'Some attempt reaches the sleep state.', isAsleep),
  ]
}

export default properties
