/** The words of `thawproof/kernel` against descriptions of the same functions that were written apart from them. */

import assert from 'node:assert/strict'
import { bool, record, type Domain } from '../src/index.js'
import {
  barrier,
  cgroupFreezer,
  completion,
  freezer,
  irq,
  kernelOver,
  kick,
  kthread,
  lifetime,
  local,
  localIrq,
  mailbox,
  mutex,
  napi,
  notifier,
  rcu,
  recursiveMutex,
  refcount,
  reset,
  retries,
  runtimePM,
  rwsem,
  spinlock,
  tasklet,
  timer,
  wakeup,
  workqueue,
} from '../src/kernel.js'
import { kinds } from '../src/kernel/words.js'
import { scalarsOf, type Shape } from '../src/write/domain.js'
import type { Args, Branch, Step, Thread } from '../src/write/model.js'
import type { Piece } from '../src/write/piece.js'
import { tables } from './kernel-tables.js'
import { moreTables } from './kernel-tables-more.js'

/** Every value of a shape that has no lists. */
function valuesOf(shape: Shape): readonly unknown[] {
  if (shape.kind !== 'record') return scalarsOf(shape)
  return Object.entries(shape.fields).reduce<readonly object[]>(
    (made, [name, field]) => made.flatMap((value) => valuesOf(field).map((one) => ({ ...value, [name]: one }))),
    [{}],
  )
}

/** What may come of a value by a step: each way that is open, with its effect. */
function outcomes(step: Step, value: unknown): readonly unknown[] {
  const at = Object.assign(() => false, { has: () => true })
  const ways: readonly Branch<unknown, Args>[] = step.declared.either ? Object.values(step.declared.either) : [{}]
  return ways.flatMap((way) => {
    const both = [step.declared, way]
    if (!both.every(({ when }) => when?.({ x: value }, {}, at) ?? true)) return []
    const draft = { x: structuredClone(value) }
    for (const { then } of both) then?.(draft, {})
    return [draft.x]
  })
}

type Words = Readonly<Record<string, Piece<unknown> | ((...given: never[]) => Piece<unknown> | Thread)>>

/** The steps of an act, put into the thread `me`. */
function stepsOf(words: Words, act: string): readonly Step[] {
  const one = words[act] as Piece<unknown> | ((...given: unknown[]) => Piece<unknown> | Thread)
  if ('makesSteps' in one) return one({ thread: 'me' })
  const goto = { goto: 'elsewhere' }
  const given: Readonly<Record<string, unknown[]>> = {
    handler: [{ actor: 'a', name: 'me' }],
    poll: [{ actor: 'a', name: 'me' }],
    thread: [{ actor: 'a', name: 'me' }],
    worker: [{ actor: 'a', name: 'me' }],
    getSync: [],
    putSync: [],
    forceSuspend: [],
    forceResume: [],
    put: [],
    register: ['me'],
    unregister: ['me'],
    call: [{ me: [], you: [] }],
    assign: [() => true],
    check: [() => true, goto],
    until: [({ x }: { x: number }) => x === 1, goto],
  }
  const made = one(...(given[act] ?? [goto]))
  return typeof made === 'function' ? made({ thread: 'me' }) : made.steps
}

const domains: Readonly<Record<string, Domain<unknown>>> = {
  mutex: mutex('me', 'you'),
  recursiveMutex: recursiveMutex(3, 'me', 'you'),
  rwsem: rwsem('me', 'you'),
  spinlock: spinlock('me', 'you'),
  localIrq: localIrq('me', 'you'),
  workqueue: workqueue({ freezable: true }),
  timer: timer(),
  tasklet: tasklet(),
  napi: napi(),
  irq: irq(),
  completion: completion(),
  kthread: kthread(),
  freezer: freezer('me', 'you'),
  runtimePM: runtimePM(),
  refcount: refcount(),
  lifetime: lifetime(),
  rcu: rcu('me', 'you'),
  notifier: notifier('me', 'you'),
  wakeup: wakeup(),
  reset: reset(),
  mailbox: mailbox(),
  barrier: barrier('me', 'you'),
  kick: kick(),
  local: local(bool(), 'me', 'you'),
  retries: retries(6),
}

/** Values that no run has, because they are no values of the thing itself. */
const odd: Readonly<Record<string, (value: never) => boolean>> = {
  recursiveMutex: (v: { owner: string; depth: number }) => (v.owner === 'free') !== (v.depth === 0),
  completion: (v: { all: boolean; done: number }) => v.all && v.done > 0,
}

/** The functions of an act, without the field: `mutex_lock`, `INIT_WORK:poll`. */
const called = ({ name }: Step): string => name.replace(/:x$/, '')

describe('the words of the kernel', () => {
  const described = { ...tables, ...moreTables }

  it('are all described twice, except those that are looked at as a whole', () => {
    const apart = ['work', 'waitqueue', 'deviceLink']
    assert.deepEqual([...Object.keys(described), ...apart].sort(), [...kinds].sort())
    assert.deepEqual(Object.keys(described).sort(), Object.keys(domains).sort())
  })

  it('freezer: a control group has the same acts, by functions of its own', () => {
    const { x } = kernelOver(record({ x: cgroupFreezer('me', 'you') }))
    const steps = [x.freeze, x.tryToFreeze, x.thaw].flatMap((word) => word({ thread: 'me' }))
    const plain = kernelOver(record({ x: freezer('me', 'you') })).x
    const others = [plain.freeze, plain.tryToFreeze, plain.thaw].flatMap((word) => word({ thread: 'me' }))
    assert.deepEqual(steps.map(called), [
      'cgroup_freeze',
      'cgroup_update_frozen',
      'do_freezer_trap',
      'cgroup_leave_frozen',
      'cgroup_do_freeze',
    ])
    for (const [i, step] of steps.entries())
      for (const value of valuesOf(freezer('me', 'you').shape))
        assert.deepEqual(outcomes(step, value), outcomes(others[i]!, value))
  })

  for (const [kind, table] of Object.entries(described))
    it(`${kind}: every act does to every value what its functions do`, () => {
      const domain = domains[kind]!
      const words = (kernelOver(record({ x: domain })) as unknown as Readonly<Record<string, Words>>).x!
      const pieces = Object.keys(words).filter((act) => !['field', 'lets', 'raised', 'answers'].includes(act))
      assert.deepEqual(pieces.sort(), Object.keys(table).sort())
      let compared = 0
      for (const [act, functions] of Object.entries(table)) {
        const steps = stepsOf(words, act)
        assert.deepEqual(steps.map(called), Object.keys(functions), act)
        for (const value of valuesOf(domain.shape)) {
          if (odd[kind]?.(value as never)) continue
          for (const step of steps) {
            const wanted = functions[called(step)]!(value as never)
            const unique = (all: readonly unknown[]): string[] => [...new Set(all.map((one) => spelled(one)))].sort()
            assert.deepEqual(
              unique(outcomes(step, value)),
              unique(wanted),
              `${act}, ${called(step)} of ${spelled(value)}`,
            )
            compared++
          }
        }
      }
      assert.ok(compared >= 6, `${compared} comparisons`)
    })
})

/** JSON with sorted keys. */
const spelled = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
