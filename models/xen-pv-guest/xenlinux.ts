/** `__xen_suspend` of xenlinux 2.6.18, PV and PV-on-HVM: its own thread, so watch callbacks interleave with it. */

import { source } from '../../src/index.js'
import { blkbackChanged, disconnectVif, netbackChanged, replayWatches, reconnectAndRecoverVbd } from './frontends.js'
import { inUseWarnings } from './log.js'
import type { Failure } from './pvops.js'
import { action, step, thread } from './state.js'

const machineReboot = source('drivers/xen/core/machine_reboot.c', '__xen_suspend')
const xenbus = 'drivers/xen/xenbus/xenbus_probe.c'
const evtchn = 'drivers/xen/core/evtchn.c'

/** The suspend thread. PV-on-HVM also masks the platform device's interrupt around parking the other CPUs. */
export const xenSuspendThread = (fails: (stage: Failure) => boolean, hvm: boolean) =>
  thread(
    '__xen_suspend',
    { actor: 'guest', says: 'a kernel thread of its own, bound to CPU 0; no task is frozen, no PM core involved' },
    step('shutdown_handler', {
      origin: source('drivers/xen/core/reboot.c', 'shutdown_handler'),
      says: 'Reads the node and empties it: the acknowledgement; starts the suspend thread.',
      signals: 'toolstack',
      when: (s) => s.control === 'suspend' && s.domain === 'running',
      then: (d) => {
        d.control = 'empty'
        d.shuttingDown = true
      },
    }),
    step('xenbus_suspend', {
      origin: source(xenbus, 'xenbus_suspend'),
      says: 'The drivers’ suspend hooks (neither frontend has one), then xs_suspend.',
      then: (d) => {
        d.xsLocks = 'held'
      },
    }),
    step('stop_machine_run', {
      origin: source('kernel/stop_machine.c', 'stop_machine_run'),
      either: {
        hypercall: {
          says: 'The other CPUs are parked, interrupts are off, HYPERVISOR_suspend.',
          signals: 'toolstack',
          then: (d) => {
            d.domain = 'shutdown'
            d.irqs = 'off'
            d.cancelled = 'unset'
            d.hret = null
          },
        },
        fails: {
          when: () => fails('stop'),
          provoke: 'memory pressure: the stopper threads cannot be created',
          log: 'failed to start xen_suspend: -12',
          says: hvm
            ? 'The other CPUs could not be parked; the platform interrupt is masked already.'
            : 'Nothing stopped.',
          then: (d) => {
            d.cancelled = 'yes'
            if (hvm) d.irqs = 'off'
          },
          goto: 'xenbus_suspend_cancel',
        },
      },
    }),
    step('post_suspend', {
      origin: source('drivers/xen/core/machine_reboot.c', 'post_suspend'),
      says: 'The hypercall returns 0 in a new domain, 1 if cancelled; the grant frames are mapped.',
      when: (s) => s.domain === 'running',
      either: {
        new_domain: {
          origin: source(evtchn, 'irq_resume'),
          says: 'A new domain: forgets every event channel and binds the VIRQs and IPIs anew.',
          when: (s) => s.hret !== 1 && s.channels === 'blank',
          then: (d) => {
            d.irqs = 'on'
            d.cancelled = 'no'
            d.channels = 'VIRQs'
          },
          goto: 'xs_resume',
        },
        irq_resume: {
          origin: source(evtchn, 'irq_resume'),
          says: 'The hypervisor still has the old VIRQs bound: EVTCHNOP_bind_virq says -EEXIST, BUG().',
          log: 'kernel BUG at drivers/xen/core/evtchn.c',
          when: (s) => s.hret !== 1 && s.channels !== 'blank',
          then: (d) => {
            d.cancelled = 'no'
          },
          goto: 'end',
        },
        cancelled: {
          when: (s) => s.hret === 1,
          then: (d) => {
            d.irqs = 'on'
            d.cancelled = 'yes'
          },
          goto: 'xenbus_suspend_cancel',
        },
      },
    }),
    step('xs_resume', {
      origin: source('drivers/xen/xenbus/xenbus_xs.c', 'xs_resume'),
      says: 'Releases the locks and registers every watch anew; each fires once.',
      signals: 'xenstored',
      then: (d) => {
        d.channels = 'bound'
        d.xsLocks = 'free'
        replayWatches(d)
      },
    }),
    step('blkfront_resume', {
      origin: source('drivers/xen/blkfront/blkfront.c', 'blkfront_resume'),
      signals: 'blkback',
      log: inUseWarnings('vbd'),
      then: reconnectAndRecoverVbd,
    }),
    step('netfront_resume', {
      origin: source('drivers/xen/netfront/netfront.c', 'netfront_resume'),
      signals: 'netback',
      log: inUseWarnings('vif'),
      then: disconnectVif,
      goto: 'out',
    }),
    step('xenbus_suspend_cancel', {
      origin: source(xenbus, 'xenbus_suspend_cancel'),
      says: 'Releases the locks; no frontend is touched.',
      then: (d) => {
        d.xsLocks = 'free'
      },
    }),
    step('out', {
      origin: machineReboot,
      says: 'shutting_down = SHUTDOWN_INVALID.',
      then: (d) => {
        d.cancelled = 'unset'
        d.hret = null
        d.shuttingDown = false
      },
      goto: 'shutdown_handler',
    }),
  )

/** Watch callbacks: nothing keeps them out while the suspend thread runs, except the locks' watch side. */
export const xenlinuxActions = [
  action('blkback_changed', {
    actor: 'xenwatch',
    ...blkbackChanged,
    when: (s) => s.dev.vbd.watch && s.domain === 'running' && s.xsLocks === 'free',
  }),
  action('netback_changed', {
    actor: 'xenwatch',
    ...netbackChanged,
    signals: 'netback',
    when: (s) => s.dev.vif.watch && s.domain === 'running' && s.xsLocks === 'free',
  }),
]
