/** Every key that a spec can have, as its schema has it, with one letter too many; and what is wrong in a scenario. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Bench, changed, spec } from './table.js'

interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

function read(name: string): Schema {
  const file = new URL(`../../src/tell/${name}.schema.json`, import.meta.url)
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return parsed as Schema
}

const schema = read('spec')

/** The keys of every object that a schema knows, by the path that leads to it. */
function* keysIn(one: Schema, path: string): Generator<readonly [path: string, keys: readonly string[]]> {
  if (one.$ref) yield* keysIn(schema.$defs![one.$ref.replace('#/$defs/', '')]!, path)
  if (one.properties) yield [path, Object.keys(one.properties)]
  for (const [key, inner] of Object.entries(one.properties ?? {})) yield* keysIn(inner, `${path}.${key}`)
  if (typeof one.additionalProperties === 'object') yield* keysIn(one.additionalProperties, `${path}.*`)
  if (one.items) yield* keysIn(one.items, `${path}[]`)
  for (const inner of one.anyOf ?? []) yield* keysIn(inner, path)
}

/** Every object of a schema as it is written down, whatever it says. */
function* objectsIn(one: object, path: string): Generator<readonly [path: string, one: Schema]> {
  if ('type' in one) yield [path, one as Schema]
  for (const [key, inner] of Object.entries(one) as [string, unknown][])
    if (typeof inner === 'object' && inner !== null) yield* objectsIn(inner, `${path}/${key}`)
}

/** A spec in which every object is there. */
const full = spec.replace('"small": "holds"', '"small": { "verdict": "violated", "steps": 3 }').replace(
  '  "scored"',
  `  "reading": { "in": "Linux 1", "signs": "yes", "without": "nothing" },
  "scenarios": [{ "name": "counts", "says": "It counts.", "instance": "base", "is": "possible", "steps": ["one.count"] }],
  "teeth": { "fingerprint": "", "instances": [], "fates": { "noticed": 0, "survives": 0, "undecided": 0, "equivalent": 0, "broken": 0 }, "properties": {}, "steps": {}, "survivors": [], "undecided": [] },
  "survivors": [{ "mutants": ["m"], "because": "It is so." }],
  "scored"`,
)

/** Where keys stand: how a message calls the object, and how it begins. An object that is new has no row here, and its test fails. */
const places: Readonly<Record<string, readonly [where: string, beginning: string]>> = {
  '': ['m.json, top level', '{\n  "schema"'],
  '.references.*': ['m.json, references.a', '{ "title"'],
  '.reading': ['m.json, reading', '{ "in"'],
  '.answers[]': ['m.json, answers[0]', '{ "asks"'],
  '.instances[]': ['m.json, instances[0] (base)', '{\n      "id"'],
  '.instances[].expect.*': ['m.json, instances[0] (base).expect.small', '{ "verdict"'],
  '.instances[].measured': ['m.json, instances[0] (base).measured', '{ "states"'],
  '.scenarios[]': ['m.json, scenarios[0]', '{ "name"'],
  '.teeth': ['m.json, teeth', '{ "fingerprint"'],
  '.teeth.fates': ['m.json, teeth.fates', '{ "noticed"'],
  '.survivors[]': ['m.json, survivors[0]', '{ "mutants"'],
}

const objects = [...keysIn(schema, '')]
const misspelt = (key: string): string => `${key}${key.at(-1)}`

/** What is wrong in a scenario: the piece that is changed, what is put there, and what is said. */
const rows: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  [
    'a step that no variant has',
    '"steps": ["one.count"]',
    '"steps": ["one.cuont"]',
    "spec of m, scenario counts: there is no step 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a step of a run that must be impossible',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "impossible", "steps": ["one.cuont"]',
    "spec of m, scenario counts: there is no step 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a step with arguments that it does not have',
    '"steps": ["one.count"]',
    '"steps": ["one.count(1)"]',
    "spec of m, scenario counts: there is no step 'one.count(1)'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a step to avoid that no variant has',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "possible", "avoid": ["one.cuont"]',
    "spec of m, scenario counts: there is no step 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a step to pass that no variant has',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "possible", "through": ["one.cuont"]',
    "spec of m, scenario counts: there is no step 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a step to end with that no variant has',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "possible", "until": "one.cuont"',
    "spec of m, scenario counts: there is no step 'one.cuont'\n  did you mean 'one.count'? known: one.count\n  m.json:23:17",
  ],
  [
    'a condition on a field that is not declared',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "possible", "to": "m == 1"',
    "spec of m, scenario counts: there is no field 'm' in the state\n  did you mean 'n'? known: n; a value stands in quotes: 'm'\n  m.json:23:17",
  ],
  [
    'a condition that cannot be read',
    '"is": "possible", "steps": ["one.count"]',
    '"is": "possible", "to": "n = 1"',
    "spec of m, scenario counts: one '=' is no comparison: write ==\n  fields, at(thread) == 'label', == != < <= > >=, + -, ! && ||\n  m.json:23:17",
  ],
  [
    'an instance that is not there',
    '"instance": "base"',
    '"instance": "bas"',
    "m.json, scenario counts: there is no instance 'bas'\n  did you mean 'base'? known: base\n  m.json:23:71",
  ],
  [
    'that it is neither possible nor impossible',
    '"is": "possible"',
    '"is": "posible"',
    "m.json, scenarios[0].is: 'posible' is not known\n  did you mean 'possible'? known: possible, impossible\n  m.json:23:85",
  ],
  [
    'no word on whether it is possible',
    ' "is": "possible",',
    '',
    'm.json, scenarios[0]: has no "is"\n  required: name, says, instance, is\n  m.json:23:17',
  ],
  [
    'a name with a blank',
    '"name": "counts"',
    '"name": "it counts"',
    "m.json, scenarios[0].name: the text 'it counts' is not of the form that is wanted\n  it must fit ^[a-z0-9]+(-[a-z0-9]+)*$\n  m.json:23:27",
  ],
  [
    'an empty step',
    '"steps": ["one.count"]',
    '"steps": [""]',
    'm.json, scenarios[0].steps[0]: is an empty text\n  m.json:23:107',
  ],
]

describe('a spec with every object', () => {
  let bench: Bench
  before(() => (bench = new Bench()))
  after(() => bench.remove())

  it('is right as it stands, but for what is measured', async () =>
    assert.deepEqual(await bench.saidOfSpec(full), [0, '']))

  it('has a row for each', () =>
    assert.deepEqual(
      objects.map(([path]) => path),
      Object.keys(places),
    ))

  it('has no object that takes keys which nobody knows, nor has any other file that people write', () => {
    for (const name of ['spec', 'source', 'logs'])
      for (const [path, one] of objectsIn(read(name), name))
        if (one.properties && !path.endsWith('/if') && !path.endsWith('/then') && !path.endsWith('/else'))
          assert.equal(one.additionalProperties, false, path)
  })

  for (const [path, keys] of objects)
    for (const key of keys)
      it(`refuses ${key} of ${path === '' ? 'the top level' : path.slice(1)}, misspelt`, async () => {
        const [where, beginning] = places[path]!
        const from = beginning.slice(0, beginning.lastIndexOf('"', beginning.length - 2))
        const { text } = changed(full, from, `${from}"${misspelt(key)}": 0, `, beginning)
        const wrong = text.indexOf(`"${misspelt(key)}": 0`)
        const before = text.slice(0, wrong).split('\n')
        assert.deepEqual(await bench.saidOfSpec(text), [
          2,
          `${where}: there is no key '${misspelt(key)}'\n  did you mean '${key}'? known: ${keys.join(', ')}\n  m.json:${before.length}:${before.at(-1)!.length + 1}`,
        ])
      })

  for (const [what, from, to, said] of rows)
    it(`refuses, in a scenario, ${what}`, async () =>
      assert.deepEqual(await bench.saidOfSpec(changed(full, from, to, from).text), [2, said]))
})
