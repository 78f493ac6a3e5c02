import assert from 'node:assert/strict'
import { bool, env, instantiate, int, over, propertiesOver, record, system } from '../src/index.js'
import { check } from '../src/search/check.js'
import { why } from '../src/search/variants/why.js'

/** A driver resets its device and takes the buffers back; an interrupt in between finds them gone. */
const state = record({ ready: bool(), buffers: int(0, 1), lost: bool(), irqs: int(0, 1) })
const { model, thread, step, action } = over(state)
const origin = env('a toy')
const reset = instantiate(
  model('reset', {
    question: 'Does the interrupt find its buffers?',
    actors: { driver: system('resets'), device: system('interrupts') },
    initial: () => ({ ready: true, buffers: 1, lost: false, irqs: 0 }),
    parts: () => [
      thread(
        'driver',
        { actor: 'driver' },
        step('take', { origin, then: (d) => void (d.buffers = 0) }),
        step('reset', { origin, then: (d) => void (d.ready = false) }),
      ),
      action('irq', {
        actor: 'device',
        origin,
        when: (s) => s.ready && s.irqs === 0,
        then: (d) => {
          d.irqs = 1
          if (d.buffers === 0) d.lost = true
        },
      }),
    ],
    resting: (_, { driver }) => driver === 'end',
  }),
)
const { always, eventuallyAlways, possible } = propertiesOver(state)
const found = always('buffers-found', 'An interrupt finds its buffers.', (s) => !s.lost)
const properties = [found, possible('can-interrupt', 'An interrupt is possible.', (s) => s.irqs === 1 || !s.ready)]

describe('why', () => {
  it('names the order on which a violation depends', async () => {
    const { verdict, moves } = await why(reset, properties, 'buffers-found')
    assert.equal(verdict.run.steps.length, 2)
    assert.deepEqual(moves, [{ step: 1, behind: 2, name: 'driver.take', behindName: 'device.irq' }])
  })

  it('names guards that would have helped, each held up by a search', async () => {
    const { waits, tried } = await why(reset, properties, 'buffers-found')
    assert.deepEqual(waits[0], { name: 'device.irq', field: 'buffers', value: 0, breaks: [] })
    assert(tried >= waits.length)
    const transitions = reset.transitions.map((one) =>
      one.name === 'device.irq'
        ? { ...one, guards: [...one.guards, (s: unknown) => (s as { buffers: number }).buffers !== 0] }
        : one,
    )
    const { verdicts } = await check({ ...reset, transitions }, properties)
    assert(verdicts.every(({ verdict }) => verdict === 'holds'))
  })

  it('counts no guard that stops its step for good', async () => {
    const never = always('never', 'No interrupt ever comes.', (s) => s.irqs === 0)
    const { moves, waits } = await why(reset, [never], 'never')
    assert.deepEqual([moves, waits], [[], []])
  })

  it('says what it cannot explain', async () => {
    await assert.rejects(why(reset, properties, 'can-interrupt'), /its verdict is holds: there is no run to explain/)
    const stays = eventuallyAlways('stays', 'In the end it is lost.', (s) => s.lost)
    await assert.rejects(why(reset, [stays], 'stays'), /cannot be told in another order/)
  })
})
