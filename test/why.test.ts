import assert from 'node:assert/strict'
import { bool, env, instantiate, int, over, propertiesOver, record, system } from '../src/index.js'
import { check } from '../src/search/check.js'
import { why } from '../src/ask/counterfactuals.js'
import { instanceOf, loadProtocol, systemOf } from '../src/tell/protocol.js'

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
    resting: (_, at) => at('driver', 'end'),
  }),
)
const { always, eventuallyAlways, observer, possible } = propertiesOver(state)
const found = always('buffers-found', 'An interrupt finds its buffers.', (s) => !s.lost)
const properties = [found, possible('can-interrupt', 'An interrupt is possible.', (s) => s.irqs === 1 || !s.ready)]

describe('why', () => {
  it('names the order on which a violation depends', async () => {
    const { verdict, moves } = await why(reset, properties, 'buffers-found')
    assert.equal(verdict.run.steps.length, 2)
    assert.deepEqual(moves, [{ step: 1, behind: 2, name: 'driver.take', behindName: 'device.irq' }])
  })

  it('names the window in which a step has to run, also where the run ends before it closes', async () => {
    const { window } = await why(reset, properties, 'buffers-found')
    assert.deepEqual(window, {
      inside: { step: 2, name: 'device.irq' },
      after: { step: 1, name: 'driver.take' },
      before: { step: null, name: 'driver.reset' },
    })
  })

  for (const [where, property, inside, after, before] of [
    ['xen-domain-freeze/S16', 'all-are-frozen', 'build.createdomain', 'freeze.pause/next', 'freeze.pause/over'],
    ['vcpu-pause/X17', 'wakeup-not-lost', 'device.raise(1)', undefined, 'control.domain_resume'],
    ['virtio-pci/C6', 'no-dma-after-kexec', 'host.virtqueue_pop(event)', 'shutdown.machine_kexec', undefined],
  ] as const)
    it(`tells of ${where} that it takes ${inside} in its window`, async () => {
      const [name, id] = where.split('/') as [string, string]
      const protocol = await loadProtocol(name)
      const { window } = await why(systemOf(protocol, instanceOf(protocol, id)), protocol.properties, property)
      assert.deepEqual([window?.inside.name, window?.after?.name, window?.before?.name], [inside, after, before])
    }).timeout(60_000)

  it('names guards that would have helped, each held up by a search', async () => {
    const { waits, tried } = await why(reset, properties, 'buffers-found')
    assert.deepEqual(waits[0], { name: 'device.irq', field: 'buffers', value: 0, breaks: [] })
    // After three that break nothing else no more are tried.
    assert.deepEqual([tried, waits.length], [7, 3])
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

  it('says why no other order is told, and tries guards all the same', async () => {
    await assert.rejects(why(reset, properties, 'can-interrupt'), /its verdict is holds: there is no run to explain/)
    const stays = eventuallyAlways('stays', 'In the end it is lost.', (s) => s.lost)
    const { fixed, moves, window, waits, tried } = await why(reset, [stays], 'stays')
    assert.equal(fixed, 'its run may stop anywhere, so that no order of its steps decides')
    assert.deepEqual([moves, window, waits, tried], [[], null, [], 4])
  })

  it('explains what an observer has seen, without a guard on what it notes', async () => {
    const seen = observer('seen', 'No interrupt comes after the buffers are gone.', {
      state: record({ gone: bool(), late: bool() }),
      initial: { gone: false, late: false },
      next: (own, before, _after, { name }) => {
        own.late = own.late || (name === 'device.irq' && own.gone)
        own.gone = before.buffers === 0 || name === 'driver.take'
      },
      wrong: (own) => own.late,
    })
    const { window, waits } = await why(reset, [seen], 'seen')
    assert.equal(window?.inside.name, 'device.irq')
    assert.deepEqual(
      waits.map(({ name, field, value }) => [name, field, value]),
      [
        ['device.irq', 'buffers', 0],
        ['device.irq', 'at driver', 'reset'],
        ['driver.take', 'irqs', 0],
      ],
    )
  })

  it('tries guards against an error that the checker has cancelled into, and against a lasso', async () => {
    const guest = await loadProtocol('xen-pv-guest')
    const system = systemOf(guest, instanceOf(guest, 'B17'))
    const cancelled = await why(system, guest.properties, 'cancel-returns')
    assert.deepEqual([cancelled.verdict.kind, cancelled.tried, cancelled.waits], ['cancel', 25, []])
    const arm = await loadProtocol('xen-arm-control')
    const lasso = await why(systemOf(arm, instanceOf(arm, 'S4')), arm.properties, 'request-served')
    assert.deepEqual([lasso.fixed, lasso.window], ['its run goes on for ever', null])
    assert.deepEqual([lasso.tried, lasso.waits], [53, []])
  }).timeout(120_000)

  it('finds a guard that ends a run which goes on for ever, held up by a search', async () => {
    const smp = await loadProtocol('smp-suspend')
    const spinning = systemOf(smp, instanceOf(smp, 'B31-one'))
    const { verdict, waits, tried } = await why(spinning, smp.properties, 'suspend-ends')
    assert.notEqual(verdict.run.loop, undefined)
    assert.deepEqual(
      [waits, tried],
      [[{ name: 'ap_suspend.do_spin/read_lock(1)', field: 'at suspend', value: 'write_lock', breaks: [] }], 35],
    )
    const transitions = spinning.transitions.map((one): typeof one =>
      one.name === waits[0]!.name
        ? { ...one, guards: [...one.guards, (_state, _args, at) => !at('suspend', 'write_lock')] }
        : one,
    )
    const { verdicts } = await check({ ...spinning, transitions }, smp.properties)
    assert.equal(verdicts.find(({ property }) => property === 'suspend-ends')!.verdict, 'holds')
  }).timeout(60_000)
})
