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
  Mistake,
  over,
  propertiesOver,
  record,
  type Property,
} from '../../src/index.js'

const origin = env('a toy')
const state = record({ wakeup: bool(), n: int(0, 1), dev: array(2, record({ used: int(0, 3) })) })
const { model, thread, step, action, patch, edit } = over(state)
const words = propertiesOver(state)

type Loose = Record<string, boolean> & { readonly dev: readonly Record<string, number>[]; readonly n: number }

/** A model whose second step is never reached, with a guard and an effect there. */
const made = (when: (s: Loose) => boolean, then: (d: Loose) => void = () => undefined) =>
  instantiate(
    model('toy', {
      question: 'What is asked for?',
      actors: { one: environment('goes on') },
      initial: () => ({ wakeup: false, n: 0, dev: [{ used: 0 }, { used: 0 }] }),
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
    const next = "did you mean 'wakeup'? known: wakeup, n, dev"
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

  it('are indices within an array, unless the state holds one that is not', async () => {
    const message = 'property claim: dev has no index 7\n  there are 2, from 0 to 1'
    await refused(plain, [claim((s) => s.dev[7]?.used !== 1)], message)
    await check(plain, [claim((s) => s.dev[s.n + 1]?.used !== 1)])
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
})
