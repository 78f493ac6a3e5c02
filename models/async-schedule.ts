/**
 * Asynchronous resume when memory is short: what the PM core does with a call that cannot be scheduled.
 *
 * Sources: drivers/base/power/main.c and kernel/async.c around 7839d0078e0d (2023/24).
 */

import { array, bool, int, optional, over, parameter, record, source, system, type ValueOf } from '../src/index.js'

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
        step('dpm_async_fn', {
          origin: source('kernel/async.c', 'async_schedule_dev_nocall'),
          says: 'every device is scheduled up front, with the list mutex held',
          either: {
            scheduled: {
              when: (s) => s.cursor < devices,
              then: (d) => {
                const dev = d.dev[d.cursor++]!
                dev.queued = dev.scheduled = true
              },
              goto: 'dpm_async_fn',
            },
            'no-memory': {
              says: 'the caller is told, and the walk below takes the device',
              when: (s) => s.cursor < devices && s.shortages > 0,
              then: (d) => {
                d.shortages--
                d.cursor++
              },
              goto: 'dpm_async_fn',
            },
            done: { when: (s) => s.cursor === devices, then: (d) => void (d.cursor = 0), goto: 'next' },
          },
        }),
        step('inline-mutex_lock', {
          origin: source('kernel/async.c', 'async_schedule_node_domain'),
          says: 'the function runs in the caller: dpm_wait_for_superior() takes the list mutex',
          when: (s) => s.mutex === null,
        }),
        step('inline-call', {
          origin: source(file, 'device_resume_noirq'),
          when: (s) => s.cursor === 0 || s.dev[s.cursor - 1]!.resumed,
          then: (d) => {
            d.dev[d.cursor]!.resumed = d.dev[d.cursor]!.scheduled = true
            d.cursor++
          },
          goto: 'dpm_async_fn',
        }),
        step('next', {
          origin: source(file, 'dpm_noirq_resume_devices'),
          either: {
            async: {
              when: (s) => s.cursor < devices && s.dev[s.cursor]!.scheduled,
              then: (d) => void d.cursor++,
              goto: 'next',
            },
            sync: {
              when: (s) => s.cursor < devices && !s.dev[s.cursor]!.scheduled,
              then: (d) => void (d.mutex = null),
            },
            done: { when: (s) => s.cursor === devices, then: (d) => void (d.mutex = null), goto: 'synchronize' },
          },
        }),
        step('device_resume', {
          origin: source(file, 'device_resume_noirq'),
          says: 'without the mutex, once its supplier is done',
          when: (s) => s.cursor === 0 || s.dev[s.cursor - 1]!.resumed,
          then: (d) => void (d.dev[d.cursor++]!.resumed = true),
        }),
        step('mutex_lock-again', {
          origin: source(file, 'dpm_noirq_resume_devices'),
          when: (s) => s.mutex === null,
          then: (d) => void (d.mutex = core),
          goto: 'next',
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
          goto: 'idle',
        }),
      ),
    ]
  },
  patches: [
    patch('inline-under-mutex', {
      kind: 'era',
      says: 'A call that cannot be scheduled is made at once, in the caller, which holds the list mutex.',
      reference: 'before 7839d0078e0d',
      edits: [
        edit.replace('pm.dpm_async_fn/no-memory', { then: (d) => void d.shortages--, goto: 'inline-mutex_lock' }),
      ],
    }),
    patch('inline-without-wait', {
      kind: 'era',
      says: 'The same inline call, made where neither the mutex nor the supplier is waited for.',
      reference: 'before 7839d0078e0d',
      edits: [
        edit.replace('pm.dpm_async_fn/no-memory', { then: (d) => void d.shortages--, goto: 'inline-call' }),
        edit.replace('pm.inline-call', { when: () => true }),
      ],
    }),
    patch('inline-first', {
      kind: 'fault',
      says: 'The mutex is taken only after the calls were scheduled: an inline call waits for its supplier alone.',
      edits: [
        edit.replace('pm.mutex_lock', { then: () => {} }),
        edit.replace('pm.dpm_async_fn/no-memory', { then: (d) => void d.shortages--, goto: 'inline-mutex_lock' }),
        edit.replace('pm.dpm_async_fn/done', {
          then: (d) => {
            d.cursor = 0
            d.mutex = core
          },
        }),
      ],
    }),
    patch('walk-takes-all', {
      kind: 'fault',
      says: 'The walk resumes those that were scheduled, too.',
      edits: [
        edit.replace('pm.next/async', { when: () => false }),
        edit.replace('pm.next/sync', { when: (s) => s.cursor < s.dev.length }),
      ],
    }),
    patch('unscheduled-forgotten', {
      kind: 'fault',
      says: 'A device that could not be scheduled is left to its worker all the same.',
      edits: [
        edit.replace('pm.next/async', { when: (s) => s.cursor < s.dev.length }),
        edit.replace('pm.next/sync', { when: () => false }),
      ],
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'Only the noirq resume is modelled; the other phases have the same shape.',
    'The completion of a device is its being resumed.',
  ],
})
