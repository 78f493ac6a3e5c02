/** Work items against kernel/workqueue.c as it is written: words of work->data, a worklist, a hash of busy workers. */

import assert from 'node:assert/strict'
import { oneOf, record, instantiate, over, system as actor, env, propertiesOver } from '../src/index.js'
import { check } from '../src/check.js'
import { delayedWork, deviceLink, idleWork, kernelOver, runtimePM, activeDevice, waitqueue } from '../src/kernel.js'
import type { Item } from '../src/kernel/work.js'
import type { Step } from '../src/write/model.js'

type Func = 'f' | 'g'

/** The item as the source has it. */
interface Raw {
  /** work->data: a pwq while it is on a list; else the pool it was in last, if that is known, and how often it is disabled. */
  data: { readonly pwq: true } | { readonly pwq: false; readonly pool: boolean }
  disable: number
  pending: boolean
  timer: boolean
  func: Func
  /** The worklist of the pool: at most the item, and a barrier linked behind it. */
  list: ('item' | 'barrier')[]
  /** pool->busy_hash: by function, because find_worker_executing_work() compares it; with a barrier linked or not. */
  busy: Partial<Record<Func, { barrier: boolean }>>
  /** The completion of the one who flushes. */
  flushing: boolean
}

const start: Raw = {
  data: { pwq: false, pool: false },
  disable: 0,
  pending: false,
  timer: false,
  func: 'f',
  list: [],
  busy: {},
  flushing: false,
}

const poolKnown = ({ data }: Raw): boolean => data.pwq || data.pool

/** insert_work() */
function insert(raw: Raw): void {
  raw.data = { pwq: true }
  raw.list = ['item']
}

/** try_to_grab_pending(), set_work_pool_and_clear_pending() */
function grab(raw: Raw): void {
  if (raw.data.pwq) raw.data = { pwq: false, pool: true }
  if (raw.list.includes('barrier')) raw.flushing = false
  raw.list = []
  raw.timer = false
  raw.pending = false
}

/** test_and_set_bit(PENDING), clear_pending_if_disabled() */
function claim(raw: Raw): boolean {
  if (raw.pending || raw.disable > 0) return false
  raw.pending = true
  return true
}

/** By the function that a step abstracts; undefined where it waits. */
const acts: Readonly<Record<string, (raw: Raw) => unknown>> = {
  queue_work_on: (raw) => {
    if (claim(raw)) insert(raw)
  },
  queue_delayed_work_on: (raw) => {
    if (claim(raw)) raw.timer = true
  },
  mod_delayed_work_on: (raw) => {
    grab(raw)
    if (claim(raw)) raw.timer = true
  },
  cancel_delayed_work: grab,
  cancel_delayed_work_sync: (raw) => {
    grab(raw)
    raw.disable++
  },
  disable_delayed_work_sync: (raw) => {
    grab(raw)
    raw.disable++
  },
  __flush_work: (raw) => {
    if (poolKnown(raw) && raw.busy[raw.func]) return false
    raw.disable = Math.max(0, raw.disable - 1)
  },
  __flush_work_disabled: (raw) => (poolKnown(raw) && raw.busy[raw.func] ? false : undefined),
  enable_delayed_work: (raw) => void (raw.disable = Math.max(0, raw.disable - 1)),
  flush_delayed_work: (raw) => {
    if (raw.timer) {
      raw.timer = false
      insert(raw)
    }
    if (!poolKnown(raw)) return
    if (raw.data.pwq) raw.list = ['item', 'barrier']
    else if (raw.busy[raw.func]) raw.busy[raw.func]!.barrier = true
    else return
    raw.flushing = true
  },
  __flush_work_barrier: (raw) => (raw.flushing ? false : undefined),
  'INIT_DELAYED_WORK:g': (raw) => {
    raw.data = { pwq: false, pool: false }
    raw.disable = 0
    raw.func = 'g'
  },
  process_one_work: (raw) => {
    if (raw.busy[raw.func]) return false
    if (raw.timer) {
      // delayed_work_timer_fn() first: one step here.
      raw.timer = false
      insert(raw)
    }
    if (raw.list[0] !== 'item') return false
    raw.busy[raw.func] = { barrier: raw.list.includes('barrier') }
    raw.list = []
    raw.pending = false
    raw.data = { pwq: false, pool: true }
  },
  worker_done: (raw) => {
    const [[func, { barrier }]] = Object.entries(raw.busy) as [[Func, { barrier: boolean }]]
    if (barrier) raw.flushing = false
    raw.busy = Object.fromEntries(Object.entries(raw.busy).filter(([one]) => one !== func))
  },
}

const seen = (raw: Raw): Item<Func> => ({
  queued: raw.timer ? 'delayed' : raw.list.includes('item') ? 'pending' : 'idle',
  func: raw.func,
  pool: poolKnown(raw),
  running: { f: raw.busy.f !== undefined, g: raw.busy.g !== undefined },
  disabled: raw.disable,
  barrier: raw.list.includes('barrier') ? 'pending' : raw.flushing ? 'running' : 'none',
})

const { x: item } = kernelOver(record({ x: delayedWork('f', 'g') }))
const put = { thread: 'me' }
const stepsOfItem: readonly Step[] = [
  ...item.queue(put),
  ...item.queueDelayed(put),
  ...item.mod(put),
  ...item.cancel(put),
  ...item.cancelSync(put),
  ...item.disableSync(put),
  ...item.enable(put),
  ...item.flush(put),
  ...item.init('g')(put),
]

/** What a run may not do next: use that the source itself forbids, or a second one who flushes. */
function isForbidden(name: string, raw: Raw): boolean {
  if (name === 'INIT_DELAYED_WORK:g') return raw.pending || raw.flushing
  if (name.startsWith('flush_')) return raw.flushing
  if (/_sync$/.test(name)) return raw.disable === 2
  return name === 'worker_done' && Object.keys(raw.busy).length !== 1
}

describe('work items', () => {
  it('do what kernel/workqueue.c does, in every situation that its functions can bring about', () => {
    const begin = (func: Func): readonly Step[] => item.worker(func, { actor: 'a' }).steps
    const at = Object.assign(() => false, { has: () => true })
    const todo: Raw[] = [start]
    const known = new Set([JSON.stringify(start)])
    const taken = new Map<string, number>()
    for (let raw: Raw | undefined = todo.pop(); raw; raw = todo.pop()) {
      const value = seen(raw)
      const runs = [
        ...begin(raw.func).slice(0, 1),
        ...(Object.keys(raw.busy) as Func[]).flatMap((f) => begin(f).slice(1)),
      ]
      for (const step of [...stepsOfItem, ...runs]) {
        const name = step.name.replace(/:x$/, '')
        if (isForbidden(name, raw)) continue
        const after: Raw = structuredClone(raw)
        const isOpen: boolean = acts[name]!(after) !== false
        const why: string = `${step.name} of ${JSON.stringify(raw)}`
        assert.equal(step.declared.when?.({ x: value }, {}, at) ?? true, isOpen, why)
        if (!isOpen) continue
        const draft = { x: structuredClone(value) }
        step.declared.then?.(draft, {})
        assert.deepEqual(draft.x, seen(after), why)
        taken.set(name, (taken.get(name) ?? 0) + 1)
        const spelled = JSON.stringify(after)
        if (!known.has(spelled)) todo.push(after)
        known.add(spelled)
      }
    }
    assert.deepEqual([...taken.keys()].sort(), Object.keys(acts).sort(), 'every function was taken')
    assert.ok(known.size > 50, `${known.size} situations`)
  })

  it('begin as nobody has queued them', () => assert.deepEqual(idleWork('f', 'g'), seen(start)))
})

describe('wait queues', () => {
  const state = record({ wq: waitqueue('waiter'), go: oneOf('no', 'yes') })
  const { model, thread, call, set } = over(state)
  const { wq } = kernelOver(state)
  const { possible } = propertiesOver(state)
  const from = env('a toy')
  const toy = (wakes: boolean) =>
    instantiate(
      model('toy', {
        question: 'Is the wake-up lost?',
        actors: { a: actor('a') },
        initial: () => ({ wq: { waiter: false }, go: 'no' }),
        parts: () => [
          thread(
            'waiter',
            { actor: 'a' },
            call(
              from,
              wq.wait((s) => s.go === 'yes'),
            ),
          ),
          thread('waker', { actor: 'a' }, call(from, set({ go: 'yes' }), ...(wakes ? [wq.wake] : []))),
        ],
        resting: (_, at) => at('waiter', 'end'),
      }),
    )
  const ends = possible('ends', 'The wait ends.', (_, at) => at('waiter', 'end'))
  it('lose no wake-up between the check and the sleep, and miss a change that nobody tells', async () => {
    const verdicts = await Promise.all([true, false].map((wakes) => check(toy(wakes), [ends])))
    assert.deepEqual(
      verdicts.map((one) => one.verdicts.find(({ property }) => property === 'ends')!.verdict),
      ['holds', 'violated'],
    )
  })
})

describe('device links', () => {
  it('hold references on the supplier, and drop all of them', () => {
    const { link } = kernelOver(record({ link: deviceLink('supplier'), supplier: runtimePM() }))
    const [get, drop] = [link.getSuppliers(put)[0]!, link.putSuppliers(put)[0]!]
    const draft = { link: 0, supplier: { ...activeDevice } }
    get.declared.then!(draft, {})
    get.declared.then!(draft, {})
    assert.deepEqual([draft.link, draft.supplier.usage], [2, 2])
    draft.supplier.usage = 1
    drop.declared.then!(draft, {})
    assert.deepEqual([draft.link, draft.supplier.usage], [0, 0])
  })
})
