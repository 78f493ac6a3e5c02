/** The patches of the CPU ladder: the code as it was, and faults of ours. */

import { over } from '../../src/index.js'
import { isOnline, mayFail, state, up } from './state.js'

const { patch, edit } = over(state)

/** What each fix is taken away as, and the faults. */
export const patches = [
  patch('state-made-below-only', {
    kind: 'era',
    says: 'The software state of the stateful rung is made by the lowest rung only; its own startup believes what it finds.',
    reference: 'before 2f8dea1692ee',
    edits: [
      edit.replace('hotplug.cpuhp_up/rung', {
        then: (d) => {
          const { rung, claim } = d.cpu[d.at]!
          const believed = claim[rung]!
          up(d)
          if (believed) d.cpu[d.at]!.works[rung] = false
        },
      }),
    ],
  }),
  patch('abort-in-any-mode', {
    kind: 'era',
    says: 'A pending wake-up also stops the removal of CPUs for kexec or reboot.',
    reference: 'a66d955e910a (2019), before e98eac6ff1b4; then kexec went through the same function',
    edits: [
      edit.replace('hotplug.freeze_secondary_cpus/aborted', { when: (s) => s.wakeup }),
      edit.replace('hotplug.freeze_secondary_cpus/next', {
        when: (s) => s.at < s.cpu.length && (s.mode !== 'unplug' || s.at === 0) && !s.wakeup,
      }),
      edit.replace('hotplug.freeze_secondary_cpus/done', {
        when: (s) => (s.at === s.cpu.length || (s.mode === 'unplug' && s.at > 0)) && !s.wakeup,
      }),
    ],
  }),
  patch('timers-stay-away', {
    kind: 'era',
    says: 'Timers are moved to the boot CPU and never back.',
    reference: 'before 37f82facd6',
    edits: [
      edit.replace('hotplug.cpuhp_up/rung', {
        then: (d) => {
          const { timers } = d.cpu[d.at]!
          up(d)
          d.cpu[d.at]!.timers = timers
        },
      }),
    ],
  }),
  patch('fresh-area-demanded', {
    kind: 'era',
    says: 'The area is kept for suspend, but the way up insists on allocating it.',
    reference: 'before 282fa3fdb6',
    edits: [edit.replace('hotplug.cpuhp_up/area-kept', { then: (d) => void (d.crashed = true), goto: 'request' })],
  }),
  patch('no-barrier', {
    kind: 'era',
    says: 'The CPU comes up without waiting for the queued freeing of its area.',
    reference: 'before 9d9af7dca8',
    edits: [
      edit.replace('hotplug.cpuhp_up/area-kept', {
        when: (s) => s.cpu[s.at]!.rung === 0 && s.cpu[s.at]!.area,
      }),
    ],
  }),
  patch('stale-pool', {
    kind: 'era',
    says: 'A CPU that fails to go down is put back into its pool, but still has the pointer to it: an assertion stops the machine.',
    reference: 'before cb1ae9a278',
    edits: [
      edit.replace('hotplug.cpuhp_down/fails', {
        then: (d) => {
          d.failures--
          d.crashed = d.cpu[d.at]!.pool !== 'none'
        },
      }),
      edit.replace('hotplug.cpuhp_undo/rung', { when: (s) => !isOnline(s.cpu[s.at]!) && !s.crashed }),
      edit.replace('hotplug.cpuhp_undo/stays', {
        when: (s) => s.failures > 0 && !isOnline(s.cpu[s.at]!) && !s.crashed,
      }),
      edit.replace('hotplug.cpuhp_undo/top', { when: (s) => isOnline(s.cpu[s.at]!) && !s.crashed }),
    ],
  }),
  patch('error-dropped', {
    kind: 'era',
    says: 'The error of a part that does not come up is dropped, and the CPU is marked online.',
    reference: 'before 0102b592f4',
    edits: [
      edit.replace('hotplug.cpuhp_up/fails', {
        then: (d) => {
          d.failures--
          const { rung } = d.cpu[d.at]!
          up(d)
          d.cpu[d.at]!.works[rung] = false
        },
        goto: 'cpuhp_up',
      }),
    ],
  }),
  patch('taken-out-of-the-mask', {
    kind: 'era',
    says: 'A CPU that goes down for suspend is taken out of the mask of its APIC cluster, but keeps the pointer to it.',
    reference: 'since 2e6c8f182c9c, before ad3ff7b427',
    edits: [
      edit.replace('hotplug.cpuhp_down/bottom', {
        then: (d) => {
          if (d.mode === 'suspend') d.cpu[d.at]!.mask = 'left'
          d.at++
        },
      }),
    ],
  }),
  patch('unassigned-refuses', {
    kind: 'era',
    says: 'A CPU that belongs to no pool refuses to go down, which the way down takes for a bug.',
    reference: 'before 7ff6f1fc39',
    edits: [
      edit.replace('hotplug.freeze_secondary_cpus/next', {
        then: (d) => void (d.crashed = d.cpu[d.at]!.pool === 'none' && d.mode === 'suspend'),
      }),
      edit.replace('hotplug.cpuhp_down/rung', { when: (s) => s.cpu[s.at]!.rung > 0 && !s.crashed }),
      edit.replace('hotplug.cpuhp_down/fails', {
        when: (s) => s.failures > 0 && s.mode !== 'kexec' && mayFail(s.cpu[s.at]!.rung - 1, 1) && !s.crashed,
      }),
    ],
  }),
  patch('parked-torn-down', {
    kind: 'era',
    says: 'A CPU that is parked again during a resume has its scheduler data removed, which a resume does not set up.',
    reference: 'since 0763cd2687, before d7f3c76317',
    edits: [
      edit.replace('hotplug.cpuhp_rollback/bottom', {
        then: (d) => void (d.crashed ||= d.cpu[d.at]!.parked === 'done'),
      }),
    ],
  }),
  patch('one-cpu-forgotten', {
    kind: 'fault',
    says: 'The way up ends after the first CPU.',
    edits: [edit.replace('hotplug.cpuhp_up/top', { then: (d) => void (d.mode = 'none'), goto: 'request' })],
  }),
  patch('one-cpu-left', {
    kind: 'fault',
    says: 'The way down ends after the first CPU.',
    edits: [
      edit.replace('hotplug.freeze_secondary_cpus/done', {
        when: (s) => s.at > 0 && !(s.mode === 'suspend' && s.wakeup),
      }),
    ],
  }),
  patch('down-refused', {
    kind: 'fault',
    says: 'The last rung never lets go: its teardown waits for ever.',
    edits: [edit.replace('hotplug.cpuhp_down/rung', { when: (s) => s.cpu[s.at]!.rung > 1 })],
  }),
]
