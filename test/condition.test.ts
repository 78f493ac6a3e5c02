/** Conditions written as text: what they mean is what the language means, and names that do not exist are refused. */

import fc from 'fast-check'
import assert from 'node:assert/strict'
import {
  array,
  bool,
  env,
  instantiate,
  int,
  list,
  Mistake,
  oneOf,
  optional,
  over,
  record,
  system,
} from '../src/index.js'
import { conditionIn, predicateOf } from '../src/write/condition-text.js'
import { asking } from '../src/write/standing.js'
import { valuesOf } from '../src/write/arbitrary.js'

const state = record({
  pm: oneOf('run', 'stop'),
  dev: array(2, record({ up: bool(), used: int(0, 3) })),
  queue: list(2, int(0, 5)),
  hret: optional(int(0, 1)),
  own: optional(record({ mark: bool() })),
})
const { model, thread, step, patch, edit } = over(state)
const origin = env('the test')
const toy = model('toy', {
  question: 'Does it?',
  actors: { host: system('the host') },
  initial: () => ({
    pm: 'run',
    dev: [
      { up: false, used: 0 },
      { up: true, used: 3 },
    ],
    queue: [4],
    hret: null,
    own: null,
  }),
  parts: () => [
    thread('suspend', { actor: 'host' }, step('enter', { origin }), step('leave', { origin })),
    thread('tx', { actor: 'host', for: { i: [0, 1] } }, step('wait', { origin })),
  ],
  patches: [
    patch('more', { kind: 'fix', says: 'It waits.', edits: [edit.after('suspend.enter', step('pause', { origin }))] }),
  ],
})
const made = instantiate(toy)
const here = made.initials[0]
const at = asking(made, { suspend: 'enter', 'tx(0)': 'wait', 'tx(1)': 'end' })
const meets = (text: string): boolean => predicateOf(made, text)(here, at)

/** What a mistake says. */
const refused = (text: string): string => {
  try {
    conditionIn(made, text)
  } catch (error) {
    assert(error instanceof Mistake, String(error))
    return error.message
  }
  return assert.fail(`${text} is not refused`)
}

describe('a condition', () => {
  it('compares fields, lengths and places', () => {
    for (const text of [
      `pm == 'run'`,
      `pm === "run" && !(pm != 'run')`,
      `dev[1].up && !dev[0].up`,
      `dev[0].used + 3 == dev[1].used`,
      `dev[1].used - 1 >= 2 && dev[0].used < 1`,
      `queue.length == 1 && queue[0] > 3`,
      `hret == null && hret != 1`,
      `at(suspend) == 'enter' && at(tx(1)) == 'end' && at('tx(1)', end)`,
      `at(suspend, 'leave', 'enter')`,
      `at(suspend) != 'pause'`,
      `-1 < dev[0].used`,
    ])
      assert.equal(meets(text), true, text)
    for (const text of [`own.mark`, `own.mark == true`, `queue[1] == 0`, `at(suspend, pause)`, `!(true || false)`])
      assert.equal(meets(text), false, text)
  })

  it('refuses names that no variant has, and says which was meant', () => {
    assert.match(refused(`pmm == 'run'`), /no field 'pmm' in the state[^]*did you mean 'pm'/)
    assert.match(refused(`pm == run`), /no field 'run'[^]*in quotes: 'run'/)
    assert.match(refused(`dev[0].usd == 1`), /no field 'usd' in dev\[0\][^]*'used'/)
    assert.match(refused(`dev[2].up`), /no index 2[^]*from 0 to 1/)
    assert.match(refused(`at(suspnd) == 'enter'`), /no thread 'suspnd'[^]*'suspend'/)
    assert.match(refused(`at(suspend) == 'entr'`), /no label 'entr'[^]*'enter'/)
    assert.match(refused(`pm == 'stopp'`), /pm is never 'stopp'[^]*did you mean 'stop'/)
    assert.match(refused(`dev[0].used == 4`), /never 4[^]*int\(0, 3\)/)
  })

  it('refuses what is no condition', () => {
    assert.match(refused(''), /is empty/)
    assert.match(refused(`pm = 'run'`), /write ==/)
    assert.match(refused(`pm == 'run' &&`), /did not expect the end/)
    assert.match(refused(`pm == 'run' pm`), /'pm' at position 13/)
    assert.match(refused(`dev[0].used`), /is a number, not true or false/)
    assert.match(refused(`dev[0].used == 'run'`), /is a number, and 'run' is a text/)
    assert.match(refused(`dev == 1`), /is a whole array/)
    assert.match(refused(`pm < 'stop'`), /only numbers are less/)
    assert.match(refused(`pm.length == 3`), /has no part length/)
    assert.match(refused(`at(suspend)`), /names no label/)
    assert.match(refused(`constructor.constructor('x')`), /no field 'constructor'/)
    assert.match(refused(`pm == 'run'; 1`), /did not expect/)
  })

  it('means in every state what the language means by the same text', () => {
    const number = fc.constantFrom(
      'dev[0].used',
      'dev[1].used',
      'queue.length',
      '0',
      '2',
      '3',
      '(dev[0].used + 1)',
      '(dev[1].used - 2)',
    )
    const atom = fc.oneof(
      fc.tuple(number, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), number).map((parts) => parts.join(' ')),
      fc.constantFrom(
        `pm == 'run'`,
        `pm != 'stop'`,
        'dev[0].up',
        '!dev[1].up',
        'hret == null',
        'hret != 1',
        'true',
        `at('suspend', 'enter')`,
      ),
    )
    const { text } = fc.letrec<{ text: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie('text'), fc.constantFrom('&&', '||'), tie('text')).map((parts) => parts.join(' ')),
        tie('text').map((inner) => `!(${inner})`),
      ),
    }))
    fc.assert(
      fc.property(text, valuesOf(state), (written, value) => {
        const asked = new Function('s', 'at', `with (s) return ${written}`) as (s: unknown, at: unknown) => boolean
        assert.equal(
          predicateOf(made, written)(value, at),
          asked(value, (_: string, label: string) => label === 'enter'),
        )
      }),
      { numRuns: 300 },
    )
  })
})
