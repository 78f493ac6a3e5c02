/** What must hold of a Xen PV guest's suspend, whatever its outcome. */

import { propertiesOver, type At } from '../src/index.js'
import { reclaimableOrLeaked, ringsAgree } from '../models/xen-pv-guest/frontends.js'
import { state } from '../models/xen-pv-guest/state.js'
import { guestIdle } from '../models/xen-pv-guest/toolstack.js'

const { always, step, possible, reachable } = propertiesOver(state)

const devices = ['vbd', 'vif'] as const

/** Everything the guest itself does. */
const guestSteps = ['do_suspend.*', '__xen_suspend.*', 'xenwatch.*', 'pm.*', 'guest.*']

/** The labels at which `xs_suspend` has happened and its release has not. */
const holdingLocks = new Set([
  'dpm_suspend_end',
  'xen_suspend',
  'xen_arch_post_suspend',
  'dpm_resume_start',
  'out_resume',
  'blkfront_suspend',
  'stop_machine_run',
  'post_suspend',
  'xs_resume',
  'xenbus_suspend_cancel',
])

/** The labels at which `si.cancelled` decides what comes next. */
const deciding = new Set([
  'dpm_resume_start',
  'out_resume',
  'dpm_resume_vbd',
  'wait_for_backend',
  'dpm_resume_vif',
  'xs_resume',
  'blkfront_resume',
  'netfront_resume',
  'xenbus_suspend_cancel',
])

const suspendAt = (at: At): string => at['do_suspend'] ?? at['__xen_suspend'] ?? 'end'

export default [
  step('no-revoke-in-use', 'A frontend ends access to a ring grant only when no backend has it mapped.', {
    on: guestSteps,
    holds: (before, after) =>
      devices.every((name) => {
        const was = before.dev[name]
        return was.backend.ring === null || after.dev[name].grants[was.backend.ring] === was.grants[was.backend.ring]
      }),
  }),
  always('no-reuse-while-mapped', 'A page that a backend has mapped is not given back.', (s) =>
    devices.every((name) => {
      const { grants, backend } = s.dev[name]
      return backend.ring === null || !['free', 'freed'].includes(grants[backend.ring]!)
    }),
  ),
  always(
    'ring-agreement',
    'When frontend and backend both believe they are connected, they use the same ring and their event channels are peers.',
    (s) =>
      devices.every((name) => {
        const device = s.dev[name]
        return device.connected !== 'connected' || device.backend.node !== 'Connected' || ringsAgree(device)
      }),
  ),
  step('reconnect-only-after-loss', 'A frontend tears its connection down only if it was really lost.', {
    on: guestSteps,
    when: (before, after) =>
      devices.some((name) => before.dev[name].ring !== null && after.dev[name].ring !== before.dev[name].ring),
    holds: (before, after) =>
      devices.every(
        (name) =>
          before.dev[name].ring === null ||
          after.dev[name].ring === before.dev[name].ring ||
          before.dev[name].backend.node !== 'Connected',
      ),
  }),
  step(
    'cancel-is-identity',
    'No step of a suspend that was cancelled or that failed changes a ring, a grant, an event channel or a device state.',
    {
      on: ['do_suspend.*', '__xen_suspend.*'],
      when: (before) => before.hret !== 0,
      holds: (before, after) =>
        devices.every((name) => {
          const was = before.dev[name]
          const is = after.dev[name]
          return (
            was.connected === is.connected &&
            was.ring === is.ring &&
            was.linked === is.linked &&
            was.node === is.node &&
            was.cached === is.cached &&
            was.grants.every((grant, i) => grant === is.grants[i])
          )
        }),
    },
  ),
  step('complete-at-most-once', 'A block request that was completed is never submitted or carried out again.', {
    when: (before) => before.requests.some((request) => request.shadow === 'done'),
    holds: (before, after) =>
      before.requests.every(
        (request, i) =>
          request.shadow !== 'done' ||
          (after.requests[i]!.shadow === 'done' && after.requests[i]!.executed === request.executed),
      ),
  }),
  always('no-lost-request', 'An accepted block request is on a ring, waiting to be requeued, or completed.', {
    when: (s) => s.requests.some((request) => request.shadow !== 'idle'),
    holds: (s) => s.requests.every((request) => request.shadow !== 'lost'),
  }),
  always('no-rewrite-in-use', 'A grant entry that a backend has mapped is not overwritten by a new grant.', {
    when: (s) => s.requests.some((request) => request.slot === 'taken'),
    holds: (s) => s.requests.every((request) => !request.overwritten),
  }),
  always(
    'lock-balance',
    'The xenbus locks are held exactly from xs_suspend to xs_resume or xs_suspend_cancel, and never when the suspend is over.',
    (s, at) => (s.xsLocks === 'held') === holdingLocks.has(suspendAt(at)),
  ),
  always(
    'outcome-agreement',
    'The guest takes a suspend for a new domain only if the hypercall returned 0, and for a cancelled one if it did not.',
    {
      when: (_, at) => deciding.has(suspendAt(at)),
      holds: (s) => s.cancelled === 'unset' || (s.cancelled === 'no') === (s.hret === 0),
    },
  ),
  step(
    'zero-means-reset',
    'The toolstack lets the hypercall return 0 only after every backend was reset, and 1 only if none was touched.',
    {
      on: 'toolstack.*',
      when: (before, after) => before.domain === 'shutdown' && after.domain === 'running',
      holds: (before, after) =>
        devices.every((name) =>
          after.hret === 0
            ? after.dev[name].backend.ring === null && after.dev[name].backend.node === 'InitWait'
            : after.dev[name].backend.ring === before.dev[name].backend.ring &&
              after.dev[name].backend.node === before.dev[name].backend.node,
        ),
    },
  ),
  always(
    'exit-balance',
    'When the suspend is over, every device is on, every task is thawed and interrupts are enabled.',
    {
      when: (_, at) => guestIdle(at),
      holds: (s) => s.tasks === 'running' && s.irqs === 'on' && devices.every((name) => s.dev[name].pm === 'on'),
    },
  ),
  step('patch-only-suspended', 'The return register is written only while the domain is suspended.', {
    on: 'toolstack.*',
    when: (before, after) => before.hret !== after.hret,
    holds: (before) => before.domain === 'shutdown',
  }),
  always('not-left-suspended', 'A domain is suspended only while a toolstack is still to resume or replace it.', {
    when: (s) => s.domain === 'shutdown',
    holds: (_, at) => at['toolstack'] === 'wait' || at['toolstack'] === 'libxl_domain_resume',
  }),
  possible('io-completes', 'Every accepted block request can still be completed.', {
    when: (s) => s.requests.some((request) => request.shadow !== 'idle'),
    holds: (s) => s.requests.every((request) => request.shadow === 'idle' || request.shadow === 'done'),
  }),
  possible('devices-reconnect', 'Both devices can always come to be connected again, on rings that agree.', (s) =>
    devices.every((name) => {
      const device = s.dev[name]
      return device.connected === 'connected' && device.backend.node === 'Connected' && ringsAgree(device)
    }),
  ),
  possible('suspend-returns', 'A suspend that was begun can always be ended.', (_, at) => guestIdle(at)),
  possible(
    'operation-ends',
    'Every operation of the toolstack can still end, with the domain running.',
    (s, at) => s.domain === 'running' && (at['toolstack'] === 'request' || at['toolstack'] === 'end'),
  ),
  possible('grants-reclaimed', 'A grant that was ended while in use is reclaimed once the backend has let go of it.', {
    when: (s) => devices.some((name) => reclaimableOrLeaked(s.dev[name])),
    holds: (s) => devices.every((name) => !reclaimableOrLeaked(s.dev[name])),
  }),
  reachable('domain-suspends', 'Some run gets as far as suspending the domain.', (s) => s.domain === 'shutdown'),
]
