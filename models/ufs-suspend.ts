/**
 * The periodic clock update and the exception work of a UFS device, and a suspend: drivers/ufs/core/ufshcd.c of Linux 7.3.4
 * (__ufshcd_wl_suspend, __ufshcd_wl_resume, ufshcd_rtc_work, ufshcd_exception_event_handler).
 */

import { bool, environment, oneOf, over, parameter, record, source, system } from '../src/index.js'
import { atRest, delayedWork, idleWork, kernelOver, work } from '../src/kernel.js'

export const state = record({
  rtc: delayedWork('rtc'),
  eeh: work('eeh'),
  /** The host's clocks, which the vendor's hook gates. */
  clocks: oneOf('on', 'gated'),
  /** Background operations, for which the device raises exceptions. */
  bkops: bool(),
})
const { model, thread, call, does, set, patch, edit } = over(state)
const { rtc, eeh } = kernelOver(state)
const fn = (symbol: string) => source('drivers/ufs/core/ufshcd.c', symbol)

const suspend = 'pm.__ufshcd_wl_suspend'
const cancel = ['cancel_delayed_work_sync:rtc', '__flush_work:rtc'] as const

export default model('ufs-suspend', {
  question: 'Does a work item of a UFS host touch it while its clocks are gated, and does each go on after the sleep?',
  parameters: {
    active: parameter(bool(), false, 'device and link stay active in the sleep: only clocks are gated'),
    fails: parameter(bool(), false, 'the device may refuse its power mode'),
  },
  actors: {
    pm: system('suspend and resume'),
    work: system('work queues'),
    device: environment('the UFS device'),
  },
  initial: () => ({ ...atRest(state), rtc: { ...idleWork('rtc'), queued: 'delayed' }, clocks: 'on', bkops: true }),
  parts: ({ active, fails }) => [
    thread(
      'pm',
      { actor: 'pm' },
      call(
        fn('__ufshcd_wl_suspend'),
        set({ bkops: false }),
        eeh.flush,
        rtc.cancelSync,
        ...(active || !fails
          ? []
          : [
              does('ufshcd_set_dev_pwr_mode', {
                either: { ok: {}, fails: { says: 'enable_scaling: the clocks stay on', goto: 'end' } },
              }),
            ]),
        does('ufshcd_vops_suspend', { then: (d) => void (d.clocks = 'gated') }),
      ),
      call(
        fn('__ufshcd_wl_resume'),
        does('ufshcd_vops_resume', { then: (d) => void (d.clocks = 'on') }),
        rtc.queueDelayed,
        set({ bkops: true }),
      ),
    ),
    rtc.worker('rtc', { actor: 'work' }, call(fn('ufshcd_rtc_work'), does('ufshcd_update_rtc'), rtc.queueDelayed)),
    eeh.worker('eeh', { actor: 'work' }, call(fn('ufshcd_exception_event_handler'), does('ufshcd_get_ee_status'))),
    thread(
      'irq',
      { actor: 'device', while: (s) => s.clocks === 'on' && s.bkops },
      call(fn('ufshcd_transfer_rsp_status'), eeh.queue),
    ),
  ],
  patches: [
    patch('cancel-after-hooks', {
      kind: 'era',
      says: 'The update of the clock is cancelled after the vendor has gated the clocks.',
      reference: 'before b0bd84c39289',
      edits: [
        edit.move(`${suspend}:${cancel[0]}`, { after: `${suspend}:ufshcd_vops_suspend` }),
        edit.move(`${suspend}:${cancel[1]}`, { after: `${suspend}:${cancel[0]}` }),
      ],
    }),
    patch('not-cancelled-if-active', {
      kind: 'era',
      says: 'The shorter way, on which device and link stay active, does not cancel the update.',
      reference: 'b0bd84c39289, before "active-active" of 2026',
      edits: cancel.map((step) => edit.remove(`${suspend}:${step}`)),
    }),
    patch('re-armed-only-after-sleep', {
      kind: 'era',
      says: 'The first version of that fix: it is cancelled there, but a resume queues it again only if the device slept.',
      reference: '"active-active" v1 of 2026',
      edits: [edit.remove('pm.__ufshcd_wl_resume:queue_delayed_work_on:rtc')],
    }),
    patch('exceptions-not-flushed', {
      kind: 'era',
      says: 'The shorter way neither disables background operations nor flushes the exception work.',
      reference: 'before f8ef441811ec',
      edits: ['bkops=false', 'flush_work:eeh', '__flush_work_barrier:eeh'].map((step) =>
        edit.remove(`${suspend}:${step}`),
      ),
    }),
    patch('never-gated', {
      kind: 'fault',
      says: 'The vendor does not gate the clocks.',
      edits: [edit.replace(`${suspend}:ufshcd_vops_suspend`, { then: () => {} })],
    }),
    patch('re-armed-on-error', {
      kind: 'fix',
      says: 'Ours: a suspend that fails queues the update of the clock again.',
      edits: [
        edit.replace(`${suspend}:ufshcd_set_dev_pwr_mode/fails`, {
          goto: '__ufshcd_wl_resume:queue_delayed_work_on:rtc',
        }),
      ],
    }),
  ],
  resting: (_, at) => at('pm', 'end'),
  abstractions: [
    'The two hooks of the vendor are one, the last: what gates clocks before it could only make the window larger.',
    'Whether requests are outstanding is not asked: without UFSHCD_CAP_CLK_GATING it is never seen, says the commit.',
  ],
})
