/** What the words of things do not take: refused where it stands, as in all other words. */

import assert from 'node:assert/strict'
import * as kernel from '../src/kernel.js'
import { wordsTake } from '../src/kernel/takes.js'
import { bool, Mistake, record } from '../src/index.js'

type Loose = Readonly<Record<string, (...given: unknown[]) => unknown>>

const { kernelOver } = kernel
const make = kernel as unknown as Loose

const state = record({
  tz: kernel.mutex('a', 'b'),
  clk: kernel.recursiveMutex(2, 'a'),
  sem: kernel.rwsem('a'),
  spin: kernel.spinlock('a'),
  irqs: kernel.localIrq('a'),
  item: kernel.work('check', 'other'),
  wq: kernel.workqueue(),
  timer: kernel.timer(),
  soft: kernel.tasklet(),
  napi: kernel.napi(),
  line: kernel.irq(),
  done: kernel.completion(),
  wait: kernel.waitqueue('a'),
  kt: kernel.kthread(),
  cold: kernel.freezer('a'),
  dev: kernel.runtimePM(),
  link: kernel.deviceLink('dev'),
  ref: kernel.refcount(),
  zone: kernel.lifetime('item'),
  grace: kernel.rcu('a'),
  chain: kernel.notifier('block'),
  events: kernel.wakeup(),
  rst: kernel.reset(),
  box: kernel.mailbox(),
  meet: kernel.barrier('a', 'b'),
  kick: kernel.kick(),
  own: kernel.local(bool(), 'a'),
  tries: kernel.retries(2),
})
const words = kernelOver(state) as unknown as Readonly<Record<string, Loose>>

/** A call of a word of a thing, and what is said of it; a word that is new has no row here, and its test fails. */
const rows: Readonly<Record<string, readonly [given: readonly unknown[], said: string]>> = {
  'tz.trylock': [
    [{ gotoo: 'x' }],
    "tz.trylock, where else: there is no key 'gotoo'\n  did you mean 'goto'? known: goto",
  ],
  'tz.lockInterruptible': [[{}], 'tz.lockInterruptible, where else: has no goto\n  write goto: a text'],
  'sem.tryRead': [['x'], "sem.tryRead x: wants where it goes, not the text 'x'\n  { goto: 'label' }"],
  'sem.tryWrite': [[{ goto: 'x', short: true }], "sem.tryWrite, where else: there is no key 'short'\n  known: goto"],
  'spin.trylock': [[], "spin.trylock, where else: wants where it goes, not undefined\n  { goto: 'label' }"],
  'item.init': [['chek'], "item.init chek: 'chek' is not known\n  did you mean 'check'? known: check, other"],
  'item.worker': [
    ['check', { actr: 'work' }],
    "item.worker check: there is no key 'actr'\n  did you mean 'actor'? known: actor, name, says, on",
  ],
  'timer.handler': [[{ actor: 'work' }], 'timer.handler, head: has no name\n  write name: a text'],
  'soft.handler': [
    [{ actor: 'work', name: 'soft' }, 'step'],
    "soft.handler, argument 2: wants a step, not the text 'step'\n  write step('name', { origin, … })",
  ],
  'napi.poll': [
    [{ actor: 'work', name: 'poll', fair: 'weak' }],
    "napi.poll, head: there is no key 'fair'\n  known: actor, name, says",
  ],
  'line.raised': [['device', true], 'line.raised device: wants a function, not true\n  (state) => boolean'],
  'line.handler': [
    [{ actor: 'work', name: 'hard', alone: true }],
    "line.handler, head: there is no key 'alone'\n  known: actor, name, says",
  ],
  'line.thread': [
    [{ actor: 'work', name: 'hard', alne: true }],
    "line.thread, head: there is no key 'alne'\n  did you mean 'alone'? known: actor, name, says, alone",
  ],
  'done.waitTimeout': [
    [{ goto: 'x', shrt: true }],
    "done.waitTimeout, limit: there is no key 'shrt'\n  did you mean 'short'? known: goto, short",
  ],
  'wait.wait': [[true], 'wait.wait, condition: wants a function, not true\n  (state) => boolean'],
  'wait.waitTimeout': [[() => true], "wait.waitTimeout: wants a time limit, not undefined\n  { goto: 'label' }"],
  'kt.shouldStop': [['end'], "kt.shouldStop end: wants where it goes, not the text 'end'\n  { goto: 'label' }"],
  'cold.freezeTimeout': [
    [{ to: 'x' }],
    "cold.freezeTimeout, limit: there is no key 'to'\n  did you mean 'goto'? known: goto, short",
  ],
  'dev.getSync': [
    ['step'],
    "dev.getSync step, argument 1: wants a step, not the text 'step'\n  write step('name', { origin, … })",
  ],
  'dev.putSync': [[[]], "dev.putSync, argument 1: wants a step, not a list of 0\n  write step('name', { origin, … })"],
  'dev.forceSuspend': [
    [{}],
    "dev.forceSuspend, argument 1: wants a step, not an object with no keys\n  write step('name', { origin, … })",
  ],
  'dev.forceResume': [
    [undefined],
    "dev.forceResume, argument 1: wants a step, not undefined\n  write step('name', { origin, … })",
  ],
  'dev.worker': [
    [{ actor: 'work', name: 'pm' }, { resum: [] }],
    "dev.worker: there is no key 'resum'\n  did you mean 'resume'? known: suspend, resume",
  ],
  'ref.getUnlessZero': [[{}], 'ref.getUnlessZero, where else: has no goto\n  write goto: a text'],
  'ref.put': [[1], "ref.put, argument 1: wants a step, not 1\n  write step('name', { origin, … })"],
  'chain.register': [['blok'], "chain.register blok: 'blok' is not known\n  did you mean 'block'? known: block"],
  'chain.unregister': [[1], 'chain.unregister, block: wants a text, not 1'],
  'chain.call': [[{ blok: [] }], "chain.call, steps: there is no key 'blok'\n  did you mean 'block'? known: block"],
  'events.saveCount': [[{ goto: 1 }], 'events.saveCount, where else, goto: wants a text, not 1'],
  'events.pending': [
    ['x', 'y'],
    'events.pending x: takes where else, and is given one thing more\n  nothing would become of it: take it out',
  ],
  'box.waitTimeout': [[null], "box.waitTimeout, limit: wants a time limit, not null\n  { goto: 'label' }"],
  'box.answers': [[{ actor: 'x' }], 'box.answers, actor: wants a text, not an object with actor'],
  'own.assign': [[true], 'own.assign, value: wants a function, not true\n  (state) => value'],
  'own.check': [[() => true, 'end'], "own.check: wants where it goes, not the text 'end'\n  { goto: 'label' }"],
  'tries.until': [
    [() => true, { gotoo: 'end' }],
    "tries.until: there is no key 'gotoo'\n  did you mean 'goto'? known: goto",
  ],
}

/** What things are declared with, and what is said of it. */
const declared: readonly (readonly [what: string, () => unknown, said: string])[] = [
  [
    'limits of an interrupt line',
    () => make.irq!({ deph: 3 }),
    "irq, limits: there is no key 'deph'\n  did you mean 'depth'? known: depth, wake",
  ],
  [
    'options of a workqueue',
    () => make.workqueue!({ freezeable: true }),
    "workqueue, options: there is no key 'freezeable'\n  did you mean 'freezable'? known: freezable, ordered, items",
  ],
  [
    'a workqueue',
    () => make.workqueue!('freezable'),
    "workqueue freezable: wants options, not the text 'freezable'\n  its keys: freezable, ordered, items",
  ],
  [
    'limits of a device',
    () => make.runtimePM!({ usages: 3 }),
    "runtimePM, limits: there is no key 'usages'\n  did you mean 'usage'? known: usage, disabled",
  ],
  ['options of a kick', () => make.kick!({ latched: 1 }), 'kick, options, latched: wants true or false, not 1'],
  [
    'parts of an object',
    () => kernelOver(record({ zone: kernel.lifetime('pol'), poll: kernel.work('f') })),
    "kernelOver, zone: lifetime: there is no thing 'pol' in the state\n  did you mean 'poll'? known: zone, poll",
  ],
  [
    'a part that is no thing',
    () => kernelOver(record({ zone: kernel.lifetime('on'), on: bool() })),
    "kernelOver, zone: lifetime: there is no thing 'on' in the state\n  did you mean 'zone'? known: zone",
  ],
  [
    'a supplier',
    () => kernelOver(record({ link: kernel.deviceLink('suplier'), supplier: kernel.runtimePM() })),
    "kernelOver, link: deviceLink: there is no thing 'suplier' in the state\n  did you mean 'supplier'? known: link, supplier",
  ],
]

const said = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof Mistake, String(error))
    return error.message
  }
  return 'nothing'
}

describe('what the words of things take', () => {
  it('is tried of each', () => {
    const fields = state.fields as unknown as Readonly<
      Record<string, { thing: keyof typeof wordsTake; names: string[] }>
    >
    assert.deepEqual(
      Object.entries(fields).flatMap(([field, { thing, names }]) =>
        Object.keys(wordsTake[thing](names)).map((word) => `${field}.${word}`),
      ),
      Object.keys(rows),
    )
    assert.deepEqual(new Set(Object.values(fields).map(({ thing }) => thing)), new Set(Object.keys(wordsTake)))
  })

  for (const [name, [given, message]] of Object.entries(rows))
    it(`is not that: ${name}`, () => {
      const [field, word] = name.split('.') as [string, string]
      assert.equal(
        said(() => words[field]![word]!(...given)),
        message,
      )
    })

  for (const [what, act, message] of declared) it(`is not that: ${what}`, () => assert.equal(said(act), message))
})
