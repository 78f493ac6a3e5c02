import assert from 'node:assert/strict'
import { bool, env, instantiate, over, propertiesOver, record, system } from '../src/index.js'
import { teeth, type Teeth } from '../src/search/variants/teeth.js'

/** A lock that is taken, a step that may fail, and an undo. */
const state = record({ held: bool(), done: bool() })
const { model, thread, step } = over(state)
const { always, reachable } = propertiesOver(state)
const origin = env('a toy')

const toy = instantiate(
  model('undo', {
    question: 'Is the lock released on every path?',
    actors: { a: system('does it') },
    initial: () => ({ held: false, done: false }),
    parts: () => [
      thread(
        'work',
        { actor: 'a' },
        step('lock', { origin, then: (d) => void (d.held = true) }),
        step('try', {
          origin,
          either: { ok: { then: (d) => void (d.done = true) }, fails: { goto: 'unlock' } },
        }),
        step('log', { origin }),
        step('unlock', { origin, when: (s) => s.held, then: (d) => void (d.held = false) }),
      ),
    ],
    resting: (_, at) => at.work === 'end',
  }),
)
const balance = always('balance', 'The lock is free at the end.', (s, at) => at.work !== 'end' || !s.held)
const works = reachable('works', 'It can be done.', (s) => s.done)

const fates = ({ bites }: Teeth): Record<string, string> =>
  Object.fromEntries(bites.map(({ mutant, fate }) => [mutant.patch.name, fate]))

describe('teeth', () => {
  it('tells noticed mutants from survivors and from those that change nothing', async () => {
    const found = await teeth(toy, [balance])
    const by = fates(found)
    assert.equal(by['drop-step:work.unlock'], 'noticed')
    assert.equal(by['drop-effect:work.try/ok'], 'survives')
    assert.ok(found.score.balance! > 0)
    assert.ok(found.bites.every(({ fate, by: names }) => fate !== 'noticed' || names.length > 0))
  })

  it('lets another property kill a survivor', async () => {
    const found = await teeth(toy, [balance, works])
    assert.equal(fates(found)['drop-effect:work.try/ok'], 'noticed')
    assert.ok(found.score.works! > 0)
  })

  it('calls a mutant with the same graph equivalent', async () => {
    const by = fates(await teeth(toy, [balance, works]))
    // It waits for what is always true there.
    assert.equal(by['no-wait:work.unlock'], 'equivalent')
    assert.equal(by['wrong-default:done'], 'survives')
  })

  it('refuses an original that is not right itself', async () => {
    await assert.rejects(
      teeth(toy, [always('never', 'Nothing is ever held.', (s) => !s.held)]),
      /the original violates never/,
    )
  })
})
