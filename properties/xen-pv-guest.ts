/** What must hold of a Xen PV guest's suspend, whatever its outcome. */

import { templatesOver } from './templates.js'
import { asIfNeverSuspended } from './xen-pv-guest/identity.js'
import { propertiesOver, type At, type CancelPlan, type Properties } from '../src/index.js'
import { ringsAgree } from '../models/xen-pv-guest/frontends.js'
import { devices, state, type SeenDevice, type SeenState, type State } from '../models/xen-pv-guest/state.js'
import { guestDead, guestIdle } from '../models/xen-pv-guest/toolstack.js'

const { always, step, possible, leadsTo, cancel } = propertiesOver(state)
const { attemptTerminates, canSucceed, everyExitCompletes, everyoneBack, requestServed } = templatesOver(state)

/** Everything the guest itself does. */
const guestSteps = ['do_suspend.*', '__xen_suspend.*', 'xenwatch.*', 'pm.*', 'guest.*']

/** Whether `xs_suspend` has happened and its release has not. */
const holdsLocks = (at: At): boolean =>
  at('do_suspend', 'dpm_suspend_end', 'xen_suspend', 'xen_arch_post_suspend', 'dpm_resume_start', 'out_resume') ||
  at('__xen_suspend', 'blkfront_suspend', 'stop_machine_run', 'post_suspend', 'xs_resume', 'xenbus_suspend_cancel')

/** Whether `si.cancelled`, or what the hypercall returned, decides what comes next. */
const decides = (at: At): boolean =>
  at('do_suspend', 'dpm_resume_start', 'out_resume', 'dpm_resume_vbd', 'wait_for_backend', 'dpm_resume_vif') ||
  at('__xen_suspend', 'xs_resume', 'blkfront_resume', 'netfront_resume', 'xenbus_suspend_cancel')

/** Both ends believe that they are connected, and they are. */
const serves = (device: SeenDevice): boolean =>
  device.connected === 'connected' && device.backend.node === 'Connected' && ringsAgree(device)

const operationOver = (s: SeenState, at: At): boolean =>
  s.domain === 'running' && (at('toolstack', 'request') || at('toolstack', 'end'))

/** A grant that was ended while in use is still not free although the backend has let go of it. */
const lost = (grants: readonly string[]): boolean => grants.includes('leaked') || grants.includes('deferred')

/** What a cancel owes, whichever suspend the guest runs: what it took, and in which order. */
const cancels: Readonly<Record<string, Pick<CancelPlan<State>, 'thread' | 'commit' | 'own' | 'held'>>> = {
  do_suspend: {
    thread: 'do_suspend',
    commit: 'xen_suspend',
    own: [
      'do_suspend.mutex_trylock/fails',
      'do_suspend.freeze_processes/fails',
      'do_suspend.freeze_kernel_threads/fails',
      'do_suspend.dpm_suspend_start/device_*',
      'do_suspend.dpm_suspend_end/fails',
      'do_suspend.xen_suspend/stop_machine_fails',
      'do_suspend.xen_suspend/syscore_suspend_fails',
    ],
    held: [
      {
        what: 'system_transition_mutex',
        acquire: 'do_suspend.mutex_trylock/ok',
        release: 'do_suspend.out_unlock',
      },
      {
        what: 'the frozen tasks',
        acquire: 'do_suspend.freeze_processes/ok',
        release: 'do_suspend.thaw_processes',
      },
      {
        what: 'the network device',
        acquire: ['ok', 'device_before_vif_refuses', 'device_before_vbd_refuses'].map(
          (name) => `do_suspend.dpm_suspend_start/${name}`,
        ),
        release: ['netfront_resume', 'xenbus_dev_thaw'].map((name) => `do_suspend.dpm_resume_vif/${name}`),
      },
      {
        what: 'the block device',
        acquire: ['ok', 'device_before_vbd_refuses'].map((name) => `do_suspend.dpm_suspend_start/${name}`),
        release: ['blkfront_resume', 'xenbus_dev_thaw'].map((name) => `do_suspend.dpm_resume_vbd/${name}`),
      },
      { what: 'the xenbus locks', acquire: 'do_suspend.xs_suspend', release: 'do_suspend.out_resume' },
    ],
  },
  __xen_suspend: {
    thread: '__xen_suspend',
    commit: 'stop_machine_run',
    own: '__xen_suspend.stop_machine_run/fails',
    held: [
      {
        what: 'the xenbus locks',
        acquire: '__xen_suspend.xenbus_suspend',
        release: ['__xen_suspend.xs_resume', '__xen_suspend.xenbus_suspend_cancel'],
      },
    ],
  },
}

/** Obligations after every failure before the hypercall. */
const obligations = (thread: 'do_suspend' | '__xen_suspend') =>
  cancel('cancel', {
    what: 'the suspend',
    request: 'shutdown_handler',
    ...cancels[thread]!,
    idle: (_, at) => guestIdle(at),
    running: (s) =>
      s.tasks === 'running' &&
      s.irqs === 'on' &&
      devices.every((name) => s.dev[name].pm === 'on' && serves(s.dev[name])),
    again: (s) => s.rounds > 0,
  })

export default (({ guest }) => [
  always('no-bug', 'The suspend thread never dies in a BUG.', (_, at) => !guestDead(at)),
  step('no-revoke-in-use', 'A frontend ends access to a ring grant only when no backend has it mapped.', {
    on: guestSteps,
    holds: (before, after) =>
      devices.every((name) =>
        before.dev[name].grants.every(
          (grant, i) => grant !== 'mapped by backend' || after.dev[name].grants[i] === 'mapped by backend',
        ),
      ),
  }),
  always('no-reuse-while-mapped', 'A page that a backend has mapped is not given back.', (s) =>
    devices.every((name) => !s.dev[name].grants.includes('freed, still mapped')),
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
  asIfNeverSuspended,
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
    (s, at) => (s.xsLocks === 'held') === holdsLocks(at),
  ),
  always(
    'outcome-agreement',
    'The guest takes a suspend for a new domain only if the hypercall returned 0, and for a cancelled one if it did not.',
    {
      when: (_, at) => decides(at),
      holds: (s) => s.cancelled === 'unset' || (s.cancelled === 'no') === (s.hret === 0),
    },
  ),
  step(
    'zero-means-reset',
    'The toolstack lets the hypercall return 0 only after every backend and the event channels were reset, and 1 only if none was touched.',
    {
      on: 'toolstack.*',
      when: (before, after) => before.domain === 'shutdown' && after.domain === 'running',
      holds: (before, after) =>
        after.channels === (after.hret === 0 ? 'blank' : before.channels) &&
        devices.every((name) =>
          after.hret === 0
            ? after.dev[name].backend.ring === null && after.dev[name].backend.node === 'InitWait'
            : after.dev[name].backend.ring === before.dev[name].backend.ring &&
              after.dev[name].backend.node === before.dev[name].backend.node,
        ),
    },
  ),
  always(
    'one-transition',
    'The guest does not walk its devices for the toolstack while it does so for its own sleep.',
    (s) => s.transition !== 'own' || s.tasks === 'running',
  ),
  always(
    'acknowledged-is-tried',
    'A request that was acknowledged is not dropped because the guest is on its own way to sleep.',
    {
      when: (_, at) => at('do_suspend', 'mutex_trylock'),
      holds: (s) => s.transition !== 'own',
    },
  ),
  everyoneBack({
    what: 'devices, tasks and interrupts',
    name: 'exit-balance',
    says: 'When the suspend is over, every device is on, every task is thawed and interrupts are enabled.',
    idle: (_, at) => guestIdle(at),
    running: [
      (s) => s.tasks === 'running',
      (s) => s.irqs === 'on',
      ...devices.map((name) => (s: SeenState) => s.dev[name].pm === 'on'),
    ],
  }),
  step('patch-only-suspended', 'The return register is written only while the domain is suspended.', {
    on: 'toolstack.*',
    when: (before, after) => before.hret !== after.hret,
    holds: (before) => before.domain === 'shutdown',
  }),
  always('not-left-suspended', 'A domain is suspended only while a toolstack is still to resume or replace it.', {
    when: (s) => s.domain === 'shutdown',
    holds: (_, at) => at('toolstack', 'wait') || at('toolstack', 'libxl_domain_resume'),
  }),
  always(
    'quiet-while-away',
    'While the domain is suspended, its device interrupts are off and the xenbus locks are held; pvops has frozen its tasks as well.',
    {
      when: (s) => s.domain === 'shutdown',
      holds: (s) => s.irqs === 'off' && s.xsLocks === 'held' && (guest !== 'pvops' || s.tasks === 'frozen'),
    },
  ),
  requestServed({
    what: 'a block request',
    name: 'io-completes',
    says: 'Every accepted block request is completed in the end.',
    queued: (s) => s.requests.some((request) => request.shadow !== 'idle' && request.shadow !== 'done'),
    served: (s) => s.requests.every((request) => request.shadow === 'idle' || request.shadow === 'done'),
  }),
  leadsTo('devices-reconnect', 'A device that is not connected comes to be connected, on rings that agree.', {
    from: (s) => !devices.every((name) => serves(s.dev[name])),
    to: (s) => devices.every((name) => serves(s.dev[name])),
  }),
  attemptTerminates({
    what: 'a suspend',
    name: 'suspend-returns',
    says: 'A suspend that was begun ends.',
    attempt: (_, at) => !guestIdle(at),
    ended: (_, at) => guestIdle(at),
  }),
  attemptTerminates({
    what: 'an operation of the toolstack',
    name: 'operation-ends',
    says: 'Every operation of the toolstack ends, with the domain running.',
    attempt: (s, at) => !operationOver(s, at),
    ended: operationOver,
  }),
  everyExitCompletes({
    what: 'the release of the xenbus locks',
    name: 'locks-released',
    says: 'The xenbus locks, once taken, are released: every xenstore request can be answered again.',
    waiting: (s) => s.xsLocks === 'held',
    signalled: (s) => s.xsLocks === 'free',
  }),
  leadsTo('grants-reclaimed', 'A grant that was ended while in use is reclaimed, after the backend has let go of it.', {
    from: (s) => devices.some((name) => lost(s.dev[name].grants)),
    to: (s) => devices.every((name) => !lost(s.dev[name].grants)),
  }),
  possible(
    'can-suspend-again',
    'As long as the toolstack will ask again, the guest can suspend, and the toolstack hears of it.',
    {
      when: (s) => s.rounds > 0,
      holds: (s) => s.rounds === 0 && s.domain === 'shutdown' && s.armed,
    },
  ),
  canSucceed({
    what: 'a suspend',
    name: 'domain-suspends',
    says: 'Some run gets as far as suspending the domain.',
    succeeded: (s) => s.domain === 'shutdown',
  }),
  ...obligations(guest === 'pvops' ? 'do_suspend' : '__xen_suspend'),
]) satisfies Properties
