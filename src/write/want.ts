/** What is wanted of a thing that an author hands over, as small tables, and the mistake of a thing that is something else. */

import { Mistake, suggestion, type MistakeOptions } from './mistake.js'
import { siteOf } from './site.js'

/** What is wanted in one place: said in words, and looked for. */
export interface Want {
  /** `a function`, `a list of steps`. */
  readonly says: string
  /** How to write it. */
  readonly hint?: string
  /** @throws Mistake that names the place, if it is not that. */
  readonly look: (given: unknown, where: Where) => void
  /** It may be left out. */
  readonly optional?: true
  /** The keys of an object, and what each holds. */
  readonly keys?: Readonly<Record<string, Want>>
  /** What lies within, of one kind or of several: the items of a list (`[]`), what holds under any name (`*`), either of two (``). */
  readonly within?: readonly (readonly [where: '[]' | '*' | '', want: Want])[]
}

/** A place in a declaration: `step enter, either.sleeps`, and how it is put. */
export class Where {
  constructor(
    readonly text: string,
    private readonly options: MistakeOptions = {},
    /** The keys that lead there. */
    private readonly path: readonly string[] = [],
  ) {}

  /** The place of a key, or of an item of a list. */
  at(key: string): Where {
    const joint = key.startsWith('[') ? '' : this.path.length === 0 ? ', ' : '.'
    return new Where(`${this.text}${joint}${key}`, this.options, [...this.path, key])
  }

  /** What is wrong here; a thing that was declared itself is where it stands. */
  mistake(what: string, next?: string, given?: unknown, word?: string): Mistake {
    const site = siteOf(given) ?? (Array.isArray(given) ? siteOf(given[0]) : undefined)
    const keys = this.path.filter((key) => !key.startsWith('['))
    const at = site ? { at: site } : { path: [...keys, ...(word === undefined ? [] : [word])] }
    return new Mistake(this.text, what, next, { ...this.options, ...at })
  }
}

/** A thing that a test tells from all others. */
export const a = (says: string, fits: (given: unknown) => boolean, hint?: string): Want => ({
  says,
  ...(hint !== undefined && { hint }),
  look: (given, where) => {
    if (!fits(given)) throw where.mistake(`wants ${says}, not ${described(given)}`, nearby(says, given) ?? hint, given)
  },
})

/** What may be left out; an explicit `undefined` is left out, too. */
export const maybe = (want: Want): Want => ({
  ...want,
  optional: true,
  look: (given, where) => void (given !== undefined && want.look(given, where)),
})

/** Any of several; the last one says what is wrong with what fits none. */
export const oneWay = (says: string, fits: (given: unknown) => boolean, first: Want, other: Want): Want => ({
  says,
  within: [
    ['', first],
    ['', other],
  ],
  look: (given, where) => (fits(given) ? first.look(given, where) : other.look(given, where)),
})

/** An object of these keys and no others. */
export function keyed(says: string, keys: Readonly<Record<string, Want>>, hint?: string): Want {
  return {
    says,
    ...(hint !== undefined && { hint }),
    keys,
    look: (given, where) => {
      if (!isPlain(given)) throw where.mistake(`wants ${says}, not ${described(given)}`, hint ?? keyList(keys), given)
      for (const key of Object.keys(given))
        if (!Object.hasOwn(keys, key))
          throw where.mistake(`there is no key '${key}'`, suggestion(key, Object.keys(keys)), undefined, key)
      for (const [key, want] of Object.entries(keys)) {
        if (given[key] === undefined && !want.optional)
          throw where.mistake(`has no ${key}`, `write ${key}: ${want.hint ?? want.says}`)
        want.look(given[key], where.at(key))
      }
    },
  }
}

/** An object of names of the author's own, each of which holds the same kind of thing. */
export const named = (says: string, want: Want): Want => ({
  says,
  within: [['*', want]],
  look: (given, where) => {
    if (!isPlain(given)) throw where.mistake(`wants ${says}, not ${described(given)}`, undefined, given)
    for (const [key, one] of Object.entries(given)) want.look(one, where.at(key))
  },
})

/** A list of things of one kind. */
export const listOf = (says: string, want: Want, least = 0): Want => ({
  says,
  within: [['[]', want]],
  look: (given, where) => {
    if (!Array.isArray(given))
      throw where.mistake(`wants ${says}, not ${described(given)}`, `write it as a list: […]`, given)
    if (given.length < least) throw where.mistake(`is an empty list`, `${says} is wanted`)
    // Not forEach, which passes over holes.
    for (let i = 0; i < given.length; i++) want.look(given[i], where.at(`[${i}]`))
  },
})

const keyList = (keys: Readonly<Record<string, Want>>): string => `its keys: ${Object.keys(keys).join(', ')}`

/** An object as one writes it down: no list, no function, nothing that a word of the vocabulary made. */
const isPlain = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null && !Array.isArray(given) && thingOf(given) === undefined

/** A thing in the words of a message. */
export function described(given: unknown): string {
  if (given === null || given === undefined) return `${given}`
  if (typeof given === 'string') return `the text '${given.length > 40 ? `${given.slice(0, 39)}…` : given}'`
  if (typeof given === 'function') return given.name === '' ? 'a function' : `the function ${given.name}`
  if (typeof given === 'boolean' || typeof given === 'number') return `${given}`
  if (typeof given !== 'object') return `a ${typeof given}`
  if (Array.isArray(given)) return `a list of ${given.length}`
  if (given instanceof Promise) return 'a promise'
  return thingOf(given) ?? `an object with ${Object.keys(given).join(', ') || 'no keys'}`
}

/** What a word of the vocabulary made, or undefined. */
function thingOf(given: object): string | undefined {
  const { kind, name, declared, shape, says, edits, target } = given as Readonly<Record<string, unknown>>
  if (typeof shape === 'function') return `the model ${String(name)}`
  if (typeof shape === 'object' && shape !== null) return 'a domain'
  if (Array.isArray(edits) && typeof name === 'string') return `the patch ${name}`
  if (kind === 'thread' || kind === 'action') return `the ${kind} ${String(name)}`
  if (kind === 'source' || kind === 'env') return 'an origin'
  if (kind === 'add' || kind === 'initially' || (typeof kind === 'string' && typeof target === 'string'))
    return `the edit ${kind}`
  if (typeof name === 'string' && typeof kind === 'string' && typeof says === 'string') return `the property ${name}`
  if (typeof name === 'string' && typeof declared === 'object') return `the step ${name}`
  return undefined
}

/** What was probably meant by a thing of the wrong kind. */
function nearby(says: string, given: unknown): string | undefined {
  if (typeof given === 'function' && says === 'a domain' && given.name)
    return `did you mean ${given.name}(…)? a domain is made by a call`
  if (says === 'a property' && Array.isArray(given)) return 'spread a list of them: ...cancel(…)'
  if (given instanceof Promise) return 'it must be there at once: no async, no await'
  return undefined
}
