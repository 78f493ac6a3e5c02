/** One small thing of each kind, and how its values are called in a diagram. */

import { bool, type Domain } from '../src/index.js'
import * as kernel from '../src/kernel.js'

/** A thing to be drawn. */
export interface Sample {
  readonly written: string
  readonly domain: Domain<unknown>
  readonly thread: string
  /** What words are given that are functions. */
  readonly given?: Readonly<Record<string, readonly unknown[]>>
  /** What it needs beside it in the state. */
  readonly beside?: Readonly<Record<string, Domain<unknown>>>
  /** The name of a value. */
  readonly show: (value: never, state: never) => string
}

const goto = [{ goto: 'elsewhere' }]
const handler = [{ actor: 'a', name: 'a' }]

const name = (...parts: readonly (string | false)[]): string =>
  parts.filter((part): part is string => part !== false).join('_') || 'idle'
/** Booleans and counts that are set. */
const set = (value: Readonly<Record<string, unknown>>): string =>
  name(
    ...Object.entries(value).map(([key, one]) =>
      one === true ? key : typeof one === 'number' && one > 0 && `${key}${one}`,
    ),
  )

const sample = (
  written: string,
  domain: Domain<unknown>,
  show: Sample['show'],
  given?: Sample['given'],
  thread = 'a',
): Sample => ({ written, domain, show, thread, ...(given && { given }) })

export const samples: Readonly<Record<string, Sample>> = {
  mutex: sample("mutex('a', 'b')", kernel.mutex('a', 'b'), (v: string) => v, {
    trylock: goto,
    lockInterruptible: goto,
  }),
  recursiveMutex: sample(
    "recursiveMutex(2, 'a', 'b')",
    kernel.recursiveMutex(2, 'a', 'b'),
    (v: { owner: string; depth: number }) => name(v.owner, v.depth > 1 && `${v.depth}`),
  ),
  rwsem: sample(
    "rwsem('a', 'b')",
    kernel.rwsem('a', 'b'),
    (v: { writer: string; readers: object; waiting: string }) =>
      name(
        v.writer !== 'free' && `${v.writer}_writes`,
        Object.values(v.readers).includes(true) && 'read',
        v.waiting !== 'none' && `${v.waiting}_waits`,
      ),
    { tryRead: goto, tryWrite: goto },
  ),
  spinlock: sample(
    "spinlock('a', 'b')",
    kernel.spinlock('a', 'b'),
    (v: { owner: string; irqsave: boolean }) => name(v.owner, v.irqsave && 'irqs_off'),
    {
      trylock: goto,
    },
  ),
  localIrq: sample("localIrq('a')", kernel.localIrq('a'), (v: string) => (v === 'on' ? 'on' : `off_by_${v}`)),
  work: sample(
    "delayedWork('f', 'g')",
    kernel.delayedWork('f', 'g'),
    (v: { queued: string; running: Record<string, boolean>; disabled: number }) =>
      name(v.queued, Object.values(v.running).includes(true) && 'runs', v.disabled > 0 && 'disabled'),
    { init: ['f'], worker: ['f', { actor: 'a', name: 'a' }] },
  ),
  workqueue: sample('workqueue({ freezable: true })', kernel.workqueue({ freezable: true }), set),
  timer: sample('timer()', kernel.timer(), set, { handler }),
  tasklet: sample(
    'tasklet()',
    kernel.tasklet(),
    (v: { scheduled: string; running: boolean; disabled: number }) =>
      name(
        v.scheduled === 'yes' ? 'scheduled' : v.scheduled === 'held' && 'held',
        v.running && 'runs',
        v.disabled > 0 && 'disabled',
      ),
    { handler },
  ),
  napi: sample(
    'napi()',
    kernel.napi(),
    (v: { state: string; disabling: boolean }) => name(v.state, v.disabling && 'disabling'),
    { poll: handler },
  ),
  irq: sample(
    'irq()',
    kernel.irq(),
    (v: { requested: boolean; depth: number; hard: boolean; woken: boolean; threaded: boolean; wake: number }) =>
      name(
        !v.requested ? 'free' : v.depth > 0 ? 'disabled' : 'enabled',
        v.hard && 'hard',
        v.woken && 'woken',
        v.threaded && 'threaded',
        v.wake > 0 && 'wakes',
      ),
    { handler, thread: handler },
  ),
  completion: sample(
    'completion()',
    kernel.completion(),
    (v: { done: number; all: boolean }) => (v.all ? 'all' : `done${v.done}`),
    { waitTimeout: goto },
  ),
  waitqueue: sample(
    "waitqueue('a', 'b')",
    kernel.waitqueue('a', 'b'),
    (v: object) => (Object.values(v).includes(true) ? 'on_it' : 'empty'),
    {
      wait: [() => false],
      waitTimeout: [() => false, { goto: 'elsewhere' }],
    },
  ),
  kthread: sample('kthread()', kernel.kthread(), set, { shouldStop: goto }),
  freezer: sample(
    "freezer('a', 'b')",
    kernel.freezer('a', 'b'),
    (v: { freezing: boolean; frozen: object }) =>
      name(v.freezing ? 'freezing' : 'thawed', Object.values(v.frozen).includes(true) && 'a_frozen'),
    { freezeTimeout: goto },
  ),
  runtimePM: sample(
    'runtimePM()',
    kernel.runtimePM(),
    (v: { status: string; usage: number; disabled: number }) =>
      name(v.status, v.usage > 0 && 'used', v.disabled > 0 && 'disabled'),
    { worker: [{ actor: 'a', name: 'a' }] },
  ),
  deviceLink: {
    written: "deviceLink('supplier')",
    domain: kernel.deviceLink('supplier'),
    beside: { supplier: kernel.runtimePM() },
    thread: 'a',
    show: (held: number, { supplier }: { supplier: { usage: number } }) => `held${held}_supplier_used${supplier.usage}`,
  },
  refcount: sample('refcount()', kernel.refcount(2), (v: number) => `count${v}`, { getUnlessZero: goto }),
  lifetime: sample("lifetime('work', 'timer')", kernel.lifetime(), (v: string) => v),
  rcu: sample("rcu('a', 'b')", kernel.rcu('a', 'b'), (v: { a: string }) => `a_${v.a}`),
  notifier: sample(
    "notifier('block')",
    kernel.notifier('block'),
    (v: { registered: object; calling: boolean }) =>
      name(Object.values(v.registered).includes(true) ? 'registered' : 'empty', v.calling && 'called'),
    {
      register: ['block'],
      unregister: ['block'],
      call: [{ block: [] }],
    },
  ),
  wakeup: sample('wakeup()', kernel.wakeup(), set, { saveCount: goto, pending: goto }),
  reset: sample('reset()', kernel.reset(), (v: string) => v),
  mailbox: sample(
    'mailbox()',
    kernel.mailbox(),
    (v: { asked: boolean; late: boolean; answer: string }) =>
      name(v.asked && 'asked', v.late && 'late', v.answer !== 'none' && v.answer),
    { waitTimeout: goto },
  ),
  barrier: sample("barrier('a', 'b')", kernel.barrier('a', 'b'), (v: object) =>
    Object.values(v).includes(true) ? 'one_has_come' : 'none',
  ),
  kick: sample('kick()', kernel.kick(), set),
  local: sample("local(bool(), 'a', 'b')", kernel.local(bool(), 'a', 'b'), ({ a }: { a: boolean }) => `${a}_in_a`, {
    assign: [() => true],
    check: [() => true, { goto: 'elsewhere' }],
  }),
  retries: sample('retries(3)', kernel.retries(3), (looks: number) => `looked${looks}`, {
    until: [() => false, { goto: 'elsewhere' }],
  }),
}
