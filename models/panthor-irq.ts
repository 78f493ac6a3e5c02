/** The interrupt mask of a Mali GPU over a suspend: drivers/gpu/drm/panthor/panthor_device.h of Linux 7.3.4 (PANTHOR_IRQ_HANDLER). */

import { bool, environment, oneOf, over, record, source, system } from '../src/index.js'
import { atRest, irq, kernelOver, spinlock } from '../src/kernel.js'

export const state = record({
  line: irq(),
  mask_lock: spinlock('raw', 'threaded', 'pm'),
  state: oneOf('active', 'processing', 'suspending', 'suspended'),
  /** INT_MASK of the hardware: whether it raises interrupts. */
  mask: bool(),
  /** What the threaded handler has read of the software's mask and state. */
  restores: bool(),
})
const { model, thread, call, does, set, patch, edit } = over(state)
const { line, mask_lock: lock } = kernelOver(state)
const fn = (symbol: string) => source('drivers/gpu/drm/panthor/panthor_device.h', symbol)

const look = does('atomic_cmpxchg', {
  says: 'PROCESSING becomes ACTIVE',
  then: (d) => {
    d.restores = d.state === 'processing'
    if (d.restores) d.state = 'active'
  },
})
const restore = does('gpu_write_INT_MASK', {
  then: (d) => {
    if (d.restores) d.mask = true
    d.restores = false
  },
})
const locked = ['spin_lock_irqsave:mask_lock', 'spin_unlock_irqrestore:mask_lock']
const unlocked = (where: string) => locked.map((step) => edit.remove(`${where}:${step}`))

export default model('panthor-irq', {
  question: 'Can the GPU raise interrupts while its driver takes it for suspended?',
  actors: {
    gpu: environment('the GPU'),
    irq: system('interrupt handlers'),
    pm: system('suspend and resume'),
  },
  initial: () => ({ ...atRest(state), state: 'active', mask: true, restores: false }),
  parts: () => [
    line.raised('gpu', (s) => s.mask && !s.line.pending),
    line.handler(
      { actor: 'irq', name: 'raw' },
      call(
        fn('irq_raw_handler'),
        lock.lockIrqsave,
        does('atomic_cmpxchg', {
          either: {
            active: {
              when: (s) => s.state === 'active',
              then: (d) => {
                d.state = 'processing'
                d.mask = false
              },
            },
            other: { says: 'IRQ_NONE', when: (s) => s.state !== 'active', goto: 'unlock_none' },
          },
        }),
        line.wakeThread,
        lock.unlockIrqrestore,
        does('IRQ_WAKE_THREAD', { goto: 'handler_done:line' }),
        over(state).as('unlock_none', lock.unlockIrqrestore),
      ),
    ),
    line.thread(
      { actor: 'irq', name: 'threaded' },
      call(fn('irq_threaded_handler'), does('handler'), lock.lockIrqsave, look, restore, lock.unlockIrqrestore),
    ),
    thread(
      'pm',
      { actor: 'pm' },
      call(
        fn('irq_suspend'),
        lock.lockIrqsave,
        set({ state: 'suspending' }),
        set({ mask: false }),
        lock.unlockIrqrestore,
        line.synchronize,
        set({ state: 'suspended' }),
      ),
      call(fn('irq_resume'), lock.lockIrqsave, set({ state: 'active' }), set({ mask: true }), lock.unlockIrqrestore),
    ),
  ],
  patches: [
    patch('without-mask-lock', {
      kind: 'era',
      says: 'The first of the two patches alone: four states, and no lock around the mask.',
      reference: '0b2d86670a84, before c5bf1d4e4473',
      edits: [
        ...unlocked('threaded.irq_threaded_handler'),
        ...unlocked('pm.irq_suspend'),
        ...unlocked('pm.irq_resume'),
      ],
    }),
    patch('suspended-flag', {
      kind: 'era',
      says: 'One flag instead of four states: the handler restores the mask unless the flag is up, and the flag comes up last.',
      reference: 'before 0b2d86670a84',
      edits: [
        ...unlocked('threaded.irq_threaded_handler'),
        ...unlocked('pm.irq_suspend'),
        ...unlocked('pm.irq_resume'),
        edit.remove('pm.irq_suspend:state=suspending'),
        edit.replace('threaded.irq_threaded_handler:atomic_cmpxchg', {
          says: 'atomic_read() of the flag, and the mask as it is now',
          then: (d) => {
            d.restores = d.state !== 'suspended'
            if (d.restores) d.state = 'active'
          },
        }),
      ],
    }),
    patch('left-masked', {
      kind: 'fault',
      says: 'The resume does not write the mask.',
      edits: [edit.remove('pm.irq_resume:mask=true')],
    }),
  ],
  resting: (s, at) => at('pm', 'end') && !s.line.woken,
  abstractions: [
    'One bit of the mask. The raw handler changes state and mask in one step: it is never interrupted by a suspend, which waits for it.',
  ],
})
