/** What a model's code can reach besides its arguments: refused where it changes that, and compared when the search is over. */

import { createRequire } from 'node:module'
import { types } from 'node:util'
import { Mistake } from '../../write/mistake.js'
import type { Model } from '../../write/model.js'
import { isOurs } from '../../write/ours.js'
import type { Site } from '../../write/site.js'
import { habitsOf, type Habits } from './habits.js'
import { scopesOf, type Scopes } from './scopes.js'

/** A function that the search will call. */
export interface Root {
  /** `step one.act`, `property p`. */
  readonly place: string
  /** `guard`, `effect`, `holds`. */
  readonly role: string
  readonly code: unknown
  /** The arguments that it may only read. */
  readonly readOnly: readonly number[]
  /** Where it was declared. */
  readonly site: Site | undefined
}

/** What code could reach when the search began. */
export interface Reached {
  /** @throws Mistake if anything of it has changed since. */
  readonly insist: () => void
}

/** A function, how it is reached, and which of its arguments it may only read. */
interface Visit extends Root {
  /** The names that led there. */
  readonly way: readonly string[]
}

/** The most functions and objects that are looked at: what a model refers to is not the whole program. */
const most = 20_000

/** Globals that answer differently each time, or do something outside of the model. */
const outside = new Map(
  Object.entries({
    'the clock': ['Date', 'performance', 'Intl.DateTimeFormat'],
    chance: ['Math.random', 'crypto'],
    'the process': ['process', 'require', 'Worker', 'navigator'],
    'what is to come': [
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'Promise',
      'requestAnimationFrame',
    ],
    'the network': ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'],
    'objects by identity': ['WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry'],
    'what all code shares': [
      'globalThis',
      'global',
      'self',
      'window',
      'localStorage',
      'sessionStorage',
      'SharedArrayBuffer',
    ],
    'code that is made while it runs': ['eval', 'Function'],
  }).flatMap(([what, names]) => names.map((name) => [name, what] as const)),
)

/** Modules of Node of which what they do is no part of a state. */
export const outsideModules: readonly string[] =
  'fs fs/promises child_process crypto os net http https dns dgram worker_threads vm perf_hooks timers timers/promises inspector module readline'.split(
    ' ',
  )

let modules: ReadonlyMap<unknown, string> | undefined

/** Everything that those modules export, with where it is from. Made when it is first asked for, in some milliseconds. */
function fromModules(): ReadonlyMap<unknown, string> {
  if (modules) return modules
  const load = createRequire(import.meta.url)
  const found = new Map<unknown, string>()
  for (const name of outsideModules) {
    const whole = load(`node:${name}`) as Readonly<Record<string, unknown>>
    for (const one of [whole, ...Object.values(whole)])
      if (typeof one === 'function' || typeof one === 'object') found.set(one, `node:${name}`)
  }
  // These are in several of them, and are the language's own.
  for (const plain of [null, undefined, Object, Event, EventTarget, Buffer]) found.delete(plain)
  return (modules = found)
}

/** What can be taken from these under another name. */
const natives = (): ReadonlyMap<unknown, string> =>
  new Map<unknown, string>([
    [Date, 'the clock'],
    [Date.now, 'the clock'],
    [performance.now, 'the clock'],
    [process.hrtime, 'the clock'],
    [Math.random, 'chance'],
    [crypto.getRandomValues, 'chance'],
    [crypto.randomUUID, 'chance'],
    [Intl.DateTimeFormat, 'the clock'],
  ])

/** What each function closes over; a function's variables stay the same, and what else they hold matters only if code changes it. */
const bound = new WeakMap<object, ReadonlyMap<string, unknown>>()

/** The same for code that a model makes anew for each instance, by its place and text. */
const places = new WeakMap<object, Map<string, ReadonlyMap<string, unknown>>>()

/**
 * Looks at all code that a search will call, and at what that refers to.
 * @throws Mistake if it changes a variable of its own, writes on what it may only read, waits, or asks for more than a model.
 */
export function reach(of: Model, roots: readonly Root[]): Reached {
  const atPlace = places.get(of) ?? new Map<string, ReadonlyMap<string, unknown>>()
  places.set(of, atPlace)
  const looked = new Looked(`model ${of.name}`, atPlace)
  looked.from(roots)
  return { insist: () => looked.insist() }
}

class Looked {
  private readonly seen = new Map<unknown, Set<number>>()
  private readonly kept = new Map<object, { readonly copy: readonly unknown[]; readonly visit: Visit }>()
  private next: Visit[] = []

  constructor(
    private readonly where: string,
    private readonly atPlace: Map<string, ReadonlyMap<string, unknown>>,
  ) {}

  from(roots: readonly Root[]): void {
    for (const root of roots) this.meet(root.code, { ...root, way: [] })
    while (this.next.length > 0) {
      const level = this.next
      this.next = []
      const texts = level.map(({ code }) => habitsOf(Function.prototype.toString.call(code)))
      this.ask(level.filter(({ code }, i) => texts[i] && !bound.has(code as object) && refersTo(texts[i])))
      level.forEach((visit, i) => texts[i] && this.look(visit, texts[i]))
    }
  }

  /** Finds out what the free names of functions stand for; for code that is made again for each instance, at the first. */
  private ask(visits: readonly Visit[]): void {
    const made = new Map<string, ReadonlyMap<string, unknown>>()
    const key = ({ place, role, way, code }: Visit): string => JSON.stringify([place, role, way, String(code)])
    const unknown = visits.filter((visit) => {
      const before = this.atPlace.get(key(visit))
      if (before) bound.set(visit.code as object, before)
      return !before
    })
    const scopes = scopesOf(unknown.map(({ code }) => code))
    unknown.forEach((visit, i) => {
      const found = variables(scopes[i] ?? [], habitsOf(String(visit.code))!)
      bound.set(visit.code as object, found)
      made.set(key(visit), found)
    })
    // Two that are written alike at one place, as by a loop, are two: only those of another instance are the same.
    if (unknown.length === made.size) for (const [place, found] of made) this.atPlace.set(place, found)
  }

  insist(): void {
    for (const [object, { copy, visit }] of this.kept) {
      const now = contents(object)
      if (now.length === copy.length && now.every((part, i) => Object.is(part, copy[i]))) continue
      throw this.mistake({ ...visit, way: [] }, `keeps something in ${spelled(visit)}, outside of the state`)
    }
  }

  /** Something that code refers to. */
  private meet(value: unknown, visit: Visit): void {
    if (this.seen.size > most) return
    if (typeof value === 'function') {
      if (isOurs(value)) return
      const native = natives().get(value) ?? fromModules().get(value)
      if (native !== undefined) throw this.mistake(visit, `asks for ${native}`)
      const before = this.seen.get(value)
      if (before && visit.readOnly.every((index) => before.has(index))) return
      this.seen.set(value, new Set([...(before ?? []), ...visit.readOnly]))
      this.next.push({ ...visit, code: value })
      this.keep(value, visit)
    } else if (typeof value === 'object' && value !== null && !this.seen.has(value)) {
      this.seen.set(value, new Set())
      // It may be a draft that is gone, which throws whatever is asked of it.
      if (types.isProxy(value)) return
      const module = fromModules().get(value)
      if (module !== undefined) throw this.mistake(visit, `asks for ${module}`)
      const kind = forgetful(value)
      if (kind !== undefined) throw this.mistake(visit, `remembers by ${kind}: ${spelled(visit)}`)
      this.keep(value, visit)
      for (const part of contents(value)) this.meet(part, { ...visit, readOnly: [] })
      this.meetMethods(value, visit)
    }
  }

  /** The methods of a class whose instance is referred to. */
  private meetMethods(value: object, visit: Visit): void {
    if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) return
    for (
      let of: unknown = Object.getPrototypeOf(value);
      of && Object.getPrototypeOf(of);
      of = Object.getPrototypeOf(of)
    )
      for (const { value: method } of Object.values(Object.getOwnPropertyDescriptors(of)))
        if (typeof method === 'function') this.meet(method, { ...visit, readOnly: [] })
  }

  private keep(value: object, visit: Visit): void {
    if (!Object.isFrozen(value)) this.kept.set(value, { copy: contents(value), visit })
  }

  private look(visit: Visit, { free, changes, writes, calls, waits, idle }: Habits): void {
    if (idle !== undefined)
      throw this.mistake(
        visit,
        `compares, and nothing is done with the answer: ${idle}`,
        'an assignment is written with one =',
      )
    if (waits) throw this.mistake(visit, 'is asynchronous: nothing waits for it')
    if (changes !== undefined) throw this.mistake(visit, `changes what is not in the state: ${changes}`)
    for (const index of visit.readOnly)
      if (writes.has(index)) throw this.mistake(visit, `writes on what it may only read: ${writes.get(index)!}`)
    const values = bound.get(visit.code as object)
    for (const [name, members] of free) {
      const way = [...visit.way, name]
      if (values?.has(name)) {
        const value = values.get(name)
        if (goesOn(value, members)) throw this.mistake({ ...visit, way }, 'remembers where its last search ended')
        const onward = { ...visit, way, readOnly: this.passed(name, visit, calls) }
        if (members && typeof value === 'object' && value !== null)
          this.meetMembers(value, members, onward, visit, calls)
        else this.meet(value, onward)
        continue
      }
      const asked = [name, ...(members ?? [])].map((one) => (one === name ? name : `${name}.${one}`))
      const found = asked.find((one) => outside.has(one))
      if (found !== undefined)
        throw this.mistake({ ...visit, way: visit.way }, `asks for ${outside.get(found)!}: ${found}`)
    }
  }

  /** The members that are asked of an object, and no others: the rest of it may be anything. */
  private meetMembers(
    value: object,
    members: ReadonlySet<string>,
    onward: Visit,
    visit: Visit,
    calls: Habits['calls'],
  ): void {
    const own = onward.way.at(-1)!
    if (!isBag(value)) return this.meet(value, onward)
    if (!types.isModuleNamespaceObject(value)) this.keep(value, onward)
    for (const member of members) {
      const name = `${own}.${member}`
      const way = [...visit.way, name]
      this.meet(read(value, member), { ...visit, way, readOnly: this.passed(name, visit, calls) })
    }
  }

  /** The arguments of a called function that are parts of what the caller may only read. */
  private passed(name: string, { readOnly }: Visit, calls: Habits['calls']): readonly number[] {
    const all = calls.filter((call) => call.name === name)
    return [
      ...new Set(
        all.flatMap(({ args }) =>
          args.flatMap((from, i) => (from !== undefined && readOnly.includes(from) ? [i] : [])),
        ),
      ),
    ]
  }

  private mistake({ place, role, way, site }: Visit, what: string, next = keptToState): Mistake {
    const through = way.length === 0 ? '' : `, by way of ${way.join(', ')},`
    return new Mistake(`${this.where}, ${place}`, `its ${role}${through} ${what}`, next, { at: site })
  }
}

const keptToState = 'a verdict is about the state and nothing else: declare what it needs as a field, or as a constant'

const spelled = ({ way }: Visit): string => way.join(', ') || 'itself'

/** What the free names of a function stand for, as far as they are variables. */
function variables(scopes: Scopes, { free }: Habits): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  for (const name of free.keys()) {
    const scope = scopes.find((variables) => Object.hasOwn(variables, name))
    if (scope) found.set(name, scope[name])
  }
  return found
}

/** Names that mean the same everywhere, as long as nobody gives them to something else. */
const plain =
  'undefined Object Array Number String Boolean Math JSON Set Map Symbol Error RangeError TypeError NaN Infinity'
const refersTo = ({ free }: Habits): boolean => [...free.keys()].some((name) => !common.has(name))
const common = new Set(plain.split(' '))

/** Whether an object only holds things together, such as all exports of a module: then what is not asked for does not matter. */
const isBag = (value: object): boolean =>
  !Array.isArray(value) && (types.isModuleNamespaceObject(value) || Object.getPrototypeOf(value) === Object.prototype)

/** What a member holds; of one that is computed, the code that does it. */
function read(value: object, member: string): unknown {
  try {
    const own = Object.getOwnPropertyDescriptor(value, member)
    return own?.get ? exported(own.get) : own?.value
  } catch {
    return undefined
  }
}

/** What a bundler writes for an export, which only names it, stands for what it names; every other getter for itself. */
function exported(getter: () => unknown): unknown {
  return /^\(\)\s*=>\s*(?:[\w$]+|from\[key\])$/.test(String(getter)) ? getter() : getter
}

/** The kind of an object that answers by what it was asked before, or by which object it is given. */
function forgetful(value: object): string | undefined {
  if (types.isWeakMap(value)) return 'a WeakMap'
  if (types.isWeakSet(value)) return 'a WeakSet'
  if (types.isGeneratorObject(value)) return 'a generator'
  if (types.isPromise(value)) return 'a promise'
  if (types.isMapIterator(value) || types.isSetIterator(value)) return 'an iterator'
  return Object.prototype.toString.call(value) === '[object WeakRef]' ? 'a WeakRef' : undefined
}

/** Whether a regular expression is asked so that the next answer depends on this one. */
const goesOn = (value: unknown, members: ReadonlySet<string> | null): boolean =>
  types.isRegExp(value) &&
  (value.global || value.sticky) &&
  members !== null &&
  (members.has('test') || members.has('exec'))

/** What an object holds, in order; getters are looked at, not asked. */
function contents(value: object): readonly unknown[] {
  if (types.isProxy(value)) return []
  if (types.isMap(value)) return [...value].flat()
  if (types.isSet(value)) return [...value]
  if (types.isDate(value)) return [value.getTime()]
  if (types.isRegExp(value)) return [value.lastIndex]
  if (ArrayBuffer.isView(value))
    return value.byteLength > 1 << 16 ? [] : [String(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))]
  if (Array.isArray(value)) return [...(value as readonly unknown[])]
  return Object.entries(Object.getOwnPropertyDescriptors(value))
    .filter(
      ([key]) => typeof value !== 'function' || !['prototype', 'name', 'length', 'caller', 'arguments'].includes(key),
    )
    .flatMap(([key, { value: held, get }]) => [key, get ?? (held as unknown)])
}
