/** Things of the wrong kind, handed over where patches and properties are declared: said where they stand. */

import assert from 'node:assert/strict'
import { Bench, changed, whole } from './table.js'

/** What is wrong, the piece of the text that is changed, what is put there, and what is said. */
const rows: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  [
    'an edit that is a text',
    "edit.remove('device.press')",
    "'device.press'",
    "patch fault, edits[1]: wants an edit, not the text 'device.press'\n  edit.before, edit.after, edit.replace, edit.head, edit.remove, edit.move, edit.add, edit.initially\n  m.js:24:57",
  ],
  [
    'a step where an edit belongs',
    "edit.remove('device.press')",
    "step('x', { origin: env('x') })",
    'patch fault, edits[1]: wants an edit, not the step x\n  edit.before, edit.after, edit.replace, edit.head, edit.remove, edit.move, edit.add, edit.initially\n  m.js:24:135',
  ],
  [
    'an edit where a list is due',
    "edits: [edit.replace('suspend.stop', { when: () => true }), edit.move('suspend.wake', { after: 'suspend.stop' })]",
    "edits: edit.replace('suspend.stop', { when: () => true })",
    'patch fix, edits: wants a list of edits, not the edit replace\n  write it as a list: […]\n  m.js:23:86',
  ],
  [
    'an edit that inserts nothing',
    "edit.before('suspend.wake', step('check', { origin: env('looks') }))",
    "edit.before('suspend.wake')",
    "edit.before suspend.wake: wants a step, not undefined\n  write step('name', { origin, … })\n  m.js:24:70",
  ],
  [
    'an edit that adds a step',
    "edit.add(action('poke', { actor: 'host', origin: env('pokes') }))",
    "edit.add(step('poke', { origin: env('pokes') }))",
    'edit.add, part: wants a thread or an action, not the step poke\n  what thread(…) and action(…) make, each an item of its own\n  m.js:25:143',
  ],
  [
    'a patch that edits nothing',
    "edits: [edit.replace('suspend.stop', { when: () => true }), edit.move('suspend.wake', { after: 'suspend.stop' })]",
    'edits: []',
    'patch fix, edits: is an empty list\n  a list of edits is wanted\n  m.js:23:74',
  ],
  [
    'an edit that moves nowhere',
    "{ after: 'suspend.stop' }",
    '{}',
    "edit.move suspend.wake: wants one place\n  { before: 'thread.step' } or { after: … }\n  m.js:23:139",
  ],
  [
    'an edit that moves to two places',
    "{ after: 'suspend.stop' }",
    "{ after: 'suspend.stop', before: 'suspend.enter' }",
    "edit.move suspend.wake: wants one place\n  { before: 'thread.step' } or { after: … }\n  m.js:23:139",
  ],
  [
    'an edit that moves to a text',
    "{ after: 'suspend.stop' }",
    "'suspend.stop'",
    "edit.move suspend.wake: wants a place, not the text 'suspend.stop'\n  { after: 'thread.step' }\n  m.js:23:139",
  ],
  [
    'an initial change that is a value',
    'edit.initially((d) => void (d.n = 1))',
    'edit.initially({ n: 1 })',
    'edit.initially, change: wants a function, not an object with n\n  (draft) => void\n  m.js:24:169',
  ],
  [
    'a patch of a kind that is none',
    "kind: 'fault'",
    "kind: 'falt'",
    "patch fault, kind: 'falt' is not known\n  did you mean 'fault'? known: fix, fault, era\n  m.js:24:22",
  ],
  [
    'a patch without a sentence',
    "says: 'Breaks it.', ",
    '',
    'patch fault: has no says\n  write says: a sentence\n  m.js:24:5',
  ],
  [
    'a patch that is a text',
    '  patches: [\n',
    "  patches: [\n    'fix',\n",
    "model toy, patches[0]: wants a patch, not the text 'fix'\n  what patch(…) makes\n  m.js:22:3",
  ],
  [
    'a patch that is an edit',
    '  patches: [\n',
    "  patches: [\n    edit.remove('device.press'),\n",
    'model toy, patches[0]: wants a patch, not the edit remove\n  what patch(…) makes\n  m.js:23:10',
  ],
  [
    'a property without a requirement',
    "reachable('sleeps', 'It sleeps.', (s) => !s.on)",
    "reachable('sleeps', (s) => !s.on)",
    'reachable sleeps: wants a full sentence that says what must hold, not a function\n  m.js:38:3',
  ],
  [
    'a blank requirement',
    "'It sleeps.'",
    "' '",
    "reachable sleeps: wants a full sentence that says what must hold, not the text ' '\n  m.js:38:3",
  ],
  [
    'a predicate that is a value',
    "reachable('sleeps', 'It sleeps.', (s) => !s.on)",
    "reachable('sleeps', 'It sleeps.', true)",
    'reachable sleeps: wants a function, not true\n  (state, at) => boolean\n  m.js:38:3',
  ],
  [
    'a premise where there is none',
    "reachable('sleeps', 'It sleeps.', (s) => !s.on)",
    "reachable('sleeps', 'It sleeps.', { holds: (s) => !s.on })",
    'reachable sleeps: wants a function, not an object with holds\n  (state, at) => boolean\n  m.js:38:3',
  ],
  [
    'a claim without what holds',
    '{ when: (s) => s.on, holds: (s) => s.n < 3 }',
    '{ when: (s) => s.on }',
    'always small: has no holds\n  write holds: (state, at) => boolean\n  m.js:35:3',
  ],
  [
    'a selector that is a number',
    "on: 'suspend.enter/sleeps'",
    'on: 3',
    "step asleep, on: wants the name of a step or a list of them, not 3\n  write 'thread.step'\n  m.js:36:44",
  ],
  [
    'a selector that is a step',
    "on: 'suspend.enter/sleeps'",
    "on: step('x', { origin: env('x') })",
    "step asleep, on: wants the name of a step or a list of them, not the step x\n  write 'thread.step'\n  m.js:36:48",
  ],
  [
    'a selector with a hole',
    "on: ['suspend.stop', 'suspend.wake']",
    "on: ['suspend.stop', undefined]",
    'observer seen, on[1]: wants a text, not undefined\n  m.js:43:97',
  ],
  [
    'an observer without a state',
    'state: record({ seen: bool() }), initial: { seen: false }, ',
    'initial: { seen: false }, ',
    'observer seen: has no state\n  write state: bool(), int(lo, hi), oneOf(…), record({ … }), array(n, …), list(n, …)\n  m.js:43:3',
  ],
  [
    'an observer that starts outside',
    'initial: { seen: false }',
    'initial: { sen: false }',
    'observer seen, initial: sen := false writes a field that is not declared\n  m.js:43:3',
  ],
  [
    'a memory that starts outside',
    'initial: { k: false }',
    'initial: {}',
    'refines like-abstract, remember, initial: k := undefined is not in bool()\n  m.js:44:3',
  ],
  [
    'a refinement of a domain',
    'abstract: abstract',
    'abstract: state',
    'refines like-abstract, abstract: wants a model, not a domain\n  what model(…) makes\n  m.js:44:62',
  ],
  [
    'a formula that is a number',
    "formula: 'G (asked -> F answered)'",
    'formula: 3',
    'ltl always-answers, formula: wants a formula, not 3\n  m.js:45:49',
  ],
  [
    'a formula with a bad sign',
    "'G (asked -> F answered)'",
    "'G (asked => F answered)'",
    "ltl always-answers, formula 'G (asked => F answered)': did not expect '=' at position 10\n  see the operators of LTL\n  m.js:45:3",
  ],
  [
    'a formula with an atom that is none',
    "'G (asked -> F answered)'",
    "'G (asked -> F answred)'",
    "ltl always-answers: there is no atom 'answred'\n  did you mean 'answered'? known: asked, answered\n  m.js:45:3",
  ],
  [
    'an atom that is a text',
    'asked: (s) => !s.on',
    "asked: '!s.on'",
    "ltl always-answers, atoms.asked: wants a function, not the text '!s.on'\n  (state, at) => boolean\n  m.js:45:94",
  ],
  [
    'one thread of several as a function',
    "thread: 'suspend', request",
    'thread: thread, request',
    'cancel cancel, thread: wants a text, not the function thread\n  m.js:46:46',
  ],
  [
    'what is held, not in a list',
    "held: [{ what: 'the lock', acquire: 'suspend.stop', release: 'suspend.wake' }]",
    "held: { what: 'the lock', acquire: 'suspend.stop', release: 'suspend.wake' }",
    'cancel cancel, held: wants a list of what is held, not an object with what, acquire, release\n  write it as a list: […]\n  m.js:46:325',
  ],
  [
    'a cancel that is not spread',
    "  ...cancel('cancel'",
    "  cancel('cancel'",
    'properties of toy[11]: wants a property, not a list of 5\n  spread a list of them: ...cancel(…)\n  m.js:46:3',
  ],
  [
    'a thread where a property belongs',
    'export const properties = [\n',
    "export const properties = [\n  thread('x', { actor: 'kernel' }),\n",
    'properties of toy[0]: wants a property, not the thread x\n  what always(…), step(…) and their like make, each an item of its own\n  m.js:35:3',
  ],
  [
    'a hole in the properties',
    'export const properties = [\n',
    'export const properties = [\n  ,\n',
    'properties of toy[0]: wants a property, not undefined\n  what always(…), step(…) and their like make, each an item of its own',
  ],
  [
    'properties that are an object',
    'export const properties = [\n',
    'export const properties = {}\nexport const others = [\n',
    'properties of toy: wants a list of properties, not an object with no keys\n  write it as a list: […]',
  ],
  [
    'a template without what it needs',
    "access: 'device.press', absent: false",
    'absent: false',
    "noAccessBetween: has no access\n  write access: 'thread.step' or a list of such names\n  m.js:47:3",
  ],
  [
    'a template that is told a text',
    "canSucceed({ what: 'it', succeeded: (s) => !s.on })",
    "canSucceed('it')",
    "canSucceed: wants an object, not the text 'it'\n  its keys: what, name, says, succeeded\n  m.js:49:3",
  ],
  [
    'a template with a flag that is a text',
    'absent: false',
    "absent: 'no'",
    "noAccessBetween, absent: wants true or false, not the text 'no'\n  m.js:47:161",
  ],
]

describe('a thing of the wrong kind in a patch or a property', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  for (const [what, from, to, said] of rows)
    it(what, async () => assert.deepEqual(await bench.said(changed(whole, from, to).text), [2, said]))
})
