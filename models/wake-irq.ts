/** Two who clear the wake-up interrupt of a device at once: dev_pm_clear_wake_irq() in drivers/base/power/wakeirq.c of Linux 7.3.4. */

import { bool, over, record, source, system } from '../src/index.js'
import { atRest, kernelOver, lifetime, local, spinlock } from '../src/kernel.js'

const callers = ['driver', 'core'] as const
export const state = record({
  lock: spinlock(...callers),
  wirq: lifetime(),
  /** dev->power.wakeirq, and what each caller has read there. */
  attached: bool(),
  wakeirq: local(bool(), ...callers),
})
const { model, thread, call, set, as, patch, edit } = over(state)
const { lock, wirq, wakeirq } = kernelOver(state)

const found = (goto: string) => wakeirq.check((it) => it, { goto })
const clear = call(
  source('drivers/base/power/wakeirq.c', 'dev_pm_clear_wake_irq'),
  lock.lockIrqsave,
  wakeirq.assign((s) => s.attached),
  found('spin_unlock_irqrestore:lock'),
  as('device_wakeup_detach_irq', set({ attached: false })),
  lock.unlockIrqrestore,
  as('again', found('end')),
  wirq.free,
)

export default model('wake-irq', {
  question: 'Can a wake-up interrupt be freed twice?',
  actors: { driver: system('the driver, when it is unbound'), core: system('whoever else clears it') },
  initial: () => ({ ...atRest(state), attached: true }),
  parts: () => callers.map((caller) => thread(caller, { actor: caller }, clear)),
  patches: [
    patch('read-before-lock', {
      kind: 'era',
      says: 'The pointer is read before the lock is taken, and not again under it.',
      reference: 'before the wakeirq fix in c233403593f5',
      edits: callers.map((caller) =>
        edit.move(`${caller}.dev_pm_clear_wake_irq:assign:wakeirq`, {
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
