/**
 * A reset in the middle of a migration: what the device forgets, and what is still open.
 *
 * Sources: drivers/vdpa/mlx5/net/mlx5_vnet.c (bc04d93ea30a, 2021) and drivers/vfio/pci/pds (457f73082547, 2024).
 */

import {
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
import type { Part } from '../src/write/model.js'

const parameters = {
  what: parameter(
    oneOf('vdpa', 'vfio'),
    'vdpa',
    'the ring indices of a vDPA device, or the migration file of a VFIO one',
  ),
  requests: parameter(int(1, 4), 2, 'how many buffers the guest passes, or how many chunks are written to the file'),
  rounds: parameter(int(1, 2), 2, 'how often the machine is suspended, or the device reset'),
}

interface Choice {
  readonly requests: number
  readonly rounds: number
}

export const state = ({ requests, rounds }: Choice) =>
  record({
    /** Ring indices: the guest driver's, the device's, and the copy that the host keeps. */
    driver: int(0, requests),
    device: int(0, requests),
    saved: int(0, requests),
    /** The migration file: who holds its lock, whether it may be used, and whether its pages are there. */
    lock: oneOf('free', 'writer', 'reset'),
    disabled: bool(),
    pages: bool(),
    /** A write went to pages that were not there. */
    stray: bool(),
    left: int(0, requests),
    rounds: int(0, rounds),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, patch, edit } = over(state)
const mlx5 = 'drivers/vdpa/mlx5/net/mlx5_vnet.c'
const pds = 'drivers/vfio/pci/pds/vfio_dev.c'
const migration = 'drivers/vfio/pci/pds/lm.c'

const vdpa: readonly Part[] = [
  thread(
    'host',
    { actor: 'host', says: 'suspend and resume of a machine with a vDPA device' },
    step('mlx5_vdpa_suspend', {
      origin: source(mlx5, 'suspend_vqs'),
      says: 'the indices are read from the device',
      when: (s) => s.rounds > 0,
      then: (d) => {
        d.rounds--
        d.saved = d.device
      },
    }),
    step('reset', {
      origin: source(mlx5, 'mlx5_vdpa_reset'),
      says: 'the device starts from nothing; what was saved stays',
      then: (d) => void (d.device = 0),
    }),
    step('resume', {
      origin: source(mlx5, 'setup_vq'),
      says: 'the queues are set up again with the saved indices',
      then: (d) => void (d.device = d.saved),
      goto: 'mlx5_vdpa_suspend',
    }),
  ),
  action('buffer', {
    actor: 'guest',
    origin: env('the guest passes a buffer, and the device uses it'),
    when: (s, _, at) => s.left > 0 && at('host', 'mlx5_vdpa_suspend'),
    then: (d) => {
      d.left--
      d.driver++
      d.device++
    },
  }),
]

const vfio: readonly Part[] = [
  thread(
    'write',
    { actor: 'host', says: 'the stream of a migration, written to the file' },
    step('lock', {
      origin: source(migration, 'pds_vfio_restore_write'),
      when: (s) => s.left > 0 && s.lock === 'free',
      then: (d) => {
        d.left--
        d.lock = 'writer'
      },
    }),
    step('check', {
      origin: source(migration, 'pds_vfio_restore_write'),
      says: 'a file that was disabled refuses',
      either: { ok: { when: (s) => !s.disabled }, disabled: { when: (s) => s.disabled, goto: 'unlock' } },
    }),
    step('copy', {
      origin: source(migration, 'pds_vfio_restore_write'),
      then: (d) => {
        if (!d.pages) d.stray = true
      },
    }),
    step('unlock', {
      origin: source(migration, 'pds_vfio_restore_write'),
      then: (d) => void (d.lock = 'free'),
      goto: 'lock',
    }),
  ),
  thread(
    'reset',
    { actor: 'guest', says: 'the device resets itself' },
    step('lock', {
      origin: source(pds, 'pds_vfio_reset'),
      when: (s) => s.rounds > 0 && s.lock === 'free',
      then: (d) => {
        d.rounds--
        d.lock = 'reset'
      },
    }),
    step('disable', {
      origin: source(migration, 'pds_vfio_put_restore_file'),
      then: (d) => void (d.disabled = true),
    }),
    step('free', {
      origin: source(migration, 'pds_vfio_put_restore_file'),
      says: 'the pages go; the descriptor stays open as long as user space wants',
      then: (d) => void (d.pages = false),
    }),
    step('unlock', {
      origin: source(pds, 'pds_vfio_reset'),
      then: (d) => void (d.lock = 'free'),
      goto: 'lock',
    }),
  ),
]

export default model('device-reset', {
  question: "What of a device's state survives a reset that somebody else does not know of?",
  parameters,
  actors: {
    host: system('the host driver, and user space that migrates the machine'),
    guest: environment('the guest, and the device by itself'),
  },
  initial: ({ requests, rounds }) => ({
    driver: 0,
    device: 0,
    saved: 0,
    lock: 'free',
    disabled: false,
    pages: true,
    stray: false,
    left: requests,
    rounds,
  }),
  parts: ({ what }) => (what === 'vdpa' ? vdpa : vfio),
  patches: [
    patch('reset-forgets', {
      kind: 'era',
      says: 'The reset clears the saved indices with those of the device.',
      reference: 'before bc04d93ea30a',
      edits: [edit.replace('host.reset', { then: (d) => void (d.device = d.saved = 0) })],
    }),
    patch('file-not-disabled', {
      kind: 'era',
      says: 'The reset frees the pages and leaves the file as it is.',
      reference: 'before 457f73082547',
      edits: [edit.remove('reset.disable')],
    }),
    patch('disabled-without-lock', {
      kind: 'fault',
      says: 'The file is disabled, but not under its lock: a write may be past its check.',
      edits: [
        edit.replace('reset.lock', { when: (s) => s.rounds > 0, then: (d) => void d.rounds-- }),
        edit.replace('reset.unlock', { then: () => {} }),
      ],
    }),
    patch('lock-kept', {
      kind: 'fault',
      says: 'A write that is refused keeps the lock.',
      edits: [edit.replace('write.check/disabled', { goto: 'lock' })],
    }),
  ],
  resting: (s, at) =>
    at.has('host')
      ? s.rounds === 0 && s.left === 0
      : at('write', 'lock') && at('reset', 'lock') && (s.left === 0 || s.rounds === 0) && s.lock === 'free',
  abstractions: [
    'The two devices share nothing but the shape: a reset, and somebody who goes on as if there had been none.',
  ],
})
