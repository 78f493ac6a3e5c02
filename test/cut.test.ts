/** Steps in two: others run in between, and the rest goes on with what it had seen. */

import assert from 'node:assert/strict'
import { bool, env, int, list, over, parameter, propertiesOver, record, system } from '../src/index.js'
import { check } from '../src/check.js'
import { atomicity } from '../src/ask/atomicity.js'
import { cutAt, cutPointsOf } from '../src/write/cut.js'
import { instantiate } from '../src/write/system.js'

const state = record({
  ready: bool(),
  ring: record({ used: int(0, 2), posted: int(0, 2) }),
  late: bool(),
  gone: bool(),
})
const { model, thread, step } = over(state)
const { always, reachable, step: onStep } = propertiesOver(state)
const origin = env('a toy')

/** A handler that takes what is used and posts it again if the device is ready, and a removal that may wait for it. */
const devices = model('device', {
  question: 'Is anything posted to a device that is gone?',
  parameters: { waits: parameter(bool(), true, 'the removal waits for the handler') },
  actors: { irq: system('a handler'), pm: system('removes') },
  initial: () => ({ ready: true, ring: { used: 2, posted: 0 }, late: false, gone: false }),
  parts: ({ waits }) => [
    thread(
      'handler',
      { actor: 'irq' },
      step('idle', { origin, when: (s) => s.ready && s.ring.used > 0 }),
      step('handle', {
        origin,
        then: (d) => {
          const { used } = d.ring
          d.ring.used = 0
          if (!d.ready) return
          d.ring.posted = used
          d.late ||= d.gone
        },
        goto: 'idle',
      }),
    ),
    thread(
      'remove',
      { actor: 'pm' },
      step('stop', { origin, then: (d) => void (d.ready = false) }),
      step('go', {
        origin,
        when: (_s, _, at) => !waits || !at('handler', 'handle'),
        then: (d) => void (d.gone = true),
      }),
    ),
  ],
  resting: (_, at) => at('remove', 'end'),
})
const device = instantiate(devices)

const properties = [
  always('nothing-late', 'Nothing is posted once it is gone.', (s) => !s.late),
  always('all-or-none', 'What was used is posted, while the device is ready.', {
    when: (s, at) => s.ready && at('handler', 'idle') && s.ring.used === 0,
    holds: (s) => s.ring.posted === 2,
  }),
  onStep('handles-both', 'The handler takes both.', {
    on: 'handler.handle',
    holds: (before, after) => before.ring.used - after.ring.used === 2,
  }),
  reachable('is-gone', 'It can be removed.', (s) => s.gone),
]

describe('a cut', () => {
  const point = cutPointsOf(device).find(({ target }) => target === 'handler.handle')!

  it('is offered where a step has effects', () => {
    assert.deepEqual(
      cutPointsOf(device).map(({ target }) => target),
      ['handler.handle', 'remove.stop', 'remove.go'],
    )
  })

  it('lets others run between two writes; the rest has what it had read, and sees what there is now', async () => {
    const { verdicts, unfired } = await check(cutAt(device, point, 1), [
      reachable('as-read', 'What was read before the cut is written behind it.', (s) => s.ring.posted === 2),
      reachable(
        'stopped',
        'A stop in between is seen.',
        (s, at) => at('handler', 'idle') && s.ring.used === 0 && s.ring.posted === 0,
      ),
    ])
    assert.deepEqual(
      verdicts.filter(({ kind }) => kind === 'reachable').map(({ verdict }) => verdict),
      ['holds', 'holds'],
    )
    assert.ok(!unfired.includes('handler.handle/whole:begun'))
  })

  it('leaves a step whole that writes no more than that', async () => {
    const { unfired } = await check(cutAt(device, point, 5), properties)
    assert.ok(unfired.includes('handler.handle/whole:begun'))
  })

  it('leaves who has begun a step at that step, for whoever waits for it', async () => {
    const { verdicts } = await check(cutAt(device, point, 1), properties)
    assert.equal(verdicts.find(({ property }) => property === 'nothing-late')!.verdict, 'holds')
  })

  it('goes through lists and arrays like the step itself', async () => {
    const queue = record({ waiting: list(3, int(0, 3)), sum: int(0, 6) })
    const over3 = over(queue)
    const sums = instantiate(
      over3.model('sums', {
        question: 'Is all that waits counted?',
        actors: { worker: system('counts') },
        initial: () => ({ waiting: [1, 2, 3], sum: 0 }),
        parts: () => [
          over3.thread(
            'count',
            { actor: 'worker' },
            over3.step('all', {
              origin,
              then: (d) => {
                for (const n of d.waiting) d.sum += n
                d.waiting = []
              },
            }),
          ),
        ],
        resting: (_, at) => at('count', 'end'),
      }),
    )
    const counted = propertiesOver(queue).always('counted', 'All is counted at the end.', {
      when: (_, at) => at('count', 'end'),
      holds: (s) => s.sum === 6 && s.waiting.length === 0,
    })
    for (const after of [1, 2, 3]) {
      const { verdicts, unfired } = await check(cutAt(sums, cutPointsOf(sums)[0]!, after), [counted])
      assert.equal(verdicts.at(-1)!.verdict, 'holds', `after ${after}`)
      assert.ok(!unfired.includes('count.all/whole:begun'), `after ${after}`)
    }
  })
})

describe('atomicity', () => {
  it('tells which verdicts need a step to be one, with what is written before the cut', async () => {
    const careless = instantiate(devices, { parameters: { waits: false } })
    const { points, cuts, seams, undecided } = await atomicity(careless, properties.slice(0, 1))
    assert.deepEqual([points, cuts, undecided], [3, 2, []])
    assert.deepEqual(seams, [
      {
        target: 'handler.handle',
        after: 2,
        writes: ['ring.used', 'ring.posted'],
        breaks: [{ property: 'nothing-late', verdict: 'violated', steps: 5 }],
      },
    ])
    assert.deepEqual((await atomicity(device, properties.slice(0, 1))).seams, [], 'a removal that waits needs no lock')
    const ofSteps = properties.filter(({ name }) => name === 'handles-both')
    const ofHalves = onStep('of-any', 'Whatever the handler does, it takes both.', {
      on: 'handler.*handle*',
      holds: (before, after) => before.ring.used - after.ring.used === 2,
    })
    assert.deepEqual((await atomicity(device, [...ofSteps, ofHalves])).seams, [], 'of a half nobody says anything')
  })
})
