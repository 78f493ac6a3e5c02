/** A protocol whose properties have searches of their own, which several threads share: virtio-freeze. */

import { bool, env, int, over, propertiesOver, record, system, type Property } from '../src/index.js'
import freeze, { state } from '../bench/freeze.js'

export default freeze

const origin = env('a toy')
const plainState = record({ queue: bool() })
const { model, action } = over(plainState)

/** A queue that is there or not, or that is only deleted. */
const queue = (name: string, remade: boolean) =>
  model(name, {
    question: 'Is there a queue?',
    actors: { driver: system('makes and deletes it') },
    initial: () => ({ queue: true }),
    parts: () => [
      action('delete', { actor: 'driver', origin, when: (s) => s.queue, then: (d) => void (d.queue = false) }),
      action('make', {
        actor: 'driver',
        origin,
        when: (s) => remade && !s.queue,
        then: (d) => void (d.queue = true),
      }),
    ],
  })

const { observer, refines, cancel } = propertiesOver(state)

const resets = record({ times: int(0, 3) })

/** What each of them is: two of the kinds hold here, and are broken there. */
export const properties: readonly Property[] = [
  observer('never-resets-thrice', 'The device is not reset three times.', {
    state: resets,
    initial: { times: 0 },
    on: 'pm.reset',
    next: (own) => void (own.times = Math.min(3, own.times + 1)),
    wrong: ({ times }) => times === 3,
  }),
  observer('finds-after-delete', 'A queue is made only where it was deleted.', {
    state: record({ deleted: bool(), wrong: bool() }),
    initial: { deleted: false, wrong: false },
    on: ['pm.delvqs/last', 'pm.findvqs'],
    next: (own, _before, _after, { step }) => {
      if (step === 'pm.findvqs') own.wrong ||= !own.deleted
      own.deleted = step !== 'pm.findvqs'
    },
    wrong: ({ wrong }) => wrong,
  }),
  refines('is-plain', 'The queue is made and deleted.', {
    abstract: queue('plain', true),
    map: (s) => ({ queue: s.d[0]!.vq }),
  }),
  refines('is-not-made-again', 'The queue is only deleted.', {
    abstract: queue('deleted', false),
    map: (s) => ({ queue: s.d[0]!.vq }),
    remember: { state: resets, initial: { times: 0 }, on: 'pm.reset', next: (own) => void (own.times = 1) },
  }),
  ...cancel('cancel', {
    what: 'the freeze',
    thread: 'pm',
    request: 'run',
    commit: 'sleep',
    interrupts: { wake: { when: (s) => !s.wake, then: (d) => void (d.wake = true) } },
    idle: (_, at) => at('pm', 'run'),
    running: (s) => s.d[0]!.vq && s.d[0]!.dev,
    stopped: [{ what: 'the queue', suspend: 'pm.delvqs', resume: 'pm.findvqs' }],
  }),
]
