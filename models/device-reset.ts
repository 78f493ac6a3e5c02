/**
 * A reset in the middle of a migration: what the device forgets, and what is still open.
 *
 * Sources: drivers/vdpa/mlx5/net/mlx5_vnet.c and drivers/vfio/pci/pds/lm.c of Linux 7.3.4, which the base is; of 6.1.192, which keeps
 * what 7.3.4 clears; bc04d93ea30a (2021) and 457f73082547 (2024).
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
import { kernelOver, lifetime, mutex } from '../src/kernel.js'
import type { Part } from '../src/write/model.js'

const parameters = {
  what: parameter(
    oneOf('vdpa', 'vfio'),
    'vdpa',
    'the ring indices of a vDPA device, or the migration file of a VFIO one',
  ),
  reads: parameter(
    oneOf('before', 'after'),
    'before',
    'when user space asks for the index of a vDPA queue: before the reset, which takes a suspend, or after it',
  ),
  requests: parameter(int(1, 4), 2, 'how many buffers the guest passes, or how many chunks are written to the file'),
  rounds: parameter(int(1, 2), 2, 'how often a machine with a vDPA device is suspended'),
}

interface Choice {
  readonly requests: number
  readonly rounds: number
}

const things = {
  /** The migration file: the lock of what is behind it, and its pages. */
  lock: mutex('write', 'reset'),
  pages: lifetime(),
}
export const state = ({ requests, rounds }: Choice) =>
  record({
    ...things,
    /** Ring indices: the guest driver's, the device's, the copy in mlx5_vdpa_virtqueue, and that of user space. */
    driver: int(0, requests),
    device: int(0, requests),
    saved: int(0, requests),
    base: int(0, requests),
    /** The queue is there and ready. */
    ready: bool(),
    /** The migration file may no longer be used. */
    disabled: bool(),
    left: int(0, requests),
    rounds: int(0, rounds),
  })

/** A state of the model. */
export type State = ValueOf<typeof state>

const { model, thread, step, action, call, does, set, patch, edit } = over(state)
const { lock, pages } = kernelOver(state, things)
const mlx5 = 'drivers/vdpa/mlx5/net/mlx5_vnet.c'
const migration = 'drivers/vfio/pci/pds/lm.c'

const suspend = step('mlx5_vdpa_suspend', {
  origin: source(mlx5, 'suspend_vqs'),
  says: 'the queues stop, and their indices are read from the device',
  when: (s) => s.rounds > 0,
  then: (d) => {
    d.rounds--
    d.ready = false
    d.saved = d.device
  },
})

const ask = step('get_vq_state', {
  origin: source(mlx5, 'mlx5_vdpa_get_vq_state'),
  says: 'user space has the index: of the device, or, of a queue that is gone, what was saved last',
  then: (d) => void (d.base = d.saved),
})

const reset = step('mlx5_vdpa_reset', {
  origin: source(mlx5, 'mlx5_vdpa_compat_reset'),
  says: 'the queues are torn down and made anew, from nothing (mvqs_set_defaults)',
  when: (s) => s.rounds > 0 || !s.ready,
  then: (d) => {
    if (d.ready) d.rounds--
    d.ready = false
    d.device = d.saved = 0
  },
})

const vdpa = (reads: string): readonly Part[] => [
  thread(
    'host',
    { actor: 'host', says: 'suspend and resume of a machine with a vDPA device' },
    ...(reads === 'before' ? [suspend, ask, reset] : [reset, ask]),
    step('set_vq_state', {
      origin: source(mlx5, 'mlx5_vdpa_set_vq_state'),
      says: 'user space gives the index back: of what is available and what is used, which are the same',
      then: (d) => void (d.saved = d.base),
    }),
    step('DRIVER_OK', {
      origin: source(mlx5, 'resume_vqs'),
      says: 'the queues get the indices and are ready',
      then: (d) => {
        d.device = d.saved
        d.ready = true
      },
      goto: reads === 'before' ? 'mlx5_vdpa_suspend' : 'mlx5_vdpa_reset',
    }),
  ),
  action('buffer', {
    actor: 'guest',
    origin: env('the guest passes a buffer, and the device uses it'),
    when: (s) => s.left > 0 && s.ready,
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
    step('write', {
      origin: env('user space has a chunk'),
      when: (s) => s.left > 0,
      then: (d) => void d.left--,
    }),
    call(
      source(migration, 'pds_vfio_restore_write'),
      lock.lock,
      does('is_disabled', {
        says: 'a file that was disabled refuses',
        either: { no: { when: (s) => !s.disabled }, yes: { when: (s) => s.disabled, goto: 'mutex_unlock:lock' } },
      }),
      pages.use,
      lock.unlock,
      does('return', { goto: 'write' }),
    ),
  ),
  thread(
    'reset',
    { actor: 'guest', says: 'the device recovers, or is reset by the bus: pds_vfio_reset' },
    call(
      source(migration, 'pds_vfio_put_restore_file'),
      call(source(migration, 'pds_vfio_put_lm_file'), lock.lock, set({ disabled: true }), pages.free, lock.unlock),
    ),
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
    base: 0,
    ready: true,
    lock: 'free',
    pages: 'alive',
    disabled: false,
    left: requests,
    rounds,
  }),
  parts: ({ what, reads }) => (what === 'vdpa' ? vdpa(reads) : vfio),
  patches: [
    patch('indices-kept', {
      kind: 'era',
      says: 'The reset saves the indices of the queues that it tears down and leaves them where user space can still ask for them.',
      reference: 'since bc04d93ea30a (2021), so in 6.1.192; no longer in 7.3.4',
      edits: [
        edit.replace('host.mlx5_vdpa_reset', {
          says: 'the queues are torn down, and their indices saved',
          then: (d) => {
            if (d.ready) {
              d.rounds--
              d.saved = d.device
            }
            d.ready = false
            d.device = 0
          },
        }),
      ],
    }),
    patch('file-not-disabled', {
      kind: 'era',
      says: 'The reset frees the pages and leaves the file as it is.',
      reference: 'before 457f73082547',
      edits: [edit.remove('reset.pds_vfio_put_restore_file:pds_vfio_put_lm_file:disabled=true')],
    }),
    patch('disabled-without-lock', {
      kind: 'fault',
      says: 'The file is disabled, but not under its lock: a write may be past its check.',
      edits: ['lock', 'unlock'].map((one) =>
        edit.remove(`reset.pds_vfio_put_restore_file:pds_vfio_put_lm_file:mutex_${one}:lock`),
      ),
    }),
    patch('lock-kept', {
      kind: 'fault',
      says: 'A write that is refused keeps the lock.',
      edits: [edit.replace('write.pds_vfio_restore_write:is_disabled/yes', { goto: 'write' })],
    }),
  ],
  resting: (s, at) =>
    at.has('host')
      ? s.rounds === 0 && s.left === 0 && s.ready
      : at('write', 'write') && at('reset', 'end') && s.lock === 'free',
  abstractions: [
    'The two devices share nothing but the shape: a reset, and somebody who goes on as if there had been none.',
    'One queue. What is available and what is used are one index: the device completes in order, and user space gives one number for both (mlx5_vdpa_set_vq_state).',
    'mlx5: both callers hold reslock over each of these steps; a suspend or a reset that fails is left out.',
    'pds: a reset closes the file once, and forgets it; both callers of pds_vfio_reset() hold state_mutex, so that the files are not closed twice; the file for saving has the same lock and the same test.',
  ],
})
