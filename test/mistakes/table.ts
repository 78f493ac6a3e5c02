/** What the tables of mistakes share: a model of which every row changes one thing, and what is said of it. */

import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFile } from '../../src/cli/load.js'
import { propertiesFor } from '../../src/search/check.js'
import { checkClaim } from '../../src/tell/claim.js'
import { toldMistake } from '../../src/tell/place.js'
import { systemOf } from '../../src/tell/protocol.js'
import { Mistake } from '../../src/write/mistake.js'

/** A model that uses every key of every declaration; JavaScript, so that nothing but what is tried here looks at it. */
export const whole = `import { array, bool, each, env, environment, formula, instantiate, int, list, member, oneOf, optional, over, parameter, pictureOf, propertiesOver, record, source, system } from 'thawproof'
import { templatesOver } from 'thawproof/templates'
const cpu = member('cpu', 2)
const state = record({ on: bool(), n: int(0, 2), mode: oneOf('run', 'stop'), queue: list(2, int(0, 1)), per: array(cpu, bool()), some: optional(int(0, 1)), two: each(['a', 'b'], bool()) })
const { model, thread, step, action, patch, edit, call, does, returnIf, choose, set, as } = over(state)
const initial = () => ({ on: true, n: 0, mode: 'run', queue: [], per: [false, false], some: null, two: { a: false, b: false } })
export default model('toy', {
  question: 'Does it work?',
  parameters: { N: parameter(int(1, 2), 1, 'how many'), M: { domain: bool(), default: true, says: 'or none' } },
  actors: { kernel: system('suspends'), device: environment('interrupts'), host: { says: 'the host', fair: 'strong' } },
  initial: initial,
  parts: () => [
    thread('suspend', { actor: 'kernel', fair: 'weak', while: () => true, startsFreely: true, says: 'Suspends.' },
      step('stop', { origin: source('a.c', 'stop'), when: (s) => s.on, then: (d) => void (d.mode = 'stop'), goto: 'enter', log: 'stops', says: 'Stops.', provoke: 'Ask it.', lastResort: true, signals: 'device', logOnEntry: 'It asks first.' }),
      step('enter', { origin: source('a.c', 'enter'), either: { sleeps: { when: (s) => s.n === 0, then: (d) => void (d.on = false), goto: 'wake', log: () => 'sleeps', says: 'Sleeps.', provoke: 'Wait.', lastResort: true, signals: 'device', origin: env('it sleeps') }, cancelled: {} } }),
      step('wake', { origin: source('a.c', 'wake'), for: { i: [0, 1] }, then: (d) => void (d.on = true) }),
    ),
    thread('each', { actor: 'host', for: { c: cpu } }, step('tick', { origin: env('ticks'), then: (d, { c }) => void (d.per[c] = true) })),
    action('press', { actor: 'device', origin: env('pressed'), fair: 'none', when: (s) => s.n < 2, then: (d) => void d.n++, for: { k: [1] }, log: 'pressed', says: 'Presses.', provoke: 'Press.', lastResort: true, signals: 'kernel' }),
    action('either', { actor: 'device', origin: env('one or the other'), either: { up: { when: (s) => s.n === 2, then: (d) => void (d.n = 0) } } }),
  ],
  patches: [
    patch('fix', { kind: 'fix', says: 'Fixes it.', reference: 'linux 1', edits: [edit.replace('suspend.stop', { when: () => true }), edit.move('suspend.wake', { after: 'suspend.stop' })] }),
    patch('fault', { kind: 'fault', says: 'Breaks it.', edits: [edit.before('suspend.wake', step('check', { origin: env('looks') })), edit.remove('device.press'), edit.initially((d) => void (d.n = 1))] }),
    patch('more', { kind: 'era', says: 'Adds a thread.', edits: [edit.after('suspend.wake', step('rest', { origin: env('rests') })), edit.add(action('poke', { actor: 'host', origin: env('pokes') })), edit.head('each', { actor: 'kernel' }), edit.replace('suspend.enter/sleeps', { says: 'It sleeps on.' }), edit.replace('suspend.enter', { either: { naps: { says: 'It naps.' } } }), edit.replace('device.press', { says: 'Presses on.' }), edit.add(thread('calls', { actor: 'kernel' }, call(source('a.c', 'outer'), returnIf('done', (s) => s.on), does('acts', { says: 'It acts.', either: { well: { when: (s) => s.n === 0 }, badly: {} } }), choose('got', { it: { says: 'It has it.', wait: (s) => s.on } }), set({ n: 1 }), as('again', does('rests')))))] }),
  ],
  resting: () => true,
  abstractions: ['Time is left out.'],
})
const { always, step: onStep, reachable, possible, leadsTo, eventually, alwaysEventually, eventuallyAlways, observer, refines, ltl, cancel } = propertiesOver(state)
const { noAccessBetween, unwindExact, canSucceed } = templatesOver(state)
const still = { question: 'Does it rest?', actors: { one: system('rests') }, initial: () => ({ on: true }), parts: () => [], resting: () => true }
const abstract = over(record({ on: bool() })).model('abstract', still)
export const properties = [
  always('small', 'It stays small.', { when: (s) => s.on, holds: (s) => s.n < 3 }),
  onStep('asleep', 'It sleeps at zero.', { on: 'suspend.enter/sleeps', when: (s) => s.on, holds: (s) => s.n === 0 }),
  possible('comes-back', 'It comes back.', { when: (s) => !s.on, holds: (s) => s.on }),
  reachable('sleeps', 'It sleeps.', (s) => !s.on),
  leadsTo('answers', 'It answers.', { from: (s) => !s.on, to: (s) => s.on }),
  eventually('runs', 'It runs.', (s) => s.on),
  alwaysEventually('runs-again', 'It runs again and again.', (s) => s.on),
  eventuallyAlways('rests', 'It rests.', (s) => s.n === 2),
  observer('seen', 'It was seen.', { state: record({ seen: bool() }), initial: { seen: false }, on: ['suspend.stop', 'suspend.wake'], next: (own) => void (own.seen = true), wrong: () => false, explain: () => 'seen' }),
  refines('like-abstract', 'It is like the abstract one.', { abstract: abstract, choice: { parameters: {}, patches: [], fairness: {} }, map: () => ({ on: true }), at: () => ({}), remember: { state: record({ k: bool() }), initial: { k: false }, on: 'suspend.stop', next: () => {} } }),
  ltl('always-answers', 'It answers always.', { formula: 'G (asked -> F answered)', atoms: { asked: (s) => !s.on, answered: (s) => s.on } }),
  ...cancel('cancel', { what: 'the suspend', thread: 'suspend', request: 'suspend.stop', commit: 'suspend.wake', own: 'suspend.enter/cancelled', exits: { stop: 'wake' }, failing: () => {}, interrupts: { press: { when: (s) => s.on, then: (d) => void (d.n = 1) } }, idle: (s) => s.on, running: (s) => s.on, again: () => true, held: [{ what: 'the lock', acquire: 'suspend.stop', release: 'suspend.wake' }], stopped: [{ what: 'the device', suspend: 'suspend.stop', resume: 'suspend.wake' }], wake: { pending: (s) => s.n > 0, handled: (s) => s.on } }),
  noAccessBetween({ what: 'the device', name: 'no-access', says: 'Nobody touches it.', teardown: 'suspend.stop', setup: 'suspend.wake', access: 'device.press', absent: false }),
  unwindExact({ what: 'the suspend', stages: [{ done: 'suspend.stop', undone: 'suspend.wake' }], over: (s) => s.on }),
  canSucceed({ what: 'it', succeeded: (s) => !s.on }),
]
export const picture = pictureOf(state, { show: { both: (s) => s.two.a && s.two.b }, draw: (s) => s.mode })
export const started = instantiate(abstract, { parameters: {}, patches: [], fairness: {} })
`

/** A small model, to have claims about. */
export const small = `import { env, int, over, parameter, propertiesOver, record, system } from 'thawproof'
const state = record({ n: int(0, 2) })
const { model, action, patch, edit } = over(state)
export default model('m', {
  question: 'How far does it count?',
  parameters: { N: parameter(int(1, 2), 1, 'how far') },
  actors: { one: system('counts') },
  initial: () => ({ n: 0 }),
  parts: ({ N }) => [action('count', { actor: 'one', origin: env('counts'), when: (s) => s.n < N, then: (d) => void d.n++ })],
  patches: [patch('faster', { kind: 'fault', says: 'Counts by two.', edits: [edit.replace('one.count', { then: (d) => void (d.n += 2) })] })],
  resting: () => true,
})
export const properties = [propertiesOver(state).always('small', 'It stays small.', (s) => s.n < 2)]
`

/** Claims about it that use every key a person writes. */
export const spec = `{
  "schema": "thawproof/spec@1",
  "protocol": "m",
  "references": { "a": { "title": "A commit", "where": "linux 1", "evidence": "seen" } },
  "answers": [{ "asks": "Does it?", "says": "It does.", "instances": ["base"] }],
  "instances": [
    {
      "id": "base",
      "says": "It counts.",
      "corpus": null,
      "form": null,
      "evidence": null,
      "references": ["a"],
      "parameters": { "N": 1 },
      "patches": [],
      "fairness": { "one.count": "weak" },
      "expect": { "no-deadlock": "holds", "in-domain": "holds", "small": "holds" },
      "measured": { "states": 2, "transitions": 1, "depth": 1, "traces": {} },
      "note": "As it is."
    }
  ],
  "scored": ["base"]
}
`

/** A folder for the files of a table, and what is said of them. */
export class Bench {
  private readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'thawproof-'))

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, text: string): string {
    const file = this.path(name)
    writeFileSync(file, text)
    return file
  }

  /** What `check` says of claims about the small model. */
  async saidOfSpec(claims: string): Promise<readonly [code: number, message: string]> {
    const file = this.write('m.js', small)
    this.write('m.json', claims)
    return this.told(async () => {
      const protocol = await loadFile(file)
      for (const instance of protocol.spec.instances) await checkClaim(protocol, instance)
    })
  }

  /** All that the command line would look at before it searches: what it prints of a mistake, without the lines around, and its exit code. */
  async said(text: string): Promise<readonly [code: number, message: string]> {
    const file = this.write('m.js', text)
    rmSync(this.path('m.json'), { force: true })
    return this.told(async () => {
      const protocol = await loadFile(file)
      for (const instance of protocol.spec.instances) propertiesFor(systemOf(protocol, instance), protocol.properties)
      for (const patch of protocol.model.declared.patches ?? [])
        systemOf(protocol, { parameters: {}, patches: [patch.name] })
    })
  }

  private async told(look: () => Promise<void>): Promise<readonly [code: number, message: string]> {
    try {
      await look()
      return [0, '']
    } catch (error) {
      if (!(error instanceof Mistake)) return [70, String(error)]
      const plain = toldMistake(error).replaceAll(`${this.folder}/`, '').split('\n')
      return [2, plain.filter((line) => !/^ {2}[> ] +\d* \|/.test(line) && !/^ {4} +\|/.test(line)).join('\n')]
    }
  }
}

/** A text with one thing changed, and the line and column where it stands. @throws unless it is there once. */
export function changed(
  text: string,
  from: string,
  to: string,
  within = from,
): { readonly text: string; readonly at: string } {
  const outer = text.indexOf(within)
  assert(outer >= 0 && text.indexOf(within, outer + 1) < 0, `not there once: ${within}`)
  const inner = within.indexOf(from)
  assert(inner >= 0, `${from} is not in ${within}`)
  const start = outer + inner
  const before = text.slice(0, start).split('\n')
  return {
    text: text.slice(0, start) + to + text.slice(start + from.length),
    at: `${before.length}:${before.at(-1)!.length + 1}`,
  }
}
