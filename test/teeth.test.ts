import assert from 'node:assert/strict'
import {
  bool,
  env,
  environment,
  instantiate,
  int,
  over,
  propertiesOver,
  record,
  system as actor,
  type Property,
} from '../src/index.js'
import { mutationScore, type MutationScore, type MutationOptions } from '../src/ask/mutation-score.js'
import { loadProtocol, protocolNames } from '../src/tell/protocol.js'
import { excusesOf, groundsOf, isFresh, scoreOf } from '../src/tell/score.js'
import { mutated } from '../src/write/mutation.js'

/** A lock that is taken, a step that may fail, and an undo. */
const state = record({ held: bool(), done: bool() })
const { model, thread, step } = over(state)
const { always, reachable } = propertiesOver(state)
const origin = env('a toy')

const toy = instantiate(
  model('undo', {
    question: 'Is the lock released on every path?',
    actors: { a: actor('does it') },
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
    resting: (_, at) => at('work', 'end'),
  }),
)
const balance = always('balance', 'The lock is free at the end.', (s, at) => !at('work', 'end') || !s.held)
const works = reachable('works', 'It can be done.', (s) => s.done)

const planted = (properties: readonly Property[], options?: MutationOptions): Promise<MutationScore> =>
  mutationScore([{ name: 'toy', system: toy }], properties, options)

const fates = ({ bites }: MutationScore): Record<string, string> =>
  Object.fromEntries(bites.map(({ mutant, fate }) => [mutant.patch.name, fate]))

describe('teeth', () => {
  it('tells noticed mutants from survivors and from those that change nothing', async () => {
    const found = await planted([balance])
    const by = fates(found)
    assert.equal(by['drop-step:work.unlock'], 'noticed')
    assert.equal(by['drop-effect:work.try/ok'], 'survives')
    assert.ok(
      found.bites.every(({ fate, by: names }) => (fate === 'noticed') === names.length > 0 || fate === 'broken'),
    )
  })

  it('lets another property kill a survivor', async () => {
    const { bites } = await planted([balance, works])
    const killed = bites.find(({ mutant }) => mutant.patch.name === 'drop-effect:work.try/ok')
    assert.deepEqual([killed?.fate, killed?.by], ['noticed', ['works']])
  })

  it('calls a mutant with the same graph equivalent', async () => {
    const by = fates(await planted([balance, works]))
    // It waits for what is always true there.
    assert.equal(by['no-wait:work.unlock'], 'equivalent')
    assert.equal(by['wrong-default:done'], 'survives')
  })

  it('calls a mutant equivalent that only stops more often, and not one that writes less', async () => {
    const by = fates(await planted([balance]))
    // One more stop before a condition that nobody can take away, and one less on the way.
    assert.equal(by['check-then-act:work.unlock'], 'equivalent')
    assert.equal(by['undo-too-many:work.try/fails'], 'equivalent')
    assert.equal(by['drop-effect:work.try/ok'], 'survives')
  })

  it('finds the same with and without the counterexamples of earlier mutants', async () => {
    const quick = await planted([balance, works])
    const thorough = await planted([balance, works], { thorough: true })
    assert.deepEqual(fates(quick), fates(thorough))
    assert.ok(quick.effort < thorough.effort, 'a counterexample saves a search')
  })

  it('goes on with the survivors on the next system, and leaves out what is not worth its while', async () => {
    const grounds = [
      { name: 'small', system: toy, states: 5 },
      { name: 'large', system: toy, states: 1000 },
    ]
    const both = await mutationScore(grounds, [balance])
    assert.deepEqual(both.on, ['small', 'large'])
    for (const { fate, on } of both.bites) assert.equal(on, fate === 'noticed' || fate === 'broken' ? 'small' : on)
    const small = await mutationScore(grounds, [balance], { effort: 100 })
    assert.deepEqual(small.on, ['small'])
    assert.deepEqual(fates(small), fates(both))
  })

  it('calls a mutant undecided whose space outgrows the limit, and keeps its fairness', async () => {
    const many = record({ n: int(0, 200_000), go: bool() })
    const grow = over(many)
    const system = instantiate(
      grow.model('grow', {
        question: 'Does it end?',
        actors: { a: environment('counts') },
        initial: () => ({ n: 0, go: false }),
        parts: () => [
          grow.action('count', { actor: 'a', origin, when: (s) => s.go && s.n < 200_000, then: (d) => void d.n++ }),
          grow.action('rest', { actor: 'a', origin }),
        ],
      }),
      { fairness: { 'a.rest': 'strong' } },
    )
    const small = propertiesOver(many).always('small', 'It stays small.', (s) => s.n < 150_000)
    const { bites } = await mutationScore([{ name: 'grow', system }], [small])
    const found = bites.find(({ mutant }) => mutant.patch.name === 'wrong-default:go')!
    assert.deepEqual([found.fate, found.by], ['undecided', []])
    const fair = mutated(system, found.mutant).transitions.map((one) => one.fair)
    assert.deepEqual(fair, ['none', 'strong'])
  })

  it('refuses an original that cannot be searched to the end', async () => {
    await assert.rejects(planted([balance], { maxStates: 1 }), /--max-states 1 was hit/)
  })
})

describe('the recorded scores', () => {
  it('are what planting the errors again gives', async () => {
    for (const name of ['grant-revoke', 'stop-counters', 'netfront-queues']) {
      const protocol = await loadProtocol(name)
      const { grounds, effort } = groundsOf(protocol)
      const found = await mutationScore(grounds, protocol.properties, { thorough: true, effort })
      assert.deepEqual(protocol.spec.teeth, await scoreOf(protocol, found), `thawproof mutate ${name} --record`)
    }
  })

  it('are of the present code, in every protocol', async () => {
    const stale: string[] = []
    for (const name of protocolNames()) if (!(await isFresh(await loadProtocol(name)))) stale.push(name)
    assert.deepEqual(stale, [], 'thawproof mutate NAME --record')
  })

  it('are explained survivor by survivor, and nothing else is explained', async () => {
    for (const name of protocolNames()) {
      const { missing, idle } = excusesOf(await loadProtocol(name))
      assert.deepEqual(missing, [], `${name}: survives, and nobody says why`)
      assert.deepEqual(idle, [], `${name}: explained, but no survivor any more`)
    }
  })
})
