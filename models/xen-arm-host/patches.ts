/** The versions of the series, the policies that the reviewer's question is about, fixes, and mutants. */

import { env, source } from '../../src/index.js'
import { dom0V1, dom0V11, dom0V3, dom0V5, dom0V6 } from './domain-suspend.js'
import { action, edit, isStopped, patch, started, step, upcall } from './state.js'
import { hostPortB, hostV1, hostV11, hostV3, hostV5, hostV6, hostV8 } from './system-suspend.js'

const era = (host: typeof hostV1, dom0: typeof dom0V1) => [
  edit.remove('host'),
  edit.add(host),
  edit.remove('dom0'),
  edit.add(dom0),
]

const pausedGuests = [
  edit.replace('domU.system_suspend', {
    says: 'The DomU parks itself: paused until the toolstack resumes it, whatever interrupts arrive.',
    then: (d) => {
      d.domU.parked = true
      d.domU.pause++
    },
  }),
  edit.replace('domU.parked', { then: () => undefined }),
]

const eras = [
  patch('v3', {
    kind: 'era',
    says: 'V3 (March 2025): Dom0 is only blocked, its registers are written at resume; DomUs cannot suspend themselves.',
    reference: 'xen-devel, 5 Mar 2025, cover.1741164138',
    edits: [...era(hostV3, dom0V3), edit.initially((d) => void (d.choice.parks = false))],
  }),
  patch('v5', {
    kind: 'era',
    says: 'V5 (August 2025): domain_shutdown() parks the caller, a refused hand-off un-parks it, the scheduler is disabled.',
    reference: 'xen-devel, 11 Aug 2025, patch 07/12, c995126a…@epam.com',
    edits: [...era(hostV5, dom0V5), ...pausedGuests],
  }),
  patch('v6', {
    kind: 'era',
    says: 'V6 (September 2025): a tasklet of its own and a recorded resume context, applied by domain_resume().',
    reference: 'xen-devel, 1 Sep 2025, cover.1756763487, 1a5d20a7ae',
    edits: [...era(hostV6, dom0V6), ...pausedGuests],
  }),
  patch('v8', {
    kind: 'era',
    says: 'V8 (April 2026): after the freeze, with the scheduler off, the host goes on only if every domain has parked itself.',
    reference: 'xen-devel, 2 Apr 2026, cover.1775125380, db18c68b51',
    edits: [...era(hostV8, dom0V6), ...pausedGuests],
  }),
  patch('v11', {
    kind: 'era',
    says: 'V11 (June 2026): readiness is checked before anything is changed and answered with PSCI_DENIED.',
    reference: 'xen-devel, 10 Jun 2026, cover.1781084290, 12/13 and 13/13',
    edits: [...era(hostV11, dom0V11), ...pausedGuests],
  }),
  patch('port-b', {
    kind: 'era',
    says: 'A board port of the 2018 code with an IOMMU stage and two jumps gone wrong.',
    reference: 'an i.MX port of the 2018 series, file read, repository not identified',
    edits: [edit.remove('host'), edit.add(hostPortB)],
  }),
]

const suspendC = source('xen/arch/arm/suspend.c', 'system_suspend')

/** A look before the firmware call, and a way out. */
const lookFirst = (name: string, says: string, pending: (s: Parameters<typeof upcall>[0]) => boolean) =>
  edit.before(
    'host.psci_system_suspend',
    step(name, {
      origin: suspendC,
      says,
      either: {
        pending: { when: pending, then: (d) => void (d.attempt = 'failed'), goto: 'set_resume' },
        clear: { when: (s) => !pending(s) },
      },
    }),
  )

const policies = [
  patch('target-only', {
    kind: 'fault',
    says: 'The policy that the reviewer’s question supposes: only the domain that the event belongs to is resumed.',
    reference: 'xen-devel, 2018-11, msg01732',
    edits: [edit.remove('host.resume_dom0')],
  }),
  patch('last-check', {
    kind: 'fix',
    says: 'With interrupts off, Xen looks once more whether an interrupt or an upcall is pending for a domain.',
    reference: 'derived: no version of the series has such a test',
    edits: [
      lookFirst(
        'last_check',
        'Is a virtual interrupt or an unmasked event pending?',
        (s) => s.line.some(({ virtual }) => virtual) || upcall(s),
      ),
    ],
  }),
  patch('check-distributor', {
    kind: 'fix',
    says: 'Xen reads the distributor’s pending registers once before the firmware call.',
    reference: 'derived',
    edits: [
      lookFirst('check_distributor', 'Is a physical interrupt pending?', (s) =>
        s.line.some(({ physical }) => physical === 'pending'),
      ),
    ],
  }),
  patch('wake-latch', {
    kind: 'fix',
    says: 'The always-on wake logic latches edges, so that nothing goes with the power of the distributor.',
    reference: 'derived',
    edits: [edit.replace('host.psci_system_suspend/sleeps', { then: () => undefined })],
  }),
  patch('console-label', {
    kind: 'fix',
    says: 'A failing console_suspend() jumps behind console_resume().',
    reference: 'what V8 does, applied to 2018',
    edits: [edit.replace('host.console_suspend/fails', { goto: 'gic_resume' })],
  }),
  patch('end-sync', {
    kind: 'fix',
    says: 'Synchronous console mode ends on every way up.',
    reference: 'changelog of V4, applied to V3',
    edits: [
      edit.after(
        'host.console_resume',
        step('console_async', {
          origin: source('xen/drivers/char/console.c', 'console_end_sync'),
          then: (d) => started(d, 'console_sync'),
        }),
      ),
    ],
  }),
  patch('move-routes', {
    kind: 'fix',
    says: 'Interrupts of a CPU that is unplugged for suspend are moved to CPU0, as efaa91afa2 and the 2018 scheduler did.',
    reference: 'efaa91afa2, undone by 0763cd2687 and fce1f381f7',
    edits: [
      edit.after(
        'host.cpus_down',
        step('move_routes', {
          origin: source('xen/arch/arm/irq.c', 'irq_set_affinity'),
          then: (d) => {
            if (d.route === 'cpu1' && d.cpu1 !== 'on') d.route = 'moved'
          },
        }),
      ),
      edit.after(
        'host.cpus_up',
        step('restore_routes', {
          origin: source('xen/arch/arm/irq.c', 'irq_set_affinity'),
          then: (d) => {
            if (d.route === 'moved' && d.cpu1 === 'on') d.route = 'cpu1'
          },
        }),
      ),
    ],
  }),
]

const anotherPrivileged = action('domain_resume', {
  actor: 'rogue',
  origin: env('a third, privileged domain that is neither parked nor frozen yet resumes the DomU'),
  when: (s) => s.domU.parked && s.domU.pause === 1 && !isStopped(s, 'domains'),
  then: (d) => {
    d.domU.parked = false
    d.domU.pause--
  },
})

const mutants = [
  patch('fault-daemon-dead', {
    kind: 'fault',
    says: 'Nobody kicks Dom0’s watchdog any more.',
    edits: [edit.remove('daemon.kick')],
  }),
  patch('fault-rogue', {
    kind: 'fault',
    says: 'A privileged domain outside of the policy may resume the DomU until it is frozen itself.',
    edits: [edit.add(anotherPrivileged)],
  }),
  patch('fault-drop-while-running', {
    kind: 'fault',
    says: 'A request that finds the tasklet running is ignored instead of running it once more.',
    edits: [
      edit.before(
        'host.finish',
        step('forget', {
          origin: env('the mutant'),
          then: (d) => void (d.tasklet = 'running'),
        }),
      ),
    ],
  }),
  patch('fault-nosync-freeze', {
    kind: 'fault',
    says: 'The freeze does not wait for VCPUs that are still executing.',
    edits: [edit.replace('host.freeze_dom0', { when: () => true })],
  }),
  patch('fault-no-vcpu-check', {
    kind: 'fault',
    says: 'The handler does not look whether other VCPUs of the caller are online.',
    edits: [
      edit.remove('dom0.system_suspend/denied'),
      edit.replace('dom0.system_suspend/accepted', { when: () => true }),
    ],
  }),
  patch('fault-no-thaw', {
    kind: 'fault',
    says: 'The DomU is frozen and never thawed.',
    edits: [edit.remove('host.thaw_domU')],
  }),
  patch('fault-stays-in-resume', {
    kind: 'fault',
    says: 'system_state is not set back to active.',
    edits: [edit.remove('host.set_active')],
  }),
]

/** All patches, versions first. */
export const patches = [...eras, ...policies, ...mutants]
