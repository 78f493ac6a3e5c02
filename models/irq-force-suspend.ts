/**
 * A threaded interrupt handler that holds a runtime PM reference, and a forced suspend: drivers/mfd/cs42l43.c of Linux 7.3.4 (cs42l43_suspend,
 * cs42l43_resume) and drivers/base/regmap/regmap-irq.c (regmap_irq_thread), which handles its interrupt.
 */

import { environment, over, record, source, system } from '../src/index.js'
import { atRest, irq, kernelOver, runtimePM } from '../src/kernel.js'

export const state = record({ line: irq(), dev: runtimePM({ usage: 3, disabled: 1 }) })
const { model, thread, call, does, patch, edit } = over(state)
const { line, dev } = kernelOver(state)
const fn = (symbol: string) => source('drivers/mfd/cs42l43.c', symbol)
const suspend = 'pm.cs42l43_suspend'

export default model('irq-force-suspend', {
  question: 'Can an interrupt handler touch a device that a system suspend has suspended under it?',
  actors: {
    pm: system('suspend and resume'),
    irq: system('interrupt handlers'),
    device: environment('the codec'),
  },
  initial: () => ({ ...atRest(state) }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm' },
      call(fn('cs42l43_suspend'), dev.getSync(), line.disable, dev.forceSuspend(), dev.putNoidle),
      call(fn('cs42l43_resume'), dev.forceResume(), line.enable),
    ),
    line.raised('device', (s) => !s.line.pending),
    line.thread(
      { actor: 'irq', name: 'handler', alone: true },
      call(
        source('drivers/base/regmap/regmap-irq.c', 'regmap_irq_thread'),
        dev.getSync(),
        does('resumed', {
          either: {
            yes: { when: (s) => s.dev.status === 'active' },
            no: {
              says: '-EACCES: the device is suspended, and runtime PM of it disabled',
              when: (s) => s.dev.status !== 'active',
              goto: '__pm_runtime_idle:dev',
            },
          },
        }),
        does('read_irq_data'),
        dev.putSync(),
      ),
    ),
  ],
  patches: [
    patch('disabled-after', {
      kind: 'era',
      says: 'The interrupt is disabled after the device was suspended, and enabled before it is resumed.',
      reference: 'before 62aec8a0a5b6',
      edits: [
        edit.move(`${suspend}:disable_irq:line`, { after: `${suspend}:pm_runtime_set_suspended:dev` }),
        edit.move(`${suspend}:disable_irq_wait:line`, { after: `${suspend}:disable_irq:line` }),
        edit.move('pm.cs42l43_resume:enable_irq:line', {
          before: 'pm.cs42l43_resume:pm_runtime_force_resume:dev',
        }),
      ],
    }),
    patch('left-disabled', {
      kind: 'fault',
      says: 'The resume does not enable the interrupt.',
      edits: [edit.remove('pm.cs42l43_resume:enable_irq:line')],
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'The handlers of the codec run inside regmap_irq_thread(), under its reference. It gives that up with pm_runtime_put(), whose work is done at once here.',
    'cs42l43_suspend_noirq() enables the line again, for wake-up, while no handler is run; cs42l43_resume_noirq() disables it. Both are left out, and so are a force_suspend that fails and the power of the chip.',
  ],
})
