/** Refinement: a driver in detail against a plain one, and a cancelled suspend against one that never was. */

import assert from 'node:assert/strict'
import { check } from '../src/check.js'
import {
  bool,
  env,
  instantiate,
  int,
  Mistake,
  oneOf,
  optional,
  over,
  propertiesOver,
  record,
  system,
  type At,
  type Property,
} from '../src/index.js'

const origin = env('a toy')

const plainState = record({ power: oneOf('on', 'off') })
const plain = (() => {
  const { model, action } = over(plainState)
  return model('plain', {
    question: 'What does a device do?',
    actors: { device: system('is on or off') },
    initial: () => ({ power: 'on' }),
    parts: () => [
      action('suspend', {
        actor: 'device',
        origin,
        when: (s) => s.power === 'on',
        then: (d) => void (d.power = 'off'),
      }),
      action('resume', { actor: 'device', origin, when: (s) => s.power === 'off', then: (d) => void (d.power = 'on') }),
    ],
  })
})()

const state = record({ queue: int(0, 2), power: oneOf('on', 'off'), settings: int(0, 1), cancelled: bool() })
const { model, thread, step, action, patch, edit } = over(state)
const detailed = model('detailed', {
  question: 'Is it a device that is on or off?',
  actors: { driver: system('drives'), user: system('writes') },
  initial: () => ({ queue: 0, power: 'on', settings: 0, cancelled: false }),
  parts: () => [
    thread(
      'pm',
      { actor: 'driver' },
      step('begin', { origin }),
      step('drain', { origin, when: (s) => s.queue === 0 }),
      step('down', {
        origin,
        either: {
          ok: { then: (d) => void Object.assign(d, { power: 'off', settings: 0 }) },
          cancelled: { goto: 'done' },
        },
      }),
      step('up', { origin, then: (d) => void (d.power = 'on') }),
      step('done', { origin, goto: 'begin' }),
    ),
    action('write', {
      actor: 'user',
      origin,
      when: (s) => s.power === 'on' && s.queue < 2,
      then: (d) => void d.queue++,
    }),
    action('serve', { actor: 'driver', origin, when: (s) => s.queue > 0, then: (d) => void d.queue-- }),
    action('set', {
      actor: 'user',
      origin,
      when: (_s, _args, at) => at('pm', 'begin'),
      then: (d) => void (d.settings = 1),
    }),
  ],
  patches: [
    patch('starts-off', {
      kind: 'fault',
      says: 'The device is off at first.',
      edits: [edit.initially((d) => void (d.power = 'off'))],
    }),
    patch('cancel-resets', {
      kind: 'fault',
      says: 'A cancel resets the settings.',
      edits: [edit.replace('pm.down/cancelled', { then: (d) => void (d.settings = 0) })],
    }),
    patch('toggles', {
      kind: 'fault',
      says: 'A write turns the device off.',
      edits: [edit.replace('user.write', { then: (d) => void Object.assign(d, { queue: 2, power: 'off' }) })],
    }),
  ],
})
const { refines } = propertiesOver(state)

const verdictOf = async (property: Property, patches: string[] = []) =>
  (await check(instantiate(detailed, { patches }), [property])).verdicts.at(-1)!

const isPlain = refines('is-plain', 'The driver in detail does what the plain one does.', {
  abstract: plain,
  map: ({ power }) => ({ power }),
})

describe('a refinement', () => {
  it('holds if every step is an abstract step or changes nothing there', async () => {
    assert.equal((await verdictOf(isPlain)).verdict, 'holds')
  })

  it('is violated where it starts elsewhere', async () => {
    const { verdict, run, why } = await verdictOf(isPlain, ['starts-off'])
    assert.deepEqual([verdict, run!.steps.length], ['violated', 0])
    assert.match(why!, /starts where plain does not/)
  })

  it('is violated by the shortest run whose last step is none, beside the abstract run', async () => {
    const three = (() => {
      const threeStates = record({ n: int(0, 2) })
      const { model: define, action: act } = over(threeStates)
      return define('counter', {
        question: 'One by one?',
        actors: { c: system('counts') },
        initial: () => ({ n: 0 }),
        parts: () => [
          act('up', { actor: 'c', origin, when: (s) => s.n < 2, then: (d) => void d.n++ }),
          act('down', { actor: 'c', origin, when: (s) => s.n > 0, then: (d) => void d.n-- }),
        ],
      })
    })()
    const counted = refines('counted', 'The queue is filled one by one.', {
      abstract: three,
      map: (s) => ({ n: s.queue }),
    })
    assert.equal((await verdictOf(counted)).verdict, 'holds')
    const jump = await verdictOf(counted, ['toggles'])
    assert.equal(jump.verdict, 'violated')
    assert.deepEqual(jump.shadow, [])
    assert.match(jump.why!, /from \{"n":0\} to \{"n":2\}, which no step of counter does/)
  })

  describe('of a model with threads', () => {
    const still = record({ n: int(0, 0) })
    const words = over(still)
    const clock = (labels: readonly string[]) =>
      words.model('clock', {
        question: 'What comes after what?',
        actors: { pm: system('goes round') },
        initial: () => ({ n: 0 }),
        parts: () => [
          words.thread(
            'pm',
            { actor: 'pm' },
            ...labels.map((label, i) =>
              words.step(label, {
                origin,
                either: { on: { ...(i === labels.length - 1 && { goto: labels[0]! }) }, off: { goto: labels.at(-1)! } },
              }),
            ),
          ),
        ],
      })
    const map = () => ({ n: 0 })

    it('finds threads at the labels of the same name, whatever threads there are besides', async () => {
      const concrete = instantiate(detailed).threads[0]!.labels.slice(0, -1)
      const same = refines('same', 'It goes round.', { abstract: clock(concrete), map })
      assert.equal((await verdictOf(same)).verdict, 'holds')
    })

    it('is told where they stand instead, by names that exist', async () => {
      const at = (_: unknown, ask: At) => ({ pm: ask('pm', 'begin') ? 'rest' : 'work' })
      const two = refines('two', 'It works and rests.', { abstract: clock(['rest', 'work']), map, at })
      assert.equal((await verdictOf(two)).verdict, 'holds')
      const refused = (told: Record<string, string>, message: string): Promise<void> =>
        assert.rejects(
          verdictOf(refines('two', 'It works and rests.', { abstract: clock(['rest', 'work']), map, at: () => told })),
          new RegExp(`^Mistake: property two, its 'at', ${message}`),
        )
      await refused({ pm: 'rset' }, "thread pm of clock: there is no label 'rset'\\n {2}did you mean 'rest'")
      await refused({ mp: 'rest' }, "model clock: there is no thread 'mp'\\n {2}did you mean 'pm'")
      await refused({}, "thread pm of clock: there is no label 'begin'")
    })
  })

  it('is vacuous if the abstract model never moves', async () => {
    const still = refines('still', 'Nothing ever happens.', { abstract: plain, map: () => ({ power: 'on' }) })
    assert.equal((await verdictOf(still)).verdict, 'vacuous')
  })

  it('refuses a map that leaves the abstract domain', async () => {
    const wild = refines('wild', 'It maps badly.', { abstract: plain, map: () => ({ power: 'sideways' }) })
    await assert.rejects(
      verdictOf(wild),
      (error) => error instanceof Mistake && /field power.*sideways/s.test(error.message),
    )
  })

  it('leaves out threads that the abstract model does not have', async () => {
    const counted = record({ n: int(0, 1) })
    const { model: define, thread: run, step: take } = over(counted)
    const worker = run(
      'worker',
      { actor: 'w' },
      take('up', { origin, then: (d) => void (d.n = 1) }),
      take('down', { origin, then: (d) => void (d.n = 0), goto: 'up' }),
    )
    const made = (name: string, more: (typeof worker)[]) =>
      define(name, {
        question: 'Does it count?',
        actors: { w: system('works') },
        initial: () => ({ n: 0 }),
        parts: () => [worker, ...more],
      })
    const abstract = made('one-thread', [])
    const concrete = made('two-threads', [run('idler', { actor: 'w' }, take('yawn', { origin }))])
    const same = propertiesOver(counted).refines('same', 'It counts as the other does.', {
      abstract,
      map: (s) => s,
    })
    const verdict = (await check(instantiate(concrete), [same])).verdicts.at(-1)!
    assert.deepEqual([verdict.verdict, verdict.why], ['holds', undefined])
  })

  it('names a field that the abstract model does not have', async () => {
    const more = refines('more', 'It maps too much.', {
      abstract: plain,
      map: () => ({ power: 'on', colour: 'red' }),
    })
    await assert.rejects(
      verdictOf(more),
      /its map, field colour: "red" is not in the domain of plain\n {2}plain has no such field$/,
    )
  })

  /** Between begin and done the settings count as what they were at the beginning, unless the device went off. */
  describe('with a memory', () => {
    const setting = record({ value: int(0, 1), lost: bool() })
    const { model: define, action: act } = over(setting)
    const kept = define('kept', {
      question: 'Who changes a setting?',
      actors: { user: system('sets'), device: system('loses all when it goes off') },
      initial: () => ({ value: 0, lost: false }),
      parts: () => [
        act('set', { actor: 'user', origin, then: (d) => void (d.value = 1) }),
        act('lose', { actor: 'device', origin, then: (d) => void Object.assign(d, { value: 0, lost: true }) }),
        act('settle', { actor: 'device', origin, when: (s) => s.lost, then: (d) => void (d.lost = false) }),
      ],
    })
    const cancelIsIdentity = refines('cancel-is-identity', 'After a cancel the state is what it was before.', {
      abstract: kept,
      remember: {
        state: record({ before: optional(int(0, 1)), off: bool() }),
        initial: { before: null, off: false },
        next: (own, before, _after, { step: name }) => {
          if (name === 'pm.begin') Object.assign(own, { before: before.settings, off: false })
          if (name === 'pm.down/ok') own.off = true
          if (name === 'pm.done') Object.assign(own, { before: null, off: false })
        },
      },
      map: (s, _at, { before, off }) => ({ value: off || before === null ? s.settings : before, lost: off }),
    })

    it('shows that a cancelled suspend equals none at all', async () => {
      assert.equal((await verdictOf(cancelIsIdentity)).verdict, 'holds')
    })

    it('finds a cancel that resets the settings, with the abstract run beside it', async () => {
      const { verdict, run, shadow, why } = await verdictOf(cancelIsIdentity, ['cancel-resets'])
      assert.equal(verdict, 'violated')
      assert.deepEqual(
        run!.steps.map(({ transition }) => transition.name),
        ['user.set', 'pm.begin', 'pm.drain', 'pm.down/cancelled', 'pm.done'],
      )
      assert.deepEqual(shadow, ['user.set', null, null, null])
      assert.match(why!, /"value":1.*"value":0/)
    })
  })
})
