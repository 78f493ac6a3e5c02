/** Every word of the vocabulary: as it is meant, of a thing that it does not take, of nothing, and of one thing more. */

import assert from 'node:assert/strict'
import { signatures, type Signature } from '../../src/write/declaration.js'
import type { Word } from '../../src/write/word.js'
import { Bench, whole } from './table.js'

/**
 * By word: a call that is right, one of a thing that it does not take, and what is said of that. A word that is new has no row here, and
 * its test fails. `state` is no word of authors: it is what a function of `over` returns.
 */
const calls: Readonly<Record<Exclude<Word, 'state'>, readonly [right: string, wrong: string, said: string]>> = {
  model: [
    "model('m', still)",
    "model('m', () => still)",
    'model m: wants a declaration, not a function\n  its keys: question, parameters, actors, while, initial, parts, patches, resting, abstractions\n  column 1',
  ],
  thread: [
    "thread('t', { actor: 'host' }, step('s', { origin: env('it is so') }))",
    "thread('t', { actor: 'host' }, 's')",
    "thread t, argument 3: wants a step, not the text 's'\n  write step('name', { origin, … })\n  column 1",
  ],
  step: [
    "step('s', { origin: env('it is so') })",
    "step('s', env('it is so'))",
    'step s: wants a declaration, not an origin\n  its keys: when, then, log, says, provoke, lastResort, signals, origin, for, either, goto, logOnEntry\n  column 1',
  ],
  action: [
    "action('a', { actor: 'host', origin: env('it is so') })",
    "action('a', { origin: env('it is so') })",
    'action a: has no actor\n  write actor: a text\n  column 1',
  ],
  patch: [
    "patch('p', { kind: 'fix', says: 'It fixes.', edits: [edit.remove('a.b')] })",
    "patch('p', { kind: 'fix', says: 'It fixes.', edits: ['a.b'] })",
    "patch p, edits[0]: wants an edit, not the text 'a.b'\n  edit.before, edit.after, edit.replace, edit.head, edit.remove, edit.move, edit.add, edit.initially\n  column 46",
  ],
  'edit.before': [
    "edit.before('a.b', step('s', { origin: env('it is so') }))",
    "edit.before('a.b', 's')",
    "edit.before a.b: wants a step, not the text 's'\n  write step('name', { origin, … })\n  column 6",
  ],
  'edit.after': [
    "edit.after('a.b', step('s', { origin: env('it is so') }))",
    "edit.after('a.b', action('s', { actor: 'host', origin: env('it is so') }))",
    "edit.after a.b: wants a step, not the action s\n  write step('name', { origin, … })\n  column 19",
  ],
  'edit.replace': [
    "edit.replace('a.b', {})",
    "edit.replace('a.b', step('s', { origin: env('it is so') }))",
    'edit.replace a.b: wants the fields to replace, not the step s\n  its keys: when, then, log, says, provoke, lastResort, signals, origin, for, either, goto, logOnEntry\n  column 21',
  ],
  'edit.head': [
    "edit.head('a', { actor: 'kernel' })",
    "edit.head('a', { fair: 'week' })",
    "edit.head a, fair: 'week' is not known\n  did you mean 'weak'? known: weak, strong, none\n  column 18",
  ],
  'edit.remove': [
    "edit.remove('a.b')",
    "edit.remove(['a.b', 'a.c'])",
    'edit.remove, target: wants a text, not a list of 2\n  column 6',
  ],
  'edit.move': [
    "edit.move('a.b', { after: 'a.c' })",
    "edit.move('a.b', { behind: 'a.c' })",
    "edit.move a.b: there is no key 'behind'\n  known: before, after\n  column 20",
  ],
  'edit.add': [
    "edit.add(action('a', { actor: 'host', origin: env('it is so') }))",
    "edit.add('a')",
    "edit.add a: wants a thread or an action, not the text 'a'\n  what thread(…) and action(…) make, each an item of its own\n  column 6",
  ],
  'edit.initially': [
    'edit.initially((d) => void (d.n = 1))',
    'edit.initially({ n: 1 })',
    'edit.initially, change: wants a function, not an object with n\n  (draft) => void\n  column 6',
  ],
  always: [
    "always('p', 'It is so.', (s) => s.on)",
    "always('p', (s) => s.on)",
    'always p: wants a full sentence that says what must hold, not a function\n  column 1',
  ],
  stepProperty: [
    "onStep('p', 'It is so.', (s) => s.on)",
    "onStep('p', 'It is so.', 'a.b')",
    "step p: wants a claim, not the text 'a.b'\n  its keys: on, when, holds\n  column 1",
  ],
  reachable: [
    "reachable('p', 'It is so.', (s) => s.on)",
    "reachable('p', 'It is so.', { holds: (s) => s.on })",
    'reachable p: wants a function, not an object with holds\n  (state, at) => boolean\n  column 1',
  ],
  possible: [
    "possible('p', 'It is so.', (s) => s.on)",
    "possible('p', 'It is so.', { when: (s) => s.on })",
    'possible p: has no holds\n  write holds: (state, at) => boolean\n  column 1',
  ],
  eventually: [
    "eventually('p', 'It is so.', (s) => s.on)",
    "eventually('p', 'It is so.', { when: (s) => s.on })",
    'eventually p: wants a function, not an object with when\n  (state, at) => boolean\n  column 1',
  ],
  alwaysEventually: [
    "alwaysEventually('p', 'It is so.', (s) => s.on)",
    "alwaysEventually('p', 'It is so.', true)",
    'alwaysEventually p: wants a function, not true\n  (state, at) => boolean\n  column 1',
  ],
  eventuallyAlways: [
    "eventuallyAlways('p', 'It is so.', (s) => s.on)",
    "eventuallyAlways('p', 'It is so.')",
    'eventuallyAlways p: wants a function, not undefined\n  (state, at) => boolean\n  column 1',
  ],
  leadsTo: [
    "leadsTo('p', 'It is so.', { from: (s) => s.on, to: (s) => !s.on })",
    "leadsTo('p', 'It is so.', { from: 'on', to: (s) => !s.on })",
    "leadsTo p, from: wants a function, not the text 'on'\n  (state, at) => boolean\n  column 29",
  ],
  observer: [
    "observer('p', 'It is so.', { state, initial: initial(), next: () => {}, wrong: (s) => s.on })",
    "observer('p', 'It is so.', { initial: initial(), next: () => {}, wrong: (s) => s.on })",
    'observer p: has no state\n  write state: bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 1',
  ],
  refines: [
    "refines('p', 'It is so.', { abstract, map: (s) => ({ on: s.on }) })",
    "refines('p', 'It is so.', { abstract: still, map: (s) => ({ on: s.on }) })",
    'refines p, abstract: wants a model, not an object with question, actors, initial, parts, resting\n  what model(…) makes\n  column 29',
  ],
  ltl: [
    "ltl('p', 'It is so.', { formula: 'G on', atoms: { on: (s) => s.on } })",
    "ltl('p', 'It is so.', { formula: 3, atoms: { on: (s) => s.on } })",
    'ltl p, formula: wants a formula, not 3\n  column 25',
  ],
  cancel: [
    "cancel('p', { what: 'it', thread: 't', request: 't.a', commit: 't.b', idle: (s) => s.on, running: (s) => !s.on })",
    "cancel('p', { what: 'it', thread: 't', commit: 't.b', idle: (s) => s.on, running: (s) => !s.on })",
    'cancel p: has no request\n  write request: a text\n  column 1',
  ],
  call: [
    "call(source('a.c', 'f'), does('acts'))",
    "call('f', does('acts'))",
    "call f: wants an origin, not the text 'f'\n  source('file.c', 'function') or env('who makes it happen')\n  column 1",
  ],
  returnIf: [
    "returnIf('done', (s) => s.on)",
    "returnIf('done')",
    'returnIf done: wants a function, not undefined\n  (state, args, at) => boolean\n  column 1',
  ],
  does: [
    "does('acts', {})",
    "does('acts', (d) => void (d.n = 1))",
    'does acts: wants a declaration, not a function\n  its keys: when, then, log, says, provoke, lastResort, signals, origin, for, either, goto, logOnEntry\n  column 1',
  ],
  choose: [
    "choose('got', { signal: { wait: (s) => s.on }, nothing: {} })",
    "choose('got', { signal: { wait: true } })",
    'choose got, signal.wait: wants a function, not true\n  (state, at) => boolean\n  column 27',
  ],
  set: [
    'set({ n: 1 })',
    'set({ n: [1] })',
    'set, fields, n: wants a text, a number, true, false or null, not a list of 1\n  column 7',
  ],
  as: ["as('again', does('acts'))", "as(does('acts'), 'again')", 'as, name: wants a text, not a function\n  column 1'],
  source: ["source('a.c', 'f')", "source('a.c')", 'source a.c: wants a sentence, not undefined\n  column 1'],
  env: ["env('it is so')", "env(' ')", "env: wants a sentence, not the text ' '\n  column 1"],
  system: [
    "system('it')",
    "system({ says: 'it' })",
    'system, sentence: wants a sentence, not an object with says\n  column 1',
  ],
  environment: [
    "environment('it')",
    'environment(true)',
    'environment, sentence: wants a sentence, not true\n  column 1',
  ],
  parameter: [
    "parameter(bool(), true, 'or none')",
    "parameter(true, 'or none')",
    'parameter, domain: wants a domain, not true\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 1',
  ],
  bool: [
    'bool()',
    'bool(true)',
    'bool: takes nothing, and is given one thing more\n  nothing would become of it: take it out\n  column 1',
  ],
  int: [
    'int(0, 2)',
    'int(0)',
    'int(0, undefined): wants two 32-bit integers, lo <= hi, less than 2^31 apart\n  column 1',
  ],
  oneOf: ["oneOf('a', 'b')", "oneOf('a', 2)", 'oneOf a, argument 2: wants a text, not 2\n  column 1'],
  optional: [
    'optional(bool())',
    "optional('a')",
    "optional a: wants a domain, not the text 'a'\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 1",
  ],
  record: [
    'record({ a: bool() })',
    "record({ a: 'bool' })",
    "record, a: wants a domain, not the text 'bool'\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 10",
  ],
  array: [
    'array(2, bool())',
    'array(bool())',
    'array: wants a domain, not undefined\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 1',
  ],
  each: [
    "each(['a'], bool())",
    'each({ a: bool() })',
    'each, names: wants a list of names, not an object with a\n  write it as a list: […]\n  column 1',
  ],
  list: ['list(2, bool())', 'list(bool())', 'list, capacity: wants a number, not a domain\n  column 1'],
  member: ["member('m', 2)", "member('m')", 'member m: wants a number, not undefined\n  column 1'],
  over: [
    'over(state)',
    'over({ on: bool() })',
    'over, state: wants a domain, or a function that makes one from parameters, not an object with on\n  write record({ … }) around the fields\n  column 1',
  ],
  propertiesOver: [
    'propertiesOver(state)',
    'propertiesOver(abstract)',
    'propertiesOver, state: wants a domain, or a function that makes one from parameters, not the model abstract\n  write record({ … }) around the fields\n  m.js:33:47',
  ],
  pictureOf: [
    'pictureOf(state, {})',
    'pictureOf(state, { show: (s) => s.on })',
    'pictureOf, show: wants values by name, not the function show\n  column 20',
  ],
  instantiate: [
    'instantiate(abstract)',
    'instantiate(still)',
    'instantiate, model: wants a model, not an object with question, actors, initial, parts, resting\n  what model(…) makes\n  column 1',
  ],
}

/** How a word is written in the text, and how a message calls it. */
const spelled = (word: string): readonly [written: string, called: string] =>
  word === 'stepProperty' ? ['onStep', 'step'] : [word, word]

describe('a word of the vocabulary', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  /** What is said of a call in the last line. */
  const said = async (call: string): Promise<readonly [code: number, said: string]> => {
    const [code, message] = await bench.said(`${whole}${call}\n`)
    return [code, message.replace(`m.js:${whole.split('\n').length}:`, 'column ')]
  }

  /** What is optional among what a word takes, and not in its row. */
  const more: Readonly<Record<string, string>> = { instantiate: '{}, ' }
  const all = Object.entries<Signature>(signatures).filter(([word]) => word !== 'state')

  it('has a row here', () =>
    assert.deepEqual(
      all.map(([word]) => word),
      Object.keys(calls),
    ))

  for (const [word, { takes, rest }] of all) {
    const [written, called] = spelled(word)
    const [right, wrong, message] = calls[word as keyof typeof calls]
    const column = written.indexOf('.') + 2
    it(`${word} is taken as it is meant`, async () => assert.deepEqual(await said(right), [0, '']))
    it(`${word} of what it does not take`, async () => assert.deepEqual(await said(wrong), [2, message]))
    const [first] = takes
    if (first)
      it(`${word} of nothing`, async () => {
        const [code, nothing] = await said(`${written}()`)
        assert.equal(code, 2)
        assert.match(nothing, new RegExp(`^${called}.*(, not |\\()undefined[^]*\n  column ${column}$`))
      })
    if (!rest)
      it(`${word} of one thing more`, async () => {
        const given = takes.length === 0 ? '0' : `${right.slice(right.indexOf('(') + 1, -1)}, ${more[word] ?? ''}0`
        const [code, one] = await said(`${written}(${given})`)
        assert.equal(code, 2)
        const names = takes.map(([name]) => name).join(', ') || 'nothing'
        const end = `: takes ${names}, and is given one thing more\n  nothing would become of it: take it out\n  column ${column}`
        assert.ok(one.startsWith(called) && one.endsWith(end), one)
      })
  }

  it('over, of a function that makes no domain', async () =>
    assert.deepEqual(await said("instantiate(over(() => 3).model('m', still))"), [
      2,
      'state, value: wants a domain, not 3\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  column 1',
    ]))

  it('of formulas, of one thing more', async () => {
    for (const [call, takes] of [
      ["formula.G('on', 'off')", 'one formula'],
      ["formula.and('on', 'off', 'more')", 'two formulas'],
    ] as const)
      assert.deepEqual(await said(call), [
        2,
        `formula: takes ${takes}, and is given one thing more\n  nothing would become of it: put one into another\n  column 9`,
      ])
  })
})
