/** A run taken step by step, from lines: what can be taken, what cannot and why, back, and on until something is so. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  env,
  environment,
  instantiate,
  int,
  oneOf,
  over,
  pictureOf,
  propertiesOver,
  record,
  system,
} from '../src/index.js'
import { check } from '../src/check.js'
import { hangingText } from '../src/tell/hanging.js'
import { notedText } from '../src/tell/noted.js'
import { lanesOf } from '../src/tell/lanes.js'
import { Session } from '../src/tell/stepping.js'

const state = record({ a: oneOf('free', 'left', 'right'), b: oneOf('free', 'left', 'right'), work: int(0, 2) })
const { model, thread, step, action } = over(state)
const origin = env('the test')

/** Two threads that take two locks, each in its own order. */
const toy = model('toy', {
  question: 'Does it hang?',
  actors: { left: system('left'), right: system('right'), user: environment('gives work') },
  initial: () => ({ a: 'free', b: 'free', work: 0 }),
  parts: () => [
    thread(
      'left',
      { actor: 'left' },
      step('lock_a', { origin, when: (s) => s.work > 0 && s.a === 'free', then: (d) => void (d.a = 'left') }),
      step('lock_b', { origin, when: (s) => s.b === 'free', then: (d) => void (d.b = 'left') }),
      step('unlock', { origin, then: (d) => void ((d.a = 'free'), (d.b = 'free')) }),
    ),
    thread(
      'right',
      { actor: 'right' },
      step('lock_b', { origin, when: (s) => s.work > 1 && s.b === 'free', then: (d) => void (d.b = 'right') }),
      step('lock_a', { origin, when: (s) => s.a === 'free', then: (d) => void (d.a = 'right') }),
      step('unlock', { origin, then: (d) => void ((d.a = 'free'), (d.b = 'free')) }),
    ),
    action('give', { actor: 'user', origin, when: (s) => s.work < 2, then: (d) => void d.work++ }),
  ],
  resting: (s) => s.a === 'free' && s.b === 'free',
})
const made = instantiate(toy)
const { always, observer } = propertiesOver(state)
const apart = always(
  'apart',
  'Two locks are never held by two.',
  (s) => s.a === 'free' || s.b === 'free' || s.a === s.b,
)
const picture = pictureOf(state, {
  show: { 'held by': (s) => [s.a, s.b].filter((one) => one !== 'free').join(' and ') || 'nobody' },
  draw: (s) => `a: ${s.a}\nb: ${s.b}`,
})

/** What a session answers to some lines. */
const answers = (...lines: readonly string[]): string[][] => {
  const session = new Session(made, [apart], picture)
  return lines.map((line) => [...session.answer(line).lines])
}
const last = (...lines: readonly string[]): string[] => answers(...lines).at(-1)!

describe('a run step by step', () => {
  it('takes steps by number and by name, and tells what they changed and broke', () => {
    assert.deepEqual(last(''), ['  1) user.give  user'])
    assert.deepEqual(last('1'), [
      '  1  user.give  (user)',
      '     work: 0 → 1',
      '  1) left.lock_a  left',
      '  2) user.give  user',
    ])
    const broken = last('1', 'user.give', 'left.lock_a', 'right.lock_b')
    assert.deepEqual(broken, [
      '  4  right.lock_b  (right)',
      '     b: free → right',
      '     = held by: left → left and right',
      '     breaks apart',
      'nothing can be taken: a deadlock',
    ])
  })

  it('says of a step that cannot be taken each part of its guard that is false, and who could make it true', () => {
    assert.deepEqual(last('why not right.lock_b'), [
      'work is 0 from the start; it would have to be 2',
      '  can be taken now and may make it so: user.give',
    ])
    assert.deepEqual(last('1', '1', 'why not right.lock_b'), [
      'work is 1 since step 1; it would have to be 2',
      '  can be taken now and may make it so: user.give',
    ])
    const both = last('1', 'left.lock_a', 'left.lock_b', 'why not right.lock_b')
    assert.match(
      both.join('\n'),
      /work is 1 since step 1; it would have to be 2\n.*user.give\nb is left since step 3; it would have to be free\n.*left.unlock/,
    )
    assert.deepEqual(last('why not left.unlock'), [
      'left stands at lock_a, not at unlock',
      '  may make it so later: left.lock_b',
    ])
    assert.match(last('left.unlock')[0]!, /cannot be taken here/)
    assert.match(last('left.unlok').join(), /no step 'left.unlok'.*did you mean 'left.unlock'/)
  })

  it('tells what is wrong with code of the model where it is met, and goes on', () => {
    const faulty = instantiate(
      model('faulty', {
        question: 'Does it go on?',
        actors: { user: environment('does it all') },
        initial: () => ({ a: 'free', b: 'free', work: 0 }),
        parts: () => [
          action('ask', {
            actor: 'user',
            origin,
            when: () => {
              throw new Error('no answer')
            },
            then: () => undefined,
          }),
          action('leave', { actor: 'user', origin, then: (d) => void (d.work = 3 as never) }),
          action('work', { actor: 'user', origin, when: (s) => s.work === 0, then: (d) => void (d.work = 1) }),
        ],
      }),
    )
    const session = new Session(faulty, [], picture)
    assert.match(session.answer('all').lines.join('\n'), /1\) user.leave[^]*2\) user.work[^]*-\) user.ask .*no answer/)
    assert.match(session.answer('why not user.ask').lines[0]!, /^user.ask: its guard throws: no answer$/)
    for (const [line, says] of [
      ['user.ask', /its guard throws: no answer/],
      ['user.leave', /^user.leave: work := 3 is not in int\(0, 2\)$/],
    ] as const) {
      const answer = session.answer(line)
      assert.match(answer.lines[0]!, says)
      assert(answer.failed)
    }
    assert.equal(session.run.steps.length, 0)
    assert.match(session.answer('user.work').lines[0]!, /user.work/)
  })

  it('goes on until something is so, by a shortest way, and says whether it still can be', () => {
    assert.match(
      last(`until a == 'right'`).join('\n'),
      /user.give[^]*user.give[^]*right.lock_b[^]*right.lock_a[^]*a: free → right/,
    )
    assert.match(last('until step right.unlock').join('\n'), / 5 {2}right.unlock/)
    assert.match(
      last(`possible a == 'right'`)[0]!,
      /^yes, in 4 steps: user.give, user.give, right.lock_b, right.lock_a$/,
    )
    assert.match(
      last('user.give', 'user.give', 'left.lock_a', 'until step right.lock_b', `possible a == 'right'`)[0]!,
      /^no: not from here/,
    )
    assert.match(last(`until a == 'rigt'`).join(), /a is never 'rigt'.*did you mean 'right'/)
    assert.match(last('until breaks no-deadlock').join('\n'), / 4 {2}[^]*nothing can be taken: a deadlock$/)
    assert.match(last('until breaks no-deadlok').join(), /there is no property 'no-deadlok'/)
  })

  it('goes back and again, and tells the state with its picture', () => {
    const [, , back, redo, state] = answers('1', '1', 'back', 'redo', 'state')
    assert.equal(back![0], 'after 1 steps')
    assert.match(redo![0]!, /left.lock_a/)
    assert.deepEqual(state, [
      'a = left',
      'b = free',
      'work = 1',
      'at left = lock_b',
      'at right = lock_b',
      '= held by: left',
      '',
      'a: left',
      'b: free',
    ])
    assert.match(last('back').join(), /0 steps to take back/)
  })

  it('shows derived values and drawings in traces where they change', () => {
    const session = new Session(made, [], picture)
    for (const line of ['1', '1']) session.answer(line)
    const drawn = lanesOf(session.trace(null), { columns: 80, drawn: true })
    assert.match(drawn, /= held by: nobody → left/)
    assert.equal(drawn.match(/b: free/g)!.length, 2)
  })
})

describe('why a run hangs', () => {
  it('is told as locks taken in a circle', () => {
    const session = new Session(made, [])
    for (const line of ['user.give', 'user.give', 'left.lock_a', 'right.lock_b']) session.answer(line)
    assert.deepEqual(hangingText(session.run), [
      'locks taken in a circle: left holds a since step 3 and waits for b; right holds b since step 4 and waits for a',
    ])
    assert.deepEqual(session.answer('waits').lines, hangingText(session.run))
    const early = new Session(made, [])
    assert.match(
      early.answer('waits').lines[0]!,
      /^left waits until work is 1 or 2: it is 0 from the start, which takes user\.give$/,
    )
  })

  it('is told by an observer in its own words, or in those of its author', async () => {
    const declared = {
      state: record({ tookSecond: oneOf('no', 'yes'), times: int(0, 2) }),
      initial: { tookSecond: 'no' as const, times: 0 },
      next: (own: { tookSecond: string; times: number }, _: unknown, after: { b: string }) => {
        if (after.b === 'right') own.tookSecond = 'yes'
      },
      wrong: (own: { readonly tookSecond: string }) => own.tookSecond === 'yes',
    }
    const told = async (explain?: () => string): Promise<string | undefined> => {
      const property = observer('second', 'Right takes nothing.', { ...declared, ...(explain && { explain }) } as never)
      const { verdicts } = await check(made, [property])
      return notedText(property, verdicts.at(-1)!.run!)
    }
    assert.equal(await told(), 'its observer has noted: took second is yes since step 3, right.lock_b')
    assert.equal(await told(() => 'Right took b.'), 'Right took b.')
  })
})

describe('thawproof step', function () {
  this.timeout(30_000)
  const bin = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url))
  const target = 'grant-revoke/B49-page-fixed'
  const typed = (args: readonly string[], ...lines: string[]): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, [bin, ...args], {
      input: lines.join('\n'),
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    })
  const script = (...lines: string[]): { status: number | null; stdout: string } => typed(['step', target], ...lines)

  it('reads lines, answers each, and ends a script that asks for what cannot be done', () => {
    const lines = ['backend.map', 'why not end_access.gnttab_handle_deferred', `until page == 'deferred'`]
    const { status, stdout } = script(...lines)
    assert.equal(status, 0)
    assert.match(stdout, /> backend.map\n {2}1 {2}backend.map {2}\(backend\)\n {5}mapped: no → yes\n/)
    assert.match(stdout, /> why not [^]*stands at gnttab_try_end_foreign_access, not at gnttab_handle_deferred/)
    assert.match(stdout, /page: driver → deferred/)
    assert.equal(script(...lines).stdout, stdout)
    assert.equal(script('backend.unmap', 'state').status, 1)
  })

  it('reads them as well where options of the whole program come first', () =>
    assert.match(
      typed(['--color', 'never', 'step', target], 'backend.map').stdout,
      /> backend.map\n {2}1 {2}backend.map/,
    ))
})
