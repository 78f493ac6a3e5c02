/**
 * Asynchronous resume when memory is short: what the PM core does with a call that cannot be scheduled.
 *
 * Sources: drivers/base/power/main.c and kernel/async.c of Linux 7.3.4, which the base is, of 6.12.117, and around
 * 7839d0078e0d (2023/24).
 */

import {
  array,
  bool,
  int,
  optional,
  over,
  parameter,
  record,
  source,
  system,
  type Frozen,
  type ValueOf,
} from '../src/index.js'

const parameters = {
  devices: parameter(int(2, 4), 3, 'a chain of devices, each the supplier of the next'),
  shortages: parameter(int(0, 3), 1, 'how often there is no memory for an asynchronous call'),
}

interface Choice {
  readonly devices: number
  readonly shortages: number
}

export const state = ({ devices, shortages }: Choice) =>
  record({
    /** `scheduled` is work_in_progress: nobody else starts the device. */
    dev: array(devices, record({ queued: bool(), scheduled: bool(), resumed: bool() })),
    /** Who holds dpm_list_mtx: the PM core is -1, a worker its device. */
    mutex: optional(int(-1, devices - 1)),
    cursor: int(0, devices),
    shortages: int(0, shortages),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, patch, edit } = over(state)
const file = 'drivers/base/power/main.c'
const core = -1

/** What is seen of a state. */
type Seen = Frozen<State>

const inlineLock = step('inline-mutex_lock', {
  origin: source('kernel/async.c', 'async_schedule_node_domain'),
  says: 'the function runs in the caller: dpm_wait_for_superior() takes the list mutex',
  when: (s) => s.mutex === null,
})

const inlineCall = (mayRun = (s: Seen): boolean => s.cursor === 0 || s.dev[s.cursor - 1]!.resumed) =>
  step('inline-call', {
    origin: source(file, 'device_resume_noirq'),
    when: mayRun,
    then: (d) => {
      d.dev[d.cursor]!.resumed = d.dev[d.cursor]!.scheduled = true
      d.cursor++
    },
    goto: 'dpm_async_with_cleanup',
  })

/** There is no memory for the device at hand. */
const short = {
  when: (s: Seen) => s.cursor < s.dev.length && s.shortages > 0,
  then: (d: State) => void d.shortages--,
}

/** The walk up to 6.15: everything is scheduled first, and nobody starts his children. */
const upFront = (noMemory: Parameters<typeof edit.replace>[1]) => [
  edit.remove('pm.dpm_async_with_cleanup/no-root'),
  edit.replace('pm.dpm_async_with_cleanup/scheduled', { when: (s) => s.cursor < s.dev.length }),
  edit.replace('pm.dpm_async_with_cleanup/no-memory', noMemory),
  edit.remove('pm.dpm_async_fn/scheduled'),
  edit.replace('pm.dpm_async_fn/no-memory', {
    says: 'it could not be scheduled: the walk takes the device, without the mutex',
    when: (s) => s.cursor < s.dev.length && !s.dev[s.cursor]!.scheduled,
    then: (d) => void (d.mutex = null),
  }),
  edit.remove('pm.dpm_async_resume_subordinate'),
  edit.remove('async.dpm_async_resume_subordinate'),
]

/** Takes the work on for a device. */
const schedule = (dev: State['dev'][number]): void => void (dev.queued = dev.scheduled = true)

/** What whoever has resumed a device does for the next in the chain, if nobody has started that. */
const subordinate = <A extends object>(here: (s: Pick<Seen, 'cursor'>, args: A) => number) => ({
  origin: source(file, 'dpm_async_resume_subordinate'),
  says: 'the children of a device that is resumed are started, unless they are already; that takes the list mutex',
  either: {
    scheduled: {
      when: (s: Seen, args: A) => starts(s, here(s, args)),
      then: (d: State, args: A) => schedule(d.dev[here(d, args)]!),
    },
    'no-memory': {
      says: 'the mark is taken back: the walk, or nobody else, takes the device',
      when: (s: Seen, args: A) => starts(s, here(s, args)) && s.shortages > 0,
      then: (d: State) => void d.shortages--,
    },
    nobody: { when: (s: Seen, args: A) => s.mutex === null && !starts(s, here(s, args)) },
  },
})

/** Whether the mutex is free and this device is there to be started. */
const starts = (s: Seen, i: number): boolean => s.mutex === null && i < s.dev.length && !s.dev[i]!.scheduled

export default model('async-schedule', {
  question: 'Does resume survive a call that cannot be made asynchronous?',
  parameters,
  actors: { core: system('the PM core'), worker: system('asynchronous calls') },
  initial: ({ devices, shortages }) => ({
    dev: Array.from({ length: devices }, () => ({ queued: false, scheduled: false, resumed: false })),
    mutex: null,
    cursor: 0,
    shortages,
  }),
  parts: ({ devices }) => {
    const names = Array.from({ length: devices }, (_, i) => `async(${i})`)
    return [
      thread(
        'pm',
        { actor: 'core' },
        step('mutex_lock', {
          origin: source(file, 'dpm_noirq_resume_devices'),
          when: (s) => s.mutex === null,
          then: (d) => void (d.mutex = core),
        }),
        step('dpm_async_with_cleanup', {
          origin: source('kernel/async.c', 'async_schedule_dev_nocall'),
          says: 'devices that depend on nobody are scheduled up front, with the list mutex held',
          either: {
            scheduled: {
              when: (s) => s.cursor === 0,
              then: (d) => schedule(d.dev[d.cursor++]!),
              goto: 'dpm_async_with_cleanup',
            },
            'no-memory': {
              says: 'no memory, or too much work already; the walk below asks again',
              when: (s) => s.cursor === 0 && s.shortages > 0,
              then: (d) => {
                d.shortages--
                d.cursor++
              },
              goto: 'dpm_async_with_cleanup',
            },
            'no-root': {
              origin: source(file, 'dpm_root_device'),
              when: (s) => s.cursor > 0 && s.cursor < devices,
              then: (d) => void d.cursor++,
              goto: 'dpm_async_with_cleanup',
            },
            done: { when: (s) => s.cursor === devices, then: (d) => void (d.cursor = 0) },
          },
        }),
        step('dpm_async_fn', {
          origin: source(file, 'dpm_async_fn'),
          either: {
            'in-progress': {
              when: (s) => s.cursor < devices && s.dev[s.cursor]!.scheduled,
              then: (d) => void d.cursor++,
              goto: 'dpm_async_fn',
            },
            scheduled: {
              when: (s) => s.cursor < devices && !s.dev[s.cursor]!.scheduled,
              then: (d) => schedule(d.dev[d.cursor++]!),
              goto: 'dpm_async_fn',
            },
            'no-memory': {
              says: 'the walk takes the device itself, without the mutex; the mark stays, so that nobody else does',
              when: (s) => s.cursor < devices && !s.dev[s.cursor]!.scheduled && s.shortages > 0,
              then: (d) => {
                d.shortages--
                d.dev[d.cursor]!.scheduled = true
                d.mutex = null
              },
            },
            done: { when: (s) => s.cursor === devices, then: (d) => void (d.mutex = null), goto: 'synchronize' },
          },
        }),
        step('device_resume', {
          origin: source(file, 'device_resume_noirq'),
          says: 'once its supplier is done',
          when: (s) => s.cursor === 0 || s.dev[s.cursor - 1]!.resumed,
          then: (d) => void (d.dev[d.cursor++]!.resumed = true),
        }),
        step(
          'dpm_async_resume_subordinate',
          subordinate((s) => s.cursor),
        ),
        step('mutex_lock-again', {
          origin: source(file, 'dpm_noirq_resume_devices'),
          when: (s) => s.mutex === null,
          then: (d) => void (d.mutex = core),
          goto: 'dpm_async_fn',
        }),
        step('synchronize', {
          origin: source('kernel/async.c', 'async_synchronize_full'),
          when: (s, _, at) => s.dev.every(({ queued }) => !queued) && names.every((name) => at(name, 'idle')),
        }),
      ),
      thread(
        'async',
        { actor: 'worker', for: { i: Array.from({ length: devices }, (_, i) => i) } },
        step('idle', {
          origin: source('kernel/async.c', 'async_run_entry_fn'),
          when: (s, { i }) => s.dev[i]!.queued,
          then: (d, { i }) => void (d.dev[i]!.queued = false),
        }),
        step('dpm_wait_for_superior', {
          origin: source(file, 'dpm_wait_for_superior'),
          says: 'it takes the list mutex for a moment, to look at the parent',
          when: (s) => s.mutex === null,
        }),
        step('device_resume', {
          origin: source(file, 'device_resume_noirq'),
          when: (s, { i }) => i === 0 || s.dev[i - 1]!.resumed,
          then: (d, { i }) => void (d.dev[i]!.resumed = true),
        }),
        step(
          'dpm_async_resume_subordinate',
          subordinate((_, { i }: { readonly i: number }) => i + 1),
        ),
        step('return', { origin: source(file, 'async_resume_noirq'), goto: 'idle' }),
      ),
    ]
  },
  patches: [
    patch('linux-6.12', {
      kind: 'era',
      says: 'Every device is scheduled up front, whoever it depends on; the walk takes those that were not.',
      reference: '7839d0078e0d, still so in 6.12.117',
      edits: upFront({
        when: (s) => s.cursor < s.dev.length && s.shortages > 0,
      }),
    }),
    patch('inline-under-mutex', {
      kind: 'era',
      says: 'Every device is scheduled up front, and a call that cannot be is made at once, in the caller, which holds the list mutex.',
      reference: 'before 7839d0078e0d',
      edits: [
        ...upFront({ ...short, goto: 'inline-mutex_lock' }),
        edit.after('pm.mutex_lock-again', inlineLock, inlineCall()),
      ],
    }),
    patch('inline-without-wait', {
      kind: 'era',
      says: 'The same inline call, made where neither the mutex nor the supplier is waited for.',
      reference: 'before 7839d0078e0d',
      edits: [
        ...upFront({ ...short, goto: 'inline-call' }),
        edit.after(
          'pm.mutex_lock-again',
          inlineCall(() => true),
        ),
      ],
    }),
    patch('inline-first', {
      kind: 'fault',
      says: 'That kernel takes the mutex only after the calls were scheduled: an inline call waits for its supplier alone.',
      edits: [
        ...upFront({ ...short, goto: 'inline-mutex_lock' }),
        edit.after('pm.mutex_lock-again', inlineLock, inlineCall()),
        edit.replace('pm.mutex_lock', { then: () => {} }),
        edit.replace('pm.dpm_async_with_cleanup/done', {
          then: (d) => {
            d.cursor = 0
            d.mutex = core
          },
        }),
      ],
    }),
    patch('walk-takes-all', {
      kind: 'fault',
      says: 'The walk resumes those that are in progress, too.',
      edits: [
        edit.replace('pm.dpm_async_fn/in-progress', {
          then: (d) => void (d.mutex = null),
          goto: 'device_resume',
        }),
      ],
    }),
    patch('mark-taken-back', {
      kind: 'fault',
      says: 'The walk takes the mark back before it resumes a device itself: the worker of the parent starts it once more.',
      edits: [
        edit.replace('pm.dpm_async_fn/no-memory', {
          then: (d) => {
            d.shortages--
            d.mutex = null
          },
        }),
      ],
    }),
    patch('unscheduled-forgotten', {
      kind: 'fault',
      says: 'A device that could not be scheduled is left to its worker all the same.',
      edits: [
        edit.replace('pm.dpm_async_fn/no-memory', {
          then: (d) => {
            d.shortages--
            d.dev[d.cursor++]!.scheduled = true
          },
          goto: 'dpm_async_fn',
        }),
      ],
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'Only the noirq resume is modelled; the other phases have the same shape.',
    'Devices are a chain: each is both the child and the consumer of the one before, and all are asynchronous.',
    'async_wip_mtx is held for the look at the mark and the scheduling only: that is one step.',
    'The completion of a device is its being resumed.',
  ],
})
