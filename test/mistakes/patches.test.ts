/** Names and values that only the model as a whole can tell: where to go, who acts, what is edited, where it begins. */

import assert from 'node:assert/strict'
import { Bench, changed, whole } from './table.js'

/** What is wrong, the piece of the text that is changed, what is put there, and what is said. */
const rows: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  [
    'a place to go that is not there',
    "goto: 'enter'",
    "goto: 'entre'",
    "model toy, step suspend.stop: there is no step to go to 'entre'\n  did you mean 'enter'? known: stop, enter, wake, end\n  m.js:14:116",
  ],
  [
    'a place to go of an alternative',
    "goto: 'wake', log",
    "goto: 'waek', log",
    "model toy, step suspend.enter: there is no step to go to 'waek'\n  did you mean 'wake'? known: stop, enter, wake, end\n  m.js:15:140",
  ],
  [
    'an actor of a thread',
    "{ actor: 'kernel', fair",
    "{ actor: 'kernl', fair",
    "model toy, thread suspend: there is no actor 'kernl'\n  did you mean 'kernel'? known: kernel, device, host\n  m.js:13:33",
  ],
  [
    'an actor of an action',
    "action('press', { actor: 'device'",
    "action('press', { actor: 'devise'",
    "model toy, action press: there is no actor 'devise'\n  did you mean 'device'? known: kernel, device, host\n  m.js:19:31",
  ],
  [
    'an actor to signal',
    "signals: 'kernel'",
    "signals: 'kernal'",
    "model toy, step device.press: there is no actor to signal 'kernal'\n  did you mean 'kernel'? known: kernel, device, host\n  m.js:19:223",
  ],
  [
    'an actor to signal from an alternative',
    "provoke: 'Wait.', lastResort: true, signals: 'device'",
    "provoke: 'Wait.', signals: 'devices'",
    "model toy, step suspend.enter: there is no actor to signal 'devices'\n  did you mean 'device'? known: kernel, device, host\n  m.js:15:213",
  ],
  [
    'two steps of one name',
    "step('wake', {",
    "step('stop', {",
    "model toy: 'suspend.stop' is declared twice\n  rename one of them\n  m.js:16:7",
  ],
  [
    'two threads of one name',
    "thread('each',",
    "thread('suspend',",
    "model toy: 'suspend' is declared twice\n  rename one of them\n  m.js:18:5",
  ],
  [
    'two actions of one name',
    "action('either',",
    "action('press',",
    "model toy: 'device.press' is declared twice\n  rename one of them\n  m.js:20:5",
  ],
  [
    'a step called end',
    "step('wake', {",
    "step('end', {",
    "model toy, thread suspend: a step is called 'end'\n  that is where a thread is after its last step; rename it\n  m.js:16:7",
  ],
  [
    'a name with a dot',
    "action('either',",
    "action('eith.er',",
    "model toy: 'device.eith.er' is not a usable name\n  no blanks, dots, slashes, parentheses\n  m.js:20:5",
  ],
  [
    'a name with a blank',
    "step('tick',",
    "step('tick tock',",
    "model toy: 'each.tick tock' is not a usable name\n  no blanks, dots, slashes, parentheses\n  m.js:18:56",
  ],
  [
    'an alternative with a blank',
    'cancelled: {} }',
    "'can celled': {} }",
    "model toy: 'suspend.enter/can celled' is not a usable name\n  no blanks, dots, slashes, parentheses\n  m.js:15:7",
  ],
  [
    'no alternatives',
    'either: { up: { when: (s) => s.n === 2, then: (d) => void (d.n = 0) } }',
    'either: {}',
    'model toy, step device.either: has an empty either\n  name at least one alternative\n  m.js:20:5',
  ],
  [
    'a name that the thread has bound',
    "step('tick', { origin",
    "step('tick', { for: { c: cpu }, origin",
    "model toy, step each.tick: 'c' is bound by its thread already\n  bind another name\n  m.js:18:56",
  ],
  [
    'a value that is bound twice',
    'for: { i: [0, 1] }',
    'for: { i: [1, 1] }',
    "model toy, step suspend.wake: 'i' ranges over 1 twice\n  name each value once\n  m.js:16:7",
  ],
  [
    'an asynchronous guard',
    'up: { when: (s) =>',
    'up: { when: async (s) =>',
    'model toy, step device.either/up: its guard is not a plain function\n  it must be done when it returns: no async, no *\n  m.js:20:5',
  ],
  [
    'a generator for an effect',
    'then: (d) => void d.n++',
    'then: function* (d) { d.n++ }',
    'model toy, step device.press: its effect is not a plain function\n  it must be done when it returns: no async, no *\n  m.js:19:5',
  ],
  [
    'an initial state without a field',
    'queue: [], per',
    'per',
    'model toy, initial state: queue := undefined is not in list(2, int(0, 1))\n  m.js:11:3',
  ],
  [
    'an initial state with a field more',
    'queue: [], per',
    'queue: [], quue: [], per',
    'model toy, initial state: quue := [] writes a field that is not declared\n  m.js:11:3',
  ],
  [
    'an initial state out of its domain',
    "mode: 'run', queue",
    "mode: 'runs', queue",
    "model toy, initial state: mode := \"runs\" is not in oneOf('run', 'stop')\n  m.js:11:3",
  ],
  [
    'an initial list that is too long',
    'queue: [], per',
    'queue: [0, 0, 0], per',
    'model toy, initial state: queue := [0,0,0] is not in list(2, int(0, 1))\n  m.js:11:3',
  ],
  [
    'initial states that are none',
    "const initial = () => ({ on: true, n: 0, mode: 'run', queue: [], per: [false, false], some: null, two: { a: false, b: false } })",
    'const initial = () => []',
    'model toy: there is no initial state\n  return at least one\n  m.js:7:16',
  ],
  [
    'an initial state that reads what is not there',
    'const initial = () => ({',
    'const initial = () => ({ ...undefined.n,',
    "model toy, initial: Cannot read properties of undefined (reading 'n')\n  m.js:6:39",
  ],
  [
    'parts that throw',
    'for: { c: cpu } }, step',
    'for: { c: cpus } }, step',
    'model toy, parts: cpus is not defined\n  m.js:18:47',
  ],
  [
    'the target of replace',
    "edit.replace('suspend.stop'",
    "edit.replace('suspend.sotp'",
    "toy, patch fix: there is no step or action 'suspend.sotp'\n  did you mean 'suspend.stop'? known: suspend.stop, suspend.enter, suspend.wake, each.tick, device.press, device.either\n  m.js:23:96",
  ],
  [
    'the target of replace, an alternative',
    "edit.replace('suspend.stop'",
    "edit.replace('suspend.enter/sleep'",
    "toy, patch fix: there is no alternative of suspend.enter 'sleep'\n  did you mean 'sleeps'? known: sleeps, cancelled\n  m.js:23:87",
  ],
  [
    'the target of move',
    "edit.move('suspend.wake'",
    "edit.move('suspend.waek'",
    "toy, patch fix: there is no step or action 'suspend.waek'\n  did you mean 'suspend.wake'? known: suspend.stop, suspend.enter, suspend.wake, each.tick, device.press, device.either\n  m.js:23:145",
  ],
  [
    'the place to move to',
    "{ after: 'suspend.stop' }",
    "{ after: 'suspend.sotp' }",
    "toy, patch fix: there is no step or action 'suspend.sotp'\n  did you mean 'suspend.stop'? known: suspend.stop, suspend.enter, each.tick, device.press, device.either\n  m.js:23:170",
  ],
  [
    'the place to move to, in another thread',
    "{ after: 'suspend.stop' }",
    "{ after: 'each.tick' }",
    'toy, patch fix: cannot move suspend.wake to each.tick\n  a step stays in its thread\n  m.js:23:139',
  ],
  [
    'the target of before',
    "edit.before('suspend.wake'",
    "edit.before('suspnd.wake'",
    "toy, patch fault: there is no step or action 'suspnd.wake'\n  did you mean 'suspend.wake'? known: suspend.stop, suspend.enter, suspend.wake, each.tick, device.press, device.either\n  m.js:24:78",
  ],
  [
    'the target of before, an action',
    "edit.before('suspend.wake'",
    "edit.before('device.press'",
    "toy, patch fault: 'device.press' is an action\n  name a step: actions have no order\n  m.js:24:78",
  ],
  [
    'the target of before, an alternative',
    "edit.before('suspend.wake'",
    "edit.before('suspend.enter/sleeps'",
    "toy, patch fault: 'suspend.enter/sleeps' is an alternative\n  name the step: suspend.enter\n  m.js:24:78",
  ],
  [
    'the target of after',
    "edit.after('suspend.wake'",
    "edit.after('wake'",
    "toy, patch more: there is no step or action 'wake'\n  known: suspend.stop, suspend.enter, suspend.wake, each.tick, device.press, device.either\n  m.js:25:78",
  ],
  [
    'the target of remove',
    "edit.remove('device.press')",
    "edit.remove('device.pres')",
    "toy, patch fault: there is no step or action 'device.pres'\n  did you mean 'device.press'? known: suspend.stop, suspend.enter, suspend.check, suspend.wake, each.tick, device.press, device.either\n  m.js:24:148",
  ],
  [
    'the target of remove, an alternative',
    "edit.remove('device.press')",
    "edit.remove('suspend.enter/cancel')",
    "toy, patch fault: there is no alternative of suspend.enter 'cancel'\n  known: sleeps, cancelled\n  m.js:24:140",
  ],
  [
    'an inserted step that is there',
    "step('check', {",
    "step('stop', {",
    "model toy: 'suspend.stop' is declared twice\n  rename one of them\n  m.js:24:93",
  ],
  [
    'an added action that is there',
    "edit.add(action('poke', { actor: 'host'",
    "edit.add(action('press', { actor: 'device'",
    "model toy: 'device.press' is declared twice\n  rename one of them\n  m.js:25:143",
  ],
  [
    'the actor of what is added',
    "action('poke', { actor: 'host'",
    "action('poke', { actor: 'hots'",
    "model toy, action poke: there is no actor 'hots'\n  did you mean 'host'? known: kernel, device, host\n  m.js:25:168",
  ],
  [
    'a place to go of what is replaced',
    '{ when: () => true }',
    "{ goto: 'wak' }",
    "model toy, step suspend.stop: there is no step to go to 'wak'\n  did you mean 'wake'? known: stop, wake, enter, end\n  m.js:14:7",
  ],
  [
    'alternatives in an alternative',
    "edit.replace('suspend.stop', { when: () => true })",
    "edit.replace('suspend.enter/sleeps', { either: {} })",
    "toy, patch fix, suspend.enter/sleeps: there is no key 'either'\n  known: when, then, log, says, provoke, lastResort, signals, origin, goto\n  m.js:23:121",
  ],
  [
    'a place to go for an action',
    "edit.replace('suspend.stop', { when: () => true })",
    "edit.replace('device.press', { goto: 'end' })",
    "toy, patch fix, device.press: there is no key 'goto'\n  known: when, then, log, says, provoke, lastResort, signals, origin, for, either\n  m.js:23:113",
  ],
  [
    'an initial change out of its domain',
    'edit.initially((d) => void (d.n = 1))',
    'edit.initially((d) => void (d.n = 3))',
    'model toy, initial state: n := 3 is not in int(0, 2)\n  m.js:24:169',
  ],
  [
    'an initial change of a field that is none',
    'edit.initially((d) => void (d.n = 1))',
    'edit.initially((d) => void (d.m = 1))',
    'model toy, initial state: m := 1 writes a field that is not declared\n  m.js:24:169',
  ],
  [
    'an initial change that throws',
    'edit.initially((d) => void (d.n = 1))',
    'edit.initially((d) => void (d.m.n = 1))',
    "toy, patch fault, initial state: Cannot set properties of undefined (setting 'n')\n  m.js:24:198",
  ],
  [
    'two patches of one name',
    "patch('fault', {",
    "patch('fix', {",
    "model toy: patch 'fix' is declared twice\n  rename one of them\n  m.js:24:5",
  ],
  [
    'two properties of one name',
    "reachable('sleeps'",
    "reachable('small'",
    "properties of toy: 'small' is declared twice\n  rename one of them\n  m.js:38:3",
  ],
  [
    'a property that every model has',
    "reachable('sleeps'",
    "reachable('no-deadlock'",
    "properties of toy: 'no-deadlock' is declared twice\n  rename one of them\n  m.js:38:3",
  ],
]

describe('a name or a value in a model and its patches', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  for (const [what, from, to, said] of rows)
    it(what, async () => assert.deepEqual(await bench.said(changed(whole, from, to).text), [2, said]))
})
