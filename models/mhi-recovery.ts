/** A modem on PCI that is recovered while the machine goes to sleep: drivers/bus/mhi/host/pci_generic.c of Linux 7.3.4. */

import { bool, environment, over, record, source, system } from '../src/index.js'
import { atRest, idleTimer, kernelOver, mutex, timer, work } from '../src/kernel.js'

export const state = record({
  /** device_lock(): of the core while it suspends and resumes, and of whoever resets the device. */
  lock: mutex('pm', 'recovery'),
  recovery: work('recovery'),
  health: timer(),
  /** MHI_PCI_DEV_SUSPENDED; whether the device is powered; whether it answers. */
  suspended: bool(),
  powered: bool(),
  alive: bool(),
})
const { model, thread, action, call, does, returnIf, set, as, patch, edit } = over(state)
const { lock, recovery, health } = kernelOver(state)
const fn = (symbol: string) => source('drivers/bus/mhi/host/pci_generic.c', symbol)
const core = (symbol: string) => source('drivers/base/power/main.c', symbol)
const reset = 'recovery.mhi_pci_recovery_work:mutex_trylock:lock'

const suspend = call(
  fn('mhi_pci_runtime_suspend'),
  set({ suspended: true }),
  health.del,
  recovery.cancelSync,
  as('pci_disable_device', set({ powered: false })),
)
const resume = call(
  fn('mhi_pci_runtime_resume'),
  as('clear_suspended', set({ suspended: false })),
  as('pci_enable_device', set({ powered: true })),
  does('mhi_pm_resume', {
    either: { ok: { when: (s) => s.alive }, fails: { when: (s) => !s.alive, goto: 'queue_work_on:recovery' } },
  }),
  health.mod,
  does('return', { goto: 'device_resume:mutex_unlock:lock' }),
  recovery.queue,
)

export default model('mhi-recovery', {
  question: 'Can a modem be recovered while the machine goes to sleep, and is it left alone while it sleeps?',
  actors: {
    pm: system('suspend and resume of the device'),
    work: system('work queues and timers'),
    modem: environment('the modem'),
  },
  initial: () => ({
    ...atRest(state),
    health: { ...idleTimer, armed: true },
    suspended: false,
    powered: true,
    alive: true,
  }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm', startsFreely: true },
      call(core('device_suspend'), lock.lock, suspend, lock.unlock),
      call(core('device_resume'), lock.lock, resume, lock.unlock),
    ),
    health.handler(
      { actor: 'work', name: 'health' },
      call(
        fn('health_check'),
        returnIf('suspended', (s) => s.suspended),
        does('mhi_pci_is_alive', {
          either: { yes: { when: (s) => s.alive }, no: { when: (s) => !s.alive, goto: 'queue_work_on:recovery' } },
        }),
        health.mod,
        does('return', { goto: 'callback_done:health' }),
        recovery.queue,
      ),
    ),
    recovery.worker(
      'recovery',
      { actor: 'work' },
      call(
        fn('mhi_pci_recovery_work'),
        health.del,
        does('pci_restore_state'),
        does('mhi_sync_power_up', {
          either: { ok: { then: (d) => void (d.alive = true) }, fails: { goto: 'mutex_trylock:lock' } },
        }),
        health.mod,
        does('return', { goto: 'worker_done:recovery' }),
        lock.trylock({ goto: 'worker_done:recovery' }),
        as('pci_reset_function', set({ alive: true })),
        as('mhi_pci_reset_done', health.mod),
        lock.unlock,
      ),
    ),
    action('dies', {
      actor: 'modem',
      origin: { kind: 'env', says: 'the firmware of the modem crashes' },
      when: (s) => s.alive,
      then: (d) => void (d.alive = false),
    }),
  ],
  patches: [
    patch('reset-waits', {
      kind: 'era',
      says: 'The recovery resets the device by a function that waits for its lock.',
      reference: 'linux before the fix of CVE-2025-21951',
      edits: [edit.before(reset, call(fn('mhi_pci_recovery_work'), lock.lock)), edit.remove(reset)],
    }),
    patch('health-synced', {
      kind: 'fix',
      says: 'Ours: the suspend waits for a health check that runs, which would queue the recovery behind its back.',
      reference: 'derived; 7.3.4 does not',
      edits: [
        edit.before(
          'pm.device_suspend:mhi_pci_runtime_suspend:timer_delete:health',
          call(fn('mhi_pci_runtime_suspend'), health.delSync),
        ),
        edit.remove('pm.device_suspend:mhi_pci_runtime_suspend:timer_delete:health'),
      ],
    }),
    patch('reset-retried', {
      kind: 'fix',
      says: 'Ours: a recovery that does not get the lock queues itself again, for the resume that has queued it may still hold that.',
      reference: 'derived; 7.3.4 does not',
      edits: [
        edit.after(
          'recovery.mhi_pci_recovery_work:mutex_unlock:lock',
          call(
            fn('mhi_pci_recovery_work'),
            does('done', { goto: 'worker_done:recovery' }),
            as('retry', recovery.queue),
          ),
        ),
        edit.replace(`${reset}/busy`, { goto: 'mhi_pci_recovery_work:retry' }),
      ],
    }),
    patch('not-cancelled', {
      kind: 'fault',
      says: 'The suspend does not wait for a recovery.',
      edits: ['cancel_work_sync:recovery', '__flush_work:recovery'].map((one) =>
        edit.remove(`pm.device_suspend:mhi_pci_runtime_suspend:${one}`),
      ),
    }),
    patch('not-enabled', {
      kind: 'fault',
      says: 'The resume does not enable the device.',
      edits: [edit.remove('pm.device_resume:mhi_pci_runtime_resume:pci_enable_device')],
    }),
    patch('never-queued', {
      kind: 'fault',
      says: 'Who finds the modem dead does nothing.',
      edits: ['health.health_check', 'pm.device_resume:mhi_pci_runtime_resume'].map((one) =>
        edit.remove(`${one}:queue_work_on:recovery`),
      ),
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'One suspend and one resume of the system; runtime PM of the device ends in the same two functions, without the lock.',
    'What is done to the device in a recovery is one access; it may or may not help, a reset does.',
  ],
})
