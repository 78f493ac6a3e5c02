/** State domains: what is in them, what is not and where, how they are spelled, how many values they have. */

import assert from 'node:assert/strict'
import { array, bool, each, int, list, member, Mistake, oneOf, optional, record, type Domain } from '../src/index.js'
import { decoded, encoded } from '../src/derive/slots.js'
import { cardinality, least, misfit, spell, spellMisfit } from '../src/write/domain.js'

/** What is wrong with a value, in words, or undefined. */
function wrong(domain: Domain<unknown>, value: unknown): string | undefined {
  const found = misfit(domain.shape, value)
  return found && spellMisfit(found)
}

/** For each domain: its spelling, how many values it has, some of its values, and some that are not. */
const kinds: readonly {
  readonly domain: Domain<unknown>
  readonly spelled: string
  readonly values: number | undefined
  readonly least: unknown
  readonly inside: readonly unknown[]
  readonly outside: readonly unknown[]
}[] = [
  {
    domain: bool(),
    spelled: 'bool()',
    values: 2,
    least: false,
    inside: [true, false],
    outside: [0, 'true', null, undefined],
  },
  {
    domain: int(-2, 3),
    spelled: 'int(-2, 3)',
    values: 6,
    least: -2,
    inside: [-2, 0, 3],
    outside: [-3, 4, 0.5, NaN, Infinity, '1', null, true, 1n],
  },
  {
    domain: oneOf('run', 'stop'),
    spelled: "oneOf('run', 'stop')",
    values: 2,
    least: 'run',
    inside: ['run', 'stop'],
    outside: ['Run', '', 0, null],
  },
  {
    domain: member('buf', 3),
    spelled: "member('buf', 3)",
    values: 3,
    least: 0,
    inside: [0, 2],
    outside: [3, -1, 1.5],
  },
  {
    domain: optional(int(0, 1)),
    spelled: 'optional(int(0, 1))',
    values: 3,
    least: null,
    inside: [null, 0, 1],
    outside: [undefined, 2, false],
  },
  {
    domain: record({ x: bool(), y: int(0, 1) }),
    spelled: 'record({ x: bool(), y: int(0, 1) })',
    values: undefined,
    least: { x: false, y: 0 },
    inside: [{ x: true, y: 1 }],
    outside: [{ x: true }, { x: true, y: 1, z: 0 }, { x: true, y: 2 }, [], null, 'x'],
  },
  {
    domain: each(['cpu', 'disk'], bool()),
    spelled: 'record({ cpu: bool(), disk: bool() })',
    values: undefined,
    least: { cpu: false, disk: false },
    inside: [{ cpu: true, disk: false }],
    outside: [{ cpu: true }, { cpu: true, disk: 1 }],
  },
  {
    domain: array(2, int(0, 1)),
    spelled: 'array(2, int(0, 1))',
    values: undefined,
    least: [0, 0],
    inside: [[0, 1]],
    outside: [[0], [0, 1, 0], [0, 2], { 0: 0, 1: 1, length: 2 }],
  },
  {
    domain: list(2, oneOf('a', 'b')),
    spelled: "list(2, oneOf('a', 'b'))",
    values: undefined,
    least: [],
    inside: [[], ['a'], ['b', 'a']],
    outside: [['a', 'a', 'a'], ['c'], null],
  },
  {
    domain: optional(record({ q: list(1, bool()) })),
    spelled: 'optional(record({ q: list(1, bool()) }))',
    values: undefined,
    least: null,
    inside: [null, { q: [] }, { q: [true] }],
    outside: [{ q: [true, true] }, { q: null }, {}],
  },
]

describe('domains', () => {
  for (const { domain, spelled, values, least: first, inside, outside } of kinds)
    it(`${spelled} knows its values`, () => {
      assert.equal(spell(domain.shape), spelled)
      assert.equal(cardinality(domain.shape), values)
      assert.deepEqual(least(domain.shape), first)
      assert.equal(wrong(domain, first), undefined)
      for (const value of inside) assert.equal(wrong(domain, value), undefined, JSON.stringify(value))
      for (const value of outside) assert.notEqual(wrong(domain, value), undefined, String(value))
    })

  it('have a code for each of their values, and none for others', () => {
    let tried = 0
    for (const { domain, values, inside, outside } of kinds.filter((kind) => kind.values !== undefined)) {
      const all = Array.from({ length: values! }, (_, code) => decoded(domain.shape, code))
      assert.deepEqual(
        all.map((value) => encoded(domain.shape, value)),
        [...all.keys()],
      )
      assert.deepEqual(
        inside.filter((value) => !all.includes(value)),
        [],
      )
      for (const value of outside) assert.equal(encoded(domain.shape, value), -1, String(value))
      tried += all.length + outside.length
    }
    assert.ok(tried > 30)
  })

  it('tell the first place that is wrong', () => {
    const state = record({ pm: oneOf('run'), dev: array(2, record({ used: int(0, 2), q: list(1, bool()) })) })
    const dev = { used: 0, q: [] }
    assert.equal(wrong(state, { pm: 'run', dev: [dev, { used: 3, q: [] }] }), 'dev[1].used := 3 is not in int(0, 2)')
    assert.equal(wrong(state, { pm: 'run', dev: [dev, { used: 0, q: [1] }] }), 'dev[1].q[0] := 1 is not in bool()')
    assert.equal(
      wrong(state, { pm: 'run', dev: [{ ...dev, spare: null }, dev] }),
      'dev[0].spare := null writes a field that is not declared',
    )
    assert.match(wrong(state, { pm: 'run', dev: [dev] })!, /^dev := \[.*\] is not in array\(2, record\(/)
    assert.equal(wrong(int(0, 1), 1n), 'the state := 1n is not in int(0, 1)')
    assert.equal(wrong(state, null), `the state := null is not in ${spell(state.shape)}`)
  })

  it('refuse sizes and bounds that a packed state cannot hold', () => {
    const bad: readonly (() => unknown)[] = [
      () => int(0, 2 ** 31),
      () => int(-(2 ** 31), 2 ** 31 - 1),
      () => int(0.5, 1),
      () => int(2, 1),
      () => oneOf(),
      () => list(0, bool()),
      () => array(4097, bool()),
      () => member('buf', 1.5),
      () => record({ __proto__x: bool(), '1a': bool() }),
      () => each(['a b'], bool()),
    ]
    for (const make of bad) assert.throws(make, Mistake, make.toString())
  })
})
