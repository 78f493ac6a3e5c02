/** A disk and a network device that are frozen in parallel: their state, and the disk that is pulled out. */

import { bool, each, env, oneOf, over, record, source, type ValueOf } from '../../src/index.js'

/** The locks, the two gates of the disk's queue, one request, and what the two devices have. */
export const state = record({
  phase: oneOf('running', 'suspending', 'asleep', 'resuming'),
  /** A sleep is still to come. */
  sleeps: bool(),
  rtnl: oneOf('free', 'net', 'holder'),
  deviceLock: oneOf('free', 'pm', 'remove'),
  frozen: bool(),
  quiesced: bool(),
  vqs: each(['blk', 'net'], bool()),
  /** The request of a kernel thread, and of the holder of rtnl_lock. */
  request: each(['io', 'holder'], oneOf('none', 'entered', 'in the ring', 'done')),
  unplugged: bool(),
  broken: bool(),
  /** The disk is marked dead: whoever comes to the entry of its queue is refused. */
  dead: bool(),
})

export type Parallel = ValueOf<typeof state>

const { thread, step, action } = over(state)

/** Nobody is between entry and completion. */
export const drained = (s: { readonly request: Readonly<Record<'io' | 'holder', string>> }): boolean =>
  (s.request.io === 'none' || s.request.io === 'done') && (s.request.holder === 'none' || s.request.holder === 'done')

/** The disk is pulled out, and the handler of that. */
export const surprise = [
  action('unplug', {
    actor: 'host',
    origin: env('the disk is pulled out'),
    when: (s) => !s.unplugged,
    then: (d) => void (d.unplugged = true),
  }),
  thread(
    'remove',
    { actor: 'hotplug', says: 'the hotplug handler' },
    step('device_lock', {
      origin: source('drivers/base/dd.c', 'device_release_driver'),
      when: (s) => s.unplugged && s.deviceLock === 'free' && s.phase !== 'asleep',
      then: (d) => void (d.deviceLock = 'remove'),
    }),
    step('virtio_break_device', {
      origin: source('drivers/virtio/virtio_pci_common.c', 'virtio_pci_remove'),
      then: (d) => void (d.broken = true),
      says: 'From here on nothing can be added. What is in the ring stays there: nobody looks for it.',
    }),
    step('del_gendisk', {
      origin: source('block/genhd.c', '__blk_mark_disk_dead'),
      then: (d) => void (d.dead = true),
      says: 'No request enters any more.',
    }),
    step('blk_mq_freeze_queue_wait', { origin: source('block/genhd.c', 'del_gendisk'), when: drained }),
    step('virtio_reset_device', {
      origin: source('drivers/virtio/virtio_pci_modern.c', 'vp_reset'),
      when: (s) => !s.unplugged,
      says: 'Waits for a status of 0; a device that is gone answers with all ones.',
    }),
    step('vp_del_vqs', {
      origin: source('drivers/virtio/virtio_pci_common.c', 'vp_del_vqs'),
      then: (d) => {
        d.vqs.blk = false
        d.deviceLock = 'free'
      },
    }),
  ),
]
