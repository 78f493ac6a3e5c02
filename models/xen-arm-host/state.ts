/** The state of xen-arm-host: the host, its two domains, their interrupts, and what lies between them. */

import { array, bool, int, list, oneOf, over, record, type Frozen, type ValueOf } from '../../src/index.js'

/** What a host suspend stops, each undone by its own resume. */
export const stages = [
  'domains',
  'scheduler',
  'cpus',
  'timer',
  'irqs',
  'gic',
  'console',
  'console_sync',
  'iommu',
] as const

/** One of {@link stages}. */
export type Stage = (typeof stages)[number]

/** Where an attempt may go wrong; `anything` is one failure somewhere, `spent` none any more. */
export const faults = [
  'spent',
  'anything',
  'handoff',
  'platform',
  'cpus_down',
  'iommu',
  'gic',
  'console',
  'firmware',
  'cpus_up',
] as const

const watchdog = oneOf('unused', 'armed', 'stopped', 'due', 'lost')

export const state = record({
  /** `system_state`. */
  sys: oneOf('active', 'suspend', 'resume'),
  /** What is stopped now, in the order in which it was stopped. */
  stopped: list(9, oneOf(...stages)),
  /** The second physical CPU; `dead` if it did not come back. */
  cpu1: oneOf('on', 'off', 'dead'),
  /** The hand-off to CPU0: asked for, running, asked for again while running. */
  tasklet: oneOf('idle', 'scheduled', 'running', 'again'),
  /** What became of the present attempt; `none` while Dom0 runs normally. */
  attempt: oneOf('none', 'asked', 'slept', 'failed'),
  dom0: record({
    blocked: bool(),
    pause: int(0, 3),
    parked: bool(),
    vcpu1: oneOf('on', 'leaving', 'down'),
    /** The program counter of VCPU0: behind the call, or at the resume entry. */
    pc: oneOf('caller', 'entry'),
    x0: oneOf('caller', 'context', 'zero', 'errno'),
    watchdog,
  }),
  domU: record({ blocked: bool(), pause: int(0, 2), parked: bool(), dead: bool(), watchdog }),
  /** The device interrupts: 0 belongs to Dom0, 1 to the DomU. */
  line: array(2, record({ physical: oneOf('none', 'pending', 'active'), virtual: bool() })),
  /** Where the DomU's interrupt goes: `moved` from CPU1 to CPU0 for the time of the suspend. */
  route: oneOf('cpu0', 'cpu1', 'moved'),
  /** The backend's event channel in Dom0. */
  port: record({ pending: bool(), masked: bool() }),
  /** The ring between the DomU's frontend and Dom0's backend. */
  ring: oneOf('empty', 'queued', 'served'),
  /** What the environment may still do. */
  left: record({ attempts: int(0, 2), wakeups: int(0, 3), fault: oneOf(...faults) }),
  /** Choices of the instance; no step changes them. */
  choice: record({ masks: bool(), edge: bool(), parks: bool() }),
})

export type State = ValueOf<typeof state>
type Seen = Frozen<State>

export const { model, thread, step, action, patch, edit } = over(state)

export const isStopped = (s: Seen, stage: Stage): boolean => s.stopped.includes(stage)

/** Takes a stage off the list, wherever it stands; nothing if it is not there. */
export function started(d: State, stage: Stage): void {
  const at = d.stopped.indexOf(stage)
  if (at >= 0) d.stopped.splice(at, 1)
}

/** Whether the environment may make this go wrong now. */
export const mayFail = (s: Seen, place: (typeof faults)[number]): boolean =>
  s.left.fault === place || s.left.fault === 'anything'

/** Runnable is: not blocked, not paused, and a scheduler that schedules. */
export const runnable = (s: Seen, who: 'dom0' | 'domU'): boolean =>
  !s[who].blocked && s[who].pause === 0 && !isStopped(s, 'scheduler') && !(who === 'domU' && s.domU.dead)

/** Whether VCPU0 of Dom0 has something that would end a `WFI`: an interrupt, or an upcall of an unmasked port. */
export const upcall = (s: Seen): boolean => s.line[0]!.virtual || (s.port.pending && !s.port.masked)

/** Whether an interrupt reaches a CPU that is up. */
export const routed = (s: Seen, line: number): boolean => line === 0 || s.route !== 'cpu1' || s.cpu1 === 'on'

/** Whether something in the distributor can wake the sleeping machine. */
export const wakes = (s: Seen): boolean => s.line.some(({ physical }, i) => physical === 'pending' && routed(s, i))
