/** The toolstack: asks for a suspend, waits, and then continues the same domain or builds a new one. */

import { env, source, type At } from '../../src/index.js'
import { drained, newDomain, resetDevices } from './backends.js'
import { step, thread, type SeenState, type State } from './state.js'

/** How the toolstack goes on after a suspend. ANY: whatever is right for a guest that knows cancellation. */
export const tools = ['FAST', 'SLOW_RESET', 'SLOW_NORESET', 'SLOW_CHANNELS', 'MIGRATE', 'ANY'] as const
export type Tool = (typeof tools)[number]

const libxl = 'tools/libs/light/libxl_dom_suspend.c'
const xcResume = 'tools/libs/guest/xg_resume.c'

/** The same domain goes on: the hypercall returns `hret`. */
export function resumeDomain(d: State, hret: 0 | 1): void {
  d.hret = hret
  d.domain = 'running'
}

/** Whether the toolstack has been told that the domain suspended. */
const announced = (s: SeenState): boolean => s.domain === 'shutdown' && s.armed

/** Whether `do_suspend` (or its 2.6.18 counterpart) stands at a label. */
const suspendAt = (at: At, label: 'shutdown_handler' | 'end'): boolean =>
  at('do_suspend', label) || at('__xen_suspend', label)

/** Whether `do_suspend` (or its 2.6.18 counterpart) is not under way. */
export const guestIdle = (at: At): boolean => suspendAt(at, 'shutdown_handler')

/** Whether it died in a BUG. */
export const guestDead = (at: At): boolean => suspendAt(at, 'end')

interface Chosen {
  readonly tool: Tool
  readonly patience: 'waits' | 'times-out' | 'gives-up'
  readonly saveFails: boolean
}

/** The thread of one toolstack that carries out one operation after the other. */
export const toolstack = ({ tool, patience, saveFails }: Chosen) =>
  thread(
    'toolstack',
    { actor: 'toolstack', says: 'xl/libxl, or xend before it' },
    step('request', {
      origin: source(libxl, 'domain_suspend_callback_common'),
      says: 'Writes "suspend" to control/shutdown of the guest.',
      signals: 'guest',
      when: (s) => s.rounds > 0 && s.domain === 'running',
      then: (d) => {
        d.rounds--
        d.control = 'suspend'
      },
    }),
    step('wait', {
      origin: source(libxl, 'suspend_common_wait_guest_check'),
      signals: 'guest',
      either: {
        resume_fast: {
          origin: source(xcResume, 'xc_domain_resume_cooperative'),
          says: 'Continues the same domain: return register := 1, XEN_DOMCTL_resumedomain, XS_RESUME.',
          provoke: 'xl save -c, or a migration that fails at the target',
          when: (s) => announced(s) && (tool === 'FAST' || tool === 'ANY'),
          then: (d) => resumeDomain(d, 1),
          goto: 'request',
        },
        resume_slow_reset: {
          origin: source('tools/python/xen/xend/XendDomainInfo.py', 'resumeDomain'),
          says: 'Continues the same domain after it reset the event channels and recreated every device; the hypercall returns 0.',
          provoke: 'xm save -c of a guest without the SUSPEND_CANCEL note',
          when: (s) => announced(s) && (tool === 'SLOW_RESET' || tool === 'ANY') && drained(s),
          then: (d) => {
            resetDevices(d)
            d.channels = 'blank'
            resumeDomain(d, 0)
          },
          goto: 'request',
        },
        resume_slow: {
          origin: source(xcResume, 'xc_domain_resume_any'),
          says: 'Continues the same domain with return value 0; event channels and devices stay as they are.',
          provoke: 'libxl before c04c825bdf: a migration that fails at the target',
          when: (s) => announced(s) && tool === 'SLOW_NORESET',
          then: (d) => resumeDomain(d, 0),
          goto: 'request',
        },
        resume_channels: {
          origin: env('a toolstack that does half of what xend did'),
          says: 'Continues the same domain with return value 0 and fresh event channels; the devices stay as they are.',
          when: (s) => announced(s) && tool === 'SLOW_CHANNELS',
          then: (d) => {
            d.channels = 'blank'
            for (const device of [d.dev.vbd, d.dev.vif]) device.linked = false
            resumeDomain(d, 0)
          },
          goto: 'request',
        },
        migrate: {
          origin: source('tools/libs/light/libxl_dom_save.c', 'libxl__domain_save'),
          says: 'The image goes on in a new domain: blank grant table, new event channels, backends in InitWait.',
          provoke: 'xl migrate',
          when: (s) => announced(s) && (tool === 'MIGRATE' || tool === 'ANY'),
          then: (d) => {
            newDomain(d)
            resumeDomain(d, 0)
          },
          goto: 'request',
        },
        save_fails: {
          origin: env('the disk for the image is full'),
          says: 'The image cannot be written.',
          provoke: 'xl save onto a full file system',
          when: (s) => announced(s) && saveFails,
          goto: 'libxl_domain_resume',
        },
        times_out: {
          origin: source(libxl, 'domain_suspend_common_pvcontrol_suspending'),
          says: 'Nobody acknowledged for 60 s: takes the request back in a transaction.',
          log: "guest didn't acknowledge suspend, cancelling request",
          when: (s) => patience === 'times-out' && s.control === 'suspend',
          then: (d) => {
            d.control = 'empty'
          },
          goto: 'libxl_domain_resume',
        },
        guest_did_not_suspend: {
          origin: source(libxl, 'suspend_common_wait_guest_timeout'),
          says: 'The guest acknowledged and did not suspend in 60 s: the timer ends the operation.',
          log: 'guest did not suspend, timed out',
          when: (s, _, at) =>
            s.control === 'empty' &&
            s.domain === 'running' &&
            s.hret === null &&
            (patience === 'gives-up' || guestIdle(at) || guestDead(at)),
          goto: 'request',
        },
      },
    }),
    step('libxl_domain_resume', {
      origin: source('tools/libs/light/libxl_domain.c', 'libxl_domain_resume'),
      says: 'Puts things right after a failure.',
      goto: 'request',
      either: {
        resume: { when: (s) => announced(s), then: (d) => resumeDomain(d, 1), signals: 'guest' },
        refused: { when: (s) => s.domain === 'running', log: 'Dom not suspended: (shutdown 0, reason 0)' },
      },
    }),
  )
