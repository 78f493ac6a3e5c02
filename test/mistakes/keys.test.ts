/** Every key that an author can write, with one letter too many: refused, with the place and what was meant. */

import assert from 'node:assert/strict'
import { Bench, changed, whole } from './table.js'

/** A declaration: how a message calls it, a piece of the text in which it lies, the keys of it that are there, and all that exist. */
interface Declaration {
  readonly where: string
  readonly within: string
  readonly keys: string
  readonly known?: string
}

const branch = 'when, then, log, says, provoke, lastResort, signals, origin'
const claim = 'when, holds'

const declarations: readonly Declaration[] = [
  {
    where: 'model toy',
    within: whole.slice(whole.indexOf('export default'), whole.indexOf('const { always')),
    keys: 'question, parameters, actors, initial, parts, patches, resting, abstractions',
  },
  { where: 'model toy, actors.host', within: `host: { says: 'the host', fair: 'strong' }`, keys: 'says, fair' },
  {
    where: 'thread suspend',
    within: `{ actor: 'kernel', fair: 'weak', while: () => true, startsFreely: true, says: 'Suspends.' }`,
    keys: 'actor, fair, while, startsFreely, says',
    known: 'actor, for, fair, while, startsFreely, says',
  },
  {
    where: 'thread each',
    within: `{ actor: 'host', for: { c: cpu } }`,
    keys: 'for',
    known: 'actor, for, fair, while, startsFreely, says',
  },
  {
    where: 'step stop',
    within: lineOf(`step('stop'`),
    keys: 'origin, when, then, goto, log, says, provoke, lastResort, signals, logOnEntry',
    known: `${branch}, for, either, goto, logOnEntry`,
  },
  { where: 'step wake', within: lineOf(`step('wake'`), keys: 'for', known: `${branch}, for, either, goto, logOnEntry` },
  {
    where: 'step enter',
    within: lineOf(`step('enter'`),
    keys: 'either',
    known: `${branch}, for, either, goto, logOnEntry`,
  },
  {
    where: 'step enter, either.sleeps',
    within: lineOf(`step('enter'`).slice(lineOf(`step('enter'`).indexOf('either: ')),
    keys: 'when, then, goto, log, says, provoke, lastResort, signals, origin',
    known: `${branch}, goto`,
  },
  {
    where: 'action press',
    within: lineOf(`action('press'`),
    keys: 'actor, origin, fair, when, then, for, log, says, provoke, lastResort, signals',
    known: `${branch}, for, either, actor, fair`,
  },
  {
    where: 'action either, either.up',
    within: `up: { when: (s) => s.n === 2, then: (d) => void (d.n = 0) }`,
    keys: 'when, then',
    known: branch,
  },
  { where: 'patch fix', within: lineOf(`patch('fix'`), keys: 'kind, says, reference, edits' },
  {
    where: 'edit.replace suspend.stop',
    within: `edit.replace('suspend.stop', { when: () => true })`,
    keys: 'when',
    known: `${branch}, for, either, goto, logOnEntry`,
  },
  { where: 'edit.move suspend.wake', within: `{ after: 'suspend.stop' }`, keys: 'after', known: 'before, after' },
  {
    where: 'step check',
    within: `step('check', { origin: env('looks') })`,
    keys: 'origin',
    known: `${branch}, for, either, goto, logOnEntry`,
  },
  { where: 'always small', within: lineOf(`always('small'`), keys: claim },
  { where: 'step asleep', within: lineOf(`onStep('asleep'`), keys: `on, ${claim}` },
  { where: 'possible comes-back', within: lineOf(`possible('comes-back'`), keys: claim },
  { where: 'leadsTo answers', within: lineOf(`leadsTo('answers'`), keys: 'from, to' },
  { where: 'observer seen', within: lineOf(`observer('seen'`), keys: 'state, initial, on, next, wrong, explain' },
  { where: 'refines like-abstract', within: lineOf(`refines('like`), keys: 'abstract, choice, map, at, remember' },
  {
    where: 'refines like-abstract, choice',
    within: 'choice: { parameters: {}, patches: [], fairness: {} }',
    keys: 'parameters, patches, fairness',
  },
  {
    where: 'refines like-abstract, remember',
    within: `remember: { state: record({ k: bool() }), initial: { k: false }, on: 'suspend.stop', next: () => {} }`,
    keys: 'state, initial, on, next',
  },
  { where: 'ltl always-answers', within: lineOf(`ltl('always`), keys: 'formula, atoms' },
  {
    where: 'cancel cancel',
    within: lineOf(`...cancel('cancel'`),
    keys: 'what, thread, request, commit, own, exits, failing, interrupts, idle, running, again, held, stopped, wake',
  },
  {
    where: 'cancel cancel, interrupts.press',
    within: 'press: { when: (s) => s.on, then: (d) => void (d.n = 1) }',
    keys: 'when, then',
  },
  {
    where: 'cancel cancel, held[0]',
    within: `{ what: 'the lock', acquire: 'suspend.stop', release: 'suspend.wake' }`,
    keys: 'what, acquire, release',
  },
  {
    where: 'cancel cancel, stopped[0]',
    within: `{ what: 'the device', suspend: 'suspend.stop', resume: 'suspend.wake' }`,
    keys: 'what, suspend, resume',
  },
  {
    where: 'cancel cancel, wake',
    within: 'wake: { pending: (s) => s.n > 0, handled: (s) => s.on }',
    keys: 'pending, handled',
  },
  {
    where: 'noAccessBetween',
    within: lineOf('noAccessBetween({ what'),
    keys: 'what, name, says, teardown, setup, access, absent',
  },
  {
    where: 'unwindExact',
    within: lineOf('unwindExact({ what'),
    keys: 'stages, over',
    known: 'what, name, says, stages, over',
  },
  {
    where: 'unwindExact, stages[0]',
    within: `{ done: 'suspend.stop', undone: 'suspend.wake' }`,
    keys: 'done, undone',
  },
  { where: 'canSucceed', within: lineOf('canSucceed({ what'), keys: 'succeeded', known: 'what, name, says, succeeded' },
]

/** The line of the text that begins so. */
function lineOf(beginning: string): string {
  return whole.split('\n').find((line) => line.trim().startsWith(beginning))!
}

/** Where the key stands in a piece: outside of what lies deeper there, if its name is there more than once. */
function fromOf(within: string, key: string): string {
  const first = within.indexOf(`${key}: `) >= 0 ? `${key}: ` : key
  return first
}

describe('a key that does not exist', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  for (const { where, within, keys, known = keys } of declarations)
    for (const key of keys.split(', '))
      it(`${key} of ${where}`, async () => {
        const wrong = `${key}${key.at(-1)}`
        const { text, at } = changed(whole, fromOf(within, key), fromOf(within, key).replace(key, wrong), within)
        assert.deepEqual(await bench.said(text), [
          2,
          `${where}: there is no key '${wrong}'\n  did you mean '${key}'? known: ${known}\n  m.js:${at}`,
        ])
      })
})
