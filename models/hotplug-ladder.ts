/**
 * CPUs that leave and come back, rung by rung: for suspend, for unplug that may be cancelled half-way, for kexec.
 *
 * Sources: kernel/cpu.c (cpuhp states, freeze_secondary_cpus), kernel/time/hrtimer.c; xen/common/cpu.c and the per-CPU
 * resources that Xen keeps or frees around its own suspend.
 */

import {
  array,
  bool,
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

const parameters = {
  cpus: parameter(int(1, 3), 1, 'how many CPUs leave; the boot CPU is not counted'),
  rungs: parameter(int(3, 6), 4, 'how many steps there are between offline and online'),
  stateful: parameter(int(1, 4), 1, 'the rung whose software state is initialised by the lowest rung (hrtimers)'),
  cycles: parameter(int(1, 2), 1, 'how many times CPUs leave'),
  failures: parameter(int(0, 2), 1, 'how many callbacks may fail'),
  wakeups: parameter(int(0, 1), 1, 'how many wake-up events there may be'),
}

interface Choice {
  readonly cpus: number
  readonly rungs: number
  readonly stateful: number
  readonly cycles: number
  readonly failures: number
  readonly wakeups: number
}

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
        /** It failed to come up, and that was reported. */
        failed: bool(),
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

const { model, thread, step, action, patch, edit } = over(state)
const file = 'kernel/cpu.c'

const rungs = (cpu: Readonly<{ works: readonly boolean[] }>): number => cpu.works.length
const isOnline = (cpu: { readonly rung: number; readonly works: readonly boolean[] }): boolean =>
  cpu.rung === rungs(cpu)
const comesUp = (cpu: Readonly<Pick<Cpu, 'rung' | 'failed'>> & { readonly works: readonly boolean[] }): boolean =>
  !isOnline(cpu) && !cpu.failed

/** The teardown callback of the highest rung that is set up. */
function down(d: State, stateful: number): void {
  const cpu = d.cpu[d.at]!
  const k = --cpu.rung
  cpu.works[k] = false
  if (k !== stateful) cpu.claim[k] = false
  if (k === rungs(cpu) - 1) cpu.timers = 'boot'
  if (k > 0) return
  cpu.claim[stateful] = false
  // For suspend the area is kept: the CPU will be back.
  if (d.mode !== 'suspend') cpu.freeing = true
}

/** The startup callback of the next rung; it makes its own state whatever the lowest rung left. */
function up(d: State): void {
  const cpu = d.cpu[d.at]!
  const k = cpu.rung++
  cpu.works[k] = true
  cpu.claim[k] = true
  if (isOnline(cpu)) cpu.timers = 'own'
}

export default model('hotplug-ladder', {
  question: 'Is a CPU that comes back, from whatever rung, what the software believes it is?',
  parameters,
  actors: {
    hotplug: system('the CPU hotplug core'),
    rcu: system('deferred freeing'),
    device: environment('wake-up sources'),
  },
  initial: (choice) => ({
    cpu: Array.from({ length: choice.cpus }, () => ({
      rung: choice.rungs,
      claim: Array.from({ length: choice.rungs }, () => true),
      works: Array.from({ length: choice.rungs }, () => true),
      area: true,
      freeing: false,
      timers: 'own' as const,
      failed: false,
    })),
    at: 0,
    mode: 'none',
    wakeup: false,
    crashed: false,
    cycles: choice.cycles,
    failures: choice.failures,
    wakeups: choice.wakeups,
  }),
  parts: ({ cpus, stateful }) => [
    thread(
      'hotplug',
      { actor: 'hotplug' },
      step('request', {
        origin: env('suspend, an unplug by user space, or kexec'),
        for: { mode: ['suspend', 'unplug', 'kexec'] },
        when: (s) => s.cycles > 0 && !s.crashed,
        then: (d, { mode }) => {
          d.cycles--
          d.mode = mode
          d.at = 0
          d.wakeup = false
        },
      }),
      step('freeze_secondary_cpus', {
        origin: source(file, 'freeze_secondary_cpus'),
        either: {
          aborted: {
            says: 'a wake-up is pending, and this is a suspend',
            when: (s) => s.mode === 'suspend' && s.wakeup,
            goto: 'thaw_secondary_cpus',
          },
          next: {
            when: (s) => s.at < cpus && (s.mode !== 'unplug' || s.at === 0) && !(s.mode === 'suspend' && s.wakeup),
            goto: 'cpuhp_down',
          },
          done: {
            when: (s) => (s.at === cpus || (s.mode === 'unplug' && s.at > 0)) && !(s.mode === 'suspend' && s.wakeup),
            goto: 'offline',
          },
        },
      }),
      step('cpuhp_down', {
        origin: source(file, 'cpuhp_invoke_callback_range'),
        either: {
          rung: { when: (s) => s.cpu[s.at]!.rung > 0, then: (d) => down(d, stateful), goto: 'cpuhp_down' },
          bottom: { when: (s) => s.cpu[s.at]!.rung === 0, then: (d) => void d.at++, goto: 'freeze_secondary_cpus' },
          cancelled: {
            says: 'the unplug is given up half-way: the CPU turns round where it is',
            when: (s) => s.mode === 'unplug' && s.cpu[s.at]!.rung > 0 && !isOnline(s.cpu[s.at]!),
            goto: 'cpuhp_up',
          },
          fails: {
            says: 'a teardown callback fails: what was torn down is set up again',
            when: (s) => s.mode !== 'kexec' && s.failures > 0 && s.cpu[s.at]!.rung > 0,
            then: (d) => void d.failures--,
            goto: 'cpuhp_up',
          },
        },
      }),
      step('offline', {
        origin: env(
          'the machine sleeps and wakes; or the CPU is out, and is plugged in again; or another kernel starts',
        ),
        either: {
          back: { when: (s) => s.mode !== 'kexec', goto: 'thaw_secondary_cpus' },
          rebooted: { when: (s) => s.mode === 'kexec', goto: 'end' },
        },
      }),
      step('thaw_secondary_cpus', {
        origin: source(file, 'thaw_secondary_cpus'),
        either: {
          next: {
            when: (s) => s.cpu.some(comesUp),
            then: (d) => void (d.at = d.cpu.findIndex(comesUp)),
            goto: 'cpuhp_up',
          },
          done: {
            when: (s) => !s.cpu.some(comesUp),
            then: (d) => {
              d.mode = 'none'
              d.at = 0
              d.wakeup = false
            },
            goto: 'request',
          },
        },
      }),
      step('cpuhp_up', {
        origin: source(file, 'cpuhp_invoke_callback_range'),
        either: {
          'area-allocated': {
            says: 'after a barrier, so that no freeing of the old area is under way',
            when: (s) => s.cpu[s.at]!.rung === 0 && !s.cpu[s.at]!.freeing && !s.cpu[s.at]!.area,
            then: (d) => {
              d.cpu[d.at]!.area = true
              up(d)
            },
            goto: 'cpuhp_up',
          },
          'area-kept': {
            when: (s) => s.cpu[s.at]!.rung === 0 && !s.cpu[s.at]!.freeing && s.cpu[s.at]!.area,
            then: (d) => up(d),
            goto: 'cpuhp_up',
          },
          rung: {
            when: (s) => s.cpu[s.at]!.rung > 0 && !isOnline(s.cpu[s.at]!),
            then: (d) => up(d),
            goto: 'cpuhp_up',
          },
          fails: {
            says: 'the interrupt controller or another part of it does not come up: it goes down again and is reported',
            when: (s) => s.failures > 0 && s.cpu[s.at]!.rung > 0 && !isOnline(s.cpu[s.at]!),
            then: (d) => {
              d.failures--
              d.cpu[d.at]!.failed = true
            },
            goto: 'cpuhp_rollback',
          },
          top: { when: (s) => isOnline(s.cpu[s.at]!), goto: 'thaw_secondary_cpus' },
        },
      }),
      step('cpuhp_rollback', {
        origin: source(file, 'cpuhp_reset_state'),
        either: {
          rung: { when: (s) => s.cpu[s.at]!.rung > 0, then: (d) => down(d, stateful), goto: 'cpuhp_rollback' },
          bottom: { when: (s) => s.cpu[s.at]!.rung === 0, goto: 'thaw_secondary_cpus' },
        },
      }),
    ),
    action('free', {
      actor: 'rcu',
      for: { i: Array.from({ length: cpus }, (_, i) => i) },
      origin: source('xen/common/percpu.c', '_free_percpu_area'),
      when: (s, { i }) => s.cpu[i]!.freeing,
      then: (d, { i }) => {
        d.cpu[i]!.freeing = false
        d.cpu[i]!.area = false
      },
    }),
    action('wakeup', {
      actor: 'device',
      origin: source('drivers/base/power/wakeup.c', 'pm_wakeup_event'),
      when: (s) => s.wakeups > 0 && s.mode !== 'none',
      then: (d) => {
        d.wakeups--
        d.wakeup = true
      },
    }),
  ],
  patches: [
    patch('state-made-below-only', {
      kind: 'era',
      says: 'The software state of the stateful rung is made by the lowest rung only; its own startup believes what it finds.',
      reference: 'before 2f8dea1692ee',
      edits: [
        edit.replace('hotplug.cpuhp_up/rung', {
          then: (d) => {
            const { rung, claim } = d.cpu[d.at]!
            const believed = claim[rung]!
            up(d)
            if (believed) d.cpu[d.at]!.works[rung] = false
          },
        }),
      ],
    }),
    patch('abort-in-any-mode', {
      kind: 'era',
      says: 'A pending wake-up also stops the removal of CPUs for kexec or reboot.',
      reference: 'a66d955e910a (2019), before e98eac6ff1b4',
      edits: [
        edit.replace('hotplug.freeze_secondary_cpus/aborted', { when: (s) => s.wakeup }),
        edit.replace('hotplug.freeze_secondary_cpus/next', {
          when: (s) => s.at < s.cpu.length && (s.mode !== 'unplug' || s.at === 0) && !s.wakeup,
        }),
        edit.replace('hotplug.freeze_secondary_cpus/done', {
          when: (s) => (s.at === s.cpu.length || (s.mode === 'unplug' && s.at > 0)) && !s.wakeup,
        }),
      ],
    }),
    patch('timers-stay-away', {
      kind: 'era',
      says: 'Timers are moved to the boot CPU and never back.',
      reference: 'before 37f82facd6',
      edits: [
        edit.replace('hotplug.cpuhp_up/rung', {
          then: (d) => {
            const { timers } = d.cpu[d.at]!
            up(d)
            d.cpu[d.at]!.timers = timers
          },
        }),
      ],
    }),
    patch('fresh-area-demanded', {
      kind: 'era',
      says: 'The area is kept for suspend, but the way up insists on allocating it.',
      reference: 'before 282fa3fdb6',
      edits: [edit.replace('hotplug.cpuhp_up/area-kept', { then: (d) => void (d.crashed = true), goto: 'request' })],
    }),
    patch('no-barrier', {
      kind: 'era',
      says: 'The CPU comes up without waiting for the queued freeing of its area.',
      reference: 'before 9d9af7dca8',
      edits: [
        edit.replace('hotplug.cpuhp_up/area-kept', {
          when: (s) => s.cpu[s.at]!.rung === 0 && s.cpu[s.at]!.area,
        }),
      ],
    }),
    patch('failed-down-not-undone', {
      kind: 'era',
      says: 'A CPU that fails to go down counts as online again, without what was torn down.',
      reference: 'before cb1ae9a278',
      edits: [
        edit.replace('hotplug.cpuhp_down/fails', {
          then: (d) => {
            d.failures--
            d.cpu[d.at]!.rung = d.cpu[d.at]!.works.length
          },
        }),
      ],
    }),
    patch('error-dropped', {
      kind: 'era',
      says: 'The error of a part that does not come up is dropped, and the CPU is marked online.',
      reference: 'before 0102b592f4',
      edits: [
        edit.replace('hotplug.cpuhp_up/fails', {
          then: (d) => {
            d.failures--
            const { rung } = d.cpu[d.at]!
            up(d)
            d.cpu[d.at]!.works[rung] = false
          },
          goto: 'cpuhp_up',
        }),
      ],
    }),
    patch('one-cpu-forgotten', {
      kind: 'fault',
      says: 'The way up ends after the first CPU.',
      edits: [edit.replace('hotplug.cpuhp_up/top', { then: (d) => void (d.mode = 'none'), goto: 'request' })],
    }),
    patch('one-cpu-left', {
      kind: 'fault',
      says: 'The way down ends after the first CPU.',
      edits: [
        edit.replace('hotplug.freeze_secondary_cpus/done', {
          when: (s) => s.at > 0 && !(s.mode === 'suspend' && s.wakeup),
        }),
      ],
    }),
    patch('down-refused', {
      kind: 'fault',
      says: 'The last rung never lets go: its teardown waits for ever.',
      edits: [edit.replace('hotplug.cpuhp_down/rung', { when: (s) => s.cpu[s.at]!.rung > 1 })],
    }),
  ],
  resting: (s, { hotplug }) => hotplug === 'end' || s.crashed || (hotplug === 'request' && s.cycles === 0),
  abstractions: [
    'A rung stands for a group of cpuhp states. Rung 0 is the one that makes the per-CPU area (CPUHP_*_PREPARE), the stateful one stands for hrtimers and the tick, the highest for what runs on the CPU itself.',
    'One CPU moves at a time, as under cpu_hotplug_lock.',
    'Linux and Xen are one ladder: the errors differ in the resource, not in the shape.',
  ],
})
