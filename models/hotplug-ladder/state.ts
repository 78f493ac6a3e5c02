/** The state of CPUs that leave and come back, and what one rung down or up does to it. */

import { array, bool, int, oneOf, parameter, record, type ValueOf } from '../../src/index.js'

/** The parameters of the model. */
export const parameters = {
  cpus: parameter(int(1, 3), 1, 'how many CPUs leave; the boot CPU is not counted'),
  rungs: parameter(int(3, 6), 4, 'how many steps there are between offline and online'),
  stateful: parameter(int(1, 4), 1, 'the rung whose software state is initialised by the lowest rung (hrtimers)'),
  cycles: parameter(int(1, 2), 1, 'how many times CPUs leave'),
  failures: parameter(int(0, 2), 1, 'how many callbacks may fail'),
  wakeups: parameter(int(0, 1), 1, 'how many wake-up events there may be'),
  pool: parameter(oneOf('pool0', 'none'), 'pool0', 'which pool of CPUs the last CPU belongs to (Xen)'),
  parked: parameter(bool(), false, 'the last CPU is not used (smt=0 of Xen): it only comes up to be parked again'),
}

/** A choice of them. */
export interface Choice {
  readonly cpus: number
  readonly rungs: number
  readonly stateful: number
  readonly cycles: number
  readonly failures: number
  readonly wakeups: number
  readonly pool: 'pool0' | 'none'
  readonly parked: boolean
}

/** The state: each CPU with its rungs and what belongs to it, and the request under way. */
export const state = ({ cpus, rungs, cycles, failures, wakeups }: Choice) =>
  record({
    cpu: array(
      cpus,
      record({
        /** 0 is offline, the number of rungs is online. */
        rung: int(0, rungs),
        /** Per rung: what the software state says, and what the hardware does. */
        claim: array(rungs, bool()),
        works: array(rungs, bool()),
        /** The per-CPU area is there, and whether its freeing is queued. */
        area: bool(),
        freeing: bool(),
        /** Its timers run on it, or were moved to the boot CPU. */
        timers: oneOf('own', 'boot'),
        /** It failed to come up, or to turn back, and that was reported. */
        failed: bool(),
        /** The mask of its APIC cluster: not known, known with the CPU in it, or known with the CPU taken out. */
        mask: oneOf('none', 'member', 'left'),
        /** Whether it is in the pool of the boot CPU, or in none. */
        pool: oneOf('pool0', 'none'),
        /** It is not used: at a resume it comes up once, to be parked again. */
        parked: oneOf('no', 'due', 'done'),
      }),
    ),
    /** The CPU at hand; one past the last when all are done. */
    at: int(0, cpus),
    mode: oneOf('none', 'suspend', 'unplug', 'kexec'),
    wakeup: bool(),
    /** A consistency check has stopped the machine. */
    crashed: bool(),
    cycles: int(0, cycles),
    failures: int(0, failures),
    wakeups: int(0, wakeups),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>
type Cpu = State['cpu'][number]

/** How many rungs there are. */
const rungs = (cpu: Readonly<{ works: readonly boolean[] }>): number => cpu.works.length
/** Whether it is on the highest rung. */
export const isOnline = (cpu: { readonly rung: number; readonly works: readonly boolean[] }): boolean =>
  cpu.rung === rungs(cpu)
/** A CPU at the start: the last one may be in no pool, or parked. */
export const cpuAt = ({ rungs, pool, parked }: Choice, last: boolean): Cpu => {
  const runs = !(last && parked)
  return {
    rung: runs ? rungs : 0,
    claim: Array.from({ length: rungs }, () => runs),
    works: Array.from({ length: rungs }, () => runs),
    area: runs,
    freeing: false,
    timers: runs ? 'own' : 'boot',
    failed: false,
    mask: runs ? 'member' : 'none',
    pool: last ? pool : 'pool0',
    parked: runs ? 'no' : 'due',
  }
}

/** Whether it is at the rung that finds its APIC cluster, and knows a mask that it is not in. */
export const outOfMask = ({ rung, mask }: Readonly<Pick<Cpu, 'rung' | 'mask'>>): boolean =>
  rung === 1 && mask === 'left'

/** Whether the callback of a rung may fail: those that run in the thread of the CPU, above the stateful rung. */
export const mayFail = (rung: number, stateful: number): boolean => rung > stateful

/** Whether a way up brings it up: unless that failed, or it is parked and has been up for that. */
export const comesUp = (
  cpu: Readonly<Pick<Cpu, 'rung' | 'failed' | 'parked'>> & { readonly works: readonly boolean[] },
): boolean => !isOnline(cpu) && !cpu.failed && cpu.parked !== 'done'

/** The teardown callback of the highest rung that is set up. */
export function down(d: State, stateful: number): void {
  const cpu = d.cpu[d.at]!
  const k = --cpu.rung
  cpu.works[k] = false
  if (k !== stateful) cpu.claim[k] = false
  if (k === rungs(cpu) - 1) cpu.timers = 'boot'
  if (k > 0) return
  cpu.claim[stateful] = false
  if (cpu.parked === 'due') cpu.parked = 'done'
  // For suspend the area is kept, and with it what it points to: the CPU will be back.
  if (d.mode === 'suspend') return
  cpu.freeing = true
  cpu.mask = 'none'
}

/** The startup callback of the next rung; it makes its own state whatever the lowest rung left. */
export function up(d: State): void {
  const cpu = d.cpu[d.at]!
  const k = cpu.rung++
  cpu.works[k] = true
  cpu.claim[k] = true
  if (k === 1) cpu.mask = 'member'
  if (isOnline(cpu)) cpu.timers = 'own'
}
