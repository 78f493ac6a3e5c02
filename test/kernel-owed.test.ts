/** What the things of the kernel owe: each promise kept by one toy and broken by another. */

import assert from 'node:assert/strict'
import { instantiate, over, record, source, system as actor, type Model, type ValueOf } from '../src/index.js'
import { check } from '../src/check.js'
import {
  delayedWork,
  emptyMailbox,
  idleTimer,
  idleWork,
  irq,
  kernelOver,
  kernelProperties,
  lifetime,
  localIrq,
  mailbox,
  mutex,
  napi,
  owedNames,
  quietIrq,
  refcount,
  reset,
  runtimePM,
  rwsem,
  spinlock,
  timer,
  activeDevice,
} from '../src/kernel.js'
import type { Part } from '../src/write/model.js'
import type { Piece } from '../src/write/piece.js'

const state = record({
  a: mutex('t', 'u', 'w'),
  b: mutex('t', 'u', 'w'),
  sem: rwsem('t', 'u'),
  spin: spinlock('t', 'u', 'hard'),
  cpu: localIrq('t'),
  work: delayedWork('w'),
  timer: timer(),
  line: irq(),
  poll: napi(),
  pm: runtimePM(),
  ref: refcount(),
  object: lifetime('work', 'timer', 'a'),
  rst: reset(),
  box: mailbox(),
})
const initial = {
  a: 'free',
  b: 'free',
  sem: { writer: 'free', readers: { t: false, u: false }, waiting: 'none' },
  spin: { owner: 'free', irqsave: false },
  cpu: 'on',
  work: idleWork('w'),
  timer: idleTimer,
  line: quietIrq,
  poll: { state: 'owned', disabling: false, missed: false },
  pm: activeDevice,
  ref: 1,
  object: 'alive',
  rst: 'deasserted',
  box: emptyMailbox,
} as const

const { model, thread, call, as, patch, edit } = over(state)
const k = kernelOver(state)
const f = source('a.c', 'f')

const toy = (...parts: readonly Part[]): Model =>
  model('toy', {
    question: 'Is the promise kept?',
    actors: { a: actor('does it') },
    initial: () => structuredClone(initial) as never,
    parts: () => parts,
    resting: () => true,
  })

type Steps = readonly Piece<ValueOf<typeof state>>[]

const one = (name: string, ...steps: Steps): Part => thread(name, { actor: 'a' }, call(f, ...steps))
const worker = (...steps: Steps): Part => k.work.worker('w', { actor: 'a' }, ...steps)

const hard = [k.line.raised('a'), k.line.handler({ actor: 'a', name: 'hard' }, call(f, k.spin.lock, k.spin.unlock))]

/** Parts that keep the promise, and parts that break it. */
const toys: Readonly<Record<string, readonly (readonly [kept: readonly Part[], broken: readonly Part[]])[]>> = {
  'no-self-deadlock': [
    [[one('t', k.a.lock, k.a.unlock)], [one('t', k.a.lock, call(f, k.a.lock))]],
    [[one('t', k.sem.downRead, k.sem.upRead)], [one('t', k.sem.downRead, k.sem.downWrite)]],
    [
      [one('t', k.a.lock, k.work.queue, k.work.cancelSync, k.a.unlock), worker()],
      [one('t', k.work.queue), worker(k.work.cancelSync)],
    ],
  ],
  'unlocked-by-owner': [
    [[one('t', k.a.lock, k.a.unlock)], [one('t', k.a.unlock)]],
    [[one('t', k.spin.lock, k.spin.unlock)], [one('t', k.spin.lock), one('u', k.spin.unlock)]],
    [[one('t', k.sem.downRead, k.sem.upRead)], [one('t', k.sem.upWrite)]],
    [[one('t', k.cpu.disable, k.cpu.enable)], [one('t', k.cpu.enable)]],
  ],
  'lock-order': [
    [
      [one('t', k.a.lock, k.b.lock, k.b.unlock, k.a.unlock)],
      [
        one(
          't',
          k.a.lock,
          k.b.lock,
          k.b.unlock,
          k.a.unlock,
          call(source('b.c', 'g'), k.b.lock, k.a.lock, k.a.unlock, k.b.unlock),
        ),
      ],
    ],
  ],
  'no-sleep-while-atomic': [
    [
      [one('t', k.spin.lock, k.spin.unlock, k.a.lock, k.a.unlock)],
      [one('t', k.spin.lock, k.a.lock, k.a.unlock, k.spin.unlock)],
    ],
    [[one('t', k.cpu.disable, k.cpu.enable, k.work.cancelSync)], [one('t', k.cpu.disable, k.work.cancelSync)]],
    [
      [
        k.line.raised('a'),
        k.line.thread({ actor: 'a', name: 't', alone: true }, k.a.lock, k.a.unlock),
        one('u', k.spin.lock, k.spin.unlock, k.a.lock, k.a.unlock),
      ],
      [k.line.raised('a'), k.line.handler({ actor: 'a', name: 't' }, k.a.lock, k.a.unlock)],
    ],
  ],
  'no-free-in-use': [
    [
      [one('t', k.work.queue, k.work.cancelSync, k.object.free), worker()],
      [one('t', k.work.queue, k.work.cancel, k.object.free), worker()],
    ],
    [
      [
        one('t', k.timer.mod, k.timer.shutdownSync, k.object.free),
        k.timer.handler({ actor: 'a', name: 'u' }, k.timer.mod),
      ],
      [one('t', k.timer.mod, k.timer.del, k.object.free), k.timer.handler({ actor: 'a', name: 'u' }, k.timer.mod)],
    ],
    [[one('t', k.a.lock, k.a.unlock, k.object.free)], [one('t', k.a.lock, k.object.free)]],
  ],
  'no-use-after-free': [
    [[one('t', k.object.use, k.object.free)], [one('t', k.object.free), one('u', k.object.use)]],
    [[one('t', k.object.free)], [one('t', k.object.free, call(f, k.object.free))]],
  ],
  'no-init-in-use': [[[one('t', k.work.cancelSync, k.work.init('w'))], [one('t', k.work.queue, k.work.init('w'))]]],
  'usage-not-negative': [
    [[one('t', k.pm.getNoresume, k.pm.putNoidle)], [one('t', k.pm.putNoidle)]],
    [[one('t', k.ref.get, k.ref.put())], [one('t', k.ref.put()), one('u', k.ref.get)]],
  ],
  'no-wait-under-its-lock': [
    [
      [one('t', k.work.queue, k.a.lock, k.a.unlock, k.work.cancelSync), worker(k.a.lock, k.a.unlock)],
      [one('t', k.work.queue, k.a.lock, k.work.cancelSync, k.a.unlock), worker(k.a.lock, k.a.unlock)],
    ],
  ],
  'enables-balanced': [
    [[one('t', k.line.disable, k.line.enable)], [one('t', k.line.enable)]],
    [[one('t', k.line.enableWake, k.line.disableWake)], [one('t', k.line.disableWake)]],
    [[one('t', k.poll.enable, k.poll.disable)], [one('t', k.poll.enable, call(f, k.poll.enable))]],
    [[one('t', k.work.disableSync, k.work.enable)], [one('t', k.work.enable)]],
    [[one('t', k.pm.disable, k.pm.enable)], [one('t', k.pm.enable)]],
  ],
  'no-lock-open-to-interrupts': [
    [
      [one('t', k.spin.lockIrqsave, k.spin.unlockIrqrestore), ...hard],
      [one('t', k.spin.lock, k.spin.unlock), ...hard],
    ],
  ],
  'no-wait-cycle': [
    [
      [one('t', k.a.lock, k.b.lock, k.b.unlock, k.a.unlock), one('u', k.a.lock, k.b.lock, k.b.unlock, k.a.unlock)],
      [one('t', k.a.lock, k.b.lock, k.b.unlock, k.a.unlock), one('u', k.b.lock, k.a.lock, k.a.unlock, k.b.unlock)],
    ],
    [
      [one('t', k.work.queue, k.work.cancelSync), worker(k.a.lock, k.a.unlock)],
      [one('t', k.a.lock, k.work.queue, k.work.cancelSync, k.a.unlock), worker(k.a.lock, k.a.unlock)],
    ],
  ],
  'no-access-in-reset': [
    [[one('t', k.rst.assert, k.rst.deassert, k.rst.access)], [one('t', k.rst.assert), one('u', k.rst.access)]],
  ],
  'no-stale-answer': [
    [
      [one('t', k.box.send, k.box.wait), k.box.answers('a')],
      [
        one(
          't',
          k.box.send,
          k.box.waitTimeout({ goto: 'again:box', short: true }),
          as('again:box', k.box.send),
          k.box.wait,
        ),
        k.box.answers('a'),
      ],
    ],
  ],
}

const verdictOf = async (made: Model, promise: string): Promise<string> => {
  const { verdicts } = await check(instantiate(made), kernelProperties(made))
  return verdicts.find(({ property }) => property === promise)?.verdict ?? 'not asked'
}

describe('what the things of the kernel owe', () => {
  it('is tried here, all of it', () => assert.deepEqual(Object.keys(toys).sort(), [...owedNames].sort()))

  for (const [promise, pairs] of Object.entries(toys))
    it(`${promise}: kept by some, broken by others`, async () => {
      for (const [kept, broken] of pairs) {
        assert.equal(await verdictOf(toy(...broken), promise), 'violated')
        assert.equal(await verdictOf(toy(...kept), promise), 'holds')
      }
    })
})

describe('kernelProperties', () => {
  const made = toy(one('t', k.a.lock, k.a.unlock))

  it('asks only what the words of the model owe', () =>
    assert.deepEqual(
      kernelProperties(made).map(({ name }) => name),
      ['no-self-deadlock', 'unlocked-by-owner'],
    ))

  it('does not blame a variant for the lock that another one has its callback wait for', async () => {
    const waits = one('t', k.a.lock, k.work.queue, k.work.cancelSync, k.a.unlock)
    const tries = call(f, k.a.trylock({ goto: 'worker_done:work' }), k.a.unlock)
    const says = 'It waits for the lock.'
    const target = 'w.f:mutex_trylock:a'
    const edits = [edit.before(target, call(f, k.a.lock)), edit.remove(target)]
    const both = model('toy', {
      ...toy(waits, worker(tries)).declared,
      parts: () => [waits, worker(tries)],
      patches: [patch('waits', { kind: 'fault', says, edits })],
    } as never)
    const verdict = async (...patches: readonly string[]) => {
      const { verdicts } = await check(instantiate(both, { patches }), kernelProperties(both))
      return verdicts.find(({ property }) => property === 'no-wait-under-its-lock')?.verdict
    }
    assert.equal(await verdict(), 'trivial')
    assert.equal(await verdict('waits'), 'violated')
  })

  it('leaves out what there is a reason for, and nothing else', () => {
    const leaveOut = { 'no-self-deadlock': 'a toy' }
    assert.deepEqual(
      kernelProperties(made, { leaveOut }).map(({ name }) => name),
      ['unlocked-by-owner'],
    )
    assert.throws(
      () => kernelProperties(made, { leaveOut: { 'no-self-deadlok': 'x' } }),
      /did you mean 'no-self-deadlock'/,
    )
    assert.throws(() => kernelProperties(made, { leaveOut: { 'lock-order': 'x' } }), /is not asked of this model/)
    assert.throws(() => kernelProperties(made, { leaveOut: { 'no-self-deadlock': ' ' } }), /without a reason/)
  })

  it('is refused where a lock does not know its thread, and where a state has no things', () => {
    assert.throws(() => one('stranger', k.a.lock), /thread stranger.*does not know a: mutex lock/)
    assert.throws(() => kernelOver(record({})), /finds no thing/)
  })
})
