/** Two who clear the wake-up interrupt of a device at once: dev_pm_clear_wake_irq() in drivers/base/power/wakeirq.c of Linux 7.3.4. */

import { bool, each, over, record, source, system } from '../src/index.js'
import { atRest, kernelOver, lifetime, spinlock } from '../src/kernel.js'

const callers = ['driver', 'core'] as const
export const state = record({
  lock: spinlock(...callers),
  wirq: lifetime(),
  /** dev->power.wakeirq, and what each caller has read there. */
  attached: bool(),
  read: each(callers, bool()),
})
const { model, thread, call, does, patch, edit } = over(state)
const { lock, wirq } = kernelOver(state)

const clear = (caller: (typeof callers)[number]) =>
  thread(
    caller,
    { actor: caller },
    call(
      source('drivers/base/power/wakeirq.c', 'dev_pm_clear_wake_irq'),
      lock.lockIrqsave,
      does('read_wakeirq', { then: (d) => void (d.read[caller] = d.attached) }),
      does('is_attached', {
        either: {
          yes: { when: (s) => s.read[caller] },
          no: { when: (s) => !s.read[caller], goto: 'spin_unlock_irqrestore:lock' },
        },
      }),
      does('device_wakeup_detach_irq', { then: (d) => void (d.attached = false) }),
      lock.unlockIrqrestore,
      does('was_attached', {
        either: { yes: { when: (s) => s.read[caller] }, no: { when: (s) => !s.read[caller], goto: 'end' } },
      }),
      wirq.free,
    ),
  )

export default model('wake-irq', {
  question: 'Can a wake-up interrupt be freed twice?',
  actors: { driver: system('the driver, when it is unbound'), core: system('whoever else clears it') },
  initial: () => ({ ...atRest(state), attached: true, read: { driver: false, core: false } }),
  parts: () => callers.map(clear),
  patches: [
    patch('read-before-lock', {
      kind: 'era',
      says: 'The pointer is read before the lock is taken, and not again under it.',
      reference: 'before the wakeirq fix in c233403593f5',
      edits: callers.map((caller) =>
        edit.move(`${caller}.dev_pm_clear_wake_irq:read_wakeirq`, {
          before: `${caller}.dev_pm_clear_wake_irq:spin_lock_irqsave:lock`,
        }),
      ),
    }),
    patch('never-freed', {
      kind: 'fault',
      says: 'Nobody frees it.',
      edits: callers.map((caller) => edit.remove(`${caller}.dev_pm_clear_wake_irq:kfree:wirq`)),
    }),
  ],
  resting: (_, at) => callers.every((caller) => at(caller, 'end')),
})
