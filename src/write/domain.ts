/** State domains: the finite sets that the fields of a model's state range over, declared once as plain data. */

import { Mistake } from './mistake.js'
import { siteHere } from './site.js'
import { lookAt } from './word.js'

declare const value: unique symbol

/**
 * A finite set of plain JSON values. The TypeScript type, the packed layout, the bounds check, the JSON Schema, the
 * fast-check arbitrary and the documentation table are all derived from its {@link Shape}.
 */
export interface Domain<T> {
  /** The set as data. */
  readonly shape: Shape
  readonly [value]?: T
}

/** The values of a domain, as a TypeScript type; also of a function that makes one from parameters. */
export type ValueOf<D> = D extends (...args: never[]) => Domain<infer T> ? T : D extends Domain<infer T> ? T : never

/** The shape of a state: of a domain, or of what a function makes from the parameters' values. */
export function stateShape(state: unknown, parameters: Readonly<Record<string, unknown>>): Shape {
  const made = typeof state === 'function' ? (state as (p: unknown) => unknown)(parameters) : state
  lookAt('state', [made], stateShape)
  return (made as Domain<unknown>).shape
}

/** What a domain is, as data. `record` also stands for `each`, whose fields all share one shape. */
export type Shape =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'oneOf'; readonly names: readonly string[] }
  | { readonly kind: 'member'; readonly set: string; readonly size: number }
  | { readonly kind: 'optional'; readonly of: Shape }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Shape>> }
  /** `over`: its slots belong to the members of this set. */
  | { readonly kind: 'array'; readonly length: number; readonly of: Shape; readonly over?: string }
  | { readonly kind: 'list'; readonly capacity: number; readonly of: Shape }

/** A value that is not in its domain: where in the state, what was found, and what the domain allows. */
export interface Misfit {
  readonly path: string
  readonly found: unknown
  /** The domain, or undefined where there is no such field or index at all. */
  readonly allowed: string | undefined
}

/** The bound of every integer and of the number of values of a scalar field: it must fit a 32-bit word. */
const widest = 2 ** 31

/** `true` or `false`. */
export function bool(...more: readonly never[]): Domain<boolean> {
  lookAt('bool', more, bool)
  return { shape: { kind: 'bool' } }
}

/** The integers from `lo` to `hi`, both included. @throws Mistake unless both are safe integers with `lo <= hi`. */
export function int(lo: number, hi: number, ...more: readonly never[]): Domain<number> {
  lookAt('int', [lo, hi, ...more], int)
  const fits = [lo, hi].every((bound) => Number.isInteger(bound) && Math.abs(bound) < widest)
  if (!fits || lo > hi || hi - lo >= widest)
    throw refused(
      `int(${[lo, hi].map(spellValue).join(', ')})`,
      'wants two 32-bit integers, lo <= hi, less than 2^31 apart',
      int,
    )
  return { shape: { kind: 'int', lo, hi } }
}

/** One of the given names. @throws Mistake if there is none, or one twice. */
export function oneOf<const N extends string>(...names: readonly N[]): Domain<N> {
  lookAt('oneOf', names, oneOf)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw refused('oneOf(…)', `'${twice}' is named twice`, oneOf)
  return { shape: { kind: 'oneOf', names } }
}

/** A value of `of`, or `null`. An optional of an optional is an error: two nulls could not be told apart. */
export function optional<T>(of: Domain<T>, ...more: readonly never[]): Domain<T | null> {
  lookAt('optional', [of, ...more], optional)
  if (of.shape.kind === 'optional') throw refused('optional(optional(…))', 'one null cannot mean two things', optional)
  return { shape: { kind: 'optional', of: of.shape } }
}

/** A record, which knows the domains that it is made of. */
export interface RecordOf<F extends Record<string, Domain<unknown>>> extends Domain<{
  -readonly [K in keyof F]: ValueOf<F[K]>
}> {
  readonly fields: F
}

/** An object with exactly these fields. */
export function record<F extends Record<string, Domain<unknown>>>(fields: F, ...more: readonly never[]): RecordOf<F> {
  lookAt('record', [fields, ...more], record)
  const shapes = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [fieldName(name, record), field.shape]),
  )
  return { shape: { kind: 'record', fields: shapes }, fields }
}

/** An array of exactly `length` values of `of`; or, given a domain of members, of one value for each of them. */
export function array<T>(length: number | Domain<number>, of: Domain<T>, ...more: readonly never[]): Domain<T[]> {
  lookAt('array', [length, of, ...more], array)
  if (typeof length === 'number')
    return { shape: { kind: 'array', length: size('array', length, array), of: of.shape } }
  const { shape } = length
  if (shape.kind !== 'member')
    throw refused(`array(${spell(shape)}, …)`, 'wants a length or a domain of members', array)
  return { shape: { kind: 'array', length: shape.size, of: of.shape, over: shape.set } }
}

/** A record that holds one value of `of` for each of the given names. */
export function each<const N extends string, T>(
  names: readonly N[],
  of: Domain<T>,
  ...more: readonly never[]
): Domain<{ [K in N]: T }> {
  lookAt('each', [names, of, ...more], each)
  return {
    shape: { kind: 'record', fields: Object.fromEntries(names.map((name) => [fieldName(name, each), of.shape])) },
  }
}

/** A queue of at most `capacity` values of `of`; growing past it is an error of the action that does so. */
export function list<T>(capacity: number, of: Domain<T>, ...more: readonly never[]): Domain<T[]> {
  lookAt('list', [capacity, of, ...more], list)
  return { shape: { kind: 'list', capacity: size('list', capacity, list), of: of.shape } }
}

/**
 * One of `size` interchangeable identities 0 … size-1 of the named set: CPUs, devices, readers. `array(member(…), …)` holds one value
 * for each, `for: { i: member(…) }` makes one thread or step for each. Where nothing tells them apart, a search visits only one of the
 * states that are equal but for their names (Ip and Dill 1996); whether nothing does is proved first.
 */
export function member(set: string, count: number, ...more: readonly never[]): Domain<number> {
  lookAt('member', [set, count, ...more], member)
  return { shape: { kind: 'member', set, size: size('member', count, member) } }
}

type Word = (...given: never[]) => unknown

const refused = (where: string, what: string, word: Word): Mistake =>
  new Mistake(where, what, undefined, { at: siteHere(word) })

function size(what: string, n: number, word: Word): number {
  if (!Number.isInteger(n) || n < 1 || n > 4096) throw refused(`${what}(${n}, …)`, 'wants a size from 1 to 4096', word)
  return n
}

function fieldName(name: string, word: Word): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__')
    throw refused(`record field '${name}'`, 'wants a plain identifier', word)
  return name
}

/** The number of values a scalar shape takes, or `undefined` for a shape that is made of parts. */
export function cardinality(shape: Shape): number | undefined {
  switch (shape.kind) {
    case 'bool':
      return 2
    case 'int':
      return shape.hi - shape.lo + 1
    case 'oneOf':
      return shape.names.length
    case 'member':
      return shape.size
    case 'optional': {
      const inner = cardinality(shape.of)
      return inner === undefined ? undefined : inner + 1
    }
    case 'record':
    case 'array':
    case 'list':
      return undefined
  }
}

/** All values of a scalar shape, in order; none of a shape that is made of parts. */
export function scalarsOf(shape: Shape): readonly unknown[] {
  switch (shape.kind) {
    case 'bool':
      return [false, true]
    case 'int':
      return Array.from({ length: shape.hi - shape.lo + 1 }, (_, i) => shape.lo + i)
    case 'member':
      return Array.from({ length: shape.size }, (_, i) => i)
    case 'oneOf':
      return shape.names
    case 'optional':
      return cardinality(shape) === undefined ? [] : [null, ...scalarsOf(shape.of)]
    case 'record':
    case 'array':
    case 'list':
      return []
  }
}

/** The domain in the words a model declares it with: `int(0, 2)`, `oneOf('run', 'stop')`. */
export function spell(shape: Shape): string {
  switch (shape.kind) {
    case 'bool':
      return 'bool()'
    case 'int':
      return `int(${shape.lo}, ${shape.hi})`
    case 'oneOf':
      return `oneOf(${shape.names.map((name) => `'${name}'`).join(', ')})`
    case 'member':
      return `member('${shape.set}', ${shape.size})`
    case 'optional':
      return `optional(${spell(shape.of)})`
    case 'record':
      return `record({ ${Object.entries(shape.fields)
        .map(([name, field]) => `${name}: ${spell(field)}`)
        .join(', ')} })`
    case 'array':
      return `array(${shape.over === undefined ? shape.length : `member('${shape.over}', ${shape.length})`}, ${spell(shape.of)})`
    case 'list':
      return `list(${shape.capacity}, ${spell(shape.of)})`
  }
}

/** A value as JSON, for messages; what is not plain data by its kind. */
export function spellValue(found: unknown): string {
  if (typeof found === 'bigint') return `${found}n`
  if (typeof found === 'function') return found.name === '' ? 'a function' : `the function ${found.name}`
  if (typeof found !== 'object' || found === null)
    return typeof found === 'string' ? JSON.stringify(found) : String(found)
  const kind = Array.isArray(found) || isPlain(found) ? '' : kindOf(found)
  if (kind !== '') return `a ${kind}`
  try {
    return JSON.stringify(found)
  } catch {
    return 'a value that JSON cannot tell'
  }
}

/** The name of an object's class, as far as it has one. */
const kindOf = (found: object): string => {
  const { constructor } = found
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'value of a class'
}

/** `dev[0].used := 3 is not in int(0, 2)` */
export const spellMisfit = ({ path, found, allowed }: Misfit): string =>
  `${path} := ${spellValue(found)} ${allowed === undefined ? `writes ${path.endsWith(']') ? 'at an index that does not exist' : 'a field that is not declared'}` : `is not in ${allowed}`}`

/** The first place where `value` leaves the domain, or `undefined` if it is a member. Linear in the size of the value. */
export function misfit(shape: Shape, found: unknown, path = ''): Misfit | undefined {
  const here = (): Misfit => ({ path: path || 'the state', found, allowed: spell(shape) })
  switch (shape.kind) {
    case 'bool':
      return typeof found === 'boolean' ? undefined : here()
    case 'int':
      return isInt(found, shape.lo, shape.hi) ? undefined : here()
    case 'member':
      return isInt(found, 0, shape.size - 1) ? undefined : here()
    case 'oneOf':
      return shape.names.includes(found as string) ? undefined : here()
    case 'optional':
      return found === null ? undefined : misfit(shape.of, found, path)
    case 'record':
      return isPlain(found) ? misfitField(shape.fields, found, path) : here()
    case 'array':
      return Array.isArray(found) && found.length === shape.length ? misfitItem(shape.of, found, path) : here()
    case 'list':
      return Array.isArray(found) && found.length <= shape.capacity ? misfitItem(shape.of, found, path) : here()
  }
}

function misfitField(
  fields: Readonly<Record<string, Shape>>,
  found: Record<string, unknown>,
  path: string,
): Misfit | undefined {
  const stray = Object.keys(found).find((name) => !Object.hasOwn(fields, name))
  if (stray !== undefined) return { path: below(path, stray), found: found[stray], allowed: undefined }
  for (const [name, field] of Object.entries(fields)) {
    const inner = misfit(field, found[name], below(path, name))
    if (inner) return inner
  }
  return undefined
}

function misfitItem(of: Shape, found: readonly unknown[], path: string): Misfit | undefined {
  // `buffers[buffers.indexOf(x)] = y` with no x writes a property named -1, which no index ever shows.
  const stray = fieldsOf(found) === found.length ? undefined : Object.keys(found).find((key) => !isIndex(key))
  if (stray !== undefined)
    return { path: `${path}[${stray}]`, found: found[stray as unknown as number], allowed: undefined }
  for (let i = 0; i < found.length; i++) {
    const inner = misfit(of, found[i], `${path}[${i}]`)
    if (inner) return inner
  }
  return undefined
}

const below = (path: string, name: string): string => (path ? `${path}.${name}` : name)

const isInt = (found: unknown, lo: number, hi: number): boolean =>
  Number.isInteger(found) && (found as number) >= lo && (found as number) <= hi

const isIndex = (key: string): boolean => /^(0|[1-9][0-9]*)$/.test(key)

/** Whether a value is an object of no class: a class has behaviour, which is no state. */
export function isPlain(found: unknown): found is Record<string, unknown> {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return false
  const prototype: unknown = Object.getPrototypeOf(found)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** How many fields an object shows; allocates nothing. */
export function fieldsOf(found: object): number {
  let fields = 0
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Object.keys would make a list of them
  for (const _ in found) fields++
  return fields
}

/** A value of the domain, the least in declaration order: what an unused slot of a list is packed as. */
export function least(shape: Shape): unknown {
  switch (shape.kind) {
    case 'bool':
      return false
    case 'int':
      return shape.lo
    case 'oneOf':
      return shape.names[0]
    case 'member':
      return 0
    case 'optional':
      return null
    case 'record':
      return Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, least(field)]))
    case 'array':
      return Array.from({ length: shape.length }, () => least(shape.of))
    case 'list':
      return []
  }
}
