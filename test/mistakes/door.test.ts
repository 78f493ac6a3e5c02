/** Things of the wrong kind, handed over where a model is declared: said where they stand, and never our fault. */

import assert from 'node:assert/strict'
import { Bench, changed, whole } from './table.js'

/** What is wrong, the piece of the text that is changed, what is put there, and what is said. */
const rows: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  [
    'a domain that was not called',
    'on: bool(), n:',
    'on: bool, n:',
    'record, on: wants a domain, not the function bool\n  did you mean bool(…)? a domain is made by a call\n  m.js:4:24',
  ],
  [
    'a literal where a domain belongs',
    "mode: oneOf('run', 'stop')",
    "mode: 'run'",
    "record, mode: wants a domain, not the text 'run'\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  m.js:4:50",
  ],
  [
    'a state without its domain',
    'over(state)',
    'over({ on: bool() })',
    'over, state: wants a domain, or a function that makes one from parameters, not an object with on\n  write record({ … }) around the fields\n  m.js:5:93',
  ],
  [
    'no state at all',
    'over(state)',
    'over()',
    'over, state: wants a domain, or a function that makes one from parameters, not undefined\n  write record({ … }) around the fields\n  m.js:5:93',
  ],
  [
    'properties over no domain',
    'propertiesOver(state)',
    'propertiesOver(initial())',
    'propertiesOver, state: wants a domain, or a function that makes one from parameters, not an object with on, n, mode, queue, per, some, two\n  write record({ … }) around the fields\n  m.js:30:144',
  ],
  [
    'templates over no domain',
    'templatesOver(state)',
    'templatesOver({})',
    'propertiesOver, state: wants a domain, or a function that makes one from parameters, not an object with no keys\n  write record({ … }) around the fields\n  m.js:31:54',
  ],
  [
    'a record of nothing',
    'const state = record({',
    'const nothing = record()\nconst state = record({',
    'record: wants domains by name, not undefined\n  m.js:4:17',
  ],
  [
    'an array without its domain',
    'per: array(cpu, bool())',
    'per: array(2)',
    'array: wants a domain, not undefined\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  m.js:4:110',
  ],
  [
    'an array over no members',
    'per: array(cpu, bool())',
    'per: array(int(0, 1), bool())',
    'array(int(0, 1), …): wants a length or a domain of members\n  m.js:4:110',
  ],
  [
    'a list without a capacity',
    'list(2, int(0, 1))',
    'list(int(0, 1))',
    'list, capacity: wants a number, not a domain\n  m.js:4:85',
  ],
  [
    'a range the wrong way round',
    'n: int(0, 2)',
    'n: int(2, 0)',
    'int(2, 0): wants two 32-bit integers, lo <= hi, less than 2^31 apart\n  m.js:4:39',
  ],
  [
    'a range of texts',
    'n: int(0, 2)',
    "n: int('0', '2')",
    'int("0", "2"): wants two 32-bit integers, lo <= hi, less than 2^31 apart\n  m.js:4:39',
  ],
  [
    'names in a list',
    "oneOf('run', 'stop')",
    "oneOf(['run', 'stop'])",
    'oneOf, name: wants a text, not a list of 2\n  m.js:4:56',
  ],
  ['no names', "oneOf('run', 'stop')", 'oneOf()', 'oneOf, name: wants a text, not undefined\n  m.js:4:56'],
  ['a name twice', "oneOf('run', 'stop')", "oneOf('run', 'run')", "oneOf(…): 'run' is named twice\n  m.js:4:56"],
  [
    'an optional optional',
    'some: optional(int(0, 1))',
    'some: optional(optional(int(0, 1)))',
    'optional(optional(…)): one null cannot mean two things\n  m.js:4:136',
  ],
  [
    'each of a text',
    "each(['a', 'b'], bool())",
    "each('ab', bool())",
    "each ab: wants a list of names, not the text 'ab'\n  write it as a list: […]\n  m.js:4:162",
  ],
  [
    'a field that is no identifier',
    'const state = record({ on:',
    "const state = record({ 'a-b': bool(), on:",
    "record field 'a-b': wants a plain identifier\n  m.js:4:15",
  ],
  ['a set without a name', "member('cpu', 2)", 'member(2)', 'member, set: wants a text, not 2\n  m.js:3:13'],
  [
    'a model without a name',
    "model('toy', {",
    'model({',
    'model, name: wants a text, not an object with question, parameters, actors, initial, parts, patches, resting, abstractions\n  m.js:7:16',
  ],
  [
    'a thing more',
    "edit.remove('device.press')",
    "edit.remove('device.press', 'device.either')",
    'edit.remove device.press: takes target, and is given one thing more\n  nothing would become of it: take it out\n  m.js:24:140',
  ],
  [
    'a parameter that is a number',
    "N: parameter(int(1, 2), 1, 'how many')",
    'N: 2',
    "model toy, parameters.N: wants a parameter, not 2\n  parameter(int(1, 4), 2, 'how many drivers')\n  m.js:9:17",
  ],
  [
    'a parameter without a domain',
    "parameter(int(1, 2), 1, 'how many')",
    "parameter(1, 'how many')",
    'parameter, domain: wants a domain, not 1\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  m.js:9:20',
  ],
  [
    'a default out of its domain',
    "parameter(int(1, 2), 1, 'how many')",
    "parameter(int(1, 2), 3, 'how many')",
    'parameter: its default 3 is not in int(1, 2)\n  m.js:9:20',
  ],
  [
    'a parameter without a sentence',
    "parameter(int(1, 2), 1, 'how many')",
    'parameter(int(1, 2), 1)',
    'parameter: wants a sentence, not undefined\n  m.js:9:20',
  ],
  [
    'an actor that is a text',
    "device: environment('interrupts')",
    "device: 'interrupts'",
    "model toy, actors.device: wants an actor, not the text 'interrupts'\n  system('what it is')\n  m.js:10:41",
  ],
  [
    'an actor without a sentence',
    "device: environment('interrupts')",
    'device: environment()',
    'environment, sentence: wants a sentence, not undefined\n  m.js:10:49',
  ],
  [
    'a fairness that is none',
    "fair: 'strong'",
    "fair: 'stron'",
    "model toy, actors.host.fair: 'stron' is not known\n  did you mean 'strong'? known: weak, strong, none\n  m.js:10:102",
  ],
  [
    'a fairness that is no text',
    "fair: 'strong'",
    'fair: true',
    'model toy, actors.host.fair: wants one of weak, strong, none, not true\n  m.js:10:102',
  ],
  [
    'an initial state that is no function',
    'initial: initial,',
    'initial: initial(),',
    'model toy, initial: wants a function, not an object with on, n, mode, queue, per, some, two\n  (parameters) => state\n  m.js:11:3',
  ],
  [
    'an initial state that is not returned',
    'const initial = () => ({',
    'const initial = () => void ({',
    "model toy, initial state: the state := undefined is not in record({ on: bool(), n: int(0, 2), mode: oneOf('run', 'stop'), queue: list(2, int(0, 1)), per: array(member('cpu', 2), bool()), some: optional(int(0, 1)), two: record({ a: bool(), b: bool() }) })\n  m.js:11:3",
  ],
  [
    'parts that are no function',
    '  parts: () => [\n    thread',
    '  parts: [\n    thread',
    'model toy, parts: wants a function, not a list of 4\n  (parameters) => [thread(…), action(…)]\n  m.js:13:5',
  ],
  [
    'parts that are not returned',
    '  parts: () => [\n    thread',
    '  parts: () => void [\n    thread',
    'model toy, parts: wants a list of threads and actions, not undefined\n  write it as a list: […]\n  m.js:12:3',
  ],
  [
    'parts within parts',
    '  parts: () => [\n    thread',
    '  parts: () => [\n    [], thread',
    'model toy, parts[0]: wants a thread or an action, not a list of 0\n  what thread(…) and action(…) make, each an item of its own\n  m.js:12:3',
  ],
  [
    'a step where a part belongs',
    '  parts: () => [\n    thread',
    "  parts: () => [\n    step('alone', { origin: env('x') }), thread",
    'model toy, parts[0]: wants a thread or an action, not the step alone\n  what thread(…) and action(…) make, each an item of its own\n  m.js:13:5',
  ],
  [
    'a property where a part belongs',
    '  parts: () => [\n    thread',
    "  parts: () => [\n    always('x', 'It is.', () => true), thread",
    'model toy, parts[0]: wants a thread or an action, not the property x\n  what thread(…) and action(…) make, each an item of its own\n  m.js:13:5',
  ],
  [
    'parts of a promise',
    '  parts: () => [\n    thread',
    '  parts: async () => [\n    thread',
    'model toy, parts: wants a list of threads and actions, not a promise\n  write it as a list: […]\n  m.js:12:3',
  ],
  [
    'a thread without a head',
    "thread('suspend', { actor: 'kernel', fair: 'weak', while: () => true, startsFreely: true, says: 'Suspends.' },",
    "thread('suspend',",
    "thread suspend: wants the head of a thread, not the step stop\n  { actor: 'name' }\n  m.js:14:7",
  ],
  [
    'a thread without an actor',
    "{ actor: 'kernel', fair: 'weak', while: () => true, startsFreely: true, says: 'Suspends.' }",
    '{}',
    'thread suspend: has no actor\n  write actor: a text\n  m.js:13:5',
  ],
  [
    'an action where a step belongs',
    "step('wake', {",
    "action('wake', { actor: 'kernel',",
    "thread suspend, argument 5: wants a step, not the action wake\n  write step('name', { origin, … })\n  m.js:16:7",
  ],
  [
    'steps in a list',
    "step('tick', { origin: env('ticks'), then: (d, { c }) => void (d.per[c] = true) })",
    "[step('tick', { origin: env('ticks') })]",
    "thread each, argument 3: wants a step, not a list of 1\n  write step('name', { origin, … })\n  m.js:18:57",
  ],
  [
    'a step of the properties',
    "step('tick', {",
    "onStep('tick', 'It ticks.', {",
    "step tick: there is no key 'origin'\n  known: on, when, holds\n  m.js:18:86",
  ],
  [
    'a step without an origin',
    "step('check', { origin: env('looks') })",
    "step('check', {})",
    "step check: has no origin\n  write origin: source('file.c', 'function') or env('who makes it happen')\n  m.js:24:93",
  ],
  [
    'a step without anything',
    "step('check', { origin: env('looks') })",
    "step('check')",
    'step check: wants a declaration, not undefined\n  its keys: when, then, log, says, provoke, lastResort, signals, origin, for, either, goto, logOnEntry\n  m.js:24:93',
  ],
  [
    'an origin that is a text',
    "step('check', { origin: env('looks') })",
    "step('check', { origin: 'looks' })",
    "step check, origin: wants an origin, not the text 'looks'\n  source('file.c', 'function') or env('who makes it happen')\n  m.js:24:109",
  ],
  [
    'an origin of one text',
    "source('a.c', 'wake')",
    "source('a.c')",
    'source a.c: wants a sentence, not undefined\n  m.js:16:30',
  ],
  [
    'a guard that is a value',
    'up: { when: (s) => s.n === 2',
    'up: { when: true',
    'action either, either.up.when: wants a function, not true\n  (state, args, at) => boolean\n  m.js:20:90',
  ],
  [
    'an effect that is a text',
    'then: (d) => void (d.n = 0) } }',
    "then: 'n = 0' } }",
    "action either, either.up.then: wants a function, not the text 'n = 0'\n  (draft, args) => void\n  m.js:20:114",
  ],
  [
    'alternatives in a list',
    'either: { up: { when: (s) => s.n === 2, then: (d) => void (d.n = 0) } }',
    'either: [{ when: (s) => s.n === 2 }]',
    'action either, either: wants alternatives by name, not a list of 1\n  m.js:20:74',
  ],
  [
    'an alternative that is a function',
    'cancelled: {} }',
    'cancelled: () => {} }',
    'step enter, either.cancelled: wants an alternative, not the function cancelled\n  its keys: when, then, log, says, provoke, lastResort, signals, origin, goto\n  m.js:15:268',
  ],
  [
    'a place to go that is a step',
    "goto: 'enter'",
    'goto: step',
    'step stop, goto: wants a text, not the function step\n  m.js:14:109',
  ],
  [
    'a range that is a number',
    'for: { i: [0, 1] }',
    'for: { i: 2 }',
    'step wake, for.i: wants a domain, not 2\n  bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  m.js:16:60',
  ],
  [
    'a range of objects',
    'for: { i: [0, 1] }',
    'for: { i: [{}, 1] }',
    'step wake, for.i[0]: wants a text, a number, true or false, not an object with no keys\n  m.js:16:60',
  ],
  [
    'a range without a name',
    'for: { i: [0, 1] }',
    'for: [0, 1]',
    'step wake, for: wants the values of each name, not a list of 2\n  m.js:16:53',
  ],
  [
    'log lines in a list',
    "log: 'stops'",
    "log: ['stops']",
    'step stop, log: wants a function, not a list of 1\n  (before, args) => string\n  m.js:14:124',
  ],
  [
    'an action with a place to go',
    "origin: env('pressed'), fair",
    "origin: env('pressed'), goto: 'x', fair",
    "action press: there is no key 'goto'\n  known: when, then, log, says, provoke, lastResort, signals, origin, for, either, actor, fair\n  m.js:19:64",
  ],
  [
    'a default export that is no model',
    "export default model('toy', {",
    "export default Object\nmodel('toy', {",
    'm.js: its default export is the function Object, not a model\n  write `export default model(…)`',
  ],
  [
    'a default export that is a thread',
    "export default model('toy', {",
    "export default thread('toy', { actor: 'x' })\nmodel('toy', {",
    'm.js: its default export is the thread toy, not a model\n  write `export default model(…)`',
  ],
]

describe('a thing of the wrong kind in a model', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  it('is none in the text that the rows change', async () => assert.deepEqual(await bench.said(whole), [0, '']))

  for (const [what, from, to, said] of rows)
    it(what, async () => assert.deepEqual(await bench.said(changed(whole, from, to).text), [2, said]))
})
