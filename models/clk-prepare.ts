/**
 * The clock framework's prepare lock and the runtime PM of a provider: drivers/clk/clk.c of Linux 7.3.4 (clk_disable_unused, clk_prepare,
 * clk_pm_runtime_get_all).
 */

import { over, parameter, bool, record, source, system, environment } from '../src/index.js'
import { activeDevice, atRest, kernelOver, recursiveMutex, runtimePM } from '../src/kernel.js'

export const state = record({
  prepare: recursiveMutex(2, 'swapper', 'consumer', 'kworker'),
  provider: runtimePM({ usage: 4 }),
})
const { model, thread, call, as, patch, edit } = over(state)
const { prepare, provider } = kernelOver(state)
const clk = (symbol: string) => source('drivers/clk/clk.c', symbol)

/** The callback of a provider that prepares or unprepares a clock of its own. */
const callback = (symbol: string) => [
  call(source('drivers/clk/imx/clk-imx8mp-audiomix.c', symbol), prepare.lock, prepare.unlock),
]

export default model('clk-prepare', {
  question: 'Can a transition of a clock provider and the prepare lock wait for each other?',
  parameters: { prepared: parameter(bool(), false, 'whether somebody prepares a clock of the provider meanwhile') },
  actors: {
    boot: system('the late initcall that switches unused clocks off'),
    consumer: environment('a driver that prepares a clock'),
    pm: system('runtime PM of the provider'),
  },
  initial: () => ({ ...atRest(state), provider: { ...activeDevice, request: 'suspend' } }),
  parts: ({ prepared }) => [
    thread(
      'swapper',
      { actor: 'boot' },
      call(
        clk('clk_disable_unused'),
        call(clk('clk_pm_runtime_get_all'), provider.getSync(...callback('runtime_resume'))),
        prepare.lock,
        call(clk('clk_disable_unused_subtree'), provider.getSync(...callback('runtime_resume')), provider.put),
        prepare.unlock,
        call(clk('clk_pm_runtime_put_all'), provider.put),
      ),
    ),
    ...(prepared
      ? [
          thread(
            'consumer',
            { actor: 'consumer' },
            call(clk('clk_prepare'), prepare.lock, provider.getSync(...callback('runtime_resume')), prepare.unlock),
            call(clk('clk_unprepare'), prepare.lock, provider.put, prepare.unlock),
          ),
        ]
      : []),
    provider.worker({ actor: 'pm', name: 'kworker' }, { suspend: callback('runtime_suspend') }),
  ],
  patches: [
    patch('get-under-lock', {
      kind: 'era',
      says: 'Unused clocks are switched off without getting their providers first: each is resumed with the prepare lock held.',
      reference: 'before e581cf5d2162',
      edits: [
        ...[
          '__pm_runtime_resume:provider',
          'rpm_resume:provider',
          'runtime_resume:clk_prepare_lock:prepare',
          'runtime_resume:clk_prepare_unlock:prepare',
          'rpm_resume_done:provider',
        ].map((step) => edit.remove(`swapper.clk_disable_unused:clk_pm_runtime_get_all:${step}`)),
        edit.remove('swapper.clk_disable_unused:clk_pm_runtime_put_all:pm_runtime_put:provider'),
      ],
    }),
    patch('consumer-resumes-first', {
      kind: 'fix',
      says: 'Ours: whoever prepares a clock resumes its provider before taking the lock.',
      edits: [
        edit.before(
          'consumer.clk_prepare:clk_prepare_lock:prepare',
          as('first', provider.getSync(...callback('runtime_resume'))),
        ),
        edit.after('consumer.clk_unprepare:clk_prepare_unlock:prepare', as('last', provider.put)),
      ],
    }),
  ],
  resting: (s, at) => at('swapper', 'end') && s.provider.request === 'none' && s.prepare.owner === 'free',
  abstractions: ['One provider, one clock; its parents and children are taken under the same lock.'],
})
