/** Random small models. */

import fc from 'fast-check'
import { ofShape } from '../src/write/arbitrary.js'
import { least, type Shape } from '../src/write/domain.js'
import type { Description, Doing, Spot, Statement, Test, Way } from './plain-models.js'

const scalar: fc.Arbitrary<Shape> = fc.oneof(
  fc.constant<Shape>({ kind: 'bool' }),
  fc.record({ lo: fc.integer({ min: -2, max: 1 }), span: fc.integer({ min: 0, max: 2 }) }).map<Shape>((range) => ({
    kind: 'int',
    lo: range.lo,
    hi: range.lo + range.span,
  })),
  fc.constantFrom<Shape>(
    { kind: 'oneOf', names: ['red', 'blue'] },
    { kind: 'oneOf', names: ['a', 'b', 'c'] },
    { kind: 'member', set: 'slot', size: 2 },
    { kind: 'optional', of: { kind: 'bool' } },
    { kind: 'optional', of: { kind: 'int', lo: -1, hi: 1 } },
  ),
)

const fieldNames = ['p', 'q', 'r', 's'] as const

function recordOf(least: number, field: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  return fc
    .array(field, { minLength: least, maxLength: least + 1 })
    .map((shapes) => ({ kind: 'record', fields: Object.fromEntries(shapes.map((one, i) => [fieldNames[i]!, one])) }))
}

function part(depth: number): fc.Arbitrary<Shape> {
  if (depth === 0) return scalar
  const of = part(depth - 1)
  const composite = fc.oneof(
    recordOf(1, of),
    of.map<Shape>((inner) => ({ kind: 'array', length: 2, of: inner })),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), of)
      .map<Shape>(([capacity, inner]) => ({ kind: 'list', capacity, of: inner })),
  )
  const maybe = composite.map<Shape>((inner) => ({ kind: 'optional', of: inner }))
  return fc.oneof(
    { weight: 2, arbitrary: scalar },
    { weight: 3, arbitrary: composite },
    { weight: 1, arbitrary: maybe },
  )
}

/** @param everyone whether arrays over a set are only reached through the argument. */
function spotsIn(shape: Shape, path: Spot['path'] = [], everyone = false): readonly Spot[] {
  const here = path.length === 0 ? [] : [{ path, shape }]
  switch (shape.kind) {
    case 'record':
      return [...here, ...Object.entries(shape.fields).flatMap(([name, of]) => spotsIn(of, [...path, name], everyone))]
    case 'array':
    case 'list':
      return [...here, ...indices(shape, everyone).flatMap((i) => spotsIn(shape.of, [...path, i], everyone))]
    case 'optional':
      return [...here, ...spotsIn(shape.of, path, everyone).filter((spot) => spot.path.length > path.length)]
    default:
      return here
  }
}

const indices = (shape: Shape, everyone: boolean): readonly (number | '$i')[] => {
  if (!everyone) return [0, 1, '$i']
  return shape.kind === 'array' ? ['$i'] : [0, 1]
}

function testsOn(spots: readonly Spot[]): fc.Arbitrary<Test> {
  const spot = fc.constantFrom(...spots)
  const equals = spot.chain((one) => ofShape(one.shape).map<Test>((value) => ({ ask: 'equals', spot: one, value })))
  const base = fc.oneof(
    { weight: 4, arbitrary: equals },
    { weight: 1, arbitrary: fc.record({ ask: fc.constant('same' as const), a: spot, b: spot }) },
    { weight: 1, arbitrary: fc.record({ ask: fc.constant('longer' as const), spot, than: fc.nat({ max: 1 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        ask: fc.constant('at' as const),
        thread: fc.nat({ max: 3 }),
        label: fc.constantFrom('s0', 's1', 'end'),
      }),
    },
  )
  const inner: fc.Arbitrary<Test> = fc.oneof(
    { weight: 3, arbitrary: base },
    { weight: 1, arbitrary: base.map<Test>((of) => ({ ask: 'not', of })) },
  )
  return fc.oneof(
    { weight: 2, arbitrary: inner },
    { weight: 1, arbitrary: fc.record({ ask: fc.constantFrom('and' as const, 'or' as const), a: inner, b: inner }) },
  )
}

function statementsOn(spots: readonly Spot[], tests: fc.Arbitrary<Test>, faults: boolean): fc.Arbitrary<Statement> {
  const spot = fc.constantFrom(...spots)
  const set = spot.chain((one) => ofShape(one.shape).map<Statement>((value) => ({ act: 'set', spot: one, value })))
  const choices: fc.WeightedArbitrary<Statement>[] = [{ weight: 3, arbitrary: set }]
  const ints = spots.filter(({ shape }) => shape.kind === 'int')
  const safe = faults ? fc.boolean() : fc.constant(true)
  if (ints.length > 0)
    choices.push({
      weight: 3,
      arbitrary: fc.record({
        act: fc.constant('add' as const),
        spot: fc.constantFrom(...ints),
        by: fc.nat({ max: 2 }),
        wrap: safe,
      }),
    })
  const lists = spots.filter(({ shape }) => shape.kind === 'list')
  if (lists.length > 0) {
    const one = fc.constantFrom(...lists)
    const grow = one.chain((where) =>
      fc.record({
        act: fc.constantFrom('push' as const, 'unshift' as const),
        spot: fc.constant(where),
        value: ofShape((where.shape as Shape & { kind: 'list' }).of),
        careful: safe,
      }),
    )
    choices.push({ weight: 4, arbitrary: grow })
    choices.push({
      weight: 4,
      arbitrary: fc.record({
        act: fc.constantFrom('shift' as const, 'pop' as const, 'reverse' as const, 'clear' as const),
        spot: one,
      }),
    })
  }
  const arrays = spots.filter(({ shape }) => shape.kind === 'array')
  if (arrays.length > 0)
    choices.push({
      weight: 1,
      arbitrary: fc.record({ act: fc.constant('reverse' as const), spot: fc.constantFrom(...arrays) }),
    })
  const pairs = spots.flatMap((a) =>
    spots.filter((b) => b !== a && JSON.stringify(a.shape) === JSON.stringify(b.shape)).map((b) => [a, b] as const),
  )
  if (pairs.length > 0)
    choices.push({
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('copy' as const, 'swap' as const), fc.constantFrom(...pairs))
        .map<Statement>(([act, [a, b]]) => ({ act, a, b })),
    })
  if (faults) choices.push({ weight: 1, arbitrary: fc.constant<Statement>({ act: 'fail' }) })
  const plain = fc.oneof(...choices)
  const conditional = fc.record({
    act: fc.constant('if' as const),
    test: tests,
    body: fc.array(plain, { minLength: 1, maxLength: 2 }),
  })
  return fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: conditional })
}

/** A random description with conditions over its state; with `faults`, effects may throw or leave their domains. */
export function descriptions(faults: boolean): fc.Arbitrary<{ description: Description; tests: readonly Test[] }> {
  return recordOf(2, part(2)).chain((shape) => {
    const spots = spotsIn(shape)
    const tests = testsOn(spots)
    const way: fc.Arbitrary<Way> = fc.record({
      when: fc.option(tests, { nil: undefined }),
      then: fc.array(statementsOn(spots, tests, faults), { maxLength: 3 }),
      goto: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    })
    const doing: fc.Arbitrary<Doing> = fc
      .tuple(
        way,
        fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.array(way, { minLength: 1, maxLength: 2 }) },
        ),
      )
      .map(([alone, either]) => ({ ...alone, either }))
    const description = fc.record({
      shape: fc.constant(shape),
      initials: fc.array(ofShape(shape), { minLength: 1, maxLength: 2 }),
      threads: fc.array(fc.record({ twice: fc.boolean(), steps: fc.array(doing, { minLength: 1, maxLength: 3 }) }), {
        maxLength: 2,
      }),
      actions: fc.array(fc.record({ twice: fc.boolean(), doing }), { minLength: 1, maxLength: 2 }),
      resting: tests,
    })
    return fc.record({ description, tests: fc.array(tests, { minLength: 3, maxLength: 3 }) })
  })
}

const slot: Shape = { kind: 'member', set: 'slot', size: 2 }
const someSlot: Shape = { kind: 'optional', of: slot }
const perSlot = (of: Shape): Shape => ({ kind: 'array', length: 2, of, over: 'slot' })

/** Places that hold a member, or none. */
const holding = (spots: readonly Spot[]): readonly Spot[] => spots.filter(({ shape }) => shape === someSlot)

/** Whether a value names no member. */
function nameless(shape: Shape, value: unknown): boolean {
  if (shape === someSlot) return value === null || value === '$i'
  if (!Array.isArray(value) || !('of' in shape)) return true
  const same = shape.kind === 'list' || value.every((one) => JSON.stringify(one) === JSON.stringify(value[0]))
  return same && value.every((one) => nameless(shape.of, one))
}

/** Whether a condition or a statement names no member, and asks nobody where it stands. */
function isFair(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return true
  const { ask, spot, value } = part as { ask?: string; spot?: Spot; value?: unknown }
  if (ask === 'at' || (spot && !nameless(spot.shape, value))) return false
  return Object.entries(part).every(([name, inner]) => name === 'spot' || name === 'value' || isFair(inner))
}

/** A random description whose members are often alike, with two conditions over its state. */
export const alike: fc.Arbitrary<{ description: Description; tests: readonly Test[] }> = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom<Shape>({ kind: 'bool' }, someSlot, { kind: 'oneOf', names: ['a', 'b', 'c'] }),
    fc.constantFrom<Shape>(
      { kind: 'bool' },
      { kind: 'int', lo: 0, hi: 2 },
      { kind: 'list', capacity: 2, of: someSlot },
    ),
  )
  .chain(([fair, own, shared]) => {
    const kept = (part: unknown): boolean => !fair || isFair(part)
    const shape: Shape = { kind: 'record', fields: { p: perSlot(own), q: shared, r: someSlot } }
    const spots = spotsIn(shape, [], true)
    const everybody = spots.filter(({ path }) => !path.includes('$i'))
    const me = fc.constantFrom(...holding(spots))
    const isMe = me.map<Test>((spot) => ({ ask: 'equals', spot, value: '$i' }))
    const plain = testsOn(spots).filter(kept)
    const tests = fc.oneof({ weight: 2, arbitrary: plain }, { weight: 1, arbitrary: isMe })
    const takes = me.map<Statement>((spot) => ({ act: 'set', spot, value: '$i' }))
    const acts = fc.oneof(
      { weight: 2, arbitrary: statementsOn(spots, tests, false).filter(kept) },
      { weight: 1, arbitrary: takes },
    )
    const way: fc.Arbitrary<Way> = fc.record({
      when: fc.option(tests, { nil: undefined }),
      then: fc.array(acts, { maxLength: 2 }),
      goto: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    })
    const doing = way.map<Doing>((alone) => ({ ...alone, either: [] }))
    const twice = fc.constant(true)
    const conditions = testsOn(everybody).filter(kept)
    return fc.record({
      description: fc.record({
        shape: fc.constant(shape),
        initials: fc.constant([least(shape)]),
        threads: fc.array(fc.record({ twice, steps: fc.array(doing, { minLength: 1, maxLength: 2 }) }), {
          maxLength: 1,
        }),
        actions: fc.array(fc.record({ twice, doing }), { minLength: 1, maxLength: 2 }),
        resting: conditions,
      }),
      tests: fc.array(conditions, { minLength: 2, maxLength: 2 }),
    })
  })
