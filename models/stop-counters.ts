/**
 * Stops that nest: whoever stops something must be counted, and only what was stopped is started again.
 *
 * Three parts of Linux with the same shape: the allocation mask of hybrid sleep (kernel/power/main.c), SCSI devices
 * that are quiesced for suspend (drivers/scsi/scsi_lib.c), and NVMe queues frozen by reset and by error handling
 * (drivers/nvme/host/core.c and pci.c). The base is Linux 7.3.4.
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
        /** A SCSI device that is blocked, or being removed, is not quiesced; one that is offline is. */
        blocked: bool(),
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
      says: 'a device that is neither running nor offline refuses the state, and its count is taken back',
      when: (s) => s.cycles > 0,
      then: (d) => {
        d.cycles--
        for (const thing of d.thing)
          if (!thing.blocked) {
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
  action('block', {
    actor: 'device',
    for: { i },
    origin: env('a device is blocked, or comes back'),
    when: (s, _, at) => at('domain', 'scsi_target_quiesce') && s.cycles > 0,
    then: (d, { i }) => void (d.thing[i]!.blocked = !d.thing[i]!.blocked),
  }),
]

const nvme = 'drivers/nvme/host/core.c'
const nvmePci = 'drivers/nvme/host/pci.c'
/** Both error handling and the reset that it asks for disable the controller; only who finds it enabled freezes its queues. */
const freeze = (who: 'outer' | 'inner', again: boolean) =>
  forAll((thing) => {
    if (again || thing.depth === 0) thing.depth++
    thing[who] = true
  })

const nvmeThreads: readonly Part[] = [
  thread(
    'reset',
    { actor: 'outer', says: 'a controller is reset, after a command timed out or because somebody asks' },
    step('nvme_timeout', {
      origin: source(nvmePci, 'nvme_timeout'),
      when: (s) => s.cycles > 0,
      then: (d) => void d.cycles--,
      either: {
        times_out: {
          says: 'nvme_dev_disable() freezes the queues and disables the device',
          then: freeze('inner', false),
        },
        asked: { says: 'nothing has timed out', origin: source(nvme, 'nvme_reset_ctrl') },
      },
    }),
    step('nvme_dev_disable', {
      origin: source(nvmePci, 'nvme_dev_disable'),
      says: 'the reset disables as well: it freezes the queues if pci_is_enabled(), if nobody has been here before',
      then: freeze('outer', false),
    }),
    step('nvme_wait_freeze', { origin: source(nvme, 'nvme_wait_freeze') }),
    step('nvme_unfreeze', {
      origin: source(nvme, 'nvme_unfreeze'),
      then: forAll((thing) => {
        thing.depth--
        thing.outer = thing.inner = false
      }),
      goto: 'nvme_timeout',
    }),
  ),
]

/** Whether no attempt is under way. */
export const isIdle = (at: At): boolean =>
  at('hybrid', 'hibernate') || at('domain', 'scsi_target_quiesce') || at('reset', 'nvme_timeout')

export default model('stop-counters', {
  question: 'Is whatever was stopped started again, once, and only by who stopped it?',
  parameters,
  actors: {
    outer: system('the party that stops'),
    device: environment('devices'),
  },
  initial: ({ things, cycles }) => ({
    thing: Array.from({ length: things }, () => ({ depth: 0, outer: false, inner: false, blocked: false })),
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
      edits: [edit.replace('reset.nvme_dev_disable', { then: freeze('outer', true) })],
    }),
    patch('scsi-all-blocked', {
      kind: 'fault',
      says: 'All devices are blocked for good.',
      edits: [
        edit.remove('device.block'),
        edit.initially((d) => {
          for (const thing of d.thing) thing.blocked = true
        }),
      ],
    }),
    patch('nvme-never-stops', {
      kind: 'fault',
      says: 'The freeze is not started.',
      edits: [
        edit.replace('reset.nvme_timeout/times_out', { then: () => {} }),
        edit.replace('reset.nvme_dev_disable', { then: forAll((thing) => void (thing.outer = true)) }),
      ],
    }),
  ],
  resting: (s, at) => s.cycles === 0 && isIdle(at),
  abstractions: [
    'What 081f5e753c9c changed is recalled; that pci_is_enabled() keeps the second from freezing again is read in 7.3.4. A controller that times out while it is connecting is given up instead, and freezes nothing.',
    'scsi_device_quiesce() and scsi_device_resume() remember who quiesced (quiesced_by); several contexts at a time are excluded there by a warning.',
    'A device that refuses to be quiesced is stopped for a moment, until its count is taken back; that is one step here.',
  ],
})
