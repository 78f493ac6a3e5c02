/** A thermal zone that is removed while the machine wakes up: drivers/thermal/thermal_core.c of Linux 7.3.4. */
import { bool, over, record, source, system } from '../src/index.js'
import { atRest, delayedWork, idleWork, kernelOver, lifetime, mutex, workqueue } from '../src/kernel.js'

const locks = { list: mutex('pm', 'unregister'), tz: mutex('pm', 'check', 'resume', 'unregister') }
const things = { ...locks, zone: lifetime('poll', 'tz'), poll: delayedWork('check', 'resume'), wq: workqueue() }
export const state = record({ ...things, ready: bool(), exiting: bool() })
const { model, thread, call, returnIf, set, patch, edit } = over(state)
const { list, tz, poll, wq, zone } = kernelOver(state)
const fn = (symbol: string) => source('drivers/thermal/thermal_core.c', symbol)
const unlisted = returnIf('unlisted', (s) => s.exiting)
const exiting = returnIf('exiting', (s) => s.exiting)
const notReady = returnIf('not_ready', (s) => !s.ready || s.exiting)

const suspend = call(fn('thermal_zone_pm_prepare'), unlisted, tz.lock, set({ ready: false }), poll.cancel, tz.unlock)
const wake = call(fn('thermal_zone_pm_complete'), unlisted, tz.lock, poll.init('resume'), poll.mod, tz.unlock)
const update = call(fn('__thermal_zone_device_update'), notReady, poll.mod)
const resume = call(fn('thermal_zone_device_resume'), exiting, set({ ready: true }), poll.init('check'))
const exit = call(fn('thermal_zone_exit'), list.lock, tz.lock, set({ exiting: true }), tz.unlock, list.unlock)
const polling = { ...idleWork('check', 'resume'), queued: 'delayed', pool: true } as const
const on = { actor: 'work', on: wq }
const without = (name: string, says: string, step: string, kind: 'era' | 'fault' = 'era') =>
  patch(name, { kind, says, reference: 'before 45b859b07282', edits: [edit.remove(step)] })

export default model('thermal-zone', {
  question: 'Is a thermal zone freed while its work item runs?',
  actors: { pm: system('suspend and resume'), work: system('thermal_wq'), driver: system('removes the zone') },
  initial: () => ({ ...atRest(state), poll: polling, ready: true, exiting: false }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm' },
      call(fn('thermal_pm_prepare'), list.lock, suspend, list.unlock, wq.flush),
      call(fn('thermal_pm_complete'), list.lock, wake, list.unlock),
    ),
    poll.worker('check', on, tz.lock, update, zone.use, tz.unlock),
    poll.worker('resume', on, tz.lock, resume, update, zone.use, tz.unlock),
    thread(
      'unregister',
      { actor: 'driver', startsFreely: true },
      exit,
      call(fn('thermal_zone_device_unregister'), poll.cancelSync, zone.free),
    ),
  ],
  patches: [
    without('no-flush', 'No flush before the item is initialised.', 'pm.thermal_pm_prepare:__flush_workqueue:wq'),
    without('no-exit-check', 'The resume does not look for a removal.', 'resume.thermal_zone_device_resume:exiting'),
    without('not-armed', 'No more polls.', 'resume.__thermal_zone_device_update:mod_delayed_work_on:poll', 'fault'),
    without('kept-locked', 'The removal keeps the lock.', 'unregister.thermal_zone_exit:mutex_unlock:tz', 'fault'),
    patch('flush-before-free', {
      kind: 'fix',
      says: 'Ours: the queue is flushed before the zone is freed, too.',
      edits: [edit.before('unregister.thermal_zone_device_unregister:kfree:zone', wq.flush)],
    }),
  ],
  resting: (s, at) => at('pm', 'end') && at('unregister', 'end') && s.zone === 'freed',
})
