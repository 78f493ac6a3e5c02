/**
 * Callbacks and what they use, when that goes. Linux 7.3.4: drivers/net/wireless/marvell/mwifiex/init.c and libertas/main.c, sound/drivers/aloop.c,
 * net/wireless/pmsr.c, sound/soc/sdca/sdca_interrupts.c, drivers/base/power/runtime.c, drivers/nvme/host/fc.c, drivers/mmc/host/vub300.c.
 */

import { bool, environment, oneOf, over, parameter, record, source, system } from '../src/index.js'
import { atRest, idleWork, irq, join, kernelOver, lifetime, quietIrq, timer, work } from '../src/kernel.js'

export const state = record({
  timer: timer(),
  item: work('worker'),
  line: irq(),
  object: lifetime('timer', 'item', 'line'),
  /** The request belongs to no socket any more. */
  orphaned: bool(),
})
const { model, thread, call, set, patch, edit } = over(state)
const { timer: clock, item, line, object } = kernelOver(state)

const mwifiex = 'drivers/net/wireless/marvell/mwifiex/init.c'
const libertas = 'drivers/net/wireless/marvell/libertas/main.c'
const aloop = 'sound/drivers/aloop.c'
const sdca = 'sound/soc/sdca/sdca_interrupts.c'
const pmsr = 'net/wireless/pmsr.c'
const runtime = 'drivers/base/power/runtime.c'
const fc = 'drivers/nvme/host/fc.c'
const vub300 = 'drivers/mmc/host/vub300.c'
const gone = 'teardown'

/** A timer that is armed, its callback, and the end of what that uses. */
const timed = (file: string, callback: string, teardown: string, ...more: readonly (typeof clock.mod)[]) => [
  clock.handler({ actor: 'callback', name: 'expiry' }, call(source(file, callback), object.use, ...more)),
  thread(gone, { actor: 'driver' }, call(source(file, teardown), clock.delSync, object.free)),
]

const drivers = {
  mwifiex: () => timed(mwifiex, 'wakeup_timer_fn', 'mwifiex_adapter_cleanup'),
  libertas: () => timed(libertas, 'lbs_cmd_timeout_handler', 'lbs_free_adapter'),
  aloop: () => timed(aloop, 'loopback_jiffies_timer_function', 'loopback_close', clock.mod),
  pmsr: () => [
    thread(
      'socket',
      { actor: 'user', while: (s) => !s.orphaned },
      call(source(pmsr, 'cfg80211_release_pmsr'), item.queue),
    ),
    item.worker('worker', { actor: 'callback' }, call(source(pmsr, 'cfg80211_pmsr_free_wk'), object.use)),
    thread(
      gone,
      { actor: 'driver' },
      call(source(pmsr, 'cfg80211_pmsr_wdev_down'), set({ orphaned: true }), item.cancelSync, object.free),
    ),
  ],
  sdca: () => [
    line.raised('user', (s) => !s.line.pending),
    line.thread(
      { actor: 'callback', name: 'handler', alone: true },
      call(source(sdca, 'detected_mode_handler'), object.use),
    ),
    thread(gone, { actor: 'driver' }, call(source(sdca, 'sdca_irq_cleanup'), line.free, object.free)),
  ],
  runtime: () => [
    item.worker('worker', { actor: 'callback' }, call(source(runtime, 'pm_runtime_work'), object.use)),
    thread(gone, { actor: 'driver' }, call(source(runtime, 'pm_runtime_remove'), item.cancel, item.flush, object.free)),
  ],
  'nvme-fc': () => [
    thread('io', { actor: 'callback' }, call(source(fc, 'nvme_fc_fcpio_done'), item.queue)),
    item.worker('worker', { actor: 'callback' }, call(source(fc, 'nvme_fc_ctrl_ioerr_work'), object.use)),
    thread(
      gone,
      { actor: 'driver' },
      call(
        source(fc, 'nvme_fc_delete_ctrl'),
        call(source(fc, 'nvme_fc_delete_association'), join('io')),
        item.cancelSync,
        object.free,
      ),
    ),
  ],
  vub300: () => [
    item.worker('worker', { actor: 'callback' }, call(source('drivers/mmc/core/core.c', 'mmc_rescan'), object.use)),
    thread(
      gone,
      { actor: 'driver' },
      call(
        source(vub300, 'vub300_disconnect'),
        call(source('drivers/mmc/core/host.c', 'mmc_remove_host'), item.cancelSync, object.use),
        object.free,
      ),
    ),
  ],
}

/** Whose work item is queued when the object goes. */
const pending: readonly string[] = ['runtime', 'vub300']

/** The timer is taken off the wheel, and its callback not waited for. */
const unsynced = (name: string, file: string, teardown: string, reference: string) =>
  patch(name, {
    kind: 'era',
    says: 'The timer is deleted, and a callback that runs is not waited for.',
    reference,
    edits: [
      edit.before(`${gone}.${teardown}:timer_delete_sync:timer`, call(source(file, teardown), clock.del)),
      edit.remove(`${gone}.${teardown}:timer_delete_sync:timer`),
    ],
  })

const without = (name: string, says: string, reference: string, ...steps: readonly string[]) =>
  patch(name, { kind: 'era', says, reference, edits: steps.map((one) => edit.remove(`${gone}.${one}`)) })

export default model('callback-lifetime', {
  question: 'Is a callback over before what it uses is freed?',
  parameters: {
    what: parameter(
      oneOf('mwifiex', 'libertas', 'aloop', 'pmsr', 'sdca', 'runtime', 'nvme-fc', 'vub300'),
      'mwifiex',
      'whose callback it is',
    ),
  },
  actors: {
    driver: system('who takes the object away'),
    callback: system('timers, work queues, interrupt threads'),
    user: environment('who makes a callback happen'),
  },
  initial: ({ what }) => ({
    ...atRest(state),
    timer: { armed: ['mwifiex', 'libertas', 'aloop'].includes(what), running: false, shutdown: false },
    item: { ...idleWork('worker'), queued: pending.includes(what) ? 'pending' : 'idle', pool: pending.includes(what) },
    line: { ...quietIrq, requested: what === 'sdca' },
    orphaned: false,
  }),
  parts: ({ what }) => drivers[what](),
  patches: [
    unsynced('mwifiex-not-synced', mwifiex, 'mwifiex_adapter_cleanup', 'linux before the fix of CVE-2026-46069'),
    unsynced('libertas-not-synced', libertas, 'lbs_free_adapter', 'linux before the fix of CVE-2026-23281'),
    unsynced('aloop-not-synced', aloop, 'loopback_close', 'before 67a01afaf3d3'),
    without(
      'pmsr-not-cancelled',
      'The work item of a socket that was closed is not cancelled when its interface goes down.',
      'linux before the fix of CVE-2026-31548',
      'cfg80211_pmsr_wdev_down:cancel_work_sync:item',
      'cfg80211_pmsr_wdev_down:__flush_work:item',
    ),
    without(
      'sdca-managed',
      'The interrupt is managed with the device, which outlives the sound card that its handler uses.',
      'before 4e53116437e9',
      'sdca_irq_cleanup:free_irq:line',
      'sdca_irq_cleanup:free_irq_wait:line',
    ),
    without(
      'runtime-not-flushed',
      'Runtime PM is disabled, which cancels what is pending, and a work item that runs is not waited for.',
      'before the pm-runtime merge 963337065315 of 7.0-rc5',
      'pm_runtime_remove:flush_work:item',
      'pm_runtime_remove:__flush_work_barrier:item',
    ),
    patch('nvme-cancelled-early', {
      kind: 'era',
      says: 'The work item is cancelled before the association goes, whose aborted requests queue it again.',
      reference: 'linux before the fix of CVE-2025-40261',
      edits: ['cancel_work_sync:item', '__flush_work:item'].map((one) =>
        edit.move(`${gone}.nvme_fc_delete_ctrl:${one}`, {
          before: `${gone}.nvme_fc_delete_ctrl:nvme_fc_delete_association:join:io`,
        }),
      ),
    }),
    patch('vub300-put-early', {
      kind: 'era',
      says: 'The reference of the driver is dropped before the host is removed, which still uses it.',
      reference: 'before dff34ef879c5',
      edits: [
        edit.move(`${gone}.vub300_disconnect:kfree:object`, {
          before: `${gone}.vub300_disconnect:mmc_remove_host:cancel_work_sync:item`,
        }),
      ],
    }),
    patch('callback-stuck', {
      kind: 'fault',
      says: 'The callback of the timer does not come to its end.',
      edits: [edit.replace('expiry.callback_done:timer', { when: () => false })],
    }),
  ],
  resting: (s) => s.object === 'freed',
  abstractions: [
    'What arms the timers before they are deleted is over: only a callback arms its own again.',
    'The last reference of vub300 is that of its probe: what requests hold is given back by then. The rescan is a delayed work item, here without its delay.',
    'The work item of pmsr is a wiphy work, whose cancel runs under the lock that it holds: it waits as cancel_work_sync() does.',
  ],
})
