import assert from 'node:assert/strict'
import { bool, env, environment, int, over, parameter, propertiesOver, record, system } from '../src/index.js'
import { check } from '../src/search/check.js'
import { mutantsOf, mutated, operators } from '../src/write/mutation.js'
import { instantiate, type System } from '../src/write/system.js'

/** A ladder of error labels: take a, take b, commit, or back down. */
const state = record({ a: bool(), b: bool(), committed: bool() })
const { model, thread, step } = over(state)
const origin = env('a toy')

const ladder = instantiate(
  model('ladder', {
    question: 'Is what was taken given back?',
    actors: { worker: system('takes and gives back') },
    initial: () => ({ a: false, b: false, committed: false }),
    parts: () => [
      thread(
        'work',
        { actor: 'worker' },
        step('take-a', { origin, then: (d) => void (d.a = true) }),
        step('take-b', {
          origin,
          either: { ok: { then: (d) => void (d.b = true) }, fails: { goto: 'drop-a' } },
        }),
        step('commit', {
          origin,
          either: { done: { then: (d) => void (d.committed = true), goto: 'end' }, aborted: { goto: 'drop-b' } },
        }),
        step('drop-b', { origin, then: (d) => void (d.b = false) }),
        step('drop-a', { origin, then: (d) => void (d.a = false) }),
      ),
    ],
    resting: (_, at) => at('work', 'end'),
  }),
)

const { always, step: onStep, reachable } = propertiesOver(state)
const properties = [
  always('all-or-nothing', 'At the end both are taken, or neither.', {
    when: (_, at) => at('work', 'end'),
    holds: (s) => s.a === s.committed && s.b === s.committed,
  }),
  onStep('drop-a-once', 'Only what is taken is given back, the last first.', {
    on: 'work.drop-a',
    holds: (before) => before.a && !before.b,
  }),
  onStep('drop-b-once', 'Only what is taken is given back.', { on: 'work.drop-b', holds: (before) => before.b }),
  reachable('can-commit', 'Both can be had.', (s) => s.committed),
]

/** The mutants that no property notices. */
async function survivors(one: System): Promise<string[]> {
  const names: string[] = []
  for (const mutant of mutantsOf(one)) {
    const { verdicts } = await check(mutated(one, mutant), properties)
    if (verdicts.every(({ verdict }) => verdict !== 'violated')) names.push(mutant.patch.name)
  }
  return names
}

describe('mutants', () => {
  it('are one planted error each, in declaration order', () => {
    assert.deepEqual(
      mutantsOf(ladder).map(({ patch }) => patch.name),
      [
        'drop-step:work.take-a',
        'wait-for-self:work.take-a',
        'drop-effect:work.take-a',
        'drop-step:work.take-b',
        'drop-effect:work.take-b/ok',
        'undo-too-many:work.take-b/fails',
        'undo-too-few:work.take-b/fails',
        'cross-effects:work.take-b/ok',
        'drop-step:work.commit',
        'drop-effect:work.commit/done',
        'undo-too-many:work.commit/done',
        'undo-too-few:work.commit/aborted',
        'cross-effects:work.commit/done',
        'drop-step:work.drop-b',
        'wait-for-self:work.drop-b',
        'drop-effect:work.drop-b',
        'drop-step:work.drop-a',
        'swap-steps:work.drop-a',
        'wait-for-self:work.drop-a',
        'drop-effect:work.drop-a',
        'wrong-default:a',
        'wrong-default:b',
        'wrong-default:committed',
      ],
    )
  })

  it('are noticed by properties with teeth, and the one that changes nothing is not', async () => {
    const right = await check(ladder, properties)
    assert.ok(right.verdicts.every(({ verdict }) => verdict === 'holds'))
    assert.deepEqual(await survivors(ladder), ['wrong-default:a'])
  })

  it('may be asked of what only another variant has', async () => {
    const wider = model('wider', {
      question: 'Is a mutant still of its family?',
      parameters: { both: parameter(bool(), false, 'another thread runs') },
      actors: { worker: system('takes and gives back') },
      initial: () => ({ a: false, b: false, committed: false }),
      parts: ({ both }) => [
        thread('work', { actor: 'worker' }, step('take-a', { origin, then: (d) => void (d.a = true) })),
        ...(both ? [thread('other', { actor: 'worker' }, step('take-b', { origin }))] : []),
      ],
      resting: () => true,
    })
    const alone = always(
      'alone',
      'The other thread is not there.',
      (_s, at) => !at.has('other') && !at('other', 'take-b'),
    )
    for (const mutant of mutantsOf(instantiate(wider))) {
      const { verdicts } = await check(mutated(instantiate(wider), mutant), [alone])
      assert.equal(verdicts.find(({ property }) => property === 'alone')!.verdict, 'trivial', mutant.target)
    }
  })

  it('leave the system they are made from as it was', async () => {
    const before = await check(ladder, properties)
    for (const mutant of mutantsOf(ladder)) mutated(ladder, mutant)
    const after = await check(ladder, properties)
    assert.equal(after.states, before.states)
    assert.equal(after.states, 7)
  })
})

describe('a mutant', () => {
  const counting = record({ n: int(0, 2), ready: bool(), mine: record({ x: int(0, 3), y: int(0, 3) }) })
  const words = over(counting)
  const turns = instantiate(
    words.model('turns', {
      question: 'What do the other operators do?',
      actors: { worker: system('works'), other: system('signals') },
      initial: () => ({ n: 0, ready: false, mine: { x: 0, y: 0 } }),
      parts: () => [
        words.thread(
          'loop',
          { actor: 'worker' },
          words.step('wait', { origin, when: (s) => s.ready }),
          words.step('count', { origin, then: (d) => void d.n++ }),
          words.step('again', {
            origin,
            either: { more: { when: (s) => s.n < 2, goto: 'wait' }, enough: { when: (s) => s.n === 2 } },
          }),
          words.step('finish', { origin, then: (d) => void (d.ready = false) }),
        ),
        words.action('signal', {
          actor: 'other',
          origin,
          when: (s) => !s.ready && s.n < 2,
          then: (d) => void (d.ready = true),
        }),
        words.thread(
          'own',
          { actor: 'worker', for: { field: ['x', 'y'] } },
          words.step('raise', {
            origin,
            then: (d, { field }) => {
              if (field === 'x') d.mine.x++
              else d.mine.y++
            },
          }),
        ),
      ],
      resting: (_, at) => at('loop', 'end') && at('own(x)', 'end') && at('own(y)', 'end'),
    }),
  )
  const named = (name: string): System => {
    const found = mutantsOf(turns).find(({ patch }) => patch.name === name)
    assert.ok(
      found,
      `${name}: ${mutantsOf(turns)
        .map(({ patch }) => patch.name)
        .join(' ')}`,
    )
    return mutated(turns, found)
  }
  const reaches = async (
    name: string,
    goal: (s: { n: number; ready: boolean; x: number; y: number }, end: boolean) => boolean,
  ) => {
    const { reachable: can } = propertiesOver(counting)
    const claim = can('goal', 'The goal is reached.', (s, at) =>
      goal({ n: s.n, ready: s.ready, ...s.mine }, at('loop', 'end')),
    )
    const { verdicts } = await check(named(name), [claim])
    return verdicts.find(({ property }) => property === 'goal')!.verdict === 'holds'
  }

  it('checks first and acts later', () => {
    const labels = named('check-then-act:loop.wait').threads[0]!.labels
    assert.deepEqual(labels, ['wait-checked', 'wait', 'count', 'again', 'finish', 'end'])
  })

  it('does not wait', async () => {
    assert.ok(await reaches('no-wait:loop.wait', ({ n, ready }) => n === 1 && !ready))
  })

  it('waits for itself', async () => {
    assert.ok(!(await reaches('wait-for-self:loop.count', ({ n }) => n > 0)))
  })

  it('does not try again', async () => {
    assert.ok(await reaches('no-retry:loop.again/more', ({ n }, end) => end && n === 1))
  })

  it('takes the last step before what can still lead elsewhere', () => {
    const labels = named('commit-early:loop.finish').threads[0]!.labels
    assert.deepEqual(labels, ['wait', 'count', 'finish', 'again', 'end'])
  })

  it('acts on another instance', async () => {
    assert.ok(await reaches('wrong-instance:own.raise', ({ x, y }) => x === 1 && y === 1))
    assert.ok(!(await reaches('wrong-instance:own.raise', ({ x, y }) => x + y > 2)))
  })

  it('opens an alternative at any time', async () => {
    assert.ok(await reaches('any-time:loop.again/enough', ({ n }, end) => end && n === 1))
  })

  it('leaves an action in place, and the environment as it is', () => {
    assert.deepEqual(
      mutantsOf(turns)
        .filter(({ target }) => target === 'other.signal')
        .map(({ operator }) => operator),
      ['drop-effect', 'no-wait'],
    )
    const free: System = { ...turns, actors: { ...turns.actors, other: environment('nothing is promised of it') } }
    assert.deepEqual(
      mutantsOf(free).map(({ patch }) => patch.name),
      mutantsOf(turns)
        .filter(({ target }) => target !== 'other.signal')
        .map(({ patch }) => patch.name),
    )
  })

  it('of every operator is made by these two systems', () => {
    const made = new Set([...mutantsOf(ladder), ...mutantsOf(turns)].map(({ operator }) => operator))
    assert.deepEqual([...made].sort(), Object.keys(operators).sort())
  })
})

describe('a mutant of a model that speaks of other variants', () => {
  const { patch, edit } = over(state)
  const written = model('two-ladders', {
    question: 'Does a mutant know what its model knows?',
    actors: { worker: system('takes and gives back') },
    initial: () => ({ a: false, b: false, committed: false }),
    parts: () => [
      thread(
        'work',
        { actor: 'worker' },
        step('take-a', { origin, then: (d) => void (d.a = true) }),
        step('take-b', { origin, then: (d) => void (d.b = true) }),
      ),
    ],
    patches: [
      patch('longer', {
        kind: 'era',
        says: 'It waits before it goes on.',
        edits: [edit.after('work.take-a', step('wait', { origin }))],
      }),
    ],
    resting: (_, at) => at('work', 'end'),
  })
  const waits = always('waits-with-a', 'Who waits has taken a.', (s, at) => !at('work', 'wait') || s.a)

  it('may be asked about a label that only another variant has', async () => {
    const plain = instantiate(written)
    for (const mutant of mutantsOf(plain)) {
      const { verdicts } = await check(mutated(plain, mutant), [waits])
      assert.equal(verdicts.find(({ property }) => property === 'waits-with-a')?.verdict, 'trivial', mutant.patch.name)
    }
  })
})
