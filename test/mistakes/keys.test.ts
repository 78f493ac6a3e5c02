/** Every key that an author can write, with one letter too many: refused, with the place and what was meant. */

import assert from 'node:assert/strict'
import { keys as templateKeys } from '../../properties/templates/keys.js'
import { templatesOver } from '../../properties/templates.js'
import { bool, Mistake, record } from '../../src/index.js'
import { replacements, signatures, type Signature } from '../../src/write/declaration.js'
import type { Want } from '../../src/write/want.js'
import { Bench, changed, whole } from './table.js'

/**
 * Where keys can be written, as the declarations have it: how a message calls the one that is in the text which the rows change, and how
 * that begins. A declaration that is new has no row here, and its test fails.
 */
const places: Readonly<Record<string, readonly [where: string, beginning: string]>> = {
  model: ['model toy', `model('toy', {`],
  'model.parameters.*': ['model toy, parameters.M', `M: {`],
  'model.actors.*': ['model toy, actors.host', `host: {`],
  thread: ['thread suspend', `thread('suspend', {`],
  step: ['step stop', `step('stop', {`],
  'step.either.*': ['step enter, either.sleeps', `either: { sleeps: {`],
  action: ['action press', `action('press', {`],
  'action.either.*': ['action either, either.up', `either: { up: {`],
  patch: ['patch fix', `patch('fix', {`],
  'edit.replace': ['edit.replace suspend.stop', `edit.replace('suspend.stop', {`],
  'edit.replace.either.*': ['edit.replace suspend.enter, either.naps', `either: { naps: {`],
  'edit.head': ['edit.head each', `edit.head('each', {`],
  'edit.move': ['edit.move suspend.wake', `edit.move('suspend.wake', {`],
  always: ['always small', `always('small', 'It stays small.', {`],
  stepProperty: ['step asleep', `onStep('asleep', 'It sleeps at zero.', {`],
  possible: ['possible comes-back', `possible('comes-back', 'It comes back.', {`],
  leadsTo: ['leadsTo answers', `leadsTo('answers', 'It answers.', {`],
  observer: ['observer seen', `observer('seen', 'It was seen.', {`],
  refines: ['refines like-abstract', `refines('like-abstract', 'It is like the abstract one.', {`],
  'refines.choice': ['refines like-abstract, choice', `choice: {`],
  'refines.remember': ['refines like-abstract, remember', `remember: {`],
  ltl: ['ltl always-answers', `ltl('always-answers', 'It answers always.', {`],
  cancel: ['cancel cancel', `cancel('cancel', {`],
  'cancel.interrupts.*': ['cancel cancel, interrupts.press', `interrupts: { press: {`],
  'cancel.held[]': ['cancel cancel, held[0]', `held: [{`],
  'cancel.stopped[]': ['cancel cancel, stopped[0]', `stopped: [{`],
  'cancel.wake': ['cancel cancel, wake', `wake: {`],
  does: ['does acts', `does('acts', {`],
  'does.either.*': ['does acts, either.well', `either: { well: {`],
  'choose.*': ['choose got, it', `choose('got', { it: {`],
  pictureOf: ['pictureOf', `pictureOf(state, {`],
  instantiate: ['instantiate', `instantiate(abstract, {`],
}

/** The keys of each object that can be written, by the place where it stands. */
function* keysIn(want: Want, place: string): Generator<readonly [place: string, keys: readonly string[]]> {
  if (want.keys) yield [place, Object.keys(want.keys)]
  for (const [key, one] of Object.entries(want.keys ?? {})) yield* keysIn(one, `${place}.${key}`)
  for (const [where, one] of want.within ?? []) yield* keysIn(one, `${place}${where === '*' ? '.*' : where}`)
}

const words: readonly (readonly [word: string, Signature])[] = Object.entries(signatures)
const declarations = words.flatMap(([word, { takes, rest }]) =>
  [...takes.map(([, want]) => want), ...(rest ? [rest] : [])].flatMap((want) => [...keysIn(want, word)]),
)

/** A key that nobody meant, and what a message says of it. */
const misspelt = (key: string): string => `${key}${key.at(-1)}`
const saidOf = (where: string, key: string, known: readonly string[]): string =>
  `${where}: there is no key '${misspelt(key)}'\n  did you mean '${key}'? known: ${known.join(', ')}`

describe('a key that does not exist', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  it('is tried in every declaration that has keys', () =>
    assert.deepEqual(
      declarations.map(([place]) => place),
      Object.keys(places),
    ))

  for (const [place, keys] of declarations)
    for (const key of keys)
      it(`${key} of ${place}`, async () => {
        const [where, beginning] = places[place]!
        const { text, at } = changed(whole, beginning, `${beginning} ${misspelt(key)}: 0,`)
        const [line, column] = at.split(':').map(Number)
        const there = `m.js:${line}:${column! + beginning.length + 1}`
        assert.deepEqual(await bench.said(text), [2, `${saidOf(where, key, keys)}\n  ${there}`])
      })

  it('is refused where a patch replaces fields of an alternative or an action', async () => {
    for (const [target, kind] of [
      ['suspend.enter/sleeps', 'alternative'],
      ['device.press', 'action'],
    ] as const)
      for (const key of Object.keys(replacements.step.keys!).filter((one) => !replacements[kind].keys![one])) {
        const beginning = `edit.replace('${target}', {`
        const { text } = changed(whole, beginning, `${beginning} ${key}: undefined,`)
        const [code, said] = await bench.said(text)
        assert.equal(code, 2)
        assert.ok(said.startsWith(`toy, patch more, ${target}: there is no key '${key}'`), said)
      }
  })

  it('is refused by every template', () => {
    const templates = templatesOver(record({ on: bool() })) as unknown as Readonly<
      Record<string, (given: object) => unknown>
    >
    assert.deepEqual(Object.keys(templateKeys), Object.keys(templates))
    let tried = 0
    for (const [name, own] of Object.entries(templateKeys)) {
      const known = ['what', 'name', 'says', ...Object.keys(own)]
      for (const key of known) {
        tried++
        assert.throws(
          () => templates[name]!({ [misspelt(key)]: 0 }),
          (error) => error instanceof Mistake && error.message === saidOf(name, key, known),
          `${name}.${key}`,
        )
      }
    }
    assert.ok(tried > 250, `${tried} keys`)
  })
})
