/** The walks of the PM core over its device lists: `dpm_prepare` to `dpm_complete`, and the unwinding between them. */

import { source, type Args } from '../../src/index.js'
import type { Frozen, StepOver } from '../../src/write/model.js'
import { atCursor, deviceSteps, start } from './device.js'
import { words, type Choice, type DeviceFunction, type Graph, type State, type lists } from './state.js'

const { step } = words
const file = 'drivers/base/power/main.c'

type List = (typeof lists)[number]
type CoreStep = StepOver<State, Args>

/** One walk: its function, the device function it calls, the list it empties and the one it fills. */
export interface Walk {
  readonly name: string
  readonly call: DeviceFunction
  readonly from: List
  readonly to: List
  /** Where the attempt goes on, and where a failure turns round; the way up has no failure. */
  readonly next: string
  readonly undo?: string
  /** What a failed suspend to memory prints. */
  readonly log?: string
}

export const walks: readonly Walk[] = [
  {
    name: 'dpm_suspend',
    call: 'device_suspend',
    from: 'prepared',
    to: 'suspended',
    next: 'dpm_suspend_late',
    undo: 'dpm_resume',
    log: 'PM: Some devices failed to suspend, or early wake event detected',
  },
  {
    name: 'dpm_suspend_late',
    call: 'device_suspend_late',
    from: 'suspended',
    to: 'late',
    next: 'dpm_suspend_noirq',
    undo: 'dpm_resume_early',
    log: 'PM: late suspend of devices failed',
  },
  {
    name: 'dpm_suspend_noirq',
    call: 'device_suspend_noirq',
    from: 'late',
    to: 'noirq',
    next: 'commit',
    undo: 'dpm_resume_noirq',
    log: 'PM: noirq suspend of devices failed',
  },
  { name: 'dpm_resume_noirq', call: 'device_resume_noirq', from: 'noirq', to: 'late', next: 'dpm_resume_early' },
  { name: 'dpm_resume_early', call: 'device_resume_early', from: 'late', to: 'suspended', next: 'dpm_resume' },
  { name: 'dpm_resume', call: 'device_resume', from: 'suspended', to: 'prepared', next: 'pm_restore_gfp_mask' },
]

/** The walk that calls a device function. */
const walkOf = (call: DeviceFunction): Walk => walks.find((walk) => walk.call === call)!

const goesDown = (walk: Walk): boolean => walk.undo !== undefined

/** The device that a walk takes next: the last registered one on the way down, the first on the way up; -1 for none. */
export function nextOn(s: Frozen<State>, list: List, down: boolean): number {
  const n = s.dev.length
  for (let k = 0; k < n; k++) {
    const i = down ? n - 1 - k : k
    if (s.dev[i]!.on[list]) return i
  }
  return -1
}

/** list_move(). */
export function move(d: State, i: number, from: List, to: List): void {
  d.dev[i]!.on[from] = false
  d.dev[i]!.on[to] = true
}

/** The steps of the given walks in program order, each with its device function run by the PM core itself. */
export function walkSteps(graph: Graph, chosen: readonly Walk[], commit: string): readonly CoreStep[] {
  const own = deviceSteps(graph, {
    who: atCursor,
    isAsync: false,
    then: (call) => {
      const walk = walkOf(call)
      const done = `${walk.name}-next`
      return goesDown(walk) ? { failed: `${walk.name}-abandon`, done } : { done }
    },
  })
  return chosen.flatMap((walk) => [
    begin(graph, walk),
    next(graph, walk),
    ...own.filter(({ name }) => name === walk.call || name === `${walk.call}-complete`),
    ...(goesDown(walk) ? [abandon(walk)] : []),
    synchronize(graph, walk.next === 'commit' ? { ...walk, next: commit } : walk),
  ])
}

/** dpm_clear_async_state() for all, then leaves (on the way up: roots) are started without waiting for the walk. */
function begin(graph: Graph, walk: Walk): CoreStep {
  const others = goesDown(walk) ? graph.subordinates : graph.superiors
  return step(walk.name, {
    origin: source(file, walk.name),
    then: (d) => {
      d.call = walk.call
      d.error = false
      d.dev.forEach((dev, i) => {
        if (!dev.on[walk.from]) return
        dev.completed = false
        dev.started = false
        if (others[i]!.length === 0) start(d, graph, i)
      })
    },
  })
}

/** One turn of the loop: the next device changes lists, and is left to a worker or handled here. */
function next(graph: Graph, walk: Walk): CoreStep {
  const taken = (s: Frozen<State>): number => nextOn(s, walk.from, goesDown(walk))
  return step(`${walk.name}-next`, {
    origin: source(file, walk.name),
    either: {
      async: {
        says: 'the next device is left to its worker',
        when: (s) => taken(s) >= 0 && graph.async[taken(s)]!,
        then: (d) => {
          const i = taken(d)
          move(d, i, walk.from, walk.to)
          start(d, graph, i)
        },
        goto: `${walk.name}-next`,
      },
      sync: {
        says: 'the next device is handled by the core itself',
        when: (s) => taken(s) >= 0 && !graph.async[taken(s)]!,
        then: (d) => {
          d.cursor = taken(d)
          move(d, d.cursor, walk.from, walk.to)
        },
        goto: walk.call,
      },
      done: { when: (s) => taken(s) < 0, goto: `${walk.name}-synchronize` },
    },
  })
}

/** The loop stops at an error: whoever waits for a device that was not reached is released, and all change lists. */
function abandon(walk: Walk): CoreStep {
  return step(`${walk.name}-abandon`, {
    origin: source(file, 'dpm_async_suspend_complete_all'),
    then: (d) => {
      for (const [i, dev] of d.dev.entries()) {
        if (!dev.on[walk.from]) continue
        if (!dev.started) dev.completed = true
        move(d, i, walk.from, walk.to)
      }
    },
  })
}

/** async_synchronize_full(), then on, or back. */
function synchronize(graph: Graph, walk: Walk): CoreStep {
  const workers = graph.all.filter((i) => graph.async[i])
  const names = workers.map((i) => `async(${i})`)
  const fresh = (d: State): void => {
    d.call = 'nothing'
    d.cursor = 0
    for (const dev of d.dev) dev.completed = dev.started = false
  }
  return step(`${walk.name}-synchronize`, {
    origin: source('kernel/async.c', 'async_synchronize_full'),
    when: (s, _, at) => workers.every((i) => !s.dev[i]!.queued) && names.every((name) => at(name, 'idle')),
    then: fresh,
    ...(goesDown(walk)
      ? {
          either: {
            ok: { when: (s: Frozen<State>) => !s.error, goto: walk.next },
            failed: {
              when: (s: Frozen<State>) => s.error,
              log: (s: Frozen<State>) => (s.message === 'suspend' ? walk.log! : []),
              goto: walk.undo!,
            },
          },
        }
      : { goto: walk.next }),
  })
}

/**
 * dpm_prepare(): parents first; device_prepare() takes a usage count and keeps runtime PM from being enabled.
 * hibernation_snapshot() calls it before kernel threads are frozen, and completes at once what was prepared if it fails.
 */
export function prepare(graph: Graph, sleep: Choice['sleep']): CoreStep {
  const taken = (s: Frozen<State>): number => nextOn(s, 'registered', false)
  return step('dpm_prepare', {
    origin: source(file, 'dpm_prepare'),
    either: {
      ok: {
        // The error is set only where the loop goes on in spite of it: the same device then fails again.
        when: (s) => taken(s) >= 0 && !s.error,
        then: (d) => {
          const i = taken(d)
          const dev = d.dev[i]!
          dev.open.prepare++
          dev.held = true
          dev.direct = graph.direct[i]! && dev.low && d.message === 'suspend'
          move(d, i, 'registered', 'prepared')
        },
        goto: 'dpm_prepare',
      },
      fails: {
        says: 'the device gives back what it took; the caller unwinds with dpm_resume_end()',
        when: (s) => taken(s) >= 0 && !s.error && s.failures > 0 && !isSnapshot(s),
        then: prepareFails,
        goto: 'dpm_resume',
      },
      ...(sleep === 'disk' && {
        snapshot_fails: {
          says: 'hibernation_snapshot() goes to Complete',
          when: (s: Frozen<State>) => taken(s) >= 0 && !s.error && s.failures > 0 && isSnapshot(s),
          then: prepareFails,
          goto: 'dpm_complete',
        },
        snapshot_done: {
          when: (s: Frozen<State>) => taken(s) < 0 && isSnapshot(s),
          goto: 'hibernate_preallocate_memory',
        },
      }),
      done: { when: (s) => taken(s) < 0 && !isSnapshot(s), goto: 'pm_restrict_gfp_mask' },
    },
  })
}

const isSnapshot = (s: Frozen<State>): boolean => s.message === 'freeze'

function prepareFails(d: State): void {
  d.failures--
  d.error = true
  d.result = 'error'
}

/** dpm_complete(): for every prepared device, children first. */
export function complete(): CoreStep {
  const taken = (s: Frozen<State>): number => nextOn(s, 'prepared', true)
  return step('dpm_complete', {
    origin: source(file, 'dpm_complete'),
    either: {
      device: {
        when: (s) => taken(s) >= 0,
        then: (d) => {
          const i = taken(d)
          d.dev[i]!.open.prepare--
          d.dev[i]!.direct = false
          d.dev[i]!.held = false
          move(d, i, 'prepared', 'registered')
        },
        goto: 'dpm_complete',
      },
      done: { when: (s) => taken(s) < 0 },
    },
  })
}
