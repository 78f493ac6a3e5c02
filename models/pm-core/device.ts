/** One device through one stage: `device_suspend` and its five siblings, as the PM core or a worker runs them. */

import { source, type Args } from '../../src/index.js'
import { wakeupPending, woken, words, type DeviceFunction, type Graph, type State } from './state.js'
import type { Frozen, StepOver } from '../../src/write/model.js'

const { step } = words
const file = 'drivers/base/power/main.c'

/** Which device a step is about: the PM core's cursor, or the worker's own. */
export type Who = (s: Frozen<State>, args: Args) => number

/** The PM core handles the device at its cursor. */
export const atCursor: Who = (s) => s.cursor

/** A worker handles its own device. */
export const ownDevice: Who = (_, { i }) => i as number

/** The steps of one thread that are about one device, `who`; where they go when the device is done. */
export interface Caller {
  readonly who: Who
  /** Workers wait for every device; the PM core, which keeps the order itself, only for asynchronous ones. */
  readonly isAsync: boolean
  readonly then: (call: DeviceFunction) => { readonly failed?: string; readonly done: string }
}

type DeviceStep = StepOver<State, Args>
type Stage = 'suspend' | 'late' | 'noirq'

const stageOf: Readonly<Record<DeviceFunction, Stage>> = {
  device_suspend: 'suspend',
  device_suspend_late: 'late',
  device_suspend_noirq: 'noirq',
  device_resume_noirq: 'noirq',
  device_resume_early: 'late',
  device_resume: 'suspend',
}

/** dpm_async_with_cleanup(): starts the asynchronous call of a device once per phase. */
export function start(d: State, graph: Graph, i: number): void {
  const dev = d.dev[i]!
  if (!graph.async[i] || dev.started) return
  dev.started = true
  dev.queued = true
}

/** All six functions, each a call step and a completion step. */
export function deviceSteps(graph: Graph, caller: Caller): readonly DeviceStep[] {
  const down = (['device_suspend', 'device_suspend_late', 'device_suspend_noirq'] as const).flatMap((call) => [
    callDown[call](graph, caller),
    completion(call, graph, caller),
  ])
  const up = (['device_resume_noirq', 'device_resume_early', 'device_resume'] as const).flatMap((call) => [
    callUp(call, graph, caller),
    completion(call, graph, caller),
  ])
  return [...down, ...up]
}

/** dpm_wait_for_subordinate(), or dpm_wait_for_superior(): the wait is on completions, without a time limit. */
function waited(graph: Graph, { who, isAsync }: Caller, others: Graph['superiors']) {
  return (s: Frozen<State>, args: Args): boolean =>
    others[who(s, args)]!.every((j) => s.dev[j]!.completed || !(isAsync || graph.async[j]))
}

/** complete_all(), after which whoever waited only for this device is started. */
function completion(call: DeviceFunction, graph: Graph, { who, then }: Caller): DeviceStep {
  const goesDown = call.startsWith('device_suspend')
  const next = goesDown ? graph.superiors : graph.subordinates
  const { failed, done } = then(call)
  const origin = source(file, goesDown ? 'dpm_async_suspend_superior' : 'dpm_async_resume_subordinate')
  const finish = (d: State, args: Args): void => {
    const i = who(d, args)
    d.dev[i]!.completed = true
    if (goesDown && d.error) return
    for (const j of next[i]!) start(d, graph, j)
  }
  if (failed === undefined) return step(`${call}-complete`, { origin, then: finish, goto: done })
  return step(`${call}-complete`, {
    origin,
    then: finish,
    either: { ok: { when: (s) => !s.error, goto: done }, failed: { when: (s) => s.error, goto: failed } },
  })
}

const failing = {
  when: (s: Frozen<State>): boolean => s.failures > 0,
  then: (d: State): void => {
    d.failures--
    d.error = true
    d.result = 'error'
  },
  provoke: 'a test driver whose callback returns an error once',
}

const callDown = {
  device_suspend: (graph: Graph, caller: Caller): DeviceStep => {
    const { who } = caller
    const goes = (s: Frozen<State>): boolean => !s.error && !wakeupPending(s)
    const isDirect = (s: Frozen<State>, args: Args): boolean => s.dev[who(s, args)]!.direct && s.dev[who(s, args)]!.low
    return step('device_suspend', {
      origin: source(file, 'device_suspend'),
      when: waited(graph, caller, graph.subordinates),
      either: {
        skipped: {
          says: 'another device failed: its callback is not called',
          when: (s) => s.error,
          then: (d, args) => void (d.dev[who(d, args)]!.direct = false),
        },
        woken: {
          says: 'pm_wakeup_pending(): the attempt is aborted here',
          provoke: 'an RTC alarm (rtcwake) that comes while a slow suspend callback runs',
          when: (s) => !s.error && wakeupPending(s),
          then: (d, args) => {
            d.dev[who(d, args)]!.direct = false
            d.error = true
            woken(d)
          },
        },
        direct: {
          says: 'direct_complete: it stays runtime-suspended and all its callbacks are skipped',
          when: (s, args) => goes(s) && isDirect(s, args),
          then: (d, args) => {
            const dev = d.dev[who(d, args)]!
            dev.disabled++
            dev.flag.suspend = true
          },
        },
        ok: {
          when: (s, args) => goes(s) && !isDirect(s, args),
          then: (d, args) => suspended(d, graph, who(d, args)),
        },
        fails: {
          ...failing,
          when: (s, args) => goes(s) && !isDirect(s, args) && s.failures > 0,
          then: (d, args) => {
            failing.then(d)
            d.dev[who(d, args)]!.direct = false
          },
        },
      },
    })
  },

  device_suspend_late: (graph: Graph, caller: Caller): DeviceStep => {
    const { who } = caller
    const goes = (s: Frozen<State>, args: Args): boolean =>
      !s.error && !wakeupPending(s) && !s.dev[who(s, args)]!.direct
    return step('device_suspend_late', {
      origin: source(file, 'device_suspend_late'),
      when: waited(graph, caller, graph.subordinates),
      either: {
        skipped: { when: (s, args) => s.error || (!wakeupPending(s) && s.dev[who(s, args)]!.direct) },
        woken: {
          when: (s) => !s.error && wakeupPending(s),
          then: (d) => {
            d.error = true
            woken(d)
          },
        },
        ok: {
          says: 'runtime PM is disabled and the callback called, unless a smart device is runtime-suspended already',
          when: goes,
          then: (d, args) => {
            const dev = d.dev[who(d, args)]!
            dev.disabled++
            dev.open.late++
            dev.flag.late = true
          },
        },
        fails: {
          ...failing,
          when: (s, args) => goes(s, args) && !s.dev[who(s, args)]!.low && s.failures > 0,
        },
      },
    })
  },

  device_suspend_noirq: (graph: Graph, caller: Caller): DeviceStep => {
    const { who } = caller
    const goes = (s: Frozen<State>, args: Args): boolean => !s.error && !s.dev[who(s, args)]!.direct
    return step('device_suspend_noirq', {
      origin: source(file, 'device_suspend_noirq'),
      when: waited(graph, caller, graph.subordinates),
      either: {
        skipped: { when: (s, args) => !goes(s, args) },
        ok: {
          says: 'a device that must be resumed makes its parent and suppliers so',
          when: goes,
          then: (d, args) => {
            const i = who(d, args)
            const dev = d.dev[i]!
            dev.open.noirq++
            dev.flag.noirq = true
            if (dev.must || !dev.low) for (const j of graph.superiors[i]!) d.dev[j]!.must ||= graph.smart[j]!
          },
        },
        fails: {
          ...failing,
          when: (s, args) => goes(s, args) && !s.dev[who(s, args)]!.low && s.failures > 0,
        },
      },
    })
  },
}

/** The suspend callback ran: only a smart device stays runtime-suspended; its superiors cannot skip theirs either. */
function suspended(d: State, graph: Graph, i: number): void {
  const dev = d.dev[i]!
  dev.direct = false
  dev.open.suspend++
  dev.flag.suspend = true
  dev.must = graph.smart[i]! && !graph.left[i]!
  dev.stopped = d.message
  if (!graph.smart[i]) wake(d, graph, i)
  for (const j of graph.superiors[i]!) d.dev[j]!.direct = false
}

/** pm_runtime_resume(): a device and everything it needs. */
export function wake(d: State, graph: Graph, i: number): void {
  d.dev[i]!.low = false
  for (const j of graph.superiors[i]!) if (d.dev[j]!.low) wake(d, graph, j)
}

function callUp(call: 'device_resume_noirq' | 'device_resume_early' | 'device_resume', graph: Graph, caller: Caller) {
  const { who } = caller
  const stage = stageOf[call]
  const flagged = (s: Frozen<State>, args: Args): boolean => s.dev[who(s, args)]!.flag[stage]
  const skip = resumeSkipped[call]
  const ready = waited(graph, caller, graph.superiors)
  return step(call, {
    origin: source(file, call),
    either: {
      skipped: {
        says: 'the stage was not done for this device, so it is not undone',
        when: (s, args) => !flagged(s, args),
        then: (d, args) => skip.undone(d.dev[who(d, args)]!),
      },
      [skip.name]: {
        says: skip.says,
        when: (s, args) => flagged(s, args) && skip.when(s.dev[who(s, args)]!) && (!skip.waits || ready(s, args)),
        then: (d, args) => skip.then(d.dev[who(d, args)]!),
      },
      ok: {
        when: (s, args) => flagged(s, args) && !skip.when(s.dev[who(s, args)]!) && ready(s, args),
        then: (d, args) => resumed[call](d, who(d, args)),
      },
    },
  } as const)
}

type Device = State['dev'][number]

/** How each way up leaves a callback out: direct_complete at the end, dev_pm_skip_resume() before it. */
const resumeSkipped = {
  device_resume_noirq: {
    name: 'left',
    waits: true,
    says: 'dev_pm_skip_resume(): it may stay runtime-suspended',
    when: (dev: Frozen<Device>): boolean => dev.low && !dev.must,
    then: (dev: Device): void => {
      dev.flag.noirq = false
      dev.open.noirq--
    },
    // A smart device whose noirq stage was never reached must not be resumed halfway: be82483d1b60.
    undone: (dev: Device): void => {
      if (dev.low) dev.must = false
    },
  },
  device_resume_early: {
    name: 'left',
    waits: true,
    says: 'dev_pm_skip_resume(): it may stay runtime-suspended',
    when: (dev: Frozen<Device>): boolean => dev.low && !dev.must,
    then: (dev: Device): void => {
      dev.flag.late = false
      dev.open.late--
      dev.disabled--
    },
    undone: (): void => {},
  },
  device_resume: {
    name: 'direct',
    waits: false,
    says: 'direct_complete: nothing to undo but the disabling of runtime PM',
    when: (dev: Frozen<Device>): boolean => dev.direct,
    then: (dev: Device): void => {
      dev.flag.suspend = false
      dev.disabled--
    },
    undone: (): void => {},
  },
}

const resumed = {
  device_resume_noirq: (d: State, i: number): void => {
    const dev = d.dev[i]!
    dev.flag.noirq = false
    dev.open.noirq--
    dev.low = false
  },
  device_resume_early: (d: State, i: number): void => {
    const dev = d.dev[i]!
    dev.flag.late = false
    dev.open.late--
    dev.disabled--
  },
  device_resume: (d: State, i: number): void => {
    const dev = d.dev[i]!
    dev.flag.suspend = false
    dev.open.suspend--
    dev.stopped = 'no'
    dev.must = false
  },
}
