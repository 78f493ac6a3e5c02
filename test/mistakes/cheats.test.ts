/** Code that depends on, or changes, anything but the state is found a hundred times out of a hundred, in however few states it does so. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import * as files from 'node:fs'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { bool, env, int, list, over, propertiesOver, record, system, Mistake } from '../../src/index.js'
import { check } from '../../src/check.js'
import { walk } from '../../src/ask/random/walk.js'
import { instantiate, type Property, type ValueOf } from '../../src/index.js'

const last = 300
const state = record({ n: int(0, last), bit: bool(), items: list(2, int(0, 3)), one: record({ x: int(0, 3) }) })
type State = ValueOf<typeof state>
const { model, action } = over(state)
const { always, step, observer } = propertiesOver(state)
const origin = env('a test')

interface Cheat {
  readonly when?: (s: State) => boolean
  readonly then?: (d: State) => void
  readonly property?: Property
}

function cheating({ when = () => true, then = () => undefined }: Cheat) {
  return model('cheat', {
    question: 'Is it noticed?',
    actors: { one: system('counts') },
    initial: () => ({ n: 0, bit: false, items: [], one: { x: 0 } }),
    parts: () => [
      action('tick', { actor: 'one', origin, when: (s) => s.n < last, then: (d) => void d.n++ }),
      action('mark', { actor: 'one', origin, when: (s) => when(s as State), then }),
    ],
    resting: () => true,
  })
}

type Ask = (cheat: Cheat) => Promise<string>

const checks: Ask = async (cheat) => {
  const outcome = await check(instantiate(cheating(cheat)), cheat.property ? [cheat.property] : [])
  return outcome.verdicts.find(({ why }) => why?.startsWith('the model is at fault'))?.why ?? 'nothing'
}

const walks: Ask = async (cheat) => {
  const { caught } = await walk(cheating(cheat), cheat.property ? [cheat.property] : [], {}, { runs: 1 })
  return caught?.verdict.why ?? 'nothing'
}

/** What is said of a cheat, or that nothing is. */
async function said(cheat: Cheat, ask: Ask = checks): Promise<string> {
  try {
    return await ask(cheat)
  } catch (error) {
    assert(error instanceof Mistake, String(error))
    // The loader of the tests takes the spaces out of code.
    return error.message.split('\n')[0]!.replace(/ ?(=|<) ?/g, ' $1 ')
  }
}

let chance = 20261130
/** A state, drawn anew each time from a fixed seed. */
const rarely = (): number => (chance = (chance * 1103515245 + 12345) % 2 ** 31) % last

const counted = { calls: 0 }
export let kept: unknown
const box: { state?: unknown } = {}
const table = new Map<number, boolean>()
const names = new Set<number>()
const log: number[] = []
const known = new WeakMap<object, boolean>()
const odd = /x/g
const now = Date.now
const got = createRequire(import.meta.url)('node:os') as { cpus(): readonly unknown[] }
const bump = (): number => counted.calls++
const remember = (s: State): void => void log.push(s.n)
const mutate = (s: { one: { x: number } }): void => void (s.one.x = 1)
function* numbers(): Generator<number> {
  for (let i = 0; ; i++) yield i
}
const counter = numbers()
class Counter {
  private calls = 0
  next(): number {
    return this.calls++
  }
}
const instance = new Counter()
const memo = <S extends object>(f: (s: S) => boolean): ((s: S) => boolean) => {
  const answers = new Map<S, boolean>()
  return (s) => {
    const before = answers.get(s)
    if (before !== undefined) return before
    const answer = f(s)
    answers.set(s, answer)
    return answer
  }
}
const local = (): ((s: { readonly n: number }) => boolean) => {
  let calls = 0
  return (s) => s.n !== calls++
}
const late = async (s: State): Promise<boolean> => Promise.resolve(s.bit)

/** What is done, in a state that is drawn; and what is said. */
const cheats: Readonly<Record<string, readonly [make: (n: number) => Cheat, said: RegExp]>> = {
  'a counter of the module': [
    (n) => ({ when: (s) => s.n === n && counted.calls++ % 2 === 0 }),
    /its guard.* changes what is not in the state: counted\.calls\+\+/,
  ],
  'a counter in a helper': [
    (n) => ({
      then: (d) => {
        if (d.n === n) d.bit = bump() % 2 === 0
      },
    }),
    /its effect, by way of bump, changes what is not in the state: counted\.calls\+\+/,
  ],
  'a variable of a closure': [
    () => ({ property: always('p', 'It is.', local()) }),
    /property p: its predicate changes what is not in the state: calls\+\+/,
  ],
  'the state kept in a variable': [
    (n) => ({
      then: (d) => {
        if (d.n === n) kept = d.items
      },
    }),
    /its effect changes what is not in the state: kept = d\.items/,
  ],
  'the state kept in an object': [
    (n) => ({
      then: (d) => {
        if (d.n === n) box.state = d
      },
    }),
    /its effect changes what is not in the state: box\.state = d/,
  ],
  'a list that grows': [
    (n) => ({
      when: (s) => {
        if (s.n === n) log.push(n)
        return true
      },
    }),
    /its guard keeps something in when, log, outside of the state/,
  ],
  'a list that grows in a helper': [
    (n) => ({
      when: (s) => {
        if (s.n === n) remember(s)
        return true
      },
    }),
    /its guard keeps something in when, remember, log, outside of the state/,
  ],
  'a Map that grows': [
    (n) => ({
      property: always('p', 'It is.', (s) => {
        if (s.n === n) table.set(table.size, true)
        return true
      }),
    }),
    /its predicate keeps something in table, outside of the state/,
  ],
  'a Set that grows': [
    (n) => ({
      property: always('p', 'It is.', (s) => {
        if (s.n === n) names.add(names.size)
        return true
      }),
    }),
    /its predicate keeps something in names, outside of the state/,
  ],
  'a WeakMap by state': [
    (n) => ({ property: always('p', 'It is.', (s) => s.n !== n || known.has(s)) }),
    /property p: its predicate, by way of known, remembers by a WeakMap/,
  ],
  'a memo by state': [
    (n) => ({
      property: always(
        'p',
        'It is.',
        memo((s) => s.n !== n),
      ),
    }),
    /its predicate keeps something in answers, outside of the state/,
  ],
  'an expression that goes on': [
    (n) => ({ property: always('p', 'It is.', (s) => s.n !== n || odd.test('x x')) }),
    /its predicate, by way of odd, remembers where its last search ended/,
  ],
  'a generator': [
    (n) => ({ when: (s) => s.n === n && counter.next().value > 0 }),
    /its guard, by way of when, counter, remembers by a generator/,
  ],
  'an object of a class': [
    (n) => ({ when: (s) => s.n === n && instance.next() % 2 === 0 }),
    /its guard keeps something in when, instance, outside of the state/,
  ],
  'the clock': [
    (n) => ({ when: (s) => s.n === n && Date.now() % 2 === 0 }),
    /its guard, by way of when, asks for the clock: Date/,
  ],
  'the clock under another name': [
    (n) => ({ when: (s) => s.n === n && now() % 2 === 0 }),
    /its guard, by way of when, now, asks for the clock/,
  ],
  'a date': [(n) => ({ when: (s) => s.n === n && new Date().getSeconds() > 30 }), /asks for the clock: Date/],
  'the clock of performance': [
    (n) => ({ when: (s) => s.n === n && performance.now() > 9e5 }),
    /asks for the clock: performance/,
  ],
  chance: [
    (n) => ({
      then: (d) => {
        if (d.n === n) d.bit = Math.random() < 0.5
      },
    }),
    /its effect asks for chance: Math\.random/,
  ],
  'chance, taken out': [
    (n) => ({
      then: (d) => {
        const { random } = Math
        if (d.n === n) d.bit = random() < 0.5
      },
    }),
    /its effect asks for chance: Math\.random/,
  ],
  'chance by crypto': [
    (n) => ({
      then: (d) => {
        if (d.n === n) d.bit = crypto.randomUUID() > '8'
      },
    }),
    /asks for chance: crypto/,
  ],
  'the environment': [
    (n) => ({ when: (s) => s.n === n && process.env.HOME !== undefined }),
    /asks for the process: process/,
  ],
  'a file': [
    (n) => ({ when: (s) => s.n === n && existsSync('/tmp') }),
    /its guard, by way of when, (import_node_fs\.)?existsSync, asks for node:fs/,
  ],
  'a file by a module that is taken whole': [
    (n) => ({ when: (s) => s.n === n && files.existsSync('/tmp') }),
    /its guard, by way of when, files\.existsSync, .*asks for node:fs/,
  ],
  'a module that is got from the process': [
    (n) => ({ when: (s) => s.n === n && got.cpus().length > 1 }),
    /its guard, by way of when, got\.cpus, asks for node:os/,
  ],
  'chance by node:crypto': [
    (n) => ({
      then: (d) => {
        if (d.n === n) d.bit = randomInt(2) === 1
      },
    }),
    /its effect, by way of (import_node_crypto\.)?randomInt, asks for node:crypto/,
  ],
  'another program': [
    (n) => ({ property: always('p', 'It is.', (s) => s.n !== n || spawnSync('true').status === 0) }),
    /its predicate, by way of (import_node_child_process\.)?spawnSync, asks for node:child_process/,
  ],
  'a date in the words of a language': [
    (n) => ({ when: (s) => s.n === n && new Intl.DateTimeFormat('en').format().length > 8 }),
    /its guard, by way of when, asks for the clock: Intl\.DateTimeFormat/,
  ],
  'a timer': [
    (n) => ({
      then: (d) => {
        if (d.n === n) setTimeout(() => undefined, 0)
      },
    }),
    /asks for what is to come: setTimeout/,
  ],
  'a global variable': [
    (n) => ({
      then: (d) => {
        if (d.n === n) Object.assign(globalThis, { met: n })
      },
    }),
    /asks for what all code shares: globalThis/,
  ],
  'an async helper': [
    (n) => ({ property: always('p', 'It is.', (s) => s.n !== n || (late(s as State) as unknown as boolean)) }),
    /its predicate, by way of late, is asynchronous/,
  ],
  'a guard that writes': [
    (n) => ({
      when: (s) => {
        if (s.n === n) s.one.x = 1
        return true
      },
    }),
    /its guard, by way of when, writes on what it may only read: s\.one\.x = 1/,
  ],
  'a guard that writes by a helper': [
    (n) => ({
      when: (s) => {
        if (s.n === n) mutate(s)
        return true
      },
    }),
    /its guard, by way of when, mutate, writes on what it may only read: s\.one\.x = 1/,
  ],
  'a predicate that sorts': [
    (n) => ({ property: always('p', 'It is.', (s) => s.n !== n || (s.items as number[]).sort().length < 3) }),
    /its predicate writes on what it may only read: \(?s\.items/,
  ],
  'a predicate that writes on a part': [
    (n) => ({
      property: always('p', 'It is.', (s) => {
        const { one } = s as State
        if (s.n === n) one.x++
        return true
      }),
    }),
    /its predicate writes on what it may only read: one\.x\+\+/,
  ],
  'a step that writes on the state after': [
    (n) => ({
      property: step('p', 'It is.', (_, after) => {
        if (after.n === n) (after as State).bit = true
        return true
      }),
    }),
    /its predicate writes on what it may only read/,
  ],
  'an observer that writes on the state after': [
    (n) => ({
      property: observer('p', 'It is.', {
        state: record({ seen: bool() }),
        initial: { seen: false },
        next: (own, _, after) => {
          own.seen = true
          if (after.n === n) (after as State).bit = true
        },
        wrong: () => false,
      }),
    }),
    /property p: its next writes on what it may only read/,
  ],
}

describe('a model that cheats', () => {
  for (const [what, [make, message]] of Object.entries(cheats))
    it(`is found out a hundred times out of a hundred: ${what}`, async () => {
      const found: string[] = []
      for (let i = 0; i < 100; i++) found.push(await said(make(rarely())))
      assert.equal(found.length, 100)
      assert.deepEqual([...new Set(found.filter((one) => !message.test(one)))], [])
    })

  // What a walk meets is drawn; that it is kept to its state must not be.
  for (const [what, [make, message]] of Object.entries(cheats).filter(
    ([, [, { source }]]) => !source.includes('keeps'),
  ))
    it(`is found out by a walk, wherever that comes: ${what}`, async () => {
      assert.match(await said(make(last - 1), walks), message)
    })
})
