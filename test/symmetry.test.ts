/** Search of orbits: the same answers as the plain search where members are alike, and the plain search where they are not. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { check, type Outcome } from '../src/check.js'
import {
  array,
  bool,
  env,
  instantiate,
  int,
  list,
  member,
  oneOf,
  optional,
  over,
  propertiesOver,
  record,
  system,
  type Property,
} from '../src/index.js'
import type { Action, Frozen, Thread } from '../src/write/model.js'
import type { Reduction } from '../src/search/reductions/reduction.js'
import { replay } from '../src/search/run.js'
import { fixpoint } from './fixpoint.js'
import { predicate, written } from './plain-models.js'
import { alike } from './random-models.js'

const reader = member('reader', 3)
const state = record({
  lock: optional(reader),
  is: array(reader, oneOf('away', 'asking', 'in')),
  queue: list(3, reader),
  served: int(0, 2),
})
const { model, thread, step, action } = over(state)
const { always, step: stepProperty, leadsTo, possible, reachable } = propertiesOver(state)
const origin = env('a reader')
type State = Frozen<{ lock: number | null; is: string[]; queue: number[]; served: number }>

const parts: readonly (Action | Thread)[] = [
  action('ask', {
    actor: 'reader',
    origin,
    for: { i: reader },
    when: (s, { i }) => s.is[i] === 'away',
    then: (d, { i }) => {
      d.is[i] = 'asking'
      d.queue.push(i)
    },
  }),
  action('serve', {
    actor: 'reader',
    origin,
    when: (s) => s.lock === null && s.queue.length > 0,
    then: (d) => {
      d.lock = d.queue.shift()!
      d.is[d.lock] = 'in'
      d.served = Math.min(2, d.served + 1)
    },
  }),
  action('leave', {
    actor: 'reader',
    origin,
    for: { i: reader },
    when: (s, { i }) => s.lock === i,
    then: (d, { i }) => {
      d.lock = null
      d.is[i] = 'away'
    },
  }),
  thread(
    'look',
    { actor: 'reader', for: { i: reader } },
    step('twice', { origin, when: (s, { i }) => s.is[i] === 'in' }),
  ),
]

const initial = { lock: null, is: ['away', 'away', 'away'] as ('away' | 'asking' | 'in')[], queue: [], served: 0 }

const library = (more: readonly (Action | Thread)[] = [], starts: readonly (typeof initial)[] = [initial]) =>
  instantiate(
    model('library', {
      question: 'Is one at most inside?',
      actors: { reader: system('reads') },
      initial: () => structuredClone(starts),
      parts: () => [...parts, ...more],
    }),
  )

const one = always('one', 'One at most is inside.', (s) => s.is.filter((is) => is === 'in').length <= 1)
const never = always('never', 'Nobody waits behind two others.', (s) => s.queue.length < 3)
const fifo = stepProperty('fifo', 'Who asks first is served first.', {
  on: 'reader.serve',
  holds: (before, after) => after.lock === before.queue[0],
})
const unserved = stepProperty('unserved', 'Nobody leaves after two were served.', {
  on: 'reader.leave',
  when: (before) => before.served === 2,
  holds: (before, _, { args }) => before.lock !== args.i,
})
const free = possible('free', 'The lock can be free again.', (s) => s.lock === null)
const full = reachable('full', 'All may ask.', (s) => s.queue.length === 3)
const properties = [one, never, fifo, unserved, free, full]

const told = ({ states, transitions, depth, verdicts, unfired }: Outcome): unknown => ({
  states,
  transitions,
  depth,
  unfired,
  verdicts: verdicts.map(({ property, verdict, why, run }) => [property, verdict, why, run?.steps.length]),
})

const orbitsOf = (reduction: Reduction | undefined): number | undefined =>
  reduction && 'orbits' in reduction ? reduction.orbits : undefined

const offOf = (reduction: Reduction | undefined): string | undefined =>
  reduction && 'off' in reduction ? reduction.off : undefined

async function offBecause(
  made: ReturnType<typeof library>,
  claims: readonly Property[],
  because: RegExp,
): Promise<void> {
  const outcome = await check(made, claims)
  assert.match(offOf(outcome.reduction) ?? 'it was not off', because)
  assert.deepEqual(told(outcome), told(await check(made, claims, { symmetry: false })))
}

describe('symmetry', () => {
  it('gives the verdicts, counts and shortest lengths of the plain search, with a fifth of the states', async () => {
    const plain = await check(library(), properties, { symmetry: false })
    const reduced = await check(library(), properties)
    assert.equal(plain.reduction, undefined)
    assert.deepEqual(told(reduced), told(plain))
    assert.equal(plain.states, 358)
    assert.equal(orbitsOf(reduced.reduction), 71)
    const verdicts = Object.fromEntries(reduced.verdicts.map(({ property, verdict }) => [property, verdict]))
    assert.equal(verdicts.never, 'violated')
    assert.equal(verdicts.unserved, 'violated')
  })

  it('tells runs of the system itself, which replay by the names of their steps', async () => {
    const { verdicts } = await check(library(), properties)
    const runs = verdicts.flatMap(({ run }) => run ?? [])
    assert.equal(runs.length, 2)
    for (const { system: own, initial: from, steps } of runs) {
      const names = steps.map(({ transition }) => transition.name)
      const again = replay(own, from, names)
      assert.equal(again.stuck, undefined)
      assert.deepEqual(again.run.steps.at(-1)!.after, steps.at(-1)!.after)
    }
  })

  it('is left off, and says why, where something tells members apart', async () => {
    const about = (name: string, holds: (s: State) => boolean): Property => always(name, 'It is so.', holds)
    await offBecause(library(), [about('first', (s) => s.is[0] !== 'in')], /^property first is not the same after/)
    await offBecause(library(), [about('less', (s) => s.lock === null || s.lock < 2)], /exchanging members 1 and 2/)
    const odd = action('odd', { actor: 'reader', origin, when: (s) => s.is[1] === 'in', then: () => {} })
    await offBecause(library([odd]), [], /^step reader\.odd .*exchanging members 0 and 1 of 'reader' where is\[1\]/)
    const some = action('some', { actor: 'reader', origin, for: { i: [0, 1] }, then: (d, { i }) => void (d.lock = i) })
    await offBecause(library([some]), [], /^step reader\.some\(0\) is not the same/)
    const writes = action('writes', { actor: 'reader', origin, for: { i: reader }, then: (d) => void (d.lock = 2) })
    await offBecause(library([writes]), [], /^step reader\.writes\(0\) is not the same .*members 1 and 2/)
    const most = action('most', { actor: 'reader', origin, then: (d) => void (d.lock = Math.max(...d.queue, 0)) })
    await offBecause(library([most]), [], /^step reader\.most is not the same/)
    await offBecause(library([], [{ ...initial, is: ['asking', 'away', 'away'] }]), [], /^the initial states/)
    const few = thread('few', { actor: 'reader', for: { i: member('reader', 2) } }, step('end-it', { origin }))
    await offBecause(library([few]), [], /^at few\(1\) has no counterpart/)
    const named = stepProperty('named', 'The first never leaves.', { on: 'reader.leave(0)', holds: () => false })
    await offBecause(library(), [named], /^property named speaks of reader\.leave\(0\) only/)
  })

  it('is left off for what fairness decides, with a certificate, and on demand', async () => {
    const served = leadsTo('served', 'Who asks is served.', {
      from: (s) => s.queue.length > 0,
      to: (s) => s.lock !== null,
    })
    await offBecause(library(), [served], /^property served is about fair runs/)
    const certified = await check(library(), [one], { certify: true })
    assert.match(offOf(certified.reduction)!, /certificate/)
    assert.equal(certified.certificate?.states, 358)
  })

  it('says so when the model turns out to be at fault', async () => {
    const breaks = action('breaks', {
      actor: 'reader',
      origin,
      for: { i: reader },
      when: (s, { i }) => s.lock === i && s.served === 2,
      then: (d) => void (d.served = 3),
    })
    await offBecause(library([breaks]), [one], /at fault/)
  })

  it('refuses a set of two sizes', async () => {
    const two = record({ a: member('x', 2), b: array(member('x', 3), bool()) })
    const words = over(two)
    const made = words.model('two', {
      question: 'Is it refused?',
      actors: { a: system('acts') },
      initial: () => ({ a: 0, b: [false, false, false] }),
      parts: () => [words.action('b', { actor: 'a', origin, then: () => {} })],
    })
    await assert.rejects(check(instantiate(made), []), /'x' has 2 members here and 3 elsewhere/)
    assert.throws(() => array(int(0, 1), bool()), /wants a length or a domain of members/)
  })

  it('has nobody to exchange the only member of a set with', async () => {
    const [several, single] = [member('cpu', 2), member('task', 1)]
    const two = record({ on: array(several, bool()), did: bool() })
    const words = over(two)
    const made = words.model('two-sets', {
      question: 'Is it searched?',
      actors: { a: system('acts') },
      initial: () => ({ on: [true, true], did: false }),
      parts: () => [
        words.action('toggle', {
          actor: 'a',
          origin,
          for: { i: several },
          then: (d, { i }) => void (d.on[i] = !d.on[i]),
        }),
        words.thread(
          'work',
          { actor: 'a', for: { t: single } },
          words.step('go', { origin, then: (d) => void (d.did = true) }),
        ),
      ],
    })
    const { reduction, states } = await check(instantiate(made), [])
    assert.deepEqual([reduction, states], [{ by: 'symmetry', sets: [{ set: 'cpu', size: 2 }], orbits: 6 }, 8])
  })

  it('agrees with the plain search on random models, whether it is proved or not', async () => {
    let proved = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(alike, async ({ description, tests }) => {
        if (!fixpoint(description)) return
        const [p, q] = tests.map((test) => predicate(description, test)) as [
          (s: unknown) => boolean,
          (s: unknown) => boolean,
        ]
        const words = propertiesOver({ shape: description.shape })
        const claims = [words.always('p', 'It is so.', p), words.possible('q', 'It can be.', q)]
        const made = (): ReturnType<typeof library> => instantiate(written(description))
        for (const some of [[], claims]) {
          const plain = await check(made(), some, { symmetry: false })
          const reduced = await check(made(), some)
          assert.deepEqual(told(reduced), told(plain))
          const orbits = orbitsOf(reduced.reduction)
          if (orbits === undefined) refused++
          else if (orbits < plain.states) proved++
        }
      }),
      { seed: 20256, numRuns: 250 },
    )
    assert.ok(proved > 50 && refused > 50, `${proved} reduced, ${refused} refused`)
  })
})
