/** The balloon: its state, and how driver and device speak of a page. */

import { bool, int, oneOf, over, record, source, type ValueOf } from '../../src/index.js'
import * as virtio from './machine.js'

export const file = 'drivers/virtio/virtio_balloon.c'

/** The machine with the balloon queue and the reporting queue, and the page that changes hands. */
export const state = record({
  ...virtio.machine('balloon', 'reporting'),
  /** Pages in the balloon: as the guest counts, as the host does, as the host wants. */
  actual: int(0, 1),
  hostActual: int(0, 1),
  target: int(0, 1),
  /** What the message in the balloon queue says. */
  message: oneOf('none', 'inflate', 'deflate'),
  sizeWork: bool(),
  reportWork: bool(),
})

export type Balloon = ValueOf<typeof state>

const { step } = over(state)

export const say = (d: Balloon, message: 'inflate' | 'deflate'): void => {
  virtio.add(d, 'balloon')
  virtio.kick(d, 'balloon')
  d.message = message
}

export const acked = (s: Balloon): boolean => s.queues.balloon.buffer === 'used'

export const takeAck = (d: Balloon): void => {
  if (!virtio.getBuf(d, 'balloon')) return
  d.actual = d.message === 'inflate' ? 1 : 0
  d.message = 'none'
}

export const leak_balloon = step('leak_balloon', {
  origin: source(file, 'leak_balloon'),
  either: {
    virtqueue_add: { when: (s) => s.actual > 0, then: (d) => say(d, 'deflate'), signals: 'host' },
    empty: { when: (s) => s.actual === 0, goto: 'update_balloon_size' },
  },
})

export const wait_ack = (name: string) =>
  step(name, {
    origin: source(file, 'tell_host'),
    when: acked,
    then: takeAck,
    says: 'tell_host waits for the acknowledgement of the host.',
  })
