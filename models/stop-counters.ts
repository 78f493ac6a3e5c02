/**
 * Stops that nest: whoever stops something must be counted, and only what was stopped is started again.
 *
 * Three parts of Linux with the same shape: the allocation mask of hybrid sleep (kernel/power/main.c), SCSI devices
 * that are quiesced for suspend (drivers/scsi/scsi_lib.c), and NVMe queues frozen by reset and by error handling
 * (drivers/nvme/host/core.c).
 */

import {
  array,
  bool,
  env,
  environment,
  int,
  oneOf,
  over,
  parameter,
  record,
  source,
  system,
  type ValueOf,
} from '../src/index.js'
import type { At, Part } from '../src/write/model.js'

const parameters = {
  what: parameter(oneOf('gfp', 'scsi', 'nvme'), 'gfp', 'the allocation mask, SCSI devices, or NVMe queues'),
  things: parameter(int(1, 3), 1, 'how many masks, devices or queues there are'),
  cycles: parameter(int(1, 3), 2, 'how many attempts'),
}

interface Choice {
  readonly what: 'gfp' | 'scsi' | 'nvme'
  readonly things: number
  readonly cycles: number
}

export const state = ({ things, cycles }: Choice) =>
  record({
    thing: array(
      things,
      record({
        /** How often it is stopped, as the kernel counts. */
        depth: int(-cycles, 2 * cycles),
        /** Who really wants it stopped: the outer party, the inner one. */
        outer: bool(),
        inner: bool(),
        /** A SCSI device that went offline is not quiesced. */
        offline: bool(),
      }),
    ),
    cycles: int(0, cycles),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>
type Thing = State['thing'][number]

const { model, thread, step, action, patch, edit } = over(state)

const forAll = (change: (thing: Thing) => void) => (d: State) => {
  for (const thing of d.thing) change(thing)
}

const mask = 'kernel/power/main.c'
/** Hybrid sleep: a suspend inside a hibernation; either may be aborted. */
const gfp = thread(
  'hybrid',
  { actor: 'outer', says: 'hibernation with a suspend to memory inside' },
  step('hibernate', {
    origin: source('kernel/power/hibernate.c', 'hibernation_snapshot'),
    says: 'pm_restrict_gfp_mask()',
    when: (s) => s.cycles > 0,
    then: (d) => {
      d.cycles--
      forAll((thing) => {
        thing.depth++
        thing.outer = true
      })(d)
    },
  }),
  step('snapshot', {
    origin: source('kernel/power/hibernate.c', 'hibernation_snapshot'),
    either: { made: {}, failed: { goto: 'restore-outer' } },
  }),
  step('suspend', {
    origin: source('kernel/power/suspend.c', 'suspend_devices_and_enter'),
    says: 'pm_restrict_gfp_mask() again',
    then: forAll((thing) => {
      thing.depth++
      thing.inner = true
    }),
  }),
  step('restore-inner', {
    origin: source(mask, 'pm_restore_gfp_mask'),
    says: 'the suspend is over, or was aborted',
    then: forAll((thing) => {
      thing.depth--
      thing.inner = false
    }),
  }),
  step('image', {
    origin: env('the image is written, or dropped; no I/O may be started by an allocation meanwhile'),
  }),
  step('restore-outer', {
    origin: source(mask, 'pm_restore_gfp_mask'),
    then: forAll((thing) => {
      thing.depth--
      thing.outer = false
    }),
    goto: 'hibernate',
  }),
)

/** Suspend quiesces the SCSI devices that run, and resumes those that it quiesced. */
const scsi = (i: readonly number[]): readonly Part[] => [
  thread(
    'domain',
    { actor: 'outer', says: 'domain validation or suspend of a SCSI target' },
    step('scsi_target_quiesce', {
      origin: source('drivers/scsi/scsi_lib.c', 'scsi_device_quiesce'),
      says: 'devices that are offline are left out',
      when: (s) => s.cycles > 0,
      then: (d) => {
        d.cycles--
        for (const thing of d.thing)
          if (!thing.offline) {
            thing.depth++
            thing.outer = true
          }
      },
    }),
    step('suspended', { origin: env('the machine sleeps, or the attempt is aborted') }),
    step('scsi_target_resume', {
      origin: source('drivers/scsi/scsi_lib.c', 'scsi_device_resume'),
      says: 'only what this caller quiesced',
      then: forAll((thing) => {
        if (!thing.outer) return
        thing.depth--
        thing.outer = false
      }),
      goto: 'scsi_target_quiesce',
    }),
  ),
  action('offline', {
    actor: 'device',
    for: { i },
    origin: env('a device goes offline, or comes back'),
    when: (s, _, at) => at('domain', 'scsi_target_quiesce') && s.cycles > 0,
    then: (d, { i }) => void (d.thing[i]!.offline = !d.thing[i]!.offline),
  }),
]

const nvme = 'drivers/nvme/host/core.c'
/** The reset of a controller freezes its queues; so does error handling, unless the reset did. */
const nvmeThreads: readonly Part[] = [
  thread(
    'reset',
    { actor: 'outer', says: 'the reset work of the controller' },
    step('nvme_start_freeze', {
      origin: source(nvme, 'nvme_start_freeze'),
      when: (s) => s.cycles > 0,
      then: (d) => {
        d.cycles--
        forAll((thing) => {
          if (thing.depth === 0) thing.depth++
          thing.outer = true
        })(d)
      },
    }),
    step('nvme_wait_freeze', { origin: source(nvme, 'nvme_wait_freeze') }),
    step('nvme_unfreeze', {
      origin: source(nvme, 'nvme_unfreeze'),
      then: forAll((thing) => {
        thing.depth--
        thing.outer = thing.inner = false
      }),
      goto: 'nvme_start_freeze',
    }),
  ),
  action('nvme_timeout', {
    actor: 'device',
    origin: source('drivers/nvme/host/pci.c', 'nvme_dev_disable'),
    says: 'a command times out during the reset: error handling freezes the queues too, once for both',
    when: (s, _, at) => at('reset', 'nvme_wait_freeze') && s.thing.some(({ inner }) => !inner),
    then: forAll((thing) => {
      if (thing.depth === 0) thing.depth++
      thing.inner = true
    }),
  }),
]

/** Whether no attempt is under way. */
export const isIdle = (at: At): boolean =>
  at('hybrid', 'hibernate') || at('domain', 'scsi_target_quiesce') || at('reset', 'nvme_start_freeze')

export default model('stop-counters', {
  question: 'Is whatever was stopped started again, once, and only by who stopped it?',
  parameters,
  actors: {
    outer: system('the party that stops'),
    device: environment('devices'),
  },
  initial: ({ things, cycles }) => ({
    thing: Array.from({ length: things }, () => ({ depth: 0, outer: false, inner: false, offline: false })),
    cycles,
  }),
  parts: ({ what, things }) => {
    switch (what) {
      case 'gfp':
        return [gfp]
      case 'scsi':
        return scsi(Array.from({ length: things }, (_, i) => i))
      case 'nvme':
        return nvmeThreads
    }
  },
  patches: [
    patch('gfp-boolean', {
      kind: 'era',
      says: 'The allocation mask is restricted or not: the end of the inner bracket lifts the outer one too.',
      reference: 'before 449c9c02537a and its follow-up of October 2025',
      edits: [
        edit.replace('hybrid.suspend', { then: forAll((thing) => void (thing.inner = true)) }),
        edit.replace('hybrid.restore-inner', {
          then: forAll((thing) => {
            thing.depth = 0
            thing.inner = false
          }),
        }),
        edit.replace('hybrid.restore-outer', {
          then: forAll((thing) => {
            thing.depth = 0
            thing.outer = false
          }),
        }),
      ],
    }),
    patch('gfp-restore-unconditional', {
      kind: 'fault',
      says: 'The exit of a failed snapshot goes through the inner restore as well.',
      edits: [edit.replace('hybrid.snapshot/failed', { goto: 'restore-inner' })],
    }),
    patch('scsi-resumes-all', {
      kind: 'era',
      says: 'The resume drops the counter of every device, also of those that were not quiesced.',
      reference: '3a0a529971ec, before 17605afaae82',
      edits: [
        edit.replace('domain.scsi_target_resume', {
          then: forAll((thing) => {
            thing.depth--
            thing.outer = false
          }),
        }),
      ],
    }),
    patch('nvme-freeze-twice', {
      kind: 'era',
      says: 'Error handling and reset each start a freeze, and one unfreeze follows.',
      reference: 'before 081f5e753c9c',
      edits: [
        edit.replace('device.nvme_timeout', {
          then: forAll((thing) => {
            thing.depth++
            thing.inner = true
          }),
        }),
      ],
    }),
    patch('scsi-all-offline', {
      kind: 'fault',
      says: 'All devices are offline for good.',
      edits: [
        edit.remove('device.offline'),
        edit.initially((d) => {
          for (const thing of d.thing) thing.offline = true
        }),
      ],
    }),
    patch('nvme-never-stops', {
      kind: 'fault',
      says: 'The freeze is not started.',
      edits: [edit.replace('reset.nvme_start_freeze', { then: (d) => void d.cycles-- })],
    }),
  ],
  resting: (s, at) => s.cycles === 0 && isIdle(at),
  abstractions: [
    'The mechanism of 081f5e753c9c is recalled: that error handling and reset each start a freeze is seen in its title, the steps are ours.',
  ],
})
