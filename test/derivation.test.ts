/** What is derived of code by running it on views: it is what the code does, or nothing is derived. */

import assert from 'node:assert/strict'
import { inspect, isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { check, type Outcome } from '../src/check.js'
import {
  array,
  bool,
  env,
  instantiate,
  int,
  list,
  member,
  over,
  propertiesOver,
  record,
  system,
  type Property,
  type System,
} from '../src/index.js'
import { derive, stateCode, type Budget } from '../src/derive/decision-tree.js'
import { Probe } from '../src/derive/probe.js'
import type { Transition } from '../src/write/system.js'

const cpu = member('cpu', 3)
const state = record({ on: array(cpu, bool()), log: list(2, int(0, 1)) })
const { model, action } = over(state)
const { always } = propertiesOver(state)
const origin = env('a toy')

type On = readonly boolean[]

/** Ways of reading an array: some by the traps of a proxy, some past them. */
const readings: Readonly<Record<string, (on: On) => On>> = {
  plainly: (on) => [on[0]!, on[1]!, on[2]!],
  structuredClone: (on) => structuredClone(on),
  'a clone, or nothing': (on) => {
    try {
      return structuredClone(on)
    } catch {
      return []
    }
  },
  JSON: (on) => JSON.parse(JSON.stringify(on)) as On,
  'serialize, or nothing': (on) => {
    try {
      return deserialize(serialize(on)) as On
    } catch {
      return []
    }
  },
  serialize: (on) => deserialize(serialize(on)) as On,
  'Object.entries': (on) => Object.entries(on).map(([, is]) => is),
  'Object.values': (on) => Object.values(on),
  'Object.keys': (on) => Object.keys(on).map((key) => on[Number(key)]!),
  'Object.assign': (on) => Object.assign([], on),
  spread: (on) => [...on],
  'spread into a record': (on) => Object.values(Object.assign({ first: true }, on)).slice(0, -1),
  descriptor: (on) => [0, 1, 2].map((i) => Object.getOwnPropertyDescriptor(on, i)!.value as boolean),
  descriptors: (on) => [0, 1, 2].map((i) => Object.getOwnPropertyDescriptors(on)[i]!.value as boolean),
  Reflect: (on) =>
    Reflect.ownKeys(on)
      .slice(0, 3)
      .map((key) => Reflect.get(on, key) as boolean),
  'for in': (on) => {
    const found: boolean[] = []
    for (const i in on as object) found.push(on[Number(i)]!)
    return found
  },
  'rest of a pattern': ([first, ...rest]) => [first!, ...rest],
  'methods of arrays': (on) =>
    on
      .concat()
      .slice()
      .map((is) => is)
      .flatMap((is) => [is]),
  'Array.from': (on) => Array.from(on),
  String: (on) =>
    String(on)
      .split(',')
      .map((is) => is === 'true'),
  template: (on) =>
    `[${on.join()}`
      .slice(1)
      .split(',')
      .map((is) => is === 'true'),
  inspect: (on) =>
    inspect(on)
      .match(/true|false/g)
      ?.map((is) => is === 'true') ?? [],
  'inspect, plainly': (on) =>
    inspect(on, { customInspect: false, showHidden: true })
      .match(/true|false/g)
      ?.map((is) => is === 'true') ?? [],
  'inspect, with proxies': (on) =>
    inspect({ on }, { showProxy: true })
      .match(/true|false/g)
      ?.map((is) => is === 'true') ?? [],
  equality: (on) => [0, 1, 2].map((i) => [0, 1, 2, 3].some((rest) => isDeepStrictEqual(on, spelled(i, rest)))),
  inherited: (on) => [0, 1, 2].map((i) => (Object.create(on) as On)[i]!),
  'a proxy of it': (on) => [...new Proxy<On>(on, {})],
  in: (on) => [0, 1, 2].map((i) => Reflect.has(on, i) && on[i]!),
  instanceof: (on) => (on instanceof (Array as unknown as new () => On) ? on.map((is) => is) : []),
  groups: (on) => [0, 1, 2].map((i) => on.findIndex((is, j) => is && j === i) === i),
}

/** Three bits of which the i-th is set, and the others are those of `rest`. */
const spelled = (i: number, rest: number): boolean[] => {
  const bits = [(rest & 1) > 0, (rest & 2) > 0]
  bits.splice(i, 0, true)
  return bits
}

/** A condition on three bits: a table of eight answers. */
const asks = (table: number, on: On): boolean =>
  ((table >> on.reduce((sum, is, i) => sum + (is ? 1 << i : 0), 0)) & 1) === 1

/** Where a condition stands. */
type Place = 'property' | 'guard' | 'effect'

/** Toggles of three CPUs, with a condition somewhere. */
function made(read: (on: On) => On, table: number, place: Place): { system: System; claims: readonly Property[] } {
  const broken = always('never', 'It is never so.', (s) => !asks(table, place === 'property' ? read(s.on) : []))
  const counted = always('short', 'Nothing was noted.', (s) => s.log.length === 0)
  const noted = action('note', {
    actor: 'k',
    origin,
    when: (s) => s.log.length < 1 && (place !== 'guard' || asks(table, read(s.on))),
    then: (d) => {
      if (place !== 'effect' || asks(table, read(d.on))) d.log.push(1)
    },
  })
  const toggle = action('toggle', {
    actor: 'k',
    origin,
    for: { i: cpu },
    then: (d, { i }) => void (d.on[i] = !d.on[i]),
  })
  const toggles = model('toggles', {
    question: 'Who is first?',
    actors: { k: system('k') },
    initial: () => ({ on: [false, false, false], log: [] }),
    parts: () => (place === 'property' ? [toggle] : [toggle, noted]),
  })
  return { system: instantiate(toggles), claims: place === 'property' ? [broken] : [counted] }
}

const told = ({ verdicts }: Outcome): unknown =>
  verdicts.map(({ property, verdict, run }) => [property, verdict, run?.steps.length])

describe('what is derived', () => {
  it('never proves an asymmetry away, however code reads the state', async () => {
    let proved = 0
    let left = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(readings)),
        fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0b00000010, 0b11111101, 0b10000000, 0b00010110)),
        fc.constantFrom<Place>('property', 'guard', 'effect'),
        async (name, table, place) => {
          const { system: toggles, claims } = made(readings[name]!, table, place)
          const plain = await check(toggles, claims, { symmetry: false }).catch(() => undefined)
          // What no execution would follow is refused before anything is proved.
          if (!plain) return void refused++
          const orbits = await check(toggles, claims)
          assert.deepEqual(told(orbits), told(plain), 'orbits')
          assert.deepEqual(told(await check(toggles, claims, { reduce: true })), told(plain), 'stubborn sets')
          if (orbits.reduction && 'orbits' in orbits.reduction) proved++
          else left++
        },
      ),
      { numRuns: 150 },
    )
    assert.ok(proved > 10 && left > 30 && refused < 90, `${proved} proved, ${left} not, ${refused} refused`)
  }).timeout(60_000)

  it('says of code that cannot be followed what it does', () => {
    const { system: toggles } = made(readings.plainly!, 0, 'property')
    const why = (test: (s: { readonly on: On }) => boolean): string | undefined => {
      const probe = new Probe(toggles)
      const budget: Budget = { left: 1000 }
      const tree = derive(
        probe,
        stateCode(probe, (s) => test(s as { on: On })),
        budget,
      )
      return tree ? undefined : (budget.opaque ?? 'it takes too many runs')
    }
    assert.equal(
      why((s) => s.on[0]!),
      undefined,
    )
    assert.equal(
      why((s) => s.on.length === 3 && s.on === s.on && s.on !== (s.on.slice() as On)),
      undefined,
    )
    assert.equal(
      why((s) => structuredClone(s.on)[0]!),
      'it copies a part of the state by the engine',
    )
    assert.equal(
      why((s) => inspect(s).includes('true, false, false')),
      'it prints a part of the state',
    )
    assert.equal(
      why((s) => inspect(s.on, { customInspect: false }) === '[]'),
      'it looks past a part of the state',
    )
    assert.equal(
      why((s) => Object.isFrozen(s.on)),
      'it asks whether a part of the state may be extended',
    )
    assert.equal(
      why((s) => Object.freeze(s.on)[0]!),
      'it freezes a part of the state',
    )
    assert.equal(
      why((s) => Object.setPrototypeOf(s.on, null) === s.on),
      'it gives a part of the state another prototype',
    )
    assert.equal(
      why((s) => Reflect.defineProperty(s.on, 0, { value: true })),
      'it defines a property of a part of the state',
    )
    const memory = new WeakMap<object, boolean>()
    const remembers = (s: { readonly on: On }): boolean => {
      if (!memory.has(s.on)) memory.set(s.on, s.on[0]!)
      return memory.get(s.on)!
    }
    assert.equal(why(remembers), undefined)
    let times = 0
    assert.equal(
      why(() => times++ === 0),
      'it does something else on plain objects',
    )
  })

  it('takes an answer that is neither true nor false for none, and what an effect returns for a failure', async () => {
    const vague = (s: { readonly on: On }): boolean => (s.on[1] && !s.on[0] && !s.on[2] ? (1 as never) : true)
    const { system: toggles } = made(readings.plainly!, 0, 'property')
    const told = (await check(toggles, [always('vague', 'It is.', vague)])).fault
    assert.equal(told?.fault.message, 'vague: its predicate returned 1, not true or false')
    const { system: noting } = made(readings.plainly!, 0, 'effect')
    const returning = (one: Transition): Transition => ({
      ...one,
      effects: [...one.effects, (d) => ((d as { on: On }).on[1] ? 'done' : undefined) as undefined],
    })
    const changed = { ...noting, transitions: noting.transitions.map(returning) }
    assert.match((await check(changed, [])).fault?.fault.message ?? 'no fault', /returns "done"/)
  })

  it('takes what throws on views alone for no answer', async () => {
    const clone = always('clone', 'CPU 0 is never on first.', (s) => {
      const [a, b, c] = structuredClone(s.on)
      return !(a && !b && !c)
    })
    const { system: toggles } = made(readings.plainly!, 0, 'property')
    const { reduction, verdicts } = await check(toggles, [clone])
    assert.deepEqual(reduction, {
      by: 'symmetry',
      off: 'property clone cannot be derived: it copies a part of the state by the engine',
    })
    assert.equal(verdicts.at(-1)!.verdict, 'violated')
  })
})
