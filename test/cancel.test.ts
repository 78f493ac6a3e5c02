/** Cancels injected at every step: a suspend in miniature, and error paths that are wrong in one way each. */

import assert from 'node:assert/strict'
import { check, type Verdict } from '../src/check.js'
import {
  bool,
  env,
  environment,
  instantiate,
  Mistake,
  over,
  propertiesOver,
  record,
  system,
  type Property,
} from '../src/index.js'
import { cancelled } from '../src/search/compose/cancel.js'
import type { Cancel } from '../src/write/property.js'

const origin = env('a toy')
const state = record({ asked: bool(), lock: bool(), frozen: bool(), asleep: bool(), wake: bool(), error: bool() })
const { model, thread, step, action, patch, edit } = over(state)

const fault = (name: string, says: string, ...edits: Parameters<typeof patch>[1]['edits']) =>
  patch(name, { kind: 'fault', says, edits })

/** Lock, freeze, sleep; wake up, thaw, unlock. An error at freeze unlocks, an error at sleep thaws and unlocks. */
const suspend = model('suspend', {
  question: 'Is every cancel survived?',
  actors: { pm: system('the core'), user: environment('asks'), bell: environment('rings') },
  initial: () => ({ asked: false, lock: false, frozen: false, asleep: false, wake: false, error: false }),
  parts: () => [
    thread(
      'pm',
      { actor: 'pm' },
      step('request', {
        origin,
        when: (s) => s.asked,
        then: (d) => void Object.assign(d, { asked: false, error: false }),
      }),
      step('lock', { origin, then: (d) => void (d.lock = true) }),
      step('freeze', { origin, then: (d) => void (d.frozen = true) }),
      step('check', {
        origin,
        either: {
          pending: { when: (s) => s.wake, goto: 'thaw' },
          clear: { when: (s) => !s.wake },
        },
      }),
      step('sleep', { origin, then: (d) => void (d.asleep = true) }),
      step('wait', { origin, when: (s) => s.wake, then: (d) => void (d.asleep = false) }),
      step('thaw', { origin, then: (d) => void (d.frozen = false) }),
      step('unlock', { origin, then: (d) => void (d.lock = false) }),
      step('handle', { origin, then: (d) => void (d.wake = false), goto: 'request' }),
    ),
    action('ask', { actor: 'user', origin, when: (s) => !s.asked, then: (d) => void (d.asked = true) }),
    action('ring', { actor: 'bell', origin, fair: 'weak', when: (s) => s.asleep, then: (d) => void (d.wake = true) }),
  ],
  patches: [
    fault('stays-frozen', 'A pending wake-up skips the thaw.', edit.replace('pm.check/pending', { goto: 'unlock' })),
    fault(
      'never-freezes',
      'The core freezes nobody, and thaws nobody.',
      edit.remove('pm.freeze'),
      edit.remove('pm.thaw'),
      edit.replace('pm.check/pending', { goto: 'unlock' }),
    ),
    fault(
      'hangs',
      'After an error the core waits for a wake-up that nobody sends.',
      edit.replace('pm.unlock', { when: (s) => !s.error || s.wake }),
    ),
    fault(
      'forgets-wakeup',
      'A new attempt is waited for before the wake-up is handled.',
      edit.before('pm.handle', step('dawdle', { origin, when: (s) => s.asked })),
    ),
    fault(
      'gives-up',
      'After an error the core never tries again.',
      edit.before('pm.handle', step('dead', { origin, when: (s) => !s.error })),
    ),
  ],
})

const obligations = (
  exits: Readonly<Record<string, string | readonly string[]>> = { lock: 'handle', freeze: 'unlock', sleep: 'thaw' },
) =>
  propertiesOver(state).cancel('cancel', {
    what: 'the suspend',
    thread: 'pm',
    request: 'request',
    commit: 'sleep',
    exits,
    failing: (d) => void (d.error = true),
    interrupts: { 'wake-up': { when: (s) => !s.wake, then: (d) => void (d.wake = true) } },
    idle: (_, at) => at('pm', 'request') || at('pm', 'dawdle'),
    running: (s) => !s.frozen && !s.asleep,
    held: [{ what: 'the lock', acquire: 'pm.lock', release: 'pm.unlock' }],
    stopped: [{ what: 'the tasks', suspend: 'pm.freeze', resume: 'pm.thaw' }],
    wake: { pending: (s) => s.wake, handled: (s) => !s.wake },
  })

async function verdicts(
  patches: string[],
  properties: readonly Property[] = obligations(),
): Promise<Record<string, Verdict>> {
  const { verdicts: all } = await check(instantiate(suspend, { patches }), properties)
  return Object.fromEntries(all.slice(2).map((verdict) => [verdict.property, verdict]))
}

const judgements = (found: Record<string, Verdict>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([name, { verdict }]) => [name, verdict]))

const sound = {
  'cancel-returns': 'holds',
  'cancel-releases': 'holds',
  'cancel-resumes-only-suspended': 'holds',
  'cancel-loses-no-wakeup': 'holds',
  'cancel-can-try-again': 'holds',
}

const names = (verdict: Verdict): string[] => verdict.run!.steps.map(({ transition }) => transition.name)

describe('cancelling everywhere', () => {
  it('is survived by error paths that undo what was done', async () => {
    assert.deepEqual(judgements(await verdicts([])), sound)
  })

  it('is asked of a variant without some of the steps that may fail, and goes to those that it has', async () => {
    const exits = { lock: 'handle', freeze: 'unlock', sleep: ['thaw', 'unlock'] }
    const vacuous = { 'cancel-resumes-only-suspended': 'vacuous' }
    const found = judgements(await verdicts(['never-freezes'], obligations(exits)))
    assert.deepEqual({ ...found, ...vacuous }, { ...sound, ...vacuous })
    assert.deepEqual(judgements(await verdicts([], obligations(exits))), sound)
    await assert.rejects(verdicts(['never-freezes'], obligations()), /no step 'thaw'/)
    await assert.rejects(verdicts([], obligations({ frieze: 'unlock' })), /no step 'frieze'/)
  })

  it('owes only what its plan speaks of', () => {
    const owed = (...keys: readonly ('held' | 'stopped' | 'wake')[]): readonly string[] => {
      const { plan } = obligations()[0] as Cancel
      const left = Object.entries(plan).filter(
        ([key]) => !['held', 'stopped', 'wake'].includes(key) || keys.includes(key as never),
      )
      const made = propertiesOver(state).cancel('cancel', Object.fromEntries(left) as never)
      return made.map(({ name }) => name)
    }
    assert.deepEqual(owed(), ['cancel-returns', 'cancel-can-try-again'])
    assert.deepEqual(owed('held'), ['cancel-returns', 'cancel-releases', 'cancel-can-try-again'])
    assert.deepEqual(owed('stopped'), ['cancel-returns', 'cancel-resumes-only-suspended', 'cancel-can-try-again'])
    assert.deepEqual(owed('wake'), ['cancel-returns', 'cancel-loses-no-wakeup', 'cancel-can-try-again'])
    assert.deepEqual(owed('held', 'stopped', 'wake'), Object.keys(sound))
  })

  it('finds a lock that an error path leaks', async () => {
    const found = await verdicts([], obligations({ freeze: 'handle' }))
    assert.equal(found['cancel-releases']!.verdict, 'violated')
    assert.deepEqual(names(found['cancel-releases']!), [
      'user.ask',
      'pm.request',
      'pm.lock',
      'cancel.error-at-freeze',
      'pm.handle',
    ])
  })

  it('finds tasks that stay frozen', async () => {
    const found = await verdicts(['stays-frozen'])
    assert.equal(found['cancel-returns']!.verdict, 'violated')
    assert.equal(found['cancel-releases']!.verdict, 'holds')
  })

  it('finds an error exit that undoes one step too many', async () => {
    const found = await verdicts([], obligations({ freeze: 'thaw' }))
    assert.deepEqual(names(found['cancel-resumes-only-suspended']!).at(-2), 'cancel.error-at-freeze')
    assert.deepEqual(judgements(found), { ...sound, 'cancel-resumes-only-suspended': 'violated' })
  })

  it('finds an error exit that undoes one step too few', async () => {
    const found = await verdicts([], obligations({ sleep: 'unlock' }))
    assert.equal(found['cancel-returns']!.verdict, 'violated')
  })

  it('finds a core that waits for ever after an error', async () => {
    const found = await verdicts(['hangs'])
    assert.equal(found['cancel-returns']!.verdict, 'violated')
    assert.equal(found['cancel-returns']!.run!.loop, undefined)
    assert.match(found['cancel-returns']!.why!, /may stop here|ends here/)
  })

  it('finds a wake-up that nobody handles', async () => {
    const found = await verdicts(['forgets-wakeup'])
    assert.deepEqual(judgements(found), { ...sound, 'cancel-loses-no-wakeup': 'violated' })
  })

  it('finds that there is no second attempt', async () => {
    const found = await verdicts(['gives-up'])
    assert.equal(found['cancel-returns']!.verdict, 'violated')
  })

  it('leaves the system itself as it is', async () => {
    const [alone, along] = [[], obligations()].map((list) => check(instantiate(suspend), list))
    assert.equal((await along!).states, (await alone!).states)
  })

  it('refuses a plan that names a step that does not exist', async () => {
    await assert.rejects(
      verdicts([], obligations({ freez: 'unlock' })),
      (error) => error instanceof Mistake && /freez.*did you mean 'freeze'/s.test(error.message),
    )
  })

  it('interrupts a step between the request and the commit wherever it is declared', async () => {
    const flags = record({ wake: bool(), handled: bool(), asleep: bool(), busy: bool() })
    const { model: define, thread: run, step: take, edit: change, patch: put } = over(flags)
    const cancels = {
      when: (s: { wake: boolean }) => s.wake,
      then: (d: { handled: boolean; busy: boolean }) => void Object.assign(d, { handled: true, busy: false }),
      goto: 'end',
    }
    const slow = take('slow', { origin, then: (d) => void (d.wake = false), goto: 'commit' })
    const outOfLine = define('out-of-line', {
      question: 'Is a wake-up lost on the slow way?',
      actors: { k: system('the kernel') },
      initial: () => ({ wake: false, handled: false, asleep: false, busy: false }),
      resting: () => true,
      parts: () => [
        run(
          'pm',
          { actor: 'k' },
          take('request', { origin, then: (d) => void (d.busy = true) }),
          take('work', {
            origin,
            either: {
              cancelled: cancels,
              fast: { when: (s) => !s.wake, goto: 'commit' },
              slow: { when: (s) => !s.wake, goto: 'slow' },
            },
          }),
          take('commit', {
            origin,
            either: { cancelled: cancels, sleeps: { when: (s) => !s.wake, then: (d) => void (d.asleep = true) } },
          }),
          take('done', { origin, then: (d) => void Object.assign(d, { busy: false, asleep: false }), goto: 'end' }),
          slow,
        ),
      ],
      patches: [
        put('in-line', {
          kind: 'era',
          says: 'The same step, declared in line.',
          edits: [
            change.move('pm.slow', { before: 'pm.commit' }),
            change.replace('pm.work/fast', { goto: 'commit' }),
            change.replace('pm.work/slow', { goto: 'slow' }),
          ],
        }),
      ],
    })
    const owed = propertiesOver(flags).cancel('cancel', {
      what: 'the suspend',
      thread: 'pm',
      request: 'request',
      commit: 'commit',
      interrupts: { wakeup: { when: (s) => !s.wake, then: (d) => void (d.wake = true) } },
      idle: (s) => !s.busy,
      running: (s) => !s.asleep,
      wake: { pending: (s) => s.wake, handled: (s) => s.handled },
    })
    for (const patches of [[], ['in-line']]) {
      const { verdicts: found } = await check(instantiate(outOfLine, { patches }), owed)
      const lost = found.find(({ property }) => property === 'cancel-loses-no-wakeup')!
      assert.equal(lost.verdict, 'violated')
      assert.deepEqual(names(lost), [
        'pm.request',
        'pm.work/slow',
        'cancel.wakeup-before-slow',
        'pm.slow',
        'pm.commit/sleeps',
        'pm.done',
      ])
    }
  })

  it('interrupts nothing after the commit, nor where the commit is out of reach', () => {
    const { transitions } = cancelled(instantiate(suspend), (obligations()[0] as Cancel).plan, 'a test').system
    assert.deepEqual(
      transitions.flatMap(({ name }) => /^cancel\.wake-up-before-(.*)/.exec(name)?.slice(1) ?? []),
      ['lock', 'freeze', 'check', 'sleep'],
    )
  })
})
