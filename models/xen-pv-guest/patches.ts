/** Older kernels and toolstacks, real and proposed fixes, and faults of our own, as edits of the base. */

import { source } from '../../src/index.js'
import {
  blkbackChanged,
  disconnectAtSuspend,
  disconnectVif,
  reconnectAndRecoverVbd,
  reconnectVbd,
  recoverVbd,
} from './frontends.js'
import { handshakeInResume, handshakeInWorkItem } from './handshake.js'
import { inUseWarnings, refusalLines, resumeLines } from './log.js'
import { acknowledge, suspendIsOver } from './pvops.js'
import { edit, patch, step, type DeviceName, type State } from './state.js'
import { resumeDomain } from './toolstack.js'

/** Before f770c3d85868 (2025) a failed dpm_suspend_start went past dpm_resume_end. */
const startFailureSkipsResume = (log = refusalLines) =>
  ['behind_vif', 'before_vif', 'before_vbd'].map((where) =>
    edit.replace(`do_suspend.dpm_suspend_start/device_${where}_refuses`, { goto: 'thaw_processes', log }),
  )

/** Before 7.0 do_suspend did not take `system_transition_mutex` (9d52b0b41be5); 6.12.117 does not. */
const withoutTransitionMutex = [
  edit.remove('do_suspend.mutex_trylock'),
  edit.replace('do_suspend.freeze_processes/fails', { goto: 'out' }),
  edit.remove('do_suspend.out_unlock'),
]

/** Up to 3.18 only `freeze_processes` was called. */
const tasksOnly = edit.remove('do_suspend.freeze_kernel_threads')

/** Before e08dd1ee4983 the bus answered SUSPEND and RESUME, the events of S3 and s2idle, with a reconnect. */
const s3Reconnects = (reconnect: (d: State) => void, verb: string) =>
  edit.replace('pm.suspend_devices_and_enter', {
    says: 'It sleeps and wakes up: RESUME makes every frontend reconnect.',
    signals: 'blkback',
    log: (s) => [...resumeLines('vbd', verb)(s), ...resumeLines('vif', verb)(s)],
    then: (d) => {
      d.transition = 'free'
      reconnect(d)
      disconnectVif(d)
    },
  })

/** To 3.10 the references of requests in flight were granted anew with the new frames. */
const recoverRewritesGrants = edit.replace('xenwatch.blkback_changed', {
  then: (d) => {
    const { vbd } = d.dev
    if (vbd.backend.node === 'Connected' && vbd.connected === 'suspended') recoverVbd(d, { rewrites: true })
    vbd.watch = false
  },
})

const legacyResume = (name: DeviceName, hook: string, reconnect: (d: State) => void) => [
  edit.replace(`do_suspend.dpm_resume_${name}/${hook}`, {
    says: `The legacy bus resume is not told the outcome: it ends the ring grants, whether or not ${name === 'vbd' ? 'blkback' : 'netback'} still maps them, and sets up anew.`,
    log: resumeLines(name, 'legacy resume'),
    when: (s) => s.dev[name].pm === 'suspended',
    then: (d) => {
      d.dev[name].pm = 'on'
      reconnect(d)
    },
  }),
  edit.remove(`do_suspend.dpm_resume_${name}/xenbus_dev_thaw`),
]

const eras = [
  patch('linux-2.6.32', {
    kind: 'era',
    says: 'pvops before 2.6.39: events SUSPEND and RESUME whatever the outcome, legacy bus callbacks, eager recovery.',
    reference: 'dorimanx/Dorimanx-HD2-2.6.32.X 2595428b drivers/xen/manage.c; ended by b3e96c0c7562 (2011)',
    edits: [
      edit.initially((d) => {
        d.endAccess = 'leak'
        d.cancelled = 'yes'
      }),
      ...withoutTransitionMutex,
      tasksOnly,
      edit.replace('do_suspend.out', { then: suspendIsOver('yes') }),
      edit.replace('do_suspend.freeze_processes/fails', { log: 'xen suspend: freeze failed -16' }),
      ...startFailureSkipsResume(() => [
        'PM: Device vhci_hcd failed to suspend: error -16',
        'xen suspend: dpm_suspend_start -16',
      ]),
      edit.replace('do_suspend.dpm_suspend_end/fails', {
        says: 'dpm_suspend_noirq fails; si.cancelled stays 1.',
        log: 'dpm_suspend_noirq failed: -16',
        then: () => {},
      }),
      ...legacyResume('vbd', 'blkfront_resume', reconnectAndRecoverVbd),
      ...legacyResume('vif', 'netfront_resume', disconnectVif),
      s3Reconnects(reconnectAndRecoverVbd, 'legacy resume'),
    ],
  }),
  patch('linux-2.6.39', {
    kind: 'era',
    says: 'The first kernel with FREEZE, THAW and RESTORE; a failed dpm_suspend_noirq leaves si.cancelled unset.',
    reference: 'jsgf/linux-xen 0e73cf13 drivers/xen/manage.c; b3e96c0c7562 (2011)',
    edits: [
      edit.initially((d) => {
        d.endAccess = 'leak'
      }),
      ...withoutTransitionMutex,
      tasksOnly,
      ...startFailureSkipsResume(),
      edit.replace('do_suspend.dpm_suspend_end/fails', {
        says: 'dpm_suspend_noirq fails; si.cancelled is read without ever having been set.',
        log: 'dpm_suspend_noirq failed: -16',
        then: () => {},
      }),
      edit.replace('do_suspend.dpm_resume_vbd/blkfront_resume', { log: resumeLines('vbd', 'restore') }),
      edit.replace('do_suspend.dpm_resume_vbd/xenbus_dev_thaw', { log: resumeLines('vbd', 'thaw') }),
      edit.replace('do_suspend.dpm_resume_vif/netfront_resume', { log: resumeLines('vif', 'restore') }),
      edit.replace('do_suspend.dpm_resume_vif/xenbus_dev_thaw', { log: resumeLines('vif', 'thaw') }),
      s3Reconnects(reconnectVbd, 'resume'),
      recoverRewritesGrants,
    ],
  }),
  patch('linux-3.10', {
    kind: 'era',
    says: '3.10 to early 2025: a failed dpm_suspend_start skips dpm_resume_end; S3 still reconnects every frontend.',
    reference: 'melvilli/kernel_msm8916_outrageous 945fb24b drivers/xen/manage.c; ended by f770c3d85868, e08dd1ee4983',
    edits: [
      ...withoutTransitionMutex,
      tasksOnly,
      ...startFailureSkipsResume(),
      s3Reconnects(reconnectVbd, 'bus resume'),
      recoverRewritesGrants,
    ],
  }),
  patch('linux-6.12', {
    kind: 'era',
    says: '6.12.117: do_suspend does not take system_transition_mutex.',
    reference: 'Debian linux-source-6.12 6.12.117 drivers/xen/manage.c; ended by 9d52b0b41be5 (2025)',
    edits: withoutTransitionMutex,
  }),
  patch('before-03afed8bc296', {
    kind: 'era',
    says: 'To 3.3 a freeze that fails leaves the tasks frozen that it had frozen already; do_suspend does not thaw them.',
    reference: '03afed8bc296 (2012)',
    edits: [
      ...withoutTransitionMutex,
      tasksOnly,
      edit.replace('do_suspend.freeze_processes/fails', {
        says: 'A task refuses; the others stay frozen.',
        then: (d) => {
          d.tasks = 'frozen'
        },
      }),
    ],
  }),
  patch('before-65f63384b391', {
    kind: 'era',
    says: 'To 2.6.31 do_suspend returns at once if the freeze fails: shutting_down stays set, and no request is answered any more.',
    reference: '65f63384b391 (2009)',
    edits: [
      ...withoutTransitionMutex,
      tasksOnly,
      edit.replace('do_suspend.freeze_processes/fails', {
        says: 'A task refuses; do_suspend returns past the line that resets shutting_down.',
        log: 'xen suspend: freeze failed -16',
        goto: 'shutdown_handler',
      }),
    ],
  }),
  patch('before-7b427a59538a', {
    kind: 'era',
    says: 'Multi-queue blkfront allocates its rings anew on resume before it has saved the unfinished requests.',
    reference: 'd8b31d834629 in a vendor tree; mainline 7b427a59538a (2016)',
    edits: [
      edit.replace('do_suspend.dpm_resume_vbd/blkfront_resume', {
        then: (d) => {
          d.cancelled = 'no'
          d.dev.vbd.pm = 'on'
          for (const request of d.requests) if (request.shadow === 'queued') request.shadow = 'lost'
          reconnectVbd(d)
        },
      }),
    ],
  }),
  patch('before-931818cacb', {
    kind: 'era',
    says: 'xenlinux to January 2007 ignores the return value of the suspend hypercall: every outcome is a new domain to it.',
    reference: 'xen.git 931818cacb (2007)',
    edits: [
      edit.replace('__xen_suspend.post_suspend/new_domain', { when: (s) => s.channels === 'blank' }),
      edit.replace('__xen_suspend.post_suspend/irq_resume', { when: (s) => s.channels !== 'blank' }),
      edit.remove('__xen_suspend.post_suspend/cancelled'),
    ],
  }),
  patch('before-083ba719d9', {
    kind: 'era',
    says: 'xenlinux to 2007 returns without xenbus_suspend_cancel when stop_machine_run fails.',
    reference: 'xen.git 083ba719d9 (2007)',
    edits: [edit.replace('__xen_suspend.stop_machine_run/fails', { goto: 'out' })],
  }),
  patch('before-c43f604d05', {
    kind: 'era',
    says: 'xenlinux to 2005 ends the ring grants at suspend, while the backend has them mapped.',
    reference: 'xen.git c43f604d05 (2005)',
    edits: [
      edit.before(
        '__xen_suspend.stop_machine_run',
        step('blkfront_suspend', {
          origin: source('drivers/xen/blkfront/blkfront.c', 'blkfront_suspend'),
          log: inUseWarnings('vbd'),
          then: disconnectAtSuspend,
        }),
      ),
    ],
  }),
  patch('before-5b4535ea04', {
    kind: 'era',
    says: 'To October 2005 ending access to an entry in use frees its page all the same.',
    reference: 'xen.git 5b4535ea04 (2005)',
    edits: [
      edit.initially((d) => {
        d.endAccess = 'free'
      }),
    ],
  }),
  patch('before-84acc84afb', {
    kind: 'era',
    says: 'The toolstack takes nothing back on a timeout and writes the return register without looking at the domain.',
    reference: 'xen.git f393b48c18 (2011), 84acc84afb (2014)',
    edits: [
      edit.replace('toolstack.wait/times_out', {
        says: 'The helper fails or 60 s are over; the request stays where it is.',
        when: (s) => s.domain === 'running',
        then: () => {},
      }),
      edit.replace('toolstack.libxl_domain_resume/refused', {
        says: 'xc_domain_resume writes 1 into the return register of a domain that runs.',
        then: (d) => resumeDomain(d, 1),
      }),
    ],
  }),
  patch('before-bea0ff6e77', {
    kind: 'era',
    says: 'xl save -c unpauses the domain, which does not end its shutdown.',
    reference: 'xen.git bea0ff6e77 (2012)',
    edits: [edit.replace('toolstack.wait/resume_fast', { says: 'XEN_DOMCTL_unpausedomain.', then: () => {} })],
  }),
  patch('before-95393dde94', {
    kind: 'era',
    says: 'xl exits on a write error without resuming the domain.',
    reference: 'xen.git 95393dde94 (2012)',
    edits: [edit.replace('toolstack.wait/save_fails', { says: 'xl exits.', goto: 'end' })],
  }),
  patch('before-8903a7a5f6', {
    kind: 'era',
    says: 'Slow resume of a PV-on-HVM guest is refused; the domain stays suspended.',
    reference: 'xen.git 8903a7a5f6 (2016)',
    edits: [
      edit.replace('toolstack.wait/resume_slow', {
        says: 'xc_domain_resume_any refuses an HVM domain.',
        log: 'xc_domain_resume failed',
        then: () => {},
      }),
    ],
  }),
]

const fixes = [
  patch('cancel-on-end-failure', {
    kind: 'fix',
    says: 'A failed dpm_suspend_end sets si.cancelled to 1: the domain never left.',
    reference: 'derived; no such commit was found up to 7.3.4',
    edits: [
      edit.replace('do_suspend.dpm_suspend_end/fails', {
        says: 'The error path sets si.cancelled = 1.',
        then: (d) => {
          d.cancelled = 'yes'
        },
      }),
    ],
  }),
  patch('initialise-cancelled', {
    kind: 'fix',
    says: 'si.cancelled starts as 1, so that every path that never reached the hypercall cancels.',
    reference: 'derived; no such commit was found up to 7.3.4',
    edits: [
      edit.initially((d) => {
        d.cancelled = 'yes'
      }),
      edit.replace('do_suspend.out', { then: suspendIsOver('yes') }),
    ],
  }),
  patch('lock-before-acknowledging', {
    kind: 'fix',
    says: 'The handler takes system_transition_mutex before it empties the node, and leaves the request there while it cannot.',
    reference: 'derived; no such commit was found up to 7.3.4',
    edits: [
      edit.replace('do_suspend.shutdown_handler', {
        when: (s) => s.control === 'suspend' && s.domain === 'running' && !s.shuttingDown && s.transition === 'free',
        then: (d) => {
          acknowledge(d)
          d.transition = 'do_suspend'
        },
      }),
    ],
  }),
  patch('defer-grants-in-use', {
    kind: 'fix',
    says: 'Ending access to an entry in use puts it on a list that a timer retries, instead of leaking it.',
    reference: '569ca5b3f94c (3.5)',
    edits: [
      edit.initially((d) => {
        d.endAccess = 'defer'
      }),
    ],
  }),
  patch('unmask-platform-irq', {
    kind: 'fix',
    says: 'PV-on-HVM enables the platform interrupt again when parking the CPUs fails.',
    reference: 'derived; the file was removed (xen.git cac57fda01, 2020) without it',
    edits: [
      edit.replace('__xen_suspend.out', {
        then: (d) => {
          d.cancelled = 'unset'
          d.hret = null
          d.irqs = 'on'
        },
      }),
    ],
  }),
  handshakeInWorkItem,
  handshakeInResume,
]

const faults = [
  patch('no-xs-resume', {
    kind: 'fault',
    says: 'The toolstack does not send XS_RESUME, so xenstored never announces another shutdown of this domain.',
    reference: 'what xen.git b686a7d235 (2007) provides; docs/misc/xenstore.txt',
    edits: [
      edit.replace('toolstack.wait/resume_fast', {
        then: (d) => {
          resumeDomain(d, 1)
          d.armed = false
        },
      }),
    ],
  }),
  patch('requeue-finished-requests', {
    kind: 'fault',
    says: 'blkfront leaves finished requests in its shadow copy, so that recovery submits them again.',
    edits: [
      edit.replace('xenwatch.blkback_changed', {
        then: (d) => {
          const suspended = d.dev.vbd.connected === 'suspended' && d.dev.vbd.backend.node === 'Connected'
          for (const request of d.requests) if (suspended && request.shadow === 'done') request.shadow = 'requeue'
          blkbackChanged.then(d)
        },
      }),
    ],
  }),
  patch('freeze-nobody', {
    kind: 'fault',
    says: 'The tasks are not frozen: they run while the devices are suspended.',
    edits: [edit.replace('do_suspend.freeze_processes/ok', { says: 'Nobody is frozen.', then: () => {} })],
  }),
  patch('deaf-guest', {
    kind: 'fault',
    says: 'The guest never looks at control/shutdown.',
    edits: [edit.replace('do_suspend.shutdown_handler', { when: () => false })],
  }),
]

/** Every patch of the protocol. */
export const patches = [...eras, ...fixes, ...faults]
