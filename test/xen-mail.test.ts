import assert from 'node:assert/strict'
import model from '../models/xen-pv-guest.js'
import properties from '../properties/xen-pv-guest.js'
import { check } from '../src/search/check.js'
import { enabled, initialStates, take, type SystemState } from '../src/search/reference.js'
import { instantiate, type Choice, type System, type Transition } from '../src/write/system.js'

/** The device lines of the log in the mail of 8 August 2013, without time stamps; input devices and the like left out. */
const mail = [
  'vbd vbd-51712: legacy resume',
  'WARNING: g.e. still in use!',
  'WARNING: leaking g.e. and page still in use!',
  'xen vbd-51760: legacy resume',
  'vif vif-0: legacy resume',
  'WARNING: g.e. still in use!',
  'WARNING: leaking g.e. and page still in use!',
  'WARNING: g.e. still in use!',
  'WARNING: leaking g.e. and page still in use!',
]

/** Lines that the mail's excerpt would have shown, were they printed. */
const shown = /vbd-|vif-|g\.e\.|failed/

const linesOf = (transition: Transition, before: SystemState): readonly string[] =>
  transition.log
    .flatMap((log) => (typeof log === 'string' ? [log] : log(before.state as never, transition.args)))
    .filter((line) => shown.test(line))

/** Whether some run of the system prints exactly these lines, by a search over states and positions in the log. */
function canPrint(system: System, log: readonly string[]): boolean {
  const seen = new Set<string>()
  let level = initialStates(system).map((here) => ({ here, position: 0 }))
  while (level.length > 0) {
    const next: typeof level = []
    for (const { here, position } of level) {
      if (position === log.length) return true
      const key = `${position} ${JSON.stringify(here)}`
      if (seen.has(key)) continue
      seen.add(key)
      for (const transition of enabled(system, here)) {
        const lines = linesOf(transition, here)
        if (lines.some((line, i) => line !== log[position + i])) continue
        next.push({ here: take(system, here, transition).next, position: position + lines.length })
      }
    }
    level = next
  }
  return false
}

const prints = (choice: Choice): boolean => canPrint(instantiate(model, choice), mail)

describe('the bug of the 2013 mail', () => {
  it('is found in twelve steps, from the request to blkfront_resume', async () => {
    const system = instantiate(model, { parameters: { tool: 'FAST' }, patches: ['linux-2.6.32'] })
    const { verdicts } = await check(system, properties)
    const run = verdicts.find(({ property }) => property === 'no-revoke-in-use')?.run
    assert.deepEqual(
      run?.steps.map(({ transition }) => transition.name),
      [
        'toolstack.request',
        'do_suspend.shutdown_handler',
        'do_suspend.freeze_processes/ok',
        'do_suspend.dpm_suspend_start/ok',
        'do_suspend.xs_suspend',
        'do_suspend.dpm_suspend_end/ok',
        'do_suspend.xen_suspend/hypercall',
        'toolstack.wait/resume_fast',
        'do_suspend.xen_arch_post_suspend/cancelled',
        'do_suspend.dpm_resume_start',
        'do_suspend.out_resume/xs_suspend_cancel',
        'do_suspend.dpm_resume_vbd/blkfront_resume',
      ],
    )
  })
})

describe('the log of the 2013 mail', () => {
  it('is printed by a kernel before 2.6.39 whose suspend was cancelled', () => {
    assert.ok(prints({ parameters: { tool: 'FAST' }, patches: ['linux-2.6.32'] }))
  })

  it('is printed by that kernel after S3 too, which is not what the mail did', () => {
    assert.ok(prints({ parameters: { tool: 'MIGRATE', s3: 1 }, patches: ['linux-2.6.32'] }))
  })

  it('is not printed by that kernel in a new domain, nor after a reset of the devices', () => {
    for (const tool of ['MIGRATE', 'SLOW_RESET'])
      assert.ok(!prints({ parameters: { tool }, patches: ['linux-2.6.32'] }), tool)
  })

  it('comes with a line of its own when that kernel fails before the hypercall, which the mail does not show', () => {
    for (const [fail, line] of [
      ['end', 'dpm_suspend_noirq failed: -16'],
      ['stop', 'failed to start xen_suspend: -12'],
    ] as const) {
      const system = instantiate(model, { parameters: { fail, tool: 'MIGRATE' }, patches: ['linux-2.6.32'] })
      assert.ok(!canPrint(system, mail), fail)
      assert.ok(canPrint(system, [line, ...mail]), fail)
    }
  })

  it('cannot be printed by the code that the mail quotes, whatever the toolstack does and whatever fails', () => {
    for (const patches of [['linux-2.6.39'], ['linux-3.10'], ['linux-6.12'], []])
      for (const tool of ['FAST', 'SLOW_RESET', 'SLOW_NORESET', 'MIGRATE'])
        for (const s3 of [0, 1])
          assert.ok(!prints({ parameters: { tool, fail: 'any', s3 }, patches }), `${patches.join()} ${tool} s3=${s3}`)
  })

  it('cannot be printed by xenlinux, which has no PM core', () => {
    for (const tool of ['FAST', 'SLOW_NORESET', 'MIGRATE'])
      assert.ok(!prints({ parameters: { guest: 'xenlinux', tool, fail: 'any' } }), tool)
  })

  it('would say thaw in the quoted code, and warn of nothing', () => {
    const system = instantiate(model, { parameters: { tool: 'FAST' }, patches: ['linux-3.10'] })
    const quoted = ['vbd vbd-51712: bus thaw', 'xen vbd-51760: bus thaw', 'vif vif-0: bus thaw']
    assert.ok(canPrint(system, quoted))
  })
})
