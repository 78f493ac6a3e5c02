/** The state of the PM core's system sleep: what the kernel keeps, and what really happened to each device. */

import { array, bool, each, int, oneOf, over, parameter, record, type Frozen, type ValueOf } from '../../src/index.js'

/** The callbacks of a device that come in pairs, in the order of the way down. */
export const stages = ['prepare', 'suspend', 'late', 'noirq'] as const

/** The lists a device moves along: `dpm_list`, `dpm_prepared_list`, … in drivers/base/power/main.c. */
export const lists = ['registered', 'prepared', 'suspended', 'late', 'noirq'] as const

/** The functions of drivers/base/power/main.c that call one device's callbacks and may run asynchronously. */
export const functions = [
  'device_suspend',
  'device_suspend_late',
  'device_suspend_noirq',
  'device_resume_noirq',
  'device_resume_early',
  'device_resume',
] as const

/** A name in {@link functions}. */
export type DeviceFunction = (typeof functions)[number]

export const parameters = {
  devices: parameter(int(1, 6), 3, 'how many devices; a device may only need devices with a smaller number'),
  needs: parameter(
    int(0, 2 ** 15 - 1),
    0b011,
    'the dependency graph: bit b(b-1)/2 + a says that device b needs device a, its parent or supplier',
  ),
  async: parameter(int(0, 63), 0b110, 'bit i: device i is suspended and resumed asynchronously'),
  direct: parameter(int(0, 63), 0, 'bit i: device i may be left runtime-suspended (direct_complete)'),
  smart: parameter(
    int(0, 63),
    0,
    'bit i: device i skips late and noirq suspend when runtime-suspended (SMART_SUSPEND)',
  ),
  left: parameter(int(0, 63), 0, 'bit i: smart device i may be left suspended by the resume (MAY_SKIP_RESUME)'),
  sleep: parameter(oneOf('mem', 's2idle', 'disk'), 'mem', 'suspend to memory, suspend to idle, or hibernation'),
  cycles: parameter(int(1, 3), 1, 'how many times user space asks for sleep'),
  wakeups: parameter(int(0, 2), 1, 'how many wake-up events may arrive while the machine is awake'),
  failures: parameter(int(0, 2), 1, 'how many callbacks or stages may fail'),
}

/** The values of {@link parameters}. */
export interface Choice {
  readonly devices: number
  readonly needs: number
  readonly async: number
  readonly direct: number
  readonly smart: number
  readonly left: number
  readonly sleep: 'mem' | 's2idle' | 'disk'
  readonly cycles: number
  readonly wakeups: number
  readonly failures: number
}

const device = record({
  /** The lists that it is on; a correct core keeps it on exactly one. */
  on: each(lists, bool()),
  /** power.is_suspended, is_late_suspended, is_noirq_suspended. */
  flag: each(['suspend', 'late', 'noirq'], bool()),
  /** What really happened: callbacks of the way down minus callbacks of the way up, per stage. */
  open: each(stages, int(-1, 2)),
  /** power.direct_complete. */
  direct: bool(),
  /** power.must_resume. */
  must: bool(),
  /** Runtime-suspended: in a low-power state by runtime PM, not by system sleep. */
  low: bool(),
  /** What device_prepare() takes: a runtime PM usage count, and the blocking of pm_runtime_enable(). */
  held: bool(),
  /** power.disable_depth: how many times runtime PM was disabled for it. */
  disabled: int(-1, 2),
  /** power.completion. */
  completed: bool(),
  /** power.work_in_progress: its asynchronous call was started in this phase. */
  started: bool(),
  /** The call is queued, and its worker has not taken it up. */
  queued: bool(),
  /** How it was last stopped, and whether the power was off since: decides which undo it needs. */
  stopped: oneOf('no', 'suspend', 'freeze', 'poweroff', 'reset'),
})

export const state = ({ devices, cycles, wakeups, failures }: Choice) =>
  record({
    dev: array(devices, device),
    /** The device that the PM core handles itself, synchronously. */
    cursor: int(0, devices - 1),
    /** What workers are to call in this phase. */
    call: oneOf('nothing', ...functions),
    /** async_error, or the error of the stage at hand. */
    error: bool(),
    /** pm_transition on the way down, and the message that undoes it. */
    message: oneOf('suspend', 'freeze', 'poweroff'),
    undo: oneOf('resume', 'thaw', 'recover', 'restore'),
    notified: bool(),
    frozen: oneOf('none', 'user', 'all'),
    cpus: oneOf('all', 'boot'),
    irqs: bool(),
    syscore: bool(),
    /** saved_gfp_count: how often allocations were kept from doing I/O. */
    gfp: int(0, 2),
    /** What pm_suspend() or hibernate() is going to return, and whether the machine slept. */
    result: oneOf('fine', 'busy', 'error'),
    slept: bool(),
    /** The hibernation image: in memory, on disk with a signature that the next boot will honour, or not there. */
    image: oneOf('none', 'made', 'written'),
    /** Wake-up counting: armed by user space, and whether an event was registered since. */
    armed: bool(),
    event: bool(),
    /** pm_abort_suspend: a hard wake-up event, which aborts whether or not user space armed the check. */
    abort: bool(),
    /** A wake-up that came with interrupts off and stays pending in hardware; in s2idle, S2IDLE_STATE_WAKE. */
    latched: bool(),
    cycles: int(0, cycles),
    wakeups: int(0, wakeups),
    failures: int(0, failures),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

/** What guards see. */
export type SeenState = Frozen<State>

/** The vocabulary over it. */
export const words = over(state)

/** Who needs whom, and what the masks say, as lists and flags per device. */
export interface Graph {
  readonly all: readonly number[]
  /** Parents and suppliers: what the device needs. */
  readonly superiors: readonly (readonly number[])[]
  /** Children and consumers: what needs the device. */
  readonly subordinates: readonly (readonly number[])[]
  readonly async: readonly boolean[]
  readonly direct: readonly boolean[]
  readonly smart: readonly boolean[]
  readonly left: readonly boolean[]
}

/** Reads the dependency graph and the masks off the parameters. */
export function graphOf({ devices, needs, async, direct, smart, left }: Choice): Graph {
  const all = Array.from({ length: devices }, (_, i) => i)
  const needed = (b: number, a: number): boolean => a < b && ((needs >> ((b * (b - 1)) / 2 + a)) & 1) === 1
  const bits = (mask: number): boolean[] => all.map((i) => ((mask >> i) & 1) === 1)
  return {
    all,
    superiors: all.map((b) => all.filter((a) => needed(b, a))),
    subordinates: all.map((a) => all.filter((b) => needed(b, a))),
    async: bits(async),
    direct: bits(direct),
    smart: bits(smart),
    left: bits(left),
  }
}

/** pm_wakeup_pending(): an event was registered since user space armed the check, or a hard one came (wakeup.c:871). */
export const wakeupPending = (s: Frozen<State>): boolean => (s.armed && s.event) || s.abort

/** Whether the environment may still make something fail, and that it does. */
export const mayFail = (s: Frozen<State>): boolean => s.failures > 0
export function fail(d: State): void {
  d.failures--
  d.result = 'error'
}

/** It says yes: the check is disarmed, and the attempt fails with -EBUSY or -EAGAIN. */
export function woken(d: State): void {
  d.armed = false
  d.result = 'busy'
}
