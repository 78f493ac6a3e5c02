/** Names inside functions: fields, indices, and the steps that selectors name, also where no search comes by. */

import assert from 'node:assert/strict'
import { check } from '../../src/check.js'
import {
  allBut,
  array,
  bool,
  env,
  environment,
  instantiate,
  int,
  list,
  Mistake,
  oneOf,
  optional,
  over,
  propertiesOver,
  record,
  type Frozen,
  type Property,
  type ValueOf,
} from '../../src/index.js'

const origin = env('a toy')
const state = record({
  wakeup: bool(),
  n: int(0, 1),
  dev: array(2, record({ used: int(0, 3) })),
  mode: oneOf('running', 'stopped'),
})
const { model, thread, step, action, patch, edit } = over(state)
const words = propertiesOver(state)

type Loose = Record<string, boolean> & { readonly dev: readonly Record<string, number>[]; readonly n: number }

/** A model whose second step is never reached, with a guard and an effect there. */
const made = (when: (s: Loose) => boolean, then: (d: Loose) => void = () => undefined) =>
  instantiate(
    model('toy', {
      question: 'What is asked for?',
      actors: { one: environment('goes on') },
      initial: () => ({ wakeup: false, n: 0, dev: [{ used: 0 }, { used: 0 }], mode: 'running' }),
      parts: () => [
        thread(
          'suspend',
          { actor: 'one' },
          step('never', { origin, when: () => false }),
          step('enter', { origin, when: (s) => when(s as never), then: (d) => then(d as never) }),
        ),
      ],
      patches: [
        patch('more', {
          kind: 'fault',
          says: 'There is more.',
          edits: [edit.add(action('extra', { actor: 'one', origin, when: () => false, then: () => undefined }))],
        }),
      ],
      resting: () => true,
    }),
  )

const refused = (subject: ReturnType<typeof made>, claims: readonly Property[], message: string): Promise<void> =>
  assert.rejects(check(subject, claims), (error: unknown) => {
    assert.ok(error instanceof Mistake, String(error))
    assert.equal(error.message, message)
    return true
  })

const plain = made(() => true)
const { always, observer } = words
const claim = (holds: (s: Loose) => boolean): Property => always('claim', 'It is so.', (s) => holds(s as never))

describe('names inside functions', () => {
  it('are fields that exist, in guards and effects that are never reached and in predicates', async () => {
    const next = "did you mean 'wakeup'? known: wakeup, n, dev, mode"
    await refused(
      made((s) => !s.wakup),
      [],
      `step suspend.enter: there is no field 'wakup' in the state\n  ${next}`,
    )
    await refused(
      made(
        () => true,
        (d) => void (d.dev[0]!.used = d.dev[0]!.usd!),
      ),
      [],
      "step suspend.enter: there is no field 'usd' in dev[0]\n  did you mean 'used'? known: used",
    )
    await refused(plain, [claim((s) => !s.wakup)], `property claim: there is no field 'wakup' in the state\n  ${next}`)
    await refused(
      plain,
      [claim((s) => s.n === 0 || !('wakup' in s))],
      `property claim: there is no field 'wakup' in the state\n  ${next}`,
    )
    await check(plain, [
      claim((s) => !s.wakeup && JSON.stringify(s).length > 0 && s.dev.every((dev) => dev.used === 0)),
    ])
  })

  it('are fields, indices and words that are only written, on branches that are never taken', async () => {
    const rarely = (then: (d: Loose) => void) =>
      made(
        () => true,
        (d) => {
          if (d.n === 1 && d.wakeup) then(d)
        },
      )
    const next = "did you mean 'wakeup'? known: wakeup, n, dev, mode"
    await refused(
      rarely((d) => void Object.assign(d, { wakup: false })),
      [],
      `step suspend.enter: there is no field 'wakup' in the state\n  ${next}`,
    )
    await refused(
      rarely((d) => void Object.assign(d.dev[1]!, { usd: 1 })),
      [],
      "step suspend.enter: there is no field 'usd' in dev[1]\n  did you mean 'used'? known: used",
    )
    await refused(
      rarely((d) => void Object.assign(d.dev, { 1: { usd: 1 } })),
      [],
      "step suspend.enter: there is no field 'usd' in dev[1]\n  did you mean 'used'? known: used",
    )
    await refused(
      rarely((d) => void Object.assign(d.dev, { 7: { used: 1 } })),
      [],
      'step suspend.enter: dev has no index 7\n  there are 2, from 0 to 1',
    )
    await refused(
      rarely((d) => void Object.assign(d, { mode: 'stoped' })),
      [],
      "step suspend.enter: mode does not take 'stoped'\n  did you mean 'stopped'? known: running, stopped",
    )
    // What is put there and taken away again, and numbers that cannot be where the branch is, are no names.
    await check(
      rarely((d) => {
        Object.assign(d, { spare: 1 })
        Reflect.deleteProperty(d, 'spare')
        d.dev[0]!.used = d.n + 9
      }),
      [],
    )
  })

  it('are indices within an array, unless the state holds one that is not', async () => {
    const message = 'property claim: dev has no index 7\n  there are 2, from 0 to 1'
    await refused(plain, [claim((s) => s.dev[7]?.used !== 1)], message)
    await check(plain, [claim((s) => s.dev[s.n + 1]?.used !== 1)])
  })

  it('are not what an empty list gives, nor null, nor what is looked for in vain, where no search comes by', async () => {
    const device = record({ busy: bool() })
    const shape = record({
      devices: array(2, device),
      byName: record({ disk: device, net: device }),
      queue: list(2, int(0, 1)),
      current: optional(int(0, 1)),
      name: optional(oneOf('disk', 'net')),
    })
    const own = over(shape)
    type State = ValueOf<typeof shape>
    const using = (use: (d: State) => void, guard: (s: Frozen<State>) => boolean = () => true) =>
      instantiate(
        own.model('pop', {
          question: 'What is popped?',
          actors: { one: environment('goes on') },
          initial: () => ({
            devices: [{ busy: false }, { busy: false }],
            byName: { disk: { busy: false }, net: { busy: false } },
            queue: [],
            current: null,
            name: null,
          }),
          parts: () => [
            own.thread(
              'suspend',
              { actor: 'one' },
              own.step('push', {
                origin,
                then: (d) => {
                  d.queue.push(1)
                  d.devices[1]!.busy = true
                  d.current = 1
                  d.name = 'net'
                },
              }),
              own.step('use', { origin, when: guard, then: use }),
            ),
          ],
          resting: () => true,
        }),
      )
    for (const use of [
      (d: State) => void (d.devices[d.queue.shift()!]!.busy = false),
      (d: State) => void (d.devices[d.current!]!.busy = false),
      (d: State) => void (d.byName[d.name!].busy = false),
    ]) {
      const { complete, fault } = await check(using(use), [])
      assert.deepEqual({ complete, fault }, { complete: true, fault: undefined })
    }
    // Where it is so, the search says it.
    const { fault } = await check(
      using((d) => void (d.devices[d.queue[1]!]!.busy = true)),
      [],
    )
    assert.equal(fault?.fault.kind, 'throws')
    const nothing: Record<string, number> = {}
    const subject = using(
      () => undefined,
      (s) => !s.devices[nothing.disk!],
    )
    const next = 'ask for an index, or for a method of arrays'
    await refused(subject, [], `step suspend.use: devices is a list, and has no 'undefined'\n  ${next}`)
  })

  it('are steps of some variant, in every selector', async () => {
    const on = (selector: string | readonly string[]): Property =>
      words.step('taken', 'It is not taken.', { on: selector, holds: () => false })
    const message =
      "property taken: there is no step 'suspend.entr'\n  did you mean 'suspend.enter'? known: suspend.never, suspend.enter, one.extra"
    await refused(plain, [on('suspend.entr')], message)
    await refused(plain, [on(['suspend.enter', 'suspend.entr'])], message)
    await refused(plain, [on(allBut('suspend.entr'))], message)
    await check(plain, [
      on(['suspend.enter', 'one.extra']),
      observer('watched', 'It is watched.', {
        state: record({ seen: bool() }),
        initial: { seen: false },
        on: allBut('suspend.*'),
        next: (own) => void (own.seen = true),
        wrong: (own) => own.seen,
      }),
    ])
  })

  it('are arguments, parts of a step, and parameters', async () => {
    const loose = (args: unknown): Record<string, unknown> => args as Record<string, unknown>
    const withArgs = instantiate(
      model('toy', {
        question: 'What is asked for?',
        actors: { one: environment('goes on') },
        initial: () => ({ wakeup: false, n: 0, dev: [{ used: 0 }, { used: 0 }], mode: 'running' }),
        parts: () => [
          action('go', { actor: 'one', origin, for: { i: [0, 1] }, when: (s, args) => s.n === loose(args).j }),
        ],
        resting: () => true,
      }),
    )
    await refused(withArgs, [], "step one.go(0): there is no argument 'j'\n  did you mean 'i'? known: i")
    const seen = (ask: (step: Record<string, unknown>) => boolean): Property =>
      words.step('seen', 'It is seen.', { on: 'suspend.enter', holds: (_, __, step) => ask(loose(step)) })
    const known = 'known: name, step, actor, args, at'
    await refused(
      plain,
      [seen(({ actr }) => actr !== 'one')],
      `property seen: a step has no 'actr'\n  did you mean 'actor'? ${known}`,
    )
    await refused(
      plain,
      [
        observer('seen', 'It is seen.', {
          state: record({ bad: bool() }),
          initial: { bad: false },
          next: (own, _, __, step) => void (own.bad = loose(step).stepp === 'suspend.enter'),
          wrong: (own) => own.bad,
        }),
      ],
      `property seen: a step has no 'stepp'\n  did you mean 'step'? ${known}`,
    )
    const { declared, ...rest } = plain.model
    const asking = (more: object) => ({ ...rest, declared: { ...declared, ...more } })
    const parts = ({ M }: Record<string, number>) => (M! > 1 ? [] : declared.parts({}))
    // Parameters that are handed on are asked for by nobody.
    const handedOn = (given: object) => (instantiate(plain.model, { parameters: given as never }), declared.parts({}))
    instantiate(asking({ parts: handedOn }))
    assert.throws(
      () => instantiate(asking({ parts })),
      /^Mistake: model toy: there is no parameter 'M'\n {2}none is declared$/,
    )
    await assert.rejects(
      check(plain, (({ M }: Record<string, number>) => (M! > 1 ? [] : [claim((s) => s.n === 0)])) as never),
      /^Mistake: properties of toy: there is no parameter 'M'/,
    )
  })

  it('are not compared where they should be assigned', async () => {
    await refused(
      made(
        () => true,
        (d) => void (d.wakeup === false),
      ),
      [],
      'model toy, step suspend.enter: its effect, by way of then, compares, and nothing is done with the answer: d.wakeup===false\n  an assignment is written with one =',
    )
  })
})
