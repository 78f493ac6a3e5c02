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
const { model, thread, call, does, as, patch, edit } = over(state)
const { prepare, provider } = kernelOver(state)
const clk = (symbol: string) => source('drivers/clk/clk.c', symbol)

/** The power domain of a provider (imx8mp's audiomix is in one of gpcv2.c) prepares clocks of its own, and unprepares them again. */
const callback = (symbol: string) => [
  call(source('drivers/pmdomain/imx/gpcv2.c', symbol), prepare.lock, prepare.unlock),
]

/** clk_pm_runtime_get() and clk_pm_runtime_put(): both do in this thread what is to be done. */
const get = provider.getSync(...callback('imx_pgc_power_up'))
const put = provider.putSync(...callback('imx_pgc_power_down'))

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
        call(clk('clk_pm_runtime_get_all'), get),
        prepare.lock,
        call(clk('clk_disable_unused_subtree'), does('disable')),
        prepare.unlock,
        call(clk('clk_pm_runtime_put_all'), put),
      ),
    ),
    ...(prepared
      ? [
          thread(
            'consumer',
            { actor: 'consumer' },
            call(clk('clk_prepare'), prepare.lock, get, prepare.unlock),
            call(clk('clk_unprepare'), prepare.lock, put, prepare.unlock),
          ),
        ]
      : []),
    provider.worker({ actor: 'pm', name: 'kworker' }, { suspend: callback('imx_pgc_power_down') }),
  ],
  patches: [
    patch('get-under-lock', {
      kind: 'era',
      says: 'Unused clocks are switched off without getting their providers first: each is resumed with the prepare lock held, and let go.',
      reference: 'before e581cf5d2162',
      edits: [
        ...[
          'get_all:__pm_runtime_resume:provider',
          'get_all:rpm_resume:provider',
          'get_all:imx_pgc_power_up:clk_prepare_lock:prepare',
          'get_all:imx_pgc_power_up:clk_prepare_unlock:prepare',
          'get_all:rpm_resume_done:provider',
          'put_all:__pm_runtime_idle:provider',
          'put_all:rpm_suspend:provider',
          'put_all:imx_pgc_power_down:clk_prepare_lock:prepare',
          'put_all:imx_pgc_power_down:clk_prepare_unlock:prepare',
          'put_all:rpm_suspend_done:provider',
        ].map((step) => edit.remove(`swapper.clk_disable_unused:clk_pm_runtime_${step}`)),
        edit.before('swapper.clk_disable_unused:clk_disable_unused_subtree:disable', as('clk_pm_runtime_get', get)),
        edit.after('swapper.clk_disable_unused:clk_disable_unused_subtree:disable', as('clk_pm_runtime_put', put)),
      ],
    }),
    patch('consumer-resumes-first', {
      kind: 'fix',
      says: 'Ours: whoever prepares a clock resumes its provider before taking the lock.',
      edits: [
        edit.before('consumer.clk_prepare:clk_prepare_lock:prepare', as('first', get)),
        edit.after('consumer.clk_unprepare:clk_prepare_unlock:prepare', as('last', put)),
      ],
    }),
  ],
  resting: (s, at) => at('swapper', 'end') && s.provider.request === 'none' && s.prepare.owner === 'free',
  abstractions: [
    'One provider, one clock; its parents and children are taken under the same lock.',
    'clk_rpm_list_lock, which is held from clk_pm_runtime_get_all() to clk_pm_runtime_put_all(), is for clocks that are registered meanwhile, and left out with them.',
    'Whoever asked for the suspend that may be under way at first was another user of the provider.',
  ],
})
